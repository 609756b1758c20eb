"""Clever's records, page by page, as the tables of a roster.

A page is turned into Arrow columns as soon as it is read, so that only columns are held of a
large district. v3.0 and v3.1; a student's own fields are taken from `roles.student`, or from
the record itself where there are no roles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.adapters.clever_records import Name, Record, Role, Roles
from roster_core.adapters.columns import as_text
from roster_core.assembly import Table, Tables, load_findings
from roster_core.roster import ID_SEPARATOR, District, id_codes

_TEXT = pa.large_string()


class Collected:
    """The records of one district so far: columns, table by table, in the order they came."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = {}
        self._enrollments: list[pa.Table] = []

    def add(self, table: str, records: Sequence[Record], *, asked: bool = True) -> int:
        """Takes the records of one page of "schools", "terms", "courses", "teachers", "students" or "sections".

        Of users only those with the role of that table are taken; those of whom no role is known
        when they were `asked` for by that role. Gives how many records the table has now.
        """
        parts = self._parts.setdefault(table, [])
        if table in _ROLES:
            records = [record for record in records if _has_role(record, _ROLES[table], asked)]
        before = sum(len(part) for part in parts)
        if table == "sections":
            self._enrollments.append(_enrollments(records, before))
        parts.append(_COLUMNS[table](records))
        return before + len(records)

    def tables(self, files: Mapping[str, str]) -> tuple[Tables, pd.DataFrame]:
        """Everything as the tables of a roster, and the findings of repeated sections.

        `files`: what messages call the source of each table. A table that was never added is None;
        students and sections are there in any case.
        """
        made = {name: self._table(name, files.get(name, name)) for name in _COLUMNS}
        sections = made["sections"] or Table("sections", pd.DataFrame({"section_id": as_text(_texts([]))}), _rows(0))
        students = made["students"] or Table("students", pd.DataFrame({"student_id": as_text(_texts([]))}), _rows(0))
        enrollments, findings = _first_of_each(sections, self._enrollments)
        others = {name: made[name] for name in ("schools", "terms", "courses", "teachers")}
        return Tables(students=students, sections=sections, enrollments=enrollments, **others), findings

    def _table(self, name: str, file: str) -> Table | None:
        if name not in self._parts:
            return None
        whole = pa.concat_tables(self._parts[name])
        frame = pd.DataFrame({column: as_text(whole[column]) for column in whole.column_names})
        return Table(file, frame, _rows(len(frame)))


def district_of(record: Record) -> District:
    """What Clever says of a district."""
    words = ("id", "name", "state", "error", "pause_start", "pause_end", "last_sync")
    return District(**{word: text_of(getattr(record, word)) for word in words})


