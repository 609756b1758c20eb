"""What is known of each district without opening its roster: last numbers, changes, drift, and Clever's last word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.rosters import is_stored
from roster_core.adapters.store.rule_sets import texts_in_use
from roster_core.adapters.store.schema import (
    clever_lists,
    clever_states,
    district_changes,
    district_counts,
    district_drifts,
)
from roster_core.clever_states import CleverState
from roster_core.glance import Changed, Counted, Drifted


def rules_digest(rule_set_json: str) -> str:
    """What tells one text of rules from another: its SHA-256 (hex)."""
    return hashlib.sha256(rule_set_json.encode()).hexdigest()


class Known:
    """What one store knows of its districts at a glance; every reading is of all districts, by id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self) -> dict[str, Counted]:
        """The last counted numbers of each district."""
        return {row.district_id: _counted_of(row) for row in self._rows(district_counts)}

    def keep_counts(self, district_id: str, counted: Counted) -> None:
        """Keeps these numbers in place of earlier ones.

        Where the same roster was checked under the same rules before, and is not now, the blockers found then stay.
        Of a roster that is not here (any more) nothing is kept; so it is with changes and drift.
        """
        values = {**asdict(counted), "counted_at": moment_text(counted.counted_at), "ruled": int(counted.ruled)}
        values["blockers"] = None
        with self._database.write() as connection:
            if not is_stored(connection, district_id, counted.fingerprint):
                return
            if counted.blockers is not None:
                values["blockers"] = json.dumps(dict(counted.blockers), sort_keys=True)
            else:
                same = (district_counts.c.fingerprint == counted.fingerprint) & (
                    district_counts.c.rules == counted.rules
                )
                own = district_counts.c.district_id == district_id
                values["blockers"] = connection.execute(select(district_counts.c.blockers).where(own, same)).scalar()
            _put(connection, district_counts, district_id, values)

    def changes(self) -> dict[str, Changed]:
        """What the last refresh of each district brought."""
        return {
            row.district_id: Changed(row.fingerprint, _moment(row.since), _moment(row.at), _sentences(row))
            for row in self._rows(district_changes)
        }

    def keep_changes(self, district_id: str, changed: Changed) -> None:
        """Keeps what a refresh brought, in place of what an earlier one brought."""
        values = {
            "fingerprint": changed.fingerprint,
            "since": moment_text(changed.since),
            "at": moment_text(changed.at),
            "sentences": json.dumps(changed.sentences),
        }
        with self._database.write() as connection:
            if is_stored(connection, district_id, changed.fingerprint):
                _put(connection, district_changes, district_id, values)

    def drifts(self) -> dict[str, Drifted]:
        """What was last found to have drifted since the commit of each district."""
        return {
            row.district_id: Drifted(
                row.receipt_id, row.fingerprint, _moment(row.at), row.changes, bool(row.needs_person), _sentences(row)
            )
            for row in self._rows(district_drifts)
        }

    def keep_drift(self, district_id: str, drifted: Drifted) -> None:
        """Keeps what was found, in place of what was found before."""
        values = {
            **asdict(drifted),
            "at": moment_text(drifted.at),
            "needs_person": int(drifted.needs_person),
            "sentences": json.dumps(drifted.sentences),
        }
        with self._database.write() as connection:
            if is_stored(connection, district_id, drifted.fingerprint):
                _put(connection, district_drifts, district_id, values)

    def rules_in_use(self) -> dict[str, str]:
        """The digest of each district's rules as they stand: its draft's, else its newest saved ones'."""
        with self._database.read() as connection:
            return {district_id: rules_digest(text) for district_id, text in texts_in_use(connection).items()}

    def clever(self) -> dict[str, CleverState]:
        """What Clever last said of each district it was asked about."""
        return {row.district_id: _clever_of(row) for row in self._rows(clever_states)}

    def clever_asked(self) -> tuple[datetime, str] | None:
        """When Clever's list was last asked for, and why it could not be read ('' where it could); None for never."""
        with self._database.read() as connection:
            row = connection.execute(select(clever_lists).order_by(clever_lists.c.asked_at.desc())).first()
        return None if row is None else (_moment(row.asked_at), row.trouble)

    def keep_clever(self, state: CleverState) -> None:
        """Keeps what Clever said of one district when it was loaded."""
        with self._database.write() as connection:
            _put_clever(connection, state)

    def keep_clever_list(self, states: Iterable[CleverState], *, asked_at: datetime, trouble: str = "") -> None:
        """Keeps an answer of Clever's list: districts it does not name are no longer listed, and keep what was known.

        Of a district that could not be read only that is kept, beside what was known of it. With `trouble` there was
        no answer: nothing else changes.
        """
        with self._database.write() as connection:
            connection.execute(delete(clever_lists))
            connection.execute(insert(clever_lists).values(asked_at=moment_text(asked_at), trouble=trouble))
            if trouble:
                return
            known = {row.district_id: _clever_of(row) for row in connection.execute(select(clever_states))}
            connection.execute(update(clever_states).values(listed=0))
            for state in states:
                before = known.get(state.district_id)
                if state.trouble and before is not None:
                    state = replace(before, trouble=state.trouble, listed=True, asked_at=asked_at)
                _put_clever(connection, state)

    def _rows(self, table: Table) -> list[Row]:
        with self._database.read() as connection:
            return list(connection.execute(select(table)))


def forget_sentences(connection: Connection, before: datetime) -> None:
    """Deletes the sentences about changes and drift found before that moment: they may name sections."""
    for table in (district_changes, district_drifts):
        connection.execute(delete(table).where(table.c.at < moment_text(before)))


def _put(connection: Connection, table: Table, district_id: str, values: Mapping[str, object]) -> None:
    known = connection.execute(update(table).where(table.c.district_id == district_id).values(**values))
    if not known.rowcount:
        connection.execute(insert(table).values(district_id=district_id, **values))


def _put_clever(connection: Connection, state: CleverState) -> None:
    values = {**asdict(state), "listed": int(state.listed), "asked_at": moment_text(state.asked_at)}
    _put(connection, clever_states, str(values.pop("district_id")), values)


def _clever_of(row: Row) -> CleverState:
    told = dict(row._mapping)
    return CleverState(**{**told, "listed": bool(row.listed), "asked_at": _moment(row.asked_at)})


def _counted_of(row: Row) -> Counted:
    told = {name: value for name, value in row._mapping.items() if name != "district_id"}
    blockers = None if row.blockers is None else json.loads(row.blockers)
    return Counted(**{**told, "blockers": blockers, "counted_at": _moment(row.counted_at), "ruled": bool(row.ruled)})


def _sentences(row: Row) -> tuple[str, ...]:
    return tuple(json.loads(row.sentences))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
