"""What the pages say beyond counts: near families, twins, odd rooms, why, and the one answer about a student."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import student_views
from pages.shared.student_views import Chosen
from roster_core.adapters.store import Store
from roster_core.coverage import evaluate
from roster_core.roster import Roster
from roster_core.rules import Condition, Pin, Rule, RuleSet
from tests.builders import HOMEROOMS, district
from tests.pages.conftest import Open, told

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
EVERYBODY = [f"u{number}" for number in range(1, 5)]


def shared_twice() -> Roster:
    """The clean district, its first homeroom shared a second time for the co-teacher, and one named `HOME ROOM`."""
    more = [
        {"section_id": "h9", "section_name": "Homeroom 9", "school_id": "A", "teacher_id": "t2", "term_id": "y"},
        {"section_id": "w1", "section_name": "HOME ROOM 7", "school_id": "B", "teacher_id": "t2", "term_id": "y"},
    ]
    enrolled = [*((student, "h9") for student in EVERYBODY), ("u5", "w1")]
    return district(added={"sections": more}, enrolled=enrolled)


@pytest.fixture
def kept(store: Store) -> Store:
    """The store with that district and the rule for homerooms in its draft."""
    store.rosters.save(shared_twice())
    store.rule_sets.save_draft("d1", HOMEROOMS.to_json(), expected_revision=0, actor="a colleague", now=NOW)
    return store


def draft(store: Store) -> RuleSet:
    """The draft as kept."""
    return RuleSet.from_json(store.rule_sets.draft("d1").rule_set_json)


def unfolded(page: AppTest, panel: str) -> AppTest:
    """The page with a panel open."""
    page.session_state[f"d1:{panel}"] = True
    return page.run()


def labels(page: AppTest) -> list[str]:
    """What the list of families names."""
    return next(list(frame.value["Family"]) for frame in page.dataframe if "Family" in frame.value)


def press(page: AppTest, start: str, panel: str) -> AppTest:
    """Presses the button whose key starts so, the panel still open."""
    next(button for button in page.button if (button.key or "").startswith(start)).click()
    return unfolded(page, panel)


class TestFamilies:
    """Families whose names are nearly alike."""

    def test_they_are_one_row_once_the_reviewer_says_so(self, open_page: Open, kept: Store) -> None:
        """Merge makes two rows one, and no rule; taking it back makes them two again."""
        page = unfolded(open_page("sections"), "near")
        assert set(labels(page)) == {"Homeroom #", "HOME ROOM #", "Math"}
        press(page, "d1:near:Merge", "near")
        assert set(labels(page)) == {"Homeroom #", "Math"}
        assert "Merged: **Homeroom #** · **HOME ROOM #**" in told(page)
        assert draft(kept) == HOMEROOMS
        assert set(labels(open_page("sections"))) == {"Homeroom #", "Math"}, "a colleague sees it too"
        press(page, "d1:near:back", "near")
        assert len(labels(page)) == 3

    def test_left_apart_they_are_not_asked_again(self, open_page: Open, kept: Store) -> None:
        """Leave apart keeps both rows and ends the question; it too can be taken back."""
        page = unfolded(open_page("sections"), "near")
        press(page, "d1:near:Leave apart", "near")
        assert len(labels(page)) == 3
        assert "Left apart: **Homeroom #** · **HOME ROOM #**" in told(page)
        assert not [button for button in page.button if button.key == "d1:near:Merge:0"]

    def test_a_merged_family_is_kept_by_the_words_of_each(self, open_page: Open, kept: Store) -> None:
        """The rule for a merged family has the words of both, no list of names."""
        page = unfolded(open_page("sections"), "near")
        press(page, "d1:near:Merge", "near")
        shown = next(frame for frame in page.dataframe if "Family" in frame.value)
        key = shown.proto.id[shown.proto.id.index("-Families_") + 1 :]
        row = list(shown.value["Family"]).index("Homeroom #")
        page.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
        page.run()
        page.button(key="drop_these").click().run()
        assert draft(kept).rules[-1].when[0].values == ("Homeroom", "HOME ROOM")


class TestSections:
    """Why a section is kept, and rooms that look wrong."""

    def test_a_chosen_name_says_why(self, open_page: Open, kept: Store) -> None:
        """One selected row is explained section by section, with the rule that decides."""
        page = open_page("sections")
        page.radio(key="sections_by").set_value("Names").run()
        shown = next(frame for frame in page.dataframe if "Name" in frame.value)
        key = shown.proto.id[shown.proto.id.index("-Names_") + 1 :]
        row = list(shown.value["Name"]).index("Homeroom 1")
        page.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
        page.run()
        assert 'kept by rule 1: section name contains "Homeroom"' in told(page)
        assert "**Why** · 1 section · 1 kept · 4 enrollments" in told(page)
        assert [frame.value["first_seen"].tolist() for frame in page.dataframe if "first_seen" in frame.value] == [
            ["23 Nov 08:10"]
        ]

    def test_rooms_of_students_not_assessed_are_pointed_out(self, open_page: Open, kept: Store) -> None:
        """A kept room half of whose students are out of scope is listed with its numbers."""
        scoped = RuleSet(rules=HOMEROOMS.rules, assessed_grades=("1",))
        kept.rule_sets.save_draft("d1", scoped.to_json(), expected_revision=1, actor="a colleague", now=NOW)
        page = unfolded(open_page("sections"), "odd")
        rooms = next(frame.value for frame in page.dataframe if "Not assessed" in frame.value)
        assert rooms["Not assessed"].tolist() == [2, 2, 2]
        assert "3 half or more of whose students are not assessed" in told(page)


class TestTwins:
    """Rooms shared as several sections."""

    def test_a_room_is_chosen_once_and_undone(self, open_page: Open, kept: Store) -> None:
        """The effect is said first; then every student of the room is pinned with a reason; undo frees them all."""
        page = unfolded(open_page("sections"), "twins")
        assert "**1 room** whose students are kept in more than one section" in told(page)
        assert "in exactly one 4 → **8** · several 4 → **0**" in told(page)
        assert draft(kept).pins == ()
        press(page, "d1:twins:", "twins")
        assert [(pin.student_id, pin.section_id) for pin in draft(kept).pins] == [(each, "h1") for each in EVERYBODY]
        assert all(pin.reason for pin in draft(kept).pins)
        assert "No kept sections of one school have the same students" in told(page)
        page.button(key="d1:Undo").click().run()
        assert draft(kept).pins == ()

    def test_the_other_section_can_be_the_room(self, open_page: Open, kept: Store) -> None:
        """The reviewer says which of the sections the room is."""
        page = unfolded(open_page("sections"), "twins")
        next(radio for radio in page.radio if radio.key.startswith("d1:twins:")).set_value("h9")
        unfolded(page, "twins")
        press(page, "d1:twins:", "twins")
        assert {pin.section_id for pin in draft(kept).pins} == {"h9"}


class TestGroups:
    """Groups on the rules page whose rooms are twins."""

    def test_students_of_twin_rooms_are_sent_to_the_choice_for_the_room(self, open_page: Open, kept: Store) -> None:
        """Where no rule settles them, the group says where the whole room is settled at once."""
        page = unfolded(open_page("rules"), "groups")
        assert "4** in two sections of Homeroom" in told(page)
        assert "Choose once for each room under Twins" in told(page)
        student = open_page("students")
        student.text_input(key="d1:find").set_value("1001").run()
        assert "Choose once for the whole room" in told(unfolded(student, "answer"))


class TestAnswer:
    """Why is my student not rostered?"""

    def test_one_sentence_and_the_next_step(self, open_page: Open, kept: Store) -> None:
        """The card says what became of the student, what to do, and whose it is."""
        page = open_page("students")
        page.text_input(key="d1:find").set_value("1001").run()
        assert 'Student 1001 is in 2 kept sections: "Homeroom 1"' in told(page)
        assert "Settle it by a rule, or pin the student to one section. (ours to do)" in told(page)

    def test_the_text_for_the_district_has_no_name(self, open_page: Open, kept: Store) -> None:
        """What is to be copied names the student by number alone."""
        page = open_page("students")
        page.text_input(key="d1:find").set_value("First1").run()
        unfolded(page, "answer")
        (text,) = [box.value for box in page.text_area]
        assert text.startswith("Student 1001 is in 2 sections that count")
        assert "First1" not in text and "Last1" not in text

    def test_it_says_when_the_sections_were_first_seen(self, open_page: Open, kept: Store) -> None:
        """Each of the student's sections has the date of the earliest stored roster that has it."""
        later = district(changed={"u8": {"first_name": "Other"}}, fetched_at=NOW + timedelta(days=1))
        kept.rosters.save(later)
        page = open_page("students")
        page.text_input(key="d1:find").set_value("1001").run()
        unfolded(page, "answer")
        assert told(page).count("· first seen 23 Nov 08:10") == 2

    def test_a_proposed_rule_is_taken_and_undone(self, open_page: Open, kept: Store) -> None:
        """A rule that settles the student is one click, and undo takes it back."""
        page = open_page("students")
        page.text_input(key="d1:find").set_value("1001").run()
        unfolded(page, "answer")
        assert "Settles 4 students" in told(page)
        press(page, "d1:remedy:0", "answer")
        assert evaluate(shared_twice(), draft(kept)).several == 0
        page.button(key="d1:Undo").click().run()
        assert draft(kept) == HOMEROOMS

    def test_a_number_nobody_has_is_answered_too(self, open_page: Open, kept: Store) -> None:
        """An unknown number is said not to be in the data, with its date; an unknown name is only not found."""
        page = open_page("students")
        page.text_input(key="d1:find").set_value("987654").run()
        assert "Student 987654 is not in the data shared on" in told(page)
        page.text_input(key="d1:find").set_value("nobody").run()
        assert "is not in the data" not in told(page)

    def test_students_settled_by_order_can_be_listed(self) -> None:
        """With the first rule winning, those whom only the order settled are a choice of their own."""
        rules = (*HOMEROOMS.rules, Rule("keep", (Condition("section_name", "is", ("Math",)),)))
        coverage = evaluate(district(), RuleSet(rules=rules, resolve="first"))
        assert coverage.settled_by_order
        rows = student_views.rows_of(coverage, Chosen("by_order"))
        assert np.array_equal(rows, np.flatnonzero(coverage.settled_mask))

    def test_an_excused_student_says_by_what(self, open_page: Open, kept: Store) -> None:
        """The answer about an excused student gives the reason of the excuse."""
        excused = HOMEROOMS.with_pins(Pin("u8", None, reason="Family opted out"))
        kept.rule_sets.save_draft("d1", excused.to_json(), expected_revision=1, actor="a colleague", now=NOW)
        page = open_page("students")
        page.text_input(key="d1:find").set_value("1008").run()
        assert "Student 1008 is excused." in told(page) and "Family opted out" in told(page)
