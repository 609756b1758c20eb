"""From the rows a source wrote to a roster: first row of an id wins, names are joined, nothing is silently dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.roster import (
    COURSE_COLUMNS,
    FINDING_COLUMNS,
    SCHOOL_COLUMNS,
    SECTION_COLUMNS,
    STUDENT_COLUMNS,
    TEACHER_COLUMNS,
    TERM_COLUMNS,
    District,
    Enrollments,
    Roster,
    id_codes,
    looked_up,
)
from roster_core.vocabulary import normalise_birthdate, normalise_grade, text_array


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows as a source wrote them.

    `frame`: all columns `str`, nothing is the empty text. `row`: int64, for each row its
    number in the file (the header is row 1), or the record's place counted from 1.
    """

    file: str
    frame: pd.DataFrame
    row: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """What a source hands over. Columns may be left out; they read as empty.

    students: student_id, student_number, sis_id, first_name, last_name, birthdate_raw, grade_raw,
    school_id (primary), school_ids (all, joined by `ID_SEPARATOR`).
    sections: the columns of `SECTION_COLUMNS` with section_grade_raw; course_name, course_number
    and term_name may be empty where course_id and term_id lead to them.
    enrollments: section_id, student_id. The others as their columns in `roster`; None where the
    source has no such table.
    """

    students: Table
    sections: Table
    enrollments: Table
    schools: Table | None = None
    terms: Table | None = None
    courses: Table | None = None
    teachers: Table | None = None


def assemble(
    tables: Tables,
    *,
    district: District,
    source: str,
    fetched_at: datetime,
    findings: pd.DataFrame | None = None,
) -> Roster:
    """A roster from a source's rows; what is wrong with single rows becomes its load findings.

    `fetched_at` is an aware datetime. `findings` are those the source already has
    (`load_findings`). Costs a sort of each table; the enrollments are handled as arrays.
    """
    told = [] if findings is None else [findings]
    schools = _optional(tables.schools, "schools", SCHOOL_COLUMNS, told)
    terms = _optional(tables.terms, "terms", TERM_COLUMNS, told)
    courses = _optional(tables.courses, "courses", COURSE_COLUMNS, told)
    teachers = _optional(tables.teachers, "teachers", TEACHER_COLUMNS, told)
    students = _by_id(_students(tables.students), "student_id", "conflicting-student", told)
    sections = _by_id(_sections(tables.sections), "section_id", "conflicting-section", told)
    sections = _join_names(sections, schools, terms, courses, teachers)
    enrollments = _enrollments(tables.enrollments, students, sections, told)
    return Roster(
        district=district,
        source=source,
        fetched_at=fetched_at,
        schools=schools,
        terms=terms,
        courses=courses,
        teachers=teachers,
        sections=sections,
        students=students,
        enrollments=enrollments,
        findings=_joined(told),
    )


def load_findings(
    code: str,
    severity: str,
    file: str,
    rows: Sequence[int] | np.ndarray,
    ids: Sequence[str] | pd.Series,
    messages: Sequence[str] | pd.Series,
    *,
    student_ids: Sequence[str] | pd.Series | str = "",
    section_ids: Sequence[str] | pd.Series | str = "",
) -> pd.DataFrame:
    """Load findings as a frame of `FINDING_COLUMNS`: one row for each of `rows` (row 0 is the file as a whole)."""

    def column(values: Sequence[str] | pd.Series | str) -> pd.Series:
        spread = [values] * len(rows) if isinstance(values, str) else np.asarray(values, dtype=object)
        return pd.Series(spread, dtype="str")

    return pd.DataFrame(
        {
            "code": column(code),
            "severity": column(severity),
            "file": column(file),
            "row": np.asarray(rows, dtype=np.int64),
            "id": column(ids),
            "student_id": column(student_ids),
            "section_id": column(section_ids),
            "message": column(messages),
        }
    )


def _joined(told: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in told if len(frame)]
    empty = load_findings("", "", "", [], [], [])
    return pd.concat(filled, ignore_index=True)[list(FINDING_COLUMNS)] if filled else empty


