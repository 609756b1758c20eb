"""The rules page: why students are still in several sections or in none, and the rule that settles a group."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from pages.shared import rule_groups
from roster_core.adapters.store import Store
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.settle import DraftedRule
from tests.pages.conftest import Open, told
from tests.pages.rules_page import ADVISORY, HOMEROOM, NO_MTSS, draft, helped, metric, opened

HR = Rule("keep", (Condition("section_name", "contains", ("Homeroom", "HR", "Advisory")),))


def groups(page: AppTest) -> AppTest:
    """The page with its groups opened."""
    page.session_state["sample:groups"] = True
    return page.run()


def number(text: str) -> int:
    """A count as the page writes it."""
    return int(text.replace(",", ""))


class TestGroups:
    """Groups of students, biggest first, each with what would settle it."""

    def test_groups_are_found_only_when_opened(self, open_page: Open, store: Store) -> None:
        """Closed, the panel offers nothing; opened, it names the families students are in twice."""
        page = opened(open_page, store, HR)
        assert not [button for button in page.button if "settles" in button.label]
        page = groups(page)
        assert not page.exception
        assert "MTSS Homeroom Support" in told(page)
        assert [button for button in page.button if "settles" in button.label]

    def test_one_click_settles_as_many_as_it_says(self, open_page: Open, store: Store) -> None:
        """The effect on the button is what the numbers do once it is taken; undo takes it back."""
        page = groups(opened(open_page, store, HR))
        before = number(metric(page))
        button = next(button for button in page.button if "settles" in button.label)
        settles, breaks = (number(part.split()[-1]) for part in button.label.split(": ")[-1].split(", breaks "))
        page = button.click().run()
        assert number(metric(page)) == before + settles - breaks
        assert len(draft(store).rules) == 2
        page.button(key="sample:Undo").click().run()
        assert number(metric(page)) == before
        assert draft(store).rules == (HR,)

    def test_students_of_a_group_are_listed_on_their_page(self, open_page: Open, store: Store) -> None:
        """The group goes along, in words, until it is let go; its students stay it when the rules settle them."""
        page = groups(opened(open_page, store, HR))
        page = helped(page, "Students of group 1 in several, on the Students page").click().run()
        assert "Open the Students page." in told(page)
        group = page.session_state["selection:group:sample"]
        students = open_page("students")
        students.session_state["selection:group:sample"] = group
        students.run()
        assert f"**{len(group.rows):,} students** in " in told(students)
        assert f"now {len(group.rows):,} in several" in told(students)
        listed = next(frame.value for frame in students.dataframe if "student_number" in frame.value)
        assert len(listed) and listed["first_name"].str.endswith("•••").all()
        students.button(key="sample:group:off").click().run()
        assert "in several]" not in told(students)

    def test_nothing_is_drawn_where_all_are_settled(self, open_page: Open, store: Store) -> None:
        """Rules that leave nobody over need no reasons."""
        page = opened(open_page, store, HOMEROOM, ADVISORY, NO_MTSS)
        assert "Still in several or none: why" in [each.label for each in page.expander]


class TestTaken:
    """How a found rule enters a draft."""

    def test_a_rule_still_being_typed_stays(self) -> None:
        """A rule put in the place of another is counted among the complete ones, and the unfinished one is kept."""
        unfinished = Rule("keep", (Condition("section_name", "contains", ()),))
        held = RuleSet(rules=(unfinished, HOMEROOM, NO_MTSS))
        changed = DraftedRule(ADVISORY, 0, RuleSet(), "", 0, 0, 0, 0)
        assert rule_groups.taken(held, changed).rules == (unfinished, ADVISORY, NO_MTSS)
        gone = DraftedRule(None, 1, RuleSet(), "", 0, 0, 0, 0)
        assert rule_groups.taken(held, gone).rules == (unfinished, HOMEROOM)
        more = DraftedRule(ADVISORY, None, RuleSet(), "", 0, 0, 0, 0)
        assert rule_groups.taken(held, more).rules == (*held.rules, ADVISORY)

    def test_a_deed_is_said_in_few_words(self) -> None:
        """What a button does is short and says keep, drop, change or remove."""
        assert rule_groups.deed(DraftedRule(NO_MTSS, None, RuleSet(), "", 0, 0, 0, 0)) == 'Drop names with "MTSS"'
        changed = DraftedRule(NO_MTSS, 1, RuleSet(), "", 0, 0, 0, 0)
        assert rule_groups.deed(changed).startswith("Change rule 2: drop names")
        assert rule_groups.deed(DraftedRule(None, 1, RuleSet(), "", 0, 0, 0, 0)) == "Remove rule 2"
