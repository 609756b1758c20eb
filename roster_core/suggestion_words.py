"""What a proposed rule set does and leaves over, in plain English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roster_core.candidates import expression_words
from roster_core.coverage import Coverage
from roster_core.families import Families, overlaps
from roster_core.family_words import NO_SECTIONS, combination_words
from roster_core.matching import grade_groups_of
from roster_core.rules import RuleSet, describe_grades
from roster_core.wording import agreeing, counted, percent

# Below this share of the students a filter on names is none that a person would call one that does it.
_BY_NAME = 0.97
_KIND_NAMES = {
    "homeroom": "Homerooms",
    "name": "By section name",
    "course": "By course",
    "subject": "By subject",
    "period": "By period",
    "class_type": "By class type",
    "smallest": "Fewest words",
    "shape": "By how names are built",
    "mixed": "Homerooms and others",
    "twins": "Homerooms, some shared twice",
    "order": "By order of rules",
    "everything": "Everything as shared",
}


#: Families of a combination that are named.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """What can be had at all: shares of the students with any section that the best rule set found puts in exactly one
    section, by section names alone and by any field. by_choice: rooms shared as several sections that one choice each
    would settle, and how many students that brings to one. by_homerooms: for what comes before homerooms that are kept
    from the first place by such rooms only, how many rooms, and how many students are in one after the choices."""

    by_name: float
    by_any: float
    by_choice: tuple[int, int] = (0, 0)
    by_homerooms: tuple[int, int] = (0, 0)


def explain(
    coverage: Coverage, kind: str, reachable: int, names: Families, limits: Limits
) -> tuple[str, tuple[str, ...]]:
    """(a short name, some sentences) for a proposal: first its numbers, then what it leaves over and why, its limits.

    `reachable`: students in scope with any section. Names no student.
    """
    told = [_numbers(coverage, reachable)]
    rooms, students = limits.by_homerooms
    if rooms:
        told.append(
            f"Homerooms alone are the next proposal: {counted(rooms, 'room')} {agreeing(rooms, 'are')} shared as two "
            f"sections or more, and one choice for each puts {students:,} of {coverage.in_scope:,} students in exactly "
            "one section."
        )
    unreachable = coverage.in_scope - reachable
    if unreachable:
        told.append(
            f"{_students(unreachable)} in no section at all, so no rule set can reach them; the district must act."
        )
    told += _left_over(coverage, names, unreachable)
    told += _character(coverage)
    told += _limits(coverage, kind, reachable, limits)
    return _name(coverage.rule_set, kind), tuple(told)


def _numbers(coverage: Coverage, reachable: int) -> str:
    rules = len(coverage.rule_set.rules)
    said = "no rule" if not rules else "one rule" if rules == 1 else f"{rules} rules"
    known = f" ({percent(coverage.one, reachable)} of the {reachable:,} with any section)" if reachable else ""
    students = f"{counted(coverage.in_scope, 'student')} {agreeing(coverage.one, 'are')}"
    return (
        f"{coverage.one:,} of {students} in exactly one kept section{known}, "
        f"with {said} and {counted(coverage.sections_kept, 'kept section')}."
    )


def _left_over(coverage: Coverage, names: Families, unreachable: int) -> list[str]:
    told, groups = [], overlaps(coverage, names)
    if coverage.several:
        top = groups.several.iloc[0]
        told.append(
            f"{_students(coverage.several)} in several, most often in {combination_words(top['combination'], _NAMED)} "
            f"({top['students']:,})."
        )
    without = coverage.none - unreachable
    if without > 0:
        rows = groups.none[groups.none["combination"] != NO_SECTIONS]
        places = rows.groupby(["school_id", "school_name", "grade"], sort=False)["students"].sum()
        where, students = places.idxmax(), int(places.max())
        school = where[1] or f"school {where[0]}"
        grade = f", {describe_grades([where[2]])}" if where[2] else ""
        where_most = f"{school}{grade}." if students == without else f"most in {school}{grade} ({students:,})."
        told.append(f"{_students(without)} in none though they have sections, {where_most}")
    return told


def _character(coverage: Coverage) -> list[str]:
    sections = coverage.roster.enrollments.section[coverage.kept]
    sizes = np.bincount(sections)
    sizes = sizes[sizes > 0]
    if not len(sizes):
        return []
    if len(sizes) == 1:
        return [f"The only kept section has {counted(int(sizes[0]), 'student')}."]
    middle = counted(int(np.median(sizes)), "student")
    return [f"A typical kept section has {middle}, the largest {sizes.max():,}."]


def _limits(coverage: Coverage, kind: str, reachable: int, limits: Limits) -> list[str]:
    told = []
    if not coverage.in_scope:
        told.append("Nobody is in scope: choose the grades and schools that are assessed.")
    # Where nobody has a section, that is the district's to mend, and no fault of the names.
    rooms, settled = limits.by_choice
    does_it = rooms > 0 and coverage.one + settled >= _BY_NAME * reachable
    if reachable and limits.by_name < _BY_NAME and not does_it:
        best = round(limits.by_name * reachable)
        told.append(
            f"No name filter can do it: the best filter on section names alone puts {best:,} of "
            f"{counted(reachable, 'student')} in exactly one section."
        )
    if reachable and limits.by_any < 0.9 and not does_it:
        told.append(
            "No rule set found puts nine in ten students in exactly one section; "
            "ask the district how it marks homerooms."
        )
    if coverage.rule_set.resolve == "first":
        told += _in_order(coverage)
    asked = [condition for rule in coverage.rule_set.rules for condition in rule.when if condition.op == "matches"]
    for expression in dict.fromkeys(value for condition in asked for value in condition.values):
        told.append(f'The expression "{expression}" finds {expression_words(expression)}.')
    if rooms:
        whose = "room is" if rooms == 1 else "rooms are"
        told.append(
            f"{rooms:,} {whose} shared as two sections or more, as co-teaching makes them: one choice "
            f"{'for it' if rooms == 1 else 'for each'} under Twins, on Sections, brings {counted(settled, 'student')} "
            f"more to one, {coverage.one + settled:,} of {coverage.in_scope:,} in all."
        )
    terms = _terms(coverage.rule_set)
    if terms:
        told.append(f"The rules name the term {terms}: write them anew before the next term begins.")
    return [*told, *_who_applies(coverage)]


def _in_order(coverage: Coverage) -> list[str]:
    """Whom each rule of an order serves, and whom only the order keeps from a second section."""
    roster, verdicts = coverage.roster, coverage.verdicts
    student, section = (codes[coverage.kept] for codes in (roster.enrollments.student, roster.enrollments.section))
    decided = verdicts.keeper[grade_groups_of(roster, verdicts)[student], section]
    served = np.bincount(decided[coverage.kept_counts[student] == 1], minlength=len(coverage.rule_set.rules))
    first, *later = (place for place, rule in enumerate(coverage.rule_set.rules) if rule.do == "keep")
    said = f"In order: rule {first + 1} puts {counted(int(served[first]), 'student')} in exactly one section"
    if later:
        added = _listed([f"rule {place + 1} adds {served[place]:,}" for place in later])
        said += f"; of those for whom no earlier rule keeps any section, {added}"
    told = [f"{said}."]
    if coverage.settled_by_order:
        students = f"{coverage.settled_by_order:,} of these students {agreeing(coverage.settled_by_order, 'are')}"
        told.append(
            f"{students} also in a section that a later rule keeps; only the order leaves it out. Look whether they "
            "are where they belong before you commit."
        )
    return told


def _listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _who_applies(coverage: Coverage) -> list[str]:
    """Whether the district could apply the rules too, or why not; one that sends files may not be on Clever at all."""
    rule_set = coverage.rule_set
    obstacles = dict.fromkeys(text for rule in rule_set.rules for text in rule.district_obstacles())
    if rule_set.resolve == "first":
        obstacles["which of a student's sections counts is not for the district to say"] = None
    if not rule_set.rules:
        return []
    single = len(rule_set.rules) == 1
    ours = f"{'This rule works' if single else 'These rules work'} on our side only: {'; '.join(obstacles)}."
    what = "this rule" if single else "these rules"
    theirs = f"The district could type {what} into Clever."
    if coverage.roster.by_files:
        theirs = f"If the district shares through Clever, it could type {what} there."
    return [ours if obstacles else theirs]


def _terms(rule_set: RuleSet) -> str:
    """The terms that keep rules ask for by name: they hold only while those run."""
    asked = [condition for rule in rule_set.rules if rule.do == "keep" for condition in rule.when]
    by_term = [condition for condition in asked if (condition.field, condition.op) == ("term_name", "is")]
    named = dict.fromkeys(value for condition in by_term for value in condition.values)
    return " or ".join(f'"{value}"' for value in named)


def _name(rule_set: RuleSet, kind: str) -> str:
    if not rule_set.rules:
        return _KIND_NAMES[kind]
    words = rule_set.rules[0].describe().removeprefix("Keep sections whose ").removesuffix(".")
    more = len(rule_set.rules) - 1
    text = f"{_KIND_NAMES[kind]}: {words}"
    text = text if len(text) <= 90 else text[:87].rstrip(' ,"') + "..."
    return text + (f" and {more} more" if more else "")


def _students(count: int) -> str:
    return f"{counted(count, 'student')} {agreeing(count, 'are')}"
