"""Clever's SFTP files as a roster."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from roster_core.adapters.clever_csv import read_clever_csv
from roster_core.adapters.files import open_uploads
from roster_core.errors import InputError
from roster_core.roster import ID_SEPARATOR, Roster

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

STUDENTS = """\
School_id,Student_id,Student_number,Last_name,First_name,Grade,DOB,Student_street,Frl_status,Contact_name
10,007,0099,Diaz,Ana,KG,2/11/2021,1 Main St,Free,Bo
10,U2,,Lee,NA,03,2018-03-04,,,
"""
SECTIONS = """\
School_id,Section_id,Teacher_id,Teacher_2_id,Teacher_3_id,Name,Grade,Course_name,Course_number,Period,Term_name,\
Term_start,Term_end
10,S1,T1,T2,,Homeroom Diaz,K,Homeroom,HR,0,Fall,8/20/2026,12/18/2026
10,S2,T2,,,,3,Math,M3,4,Fall,8/20/2026,12/18/2026
"""
ENROLLMENTS = "School_id,Section_id,Student_id\n10,S1,007\n10,S2,U2\n20,S2,007\n"
SCHOOLS = "School_id,School_name,School_number\n10,North,1\n20,South,2\n"
TEACHERS = "School_id,Teacher_id,First_name,Last_name,Teacher_email\n10,T1,Eva,Diaz,e@x.org\n10,T2,Ole,Moe,\n"
FILES = {
    "students.csv": STUDENTS,
    "sections.csv": SECTIONS,
    "enrollments.csv": ENROLLMENTS,
    "schools.csv": SCHOOLS,
    "teachers.csv": TEACHERS,
}
# What the first student and the first section of these files become.
STUDENT = {
    "student_id": "007",
    "student_number": "0099",
    "sis_id": "007",
    "first_name": "Ana",
    "last_name": "Diaz",
    "birthdate": "2021-02-11",
    "birthdate_raw": "2/11/2021",
    "grade": "Kindergarten",
    "grade_raw": "KG",
    "school_id": "10",
    "school_ids": "10",
}
SECTION = {
    "section_id": "S1",
    "section_sis_id": "S1",
    "section_name": "Homeroom Diaz",
    "course_id": "HR|Homeroom",
    "course_name": "Homeroom",
    "course_number": "HR",
    "subject": "",
    "period": "0",
    "section_number": "",
    "section_grade": "Kindergarten",
    "section_grade_raw": "K",
    "term_id": "Fall|2026-08-20|2026-12-18",
    "term_name": "Fall",
    "school_id": "10",
    "school_name": "North",
    "teacher_id": "T1",
    "teacher_name": "Eva Diaz",
    "co_teacher_ids": "T2",
    "class_type": "",
}


def read(**changed: str | None) -> Roster:
    """The roster of the files above, some of them replaced (or, by None, left out)."""
    files = FILES | {f"{name}.csv": text for name, text in changed.items()}
    source = open_uploads({name: text.encode() for name, text in files.items() if text is not None})
    return read_clever_csv(source, fetched_at=NOW)


def test_every_table_is_read() -> None:
    """Ids, names, grades, birthdates, terms and courses come out under the roster's own names."""
    roster = read()

    assert roster.source == "clever-csv"
    assert roster.fetched_at == NOW
    assert roster.findings.empty
    assert roster.students.iloc[0].to_dict() == STUDENT
    assert roster.students.iloc[1][["first_name", "grade", "school_ids"]].tolist() == ["NA", "3", "10"]
    assert roster.sections.iloc[0].to_dict() == SECTION
    assert roster.terms.values.tolist() == [["Fall|2026-08-20|2026-12-18", "Fall", "2026-08-20", "2026-12-18"]]
    assert roster.courses["course_id"].tolist() == ["HR|Homeroom", "M3|Math"]
    assert roster.enrollments.student.tolist() == [0, 0, 1]
    assert roster.enrollments.section.tolist() == [0, 1, 1]


def test_a_section_without_a_name_stays_without() -> None:
    """An empty name is the empty text, whatever course, teacher and period say: nothing the file lacks is made up."""
    sections = "Section_id,Teacher_id,Course_name,Period,Name\nS1,T1,Math,4,\nS2,T9,Math,,  \nS3,T1,Math,4,Own name\n"

    names = read(sections=sections, enrollments="Section_id,Student_id\nS1,U2\n").sections["section_name"]

    assert names.tolist() == ["", "", "Own name"]


def test_co_teachers_are_listed_once_in_the_files_order() -> None:
    """Gaps, repeats and the primary teacher again do not count among the co-teachers."""
    header = ",".join(["Section_id", "Teacher_id", *(f"Teacher_{place}_id" for place in range(2, 11))])
    sections = f"{header}\nS1,T1,,T3,T1,T2,,T3,,,T4\nS2,T1,,,,,,,,,\n"

    found = read(sections=sections, enrollments="Section_id,Student_id\nS1,U2\n").sections

    assert found["co_teacher_ids"].tolist() == [ID_SEPARATOR.join(["T3", "T2", "T4"]), ""]
    assert found["teacher_id"].tolist() == ["T1", "T1"]


def test_several_rows_of_one_student_are_one_student() -> None:
    """A row a contact is normal and no finding."""
    roster = read(students=STUDENTS + "10,007,0099,Diaz,Ana,KG,2/11/2021,1 Main St,Free,Cy\n")

    assert len(roster.students) == 2
    assert roster.findings.empty


