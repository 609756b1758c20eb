"""The HTTP target against a real service on the loopback: what arrives there, objections, refusals, secrets."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from roster_core.adapters.selweb_http import HttpTarget
from roster_core.adapters.store import Store, open_store
from roster_core.errors import InputError, Refusal, RosterError, ServiceError
from roster_core.settings import Secret
from tests.adapters.committing import a_receipt
from tests.adapters.selweb_committing import a_plan, a_target, commit
from tests.adapters.selweb_service import (
    RosterService,
    a_finding,
    cut_after,
    refusal,
    says,
)
from tests.databases import put_migrated


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
    rows = plan.rows.assign(first_name='Zoë "Z", 李\n', last_name="")
    receipt = commit(replace(plan, rows=rows), target)
    elsewhere = open_store(put_migrated(tmp_path / "other.sqlite3"))
    current = a_target(elsewhere, service).current("d1")
    pd.testing.assert_frame_equal(current.rows, rows)
    assert elsewhere.ledger.current_receipts("d1") == [receipt]
    elsewhere.close()


def test_many_rows_go_in_parts(target: HttpTarget, service: RosterService) -> None:
    """More than 25,000 rows are several bodies; those that arrived before a stop are not sent again."""
    plan = a_plan(target, students=33_000)
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
    no = refusal(
        "not-acceptable", "Two schools are not licensed.", a_finding("School 'A7'."), a_finding("School 'B2'.")
    )
    service.faults[what] = [says(status, no[1])]
    with pytest.raises(Refusal, match=r"SELweb refuses this roster: Two schools are not licensed\. School 'A7'\."):
        commit(a_plan(target), target)
    assert store.ledger.receipts() == [] and service.commits == 0


def test_a_no_without_reasons_is_still_told(target: HttpTarget, service: RosterService) -> None:
    """An error body that is none is named by its status."""
    service.faults["POST commit"] = [says(422, b"<html>no</html>")]
    with pytest.raises(Refusal, match=r"It gave no reason \(status 422\)"):
        commit(a_plan(target), target)


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
    assert len(told) == 3 and "******** was refused" in told[0]
    private = {service.token, *plan.rows["birthdate"], *(plan.rows["first_name"] + " " + plan.rows["last_name"])}
    said = "\n".join([*told, caplog.text, *(asked.path for asked in service.asked)])
    assert not [word for word in private if word in said]
