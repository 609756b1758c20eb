"""A new window: what is carried over, who moved up, and rules that name an ended term."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from roster_core.launch_requests import ask
from roster_core.new_window import carried_rules, ended_terms, headcounts, new_window, promotion
from roster_core.onboarding import Contact, Expected, Onboarding
from roster_core.rules import Condition, Pin, Rule, RuleSet
from tests.builders import HOMEROOMS, district
from tests.launches import ALL_SAID, TODAY


def committed(*students: tuple[str, str]) -> pd.DataFrame:
    """Rows of a committed roster as far as promotion looks at them."""
    return pd.DataFrame(students, columns=["student_id", "grade"]).astype("str")


def test_a_new_window_keeps_people_and_clears_what_was_done() -> None:
    """Contacts, days off and headcounts stay; ticks, requests and dates go; the receipt to compare with is kept."""
    last = ask(
        replace(ALL_SAID, sel_lead=Contact("Lead"), expected=Expected({"A": 3}), method="clever"),
        "sharing", sent=TODAY, by="dana", chase_days=3,
    )  # fmt: skip
    following = new_window(last, " Spring ", today=TODAY, receipt_id="R-1")
    assert following == Onboarding(
        number=2, window="Spring", method="clever", sel_lead=Contact("Lead"), expected=Expected({"A": 3}),
        started_on=TODAY, previous_receipt_id="R-1",
    )  # fmt: skip
    assert last.ticks and last.requests


def test_rules_are_carried_without_pins() -> None:
    """Everything but the decisions about single students stays."""
    assert carried_rules(HOMEROOMS.with_pins(Pin("u1", "h1", reason="moved"))) == HOMEROOMS


def test_who_was_committed_is_found_a_grade_up() -> None:
    """By the grade they had: promoted, still in it, in another one, gone; and who is new, by the grade they have."""
    roster = district(changed={"u1": {"grade_raw": "KG"}, "u3": {"grade_raw": "12"}})
    last = committed(("u1", "Kindergarten"), ("u2", "1"), ("u4", "2"), ("u3", "1"), ("x9", "1"), ("u5", "Kindergarten"))
    found = promotion(last, roster)
    assert found.by_grade.to_dict("records") == [
        {"grade": "Kindergarten", "committed": 2, "promoted": 1, "stayed": 1, "elsewhere": 0, "left": 0},
        {"grade": "1", "committed": 3, "promoted": 1, "stayed": 0, "elsewhere": 1, "left": 1},
        {"grade": "2", "committed": 1, "promoted": 0, "stayed": 1, "elsewhere": 0, "left": 0},
    ]
    assert found.new.to_dict("records") == [{"grade": "1", "new": 1}, {"grade": "2", "new": 2}]
    assert [found.total(name) for name in ("committed", "promoted", "left")] == [6, 2, 1]
    assessed = promotion(last, roster, RuleSet(assessed_grades=("2",)))
    assert assessed.new.to_dict("records") == [{"grade": "2", "new": 2}]


def test_nobody_committed_and_nobody_new_are_empty_tables() -> None:
    """A first window has nothing to compare, and a roster may hold the same children."""
    found = promotion(committed(), district())
    assert found.by_grade.empty and found.total("promoted") == 0 and int(found.new["new"].sum()) == 8
    everyone = committed(*((f"u{number}", "1") for number in range(1, 9)))
    assert promotion(everyone, district()).new.empty


def keep(*conditions: Condition) -> RuleSet:
    """A rule set of one keep rule."""
    return RuleSet(rules=(Rule("keep", conditions),))


@pytest.mark.parametrize(
    ("condition", "terms"),
    [
        (Condition("term_name", "is", ("last YEAR",)), ("Last year",)),
        (Condition("term_name", "contains", ("Last",)), ("Last year",)),
        (Condition("term_name", "contains", ("year",)), None),
        (Condition("term_name", "matches", ("^Last",)), ("Last year",)),
        (Condition("term_name", "is_not", ("Last year",)), None),
        (Condition("term_name", "is_empty"), None),
        (Condition("term_name", "is", ("Fall",)), None),
        (Condition("section_name", "contains", ("Last year",)), None),
    ],
)  # fmt: skip
def test_a_rule_that_asks_only_for_ended_terms_is_pointed_out(condition: Condition, terms: tuple | None) -> None:
    """A rule that also finds a running term, leaves terms out, or speaks of something else is not."""
    found = ended_terms(keep(Condition("section_name", "contains", ("Homeroom",)), condition), district(), TODAY)
    assert [each.terms for each in found] == ([terms] if terms else [])
    assert all(each.rule == 0 and each.condition == condition.describe() for each in found)


def test_a_term_goes_on_until_its_last_day_or_while_nobody_dates_it() -> None:
    """The last day belongs to the term; a term without an end has not ended; of two with one name both must have."""
    rules = keep(Condition("term_name", "is", ("Year",)))
    assert not ended_terms(rules, district(), date(2027, 6, 10))
    assert ended_terms(rules, district(), date(2027, 6, 11))
    assert not ended_terms(rules, district(changed={"y": {"end_date": ""}}), date(2027, 6, 11))
    twice = district(added={"terms": [{"term_id": "y2", "term_name": "Year", "end_date": "2028-06-10"}]})
    assert not ended_terms(rules, twice, date(2027, 6, 11))
    assert not ended_terms(rules, district(without=["terms"]), TODAY)


def test_current_headcounts_count_who_is_assessed() -> None:
    """By school id and by grade, of the assessed grades and schools."""
    assert headcounts(district(), RuleSet()) == ({"A": 4, "B": 4}, {"1": 4, "2": 4})
    narrowed = RuleSet(assessed_grades=("2",), assessed_schools=("B",))
    assert headcounts(district(), narrowed) == ({"B": 2}, {"2": 2})
