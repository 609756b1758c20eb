"""Commit and restore as jobs of the whole server: a closed tab does not stop them, and a district has one at a time."""

from __future__ import annotations

from pages.shared import services
from pages.shared.services import approving, window
from roster_core.commit import Receipt, commit_plan
from roster_core.errors import Refusal
from roster_core.plan import CommitPlan
from roster_core.preflight import run_preflight
from roster_core.roster import Progress, Roster
from roster_core.rules import RuleSet

KIND = "commit"

_SINCE = (
    "Nothing was committed: the assessment window has opened, or an approval was taken back, since this was looked at. "
    "Reload the page; it lists the moves and removals that wait for approval."
)

_GONE = "Nothing was committed: the district was deleted since this page was opened. Reload the page."


def start_commit(
    roster: Roster, rule_set: RuleSet, plan: CommitPlan, approval: str, *, expected_version: int
) -> services.Job:
    """Saves the rules as a version, checks once more as of now, and commits the plan that was looked at."""
    services.require_access("committer")
    store, target, who = services.store(), services.target(), services.actor()
    profile, second = services.profile(plan.district_id), approving.second_for(plan)
    # Where a second person is needed, their reason lifts the hold, and nobody else's.
    approval = approval if second is None else second.reason
    waiting = window.unapproved_now(plan)
    # After the target was made, which refuses what is deleted from then on.
    gone, began = services.roster_info(plan.district_id) is None, store.activity.newest()

    def work(progress: Progress) -> Receipt:
        progress("Checking once more", 0, None)
        if gone:
            raise Refusal(_GONE)
        if waiting:
            raise Refusal(_SINCE)
        moment = services.now()
        report = run_preflight(roster, rule_set, plan=plan, as_of=moment, profile=profile, approval=approval)
        if report.ready:
            store.rule_sets.save(
                plan.district_id, rule_set, expected_version=expected_version, actor=who, now=moment, began=began
            )
        return commit_plan(
            plan, report, target, actor=who, approval=approval, now=moment, progress=progress, second=second
        )

    return services.start_job(KIND, plan.district_id, work)


def start_restore(plan: CommitPlan, approval: str) -> services.Job:
    """Makes the rows of an earlier receipt the roster in force again."""
    services.require_access("committer")
    target, who = services.target(), services.actor()
    second = approving.second_for(plan)
    gone = not services.receipts(plan.district_id)

    def work(progress: Progress) -> Receipt:
        if gone:
            raise Refusal(_GONE)
        moment = services.now()
        return commit_plan(
            plan, None, target, actor=who, approval=approval, now=moment, progress=progress, second=second
        )

    return services.start_job(KIND, plan.district_id, work)


def confirmation(plan: CommitPlan) -> str:
    """What a person types to confirm: the district and how many students."""
    return f"{plan.district_name or plan.district_id} {len(plan.rows):,}"


def confirmed(plan: CommitPlan, typed: str) -> bool:
    """Whether what was typed names the plan's district and number of students; case, blanks and commas are free."""
    return _bare(typed) == _bare(confirmation(plan))


def _bare(text: str) -> str:
    return "".join(text.replace(",", "").casefold().split())