def _with_columns(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The named columns, in order; one the source did not have is empty."""
    empty = pd.Series("", index=frame.index, dtype="str")
    return pd.DataFrame({name: frame.get(name, empty) for name in columns}, index=frame.index)


def _students(table: Table) -> Table:
    frame = _with_columns(table.frame, STUDENT_COLUMNS)
    frame["birthdate"] = normalise_birthdate(frame["birthdate_raw"])
    frame["grade"] = normalise_grade(frame["grade_raw"])
    frame["school_ids"] = frame["school_ids"].where(frame["school_ids"] != "", frame["school_id"])
    return Table(table.file, frame, table.row)


def _sections(table: Table) -> Table:
    frame = _with_columns(table.frame, SECTION_COLUMNS)
    frame["section_grade"] = normalise_grade(frame["section_grade_raw"])
    return Table(table.file, frame, table.row)


def _optional(table: Table | None, name: str, columns: tuple[str, ...], told: list[pd.DataFrame]) -> pd.DataFrame:
    if table is None:
        message = f"The source has no {name}; their names read as empty."
        told.append(load_findings("absent-table", "warning", name, [0], [""], [message]))
        return pd.DataFrame({column: pd.Series([], dtype="str") for column in columns})
    whole = Table(table.file, _with_columns(table.frame, columns), table.row)
    return _by_id(whole, columns[0], "conflicting-record", told)


def _by_id(table: Table, id_column: str, conflict_code: str, told: list[pd.DataFrame]) -> pd.DataFrame:
    """One row an id, sorted by id. The first row wins; rows that differ from it are told."""
    ids = table.frame[id_column]
    nameless = (ids == "").to_numpy()
    if nameless.any():
        message = f"This row has no {id_column}, so nobody can be found by it. Fill it in and load again."
        told.append(_unreadable(table, nameless, [""] * int(nameless.sum()), message))
    frame, row = table.frame[~nameless], table.row[~nameless]
    repeated = frame[id_column].duplicated().to_numpy()
    first = frame[~repeated]
    if repeated.any():
        told.append(_conflicts(table.file, first, frame[repeated], row[repeated], id_column, conflict_code))
    return first.sort_values(id_column, kind="stable", ignore_index=True)


def _unreadable(table: Table, chosen: np.ndarray, ids: Sequence[str] | pd.Series, message: str) -> pd.DataFrame:
    rows = table.row[chosen]
    return load_findings("unreadable-row", "blocker", table.file, rows, ids, [message] * len(rows))


def _conflicts(
    file: str, first: pd.DataFrame, repeats: pd.DataFrame, rows: np.ndarray, id_column: str, code: str
) -> pd.DataFrame:
    """Findings for the repeats of an id whose content is not that of its first row."""
    winners = first.iloc[id_codes(repeats[id_column], first[id_column])]
    compared = [name for name in first.columns if not (name.endswith("_raw") or name == "school_ids")]
    differs = {name: (repeats[name].to_numpy() != winners[name].to_numpy()) for name in compared}
    # Where neither writing could be read, two different writings are two different contents.
    for read, raw in (("birthdate", "birthdate_raw"), ("grade", "grade_raw"), ("section_grade", "section_grade_raw")):
        if read in differs:
            unread = ((repeats[read] == "").to_numpy()) & ((winners[read] == "").to_numpy())
            differs[read] |= unread & (repeats[raw].to_numpy() != winners[raw].to_numpy())
    conflicting = np.logical_or.reduce(list(differs.values()))
    ids = repeats[id_column][conflicting]
    words = pd.Series([""] * len(ids), dtype="str", index=ids.index)
    for name, mask in differs.items():
        words = words.where(~mask[conflicting], words + f"{name.removesuffix('_id')}, ")
    noun = id_column.removesuffix("_id")
    messages = (
        f"{noun} " + ids + " is listed again with another " + words.str.removesuffix(", ")
        + ". The first row was used. Keep the right one and load again."
    )  # fmt: skip
    mine = {f"{noun}_ids": ids} if noun in ("student", "section") else {}
    severity = "warning" if code == "conflicting-record" else "blocker"
    return load_findings(code, severity, file, rows[conflicting], ids, messages, **mine)


def _join_names(
    sections: pd.DataFrame, schools: pd.DataFrame, terms: pd.DataFrame, courses: pd.DataFrame, teachers: pd.DataFrame
) -> pd.DataFrame:
    """The derived columns of the sections; what the section row says itself wins over the joined table."""
    full_name = pd.Series(
        pd.array(fold_full_name(teachers["first_name"], teachers["last_name"]), dtype="str"), index=teachers.index
    )
    joined = sections.assign(
        school_name=looked_up(sections["school_id"], schools["school_id"], schools["school_name"]),
        teacher_name=looked_up(sections["teacher_id"], teachers["teacher_id"], full_name),
    )
    for column, key, table in (
        ("course_name", "course_id", courses),
        ("course_number", "course_id", courses),
        ("term_name", "term_id", terms),
    ):
        found = looked_up(sections[key], table[key], table[column])
        joined[column] = sections[column].where(sections[column] != "", found)
    return joined[list(SECTION_COLUMNS)]


def fold_full_name(first: pd.Series, last: pd.Series) -> pa.Array:
    """"First Last", trimmed where one of them is empty; a large_string array as long as the series."""
    blank = pa.scalar(" ", pa.large_string())
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(text_array(first), text_array(last), blank))


def _enrollments(
    table: Table, students: pd.DataFrame, sections: pd.DataFrame, told: list[pd.DataFrame]
) -> Enrollments:
    frame = _with_columns(table.frame, ("section_id", "student_id"))
    blank = ((frame["section_id"] == "") | (frame["student_id"] == "")).to_numpy()
    if blank.any():
        # One of the two ids is empty, so both together are the other.
        named = (frame["section_id"] + frame["student_id"])[blank]
        told.append(_unreadable(table, blank, named, "This enrollment names no section or no student. Fill it in."))
    student = id_codes(frame["student_id"], students["student_id"])
    section = id_codes(frame["section_id"], sections["section_id"])
    _tell(told, table, frame, ~blank & (section < 0), "unknown-section", "is not among the sections")
    lost = ~blank & (section >= 0) & (student < 0)
    _tell(told, table, frame, lost, "unknown-student-in-section", "is not among the students")
    good = np.flatnonzero((student >= 0) & (section >= 0) & ~blank)
    key = student[good].astype(np.int64) * max(len(sections), 1) + section[good]
    order = np.argsort(key, kind="stable")
    repeat = np.concatenate(([False], np.diff(key[order]) == 0))[: len(order)]
    again = np.zeros(len(frame), dtype=bool)
    again[good[order[repeat]]] = True
    _tell(told, table, frame, again, "repeated-enrollment", "is listed in this section before; it counts once")
    kept = good[order[~repeat]]
    arrays = Enrollments(student[kept], section[kept])
    arrays.student.setflags(write=False)
    arrays.section.setflags(write=False)
    return arrays


def _tell(
    told: list[pd.DataFrame], table: Table, frame: pd.DataFrame, chosen: np.ndarray, code: str, what: str
) -> None:
    """Add one finding for each chosen enrollment; its message names both ids."""
    if not chosen.any():
        return
    bad = frame[chosen]
    if code == "unknown-section":
        messages = "section " + bad["section_id"] + f" {what} (student " + bad["student_id"] + ")."
        ids = bad["section_id"]
    else:
        messages = "student " + bad["student_id"] + f" {what} (section " + bad["section_id"] + ")."
        ids = bad["student_id"]
    told.append(
        load_findings(
            code,
            "warning",
            table.file,
            table.row[chosen],
            ids,
            messages,
            student_ids=bad["student_id"],
            section_ids=bad["section_id"],
        )
    )
