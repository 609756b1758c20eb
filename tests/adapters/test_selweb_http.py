"""The HTTP target against a real service on the loopback: lost answers, double sends, refusals, deaths, other hands."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from roster_core.adapters.selweb_http import HttpTarget
from roster_core.adapters.store import Store, open_store
from roster_core.adapters.store.ledger import Ledger
from roster_core.commit import Receipt, commit_plan
from roster_core.errors import InputError, Refusal, RosterError, ServiceError
from roster_core.plan import CommitPlan, plan_commit, plan_restore
from roster_core.preflight import PreflightReport
from roster_core.settings import Secret
from tests.adapters.committing import HOMEROOMS, NOW, a_receipt, a_roster, outcomes_of
from tests.adapters.selweb_service import (
    Fault,
    RosterService,
    a_finding,
    bad_gateway,
    cut_after,
    dies,
    lost_after,
    lost_before,
    refusal,
    says,
    twice,
    unavailable,
)


@pytest.fixture
def service() -> Iterator[RosterService]:
    """The service, without any roster."""
    with RosterService() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The app's own store."""
    opened = open_store(f"sqlite:///{tmp_path / 'roster.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def target(store: Store, service: RosterService) -> HttpTarget:
    """The target, which never really waits."""
    return a_target(store, service)


def a_target(store: Store, service: RosterService) -> HttpTarget:
    """A target over a store; while it waits, a dead service comes back."""

    def sleep(_: float) -> None:
        try:
            service.start()
        except OSError:
            # It runs already, so its address is taken.
            return

    return HttpTarget(store, service.url, Secret(service.token), sleep=sleep)


def a_plan(target: HttpTarget, seed: int = 7, *, students: int = 60, district_id: str = "d1") -> CommitPlan:
    """A plan of a made-up district against what is in force at the target."""
    current = target.current(district_id)
    return plan_commit(
        a_roster(students, seed), HOMEROOMS, district_id=district_id, target=target.name, current=current
    )


def commit(plan: CommitPlan, target: HttpTarget) -> Receipt:
    """Commits a plan as the pages do, its preflight clean and any hold approved."""
    clean = PreflightReport(plan.digest, pd.DataFrame({"code": [], "severity": []}))
    return commit_plan(plan, clean, target, actor="dana", approval="new school year", now=NOW)


def assert_asked_before_sent_again(service: RosterService) -> None:
    """Between two equal POSTs that change something the state was asked for."""
    for what in ("POST stage", "POST commit"):
        since_asked = True
        for asked in service.whats():
            assert asked != what or since_asked, f"{what} was sent again blindly"
            since_asked = asked == "GET state" or (since_asked and asked != what)


def test_a_committed_roster_is_in_force_there_and_recorded_here(
    target: HttpTarget, service: RosterService, store: Store
) -> None:
    """The service holds every row, the store the receipt with its rows, and both name the same."""
    plan = a_plan(target)
    receipt = commit(plan, target)
    current = target.current("d1")
    assert current.receipt_id == receipt.receipt_id and current.digest == plan.digest
    pd.testing.assert_frame_equal(current.rows, plan.rows)
    assert store.ledger.receipts("d1") == [receipt] == store.ledger.current_receipts("d1")
    pd.testing.assert_frame_equal(store.ledger.rows(receipt.receipt_id), plan.rows)
    assert (receipt.target, receipt.where) == ("http", "sent to SELweb at 127.0.0.1")
    assert service.commits == 1 and set(service.in_force) == {"d1"}


def test_what_the_service_gives_back_is_what_was_sent(
    target: HttpTarget, service: RosterService, tmp_path: Path
) -> None:
    """A store that knows nothing reads the same rows from the service: co-teachers, umlauts and empty cells too."""
    plan = a_plan(target, students=300)
    assert (plan.rows["co_teacher_ids"] != "").any() and (plan.rows["co_teacher_ids"] == "").any()
    rows = plan.rows.assign(first_name="Zoë \"Z\", 李\n", last_name="")
    receipt = commit(replace(plan, rows=rows), target)
    elsewhere = open_store(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    current = a_target(elsewhere, service).current("d1")
    pd.testing.assert_frame_equal(current.rows, rows)
    assert elsewhere.ledger.current_receipts("d1") == [receipt]
    elsewhere.close()


def test_many_rows_go_in_parts(target: HttpTarget, service: RosterService) -> None:
    """More than 25,000 rows are several bodies; those that arrived before a stop are not sent again."""
    plan = a_plan(target, students=27_000)
    assert len(plan.rows) > 25_000
    service.faults["PUT part"] = [None, says(413)]
    with pytest.raises(ServiceError, match="smaller bodies"):
        commit(plan, target)
    assert service.whats().count("PUT part") == 2
    receipt = commit(plan, target)
    assert service.whats().count("PUT part") == 3
    assert receipt.students == len(plan.rows) == len(target.current("d1").rows)


def test_an_empty_roster_has_no_part(target: HttpTarget, service: RosterService) -> None:
    """A roster of no students is staged without rows and can be committed."""
    plan = a_plan(target)
    receipt = commit(replace(plan, rows=plan.rows.iloc[:0]), target)
    assert receipt.students == 0 and "PUT part" not in service.whats() and target.current("d1").rows.empty


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


def test_a_current_roster_that_moved_is_a_refusal(target: HttpTarget, service: RosterService) -> None:
    """What somebody else brought into force stays, also where the service is the first to notice."""
    stale, winner = a_plan(target, 1), a_plan(target, 2)
    stage_id = target.stage(stale)
    receipt = commit(winner, target)
    with pytest.raises(Refusal, match=f"Make a new plan.*In force: receipt {receipt.receipt_id}"):
        commit(stale, target)
    with pytest.raises(Refusal, match="Another roster came into force there after this plan was made"):
        target.commit(stage_id, stale, a_receipt(stale))
    assert service.in_force == {"d1": winner.digest}


def test_objections_become_findings(target: HttpTarget, service: RosterService) -> None:
    """A finding keeps its words and ids; one with a severity or owner nobody agreed on blocks, and is ours."""
    service.objections = [
        a_finding("School 'A' is\nnew.", "warning", owner="district", section_ids=["S1"], student_ids=None),
        a_finding("Odd.", "catastrophe", owner="the moon"),
    ]
    mild, odd = target.preflight(target.stage(a_plan(target)))
    assert (mild.code, mild.severity, mild.owner) == ("unknown-school", "warning", "district")
    assert (mild.section_ids, mild.student_ids, mild.message) == (("S1",), (), "School 'A' is new.")
    assert (odd.severity, odd.owner) == ("blocker", "us")


def test_a_warning_does_not_stop_a_commit_and_a_blocker_does(target: HttpTarget, service: RosterService) -> None:
    """The refusal names the first blockers and how many there are besides; nothing comes into force."""
    service.objections = [a_finding(f"School {number} is not licensed.") for number in range(5)]
    with pytest.raises(Refusal, match=r"School 0 .*School 2 is not licensed\. And 2 more\. .*no roster in force"):
        commit(a_plan(target), target)
    assert service.commits == 0 and target.current("d1") is None
    service.objections = [a_finding("School 1 is new.", "warning")]
    assert commit(a_plan(target), target)


@pytest.mark.parametrize("what", ["POST stage", "PUT part", "POST preflight", "POST commit"])
@pytest.mark.parametrize("status", [409, 422])
def test_a_no_at_any_step_is_a_refusal_with_its_reasons(
    target: HttpTarget, service: RosterService, store: Store, what: str, status: int
) -> None:
    """The service's message and findings are told, and nothing is recorded."""
    no = refusal("not-acceptable", "Two schools are not licensed.", a_finding("School 'A7'."), a_finding("School 'B2'."))
    service.faults[what] = [says(status, no[1])]
    with pytest.raises(Refusal, match=r"SELweb refuses this roster: Two schools are not licensed\. School 'A7'\."):
        commit(a_plan(target), target)
    assert store.ledger.receipts() == [] and service.commits == 0


def test_a_no_without_reasons_is_still_told(target: HttpTarget, service: RosterService) -> None:
    """An error body that is none is named by its status."""
    service.faults["POST commit"] = [says(422, b"<html>no</html>")]
    with pytest.raises(Refusal, match=r"It gave no reason \(status 422\)"):
        commit(a_plan(target), target)


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


_processes = multiprocessing.get_context("forkserver") if os.name != "nt" else multiprocessing


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
    process = _processes.Process(target=commit_and_die_before_recording, args=(database, service.url, service.token))
    process.start()
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
    other_store = open_store(f"sqlite:///{tmp_path / 'other.sqlite3'}")
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
    other_store = open_store(f"sqlite:///{tmp_path / 'other.sqlite3'}")
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
    other_store = open_store(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    there = a_target(other_store, service)
    receipt = commit(a_plan(there), there)
    columns = service.rosters["d1", receipt.digest].parts[1]["columns"]
    columns["student_id"][1] = columns["student_id"][0]
    with pytest.raises(ServiceError, match="other rows than receipt"):
        a_target(store, service).current("d1")
    assert store.ledger.receipts() == []
    other_store.close()


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404])
def test_a_wrong_address_or_token_is_no_absent_roster(target: HttpTarget, service: RosterService, status: int) -> None:
    """Only the service's own word says that a district has no roster; the token follows no redirect."""
    service.faults["GET state"] = [says(status, b"", Location="https://elsewhere.example.org/")]
    with pytest.raises(ServiceError, match=f"status {status}"):
        target.current("d1")


def test_a_district_id_is_one_piece_of_the_address(target: HttpTarget, service: RosterService) -> None:
    """Blanks, slashes and letters of any alphabet arrive as they are; what would climb is refused."""
    district = "Straße 1/2 ?#%2F"
    commit(a_plan(target, district_id=district), target)
    assert target.current(district) is not None and list(service.in_force) == [district]
    for climbing in ("", ".", ".."):
        with pytest.raises(InputError, match="cannot be part of an address"):
            target.current(climbing)


@pytest.mark.parametrize("url", ["http://selweb.example.org", "ftp://selweb.example.org", "https://a:b@example.org"])
def test_an_unsafe_address_is_refused(store: Store, url: str) -> None:
    """The token goes to https, or to this computer, and nowhere else."""
    with pytest.raises(InputError, match="The address of SELweb"):
        HttpTarget(store, url, Secret("t"))


def test_only_the_staged_plan_is_committed(target: HttpTarget, service: RosterService) -> None:
    """Another plan under the same stage, and a plan for another target, are refused untouched."""
    plan, other = a_plan(target, 1), a_plan(target, 2)
    with pytest.raises(InputError, match="not the plan that was staged"):
        target.commit(target.stage(plan), other, a_receipt(other))
    with pytest.raises(InputError, match="made for 'embedded'"):
        target.stage(replace(plan, target="embedded"))
    assert service.in_force == {}


def test_no_secret_and_no_name_leaves_the_body(
    target: HttpTarget, service: RosterService, caplog: pytest.LogCaptureFixture
) -> None:
    """Addresses hold ids only; no log and no message holds a name, a birthdate or the token, even an echoed one."""
    caplog.set_level(logging.DEBUG)
    plan = a_plan(target)
    service.faults["POST commit"] = [says(422, refusal("x", f"Bearer {service.token} was refused.")[1])]
    told: list[str] = []
    for fault in (None, says(401), cut_after):
        service.faults["POST preflight"] = [fault] * 6
        try:
            commit(plan, target)
        except RosterError as error:
            told.append("".join(traceback.format_exception(error)))
    assert len(told) == 2 and "******** was refused" in told[0]
    private = {service.token, *plan.rows["birthdate"], *(plan.rows["first_name"] + " " + plan.rows["last_name"])}
    said = "\n".join([*told, caplog.text, *(asked.path for asked in service.asked)])
    assert not [word for word in private if word in said]


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
