"""What-if: students gained, lost, moved and broken between two rule sets on one roster."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from roster_core.compare import CHANGES, compare
from roster_core.coverage import EXCUSED, NONE, ONE, SEVERAL, evaluate
from roster_core.errors import InputError
from roster_core.rules import Condition, Pin, Rule, RuleSet
from tests.builders import HOMEROOMS, district
from tests.strategies import districts, roster_of, rule_sets

MATH = RuleSet(rules=(Rule("keep", (Condition("section_name", "is", ("Math",)),)),))
BOTH = RuleSet()
NOTHING = RuleSet(rules=(Rule("keep", (Condition("section_name", "is", ("No such",)),)),))
FIRST_GRADE = RuleSet(assessed_grades=("1",), rules=HOMEROOMS.rules)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (HOMEROOMS, HOMEROOMS, {}),
        (HOMEROOMS, MATH, {"moved": 8, "sections_in": 1, "sections_out": 2}),
        (HOMEROOMS, BOTH, {"lost": 8, "newly_broken": 8, "sections_in": 1}),
        (NOTHING, HOMEROOMS, {"gained": 8, "sections_in": 2}),
        (NOTHING, BOTH, {"still_broken": 8, "sections_in": 3}),
        (HOMEROOMS, FIRST_GRADE, {"lost": 4}),
        (FIRST_GRADE, NOTHING, {"lost": 4, "newly_broken": 8, "sections_out": 2}),
        (HOMEROOMS, HOMEROOMS.with_pins(Pin("u1", None), Pin("u2", "m1")), {"lost": 1, "moved": 1, "sections_in": 1}),
    ],
    ids=["same", "moved", "doubled", "gained", "still broken", "scope", "scope back", "pins"],
)
def test_changes_are_counted(before: RuleSet, after: RuleSet, expected: dict[str, int]) -> None:
    """Each student is counted for what happens to them, each section for whether it enters or leaves."""
    roster = district()
    counts = compare(evaluate(roster, before), evaluate(roster, after)).counts

    assert {name: count for name, count in counts.items() if count} == expected


def test_lists_say_from_where_to_where_without_names() -> None:
    """A moved student is told by id with grade, school and both sections; no name is in any frame."""
    roster = district()
    comparison = compare(evaluate(roster, HOMEROOMS), evaluate(roster, MATH))
    row = comparison.students("moved").iloc[0].to_dict()

    assert row == {
        "student_id": "u1", "grade": "1", "school_id": "A", "school_name": "School A", "was": "one", "now": "one",
        "from_section_ids": "h1", "from_section_names": "Homeroom 1", "section_ids": "m1", "section_names": "Math",
    }  # fmt: skip
    assert comparison.sections_in.to_dict("records") == [
        {"section_id": "m1", "section_name": "Math", "school_id": "A", "school_name": "School A", "students": 8}
    ]
    assert comparison.sections_out["students"].tolist() == [4, 4]
    assert "First1" not in comparison.students("moved").to_string()


def test_counts_by_school_and_grade() -> None:
    """The tables by school, by grade and by both add up to the totals."""
    roster = district(unenrolled=[("u1", "h1")])
    comparison = compare(evaluate(roster, BOTH), evaluate(roster, HOMEROOMS))
    tables = [comparison.by_school(), comparison.by_grade(), comparison.by_school_grade()]

    assert all(int(table["gained"].sum()) == comparison.counts["gained"] == 7 for table in tables)
    assert all(int(table["newly_broken"].sum()) == 1 for table in tables)
    assert tables[0][["school_name", "in_scope", "one_before", "one_after"]].to_numpy().tolist() == [
        ["School A", 4, 1, 3],
        ["School B", 4, 0, 4],
    ]
    assert tables[2][["school_id", "grade"]].to_numpy().tolist() == [["A", "1"], ["A", "2"], ["B", "1"], ["B", "2"]]


def test_sentences() -> None:
    """The change reads as plain English, the total first, singular and plural right."""
    roster = district(unenrolled=[("u1", "h1")])
    told = compare(evaluate(roster, BOTH), evaluate(roster, HOMEROOMS)).sentences()

    assert told == [
        "7 of 8 students are in exactly one kept section, 6 more than before.",
        "7 students are newly in exactly one.",
        "1 student is no longer in exactly one.",
        "1 student is newly in none or several.",
        "1 section is no longer kept.",
    ]
    same = compare(evaluate(roster, BOTH), evaluate(roster, BOTH)).sentences()
    assert same[-1] == "Nothing changes: every student keeps the same sections."


def test_two_rosters_are_refused() -> None:
    """Only rule sets on the same data can be compared; the same data loaded twice is the same."""
    one, again, other = district(), district(), district(unenrolled=[("u1", "h1")])

    assert compare(evaluate(one, HOMEROOMS), evaluate(again, HOMEROOMS)).same
    with pytest.raises(InputError, match="different rosters"):
        compare(evaluate(one, HOMEROOMS), evaluate(other, HOMEROOMS))
    with pytest.raises(InputError, match="gained, lost"):
        compare(evaluate(one, HOMEROOMS), evaluate(one, HOMEROOMS)).students("won")


@settings(max_examples=30, deadline=None)
@given(district_rows=districts(), first=rule_sets, second=rule_sets)
def test_the_accounts_balance(district_rows: tuple, first: RuleSet, second: RuleSet) -> None:
    """Gained less lost is the change of those in one; going back swaps gained and lost; broken ones all are told."""
    roster = roster_of(*district_rows)
    before, after = evaluate(roster, first), evaluate(roster, second)
    there, back = compare(before, after), compare(after, before)

    assert there.counts["gained"] - there.counts["lost"] == after.one - before.one
    assert there.counts["still_broken"] + there.counts["newly_broken"] == after.none + after.several
    assert (there.masks["gained"] == back.masks["lost"]).all()
    assert there.counts["sections_in"] == back.counts["sections_out"] == len(there.sections_in)
    assert there.counts["moved"] == back.counts["moved"]
    for change in CHANGES:
        frame = there.students(change)
        rows = np.flatnonzero(there.masks[change])
        assert frame["student_id"].tolist() == roster.students["student_id"].to_numpy()[rows].tolist()
    words = {-1: "not assessed", NONE: "none", ONE: "one", SEVERAL: "several", EXCUSED: "excused"}
    lost = there.students("lost")
    assert lost["now"].tolist() == [words[code] for code in after.status[there.masks["lost"]].tolist()]
    assert int(there.by_school_grade()["one_after"].sum()) == after.one
