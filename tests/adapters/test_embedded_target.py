"""The embedded target keeps rosters in the app's own database and says so."""

from __future__ import annotations

import dataclasses

import pytest

from roster_core.adapters.selweb import EmbeddedTarget
from roster_core.adapters.store import Store
from roster_core.errors import InputError, Refusal
from tests.adapters.committing import a_plan, a_receipt


def test_it_says_where_a_roster_went(store: Store) -> None:
    """Its name is that of plans and settings; its sentence names the product that has not got the roster."""
    assert EmbeddedTarget(store).name == "embedded"
    assert EmbeddedTarget(store).where == "recorded here, not yet in SELweb"
    assert EmbeddedTarget(store, product="Other").where == "recorded here, not yet in Other"


def test_a_staged_plan_becomes_current(store: Store) -> None:
    """Stage, the target's own preflight and commit lead to a current roster and a receipt found by its digest."""
    target = EmbeddedTarget(store)
    assert target.current("d1") is None
    plan = a_plan(store)
    stage_id = target.stage(plan)
    assert target.preflight(stage_id) == ()
    receipt = target.commit(stage_id, plan, a_receipt(plan))
    assert target.current("d1").receipt_id == receipt.receipt_id
    assert target.receipt_for("d1", plan.digest) == receipt
    assert target.receipt_for("d2", plan.digest) is None


def test_only_the_staged_plan_is_committed(store: Store) -> None:
    """Another plan under the same stage, and a plan for another target, are refused untouched."""
    target = EmbeddedTarget(store)
    plan, other = a_plan(store, seed=1), a_plan(store, seed=2)
    with pytest.raises(InputError, match="not the plan that was staged"):
        target.commit(target.stage(plan), other, a_receipt(other))
    with pytest.raises(InputError, match="made for 'http'"):
        target.stage(dataclasses.replace(plan, target="http"))
    assert target.current("d1") is None


def test_a_current_roster_that_moved_is_a_refusal(store: Store) -> None:
    """What came into force after the plan was made stays in force."""
    target = EmbeddedTarget(store)
    stale, winner = a_plan(store, seed=1), a_plan(store, seed=2)
    target.commit(target.stage(winner), winner, a_receipt(winner))
    with pytest.raises(Refusal):
        target.commit(target.stage(stale), stale, a_receipt(stale))
    assert target.current("d1").receipt_id == a_receipt(winner).receipt_id
