"""What the next pages of a district will ask for, made beside the page that is open, so that nobody waits for it."""

from __future__ import annotations

import logging
from importlib import import_module

from pages.shared.access import require_access
from pages.shared.held import SHOWN_GROUPS, HeldRosters, Merged
from pages.shared.services.delivery import Readiness, drift_to_make, readiness_to_make
from pages.shared.services.server import made
from roster_core.coverage import Coverage
from roster_core.errors import RosterError
from roster_core.facets import FACETS

_LOG = logging.getLogger(__name__)

#: Up to so many students all this is made in a blink when it is asked for, and nothing but pictures is made ahead.
SMALL = 10_000

#: What Rules, Launch and messages work with, which takes a server a tenth of a second the first time.
_SLOW_TO_IMPORT = ("roster_core.suggest", "roster_core.compare", "roster_core.messages", "holidays.countries")


def make_ahead(coverage: Coverage, merged: Merged) -> None:
    """Begins, once a roster, to make what the other pages show of it and of its rules.

    A first visit of those pages then takes no longer than a second one. `merged`: the families that are taken as one.
    """
    require_access()
    held, roster = made(), coverage.roster
    if not held.waits(roster):
        return
    small = len(roster.students) <= SMALL
    checked = None if small else _to_check(coverage)
    drifted = drift_to_make(roster)

    def work() -> None:
        for module in _SLOW_TO_IMPORT:
            import_module(module)
        _draw(coverage)
        if small:
            return
        held.families(roster, merged)
        held.grouped(coverage, {}, "", merged)
        coverage.rule_effects()
        for facet in FACETS:
            held.facet(roster, facet, {}, "")
        held.overlaps(coverage, merged)
        held.twins(coverage)
        held.odd_rooms(coverage)
        held.likeness(roster)
        held.clusters(roster)
        held.common_fits(roster, coverage.rule_set)
        if coverage.rule_set.rules:
            _settle(held, coverage, merged)
        try:
            if checked is not None:
                held.checked(coverage, *checked)
            drifted()
        except RosterError as error:
            _tell(error)

    held.begin(roster, work)


def _settle(held: HeldRosters, coverage: Coverage, merged: Merged) -> None:
    """Looks for the rules that would settle the first groups of students in several sections and in none."""
    groups = held.overlaps(coverage, merged)
    for kind, table in (("several", groups.several), ("none", groups.none)):
        for place in range(min(SHOWN_GROUPS, len(table))):
            held.settling(coverage, merged, kind, place)


def _to_check(coverage: Coverage) -> Readiness | None:
    """What a first look at Commit depends on, and what makes it; None where nobody looks, or it cannot be read."""
    # Before there are rules the preflight has a finding for nearly everybody.
    if not coverage.rule_set.rules:
        return None
    try:
        return readiness_to_make(coverage, "")
    except RosterError as error:
        _tell(error)
        return None


def _tell(error: RosterError) -> None:
    """For the server's log only: the page that needs it reads anew, and tells the person."""
    _LOG.warning("The commit could not be checked ahead: %s", type(error).__name__)


def _draw(coverage: Coverage) -> None:
    """Makes the picture that Students opens with: its shape is kept, whatever the numbers."""
    # Imported here, because Altair takes a third of a second over it, once a server.
    from roster_core.charts import stacked_bars

    stacked_bars(coverage.by_grade(), "grade")
