"""Rosters as they were loaded: immutable, compressed by column, found by district and fingerprint."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import datetime

import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from roster_core.adapters.store.columns import DamagedColumns, chunks, pack, unpack
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.schema import event_cursors, roster_chunks, rosters
from roster_core.errors import InputError, ServiceError
from roster_core.roster import FINDING_COLUMNS, FRAMES, District, Enrollments, Roster

#: How many stored rosters are read, at most, to say when a section was first seen.
HISTORY_READ = 30

_ENROLLMENTS = "enrollments"
_FINDINGS = "findings"
_COUNTED = ("schools", "teachers", "sections", "students", _ENROLLMENTS)
_PARTS = {**FRAMES, _ENROLLMENTS: ("student", "section"), _FINDINGS: FINDING_COLUMNS}


@dataclass(frozen=True, slots=True)
class RosterInfo:
    """What is known of a stored roster without opening it; `size` is bytes as stored."""

    district_id: str
    district_name: str
    source: str
    fetched_at: datetime
    fingerprint: str
    schools: int
    teachers: int
    sections: int
    students: int
    enrollments: int
    findings: int
    size: int

    @property
    def logged(self) -> dict[str, str | int]:
        """What the activity log says of it: which data, where from, how much; no personal data."""
        return {name: getattr(self, name) for name in ("fingerprint", "source", "students", "sections")}


class Rosters:
    """The rosters of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, roster: Roster) -> RosterInfo:
        """Keeps the roster under its district's id, and makes it that district's latest.

        The same data again is not stored twice: only when it was fetched, what the source said of
        the district and the load findings are renewed. Raises InputError for a roster without a district id.
        """
        if not roster.district.id:
            raise InputError("This roster names no district. Give it an id with --district, or when you load it.")
        told = _told(roster)
        findings = pack(roster.findings)
        with self._database.write() as connection:
            known = connection.execute(_found(roster.fingerprint, roster.district.id)).one_or_none()
            if known is None:
                roster_id, tables_size = _store_tables(connection, roster, told)
            else:
                roster_id, tables_size = known.id, known.size - _part_size(connection, known.id, _FINDINGS)
                connection.execute(delete(roster_chunks).where(_is_part(roster_id, _FINDINGS)))
            _store_part(connection, roster_id, _FINDINGS, findings)
            newest = connection.execute(select(func.max(rosters.c.saved))).scalar_one()
            renewed = {**told, "saved": newest + 1, "size": tables_size + findings.size}
            connection.execute(update(rosters).where(rosters.c.id == roster_id).values(**renewed))
            row = connection.execute(select(rosters).where(rosters.c.id == roster_id)).one()
        return _info_of(row)

    def load(self, fingerprint: str, district_id: str) -> Roster:
        """The roster as it was saved, its fingerprint proved anew.

        Raises InputError when it is not here (any more), ServiceError when what is stored is not what was saved.
        """
        with self._database.read() as connection:
            row = connection.execute(_found(fingerprint, district_id)).one_or_none()
            if row is None:
                raise InputError(
                    f"The roster {fingerprint[:12]} of district '{district_id}' is not stored here (any more). "
                    "Load the district again."
                )
            try:
                return _proved(connection, row)
            except DamagedColumns:
                raise ServiceError(
                    f"The stored roster {fingerprint[:12]} of district '{district_id}' is damaged, or another version "
                    "of this program stored it. It was not opened. Load the district again."
                ) from None

    def latest(self, district_id: str) -> RosterInfo | None:
        """The roster saved last for that district, or None."""
        query = select(rosters).where(rosters.c.district_id == district_id).order_by(rosters.c.saved.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _info_of(row)

    def history(self, district_id: str) -> list[RosterInfo]:
        """Every stored roster of one district; the one saved last comes first."""
        query = select(rosters).where(rosters.c.district_id == district_id).order_by(rosters.c.saved.desc())
        with self._database.read() as connection:
            return [_info_of(row) for row in connection.execute(query)]

    def first_seen(self, district_id: str, section_ids: Collection[str]) -> dict[str, datetime]:
        """When the earliest stored roster (of the last `HISTORY_READ`) that has each section was last fetched.

        Reads the sections of one roster after the other, oldest first, until all are found: one, for sections that were
        there from the beginning. Sections in none of them are left out. Raises ServiceError where one is damaged.
        """
        query = select(rosters).where(rosters.c.district_id == district_id).order_by(rosters.c.saved.desc())
        found: dict[str, datetime] = {}
        with self._database.read() as connection:
            for row in reversed(connection.execute(query.limit(HISTORY_READ)).all()):
                wanted = [each for each in section_ids if each not in found]
                if not wanted:
                    break
                try:
                    held = unpack(_stored(connection, row.id, "sections"), FRAMES["sections"])["section_id"]
                except DamagedColumns:
                    raise ServiceError(f"An earlier roster of district '{district_id}' is damaged.") from None
                found |= dict.fromkeys(held[held.isin(wanted)], datetime.fromisoformat(row.fetched_at))
        return found

    def list(self) -> list[RosterInfo]:
        """The latest roster of each district; the one saved last comes first."""
        latest = select(func.max(rosters.c.saved)).group_by(rosters.c.district_id)
        query = select(rosters).where(rosters.c.saved.in_(latest)).order_by(rosters.c.saved.desc())
        with self._database.read() as connection:
            return [_info_of(row) for row in connection.execute(query)]


def purge_rosters(connection: Connection, before: datetime) -> int:
    """Deletes the rosters fetched before that moment, the latest of a district too; gives how many."""
    old = select(rosters.c.id).where(rosters.c.fetched_at < moment_text(before))
    connection.execute(delete(roster_chunks).where(roster_chunks.c.roster_id.in_(old)))
    # Nothing is left for them to start from, and the name of an event outlives its district no longer than its data.
    connection.execute(delete(event_cursors).where(event_cursors.c.pulled_at < moment_text(before)))
    return connection.execute(delete(rosters).where(rosters.c.id.in_(old))).rowcount


def _found(fingerprint: str, district_id: str) -> Select[tuple]:
    return select(rosters).where(rosters.c.district_id == district_id, rosters.c.fingerprint == fingerprint)


def _told(roster: Roster) -> dict[str, str | int]:
    district = {f"district_{field.name}": getattr(roster.district, field.name) for field in fields(District)}
    return {
        **district,
        "source": roster.source,
        "fetched_at": moment_text(roster.fetched_at),
        "findings": len(roster.findings),
    }


def _store_tables(connection: Connection, roster: Roster, told: dict[str, str | int]) -> tuple[int, int]:
    counted = {name: len(getattr(roster, name)) for name in _COUNTED}
    values = {**told, **counted, "fingerprint": roster.fingerprint, "saved": 0, "size": 0}
    roster_id = connection.execute(insert(rosters).values(**values).returning(rosters.c.id)).scalar_one()
    enrolled = pd.DataFrame({"student": roster.enrollments.student, "section": roster.enrollments.section}, copy=False)
    size = 0
    for part in (*FRAMES, _ENROLLMENTS):
        packed = pack(enrolled if part == _ENROLLMENTS else getattr(roster, part))
        _store_part(connection, roster_id, part, packed)
        size += packed.size
    return roster_id, size


def _store_part(connection: Connection, roster_id: int, part: str, packed: pa.Buffer) -> None:
    for number, (data, sha256) in enumerate(chunks(packed)):
        chunk = {"roster_id": roster_id, "part": part, "number": number, "sha256": sha256, "data": data}
        connection.execute(insert(roster_chunks).values(**chunk))


def _is_part(roster_id: int, part: str) -> ColumnElement[bool]:
    return (roster_chunks.c.roster_id == roster_id) & (roster_chunks.c.part == part)


def _part_size(connection: Connection, roster_id: int, part: str) -> int:
    length = func.coalesce(func.sum(func.length(roster_chunks.c.data)), 0)
    return connection.execute(select(length).where(_is_part(roster_id, part))).scalar_one()


def _stored(connection: Connection, roster_id: int, part: str) -> Iterator[tuple[bytes, str]]:
    query = select(roster_chunks.c.data, roster_chunks.c.sha256).where(_is_part(roster_id, part))
    for row in connection.execute(query.order_by(roster_chunks.c.number)):
        yield bytes(row.data), row.sha256


def _proved(connection: Connection, row: Row) -> Roster:
    frames = {part: unpack(_stored(connection, row.id, part), columns) for part, columns in _PARTS.items()}
    roster = _roster_of(row, frames)
    if roster.fingerprint != row.fingerprint:
        raise DamagedColumns
    return roster


def _roster_of(row: Row, frames: dict[str, pd.DataFrame]) -> Roster:
    enrolled = frames.pop(_ENROLLMENTS)
    student, section = enrolled["student"].to_numpy(), enrolled["section"].to_numpy()
    for codes in (student, section):
        codes.setflags(write=False)
    return Roster(
        district=District(**{field.name: getattr(row, f"district_{field.name}") for field in fields(District)}),
        source=row.source,
        fetched_at=datetime.fromisoformat(row.fetched_at),
        enrollments=Enrollments(student, section),
        **frames,
    )


def _info_of(row: Row) -> RosterInfo:
    told = {field.name: getattr(row, field.name) for field in fields(RosterInfo)}
    return RosterInfo(**{**told, "fetched_at": datetime.fromisoformat(row.fetched_at)})
