"""Finding students by number or name, and pasted lists of numbers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from roster_core.lookup import (
    find_students,
    ids_of_number,
    match_numbers,
    numbers_but_for_zeros,
    said_of_zeros,
    split_numbers,
)
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


@pytest.fixture(scope="module", name="padded")
def _padded() -> Roster:
    """Numbers of seven digits; two students differ by zeros alone, and an SIS id does so from a number."""
    made = sample_district(students=60)
    students = made.students.copy()
    numbers = {0: "0001234", 1: "0005678", 2: "5678", 3: "0009999", 4: "7777", 5: "0008888"}
    for row, number in numbers.items():
        students.loc[row, "student_number"] = number
    students.loc[6, "sis_id"] = "09999"
    return replace(made, students=students)


@pytest.mark.parametrize(
    ("typed", "row", "as_typed"),
    [("1234", 0, False), ("0001234", 0, True), ("001234", 0, False), ("5678", 2, True), ("0005678", 1, True),
     ("0007777", 4, False), ("8888", 5, False)],
)  # fmt: skip
def test_zeros_that_a_spreadsheet_lost_do_not_hide_a_student(
    padded: Roster, typed: str, row: int, as_typed: bool
) -> None:
    """The number as typed goes first, else the one student whose number differs by leading zeros alone."""
    matched = match_numbers(padded, (typed,))

    assert matched.student_ids == (padded.students["student_id"].iat[row],)
    assert matched.zeros == (() if as_typed else (typed,))
    assert find_students(padded, typed).tolist()[0] == row


@pytest.mark.parametrize("typed", ["9999", "05678", "00009999"])
def test_zeros_that_fit_several_students_settle_nothing(padded: Roster, typed: str) -> None:
    """Two students whom the number fits but for zeros are both found, and the list takes neither."""
    matched = match_numbers(padded, (typed,))

    assert (matched.student_ids, matched.ambiguous, matched.zeros) == ((), (typed,), ())
    assert len(find_students(padded, typed)) >= 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [("1234", ("0001234",)), ("5678", ("0005678",)), ("05678", ("0005678", "5678")), ("0001234", ()), ("Zoe", ()),
     ("", ())],
)  # fmt: skip
def test_numbers_alike_but_for_zeros_are_named(padded: Roster, typed: str, said: tuple[str, ...]) -> None:
    """Also beside an exact match: whoever typed a number from a spreadsheet may mean the other student."""
    assert numbers_but_for_zeros(padded, typed) == said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1234", "No student has the number 1234 as typed. A number that differs only by leading zeros, which "
                 "spreadsheets drop: 0001234."),
        ("5678", "A number that differs only by leading zeros, which spreadsheets drop: 0005678."),
        ("0001234", ""),
        ("Zoe", ""),
    ],
    ids=["lost", "exact and another", "exact", "a name"],
)  # fmt: skip
def test_lost_zeros_are_said(padded: Roster, typed: str, said: str) -> None:
    """Whoever typed the number learns which one was found instead, and that another is nearly the same."""
    assert said_of_zeros(padded, typed) == said


def test_a_number_of_a_committed_roster_is_found_without_its_zeros() -> None:
    """As typed first; then but for zeros; every id it fits is given, so that no choice is made by chance."""
    numbers, ids = pd.Series(["0012", "12", "0007", "007", ""], dtype="str"), pd.Series(list("abcde"), dtype="str")

    found = [ids_of_number(number, numbers, ids) for number in ("12", "012", "7", "0007", "8", "x")]
    assert found == [("b",), ("a", "b"), ("c", "d"), ("c",), (), ()]


@pytest.mark.parametrize("typed", ["1234x", "12.34", "0", "00", "１２３４"])
def test_only_whole_numbers_are_read_without_zeros(padded: Roster, typed: str) -> None:
    """An id with letters is another id, and nothing but zeros is nobody's number."""
    assert match_numbers(padded, (typed,)).unknown == (typed,)
