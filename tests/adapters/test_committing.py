"""Commits at the present moment, through the public door."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from roster_core import commit_plan, plan_commit, run_preflight
from roster_core.errors import Refusal
from tests.builders import HOMEROOMS, district
from tests.fakes import FakeTarget


def test_a_plan_its_report_and_a_target_are_enough() -> None:
    """The receipt has the present time, and the district is the roster's own."""
    roster, target = district(), FakeTarget()
    plan = plan_commit(roster, HOMEROOMS)

    before = datetime.now(UTC)
    receipt = commit_plan(plan, run_preflight(roster, HOMEROOMS, plan=plan), target)

    assert before <= datetime.fromisoformat(receipt.committed_at) <= datetime.now(UTC)
    assert receipt.district_id == roster.district.id
    assert target.current(roster.district.id).receipt_id == receipt.receipt_id


def test_a_blocker_stops_what_is_already_current() -> None:
    """A row nobody can read changes no row to be rostered, and still is a no."""
    clean, target = district(), FakeTarget()
    plan = plan_commit(clean, HOMEROOMS)
    commit_plan(plan, run_preflight(clean, HOMEROOMS, plan=plan), target)

    broken = district(added={"students": [{"student_id": ""}]})
    plan = plan_commit(broken, HOMEROOMS, current=target.current("d1"))
    assert plan.already_current
    with pytest.raises(Refusal, match="found 1 blocker"):
        commit_plan(plan, run_preflight(broken, HOMEROOMS, plan=plan), target)
