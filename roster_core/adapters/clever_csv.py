"""Clever's SFTP files: students.csv, sections.csv, enrollments.csv, and schools.csv and teachers.csv where present.

Columns as Clever's SFTP guide names them (support.clever.com 000001482). Of each file only the
columns named here are ever kept: no address, no contact, no lunch or disability status.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.adapters.columns import as_text, renamed, trimmed
from roster_core.adapters.csv_tables import read_csv_table
from roster_core.adapters.files import Source
from roster_core.assembly import Table, Tables, assemble
from roster_core.roster import ID_SEPARATOR, District, Progress, Roster
from roster_core.vocabulary import normalise_birthdate, text_array

_TEACHER_IDS = ("Teacher_id", *(f"Teacher_{place}_id" for place in range(2, 11)))

# file -> (required columns, other columns that are kept, must it be there and have rows)
_FILES: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    "students.csv": (
        ("Student_id", "First_name", "Last_name"),
        ("School_id", "Student_number", "Grade", "DOB"),
        True,
    ),
    "sections.csv": (
        ("Section_id",),
        (
            "School_id",
            *_TEACHER_IDS,
            *("Name", "Section_number", "Grade", "Course_name", "Course_number", "Period", "Subject"),
            *("Term_name", "Term_start", "Term_end"),
        ),
        True,
    ),
    "enrollments.csv": (("Section_id", "Student_id"), (), True),
    "schools.csv": (("School_id",), ("School_name", "School_number"), False),
    "teachers.csv": (("Teacher_id",), ("First_name", "Last_name", "Teacher_email"), False),
}


def read_clever_csv(source: Source, *, fetched_at: datetime, progress: Progress | None = None) -> Roster:
    """A roster from the files Clever takes by SFTP.

    Ids are the file's own, which are the SIS's. Several rows of one student (one a contact) are
    one student. A student's school is that of the student's row: an enrollment's is its section's.
    Terms and courses are built from the sections. Blanks around cells are dropped. `progress` is
    called for each file, large ones several times.

    Raises InputError: a required file or column is absent, or a file cannot be read.
    """
    tables, findings = {}, []
    for file, (required, optional, needed) in _FILES.items():
        if not needed and file not in source:
            continue
        read = read_csv_table(
            source,
            file,
            required=required,
            optional=optional,
            id_column=required[-1] if file == "enrollments.csv" else required[0],
            rows_needed=needed,
            progress=progress,
        )
        tables[file] = trimmed(read.table)
        findings.append(read.findings)
    if progress:
        progress("Putting the roster together", 0, None)
    return assemble(
        _tables(tables),
        district=District(),
        source="clever-csv",
        fetched_at=fetched_at,
        findings=pd.concat(findings, ignore_index=True),
    )


_ENROLLMENT_NAMES = {"Section_id": "section_id", "Student_id": "student_id"}
_SCHOOL_NAMES = {"School_id": "school_id", "School_name": "school_name", "School_number": "school_number"}
_TEACHER_NAMES = {
    "Teacher_id": "teacher_id",
    "First_name": "first_name",
    "Last_name": "last_name",
    "Teacher_email": "email",
}


def _tables(read: dict[str, Table]) -> Tables:
    sections, enrollments = read["sections.csv"], read["enrollments.csv"]
    schools, teachers = read.get("schools.csv"), read.get("teachers.csv")
    terms, term_ids = _terms(sections)
    courses, course_ids = _courses(sections)
    return Tables(
        students=_students(read["students.csv"]),
        sections=_sections(sections, term_ids, course_ids),
        enrollments=renamed(enrollments, _ENROLLMENT_NAMES),
        schools=schools and renamed(schools, _SCHOOL_NAMES),
        terms=terms,
        courses=courses,
        teachers=teachers and renamed(teachers, _TEACHER_NAMES),
    )


def _students(table: Table) -> Table:
    written = table.frame
    frame = pd.DataFrame(
        {
            "student_id": written["Student_id"],
            "student_number": written["Student_number"],
            "sis_id": written["Student_id"],
            "first_name": written["First_name"],
            "last_name": written["Last_name"],
            "birthdate_raw": written["DOB"],
            "grade_raw": written["Grade"],
            "school_id": written["School_id"],
            "school_ids": written["School_id"],
        }
    )
    return Table(table.file, frame, table.row)


def _sections(table: Table, term_ids: pd.Series, course_ids: pd.Series) -> Table:
    written = table.frame
    frame = pd.DataFrame(
        {
            "section_id": written["Section_id"],
            "section_sis_id": written["Section_id"],
            "section_name": written["Name"],
            "course_id": course_ids,
            "course_name": written["Course_name"],
            "course_number": written["Course_number"],
            "subject": written["Subject"],
            "period": written["Period"],
            "section_number": written["Section_number"],
            "section_grade_raw": written["Grade"],
            "term_id": term_ids,
            "term_name": written["Term_name"],
            "school_id": written["School_id"],
            "teacher_id": written["Teacher_id"],
            "co_teacher_ids": _co_teachers(written),
        }
    )
    return Table(table.file, frame, table.row)


def _co_teachers(sections: pd.DataFrame) -> pd.Series:
    """The ids of the second to tenth teacher in the file's order, each once, the primary one left out."""
    seen = [sections[_TEACHER_IDS[0]]]
    for name in _TEACHER_IDS[1:]:
        ids = sections[name]
        repeated = np.logical_or.reduce([(ids == earlier).to_numpy() for earlier in seen])
        seen.append(ids.mask(repeated, ""))
    return _joined([text_array(ids) for ids in seen[1:]], ID_SEPARATOR)


def _joined(parts: list[pa.Array], separator: str) -> pd.Series:
    """The parts that are not empty, joined row by row."""
    text = pa.large_string()
    filled = [pc.if_else(pc.equal(part, ""), pa.scalar(None, text), part) for part in parts]
    # An empty part that is always there: Arrow 26 leaves a row out of its answer when all its parts are null.
    always = pa.array([""] * len(filled[0]), text)
    joined = pc.binary_join_element_wise(always, *filled, pa.scalar(separator, text), null_handling="skip")
    return as_text(pc.utf8_slice_codeunits(joined, start=len(separator)))


def _terms(sections: Table) -> tuple[Table, pd.Series]:
    """The terms the sections name, and each section's term id: its name and dates, as Clever tells terms apart."""
    written = sections.frame
    start, end = normalise_birthdate(written["Term_start"]), normalise_birthdate(written["Term_end"])
    ids = _made_id(written["Term_name"], start, end)
    frame = pd.DataFrame({"term_id": ids, "term_name": written["Term_name"], "start_date": start, "end_date": end})
    return _distinct(sections, frame, "term_id"), ids


def _courses(sections: Table) -> tuple[Table, pd.Series]:
    """The courses the sections name, and each section's course id: number and name, as Clever tells courses apart."""
    name, number = sections.frame["Course_name"], sections.frame["Course_number"]
    ids = _made_id(number, name)
    frame = pd.DataFrame({"course_id": ids, "course_name": name, "course_number": number})
    return _distinct(sections, frame, "course_id"), ids


def _made_id(*parts: pd.Series) -> pd.Series:
    mark = pa.scalar("|", pa.large_string())
    return as_text(pc.utf8_rtrim(pc.binary_join_element_wise(*map(text_array, parts), mark), "|"))


def _distinct(sections: Table, frame: pd.DataFrame, id_column: str) -> Table:
    first = (~frame[id_column].duplicated() & (frame[id_column] != "")).to_numpy()
    return Table(sections.file, frame[first].reset_index(drop=True), sections.row[first])
