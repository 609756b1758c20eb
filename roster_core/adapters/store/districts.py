"""The districts this store knows, and taking one out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update

from roster_core.adapters.store.activity import record
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.known import OF_DISTRICTS
from roster_core.adapters.store.schema import (
    current_rosters,
    districts,
    drafts,
    event_cursors,
    messages,
    receipts,
    roster_chunks,
    rostered_rows,
    rosters,
    rule_set_versions,
    told_findings,
)
from roster_core.errors import InputError


@dataclass(frozen=True, slots=True)
class DistrictRecord:
    """One district: `source` is where its rosters come from (`clever`, `file` or `sample`), `state` its US state."""

    id: str
    name: str
    source: str
    state: str
    created_at: datetime


class Districts:
    """The district records of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, district_id: str, *, name: str, source: str, state: str = "", now: datetime) -> DistrictRecord:
        """Adds the district, or gives the known one this name, source and state. Raises InputError without an id."""
        if not district_id:
            raise InputError("A district needs an id. Give it one with --district, or in the field beside the upload.")
        told = {"name": name, "source": source, "state": state, "updated_at": moment_text(now)}
        with self._database.write() as connection:
            known = connection.execute(update(districts).where(districts.c.id == district_id).values(**told))
            if not known.rowcount:
                connection.execute(insert(districts).values(id=district_id, created_at=moment_text(now), **told))
            row = connection.execute(select(districts).where(districts.c.id == district_id)).one()
        return _record_of(row)

    def get(self, district_id: str) -> DistrictRecord | None:
        """The record of that district, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(districts).where(districts.c.id == district_id)).one_or_none()
        return None if row is None else _record_of(row)

    def list(self) -> list[DistrictRecord]:
        """Every district, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(districts)).all()
        return sorted(map(_record_of, rows), key=lambda record: (record.name.casefold(), record.id))

    def delete(self, district_id: str, *, actor: str, now: datetime) -> None:
        """Takes everything of the district out of the store; only the activity log keeps that it was here.

        Raises InputError when nothing of it is here.
        """
        own_rosters = select(rosters.c.id).where(rosters.c.district_id == district_id)
        own_receipts = select(receipts.c.number).where(receipts.c.district_id == district_id)
        with self._database.write() as connection:
            connection.execute(delete(roster_chunks).where(roster_chunks.c.roster_id.in_(own_rosters)))
            connection.execute(delete(rostered_rows).where(rostered_rows.c.receipt_number.in_(own_receipts)))
            deleted = 0
            own = (rosters, current_rosters, receipts, rule_set_versions, drafts, messages, told_findings)
            for table in (*own, event_cursors, *OF_DISTRICTS):
                deleted += connection.execute(delete(table).where(table.c.district_id == district_id)).rowcount
            deleted += connection.execute(delete(districts).where(districts.c.id == district_id)).rowcount
            if not deleted:
                raise InputError(f"There is nothing of a district '{district_id}' here. See the list of districts.")
            record(connection, now=now, actor=actor, district_id=district_id, action="delete-district", detail={})
        self._database.forget_deleted()


def _record_of(row: Row) -> DistrictRecord:
    return DistrictRecord(row.id, row.name, row.source, row.state, datetime.fromisoformat(row.created_at))
