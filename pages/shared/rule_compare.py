"""What-if: any two of the draft, the saved versions and the suggestions, chosen and compared."""

from __future__ import annotations

import streamlit as st

from pages.shared import frame, rule_differences, rule_request, services, suggestions
from pages.shared.frame import OpenDistrict
from roster_core.rules import RuleSet

#: Between what a side is and what its rules are called.
_NAMED = " · "


def panel(opened: OpenDistrict) -> None:
    """Draws the panel where two rule sets are chosen and compared; nothing is compared while it is closed."""
    district = opened.district_id
    box = st.expander("Compare: draft, saved versions, suggestions", key=f"{district}:compare", on_change="rerun")
    if not box.open:
        return
    with box:
        sides = choices(opened)
        if len(sides) < 2:
            st.caption("There is only the draft. Save a version, or let the app suggest rules, to compare with.")
            return
        names = list(sides)
        left, right = st.columns(2)
        other = next((place for place, name in enumerate(names) if sides[name] != opened.draft), 1)
        first = left.selectbox("Before", names, index=other, key=f"{district}:compare:before")
        second = right.selectbox("After", names, index=0, key=f"{district}:compare:after")
        pair = [services.coverage(opened.roster, frame.finished(sides[name])) for name in (first, second)]
        # The names are in the choices above: a whole one would press the numbers together.
        before, after = (name.partition(_NAMED)[0] for name in (first, second))
        rule_differences.draw(district, (before, pair[0]), (after, pair[1]), key=f"{district}:compare:panel")
        if first != second and st.toggle(
            "Request for the district, from before to after", key=f"{district}:compare:request",
            help="What to ask the district for, where it shares by the rules before",
        ):  # fmt: skip
            shared, wanted = (frame.finished(sides[name]) for name in (first, second))
            rule_request.draw(opened, wanted, key=f"{district}:compare:asked", instead_of=shared)


def choices(opened: OpenDistrict) -> dict[str, RuleSet]:
    """What can be compared, by name: the draft, the saved versions newest first, the suggestions as found."""
    sides = {"Draft": opened.draft}
    for held in services.saved_versions(opened.district_id):
        named = f"{_NAMED}{held.rule_set.name}" if held.rule_set.name else ""
        sides[f"Saved v{held.version}{named}"] = held.rule_set
    for place, suggestion in enumerate(suggestions.found(opened), start=1):
        sides[f"Suggestion {place}{_NAMED}{suggestion.name}"] = suggestions.taken(opened.draft, suggestion.rule_set)
    return sides
