"""A commit: answered if sent before, refused if not ready, and after any failure it is said what is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from roster_core.commit import Receipt, commit_plan
from roster_core.errors import Cancelled, InputError, Refusal, ServiceError
from roster_core.findings import Finding
from roster_core.plan import CommitPlan, CurrentRoster, plan_commit, plan_restore
from roster_core.preflight import PreflightReport, run_preflight
from roster_core.roster import Roster
from roster_core.rules import RuleSet
from tests.builders import HOMEROOMS, district
from tests.fakes import FakeTarget

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OTHER_NAME = replace(HOMEROOMS, name="Else")
ONE_SCHOOL = replace(HOMEROOMS, assessed_schools=("A",))


def prepared(
    target: FakeTarget, rule_set: RuleSet = HOMEROOMS, roster: Roster | None = None, approval: str = ""
) -> tuple[CommitPlan, PreflightReport]:
    """A plan against what the target has in force, and its report."""
    chosen = roster or district()
    plan = plan_commit(chosen, rule_set, district_id="d1", current=target.current("d1"))
    return plan, run_preflight(chosen, rule_set, plan=plan, approval=approval)


def committed(target: FakeTarget, rule_set: RuleSet = HOMEROOMS, approval: str = "") -> Receipt:
    """The receipt of a commit of the clean district."""
    plan, report = prepared(target, rule_set, approval=approval)
    return commit_plan(plan, report, target, actor="dana", approval=approval, now=NOW)


def in_force(target: FakeTarget) -> CurrentRoster | None:
    """What is in force, asked of a target that answers again."""
    target.fail_at, target._down = "", False
    return target.current("d1")


@pytest.fixture(name="target")
def _target() -> FakeTarget:
    return FakeTarget()


def test_a_commit_makes_the_plan_current_and_gives_its_receipt(target: FakeTarget) -> None:
    """Stage, the target's own preflight, commit; the receipt tells all of it."""
    plan, report = prepared(target)

    receipt = commit_plan(plan, report, target, actor="dana", now=NOW)

    assert target.asked[-3:] == ["stage", "preflight", "commit"]
    assert in_force(target).rows.equals(plan.rows)
    assert receipt == Receipt(
        receipt_id=f"R-{plan.digest[:12]}",
        digest=plan.digest,
        district_id="d1",
        district_name="Springfield USD",
        target="embedded",
        where="kept in a test",
        committed_at="2026-11-24T09:00:00+00:00",
        committed_by="dana",
        students=8,
        added=8,
        moved=0,
        updated=0,
        removed=0,
        fingerprint=district().fingerprint,
        rule_set_json=HOMEROOMS.to_json(),
        approval="",
        previous_receipt_id="",
        kind="commit",
    )


def test_the_same_plan_sent_again_is_answered_with_its_receipt(target: FakeTarget) -> None:
    """A repeated send is judged by nothing else: not by its report, nor by what is in force now."""
    plan, report = prepared(target)
    receipt = commit_plan(plan, report, target, now=NOW)
    committed(target, OTHER_NAME)

    assert commit_plan(plan, None, target, now=NOW.replace(year=2027)) == receipt
    assert target.asked.count("commit") == 2


def test_planning_anew_what_is_current_gives_the_receipt_that_exists(target: FakeTarget) -> None:
    """Equal rows and rules are already current, whatever the digest says, and need no report."""
    receipt = committed(target)
    plan, _ = prepared(target)

    assert plan.digest != receipt.digest
    assert commit_plan(plan, None, target, now=NOW) == receipt


def test_equal_rows_under_other_rules_get_a_receipt_without_change(target: FakeTarget) -> None:
    """The rule set is part of what is committed."""
    first = committed(target)

    second = committed(target, OTHER_NAME)

    assert second.receipt_id != first.receipt_id
    assert second.added == second.moved == second.updated == second.removed == 0
    assert second.previous_receipt_id == first.receipt_id


def test_what_was_current_once_is_a_change_like_any_other(target: FakeTarget) -> None:
    """Committing A, B and A again gives three receipts."""
    receipts = [committed(target), committed(target, OTHER_NAME), committed(target)]

    assert len({receipt.receipt_id for receipt in receipts}) == 3
    assert in_force(target).receipt_id == receipts[-1].receipt_id


