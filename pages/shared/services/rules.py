"""The rules of a district as the store keeps them: every saved version, and the draft that colleagues share."""

from __future__ import annotations

from pages.shared.access import actor, require_access
from pages.shared.services.server import now, store
from roster_core.adapters.store import Draft, SavedRuleSet
from roster_core.rules import RuleSet


def saved_rules(district_id: str) -> SavedRuleSet | None:
    """The newest saved rule set of a district; None where none was saved."""
    require_access()
    return store().rule_sets.get(district_id)


def saved_versions(district_id: str) -> list[SavedRuleSet]:
    """Every saved rule set of a district, newest first."""
    require_access()
    return store().rule_sets.versions(district_id)


def save_rules(district_id: str, rule_set: RuleSet, *, expected_version: int) -> int:
    """Saves a new version of a district's rules and gives its number. Raises `Refusal` if a colleague was faster."""
    require_access("reviewer")
    return store().rule_sets.save(district_id, rule_set, expected_version=expected_version, actor=actor(), now=now())


def stored_draft(district_id: str) -> Draft | None:
    """The draft of a district as last kept by anybody; None where there is none."""
    require_access()
    return store().rule_sets.draft(district_id)


def keep_draft(district_id: str, rule_set: RuleSet, *, expected_revision: int) -> int:
    """Keeps the draft and gives its new revision. Raises `Refusal` if a colleague changed it meanwhile."""
    require_access("reviewer")
    return store().rule_sets.save_draft(
        district_id, rule_set.to_json(), expected_revision=expected_revision, actor=actor(), now=now()
    )


def family_choices(district_id: str) -> dict[tuple[str, ...], bool]:
    """The groups of families, by their keys, that a reviewer of the district spoke of: whether each is one."""
    require_access()
    return store().family_choices.get(district_id)


def say_families(district_id: str, keys: tuple[str, ...], *, merged: bool | None) -> None:
    """Keeps for all reviewers that these families are one, or are not; None takes back what was said."""
    require_access("reviewer")
    store().family_choices.say(district_id, keys, merged=merged, actor=actor(), now=now())
