"""Several people, and time, at work on one store at the same moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from roster_core.adapters.store import Store, open_store
from roster_core.errors import Refusal
from tests.adapters.committing import HOMEROOMS, NOW, a_plan, a_receipt, a_roster, outcomes_of
from tests.adapters.standing import assert_sound


@pytest.mark.parametrize("round_", range(3))
def test_a_purge_during_a_commit_takes_nothing_of_it(database_url: str, round_: int) -> None:
    """Purges of everything old beside two commits and a load: one commit wins, and it is in force with all its rows."""
    stores = [open_store(database_url) for _ in range(2)]
    first = stores[0]
    first.rosters.save(a_roster(60, 1))
    plan = a_plan(first, seed=1)
    first.ledger.commit(plan, a_receipt(plan))
    plans = [a_plan(first, seed=seed) for seed in (2, 3)]
    later = NOW + timedelta(days=round_)
    outcomes = outcomes_of(
        lambda: stores[0].ledger.commit(plans[0], a_receipt(plans[0])),
        lambda: stores[1].purge(later, actor="ada", now=later),
        lambda: stores[1].ledger.commit(plans[1], a_receipt(plans[1])),
        lambda: stores[0].purge(later, actor="ben", now=later),
        lambda: stores[0].rosters.save(a_roster(60, 4)),
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], Refusal), outcomes
    assert_sound(first)
    won = {a_receipt(each).receipt_id for each in plans}
    assert {receipt.receipt_id for receipt in first.ledger.current_receipts("d1")} < won
    for store in stores:
        store.close()


def test_two_who_edit_the_same_rules_never_overwrite_each_other(database_url: str) -> None:
    """Of drafts and saves sent at one moment from what both saw, one is kept each time and the others are told."""
    stores = [open_store(database_url) for _ in range(2)]
    for turn in range(4):
        drafts = outcomes_of(*(partial(_save_draft, store, turn, text) for store in stores for text in ("{}", "[]")))
        assert sum(isinstance(outcome, Refusal) for outcome in drafts) == 3, drafts
        saves = outcomes_of(*(partial(_save, store, turn, name) for store, name in zip(stores, "ab", strict=True)))
        assert sum(isinstance(outcome, Refusal) for outcome in saves) == 1, saves
    assert sorted(each.version for each in stores[0].rule_sets.versions("d1")) == [1, 2, 3, 4]
    assert_sound(stores[0])
    for store in stores:
        store.close()


def _save_draft(store: Store, revision: int, text: str) -> object:
    return store.rule_sets.save_draft("d1", text, expected_revision=revision, actor="ada", now=NOW)


def _save(store: Store, version: int, name: str) -> object:
    rules = replace(HOMEROOMS, name=f"{name} after {version}")
    return store.rule_sets.save("d1", rules, expected_version=version, actor="ben", now=NOW)
