"""An open assessment window: a child who has begun must not lose their place by a slip in someone else's system."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import pandas as pd

from roster_core.dates import WindowDates, day_text
from roster_core.plan import CommitPlan

# A day of the window ends hours later than in UTC wherever the district is; in doubt the window is open.
_LATEST_EVENING = timedelta(hours=12)


def open_window(dates: WindowDates, now: datetime) -> str:
    """That the window is open at that moment (aware), in words for `plan_commit`; '' where it is not, or has no dates.

    A window that has opened and has no last day is open until it is given one.
    """
    if dates.opens is None or now.date() < dates.opens:
        return ""
    if dates.closes is None:
        return f"since {day_text(dates.opens)}"
    return f"until {day_text(dates.closes)}" if (now - _LATEST_EVENING).date() <= dates.closes else ""


def awaiting(plan: CommitPlan) -> pd.DataFrame:
    """The moves and removals of a plan made without anybody staying: student_id, to_section_id ('' for a removal)."""
    moved = plan.moved[["student_id", "section_id"]].rename(columns={"section_id": "to_section_id"})
    removed = plan.removed[["student_id"]].assign(to_section_id=pd.array([""] * len(plan.removed), dtype="str"))
    return pd.concat([moved, removed], ignore_index=True).sort_values("student_id", kind="stable", ignore_index=True)


def unapproved(plan: CommitPlan, approved: Collection[tuple[str, str]]) -> frozenset[str]:
    """The students of `awaiting` who are to stay: those whose very move or removal nobody approved.

    `approved`: (student id, section id they go to, '' for a removal). Whom the data moves elsewhere is asked anew.
    """
    waiting = awaiting(plan)
    wanted = pd.MultiIndex.from_frame(waiting)
    given = pd.MultiIndex.from_tuples(list(approved), names=wanted.names) if approved else wanted[:0]
    return frozenset(waiting["student_id"][~wanted.isin(given)])
