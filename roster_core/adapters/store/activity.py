"""Who did what and when: a log that is only added to, with no personal data in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.schema import activity

#: What a detail may hold: numbers, ids, codes and lists of ids. Never a name, a birthdate or free text.
Detail = Mapping[str, str | int | float | bool | None | Sequence[str]]


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One thing somebody did; `district_id` is empty for what concerns all."""

    number: int
    at: datetime
    actor: str
    district_id: str
    action: str
    detail: dict[str, object]


def record(connection: Connection, *, now: datetime, actor: str, district_id: str, action: str, detail: Detail) -> None:
    """Adds one entry inside the caller's transaction, so that the deed and its record are one."""
    entry = {"at": moment_text(now), "actor": actor, "district_id": district_id, "action": action}
    connection.execute(insert(activity).values(**entry, detail=json.dumps(detail, sort_keys=True)))


class ActivityLog:
    """The log of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, now: datetime, actor: str, district_id: str, action: str, detail: Detail | None = None) -> None:
        """Adds one entry. What the store changes itself (rules, commits, purges, deletions) it has recorded already."""
        with self._database.write() as connection:
            record(connection, now=now, actor=actor, district_id=district_id, action=action, detail=detail or {})

    def list(self, district_id: str | None = None, limit: int = 200) -> list[ActivityEntry]:
        """The newest entries first, at most `limit`; of one district, or of all."""
        query = select(activity).order_by(activity.c.number.desc()).limit(limit)
        if district_id is not None:
            query = query.where(activity.c.district_id == district_id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            ActivityEntry(
                row.number,
                datetime.fromisoformat(row.at),
                row.actor,
                row.district_id,
                row.action,
                json.loads(row.detail),
            )
            for row in rows
        ]
