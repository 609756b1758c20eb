"""Approved moves and removals: against one roster in force, taken back, recorded by count and ids, gone in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from roster_core.adapters.store import Store

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)


def _approve(store: Store, receipt_id: str, *changes: tuple[str, str], district_id: str = "d1") -> None:
    store.window_approvals.approve(district_id, receipt_id, changes, actor="dana", now=NOW)


def test_an_approval_is_kept_until_it_is_taken_back(store: Store) -> None:
    """Approving twice is approving once; other students' approvals stay."""
    _approve(store, "R-1", ("u1", "h2"), ("u2", ""))
    _approve(store, "R-1", ("u1", "h2"))
    assert store.window_approvals.get("d1", "R-1") == {("u1", "h2"), ("u2", "")}
    store.window_approvals.withdraw("d1", "R-1", [("u2", "")], actor="lee", now=NOW)
    assert store.window_approvals.get("d1", "R-1") == {("u1", "h2")}
    assert store.window_approvals.get("d2", "R-1") == frozenset()


def test_the_next_commit_forgets_what_was_approved(store: Store) -> None:
    """An approval speaks of one roster in force."""
    _approve(store, "R-1", ("u1", "h2"))
    _approve(store, "R-1", ("u1", "h2"), district_id="d2")
    _approve(store, "R-2", ("u3", ""))
    assert store.window_approvals.get("d1", "R-1") == frozenset()
    assert store.window_approvals.get("d1", "R-2") == {("u3", "")}
    assert store.window_approvals.get("d2", "R-1") == {("u1", "h2")}


def test_the_log_has_count_and_ids(store: Store) -> None:
    """Who approved whose move, and who took it back; nothing for an empty list."""
    _approve(store, "R-1", ("u2", ""), ("u1", "h2"))
    _approve(store, "R-1")
    store.window_approvals.withdraw("d1", "R-1", [("u1", "h2")], actor="lee", now=NOW)
    told = [(entry.actor, entry.action, entry.detail) for entry in store.activity.list("d1")]
    assert told == [
        ("lee", "withdraw-moves", {"receipt_id": "R-1", "students": 1, "student_ids": ["u1"]}),
        ("dana", "approve-moves", {"receipt_id": "R-1", "students": 2, "student_ids": ["u1", "u2"]}),
    ]


def test_approvals_go_with_their_district_and_in_time(store: Store) -> None:
    """Deleting a district and purging leave none behind."""
    for district_id in ("d1", "d2"):
        store.districts.save(district_id, name=district_id, source="file", now=NOW)
        _approve(store, "R-1", ("u1", "h2"), district_id=district_id)
    store.districts.delete("d1", actor="dana", now=NOW)
    assert not store.window_approvals.get("d1", "R-1")
    store.purge(NOW + timedelta(days=1), actor="dana", now=NOW)
    assert not store.window_approvals.get("d2", "R-1")
