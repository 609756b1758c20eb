"""A stored roster brought up to date by Clever's events: the same roster that a full pull would give, or none at all.

An event holds its record whole, also when it tells of a deletion, so of each record only the last event counts, and
the same events again change nothing. Enrollments have no events of their own: a change of them is a change of the
section. Facts are from dev.clever.com, "Events API".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.adapters.clever_records import Record, Roles
from roster_core.adapters.clever_tables import Collected, text_of
from roster_core.adapters.columns import as_text
from roster_core.assembly import Table, Tables, assemble
from roster_core.roster import District, Roster, id_codes
from roster_core.vocabulary import text_array

#: The tables that the events of each kind of record fill; the other kinds Clever has are in no table.
_FILLS: dict[str, tuple[str, ...]] = {
    "schools": ("schools",),
    "terms": ("terms",),
    "courses": ("courses",),
    "users": ("students", "teachers"),
    "sections": ("sections",),
}
_OTHER_KINDS = ("districts", "resources")
_VERBS = ("created", "updated", "deleted")
#: The only load finding that a replay makes anew; a roster with another one is pulled in full.
_KNOWN_FINDING = "unknown-student-in-section"
#: What refers to what: table, column, and the table that has it.
_REFERENCES = (
    ("sections", "school_id", "schools"),
    ("sections", "term_id", "terms"),
    ("sections", "course_id", "courses"),
    ("sections", "teacher_id", "teachers"),
    ("students", "school_id", "schools"),
    ("enrollments", "student_id", "students"),
)
_IDS = {name: f"{name.removesuffix('s')}_id" for names in _FILLS.values() for name in names}


class NotCertain(Exception):
    """The events cannot be trusted to give what a full pull gives; the message says why, without personal data."""


@dataclass(frozen=True, slots=True)
class Change:
    """One event: `kind` as Clever writes it (`sections.updated`), and the whole record it is about."""

    kind: str
    record: Record


@dataclass
class _Touched:
    """What the events say of the records of one kind: the last record of each id, which are gone, which are new."""

    last: dict[str, Record] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)


def replayed(stored: Roster, changes: Iterable[Change], *, district: District, fetched_at: datetime) -> Roster:
    """The stored roster after these changes, in the order they came; as a full pull at `fetched_at` would give it.

    Raises NotCertain: a stored roster that is not whole, a change of an unknown type or without a record, a record
    that was changed and never seen, or one that is referred to and missing. Costs the assembly of the roster.
    """
    if stored.source != "clever":
        raise NotCertain("the stored roster is not from Clever")
    if stored.withheld is not None:
        raise NotCertain("the stored roster holds no names of students outside the scope")
    if stored.withheld is not None:
        raise NotCertain("the stored roster is without the names of students nobody assesses")
    others = sorted(set(stored.findings["code"].unique()) - {_KNOWN_FINDING})
    if others:
        raise NotCertain(f"the stored roster has load findings ({', '.join(others)})")
    touched = _gathered(changes)
    base = _tables_of(stored)
    arrived = Collected()
    for kind, fills in _FILLS.items():
        for table in fills:
            arrived.add(table, list(touched[kind].last.values()), asked=False)
    fresh, _ = arrived.tables({"students": "users?role=student", "teachers": "users?role=teacher"})
    _refuse_never_seen(base, fresh, touched)
    merged = _merged(base, fresh, touched)
    _refuse_missing(base, merged, touched)
    return assemble(merged, district=district, source="clever", fetched_at=fetched_at)


def _gathered(changes: Iterable[Change]) -> dict[str, _Touched]:
    touched = {kind: _Touched() for kind in _FILLS}
    for change in changes:
        kind, _, verb = change.kind.partition(".")
        if verb not in _VERBS or kind not in (*_FILLS, *_OTHER_KINDS):
            raise NotCertain(f'an event has the unknown type "{change.kind[:40]}"')
        if kind == "districts" and verb == "deleted":
            raise NotCertain("an event says that the district was deleted")
        if kind in _OTHER_KINDS:
            continue
        record_id = text_of(change.record.id)
        if not record_id:
            raise NotCertain(f"an event of the type {change.kind} is about a record without an id")
        if kind == "users" and verb != "deleted" and not _has_known_role(change.record):
            raise NotCertain("an event is about a user of no known role")
        _take(touched[kind], record_id, verb, change.record)
    return touched


def _take(touched: _Touched, record_id: str, verb: str, record: Record) -> None:
    if verb == "deleted":
        touched.last.pop(record_id, None)
        touched.gone.add(record_id)
        touched.removed.add(record_id)
        return
    touched.last[record_id] = record
    touched.gone.discard(record_id)
    if verb == "created":
        touched.made.add(record_id)


def _has_known_role(record: Record) -> bool:
    roles = record.roles
    if not isinstance(roles, Roles):
        return False
    known = (roles.student, roles.teacher, roles.staff, roles.district_admin, roles.contact)
    return any(held is not None for held in known)


def _tables_of(roster: Roster) -> Tables:
    """The rows a pull gave, from the roster made of them; the names that are joined in are left out."""
    joined = ["course_name", "course_number", "term_name", "school_name", "teacher_name", "class_type"]
    student = text_array(roster.students["student_id"]).take(pa.array(roster.enrollments.student))
    section = text_array(roster.sections["section_id"]).take(pa.array(roster.enrollments.section))
    # Students whom a section lists and nobody shares: once they are shared, they are in it.
    unknown = roster.findings[roster.findings["code"] == _KNOWN_FINDING]
    enrollments = pd.DataFrame(
        {
            "section_id": as_text(pa.concat_arrays([section, text_array(unknown["section_id"])])),
            "student_id": as_text(pa.concat_arrays([student, text_array(unknown["student_id"])])),
        }
    )
    return Tables(
        students=_table("students", roster.students.drop(columns=["birthdate", "grade"])),
        sections=_table("sections", roster.sections.drop(columns=[*joined, "section_grade"])),
        enrollments=_table("sections", enrollments),
        schools=_table("schools", roster.schools),
        terms=_table("terms", roster.terms),
        courses=_table("courses", roster.courses),
        teachers=_table("teachers", roster.teachers),
    )


def _table(file: str, frame: pd.DataFrame) -> Table:
    return Table(file, frame, np.arange(1, len(frame) + 1, dtype=np.int64))


def _merged(base: Tables, fresh: Tables, touched: dict[str, _Touched]) -> Tables:
    """The rows of the records no event is about, and after them those the events brought."""
    made = {}
    for kind, fills in _FILLS.items():
        ids = _ids(touched[kind].last.keys() | touched[kind].gone)
        for name in fills:
            kept = _without(getattr(base, name).frame, _IDS[name], ids)
            made[name] = _table(name, pd.concat([kept, getattr(fresh, name).frame], ignore_index=True))
    sections = _ids(touched["sections"].last.keys() | touched["sections"].gone)
    kept = _without(base.enrollments.frame, "section_id", sections)
    enrollments = pd.concat([kept, fresh.enrollments.frame], ignore_index=True)
    return replace(base, **made, enrollments=_table("sections", enrollments))


def _without(frame: pd.DataFrame, column: str, ids: pd.Series) -> pd.DataFrame:
    return frame[id_codes(frame[column], ids) < 0]


def _ids(ids: Iterable[str]) -> pd.Series:
    return pd.Series(sorted(ids), dtype="str")


def _refuse_never_seen(base: Tables, fresh: Tables, touched: dict[str, _Touched]) -> None:
    """A record that changed has been there before: where it was not, an event is missing."""
    for kind, fills in _FILLS.items():
        made = _ids(touched[kind].made)
        for name in fills:
            column = _IDS[name]
            ids = getattr(fresh, name).frame[column]
            unseen = (id_codes(ids, made) < 0) & (id_codes(ids, getattr(base, name).frame[column]) < 0)
            if unseen.any():
                raise NotCertain(
                    f"an event changes {name.removesuffix('s')} {ids[unseen].iloc[0]}, of which nothing was known"
                )


def _refuse_missing(base: Tables, merged: Tables, touched: dict[str, _Touched]) -> None:
    """What a record refers to is there, was missing before, or was taken away by an event."""
    removed = {name: touched[kind].removed for kind, fills in _FILLS.items() for name in fills}
    for name, column, wanted in _REFERENCES:
        lost = _dangling(merged, name, column, wanted)
        known = _ids({*_dangling(base, name, column, wanted), *removed[wanted]})
        missing = lost[id_codes(lost, known) < 0]
        if len(missing):
            raise NotCertain(
                f"{wanted.removesuffix('s')} {missing.iloc[0]} is referred to, and no event has told of it"
            )


def _dangling(tables: Tables, name: str, column: str, wanted: str) -> pd.Series:
    ids = as_text(pc.unique(text_array(getattr(tables, name).frame[column])))
    series = pd.Series(ids, dtype="str")
    return series[(series != "").to_numpy() & (id_codes(series, getattr(tables, wanted).frame[_IDS[wanted]]) < 0)]
