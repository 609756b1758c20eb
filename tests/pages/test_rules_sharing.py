"""The rules page: rules to start from, another district's rules, and the request for the district."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

from streamlit.testing.v1 import AppTest

from pages.shared import rule_request
from roster_core.adapters.store import Store
from roster_core.letter import to_eml
from roster_core.messages import Message
from roster_core.roster import District
from roster_core.rules import Condition, Pin, Rule, RuleSet
from roster_core.sample import sample_district
from roster_core.sharing import sharing_request
from tests.pages.conftest import Open, told
from tests.pages.rules_page import ADVISORY, HOMEROOM, NO_MTSS, NOW, draft, metric, opened


def opening(page: AppTest, panel: str) -> AppTest:
    """The page with one of its panels opened."""
    page.session_state[f"sample:{panel}"] = True
    page.run()
    assert not page.exception
    return page


class TestStarts:
    """Rules to start from, with how they fit first."""

    def test_common_rules_show_their_fit_and_are_taken(self, open_page: Open, store: Store) -> None:
        """The best fitting stands first with its true numbers; taking it keeps pins and can be undone."""
        pin = Pin("stu-000001", None, "not_assessed", "Family opted out")
        page = opening(opened(open_page, store, HOMEROOM, pins=(pin,)), "starts")
        table = next(text.value for text in page.markdown if "| Share |" in text.value)
        ones = {line.split(" | ")[0]: int(line.split(" | ")[1].replace(",", "")) for line in table.splitlines()[2:]}
        assert list(ones.values()) == sorted(ones.values(), reverse=True)
        name = "Homeroom, else advisory"
        page.selectbox(key="sample:starts:choice").set_value(name).run()
        page.button(key="sample:starts:take").click().run()
        assert abs(int(metric(page).replace(",", "")) - ones[f"| {name}"]) <= 1
        assert (draft(store).resolve, draft(store).pins) == ("first", (pin,))
        assert page.button(key="sample:starts:take").disabled
        page.button(key="sample:Undo").click().run()
        assert draft(store).rules == (HOMEROOM,)

    def test_another_district_s_rules_come_without_its_pins(self, open_page: Open, store: Store) -> None:
        """How well they fit is shown first; taking them leaves its pins, schools and examples there."""
        page = opening(opened(open_page, store, HOMEROOM), "starts")
        assert "No other district has saved rules" in told(page)
        roster = replace(sample_district(students=60, seed=3), district=District("north", "North USD"))
        store.rosters.save(roster)
        foreign = RuleSet(
            rules=(ADVISORY, NO_MTSS), pins=(Pin("x", None, "not_assessed"),), assessed_schools=("elsewhere",)
        )
        store.rule_sets.save("north", foreign, expected_version=0, actor="x", now=NOW)
        page = opening(open_page("rules", district="sample"), "starts")
        assert "made by hand stayed behind" in told(page)
        page.button(key="sample:starts:carry").click().run()
        taken = draft(store)
        assert (taken.rules, taken.pins, taken.assessed_schools) == ((ADVISORY, NO_MTSS), (), ())


class TestRequest:
    """What the district is asked to share."""

    def test_the_request_is_text_to_copy(self, open_page: Open, store: Store) -> None:
        """It spells the rules in the words of the platform chosen, with counts, and no student's name or id."""
        pin = Pin("stu-000001", None, "not_assessed", "Family opted out")
        page = opening(opened(open_page, store, HOMEROOM, pins=(pin,)), "request")
        assert "Sections rule 1" in page.text_area[0].value
        assert "| Sections shared |" in told(page)
        page.radio(key="sample:request:platform").set_value("classlink").run()
        assert "Query 1" in page.text_area[0].value
        assert "stu-000001" not in page.text_area[0].value

    def test_what_cannot_be_said_there_is_named(self, open_page: Open, store: Store) -> None:
        """A rule by student grades works on our side, and the panel says so."""
        by_grade = Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),), ("1",))
        page = opening(opened(open_page, store, by_grade), "request")
        assert "whatever their grade" in told(page)

    def test_without_rules_there_is_nothing_to_ask(self, open_page: Open, store: Store) -> None:
        """A draft without rules says what to do first."""
        assert "Make a rule first" in told(opening(opened(open_page, store), "request"))

    def test_the_letter_holds_what_is_shown(self) -> None:
        """The e-mail's text is the request's, and the table has its counts."""
        request = sharing_request(sample_district(students=200), RuleSet(rules=(HOMEROOM,)))
        letter = message_from_bytes(to_eml(Message(request.subject, request.text), NOW), policy=policy.default)
        assert letter.get_content().split() == request.text.split()
        assert f"| {request.sections_before:,} | {request.sections_after:,} |" in rule_request.changes(request)
