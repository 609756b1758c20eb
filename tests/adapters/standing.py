"""What a store says of itself, and that it is sound: for tests that break things under it."""

from __future__ import annotations

from itertools import count

from roster_core.adapters.store import Store
from tests.adapters.committing import NOW

_next = count(1)


def standing(store: Store) -> tuple[object, ...]:
    """All that people can see of a store, to compare before and after: rosters, rules, receipts, what is in force."""
    return (
        [(info.district_id, info.fingerprint, info.size) for info in store.rosters.list()],
        store.districts.list(),
        store.ledger.receipts(),
        store.ledger.current_receipts(),
        store.rule_sets.draft("d1"),
        store.rule_sets.versions("d1"),
        [entry.action for entry in store.activity.list()],
    )


def assert_sound(store: Store) -> None:
    """Every roster is proved by its fingerprint, what is in force has all its rows, and writing goes on."""
    for info in store.rosters.list():
        assert store.rosters.load(info.fingerprint, info.district_id).fingerprint == info.fingerprint
    for receipt in store.ledger.current_receipts():
        current = store.ledger.current(receipt.district_id, receipt.target)
        assert current is not None and current.receipt_id == receipt.receipt_id
        assert len(current.rows) == receipt.students
    assert store.activity.verify() == []
    store.districts.save(f"next-{next(_next)}", name="Oak", source="file", now=NOW)
