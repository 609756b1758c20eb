"""Commit: a plan becomes a district's roster, all of it or nothing, and a receipt says so."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from roster_core.errors import InputError, Refusal, RosterError, ServiceError
from roster_core.findings import Finding
from roster_core.plan import CommitPlan, CurrentRoster, same_roster
from roster_core.preflight import PreflightReport
from roster_core.roster import Progress
from roster_core.second_person import Second, refuse_unapproved
from roster_core.wording import counted

_STEPS = 3


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was committed, where and by whom; it never changes. `committed_at` is ISO with its offset.

    `where` is a sentence for people. `approval` is the reason given for a held change, empty where none was
    needed. `previous_receipt_id` is what was in force before, empty for the first. `kind`: commit or restore.
    """

    receipt_id: str
    digest: str
    district_id: str
    district_name: str
    target: str
    where: str
    committed_at: str
    committed_by: str
    students: int
    added: int
    moved: int
    updated: int
    removed: int
    fingerprint: str
    rule_set_json: str
    approval: str
    previous_receipt_id: str
    kind: str


class Target(Protocol):
    """Where rosters are committed to. Every call may raise ServiceError when the target cannot be reached."""

    @property
    def name(self) -> str:
        """What plans and receipts call it: `embedded`, `http` or `oneroster`."""
        ...

    @property
    def where(self) -> str:
        """Where a roster is after the commit, for people: `recorded here, not yet in SELweb`."""
        ...

    def current(self, district_id: str) -> CurrentRoster | None:
        """The roster in force, with its digest; None where nothing was committed."""
        ...

    def receipt_for(self, district_id: str, digest: str) -> Receipt | None:
        """The receipt of the plan with that digest, in force or not; None where it was never committed."""
        ...

    def stage(self, plan: CommitPlan) -> str:
        """Hands the plan over without any effect on the roster in force; gives the id of the stage."""
        ...

    def preflight(self, stage_id: str) -> tuple[Finding, ...]:
        """The target's own objections to what was staged; blockers stop the commit."""
        ...

    def commit(self, stage_id: str, plan: CommitPlan, receipt: Receipt) -> Receipt:
        """Makes the plan the roster in force, all of it or nothing; gives the receipt that stands.

        Where the digest is there already, that receipt. Raises Refusal when the roster in force is not the one
        the plan was made against.
        """
        ...


def commit_plan(
    plan: CommitPlan,
    report: PreflightReport | None,
    target: Target,
    *,
    actor: str = "",
    approval: str = "",
    now: datetime,
    progress: Progress | None = None,
    second: Second | None = None,
) -> Receipt:
    """Makes the plan the district's roster and gives the receipt; a plan sent before is answered with its own.

    `report` is the preflight of this plan (None for a restore only), `approval` a person's reason for a held
    change, `second` what a second person said where one is needed, `now` an aware datetime. Raises Refusal,
    ServiceError or Cancelled; each message says which roster is in force, as far as the target can tell.
    """
    if now.tzinfo is None:
        raise InputError("A commit needs the time with its offset from UTC.")
    try:
        receipt = _receipt(plan, target, actor, _reason(plan, approval, second), now)
        return _commit(plan, report, target, receipt, progress, second)
    except RosterError as error:
        known = _receipt_after(error, plan, target)
        if known is not None:
            return known
        raise _told_again(error, in_force(plan, target)) from error
    except Exception as error:
        # Not ours to word, but whoever reads it must still learn where the district stands.
        error.add_note(in_force(plan, target))
        raise


def in_force(plan: CommitPlan, target: Target) -> str:
    """Which roster is in force for the plan's district, as a sentence; the target is asked, and may fail to answer."""
    try:
        current = target.current(plan.district_id)
    except ServiceError:
        return (
            "Which roster is in force is not known, because the target does not answer. "
            "Commit the same plan again later: it is answered, not sent twice."
        )
    if current is None:
        return f"District {plan.district_id} has no roster in force here."
    return f"In force: receipt {current.receipt_id} with {counted(len(current.rows), 'student')}."


