"""Finding students by number or name, and pasted lists of numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roster_core.lookup import find_students, match_numbers, split_numbers
from roster_core.roster import Roster
from roster_core.sample import sample_district


@pytest.fixture(scope="module", name="roster")
def _roster() -> Roster:
    made = sample_district(students=60)
    students = made.students.copy()
    students.loc[0, ["first_name", "last_name", "student_number"]] = ["Zoë", "Muñoz Ortega", "9001"]
    students.loc[1, ["first_name", "last_name", "student_number"]] = ["Ann", "O'Hara", "9002"]
    students.loc[2, "student_number"] = "9002"
    students.loc[3, ["student_number", "sis_id"]] = ["", "only-sis"]
    return replace(made, students=students)


@pytest.mark.parametrize(
    "text", ["zoe", "MUNOZ", "muñoz zoë", "ortega muñ", "9001", " zoe  9001 ", "Muñoz Ortega, Zoë", '"Muñoz"; Zoë']
)
def test_letter_case_accents_and_order_do_not_count(roster: Roster, text: str) -> None:
    """Every word must occur in the number or a name, however it is written."""
    assert 0 in find_students(roster, text).tolist()


@pytest.mark.parametrize("text", ["", "   ", "zoe 9002", ".*", "zzz"])
def test_what_nobody_has_finds_nobody(roster: Roster, text: str) -> None:
    """An empty text, words of different students and the marks of expressions find nothing."""
    assert find_students(roster, text).tolist() == []


def test_a_pasted_list_is_read_however_it_is_parted() -> None:
    """Lines, commas, tabs, blanks and quotes part numbers; repeats fall away."""
    assert split_numbers('17, 18;19\n"20"\t17\r\n') == ("17", "18", "19", "20")
    assert split_numbers("") == ()


def test_numbers_are_matched_or_named(roster: Roster) -> None:
    """Student number, SIS id and student id all do; unknown and shared numbers are told apart."""
    students = roster.students["student_id"]
    matched = match_numbers(roster, ("9001", "only-sis", students[5], "9002", "nobody"))
    assert set(matched.student_ids) == {students[0], students[3], students[5]}
    assert (matched.unknown, matched.ambiguous) == (("nobody",), ("9002",))


def test_no_numbers_match_nobody(roster: Roster) -> None:
    """An empty list gives empty answers; the empty number of a student is nobody's."""
    assert match_numbers(roster, ()).student_ids == ()
    assert match_numbers(roster, ("",)).unknown == ("",)
