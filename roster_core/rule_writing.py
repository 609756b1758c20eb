"""The steps of a search written as the rules of a rule set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from roster_core.roster import Roster
from roster_core.rule_chains import Chain
from roster_core.rule_growth import rule_key
from roster_core.rule_search import Board, Step
from roster_core.rules import Condition, Rule
from roster_core.vocabulary import GRADES

_KNOWN = 0.98  # of the students, the share whose school must be known before rules name schools


def rules_of(roster: Roster, board: Board, steps: Sequence[Step]) -> tuple[Rule, ...]:
    """The steps as rules: keeps first, the most homeroom-like first, those of one field and operator together."""
    groups: dict[tuple[object, ...], list[Step]] = {}
    for step in sorted(steps, key=lambda step: (step.do != "keep", -board.atoms[step.atom].likeness)):
        groups.setdefault(rule_key(step, board.atoms[step.atom]), []).append(step)
    return tuple(_rule(roster, board, group) for group in groups.values())


def rules_in_order(roster: Roster, board: Board, known: Chain) -> tuple[Rule, ...]:
    """The keep rules of a chain in its order, then what it drops."""
    keeps = tuple(_rule(roster, board, rule) for rule in known.rules)
    return keeps + rules_of(roster, board, known.drops)


def names_tell_schools(roster: Roster) -> bool:
    """Whether a rule can name a school: each has a name of its own, and nearly every student a known school."""
    names = roster.schools["school_name"].str.strip().str.casefold()
    return (
        len(names) > 1
        and bool((names != "").all())
        and not names.duplicated().any()
        and float((roster.school_codes >= 0).mean()) >= _KNOWN
    )


def _rule(roster: Roster, board: Board, steps: Sequence[Step]) -> Rule:
    first = board.atoms[steps[0].atom].when
    values = tuple(dict.fromkeys(value for step in steps for value in board.atoms[step.atom].when[0].values))
    when = (replace(first[0], values=values), *first[1:]) if len(steps) > 1 else first
    if steps[0].schools is not None:
        when = (*when, _school_condition(roster, board, steps[0].schools))
    grades = tuple(GRADES[place] for place in sorted(steps[0].grades or ()))
    return Rule(steps[0].do, when, grades)


def _school_condition(roster: Roster, board: Board, schools: frozenset[int]) -> Condition:
    others = board.schools - schools
    op, named = ("is", schools) if len(schools) <= len(others) else ("is_not", others)
    names = roster.schools["school_name"].to_numpy(dtype=object)
    return Condition("school_name", op, tuple(sorted(names[place] for place in named)))
