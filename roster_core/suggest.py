"""Rule sets proposed for a roster: few, readable rules that put the most students in exactly one section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from roster_core.coverage import Coverage, evaluate
from roster_core.families import Families, families
from roster_core.proposals import STAGES, Found, search
from roster_core.roster import Progress, Roster
from roster_core.rule_growth import GOOD
from roster_core.rules import RuleSet
from roster_core.suggestion_words import Limits, explain
from roster_core.twin_proposals import choices, with_twins

_SAME = 0.9  # two proposals that keep so many of the same enrollments are one proposal


@dataclass(frozen=True, eq=False)
class Suggestion:
    """A proposed rule set with its numbers from `evaluate`: students in one, none, several, and in scope.

    kind: homeroom, twins (homerooms, but for rooms shared several times), name, course, subject, period, class_type,
    shape, smallest, mixed (homerooms, and others where there are none), order or everything. reachable: students in
    scope with at least one section; no rule set can help the others. sentences: its numbers first, then what it
    leaves over and why, and what limits it.
    """

    name: str
    rule_set: RuleSet
    one: int
    none: int
    several: int
    in_scope: int
    sentences: tuple[str, ...]
    kind: str
    reachable: int

    @property
    def explanation(self) -> str:
        """All its sentences, in one paragraph."""
        return " ".join(self.sentences)

    @property
    def rules(self) -> int:
        """How many rules a person has to read."""
        return len(self.rule_set.rules)


def suggest_rules(
    roster: Roster,
    *,
    grades: Sequence[str] = (),
    schools: Sequence[str] = (),
    limit: int = 5,
    progress: Progress | None = None,
) -> list[Suggestion]:
    """Up to `limit` different rule sets for the students of these grades and schools (empty: all), best first.

    Maximises the share of students in exactly one section, less a small cost for each rule, value, restriction and
    hard-to-read condition (at most six rules), with a preference for sections that look like homerooms among rule
    sets that reach 99 % of the students with any section. The search is greedy from several seeds with removal,
    restriction and exchange of single steps, so it finds a local optimum, not always the best there is; where it
    ends short of 99 %, rules in order (`resolve: "first"`) are searched too. Every number is counted by `evaluate`
    on the whole roster. No condition comes from a teacher's name, a section id or
    a single section. Costs a few hundred passes over the candidate conditions' hits on at most 2,400 groups of
    like students: seconds at 100,000 students. `progress` is told of each kind looked at and may raise to stop.
    """
    base = RuleSet(assessed_grades=tuple(grades), assessed_schools=tuple(schools))
    scope = evaluate(roster, base)
    tell = progress or (lambda *_: None)
    has_section = np.diff(roster.student_offsets) > 0
    reachable = int((scope.scope_mask & has_section).sum())
    everything = Found("everything", scope, scope.one / max(reachable, 1), reachable)
    found, names, students = [everything], families(roster), scope.scope_mask & has_section
    if reachable:
        found += search(roster, base, students, names.pieces, tell)
    ranked = _different(_ranked(found))
    twins = with_twins(base, students, found, names, tell) if reachable else []
    ranked = _with_second(ranked, twins)
    by_name = max((item.share for item in found if _asks_names_only(item)), default=0.0)
    limits = Limits(by_name, max(item.share for item in found))
    tell("Writing the proposals", STAGES, STAGES)
    # The first speaks of the second, where that is given too.
    first = replace(limits, by_homerooms=_after_choices(ranked[0], twins)) if limit > 1 else limits
    proposed = ranked[: max(limit, 0)]
    return [_suggestion(item, names, limits if place else first, twins) for place, item in enumerate(proposed)]


def _asks_names_only(item: Found) -> bool:
    fields = {condition.field for rule in item.coverage.rule_set.rules for condition in rule.when}
    return fields <= {"section_name", "school_name"}


def _ranked(found: list[Found]) -> list[Found]:
    best = max(item.share for item in found)
    enough = min(GOOD, best - 0.005)
    return sorted(found, key=lambda item: (item.share < enough, -item.worth if item.share >= enough else -item.share))


def _different(ranked: list[Found]) -> list[Found]:
    """Those that keep other enrollments than every better one, and are of some use beside the best.

    Rules without an order are other than a better set in order, much as the two may keep alike: with them nothing is
    hidden, and whom they leave over the district can see.
    """
    chosen: list[Found] = []
    for item in ranked:
        useful = item.share >= 0.85 * ranked[0].share and item.coverage.one > 0
        same = any(_is_same(item, other) for other in chosen if not _plainer(item, other))
        if not chosen or (useful and not same):
            chosen.append(item)
    return chosen


def _with_second(ranked: list[Found], twins: list[Found]) -> list[Found]:
    """The homerooms that need a choice for some rooms come second, as they are where they are among the others."""
    if not twins or _is_same(ranked[0], twins[0]):
        return ranked
    first, *others = ranked
    second = next((item for item in others if not _plainer(twins[0], item) and _is_same(item, twins[0])), twins[0])
    return [first, second, *(item for item in others if item is not second)]


def _after_choices(first: Found, twins: list[Found]) -> tuple[int, int]:
    """(rooms, students in one) of the homerooms that come second, once somebody has chosen for each doubled room."""
    if not twins or _is_same(first, twins[0]):
        return 0, 0
    rooms, settled = choices(twins[0].coverage)
    return rooms, twins[0].coverage.one + settled


def _is_same(item: Found, other: Found) -> bool:
    return _in_common(item.coverage, other.coverage) > _SAME


def _plainer(item: Found, other: Found) -> bool:
    return item.coverage.rule_set.resolve == "all" and other.coverage.rule_set.resolve == "first"


def _in_common(one: Coverage, other: Coverage) -> float:
    """The share of the enrollments either keeps that both keep."""
    marked = np.zeros(len(one.roster.enrollments), dtype=bool)
    marked[one.kept] = True
    both = int(marked[other.kept].sum())
    return both / max(len(one.kept) + len(other.kept) - both, 1)


def _suggestion(item: Found, names: Families, limits: Limits, twins: Sequence[Found]) -> Suggestion:
    coverage = item.coverage
    of_rooms = item.kind == "homeroom" or any(_is_same(item, other) for other in twins)
    by_choice = choices(coverage) if of_rooms else (0, 0)
    name, sentences = explain(coverage, item.kind, item.reachable, names, replace(limits, by_choice=by_choice))
    return Suggestion(
        name=name,
        rule_set=replace(coverage.rule_set, name=name),
        one=coverage.one,
        none=coverage.none,
        several=coverage.several,
        in_scope=coverage.in_scope,
        sentences=sentences,
        kind=item.kind,
        reachable=item.reachable,
    )