def test_an_enrollment_says_nothing_of_the_students_school() -> None:
    """An enrollment's School_id is its section's, so a student of another school is still seen to be outside it."""
    roster = read(enrollments="School_id,Section_id,Student_id\n20,S1,007\n")

    assert roster.students["school_ids"].tolist() == ["10", "10"]


def test_a_repeated_student_with_other_content_is_told() -> None:
    """The first row wins, and the other is a finding with its row."""
    roster = read(students=STUDENTS + "10,007,0099,Diaz,Anna,KG,2/11/2021,,,\n")

    assert roster.students["first_name"].tolist() == ["Ana", "NA"]
    assert roster.findings[["code", "file", "row", "student_id"]].values.tolist() == [
        ["conflicting-student", "students.csv", 4, "007"]
    ]


def test_absent_optional_files_cost_a_warning_each() -> None:
    """Without schools.csv and teachers.csv their names read as empty."""
    roster = read(schools=None, teachers=None)

    assert roster.findings[["code", "severity", "file"]].values.tolist() == [
        ["absent-table", "warning", "schools"],
        ["absent-table", "warning", "teachers"],
    ]
    assert roster.sections["teacher_name"].tolist() == ["", ""]
    assert roster.sections["school_name"].tolist() == ["", ""]


def test_only_the_needed_columns_are_needed() -> None:
    """Ids and names alone make a roster."""
    roster = read(
        students="STUDENT ID,first name,Last_Name\nU1,Ana,Diaz\n",
        sections="section id\nS1\n",
        enrollments="student_id,SECTION_ID\nU1,S1\n",
        schools=None,
        teachers=None,
    )

    assert len(roster.enrollments) == 1
    assert set(roster.findings["severity"]) == {"warning"}


def test_blanks_around_ids_do_not_part_them() -> None:
    """A padded id is the same id."""
    roster = read(enrollments="Section_id,Student_id\n S1 ,007\nS1, U2\n")

    assert roster.findings.empty
    assert len(roster.enrollments) == 2


def test_bad_rows_are_told_and_the_rest_is_kept() -> None:
    """A row with too few cells, an unknown student and a row without an id each become a finding with their row."""
    roster = read(
        students=STUDENTS + "10,U3\n10,,1,Roe,Jo,1,1/1/2020,,,\n",
        enrollments=ENROLLMENTS + "10,S1,U3\n10,S9,U2\n10,S1,007\n",
    )

    assert roster.findings[["code", "file", "row", "id"]].values.tolist() == [
        ["unreadable-row", "students.csv", 4, "U3"],
        ["unreadable-row", "students.csv", 5, ""],
        ["unknown-section", "enrollments.csv", 6, "S9"],
        ["unknown-student-in-section", "enrollments.csv", 5, "U3"],
        ["repeated-enrollment", "enrollments.csv", 7, "007"],
    ]
    assert len(roster.students) == 2


def test_nothing_else_of_a_child_is_kept() -> None:
    """Addresses, contacts and lunch status are nowhere in the roster."""
    held = read().students.to_csv() + read().sections.to_csv()

    assert "Main St" not in held
    assert "Free" not in held
    assert "Bo" not in held


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    """The same rows in another order have the same fingerprint."""

    def upside_down(text: str) -> str:
        header, *rows = text.splitlines()
        return "\n".join([header, *reversed(rows)]) + "\n"

    def backwards(text: str) -> str:
        return "\r\n".join(",".join(reversed(line.split(","))) for line in text.splitlines())

    plain = read().fingerprint

    assert plain == read(**{name.removesuffix(".csv"): upside_down(text) for name, text in FILES.items()}).fingerprint
    assert plain == read(**{name.removesuffix(".csv"): backwards(text) for name, text in FILES.items()}).fingerprint
    assert plain != read(enrollments=ENROLLMENTS + "10,S1,U2\n").fingerprint


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"students": None}, "has no students.csv"),
        ({"sections": None}, "has no sections.csv"),
        ({"enrollments": None}, "has no enrollments.csv"),
        ({"students": ""}, "students.csv is empty"),
        ({"schools": ""}, "schools.csv is empty"),
        ({"students": "Student_id,First_name,Last_name\n"}, "students.csv has a header but no rows"),
        ({"sections": "Section_id\n"}, "sections.csv has a header but no rows"),
        ({"students": "Student_id,First_name\nU1,Ana\n"}, "students.csv has no column Last_name"),
        ({"sections": "Name,School_id\nHomeroom,1\n"}, "sections.csv has no column Section_id"),
        ({"enrollments": "Section_id,School_id\nS1,1\n"}, "enrollments.csv has no column Student_id"),
        ({"teachers": "First_name,Last_name\nEva,Diaz\n"}, "teachers.csv has no column Teacher_id"),
        ({"students": STUDENTS.replace("Student_number", "student id")}, "students.csv names the column"),
        ({"students": STUDENTS.replace("Ana", '"Ana')}, "students.csv has a quote that is never closed"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(changed: dict[str, str | None], words: str) -> None:
    """A missing file or column and an unreadable file are told by name."""
    with pytest.raises(InputError) as caught:
        read(**changed)

    assert words in str(caught.value)


def test_a_header_without_rows_is_enough_for_an_optional_file() -> None:
    """schools.csv may be empty but for its header."""
    assert read(schools="School_id,School_name\n").schools.empty


def test_progress_tells_each_file_and_the_last_step() -> None:
    """A person sees which file is being read, and that the end is near."""
    told: list[str] = []
    source = open_uploads({name: text.encode() for name, text in FILES.items()})

    read_clever_csv(source, fetched_at=NOW, progress=lambda what, done, of: told.append(what))

    assert told == [*FILES, "Putting the roster together"]
