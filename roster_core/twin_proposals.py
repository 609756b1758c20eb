"""Homerooms that nothing but co-teaching keeps from one section a student: proposed, for a person to choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from roster_core.coverage import Coverage, evaluate
from roster_core.families import Families
from roster_core.homerooms import section_likeness
from roster_core.proposals import PERHAPS, Found, search_homerooms
from roster_core.roster import Progress, Roster
from roster_core.rule_growth import GOOD
from roster_core.rules import RuleSet
from roster_core.twins import once_each, settled_by_choices, twins

#: Fields by which a rule could tell two sections of one family apart.
_FIELDS = ("course_name", "course_number", "period", "subject", "class_type", "term_name")


def with_twins(
    base: RuleSet, students: np.ndarray, found: list[Found], names: Families, tell: Progress
) -> list[Found]:
    """The best homerooms that need only one choice a room to put 99 % in one section; one rule set, or none.

    No rule tells two sections of one name with the same students apart, but a person settles each such room by one
    choice. Looked for only where nothing found keeps homerooms that do it by themselves: among those found, and then
    among those that would do it if each room were shared once. `students`: bool, in scope and with a section. Costs
    an evaluation and the twins of what it keeps for each rule set judged, and a second, smaller search where one
    student in a hundred is in such a room.
    """
    homely = [item for item in found if item.kind in ("homeroom", "everything")]
    if any(item.share >= GOOD for item in homely):
        return []
    roster = found[0].coverage.roster
    for coverage in _candidates(roster, base, students, homely, names, tell):
        rooms, settled = choices(coverage)
        if rooms and coverage.one + settled >= GOOD * students.sum():
            worth = max(item.worth for item in homely)
            return [Found("twins", coverage, worth, int(students.sum()))]
    return []


def choices(coverage: Coverage) -> tuple[int, int]:
    """(rooms, students): what one choice a room shared several times settles. Costs the twins of what is kept."""
    return settled_by_choices(coverage, twins(coverage.roster, coverage)) if coverage.several else (0, 0)


def _candidates(
    roster: Roster, base: RuleSet, students: np.ndarray, homely: list[Found], names: Families, tell: Progress
) -> Iterator[Coverage]:
    for item in homely:
        keeps = tuple(rule for rule in item.coverage.rule_set.rules if rule.do == "keep")
        if keeps:
            yield evaluate(roster, replace(item.coverage.rule_set, rules=keeps))
    once = once_each(roster, _kinds(roster, names))
    doubled = (once.student_offsets != roster.student_offsets).any() and _fewer(roster, once)[students].mean()
    if doubled < 1 - GOOD:
        return
    if evaluate(once, base).one >= GOOD * students.sum():
        yield evaluate(roster, base)
    again = search_homerooms(once, base, students, names.pieces, tell)
    for item in sorted(again, key=lambda item: -item.worth):
        if item.share >= GOOD:
            yield evaluate(roster, item.coverage.rule_set)


def _fewer(roster: Roster, once: Roster) -> np.ndarray:
    """bool[students]: who is in fewer sections of the second roster."""
    return np.diff(once.student_offsets) < np.diff(roster.student_offsets)


def _kinds(roster: Roster, names: Families) -> np.ndarray:
    """int64[sections]: alike for sections of a school and family that no field tells apart; lessons stand alone."""
    keys = pd.DataFrame({name: roster.text(name).codes for name in _FIELDS})
    keys = keys.assign(family=names.codes, school=pd.factorize(roster.sections["school_id"])[0])
    lessons = section_likeness(roster) < PERHAPS
    keys = keys.assign(alone=np.where(lessons, np.arange(len(keys)), -1))
    return keys.groupby(list(keys.columns), sort=False).ngroup().to_numpy(dtype=np.int64)
