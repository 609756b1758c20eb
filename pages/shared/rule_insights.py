"""What the app finds out about a draft when somebody asks: made once for a roster and its rules, then held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pages.shared import insight, services
from roster_core.coverage import ONE, Coverage
from roster_core.families import Overlaps, teacher_name_hits
from roster_core.library import Fit, fit
from roster_core.roster import Roster
from roster_core.rules import Condition, RuleSet
from roster_core.settle import DraftedRule
from roster_core.sharing import SharingRequest, sharing_request


def groups(coverage: Coverage) -> Overlaps:
    """The students in several sections, and those in none, by what they have in common."""
    # Families the reviewer merged are one here too, as on the Sections page.
    return services.made().overlaps(coverage, insight.merged(coverage.roster.district.id))


def members(coverage: Coverage, kind: str, place: int) -> np.ndarray:
    """bool[students]: who is in the group at this place of `groups`; `kind` is several or none."""
    found = groups(coverage)
    return (found.several_group if kind == "several" else found.none_group) == place


def share_rooms(coverage: Coverage, place: int) -> bool:
    """Whether most students of a group in several are kept in twin sections: choosing for their rooms settles them."""
    twins = insight.twin_rooms(coverage).sections["section_id"]
    roster = coverage.roster
    twin = roster.sections["section_id"].isin(twins).to_numpy()
    kept = coverage.kept[twin[roster.enrollments.section[coverage.kept]]]
    times = np.bincount(roster.enrollments.student[kept], minlength=len(roster.students))
    group = members(coverage, "several", place)
    return bool(2 * (times[group] > 1).sum() >= group.sum())


def settling(coverage: Coverage, kind: str, place: int) -> list[DraftedRule]:
    """The rules to offer for a group: the best, then one that breaks nobody where the best breaks some."""
    return services.made().settling(coverage, insight.merged(coverage.roster.district.id), kind, place)


def settled_too(coverage: Coverage, offered: Sequence[DraftedRule], kind: str, place: int) -> int:
    """How many of a group the rule offered for another one would settle; of several rules, the one that settles most.

    Costs an evaluation for each rule not yet seen, which is far less than to look for a rule of the group's own.
    """
    group = members(coverage, kind, place)
    after = (services.coverage(coverage.roster, draft.rule_set) for draft in offered)
    return max((int((group & (each.status == ONE)).sum()) for each in after), default=0)


def common_fits(roster: Roster, draft: RuleSet) -> list[Fit]:
    """The common rule sets on this roster, assessed as the draft says, the best fitting first."""
    return services.made().common_fits(roster, draft)


def fit_of(roster: Roster, rule_set: RuleSet) -> Fit:
    """How well one rule set does on this roster."""
    return services.beside(roster, ("fit", rule_set), lambda: fit(roster, rule_set))


def request(
    roster: Roster, rule_set: RuleSet, platform: str, product: str, *, instead_of: RuleSet | None = None
) -> SharingRequest:
    """What the district is asked to share, in its platform's words; for a what-if instead of what it shares now."""
    # Pins say nothing to a district, and a request must not name a student.
    told = replace(rule_set, pins=())

    def make() -> SharingRequest:
        return sharing_request(roster, told, platform=platform, product=product, instead_of=instead_of)

    return services.beside(roster, ("request", told, platform, product, instead_of), make)


def teacher_hits(roster: Roster, condition: Condition) -> np.ndarray:
    """bool[sections]: what a condition on the section name finds only inside the teacher's name."""
    pieces = services.made().families(roster).pieces
    return services.beside(roster, ("teacher-name", condition), lambda: teacher_name_hits(roster, condition, pieces))
