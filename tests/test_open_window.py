"""Whether a window is open, and whose move or removal still waits for somebody's approval."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from roster_core.dates import WindowDates
from roster_core.open_window import awaiting, open_window, unapproved
from roster_core.plan import CommitPlan, CurrentRoster, plan_commit
from tests.builders import HOMEROOMS, district

DATES = WindowDates(opens=date(2026, 11, 2), closes=date(2026, 11, 20))


@pytest.mark.parametrize(
    ("dates", "moment", "words"),
    [
        (DATES, "2026-11-01T23:59", ""),
        (DATES, "2026-11-02T00:00", "until Fri 20 Nov 2026"),
        (DATES, "2026-11-20T20:00", "until Fri 20 Nov 2026"),
        (DATES, "2026-11-21T08:00", "until Fri 20 Nov 2026"),
        (DATES, "2026-11-21T12:01", ""),
        (WindowDates(opens=date(2026, 11, 2)), "2027-03-01T00:00", "since Mon 2 Nov 2026"),
        (WindowDates(closes=date(2026, 11, 20)), "2026-11-10T00:00", ""),
        (WindowDates(), "2026-11-10T00:00", ""),
    ],
    ids=["the day before", "first day", "last day", "its evening in the west", "after", "no end", "no start", "none"],
)
def test_a_window_is_open_from_its_first_to_its_last_day(dates: WindowDates, moment: str, words: str) -> None:
    """In doubt it is open: the last day ends hours later than in UTC."""
    said = open_window(dates, datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert said == words


def _plan() -> CommitPlan:
    """u1 moves to h2, u2 leaves."""
    was = plan_commit(district(), HOMEROOMS)
    current = CurrentRoster("R-1", was.rows, was.rule_set_json)
    now = district(enrolled=[("u1", "h2")], unenrolled=[("u1", "h1"), ("u2", "h1")])
    return plan_commit(now, HOMEROOMS, current=current)


def test_moves_and_removals_wait() -> None:
    """Each with the place it leads to, none for a removal."""
    assert awaiting(_plan()).to_numpy().tolist() == [["u1", "h2"], ["u2", ""]]


@pytest.mark.parametrize(
    ("approved", "stay"),
    [
        (set(), {"u1", "u2"}),
        ({("u1", "h2")}, {"u2"}),
        ({("u1", "h2"), ("u2", "")}, set()),
        ({("u1", "h9"), ("u1", "")}, {"u1", "u2"}),
    ],
    ids=["none", "one", "all", "another change of the same student"],
)
def test_who_is_not_approved_stays(approved: set[tuple[str, str]], stay: set[str]) -> None:
    """An approval is of one student and one place; another place is asked anew."""
    assert unapproved(_plan(), approved) == stay


def test_an_empty_plan_lets_nobody_stay() -> None:
    """Where nothing moves there is nothing to approve."""
    plan = plan_commit(district(), HOMEROOMS)
    assert unapproved(plan, {("u1", "h2")}) == frozenset()
