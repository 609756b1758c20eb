"""What changed from an earlier roster of a district to the one that is open."""

from __future__ import annotations

from pages.shared.access import require_access
from pages.shared.services.server import beside, store
from roster_core.adapters.store import RosterInfo
from roster_core.changes import Changes, changes
from roster_core.coverage import Coverage


def earlier_rosters(district_id: str) -> list[RosterInfo]:
    """The stored rosters of a district before its newest, the one that was worked on last first."""
    require_access()
    return store().rosters.history(district_id)[1:]


def changes_since(coverage: Coverage, fingerprint: str) -> Changes:
    """What changed since the stored roster of that fingerprint, under the rules of the coverage; held with the roster.

    Raises `InputError` where the earlier roster was purged meanwhile, `ServiceError` where one is damaged.
    """
    require_access()
    roster, rules = coverage.roster, coverage.rule_set
    district_id = roster.district.id

    def make() -> Changes:
        seen = store().rosters.section_names(district_id, besides=roster.fingerprint)
        return changes(store().rosters.load(fingerprint, district_id), roster, rules, seen=seen)

    return beside(roster, ("changes", fingerprint, rules), make)
