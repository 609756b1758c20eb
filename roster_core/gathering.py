"""Evidence made of what the app holds: coverage, preflight, receipts, drift, and what Clever last said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from roster_core.clever_states import CleverState
from roster_core.commit import Receipt
from roster_core.coverage import Coverage
from roster_core.evidence import Covered, Evidence, InForce
from roster_core.glance import Counted, Drifted
from roster_core.preflight import PreflightReport
from roster_core.roster import District


def covered_by(coverage: Coverage) -> Covered:
    """The counts of a coverage. Costs the count of those who are to follow."""
    return Covered(
        coverage.in_scope, coverage.one, coverage.none, coverage.several, coverage.excused, coverage.to_follow
    )


def covered_from(counted: Counted) -> Covered:
    """The counts as they were last kept."""
    return Covered(counted.in_scope, counted.one, counted.none, counted.several, counted.excused, counted.to_follow)


def seen_with(evidence: Evidence, coverage: Coverage, *, checked: bool) -> Evidence:
    """The evidence with the numbers of a coverage in place of those that were kept.

    checked: what was said of a commit was said of these rules; else nothing is known of it, but that what is in force
    was not made by them.
    """
    seen = replace(evidence, coverage=covered_by(coverage), ruled=bool(coverage.rule_set.rules))
    return seen if checked else replace(seen, ready=None, blockers={}, current=False if seen.receipt else None)


def blocking(report: PreflightReport, *, apart: Collection[str] = ()) -> dict[str, int]:
    """How many causes block a commit, by their owner; those with the codes `apart` left out."""
    causes = (cause for cause in report.causes if cause.severity == "blocker" and cause.code not in apart)
    return dict(Counter(cause.owner for cause in causes))


def receipt_in_force(receipts: Iterable[Receipt], *, connected: bool) -> Receipt | None:
    """The receipt in force: at the product's own service where it is `connected`, else wherever was committed last.

    `receipts`: those in force of one district, one a target at most.
    """
    return max(receipts, key=lambda each: (connected and each.target == "http", each.committed_at), default=None)


def in_force(receipts: Iterable[Receipt], *, connected: bool, zone: tzinfo = UTC) -> InForce | None:
    """What is in force of a district, as `receipt_in_force` chooses it; the day is that of `zone`."""
    newest = receipt_in_force(receipts, connected=connected)
    if newest is None:
        return None
    on = datetime.fromisoformat(newest.committed_at).astimezone(zone).date()
    return InForce(newest.receipt_id, newest.students, on, newest.where, delivered=newest.target == "http")


def is_listed(clever: CleverState | None, *, asked: bool, source: str) -> bool | None:
    """Whether Clever lists a district; None where nobody can say.

    `asked`: Clever's list has been read. `source`: of the district's newest roster.
    """
    if clever is not None:
        return clever.listed
    if source == "clever":
        return True
    return False if asked else None


def has_drifted(drifted: Drifted | None, receipt: InForce | None, fingerprint: str) -> bool | None:
    """Whether drift since the commit needs a person; None where what was found is not of this receipt and roster."""
    if drifted is None or receipt is None:
        return None
    same = (drifted.receipt_id, drifted.fingerprint) == (receipt.receipt_id, fingerprint)
    return drifted.needs_person if same else None


def as_told(clever: CleverState | None, roster: District) -> District:
    """What is known of a district's sync: Clever's last word, else what came with the roster."""
    if clever is None:
        return roster
    return District(
        clever.district_id, clever.name, clever.state, clever.error, clever.pause_start, clever.pause_end,
        clever.last_sync,
    )  # fmt: skip
