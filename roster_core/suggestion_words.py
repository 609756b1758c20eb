"""What a proposed rule set does and leaves over, in plain English."""

from __future__ import annotations

import numpy as np

from roster_core.coverage import Coverage
from roster_core.families import Families, overlaps
from roster_core.family_words import NO_SECTIONS, combination_words
from roster_core.rules import RuleSet, describe_grades
from roster_core.wording import agreeing, counted

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
    "order": "By order of rules",
    "everything": "Everything as shared",
}


#: Families of a combination that are named.
_NAMED = 3


def explain(
    coverage: Coverage, kind: str, reachable: int, names: Families, by_name: float
) -> tuple[str, tuple[str, ...]]:
    """(a short name, some sentences) for a proposal: first its numbers, then what it leaves over and why, its limits.

    `reachable`: students in scope with any section. `by_name`: the share of them that the best filter on section
    names alone puts in exactly one section. Names no student.
    """
    told = [_numbers(coverage, reachable)]
    unreachable = coverage.in_scope - reachable
    if unreachable:
        told.append(
            f"{_students(unreachable)} in no section at all, so no rule set can reach them; the district must act."
        )
    told += _left_over(coverage, names, unreachable)
    told += _character(coverage)
    told += _limits(coverage, kind, reachable, by_name)
    return _name(coverage.rule_set, kind), tuple(told)


def _numbers(coverage: Coverage, reachable: int) -> str:
    rules = len(coverage.rule_set.rules)
    said = "no rule" if not rules else "one rule" if rules == 1 else f"{rules} rules"
    share = 100 * coverage.one / max(reachable, 1)
    known = f" ({_percent(share)} of the {reachable:,} with any section)" if reachable else ""
    return (
        f"{coverage.one:,} of {coverage.in_scope:,} students are in exactly one kept section{known}, "
        f"with {said} and {coverage.sections_kept:,} kept sections."
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
    middle = f"{np.median(sizes):.0f}"
    return [f"A typical kept section has {middle} students, the largest {sizes.max():,}."]


def _limits(coverage: Coverage, kind: str, reachable: int, by_name: float) -> list[str]:
    told = []
    if by_name < 0.9:
        best = round(by_name * reachable)
        told.append(
            f"No name filter can do it: the best filter on section names alone puts {best:,} of {reachable:,} "
            "students in exactly one section."
        )
    if coverage.one < 0.9 * reachable:
        told.append("No rule set found puts most students in one section; ask the district how it marks homerooms.")
    if kind == "order":
        told.append(
            f"{_students(coverage.settled_by_order)} settled only by the order of the rules; look at them before you "
            "commit."
        )
    obstacles = dict.fromkeys(text for rule in coverage.rule_set.rules for text in rule.district_obstacles())
    if coverage.rule_set.resolve == "first":
        obstacles["which of a student's sections counts is not for the district to say"] = None
    if coverage.rule_set.rules:
        ours = f"These rules work on our side only: {'; '.join(obstacles)}."
        told.append(ours if obstacles else "The district could type these rules into Clever.")
    return told


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


def _percent(share: float) -> str:
    """Never rounded up to a hundred: 99.97 reads 99.9 %."""
    return f"{int(share * 10) / 10:.1f} %".replace(".0 %", " %")
