"""A second person's word on a plan: whether one is needed, what was asked and said, and asking and saying it."""

from __future__ import annotations

from pages.shared.access import actor, require_access
from pages.shared.services.server import now, settings, store
from roster_core.errors import Refusal
from roster_core.plan import CommitPlan
from roster_core.second_person import Approval, Second, needs_second, why_not


def second_for(plan: CommitPlan) -> Second | None:
    """What a second person said of the plan; None where none is needed."""
    require_access()
    chosen = settings()
    if not needs_second(plan, chosen.second_person, chosen.people):
        return None
    return Second(chosen.people, store().approvals.get(plan.district_id, plan.digest))


def waiting_for(district_id: str) -> list[Approval]:
    """What was asked for in a district and not yet approved, newest first."""
    require_access()
    return store().approvals.waiting(district_id)


def why_i_may_not(plan: CommitPlan) -> str:
    """Why the person at the screen cannot be the second person of the plan, as a sentence; '' where they can."""
    require_access()
    asked = store().approvals.get(plan.district_id, plan.digest)
    asked_by = actor() if asked is None else asked.asked_by
    authors = _authors(plan, asked)
    return why_not(actor(), authors=authors, asked_by=asked_by, kind=plan.kind, people=settings().people)


def ask_approval(plan: CommitPlan) -> Approval:
    """Asks for a second person's approval of the plan, in the name of the person at the screen."""
    require_access("committer")
    authors = _authors(plan, None)
    return store().approvals.ask(plan.district_id, plan.digest, authors=authors, actor=actor(), now=now())


def approve_plan(plan: CommitPlan, reason: str) -> Approval:
    """Approves the plan as its second person.

    Raises `Refusal` for somebody who cannot be it, `InputError` without a reason.
    """
    require_access("committer")
    if problem := why_i_may_not(plan):
        raise Refusal(problem)
    ask_approval(plan)
    return store().approvals.approve(plan.district_id, plan.digest, actor=actor(), reason=reason, now=now())


def _authors(plan: CommitPlan, asked: Approval | None) -> tuple[str, ...]:
    return asked.authors if asked is not None else store().approvals.authors_for(plan)
