"""A district's newest roster from Clever into the store: by events where they are certain, else by a full pull."""

from __future__ import annotations

from dataclasses import dataclass

from roster_core.adapters.clever import CleverClient
from roster_core.adapters.clever_events import fetch
from roster_core.adapters.store import KeptCursor, RosterInfo, Store
from roster_core.errors import InputError
from roster_core.roster import Progress, Roster


@dataclass(frozen=True, eq=False)
class Refreshed:
    """What came: `events` says how many events brought the stored roster up to date, None after a full pull.

    `why` says then why it was pulled in full. `before` is what was the district's newest roster until now.
    """

    roster: Roster
    info: RosterInfo
    before: RosterInfo | None
    events: int | None
    why: str

    @property
    def source(self) -> str:
        """How it came, for people."""
        if self.events is None:
            return f"fetched in full from Clever: {self.why}"
        return f"brought up to date by {self.events:,} of Clever's events"


def refresh(
    client: CleverClient, store: Store, district_id: str, *, actor: str, progress: Progress | None = None
) -> Refreshed:
    """Fetches the district and makes it the newest roster of the store, with a line in the activity log.

    Raises ServiceError where Clever or the store fails, InputError for a district that is not connected or that
    shares no student; the roster from before then stays as it was.
    """
    kept = store.cursors.get(district_id)
    fetched = fetch(
        client,
        district_id,
        cursor=None if kept is None else kept.cursor,
        stored=lambda: None if kept is None else _stored(store, district_id, kept),
        progress=progress,
    )
    roster, now = fetched.roster, client.now()
    if not len(roster.students):
        raise InputError(
            f"Clever shares no student of district {district_id}. The roster from before stays as it was. "
            "Ask the district what it shares with this app."
        )
    if progress:
        progress("Keeping the roster", 0, None)
    told, before = roster.district, store.rosters.latest(roster.district.id)
    # The roster after its district: a district with no roster is only a name. The cursor last: it must not be ahead.
    store.districts.save(told.id, name=told.name or told.id, source="clever", now=now)
    info = store.rosters.save(roster)
    store.cursors.keep(told.id, fetched.cursor, info.fingerprint)
    store.activity.add(now, actor, told.id, "pull", {**info.logged, "events": fetched.events})
    return Refreshed(roster, info, before, fetched.events, fetched.why)


def _stored(store: Store, district_id: str, kept: KeptCursor) -> Roster | None:
    known = {info.fingerprint for info in store.rosters.history(district_id)}
    return store.rosters.load(kept.fingerprint, district_id) if kept.fingerprint in known else None
