"""Who did what and when: a log that is only added to, chained by hashes, with no personal data in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from roster_core.activity import ActivityEntry, BrokenLink, Head, Link, linked, verify
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.schema import activity, activity_head
from roster_core.errors import Refusal, ServiceError

#: What a detail may hold: numbers, ids, codes and lists of ids. Never a name, a birthdate or free text.
Detail = Mapping[str, str | int | float | bool | None | Sequence[str]]

#: The action under which the log keeps that a district was deleted.
DELETED = "delete-district"


def record(connection: Connection, *, now: datetime, actor: str, district_id: str, action: str, detail: Detail) -> None:
    """Adds one entry inside the caller's transaction, so that the deed and its record are one.

    The caller's is a writer's transaction: nobody else adds an entry between the reading of the head and its renewal.
    """
    head = _head(connection) or Head()
    told = json.dumps(detail, sort_keys=True)
    added = linked(Link(head.number + 1, moment_text(now), actor, district_id, action, told, head.hash))
    connection.execute(insert(activity).values(**asdict(added)))
    connection.execute(update(activity_head).values(number=added.number, hash=added.hash))


def refuse_deleted(connection: Connection, district_id: str, began: int) -> None:
    """Raises Refusal where the district was deleted after that entry of the log, by whatever process.

    Work that began before a deletion must not bring back what was deleted. The log is the one table that a deletion
    leaves, and the caller's is a writer's transaction: what is read here is still true when it writes.
    """
    later = (activity.c.district_id == district_id) & (activity.c.number > began)
    deleted = select(activity.c.number).where(later, activity.c.action == DELETED).limit(1)
    if connection.execute(deleted).first() is not None:
        raise Refusal(
            f"District '{district_id}' was deleted while this was under way, so nothing of it was kept. "
            "Load it again if it is to be here."
        )


class ActivityLog:
    """The log of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, now: datetime, actor: str, district_id: str, action: str, detail: Detail | None = None) -> None:
        """Adds one entry. What the store changes itself (rules, commits, purges, deletions) it has recorded already."""
        with self._database.write() as connection:
            record(connection, now=now, actor=actor, district_id=district_id, action=action, detail=detail or {})

    def head(self) -> Head:
        """The newest entry as kept beside the log: how many entries there are, and the hash of the last."""
        with self._database.read() as connection:
            return _head(connection) or Head()

    def newest(self) -> int:
        """The number of the newest entry, 0 for none: from where work that begins now looks for a deletion."""
        with self._database.read() as connection:
            return connection.execute(select(func.coalesce(func.max(activity.c.number), 0))).scalar_one()

    def verify(self, noted: Sequence[Head] = ()) -> list[BrokenLink]:
        """Every place where the log is not what was written; see `roster_core.activity.verify` for what it can find."""
        with self._database.read() as connection:
            return verify(_links(connection), _head(connection), noted)

    def list(self, district_id: str | None = None, limit: int | None = 200) -> list[ActivityEntry]:
        """The newest entries first, at most `limit` (None: all); of one district, or of all.

        Raises ServiceError where somebody changed an entry outside this app so that it cannot be read.
        """
        query = select(activity).order_by(activity.c.number.desc()).limit(limit)
        if district_id is not None:
            query = query.where(activity.c.district_id == district_id)
        with self._database.read() as connection:
            return [_entry_of(row) for row in connection.execute(query)]


def _head(connection: Connection) -> Head | None:
    """The head; None where somebody took it away or wrote something else over it."""
    row = connection.execute(select(activity_head.c.number, activity_head.c.hash)).first()
    # SQLite keeps any type in any column.
    return Head(row.number, str(row.hash)) if row is not None and isinstance(row.number, int) else None


def _links(connection: Connection) -> Iterator[Link]:
    named = [activity.c[field.name] for field in fields(Link)]
    for row in connection.execute(select(*named).order_by(activity.c.number).execution_options(yield_per=1_000)):
        yield Link(*row)


def _entry_of(row: Row) -> ActivityEntry:
    try:
        at, detail = datetime.fromisoformat(row.at), json.loads(row.detail)
    except (TypeError, ValueError):
        raise ServiceError(
            f"Entry {row.number:,} of the activity log cannot be read: it was changed outside this app. "
            "The command activity --verify finds every such place."
        ) from None
    return ActivityEntry(row.number, at, row.actor, row.district_id, row.action, detail, row.hash)