def test_a_report_of_another_plan_is_refused(target: FakeTarget) -> None:
    """The report must be for this very plan; without one nothing is committed."""
    plan, _ = prepared(target)
    _, report = prepared(target, OTHER_NAME)

    with pytest.raises(Refusal, match="of another plan"):
        commit_plan(plan, report, target, now=NOW)
    with pytest.raises(Refusal, match="not passed a preflight"):
        commit_plan(plan, None, target, now=NOW)
    assert in_force(target) is None


def test_a_report_with_blockers_is_refused(target: FakeTarget) -> None:
    """One student without a birthdate stops everything, before anything is sent."""
    plan, report = prepared(target, roster=district(changed={"u1": {"birthdate_raw": ""}}))

    with pytest.raises(Refusal, match="found 1 blocker. .* District d1 has no roster in force"):
        commit_plan(plan, report, target, now=NOW, approval="please")
    assert "stage" not in target.asked


def test_a_held_change_needs_a_reason_which_the_receipt_keeps(target: FakeTarget) -> None:
    """Half of the students leave: refused until a person says why. The report may be older than the reason."""
    first = committed(target)
    plan, report = prepared(target, ONE_SCHOOL)

    with pytest.raises(Refusal, match=f"In force: receipt {first.receipt_id} with 8 students"):
        commit_plan(plan, report, target, now=NOW, approval="  ")
    receipt = commit_plan(plan, report, target, now=NOW, approval=" school B left ")

    assert (receipt.approval, receipt.removed) == ("school B left", 4)


def test_a_hold_stands_though_its_finding_was_switched_off(target: FakeTarget) -> None:
    """Severities cannot take the approval away from a person; a plan that is not held keeps no reason."""
    assert committed(target, approval="not needed").approval == ""
    plan, _ = prepared(target, ONE_SCHOOL)
    silent = run_preflight(district(), ONE_SCHOOL, plan=plan, approval="off the record")

    with pytest.raises(Refusal, match="This change is held: 4 of 8 students"):
        commit_plan(plan, silent, target, now=NOW)


def test_a_target_that_moved_is_refused(target: FakeTarget) -> None:
    """Somebody committed meanwhile: the plan is out of date, and the message says what is in force."""
    plan, report = prepared(target)
    other = committed(target, OTHER_NAME)

    with pytest.raises(Refusal, match=f"after this plan was made.*{other.receipt_id}"):
        commit_plan(plan, report, target, now=NOW)


def test_a_target_that_moves_during_the_commit_refuses(target: FakeTarget) -> None:
    """The target looks again in its own transaction."""
    plan, report = prepared(target)
    other, other_report = prepared(target, OTHER_NAME)

    def overtaken(what: str, done: int, total: int | None) -> None:
        if what == "Committing":
            commit_plan(other, other_report, target, now=NOW)

    with pytest.raises(Refusal, match=f"Somebody was faster. In force: receipt R-{other.digest[:12]}"):
        commit_plan(plan, report, target, now=NOW, progress=overtaken)


def test_a_plan_for_another_target_is_an_error(target: FakeTarget) -> None:
    """What is current is kept per target, so a plan is for one of them."""
    plan, report = prepared(target)

    with pytest.raises(InputError, match="made for embedded, not for http"):
        commit_plan(plan, report, FakeTarget(name="http"), now=NOW)


def test_blockers_of_the_target_stop_the_commit_and_its_warnings_do_not() -> None:
    """The target's objections are told as it words them."""
    objection = Finding("seat-limit", "blocker", "us", (), (), "Only 5 seats are licensed.")
    strict, mild = FakeTarget(objections=(objection,)), FakeTarget(objections=(replace(objection, severity="warning"),))

    with pytest.raises(Refusal, match="refuses this roster: Only 5 seats are licensed"):
        committed(strict)
    assert in_force(strict) is None
    assert committed(mild).students == 8


