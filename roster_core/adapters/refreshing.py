"""A district's newest roster from Clever into the store: by events where they are certain, else by a full pull."""

from __future__ import annotations

from dataclasses import dataclass

from roster_core.adapters.clever import CleverClient
from roster_core.adapters.clever_events import fetch
from roster_core.adapters.store import KeptCursor, Pulled, RosterInfo, Store
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
    client: CleverClient,
    store: Store,
    district_id: str,
    *,
    actor: str,
    began: int,
    progress: Progress | None = None,
) -> Refreshed:
    """Fetches the district and makes it the newest roster of the store, with a line in the activity log.

    Raises ServiceError where Clever or the store fails, InputError for a district that is not connected or that
    shares no student; the roster from before then stays as it was. Raises Refusal where the district was deleted
    after the entry `began` of the log: it stays deleted.
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
    before = store.rosters.latest(roster.district.id)
    pulled = Pulled(fetched.cursor, fetched.events)
    info = store.keep_load(roster, source="clever", began=began, actor=actor, now=now, pulled=pulled)
    return Refreshed(roster, info, before, fetched.events, fetched.why)


def _stored(store: Store, district_id: str, kept: KeptCursor) -> Roster | None:
    known = {info.fingerprint for info in store.rosters.history(district_id)}
    return store.rosters.load(kept.fingerprint, district_id) if kept.fingerprint in known else None
