"""Plans, targets and commits that the tests of the HTTP target share."""

from __future__ import annotations

import pandas as pd

from roster_core.adapters.selweb_http import HttpTarget
from roster_core.adapters.store import Store
from roster_core.commit import Receipt, commit_plan
from roster_core.plan import CommitPlan, plan_commit
from roster_core.preflight import PreflightReport
from roster_core.settings import Secret
from tests.adapters.committing import HOMEROOMS, NOW, a_roster
from tests.adapters.selweb_service import (
    RosterService,
)


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
