"""What the product said of students, as findings: whose they are, and what is never kept of them."""

from __future__ import annotations

import pytest

from roster_core.adapters.said_csv import read_said
from roster_core.errors import InputError
from roster_core.said import Said, findings_of
from tests.builders import district


@pytest.mark.parametrize(
    ("row", "owner", "message"),
    [
        (Said("1001", "First1 Last1 has no birthdate"), "district", "… has no birthdate"),
        (Said("sis1", 'Student "Ann Lee" has DOB 3/1/2020'), "district", "Student … has DOB …"),
        (Said("u1", "LAST1, first1: enrolled in 2 classes"), "us", "…: enrolled in 2 classes"),
        (Said("1001", "Clever sync pending"), "Clever", "Clever sync pending"),
        (Said("1001", "Nothing anybody knows", "E-17"), "us", "E-17: Nothing anybody knows"),
        (Said("1001", "", "missing_dob"), "district", "missing_dob"),
        (Said("1001", ""), "us", "No reason was given."),
        (Said("1001", "Born March 1, 2020 or 1 Mar 2020"), "us", "Born … or …"),
    ],
)
def test_a_row_becomes_a_finding_without_a_name(row: Said, owner: str, message: str) -> None:
    """The student is known by number, SIS id or id; names, dates and quoted text go, whoever must act is named."""
    (found,) = findings_of(district(), [row])
    assert (found.code, found.owner, found.message) == ("selweb-said", owner, message)
    assert found.student_ids == ("u1",)


def test_rows_alike_are_one_finding() -> None:
    """The same said of many students is one finding with all of them, the biggest first; warnings come last."""
    rows = [Said(f"100{n}", f"First{n} has no birthdate") for n in (1, 2, 3)]
    found = findings_of(district(), [Said("1004", "odd age", severity="Warning"), Said("1005", "No grade"), *rows])
    assert [(one.severity, one.student_ids) for one in found] == [
        ("blocker", ("u1", "u2", "u3")), ("blocker", ("u5",)), ("warning", ("u4",)),
    ]  # fmt: skip


@pytest.mark.parametrize("number", ["9999", "", "Smith, John"])
def test_nothing_is_kept_of_a_stranger(number: str) -> None:
    """A student who is not in the roster, whose name nobody can recognise, leaves neither number nor text."""
    (found,) = findings_of(district(), [Said(number, "John Smith has no birthdate")])
    assert found.student_ids == () and "Smith" not in found.message and found.owner == "district"


def test_a_number_of_several_students_names_none() -> None:
    """A repeated number is nobody's."""
    (found,) = findings_of(district(changed={"u2": {"student_number": "1001"}}), [Said("1001", "First1 is odd")])
    assert found.student_ids == () and "First1" not in found.message


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Student ID,Message\n1001,no birthdate\n", [Said("1001", "no birthdate")]),
        ("SIS_ID;Error Code;Description\ns1;E1;x, y\n\n;;\n", [Said("s1", "x, y", "E1")]),
        ("id\tseverity\terror\n7\twarning\t two  words \n", [Said("7", "two words", "", "warning")]),
        ('Code,"Student Number"\nE1,1001\nE2\n', [Said("1001", "", "E1"), Said("", "", "E2")]),
        ("\ufeffstudent,reason\n", []),
    ],
)
def test_columns_are_recognised_as_people_call_them(text: str, rows: list[Said]) -> None:
    """Comma, semicolon or tab; names in any case and order; short rows and blank ones are no reason to refuse."""
    assert read_said(text.encode()) == rows


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "found: none"),
        (b"name,school\nx,y\n", "Expected a column like Student ID"),
        (b"student id,school\n1,y\n", "found: student id, school"),
        (b'student id,message\n"1,x\n', "cannot be read as CSV"),
        (b"\x00\x01", "not plain text"),
        (b"x" * (21 * 1024 * 1024), "larger than 20 MB"),
        (b"id,error\n" + b"1,x\n" * 50_001, "more than 50,000 rows"),
    ],
)
def test_another_file_is_one_clear_error(content: bytes, words: str) -> None:
    """What is no list of errors is refused, with what was expected and what was found."""
    with pytest.raises(InputError) as caught:
        read_said(content, "errors.csv")
    assert words in str(caught.value) and str(caught.value).startswith("errors.csv")
