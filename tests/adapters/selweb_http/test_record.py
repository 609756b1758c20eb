"""What the HTTP target records here of what is in force at the service, whoever brought it there."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from roster_core.adapters.selweb_http import HttpTarget
from roster_core.adapters.store import Store, open_store
from roster_core.adapters.store.ledger import Ledger
from roster_core.commit import Receipt, commit_plan
from roster_core.errors import ServiceError
from roster_core.plan import plan_commit, plan_restore
from roster_core.settings import Secret
from tests.adapters.committing import HOMEROOMS, NOW, a_receipt, a_roster
from tests.adapters.selweb_committing import a_plan, a_target, commit
from tests.adapters.selweb_service import RosterService, says
from tests.databases import put_migrated
from tests.processes import start


def commit_and_die_before_recording(database: str, url: str, token: str) -> None:
    """Commits at the service; kills its own process before anything is recorded here."""
    store = open_store(database)
    store.ledger.follow = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    target = HttpTarget(store, url, Secret(token))
    commit(a_plan(target), target)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("look", ["current", "receipt_for", "commit"])
def test_a_process_killed_before_it_recorded_is_completed_by_the_next_look(
    store: Store, service: RosterService, tmp_path: Path, look: str
) -> None:
    """Killed between the service's commit and the record here, receipt and rows are recorded when next asked for."""
    database = f"sqlite:///{tmp_path / 'roster.sqlite3'}"
    process = start(commit_and_die_before_recording, database, service.url, service.token)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL and service.commits == 1 and store.ledger.receipts() == []
    target = a_target(store, service)
    digest = service.in_force["d1"]
    if look == "current":
        target.current("d1")
    elif look == "receipt_for":
        target.receipt_for("d1", digest)
    else:
        fresh = plan_commit(a_roster(), HOMEROOMS, district_id="d1", target="http")
        assert commit(fresh, target).digest == digest
    receipts = store.ledger.receipts("d1")
    assert [receipt.digest for receipt in receipts] == [digest] and store.ledger.current_receipts("d1") == receipts
    assert len(store.ledger.rows(receipts[0].receipt_id)) == receipts[0].students
    assert service.commits == 1


def test_another_installation_is_followed(service: RosterService, store: Store, tmp_path: Path) -> None:
    """What another one committed is in force here at the next look; both histories hold what was replaced."""
    other_store = open_store(put_migrated(tmp_path / "other.sqlite3"))
    here, there = a_target(store, service), a_target(other_store, service)
    first = commit(a_plan(here, 1), here)
    second = commit(a_plan(there, 2), there)
    assert [receipt.receipt_id for receipt in store.ledger.current_receipts()] == [first.receipt_id]
    assert here.current("d1").receipt_id == second.receipt_id
    assert store.ledger.current_receipts("d1") == [second] and store.ledger.receipts("d1") == [second, first]
    assert other_store.ledger.receipts("d1") == [second, first]
    other_store.close()


def test_a_replaced_roster_found_by_its_digest_is_recorded_too(
    service: RosterService, store: Store, tmp_path: Path
) -> None:
    """It joins the history without coming into force, and only if the service still has its rows."""
    other_store = open_store(put_migrated(tmp_path / "other.sqlite3"))
    there = a_target(other_store, service)
    first, second = commit(a_plan(there, 1), there), commit(a_plan(there, 2), there)
    here = a_target(store, service)
    kept = service.rosters["d1", first.digest]
    parts, kept.parts = kept.parts, {}
    assert here.receipt_for("d1", first.digest) == first and store.ledger.receipts() == []
    kept.parts = parts
    assert here.receipt_for("d1", first.digest) == first and store.ledger.receipts() == [first]
    assert store.ledger.current_receipts() == []
    assert here.current("d1").receipt_id == second.receipt_id
    other_store.close()


def test_a_service_that_forgot_everything_has_no_roster_in_force(
    target: HttpTarget, service: RosterService, store: Store
) -> None:
    """The record here follows it, the receipts stay, and the same roster can be sent anew."""
    receipt = commit(a_plan(target), target)
    service.rosters.clear()
    service.in_force.clear()
    assert target.current("d1") is None and store.ledger.current_receipts() == []
    assert store.ledger.receipts() == [receipt]
    assert commit(a_plan(target), target).digest == receipt.digest
    assert service.commits == 2 and store.ledger.current_receipts() == [receipt]


def test_an_earlier_roster_is_restored_from_the_record_here(target: HttpTarget, store: Store) -> None:
    """The rows kept here become a new roster at the service."""
    first_plan = a_plan(target, 1)
    first = commit(first_plan, target)
    commit(a_plan(target, 2), target)
    earlier = store.ledger.committed(first.receipt_id)
    plan = plan_restore(earlier, district_id="d1", target="http", current=target.current("d1"))
    receipt = commit_plan(plan, None, target, approval="wrong file", now=NOW)
    assert receipt.kind == "restore"
    pd.testing.assert_frame_equal(target.current("d1").rows, first_plan.rows)


FALSE_ANSWERS = {
    "another district": {"district_id": "d2"},
    "no such state": {"state": "eternal"},
    "committed without a receipt": {"receipt": None},
    "half a receipt": {"receipt": {"receipt_id": "R-1"}},
    "no parts": {"parts": None},
}


@pytest.mark.parametrize("false", FALSE_ANSWERS.values(), ids=FALSE_ANSWERS)
def test_an_answer_that_is_not_as_agreed_is_a_failure(
    target: HttpTarget, service: RosterService, store: Store, false: dict[str, object]
) -> None:
    """It is never taken for a roster, nor for its absence, and changes no record."""
    receipt = commit(a_plan(target), target)
    told = service.answer("GET state", ["v1", "districts", "d1", "rosters", "current"], _signed(service), b"")[1]
    service.faults["GET state"] = [says(200, {"roster": {**told["roster"], **false}})] * 6
    with pytest.raises(ServiceError, match="not what was asked for"):
        target.current("d1")
    assert store.ledger.current_receipts() == [receipt]


def _signed(service: RosterService) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.token}"}


def test_rows_that_do_not_add_up_are_a_failure(service: RosterService, store: Store, tmp_path: Path) -> None:
    """Too few rows, or a student twice, are no roster."""
    other_store = open_store(put_migrated(tmp_path / "other.sqlite3"))
    there = a_target(other_store, service)
    receipt = commit(a_plan(there), there)
    columns = service.rosters["d1", receipt.digest].parts[1]["columns"]
    columns["student_id"][1] = columns["student_id"][0]
    with pytest.raises(ServiceError, match="other rows than receipt"):
        a_target(store, service).current("d1")
    assert store.ledger.receipts() == []
    other_store.close()


def test_a_record_that_fails_here_says_that_the_roster_is_there(
    target: HttpTarget, service: RosterService, store: Store
) -> None:
    """The message names who has the roster, and the record is made at the next look."""

    class FailingLedger(Ledger):
        def follow(self, receipt: Receipt, rows: pd.DataFrame, *, instead_of: str) -> None:
            raise ServiceError("The database failed.")

    plan = a_plan(target)
    stage_id, receipt = target.stage(plan), replace(a_receipt(plan), where=target.where)
    working, store.ledger = store.ledger, FailingLedger(store._database)
    with pytest.raises(ServiceError, match=f"SELweb has this roster, receipt {receipt.receipt_id}.*next look"):
        a_target(store, service).commit(stage_id, plan, receipt)
    store.ledger = working
    assert store.ledger.receipts() == [] and target.current("d1").receipt_id == receipt.receipt_id
    assert store.ledger.receipts() == [receipt]
