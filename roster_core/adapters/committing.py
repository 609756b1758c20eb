"""Committing at the present moment: the core has no clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from roster_core.commit import Receipt, Target
from roster_core.commit import commit_plan as commit_plan_at
from roster_core.plan import CommitPlan
from roster_core.preflight import PreflightReport
from roster_core.roster import Progress
from roster_core.second_person import Second


def commit_plan(
    plan: CommitPlan,
    report: PreflightReport | None,
    target: Target,
    *,
    actor: str = "",
    approval: str = "",
    now: datetime | None = None,
    progress: Progress | None = None,
    second: Second | None = None,
) -> Receipt:
    """As `roster_core.commit.commit_plan`, which says what it raises; `now` is the clock's when left out."""
    moment = now or datetime.now(UTC)
    return commit_plan_at(
        plan, report, target, actor=actor, approval=approval, now=moment, progress=progress, second=second
    )
