"""The place in Clever's events that a stored roster stands at: kept, renewed, and gone with its district or in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from roster_core.adapters.event_cursor import Cursor
from roster_core.adapters.store import KeptCursor, Pulled, RosterInfo, Store
from roster_core.roster import District
from tests.builders import district

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
CURSOR = Cursor("e1", NOW - timedelta(hours=2), NOW)


def pull(store: Store, district_id: str, cursor: Cursor | None, *, grade: str = "1") -> RosterInfo:
    """A fetch of the small clean district that stands at this event."""
    roster = replace(district(changed={"u1": {"grade": grade}}), district=District(id=district_id), fetched_at=NOW)
    return store.keep_load(
        roster, source="clever", began=store.activity.newest(), actor="dana", now=NOW, pulled=Pulled(cursor, 0)
    )


def test_a_cursor_comes_back_with_its_roster(store: Store) -> None:
    """A later one takes the place of the earlier, each district has its own, and None forgets."""
    pull(store, "d1", CURSOR)
    other = pull(store, "d2", CURSOR)
    later = Cursor("e2", NOW, NOW)
    newest = pull(store, "d1", later, grade="2")
    assert store.cursors.get("d1") == KeptCursor(later, newest.fingerprint)
    assert store.cursors.get("d2") == KeptCursor(CURSOR, other.fingerprint)
    pull(store, "d2", None)
    assert store.cursors.get("d2") is None


def test_a_cursor_goes_with_its_district_and_with_old_rosters(store: Store) -> None:
    """Deleting a district and purging leave no cursor behind."""
    for district_id in ("d1", "d2"):
        pull(store, district_id, CURSOR)
    store.districts.delete("d1", actor="dana", now=NOW)
    assert store.cursors.get("d1") is None
    store.purge(NOW, actor="dana", now=NOW)
    assert store.cursors.get("d2") is not None
    store.purge(NOW + timedelta(days=1), actor="dana", now=NOW)
    assert store.cursors.get("d2") is None
