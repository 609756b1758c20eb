"""A small clean district, and any one fault planted in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from roster_core.assembly import Table, Tables, assemble
from roster_core.roster import ID_SEPARATOR, District, Roster
from roster_core.rules import Condition, Rule, RuleSet

#: When the district was fetched, and the day everything is judged by.
FETCHED = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)

#: Every student of the clean district is in exactly one homeroom.
HOMEROOMS = RuleSet(name="Homerooms", rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),)),))

DISTRICT = District(id="d1", name="Springfield USD", state="running", last_sync="2026-11-23T04:00:00Z")

Rows = list[dict[str, str]]


def clean_rows() -> dict[str, Rows]:
    """The tables of the clean district: 2 schools, 8 students of grades 1 and 2, 2 homerooms and one of maths each."""
    students = [_student(number) for number in range(1, 9)]
    rooms = {"A": ("h1", "m1"), "B": ("h2", "m1")}
    enrollments = [
        {"student_id": row["student_id"], "section_id": section}
        for row in students
        for section in rooms[row["school_id"]]
    ]
    return {
        "students": students,
        "enrollments": enrollments,
        "sections": [
            _section("h1", "Homeroom 1", "A", "t1"),
            _section("h2", "Homeroom 2", "B", "t2"),
            _section("m1", "Math", "A", "t1"),
        ],
        "schools": [
            {"school_id": key, "school_name": f"School {key}", "school_number": key} for key in "AB"
        ],
        "terms": [
            {"term_id": "y", "term_name": "Year", "start_date": "2026-08-20", "end_date": "2027-06-10"},
            {"term_id": "old", "term_name": "Last year", "start_date": "2025-08-20", "end_date": "2026-06-10"},
        ],
        "courses": [{"course_id": "c1", "course_name": "Core", "course_number": "1"}],
        "teachers": [
            {"teacher_id": key, "first_name": "Terry", "last_name": f"Last{key}", "email": f"{key}@school.example"}
            for key in ("t1", "t2")
        ],
    }  # fmt: skip


def district(
    *,
    changed: Mapping[str, Mapping[str, str]] | None = None,
    added: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
    enrolled: Sequence[tuple[str, str]] = (),
    unenrolled: Sequence[tuple[str, str]] = (),
    without: Sequence[str] = (),
    about: District = DISTRICT,
    source: str = "clever",
    fetched_at: datetime = FETCHED,
) -> Roster:
    """The clean district with some cells changed (by the id of their row), rows added to tables, (student, section)
    enrollments added or taken out, and optional tables left out.
    """
    rows = clean_rows()
    kept = [row for row in rows["enrollments"] if (row["student_id"], row["section_id"]) not in unenrolled]
    rows["enrollments"] = kept + [{"student_id": student, "section_id": section} for student, section in enrolled]
    for table, more in (added or {}).items():
        # A row added under a known id starts as a copy of it: a repeat with other content.
        known = {_id(row): row for row in rows[table]}
        rows[table] += [{**known.get(_id(row), {}), **row} for row in more]
    for key, cells in (changed or {}).items():
        named = (row for table, listed in rows.items() if table != "enrollments" for row in listed if _id(row) == key)
        next(named).update(cells)
    tables = {name: _table(f"{name}.csv", listed) for name, listed in rows.items() if name not in without}
    return assemble(Tables(**tables), district=about, source=source, fetched_at=fetched_at)


def schools(*ids: str) -> str:
    """Several school ids as one cell holds them."""
    return ID_SEPARATOR.join(ids)


def _student(number: int) -> dict[str, str]:
    """Students 1 to 4 are of school A, the others of B; odd ones in grade 1, even ones in grade 2."""
    school = "A" if number <= 4 else "B"
    return {
        "student_id": f"u{number}", "student_number": f"100{number}", "sis_id": f"sis{number}",
        "first_name": f"First{number}", "last_name": f"Last{number}", "grade_raw": "1" if number % 2 else "2",
        "birthdate_raw": f"{2020 if number % 2 else 2019}-03-0{number}", "school_id": school, "school_ids": school,
    }  # fmt: skip


def _section(key: str, name: str, school: str, teacher: str) -> dict[str, str]:
    return {
        "section_id": key, "section_name": name, "school_id": school, "teacher_id": teacher, "term_id": "y",
        "course_id": "c1", "section_sis_id": f"sis-{key}", "subject": "core", "period": "1",
    }  # fmt: skip


def _id(row: Mapping[str, str]) -> str:
    return next(iter(row.values()))


def _table(file: str, rows: Rows) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame = pd.DataFrame({name: pd.Series([row.get(name, "") for row in rows], dtype="str") for name in names})
    return Table(file, frame, np.arange(2, len(rows) + 2, dtype=np.int64))
