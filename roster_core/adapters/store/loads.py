"""A load is one deed: the district, its roster, the place in Clever's events and the line in the log, or none of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from roster_core.adapters.event_cursor import Cursor
from roster_core.adapters.store.activity import Detail, record, refuse_deleted
from roster_core.adapters.store.cursors import put_cursor
from roster_core.adapters.store.districts import put_district
from roster_core.adapters.store.rosters import RosterInfo, put_roster
from roster_core.roster import Roster


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a fetch from Clever brings beside the roster: the event it stands at, and how many brought it there.

    `events` is None after a fetch in full.
    """

    cursor: Cursor | None
    events: int | None


def keep_load(
    connection: Connection,
    roster: Roster,
    *,
    source: str,
    began: int,
    actor: str,
    now: datetime,
    pulled: Pulled | None = None,
) -> RosterInfo:
    """As `Store.keep_load`, in the caller's transaction."""
    told, action = roster.district, "load-roster"
    detail: Detail = {}
    refuse_deleted(connection, told.id, began)
    put_district(connection, told.id, name=told.name or told.id, source=source, now=now)
    info = put_roster(connection, roster)
    if pulled is not None:
        put_cursor(connection, told.id, pulled.cursor, info.fingerprint)
        action, detail = "pull", {"events": pulled.events}
    record(connection, now=now, actor=actor, district_id=told.id, action=action, detail={**info.logged, **detail})
    return info
