"""The students page: pictures, list, search, the card with the why, pins one or many."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
from streamlit.testing.v1 import AppTest

from pages.shared import downloads, student_pins, student_views
from pages.shared.student_views import Chosen
from roster_core.adapters.store import Store
from roster_core.coverage import evaluate
from roster_core.rules import Condition, Pin, Rule, RuleSet
from roster_core.sample import sample_district
from tests.pages.conftest import Open, told

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOMEROOM = Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),))
ROSTER = sample_district()
COVERAGE = evaluate(ROSTER, RuleSet(rules=(HOMEROOM,)))
NUMBER = {status: ROSTER.students["student_number"][int(np.flatnonzero(COVERAGE.status == status)[0])]
          for status in (0, 1, 2)}  # fmt: skip


def opened(open_page: Open, store: Store, *pins: Pin) -> AppTest:
    """The page with one keep rule, and these pins, in the draft of the sample district."""
    rule_set = RuleSet(rules=(HOMEROOM,), pins=pins)
    store.rule_sets.save_draft("sample", rule_set.to_json(), expected_revision=0, actor="a colleague", now=NOW)
    return open_page("students")


def pins(store: Store) -> tuple[Pin, ...]:
    """The pins of the draft as kept."""
    return RuleSet.from_json(store.rule_sets.draft("sample").rule_set_json).pins


def find(page: AppTest, text: str) -> AppTest:
    """Types into the search box."""
    return page.text_input(key="sample:find").set_value(text).run()


def grid(page: AppTest, start: str) -> tuple[str, object]:
    """Key and content of the table whose key starts so."""
    for frame in page.dataframe:
        if f"-{start}" in frame.proto.id:
            return frame.proto.id[frame.proto.id.index(f"-{start}") + 1 :], frame.value
    raise AssertionError(f"no table {start}")


def card_of(page: AppTest, number: str) -> AppTest:
    """The page with the card of one student open, found by number and chosen in the list."""
    find(page, number)
    key, content = grid(page, "sample:students:")
    row = list(content["Number" if "Number" in content else "student_number"]).index(number)
    page.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    page.run()
    assert page.button(key="sample:excuse:to_follow").disabled
    return page.selectbox(key="sample:one:reason").set_value("Family opted out").run()


class TestList:
    """Which students are listed, and how."""

    def test_it_opens_on_the_unsettled(self, open_page: Open, store: Store) -> None:
        """Those in none or several are listed first of all, with masked names."""
        page = opened(open_page, store)
        assert f"**{COVERAGE.none + COVERAGE.several:,} students**" in told(page)
        _, content = grid(page, "sample:students:")
        assert content["first_name"].str.endswith("•••").all()

    def test_the_lists_narrow_it(self, open_page: Open, store: Store) -> None:
        """Standing, school, grade and number of sections are chosen without a mouse."""
        page = opened(open_page, store)
        page.selectbox(key="sample:choice:standing").set_value("several").run()
        page.selectbox(key="sample:choice:grade").set_value("1").run()
        wanted = (COVERAGE.status == 2) & (ROSTER.students["grade"] == "1").to_numpy()
        assert f"**{wanted.sum()} students**" in told(page)

    def test_a_click_on_a_bar_lists_its_students(self, open_page: Open, store: Store) -> None:
        """A clicked piece chooses grade and standing, and the lists show the same."""
        page = opened(open_page, store)
        pick = {"selection": {"pick": [{"grade": "2", "status": "none"}]}}
        page.session_state["sample:picture:grade:0"] = pick
        page.run()
        wanted = (COVERAGE.status == 0) & (ROSTER.students["grade"] == "2").to_numpy()
        assert f"**{wanted.sum()} students**" in told(page)
        assert page.selectbox(key="sample:choice:grade").value == "2"
        page.button(key="sample:choice:clear").click().run()
        assert page.selectbox(key="sample:choice:grade").value == ""
        assert not [button for button in page.button if button.key == "sample:choice:clear"]

    def test_every_choice_gives_its_students(self) -> None:
        """The rows of a choice are those a plain reading gives."""
        grades = ROSTER.students["grade"].to_numpy()
        several = student_views.rows_of(COVERAGE, Chosen("all", sections="2"))
        assert (COVERAGE.kept_counts[several] == 2).all()
        school = ROSTER.schools["school_name"][0]
        rows = student_views.rows_of(COVERAGE, Chosen("one", school_name=school, grade="3"))
        assert (grades[rows] == "3").all() and (COVERAGE.status[rows] == 1).all() and len(rows)
        assert len(student_views.rows_of(COVERAGE, Chosen("all"))) == COVERAGE.in_scope

    def test_names_are_revealed_on_request(self, open_page: Open, store: Store) -> None:
        """The switch shows names; before it no name is on the page."""
        page = opened(open_page, store)
        page.toggle(key="reveal_names").set_value(True).run()
        _, content = grid(page, "sample:students:")
        assert not content["first_name"].str.contains("•").any()

    def test_the_download_holds_names_only_when_revealed(self) -> None:
        """Masked, the file has no name columns; a cell that looks like a formula is defused."""
        rows = np.array([0, 1])
        assert "First name" not in downloads.csv_text(student_views.taken(COVERAGE, rows, names=False))
        full = downloads.csv_text(student_views.taken(COVERAGE, rows, names=True))
        assert ROSTER.students["last_name"][0] in full
        assert full.count("\n") == 3

    def test_search_finds_masked_students(self, open_page: Open, store: Store) -> None:
        """A last name in any letter case finds its students, though names stay masked."""
        page = opened(open_page, store)
        find(page, ROSTER.students["last_name"][0].upper())
        _, content = grid(page, "sample:students:")
        assert ROSTER.students["student_number"][0] in set(content["student_number"])
        assert content["last_name"].str.endswith("•••").all()

    def test_a_number_without_its_zeros_is_found_and_said(self, open_page: Open, store: Store) -> None:
        """Zeros too many or too few do not hide a student; the page says which number was found instead."""
        number = ROSTER.students["student_number"][0]
        page = find(opened(open_page, store), f"00{number}")
        _, content = grid(page, "sample:students:")

        assert content["student_number"].tolist() == [number]
        assert f"No student has the number 00{number} as typed." in told(page)

    def test_nobody_found_says_so(self, open_page: Open, store: Store) -> None:
        """The empty state is words."""
        assert "Nobody of that number or name." in told(find(opened(open_page, store), "zzzz"))


class TestCard:
    """One student."""

    def test_the_card_says_why(self, open_page: Open, store: Store) -> None:
        """Each section stands with the rule that decided it."""
        page = card_of(opened(open_page, store), NUMBER[2])
        assert "in several (2)" in told(page)
        assert 'kept by rule 1: section name contains "Homeroom"' in told(page)
        assert "no keep rule matches" in told(page)

    def test_a_pin_settles_the_student_and_is_undone(self, open_page: Open, store: Store) -> None:
        """Pinning needs one click, carries its reason, and undo takes it back."""
        page = card_of(opened(open_page, store), NUMBER[2])
        page.button(key="sample:pin:0").click().run()
        (pin,) = pins(store)
        assert pin.section_id is not None and pin.reason == "Family opted out"
        assert "in exactly one" in told(page)
        page.button(key="sample:Undo").click().run()
        assert pins(store) == ()

    def test_an_excuse_to_follow_has_owner_and_date(self, open_page: Open, store: Store) -> None:
        """Who must act and until when belong to the excuse; taking it back is one click."""
        page = card_of(opened(open_page, store), NUMBER[0])
        page.selectbox(key="sample:one:reason").set_value("Birthdate missing").run()
        follow = page.button(key="sample:excuse:to_follow")
        assert (follow.disabled, follow.help) == (True, "Say by when first.")
        page.date_input(key="sample:one:due").set_value(date(2026, 12, 1)).run()
        page.button(key="sample:excuse:to_follow").click().run()
        (pin,) = pins(store)
        assert (pin.excuse, pin.reason, pin.owner, pin.due) == (
            "to_follow", "Birthdate missing", "district", "2026-12-01")  # fmt: skip
        assert "**excused**" in told(page)
        page.button(key="sample:unpin").click().run()
        assert pins(store) == ()

    def test_a_pin_moves_no_section_on_the_card(self, open_page: Open, store: Store) -> None:
        """Whoever presses Enter twice pins to the same section twice, not to the one that came in its place."""
        page = card_of(opened(open_page, store), NUMBER[2])
        page.button(key="sample:pin:1").click().run()
        (first,) = pins(store)
        page.button(key="sample:pin:1").click().run()
        assert pins(store) == (first,)

    def test_close_closes_a_student_who_was_found(self, open_page: Open, store: Store) -> None:
        """The one student a search finds has the card open; closing it empties the search."""
        page = find(opened(open_page, store), NUMBER[2])
        page.button(key="sample:card:close").click().run()
        assert page.text_input(key="sample:find").value == ""
        assert not [button for button in page.button if button.key == "sample:card:close"]

    def test_not_assessed_has_no_date(self, open_page: Open, store: Store) -> None:
        """Owner and date are of those to follow only."""
        page = card_of(opened(open_page, store), NUMBER[0])
        page.button(key="sample:excuse:not_assessed").click().run()
        (pin,) = pins(store)
        assert (pin.excuse, pin.owner, pin.due) == ("not_assessed", "", "")


class TestMany:
    """Decisions for a list, and the list of decisions."""

    def many(self, page: AppTest) -> AppTest:
        """The page with the box for a list open."""
        page.session_state["sample:many"] = True
        return page.run()

    def test_a_pasted_list_is_excused_and_unknown_numbers_are_named(self, open_page: Open, store: Store) -> None:
        """Known numbers are excused in one step; the others are said and left."""
        page = self.many(opened(open_page, store))
        page.selectbox(key="sample:pasted:reason").set_value("Left the district")
        page.text_area(key="sample:pasted:0").set_value(f"{NUMBER[0]}, {NUMBER[2]}\n000-nobody")
        self.many(page)
        assert "1 number unknown: 000-nobody" in page.warning[0].value.replace("\\", "")
        page.button(key="sample:pasted:apply").click()
        self.many(page)
        assert {(pin.excuse, pin.reason) for pin in pins(store)} == {("not_assessed", "Left the district")}
        assert len(pins(store)) == 2
        assert page.text_area(key="sample:pasted:1").value == ""
        page.button(key="sample:Undo").click().run()
        assert pins(store) == ()

    def test_the_students_listed_above_are_taken_with_one_click(self, open_page: Open, store: Store) -> None:
        """A group from another page, or what was found, need not be copied by hand."""
        page = self.many(find(opened(open_page, store), NUMBER[2]))
        page.button(key="sample:pasted:listed").click()
        assert self.many(page).text_area(key="sample:pasted:0").value == NUMBER[2]

    def test_who_has_no_number_of_their_own_is_found_by_id(self) -> None:
        """A number that two share, or none, stands for nobody alone."""
        known = ROSTER.students["student_number"]
        students = ROSTER.students.assign(student_number=known.where(known.index > 1, ""))
        roster = replace(ROSTER, students=students)
        numbers = student_pins.numbers_of(roster, np.array([0, 2]))
        assert numbers == [students["student_id"][0], students["student_number"][2]]

    def test_an_empty_list_excuses_nobody(self, open_page: Open, store: Store) -> None:
        """Without a known number the button is off."""
        assert self.many(opened(open_page, store)).button(key="sample:pasted:apply").disabled

    def test_a_list_is_pinned_to_a_section_its_students_have(self, open_page: Open, store: Store) -> None:
        """Only those enrolled there are pinned; the rest are counted and left."""
        page = self.many(opened(open_page, store))
        page.selectbox(key="sample:pasted:reason").set_value("Left the district")
        page.text_area(key="sample:pasted:0").set_value(f"{NUMBER[0]} {NUMBER[2]}")
        page.selectbox(key="sample:pasted:do").set_value("pin")
        self.many(page)
        section = page.selectbox(key="sample:pasted:section").value
        page.button(key="sample:pasted:apply").click().run()
        held = pins(store)
        assert held and {pin.section_id for pin in held} == {section}
        assert all(section in {reason.section_id for reason in COVERAGE.why(pin.student_id)} for pin in held)

    def test_pins_are_listed_and_taken_back(self, open_page: Open, store: Store) -> None:
        """The list names section, reason and date; chosen pins go in one step."""
        first, second = ROSTER.students["student_id"][0], ROSTER.students["student_id"][1]
        page = opened(open_page, store, Pin(first, None, "to_follow", "Birthdate missing", "district", "2026-12-01"),
                      Pin(second, "gone-section"))  # fmt: skip
        page.session_state["sample:held"] = True
        page.run()
        key, content = grid(page, "sample:pins:")
        assert content["done"].to_list() == ["To follow", "Pinned to gone-section"]
        page.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
        page.run()
        page.button(key="sample:pins:back").click().run()
        assert [pin.student_id for pin in pins(store)] == [second]

    def test_pins_of_students_who_left_go_with_one_click(self, open_page: Open, store: Store) -> None:
        """Stale pins are counted and removed; the others stay."""
        known = ROSTER.students["student_id"][0]
        page = opened(open_page, store, Pin("left-us", None), Pin(known, None))
        page.session_state["sample:held"] = True
        page.run()
        page.button(key="sample:pins:stale").click().run()
        assert [pin.student_id for pin in pins(store)] == [known]

    def test_who_is_enrolled_where(self) -> None:
        """Of some students only those in the section are pinned to it."""
        student = ROSTER.students["student_id"][0]
        section = ROSTER.sections["section_id"].iloc[int(ROSTER.sections_of(0)[0])]
        assert student_pins.enrolled(ROSTER, (student, "nobody"), section) == (student,)
        assert student_pins.enrolled(ROSTER, (student,), None) == ()
