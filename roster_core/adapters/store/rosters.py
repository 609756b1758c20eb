"""Rosters as they were loaded: immutable, compressed by column, found by district and fingerprint."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from roster_core.adapters.store.columns import DamagedColumns
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.roster_parts import DETAILS, FINDINGS, proved, read_part, store_parts
from roster_core.adapters.store.schema import event_cursors, roster_chunks, rosters
from roster_core.adapters.store.scopes import put_proof, reduced, scopes_of
from roster_core.errors import InputError, ServiceError
from roster_core.roster import District, Roster

#: How many stored rosters are read, at most, to say when a section was first seen.
HISTORY_READ = 30

_COUNTED = ("schools", "teachers", "sections", "students", "enrollments")


@dataclass(frozen=True, slots=True)
class RosterInfo:
    """What is known of a stored roster without opening it; `size` is bytes as stored.

    withheld: students of whom neither number, names nor birthdate are held, because no rules of the district assess
    them. stored_sha256: proves what is stored where some are; '' where the fingerprint does.
    """

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
    withheld: int = 0
    stored_sha256: str = ""

    @property
    def logged(self) -> dict[str, str | int]:
        """What the activity log says of it: which data, where from, how much; no personal data."""
        return {name: getattr(self, name) for name in ("fingerprint", "source", "students", "sections", "withheld")}


class Rosters:
    """The rosters of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, roster: Roster) -> RosterInfo:
        """Keeps the roster under its district's id, and makes it that district's latest.

        Of students whom no rules of the district assess, number, names and birthdate are not kept. The same data again
        is not stored twice: only when it was fetched, what the source said of the district, the load findings and
        whose details are kept are renewed. Raises InputError for a roster without a district id.
        """
        with self._database.write() as connection:
            return put_roster(connection, roster)

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
                return proved(connection, row)
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
                    held = read_part(connection, row.id, "sections")["section_id"]
                except DamagedColumns:
                    raise ServiceError(f"An earlier roster of district '{district_id}' is damaged.") from None
                found |= dict.fromkeys(held[held.isin(wanted)], datetime.fromisoformat(row.fetched_at))
        return found

    def section_names(self, district_id: str, *, besides: str) -> set[str]:
        """Every section name of the district's stored rosters (the last `HISTORY_READ`) but the one of that
        fingerprint. Raises ServiceError where one is damaged.
        """
        query = select(rosters).where(rosters.c.district_id == district_id, rosters.c.fingerprint != besides)
        found: set[str] = set()
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(rosters.c.saved.desc()).limit(HISTORY_READ)).all():
                try:
                    found.update(read_part(connection, row.id, "sections")["section_name"].unique())
                except DamagedColumns:
                    raise ServiceError(f"An earlier roster of district '{district_id}' is damaged.") from None
        return found

    def list(self) -> list[RosterInfo]:
        """The latest roster of each district; the one saved last comes first."""
        latest = select(func.max(rosters.c.saved)).group_by(rosters.c.district_id)
        query = select(rosters).where(rosters.c.saved.in_(latest)).order_by(rosters.c.saved.desc())
        with self._database.read() as connection:
            return [_info_of(row) for row in connection.execute(query)]


def put_roster(connection: Connection, roster: Roster) -> RosterInfo:
    """As `Rosters.save`, in the caller's transaction."""
    if not roster.district.id:
        raise InputError("This roster names no district. Give it an id with --district, or when you load it.")
    scopes = scopes_of(connection, roster.district.id)
    kept = reduced(roster, scopes)
    known = connection.execute(_found(roster.fingerprint, roster.district.id)).one_or_none()
    if known is None:
        roster_id = _insert(connection, roster)
        store_parts(connection, roster_id, kept)
    else:
        roster_id = known.id
        same = not known.withheld and kept.withheld is None
        store_parts(connection, roster_id, kept, [FINDINGS, *(() if same else DETAILS)])
    newest = connection.execute(select(func.max(rosters.c.saved))).scalar_one()
    renewed = {**_told(roster), "saved": newest + 1}
    connection.execute(update(rosters).where(rosters.c.id == roster_id).values(**renewed))
    return _info_of(put_proof(connection, roster_id, kept, scopes))


def is_stored(connection: Connection, district_id: str, fingerprint: str) -> bool:
    """Whether that roster of that district is in the store."""
    return connection.execute(_found(fingerprint, district_id)).first() is not None


def purge_rosters(connection: Connection, before: datetime) -> list[tuple[str, str]]:
    """Deletes the rosters fetched before that moment, the latest of a district too; gives district and fingerprint."""
    old = rosters.c.fetched_at < moment_text(before)
    gone = connection.execute(select(rosters.c.district_id, rosters.c.fingerprint).where(old).order_by(rosters.c.id))
    deleted = [(row.district_id, row.fingerprint) for row in gone.all()]
    connection.execute(delete(roster_chunks).where(roster_chunks.c.roster_id.in_(select(rosters.c.id).where(old))))
    # Nothing is left for them to start from, and the name of an event outlives its district no longer than its data.
    connection.execute(delete(event_cursors).where(event_cursors.c.pulled_at < moment_text(before)))
    connection.execute(delete(rosters).where(old))
    return deleted


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


def _insert(connection: Connection, roster: Roster) -> int:
    counted = {name: len(getattr(roster, name)) for name in _COUNTED}
    values = {**_told(roster), **counted, "fingerprint": roster.fingerprint, "saved": 0, "size": 0}
    return connection.execute(insert(rosters).values(**values).returning(rosters.c.id)).scalar_one()


def _info_of(row: Row) -> RosterInfo:
    told = {field.name: getattr(row, field.name) for field in fields(RosterInfo)}
    return RosterInfo(**{**told, "fetched_at": datetime.fromisoformat(row.fetched_at)})