@pytest.mark.parametrize("step", ["stage", "preflight", "commit"])
def test_after_a_failure_the_message_says_that_the_old_roster_is_in_force(step: str) -> None:
    """Whatever step fails, nothing was changed, and the same plan can be committed later."""
    target = FakeTarget()
    first = committed(target)
    plan, report = prepared(target, OTHER_NAME)
    target.fail_at = step

    with pytest.raises(ServiceError, match=f"In force: receipt {first.receipt_id} with 8 students"):
        commit_plan(plan, report, target, now=NOW)

    assert in_force(target).receipt_id == first.receipt_id
    assert commit_plan(plan, report, target, now=NOW).previous_receipt_id == first.receipt_id


def test_a_lost_answer_is_resolved_by_asking(target: FakeTarget) -> None:
    """The commit happened though its answer did not arrive: the receipt is fetched, nothing is sent twice."""
    target.fail_at = "answer"
    plan, report = prepared(target)

    receipt = commit_plan(plan, report, target, now=NOW)

    assert (receipt.digest, target.asked.count("commit")) == (plan.digest, 1)
    assert in_force(target).receipt_id == receipt.receipt_id


def test_a_target_that_is_gone_leaves_it_open_what_is_in_force(target: FakeTarget) -> None:
    """Nobody can tell then, and the message says so and what to do."""
    target.fail_at = "down"
    plan, report = prepared(target)

    with pytest.raises(ServiceError, match="is not known.*Commit the same plan again later"):
        commit_plan(plan, report, target, now=NOW)


def test_a_person_can_stop_before_the_commit_is_sent(target: FakeTarget) -> None:
    """Cancelled in progress: nothing was changed. The steps are told with how many there are."""
    plan, report = prepared(target)
    told: list[tuple[str, int, int | None]] = []

    def stopping(what: str, done: int, total: int | None) -> None:
        told.append((what, done, total))
        if what == "Committing":
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled, match="Stopped. District d1 has no roster in force here"):
        commit_plan(plan, report, target, now=NOW, progress=stopping)

    assert [counts for _, *counts in told] == [[0, 3], [1, 3], [2, 3]]
    assert in_force(target) is None


def test_a_bug_of_the_target_still_says_what_is_in_force(target: FakeTarget) -> None:
    """An unforeseen failure is not dressed up, but carries the sentence as a note."""

    def broken(plan: CommitPlan) -> str:
        raise KeyError("oops")

    plan, report = prepared(target)
    target.stage = broken

    with pytest.raises(KeyError) as caught:
        commit_plan(plan, report, target, now=NOW)
    assert caught.value.__notes__ == ["District d1 has no roster in force here."]


def test_an_earlier_roster_is_restored_without_a_preflight(target: FakeTarget) -> None:
    """Its rows and rules come into force again under a receipt of their own, with the same hold."""
    first = committed(target)
    small = committed(target, ONE_SCHOOL, approval="school B left")
    back = plan_restore(target.rosters[first.receipt_id], district_id="d1", current=target.current("d1"))
    receipt = commit_plan(back, None, target, actor="dana", now=NOW)

    assert (receipt.kind, receipt.added, receipt.previous_receipt_id) == ("restore", 4, small.receipt_id)
    assert receipt.receipt_id not in (first.receipt_id, small.receipt_id)
    assert in_force(target).rows.equals(back.rows)


def test_a_large_restore_is_held_too(target: FakeTarget) -> None:
    """Going back to half of the students needs a reason; restoring what is in force gives its receipt."""
    first = committed(target)
    small = committed(target, ONE_SCHOOL, approval="school B left")
    again = committed(target)
    back = plan_restore(target.rosters[small.receipt_id], district_id="d1", current=target.current("d1"))

    with pytest.raises(Refusal, match="This change is held: 4 of 8"):
        commit_plan(back, None, target, now=NOW)
    assert commit_plan(back, None, target, now=NOW, approval="yes").removed == 4
    same = plan_restore(target.rosters[first.receipt_id], district_id="d1", current=target.rosters[again.receipt_id])
    assert same.already_current


def test_a_commit_needs_a_time_with_its_offset(target: FakeTarget) -> None:
    """A receipt's time must mean the same everywhere."""
    plan, report = prepared(target)

    with pytest.raises(InputError, match="offset from UTC"):
        commit_plan(plan, report, target, now=NOW.replace(tzinfo=None))
