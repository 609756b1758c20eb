"""Lost answers, double sends and deaths: the HTTP target asks, and never sends blindly again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roster_core.adapters.selweb_http import HttpTarget
from roster_core.adapters.store import Store
from roster_core.errors import ServiceError
from roster_core.settings import Secret
from tests.adapters.committing import a_receipt, outcomes_of
from tests.adapters.selweb_committing import a_plan, commit
from tests.adapters.selweb_service import (
    Fault,
    RosterService,
    bad_gateway,
    cut_after,
    dies,
    lost_after,
    lost_before,
    says,
    twice,
    unavailable,
)


def assert_asked_before_sent_again(service: RosterService) -> None:
    """Between two equal POSTs that change something the state was asked for."""
    for what in ("POST stage", "POST commit"):
        since_asked = True
        for asked in service.whats():
            assert asked != what or since_asked, f"{what} was sent again blindly"
            since_asked = asked == "GET state" or (since_asked and asked != what)


LOSSES: dict[str, Fault] = {
    "not done": lost_before,
    "done": lost_after,
    "half an answer": cut_after,
    "503": unavailable,
    "502 though done": bad_gateway,
    "twice": twice,
    "nonsense": says(200, b"<html>Please wait</html>"),
    "another roster": says(200, {"roster": {"district_id": "d1", "digest": "00", "state": "staged", "receipt": None}}),
}


@pytest.mark.parametrize("what", ["POST stage", "PUT part", "POST preflight", "POST commit", "GET state"])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_lost_answer_is_found_out_by_asking(
    target: HttpTarget, service: RosterService, store: Store, what: str, loss: Fault
) -> None:
    """Whatever answer is lost, the roster is committed once, with one receipt, and nothing was sent blindly again."""
    plan = a_plan(target)
    service.faults[what] = [loss, loss]
    receipt = commit(plan, target)
    service.faults.clear()
    assert service.commits == 1 and service.in_force == {"d1": plan.digest}
    assert target.current("d1").receipt_id == receipt.receipt_id
    assert store.ledger.current_receipts() == [receipt]
    assert_asked_before_sent_again(service)


def test_a_plan_sent_again_is_answered_with_its_receipt(target: HttpTarget, service: RosterService) -> None:
    """From the top or straight at the service, in force or replaced: one commit, one receipt."""
    plan = a_plan(target)
    first = commit(plan, target)
    later = replace(a_receipt(plan, by="kim"), where="elsewhere")
    assert commit(plan, target) == first
    assert target.commit(target.stage(plan), plan, later) == first
    commit(a_plan(target, 2), target)
    assert commit(plan, target) == first
    assert target.commit(target.stage(plan), plan, later) == first
    assert service.commits == 2


def test_the_same_plan_from_two_hands_is_committed_once(target: HttpTarget, service: RosterService) -> None:
    """Two who commit the same plan at once get the same receipt."""
    plan = a_plan(target)
    stage_id = target.stage(plan)
    receipts = [replace(a_receipt(plan, by=by), where=target.where) for by in ("dana", "kim")]
    outcomes = outcomes_of(*(lambda one=one: target.commit(stage_id, plan, one) for one in receipts))
    assert outcomes[0] == outcomes[1] and outcomes[0] in receipts and service.commits == 1


@pytest.mark.parametrize("done", [False, True], ids=["rolled back", "done"])
def test_a_service_that_dies_in_a_commit_and_comes_back_is_asked(
    target: HttpTarget, service: RosterService, done: bool
) -> None:
    """Whatever it did before it died, the roster is in force once, whole."""
    plan = a_plan(target)
    service.faults["POST commit"] = [dies(done=done)]
    receipt = commit(plan, target)
    assert service.commits == 1 and target.current("d1").receipt_id == receipt.receipt_id
    assert service.whats().count("POST commit") == (1 if done else 2)
    assert_asked_before_sent_again(service)


def test_a_service_that_stays_away_leaves_nobody_guessing(store: Store, service: RosterService) -> None:
    """The message says that nobody knows; the same plan committed later is answered."""
    away = HttpTarget(store, service.url, Secret(service.token), sleep=lambda seconds: None)
    plan = a_plan(away)
    service.faults["POST commit"] = [dies(done=True)]
    with pytest.raises(ServiceError, match="Which roster is in force is not known"):
        commit(plan, away)
    assert store.ledger.receipts() == []
    service.start()
    assert commit(plan, away).digest == plan.digest
    assert service.commits == 1 and len(store.ledger.receipts()) == 1


def test_a_slow_commit_is_waited_for(target: HttpTarget, service: RosterService) -> None:
    """A commit that is still being done is asked for until it is, and never sent again."""
    service.slow = 4
    receipt = commit(a_plan(target), target)
    assert service.whats().count("POST commit") == 1 and target.current("d1").receipt_id == receipt.receipt_id


def test_a_commit_that_never_ends_is_given_up(target: HttpTarget, service: RosterService) -> None:
    """After ten minutes a person learns that it is still being done."""
    service.slow = 10_000
    with pytest.raises(ServiceError, match="still busy"):
        commit(a_plan(target), target)
    assert service.whats().count("POST commit") == 1
