"""From a source's rows to a roster: nothing is silently dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster_core.assembly import Tables, assemble
from roster_core.roster import FRAMES, District, Roster
from tests.strategies import MOMENT, table

STUDENTS = [
    {"student_id": "u2", "first_name": "B", "last_name": "Y", "grade_raw": "01", "school_id": "a"},
    {"student_id": "u1", "first_name": "A", "last_name": "X", "grade_raw": "KG", "birthdate_raw": "1/2/2020"},
]
SECTIONS = [
    {"section_id": "s1", "section_name": "HR 1", "teacher_id": "t1", "school_id": "a", "course_id": "c1"},
    {"section_id": "s2", "section_name": "Art", "teacher_id": "t9", "course_name": "Drawing", "course_id": "c1"},
]
ENROLLMENTS = [{"student_id": "u2", "section_id": "s1"}, {"student_id": "u1", "section_id": "s1"}]


def assembled(
    students: list[dict] = STUDENTS, sections: list[dict] = SECTIONS, enrollments: list[dict] = ENROLLMENTS
) -> Roster:
    tables = Tables(
        students=table("students.csv", students),
        sections=table("sections.csv", sections),
        enrollments=table("enrollments.csv", enrollments, ["section_id", "student_id"]),
        schools=table("schools.csv", [{"school_id": "a", "school_name": "Alder"}]),
        teachers=table("teachers.csv", [{"teacher_id": "t1", "first_name": "Ann", "last_name": "Lee"}]),
        courses=table("courses.csv", [{"course_id": "c1", "course_name": "Homeroom"}]),
        terms=table("terms.csv", [{"term_id": "y", "term_name": "Year"}]),
    )
    return assemble(tables, district=District("d"), source="clever-csv", fetched_at=MOMENT)


def told(roster: Roster) -> list[tuple[str, str, int, str]]:
    frame = roster.findings
    return list(zip(frame["code"], frame["file"], frame["row"].tolist(), frame["id"], strict=True))


def test_names_are_joined_once() -> None:
    """School, teacher and course names stand on the sections; a name the section brings itself wins."""
    sections = assembled().sections.set_index("section_id")
    joined = ["school_name", "teacher_name", "course_name"]
    assert sections.loc["s1", joined].tolist() == ["Alder", "Ann Lee", "Homeroom"]
    assert sections.loc["s2", joined].tolist() == ["", "", "Drawing"]


def test_every_frame_has_its_columns_as_text() -> None:
    """Frames hold exactly their columns, all `str`, nothing missing, sorted by id."""
    roster = assembled()
    for name, columns in FRAMES.items():
        frame = getattr(roster, name)
        assert tuple(frame.columns) == columns
        assert all(dtype == "str" for dtype in frame.dtypes)
        assert not frame.isna().any().any()
        assert frame[columns[0]].is_monotonic_increasing


def test_grades_and_birthdates_keep_what_was_written() -> None:
    """The normalised grade and date stand beside the raw ones."""
    student = assembled().students.iloc[0]
    assert student[["grade", "grade_raw", "birthdate", "birthdate_raw"]].tolist() == [
        "Kindergarten", "KG", "2020-01-02", "1/2/2020",
    ]  # fmt: skip


def test_repeated_rows_with_the_same_content_are_silent() -> None:
    """A student written once for each contact, or in another spelling of the same grade, is one student."""
    again = STUDENTS[0] | {"grade_raw": "1"}
    assert told(assembled([*STUDENTS, again])) == []


def test_the_first_row_of_an_id_wins_and_the_other_is_told() -> None:
    """A repeated id with other content is a finding with file, row and id."""
    roster = assembled([*STUDENTS, STUDENTS[0] | {"first_name": "Z"}], [*SECTIONS, SECTIONS[0] | {"section_name": "Q"}])
    assert told(roster) == [
        ("conflicting-student", "students.csv", 4, "u2"),
        ("conflicting-section", "sections.csv", 4, "s1"),
    ]
    assert roster.students.set_index("student_id").loc["u2", "first_name"] == "B"
    assert "first_name" in roster.findings["message"][0]


def test_two_unreadable_birthdates_that_differ_are_a_conflict() -> None:
    """Where neither writing can be read, two writings are two contents."""
    rows = [STUDENTS[0] | {"birthdate_raw": "soon"}, STUDENTS[0] | {"birthdate_raw": "later"}]
    assert [code for code, *_ in told(assembled(rows, SECTIONS, []))] == ["conflicting-student"]


@pytest.mark.parametrize(
    ("enrollment", "code", "row_id"),
    [
        ({"student_id": "u1", "section_id": "s1"}, "repeated-enrollment", "u1"),
        ({"student_id": "u9", "section_id": "s1"}, "unknown-student-in-section", "u9"),
        ({"student_id": "u1", "section_id": "s9"}, "unknown-section", "s9"),
        ({"student_id": "", "section_id": "s1"}, "unreadable-row", "s1"),
        ({"student_id": "u1", "section_id": ""}, "unreadable-row", "u1"),
    ],
)
def test_what_is_wrong_with_an_enrollment_is_told(enrollment: dict, code: str, row_id: str) -> None:
    """Each enrollment that cannot count is a finding with its row, and the others stay."""
    roster = assembled(enrollments=[*ENROLLMENTS, enrollment])
    assert told(roster) == [(code, "enrollments.csv", 4, row_id)]
    assert len(roster.enrollments) == 2


def test_a_row_without_an_id_is_told() -> None:
    """A student nobody can be found by is an unreadable row, not a silent loss."""
    assert told(assembled([*STUDENTS, {"first_name": "Z"}])) == [("unreadable-row", "students.csv", 4, "")]


def test_an_absent_table_is_one_warning() -> None:
    """Each optional table the source does not have is one warning, and its names read as empty."""
    tables = Tables(table("s", STUDENTS), table("c", SECTIONS), table("e", ENROLLMENTS))
    roster = assemble(tables, district=District(), source="clever-csv", fetched_at=MOMENT)
    assert [code for code, *_ in told(roster)] == ["absent-table"] * 4
    assert roster.sections["school_name"].tolist() == ["", ""]


def test_enrollments_are_sorted_codes_that_nobody_can_change() -> None:
    """Enrollments are int32 positions, sorted by student then section, read-only."""
    roster = assembled(enrollments=[*ENROLLMENTS[::-1], {"student_id": "u1", "section_id": "s2"}])
    assert roster.enrollments.student.tolist() == [0, 0, 1]
    assert roster.enrollments.section.tolist() == [0, 1, 0]
    assert roster.enrollments.student.dtype == np.int32
    with pytest.raises(ValueError, match="read-only"):
        roster.enrollments.section[0] = 1
    assert roster.student_offsets.tolist() == [0, 2, 3]


@settings(max_examples=50, deadline=None)
@given(st.permutations(STUDENTS), st.permutations(SECTIONS), st.permutations(ENROLLMENTS))
def test_the_order_of_rows_does_not_change_the_fingerprint(students: list, sections: list, enrollments: list) -> None:
    """The same rows in any order are the same roster."""
    assert assembled(students, sections, enrollments).fingerprint == assembled().fingerprint


def test_the_fingerprint_knows_the_data_and_not_its_fetching() -> None:
    """Another moment or district record leaves the fingerprint; another cell, however small, changes it."""
    roster = assembled()
    refetched = replace(roster, fetched_at=MOMENT.replace(year=2020), district=District("x"))
    assert refetched.fingerprint == roster.fingerprint
    moved = [SECTIONS[0] | {"section_name": "HR", "period": " 1"}, SECTIONS[1]]
    split = [SECTIONS[0] | {"section_name": "HR ", "period": "1"}, SECTIONS[1]]
    prints = {assembled(sections=rows).fingerprint for rows in (SECTIONS, moved, split)}
    assert len(prints | {assembled(enrollments=ENROLLMENTS[:1]).fingerprint}) == 4


def test_a_roster_shows_counts_only() -> None:
    """A roster's repr holds no name, for it can end in a log."""
    assert repr(assembled()) == "<Roster clever-csv: 2 students, 2 sections>"
