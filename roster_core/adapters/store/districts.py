"""The districts this store knows, and taking one out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from roster_core.adapters.store.activity import DELETED, record
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.retention import delete_district
from roster_core.adapters.store.schema import (
    districts,
    drafts,
    messages,
    notes,
    onboarding,
    onboarding_windows,
    rosters,
    rule_set_versions,
)
from roster_core.errors import InputError, Refusal


@dataclass(frozen=True, slots=True)
class DistrictRecord:
    """One district: `source` is where its rosters come from, `state` the US state it is in; '' where nobody said.

    `source`: `clever`, `file` or `sample`; `named` for a district that was added by its name before any roster.
    """

    id: str
    name: str
    source: str
    state: str
    created_at: datetime


#: What people make of a district before it has a roster; it moves along when the district is linked.
_BY_HAND = (onboarding, onboarding_windows, rule_set_versions, drafts)


class Districts:
    """The district records of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self, district_id: str, *, name: str, source: str, state: str | None = None, now: datetime
    ) -> DistrictRecord:
        """Adds the district, or gives the known one this name and source, and the state unless it is None.

        Raises InputError without an id.
        """
        if not district_id:
            raise InputError("A district needs an id. Give it one with --district, or in the field beside the upload.")
        with self._database.write() as connection:
            return put_district(connection, district_id, name=name, source=source, state=state, now=now)

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
        with self._database.write() as connection:
            deleted = delete_district(connection, district_id)
            if not sum(deleted.values()):
                raise InputError(f"There is nothing of a district '{district_id}' here. See the list of districts.")
            detail = {name: deleted[name] for name in ("rosters", "receipts", "notes")}
            record(connection, now=now, actor=actor, district_id=district_id, action=DELETED, detail=detail)
        self._database.forget_deleted()

    def add_named(self, name: str, *, state: str = "", actor: str, now: datetime) -> DistrictRecord:
        """Adds a district by its name and US state, before Clever knows it; its id is made of the name.

        Raises InputError for a name without letters or digits, Refusal where a district has this name already.
        """
        slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
        if not slug:
            raise InputError("Give the district a name with letters or digits in it.")
        told = {"name": name.strip(), "source": "named", "state": state}
        moments = {"created_at": moment_text(now), "updated_at": moment_text(now)}
        with self._database.write() as connection:
            known = connection.execute(select(districts)).all()
            same = next((each for each in known if each.name.casefold() == name.strip().casefold()), None)
            if same is not None:
                raise Refusal(f"There is a district of this name already: {same.name} ({same.id}). Choose it instead.")
            taken = {each.id for each in known}
            district_id = next(each for each in chain([slug], (f"{slug}-{n}" for n in count(2))) if each not in taken)
            connection.execute(insert(districts).values(id=district_id, **told, **moments))
            record(connection, now=now, actor=actor, district_id=district_id, action="add-district", detail={})
            row = connection.execute(select(districts).where(districts.c.id == district_id)).one()
        return _record_of(row)

    def link(self, placeholder_id: str, district_id: str, *, actor: str, now: datetime) -> None:
        """Moves all that was made of a district added by name (launch, rules, messages) to the district itself.

        The placeholder goes; the activity log of both ids keeps the link. Raises InputError where either is not here,
        Refusal where the placeholder has a roster of its own, or the district already has what would be moved.
        """
        with self._database.write() as connection:
            placeholder = _to_link(connection, placeholder_id, district_id)
            for table in _BY_HAND:
                own = update(table).where(table.c.district_id == placeholder_id)
                connection.execute(own.values(district_id=district_id))
            if placeholder.state:
                its = update(districts).where(districts.c.id == district_id, districts.c.state == "")
                connection.execute(its.values(state=placeholder.state))
            for table in (messages, notes):
                written = update(table).where(table.c.district_id == placeholder_id)
                connection.execute(written.values(district_id=district_id))
            connection.execute(delete(districts).where(districts.c.id == placeholder_id))
            for own_id, detail in ((placeholder_id, {"to": district_id}), (district_id, {"from": placeholder_id})):
                record(connection, now=now, actor=actor, district_id=own_id, action="link-district", detail=detail)
        self._database.forget_deleted()


def put_district(
    connection: Connection, district_id: str, *, name: str, source: str, state: str | None = None, now: datetime
) -> DistrictRecord:
    """As `Districts.save`, of an id, in the caller's transaction."""
    told = {"name": name, "source": source, "updated_at": moment_text(now)}
    if state is not None:
        told["state"] = state
    known = connection.execute(update(districts).where(districts.c.id == district_id).values(**told))
    if not known.rowcount:
        added = {"state": "", **told, "created_at": moment_text(now)}
        connection.execute(insert(districts).values(id=district_id, **added))
    return _record_of(connection.execute(select(districts).where(districts.c.id == district_id)).one())


def _to_link(connection: Connection, placeholder_id: str, district_id: str) -> Row:
    """The placeholder, where it can become that district."""
    known = {row.id: row for row in connection.execute(select(districts).where(
        districts.c.id.in_((placeholder_id, district_id)))).all()}  # fmt: skip
    for wanted in (placeholder_id, district_id):
        if wanted not in known:
            raise InputError(f"There is no district '{wanted}' here. See the list of districts.")
    placeholder, district = known[placeholder_id], known[district_id]
    if placeholder_id == district_id or placeholder.source != "named" or _has(connection, placeholder_id, rosters):
        raise Refusal(f"{placeholder.name} has a roster of its own, so it cannot become another district.")
    for table, what in ((onboarding, "a launch"), (onboarding_windows, "earlier windows"),
                        (rule_set_versions, "saved rules"), (drafts, "a draft of rules")):  # fmt: skip
        if _has(connection, placeholder_id, table) and _has(connection, district_id, table):
            raise Refusal(
                f"{district.name} already has {what} of its own. Nothing was moved. Delete the one you do not want, "
                "then link again."
            )
    return placeholder


def _has(connection: Connection, district_id: str, table: Table) -> bool:
    own = select(table.c.district_id).where(table.c.district_id == district_id).limit(1)
    return connection.execute(own).one_or_none() is not None


def _record_of(row: Row) -> DistrictRecord:
    return DistrictRecord(row.id, row.name, row.source, row.state, datetime.fromisoformat(row.created_at))
