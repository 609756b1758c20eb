"""The place in Clever's events that a stored roster stands at: kept, renewed, and gone with its district or in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from roster_core.adapters.event_cursor import Cursor
from roster_core.adapters.store import KeptCursor, Store

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
CURSOR = Cursor("e1", NOW - timedelta(hours=2), NOW)


def test_a_cursor_comes_back_with_its_roster(store: Store) -> None:
    """A later one takes the place of the earlier, each district has its own, and None forgets."""
    store.cursors.keep("d1", CURSOR, "f1")
    store.cursors.keep("d2", CURSOR, "f2")
    later = Cursor("e2", NOW, NOW)
    store.cursors.keep("d1", later, "f3")
    assert store.cursors.get("d1") == KeptCursor(later, "f3")
    assert store.cursors.get("d2") == KeptCursor(CURSOR, "f2")
    store.cursors.keep("d2", None, "f2")
    assert store.cursors.get("d2") is None


def test_a_cursor_goes_with_its_district_and_with_old_rosters(store: Store) -> None:
    """Deleting a district and purging leave no cursor behind."""
    for district_id in ("d1", "d2"):
        store.districts.save(district_id, name=district_id, source="clever", now=NOW)
        store.cursors.keep(district_id, CURSOR, "f")
    store.districts.delete("d1", actor="dana", now=NOW)
    assert store.cursors.get("d1") is None
    store.purge(NOW, actor="dana", now=NOW)
    assert store.cursors.get("d2") is not None
    store.purge(NOW + timedelta(days=1), actor="dana", now=NOW)
    assert store.cursors.get("d2") is None
