"""What comes next for a district, as the strip of every page says it: the same that its row on Districts says."""

from __future__ import annotations

from pages.shared import services, state, widgets
from pages.shared.services import launch
from roster_core.coverage import Coverage
from roster_core.errors import RosterError
from roster_core.gathering import seen_with
from roster_core.onboarding import next_action
from roster_core.wording import short_day


def look_again(coverage: Coverage) -> None:
    """Reads where the district stands. Each page does it once; what repaints by itself goes on from it, unread."""
    district_id = coverage.roster.district.id
    try:
        kept, seen = launch.glimpse(district_id, widgets.zone())
    except RosterError as error:
        widgets.show_error(error)
        state.select(_key(district_id), None)
    else:
        state.select(_key(district_id), (kept, seen, coverage.rule_set))


def next_step(coverage: Coverage) -> tuple[str, str]:
    """The page where the next step is taken, and the step in words (Markdown), under the rules as they are edited.

    Where much is left over the step is told without the rest, which the numbers beside it tell. Two empty texts where
    it could not be read.
    """
    held = state.selection(_key(coverage.roster.district.id))
    if held is None:
        return "", ""
    kept, known, rule_set = held
    seen = seen_with(known, coverage, checked=rule_set == coverage.rule_set)
    action = next_action(kept, seen, services.now().astimezone(widgets.zone()).date())
    text = widgets.plain(action.text.partition(";")[0].removesuffix("."))
    label = text if action.owner == "nobody" else f"Next: {text}"
    return f"pages/{action.place.lower()}.py", f"{label} →"


def in_force(coverage: Coverage) -> str:
    """Since when these rules on this roster are in force, in words; '' where they are not, or nobody knows."""
    _, seen, rule_set = state.selection(_key(coverage.roster.district.id)) or (None, None, None)
    if seen is None or rule_set != coverage.rule_set or not seen.current or seen.receipt is None:
        return ""
    return f"in force since {short_day(seen.receipt.committed_on)}"


def _key(district_id: str) -> str:
    return f"standing:{district_id}"