def _commit(
    plan: CommitPlan,
    report: PreflightReport | None,
    target: Target,
    receipt: Receipt,
    progress: Progress | None,
    second: Second | None,
) -> Receipt:
    if plan.target != target.name:
        raise InputError(f"This plan was made for {plan.target}, not for {target.name}. Make a new plan.")
    known = target.receipt_for(plan.district_id, plan.digest)
    if known is not None:
        return known
    current = target.current(plan.district_id)
    # Blockers that leave every row as it is (a sync in error, a row nobody can read) still are a no.
    if current is not None and same_roster(plan, current) and not (report and report.blockers):
        return _receipt_in_force(plan, target, current)
    _refuse_unready(plan, report, receipt.approval)
    if second is not None:
        refuse_unapproved(plan, second)
    _refuse_moved(plan, current)
    said = progress or _silent
    said("Staging", 0, _STEPS)
    stage_id = target.stage(plan)
    said("Asking the target", 1, _STEPS)
    _refuse_objections(target.preflight(stage_id))
    # The last moment to stop: once the commit is sent there is no way back but a restore.
    said("Committing", 2, _STEPS)
    return target.commit(stage_id, plan, receipt)


def _receipt(plan: CommitPlan, target: Target, actor: str, approval: str, now: datetime) -> Receipt:
    # The digest holds the receipt that was current, so the id is new for every commit and the same for a repeat.
    return Receipt(
        receipt_id=f"R-{plan.digest[:12]}",
        digest=plan.digest,
        district_id=plan.district_id,
        district_name=plan.district_name,
        target=plan.target,
        where=target.where,
        committed_at=now.isoformat(),
        committed_by=actor,
        students=len(plan.rows),
        added=len(plan.added),
        moved=len(plan.moved),
        updated=len(plan.updated),
        removed=len(plan.removed),
        fingerprint=plan.fingerprint,
        rule_set_json=plan.rule_set_json,
        approval=approval,
        previous_receipt_id=plan.current_receipt_id,
        kind=plan.kind,
    )


def _reason(plan: CommitPlan, approval: str, second: Second | None) -> str:
    """What the receipt keeps of an approval: a reason and, of a second person, who gave it; '' where none is needed."""
    given = second.approval if second is not None else None
    if given is not None and given.approved_by:
        return f"{given.reason} ({given.approved_by})"
    return approval.strip() if plan.held else ""


def _receipt_in_force(plan: CommitPlan, target: Target, current: CurrentRoster) -> Receipt:
    known = target.receipt_for(plan.district_id, current.digest)
    if known is None:
        raise ServiceError(f"The target holds this very roster, but not its receipt {current.receipt_id}.")
    return known


def _refuse_unready(plan: CommitPlan, report: PreflightReport | None, approval: str) -> None:
    if plan.kind != "restore":
        if report is None:
            raise Refusal("This plan has not passed a preflight. Run it, then commit.")
        if report.digest != plan.digest:
            raise Refusal("The preflight is of another plan: something changed since. Run it again, then commit.")
        blockers = report.blockers_beside("mass-change") if approval else report.blockers
        if blockers:
            raise Refusal(
                f"The preflight found {counted(blockers, 'blocker')}. "
                "Settle them, biggest cause first, then commit."
            )
    if plan.held and not approval:
        raise Refusal(f"This change is held: {plan.hold_reason} Approve it with a reason, then commit.")


def _refuse_moved(plan: CommitPlan, current: CurrentRoster | None) -> None:
    receipt_id = "" if current is None else current.receipt_id
    if receipt_id != plan.current_receipt_id:
        raise Refusal("Another roster came into force after this plan was made. Make a new plan, then commit.")


def _refuse_objections(findings: tuple[Finding, ...]) -> None:
    blockers = [finding.message for finding in findings if finding.severity == "blocker"]
    if blockers:
        more = f" And {len(blockers) - 3:,} more." if len(blockers) > 3 else ""
        raise Refusal(f"The target refuses this roster: {' '.join(blockers[:3])}{more}")


def _receipt_after(error: RosterError, plan: CommitPlan, target: Target) -> Receipt | None:
    """The receipt of a commit whose answer was lost on the way; None where it did not happen, or nobody can tell."""
    if isinstance(error, ServiceError):
        with suppress(ServiceError):
            return target.receipt_for(plan.district_id, plan.digest)
    return None


def _told_again(error: RosterError, sentence: str) -> RosterError:
    """The same kind of error, its message ending in which roster is in force."""
    return type(error)(f"{error} {sentence}")


def _silent(what: str, done: int, total: int | None) -> None:
    """Nobody asked to be told."""
