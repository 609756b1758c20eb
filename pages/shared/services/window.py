"""An open assessment window: whether it is, and which moves and removals somebody approved."""

from __future__ import annotations

from collections.abc import Collection

from pages.shared.access import actor, require_access
from pages.shared.services.server import now, store
from roster_core.open_window import open_window, unapproved
from roster_core.plan import CommitPlan


def window_of(district_id: str) -> str:
    """That the district's assessment window is open, in words; '' where it is not."""
    require_access()
    return open_window(store().onboarding.get(district_id).onboarding.dates, now())


def approved_changes(district_id: str, receipt_id: str) -> frozenset[tuple[str, str]]:
    """The approved moves and removals against the roster of that receipt: student id, and section id or ''."""
    require_access()
    return store().window_approvals.get(district_id, receipt_id)


def unapproved_now(plan: CommitPlan) -> frozenset[str]:
    """Whom the plan would move or remove though the window is open and nobody approved it, as of this moment.

    A plan that was looked at may be older than the opening of the window, or than an approval that was taken back.
    """
    require_access()
    if not window_of(plan.district_id) or not plan.current_receipt_id:
        return frozenset()
    return unapproved(plan, approved_changes(plan.district_id, plan.current_receipt_id))


def approve_changes(district_id: str, receipt_id: str, changes: Collection[tuple[str, str]]) -> None:
    """Approves these moves and removals, in the name of the person at the screen."""
    require_access("committer")
    store().window_approvals.approve(district_id, receipt_id, changes, actor=actor(), now=now())


def withdraw_changes(district_id: str, receipt_id: str, changes: Collection[tuple[str, str]]) -> None:
    """Takes these approvals back."""
    require_access("committer")
    store().window_approvals.withdraw(district_id, receipt_id, changes, actor=actor(), now=now())