def text_of(value: object) -> str:
    """A value as text: numbers as they are written, nothing and what is no single value as the empty text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else ""


def _has_role(record: Record, role: str, otherwise: bool) -> bool:
    roles = record.roles
    if not isinstance(roles, Roles):
        return otherwise
    if getattr(roles, role) is not None:
        return True
    known = (roles.student, roles.teacher, roles.staff, roles.district_admin, roles.contact)
    return otherwise and all(held is None for held in known)


def _texts(values: Sequence[Any]) -> pa.LargeStringArray:
    try:
        return pc.fill_null(pa.array(values, _TEXT), "")
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        # Some value is no text: now each is looked at.
        return pa.array([text_of(value) for value in values], _TEXT)


def _schools(records: Sequence[Record]) -> pa.Table:
    return pa.table(
        {
            "school_id": _texts([record.id for record in records]),
            "school_name": _texts([record.name for record in records]),
            "school_number": _texts([record.school_number for record in records]),
        }
    )


def _terms(records: Sequence[Record]) -> pa.Table:
    dates = {name: _texts([getattr(record, name) for record in records]) for name in ("start_date", "end_date")}
    return pa.table(
        {
            "term_id": _texts([record.id for record in records]),
            "term_name": _texts([record.name for record in records]),
            # The documents say a date and time, the recordings a date.
            **{name: pc.utf8_slice_codeunits(texts, 0, 10) for name, texts in dates.items()},
        }
    )


def _courses(records: Sequence[Record]) -> pa.Table:
    return pa.table(
        {
            "course_id": _texts([record.id for record in records]),
            "course_name": _texts([record.name for record in records]),
            "course_number": _texts([record.number for record in records]),
        }
    )


def _teachers(records: Sequence[Record]) -> pa.Table:
    return pa.table(
        {
            "teacher_id": _texts([record.id for record in records]),
            **_names(records),
            "email": _texts([record.email for record in records]),
        }
    )


def _students(records: Sequence[Record]) -> pa.Table:
    roles: list[Role] = [_student_role(record) for record in records]
    schools = [_in_order(role.school, role.schools) for role in roles]
    return pa.table(
        {
            "student_id": _texts([record.id for record in records]),
            "student_number": _texts([role.student_number for role in roles]),
            "sis_id": _texts([role.sis_id for role in roles]),
            **_names(records),
            "birthdate_raw": _texts([role.dob for role in roles]),
            "grade_raw": _texts([role.grade for role in roles]),
            "school_id": _texts([ids[0] if ids else "" for ids in schools]),
            # Sorted after the primary one: Clever's order means nothing, and the fingerprint must not change with it.
            "school_ids": _texts([ID_SEPARATOR.join(ids[:1] + sorted(ids[1:])) for ids in schools]),
        }
    )


def _sections(records: Sequence[Record]) -> pa.Table:
    # The primary teacher is the first one where Clever does not name it.
    teachers = [_in_order(record.teacher, record.teachers) for record in records]
    same = ("subject", "period", "section_number", "term_id")
    return pa.table(
        {
            "section_id": _texts([record.id for record in records]),
            "section_sis_id": _texts([record.sis_id for record in records]),
            "section_name": _texts([record.name for record in records]),
            "course_id": _texts([record.course for record in records]),
            **{name: _texts([getattr(record, name) for record in records]) for name in same},
            "section_grade_raw": _texts([record.grade for record in records]),
            "school_id": _texts([record.school for record in records]),
            "teacher_id": _texts([ids[0] if ids else "" for ids in teachers]),
            "co_teacher_ids": _texts([ID_SEPARATOR.join(ids[1:]) for ids in teachers]),
        }
    )


def _listed(students: Any) -> list[Any]:
    """The students of a section; what stands there in place of a list is one student, read or told as unreadable."""
    if students is None:
        return []
    return students if isinstance(students, list) else [students]


def _enrollments(records: Sequence[Record], before: int) -> pa.Table:
    """`section_id`, `student_id`, and the place of the section's record (int64, counted from 0) a student."""
    lists = [_listed(record.students) for record in records]
    places = np.repeat(np.arange(len(records)), [len(ids) for ids in lists])
    return pa.table(
        {
            "section_id": _texts([record.id for record in records]).take(pa.array(places, pa.int64())),
            "student_id": _texts(list(chain.from_iterable(lists))),
            "place": pa.array(places + before, pa.int64()),
        }
    )


_COLUMNS: dict[str, Callable[[Sequence[Record]], pa.Table]] = {
    "schools": _schools,
    "terms": _terms,
    "courses": _courses,
    "teachers": _teachers,
    "students": _students,
    "sections": _sections,
}
_ROLES = {"teachers": "teacher", "students": "student"}


def _names(records: Sequence[Record]) -> dict[str, pa.Array]:
    names = [record.name if isinstance(record.name, Name) else Name() for record in records]
    return {
        "first_name": _texts([name.first for name in names]),
        "last_name": _texts([name.last for name in names]),
    }


def _student_role(record: Record) -> Role:
    role = record.roles.student if isinstance(record.roles, Roles) else None
    return role if isinstance(role, Role) else record


def _in_order(first: object, others: object) -> list[str]:
    """The ids, each once, `first` before the others, which keep their order."""
    if type(first) is str and others == [first] and first:
        return others
    listed = others if isinstance(others, list) else [others]
    return [text for text in dict.fromkeys(map(text_of, (first, *listed))) if text]


def _rows(count: int) -> np.ndarray:
    return np.arange(1, count + 1, dtype=np.int64)


def _first_of_each(sections: Table, parts: list[pa.Table]) -> tuple[Table, pd.DataFrame]:
    """The enrollments of the first record of each section, and a finding for each later one with other students.

    Pages may overlap: a section that comes twice has not its students twice.
    """
    whole = pa.concat_tables(parts) if parts else _enrollments([], 0)
    place = whole["place"].to_numpy()
    frame = pd.DataFrame({name: as_text(whole[name]) for name in ("section_id", "student_id")})
    ids = sections.frame["section_id"]
    again = (ids.duplicated() & (ids != "")).to_numpy()
    if not again.any():
        return Table(sections.file, frame, place + 1), load_findings("", "", "", [], [], [])
    # The sum of the students' hashes tells one class list from another, in whatever order.
    sums = np.zeros(len(ids), dtype=np.uint64)
    np.add.at(sums, place, pd.util.hash_array(frame["student_id"].to_numpy(dtype=object)))
    firsts = np.flatnonzero(~again)
    other = again & (sums != sums[firsts[id_codes(ids, ids[firsts])]])
    message = " is listed again with other students. The first list was used. Load again."
    told = load_findings(
        "conflicting-section",
        "blocker",
        sections.file,
        sections.row[other],
        ids[other],
        "section " + ids[other] + message,
        section_ids=ids[other],
    )
    kept = ~again[place]
    return Table(sections.file, frame[kept].reset_index(drop=True), place[kept] + 1), told
