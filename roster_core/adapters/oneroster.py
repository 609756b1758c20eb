"""OneRoster 1.1 and 1.2 CSV: who counts, and what becomes which column.

Columns as 1EdTech's CSV binding names them. Version 1.1 writes a user's role and schools in
users.csv, version 1.2 in roles.csv. Only the columns named here are ever kept; `metadata.*`,
user names, passwords, phones and the other demographics are not.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from roster_core.adapters.columns import among, chosen, first_items, joined_items, list_items, renamed, trimmed
from roster_core.adapters.csv_tables import CsvTable, read_csv_table
from roster_core.adapters.files import Source
from roster_core.adapters.oneroster_people import People, counts, ended, read_people, schools
from roster_core.assembly import Table, Tables, assemble
from roster_core.errors import InputError
from roster_core.roster import District, Progress, Roster, id_codes
from roster_core.vocabulary import normalise_birthdate

# file -> (required columns, other columns that are kept)
_FILES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "users.csv": (
        ("sourcedId", "givenName", "familyName"),
        ("status", "enabledUser", "orgSourcedIds", "role", "identifier", "email", "grades"),
    ),
    "classes.csv": (
        ("sourcedId", "title"),
        (
            *("status", "grades", "courseSourcedId", "classCode", "classType", "schoolSourcedId"),
            *("termSourcedIds", "subjects", "periods"),
        ),
    ),
    "enrollments.csv": (("classSourcedId", "userSourcedId", "role"), ("status", "primary", "endDate")),
    "roles.csv": (("userSourcedId", "role"), ("status", "roleType", "endDate", "orgSourcedId")),
    "orgs.csv": (("sourcedId", "name"), ("status", "type", "identifier")),
    "academicSessions.csv": (("sourcedId", "title"), ("status", "startDate", "endDate")),
    "courses.csv": (("sourcedId", "title"), ("status", "courseCode")),
    "demographics.csv": (("birthDate",), ("sourcedId", "userSourcedId", "status")),
}
_NEEDED = ("users.csv", "classes.csv", "enrollments.csv")


def read_oneroster(source: Source, *, fetched_at: datetime, progress: Progress | None = None) -> Roster:
    """A roster from a OneRoster 1.1 or 1.2 bulk export.

    Does not count, and is no finding: a record whose status is `tobedeleted` or `inactive`, a
    user with `enabledUser` false, a role or enrollment whose endDate lies before the day of
    `fetched_at`, and what such records lead to. A file in which every enrollment has ended is
    read as of the last of those days, so that last year's export still shows its last term.

    A sourcedId is both the id and the SIS id. A class gives title -> section_name and classCode ->
    section_number; its teacher is the one whose enrollment is primary, else the first by id; the
    others are co-teachers, by id. Of several terms the current one counts, else the first; of
    several grades none. A user's identifier is the student number.

    Raises InputError: a required file or column is absent, a file cannot be read, or the
    manifest says that a file is a delta.
    """
    _refuse_delta(source)
    read = {file: _read(source, file, progress) for file in _FILES if file in _NEEDED or file in source}
    _check_roles(read)
    tables = {file: trimmed(part.table) for file, part in read.items()}
    if progress:
        progress("Putting the roster together", 0, None)
    as_of = _as_of(tables["enrollments.csv"].frame, fetched_at)
    orgs = _counting_where_read(tables, "orgs.csv")
    people = read_people(tables, orgs, as_of)
    return assemble(
        _tables(tables, people, orgs, as_of),
        district=District(name=_district_name(orgs)),
        source="oneroster",
        fetched_at=fetched_at,
        findings=pd.concat([part.findings for part in read.values()], ignore_index=True),
    )


def _refuse_delta(source: Source) -> None:
    if "manifest.csv" not in source:
        return
    manifest = trimmed(read_csv_table(source, "manifest.csv", required=("propertyName", "value")).table).frame
    delta = manifest[(manifest["value"].str.lower() == "delta").to_numpy()]["propertyName"]
    wanted = {f"file.{file.removesuffix('.csv')}".lower() for file in _FILES}
    partial = sorted(name for name in delta if name.lower() in wanted)
    if partial:
        raise InputError(
            f"manifest.csv says {', '.join(partial)} = delta: only what changed, not the whole roster."
            " Ask for a bulk export and load that."
        )


def _read(source: Source, file: str, progress: Progress | None) -> CsvTable:
    required, optional = _FILES[file]
    id_column = {"enrollments.csv": "userSourcedId", "roles.csv": "userSourcedId"}.get(file, "sourcedId")
    return read_csv_table(
        source,
        file,
        required=required,
        optional=optional,
        id_column=id_column,
        rows_needed=file in _NEEDED,
        progress=progress,
    )


def _check_roles(read: dict[str, CsvTable]) -> None:
    if "roles.csv" not in read and "role" not in read["users.csv"].present:
        raise InputError(
            "users.csv has no column role and there is no roles.csv, so nobody can be told a student."
            " Add roles.csv (OneRoster 1.2) or the column role (1.1) and load again."
        )
    demographics = read.get("demographics.csv")
    if demographics and not demographics.present & {"sourcedId", "userSourcedId"}:
        raise InputError("demographics.csv has no column sourcedId. Add it, with each user's id, and load again.")


def _as_of(enrollments: pd.DataFrame, fetched_at: datetime) -> str:
    """The ISO day on which enrollments and roles must not have ended."""
    today = fetched_at.date().isoformat()
    ends = normalise_birthdate(enrollments["endDate"][counts(enrollments) & _is(enrollments["role"], "student")])
    if not len(ends) or ((ends == "") | (ends >= today)).any():
        return today
    return str(ends.max())


def _counting(table: Table) -> Table:
    return chosen(table, counts(table.frame))


def _counting_where_read(read: dict[str, Table], file: str) -> Table | None:
    return _counting(read[file]) if file in read else None


def _is(cells: pd.Series, word: str) -> np.ndarray:
    return (cells.str.lower() == word).to_numpy(dtype=bool)


def _district_name(orgs: Table | None) -> str:
    """The name of the one district among the organisations; the empty text for none or several."""
    if orgs is None:
        return ""
    names = orgs.frame["name"][_is(orgs.frame["type"], "district")].unique()
    return str(names[0]) if len(names) == 1 else ""


def _tables(read: dict[str, Table], people: People, orgs: Table | None, as_of: str) -> Tables:
    sessions = _sessions(_counting_where_read(read, "academicSessions.csv"))
    courses = _counting_where_read(read, "courses.csv")
    all_classes = read["classes.csv"]
    classes = _counting(all_classes)
    enrollments = _enrollments(read["enrollments.csv"], people, all_classes.frame, classes.frame, as_of)
    of_students = chosen(enrollments, _is(enrollments.frame["role"], "student"))
    of_teachers = chosen(enrollments, _is(enrollments.frame["role"], "teacher"))
    return Tables(
        students=people.students,
        sections=_sections(classes, of_teachers.frame, sessions, as_of),
        enrollments=renamed(of_students, {"classSourcedId": "section_id", "userSourcedId": "student_id"}),
        schools=_schools(orgs),
        terms=sessions,
        courses=courses
        and renamed(courses, {"sourcedId": "course_id", "title": "course_name", "courseCode": "course_number"}),
        teachers=people.teachers(of_teachers.frame["userSourcedId"]),
    )


def _schools(orgs: Table | None) -> Table | None:
    names = {"sourcedId": "school_id", "name": "school_name", "identifier": "school_number"}
    return orgs and renamed(schools(orgs), names)


def _sessions(sessions: Table | None) -> Table | None:
    if sessions is None:
        return None
    written = sessions.frame
    frame = pd.DataFrame(
        {
            "term_id": written["sourcedId"],
            "term_name": written["title"],
            "start_date": normalise_birthdate(written["startDate"]),
            "end_date": normalise_birthdate(written["endDate"]),
        }
    )
    return Table(sessions.file, frame, sessions.row)


def _enrollments(table: Table, people: People, all_classes: pd.DataFrame, classes: pd.DataFrame, as_of: str) -> Table:
    """The enrollments that count: alive, not ended, and of no person or class that does not count."""
    frame = table.frame
    left_out = people.not_counting(frame["userSourcedId"], frame["role"])
    closed = among(frame["classSourcedId"], all_classes["sourcedId"])
    closed &= ~among(frame["classSourcedId"], classes["sourcedId"])
    return chosen(table, counts(frame) & ~ended(frame, as_of) & ~left_out & ~closed)


def _sections(classes: Table, teaching: pd.DataFrame, sessions: Table | None, as_of: str) -> Table:
    written = classes.frame
    teacher, co_teachers = _teachers(written["sourcedId"], teaching)
    grade_owner, grade = list_items(written["grades"])
    single = np.bincount(grade_owner, minlength=len(written)) == 1
    frame = pd.DataFrame(
        {
            "section_id": written["sourcedId"],
            "section_sis_id": written["sourcedId"],
            "section_name": written["title"],
            "course_id": written["courseSourcedId"],
            "subject": written["subjects"],
            "period": written["periods"],
            "section_number": written["classCode"],
            "section_grade_raw": first_items(grade_owner, grade, len(written)).where(single, ""),
            "term_id": _current_term(written["termSourcedIds"], sessions, as_of),
            "school_id": written["schoolSourcedId"],
            "teacher_id": teacher,
            "co_teacher_ids": co_teachers,
            "class_type": written["classType"],
        }
    )
    return Table(classes.file, frame, classes.row)


def _current_term(lists: pd.Series, sessions: Table | None, as_of: str) -> pd.Series:
    """Of each list of terms the first that is current on the day `as_of`, else the first."""
    owner, term = list_items(lists)
    if sessions is not None:
        terms = sessions.frame
        current = terms["term_id"][(terms["start_date"] <= as_of) & (terms["end_date"] >= as_of)]
        order = np.lexsort((~among(term, current), owner))
        owner, term = owner[order], term.iloc[order].reset_index(drop=True)
    return first_items(owner, term, len(lists))


def _teachers(class_ids: pd.Series, teaching: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The primary teacher of each class, and the other teachers' ids, joined."""
    rows = pd.DataFrame(
        {
            "owner": id_codes(teaching["classSourcedId"], class_ids).astype(np.int64),
            "second": ~_is(teaching["primary"], "true"),
            "teacher": teaching["userSourcedId"],
        }
    )
    rows = rows[(rows["owner"] >= 0) & (rows["teacher"] != "")].sort_values(["owner", "second", "teacher"])
    rows = rows.drop_duplicates(["owner", "teacher"])
    leads = ~rows["owner"].duplicated()
    others = rows[~leads]
    count = len(class_ids)
    first = first_items(rows["owner"].to_numpy(), rows["teacher"].reset_index(drop=True), count)
    return first, joined_items(others["owner"].to_numpy(), others["teacher"], count)
