"""Rule sets proposed for a roster: few, readable rules that put the most students in exactly one section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roster_core.candidates import candidate_atoms, homeroom_likeness, is_shapely
from roster_core.coverage import Coverage, evaluate
from roster_core.families import Families, families
from roster_core.roster import Progress, Roster, id_codes
from roster_core.rule_growth import GOOD, Taste, exchange, grow, rule_key, seeds, worth
from roster_core.rule_pairs import narrowed_atoms
from roster_core.rule_search import Board, Step, build_board, habits
from roster_core.rule_words import FIELDS
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.suggestion_words import explain
from roster_core.vocabulary import GRADES

_LEAST_HABIT = 0.3  # of the students in a place where a word occurs, the share it must cover there to be a habit
_SAME = 0.9  # two proposals that keep so many of the same enrollments are one proposal


@dataclass(frozen=True, eq=False)
class Suggestion:
    """A proposed rule set with its numbers from `evaluate`: students in one, none, several, and in scope.

    kind: homeroom, name, course, subject, period, class_type, shape, smallest, order or everything. reachable: students
    in scope with at least one section; no rule set can help the others. explanation: what it leaves over, and why.
    """

    name: str
    rule_set: RuleSet
    one: int
    none: int
    several: int
    in_scope: int
    explanation: str
    kind: str
    reachable: int

    @property
    def rules(self) -> int:
        """How many rules a person has to read."""
        return len(self.rule_set.rules)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A way of looking: fields that rules may ask, how homeroom-like what they keep must be, and how many seeds."""

    key: str
    fields: frozenset[str]
    least_likeness: float
    likeness: float
    seeds: int


_ALL = frozenset(FIELDS) - {"teacher_name", "section_id", "section_sis_id"}
_KINDS = (
    _Kind("homeroom", _ALL, 0.5, 0.6, 2),
    _Kind("homeroom", _ALL, 0.29, 0.4, 1),
    _Kind("name", frozenset({"section_name"}), 0.29, 0.5, 2),
    _Kind("name", frozenset({"section_name"}), 0.0, 0.2, 1),
    _Kind("smallest", _ALL, 0.0, 0.1, 2),
    _Kind("course", frozenset({"course_name", "course_number"}), 0.0, 0.2, 1),
    _Kind("subject", frozenset({"subject"}), 0.0, 0.2, 1),
    _Kind("period", frozenset({"period", "section_number"}), 0.0, 0.2, 1),
    _Kind("class_type", frozenset({"class_type"}), 0.0, 0.2, 1),
    _Kind("shape", _ALL, 0.29, 0.4, 2),
)


@dataclass(frozen=True, eq=False)
class _Found:
    kind: str
    coverage: Coverage
    worth: float
    reachable: int

    @property
    def share(self) -> float:
        return self.coverage.one / max(self.reachable, 1)


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
    restriction and exchange of single steps, so it finds a local optimum, not always the best there is. Every
    number is counted by `evaluate` on the whole roster. No condition comes from a teacher's name, a section id or
    a single section. Costs a few hundred passes over the candidate conditions' hits on at most 2,400 groups of
    like students: seconds at 100,000 students. `progress` is told of each kind looked at and may raise to stop.
    """
    base = RuleSet(assessed_grades=tuple(grades), assessed_schools=tuple(schools))
    scope = evaluate(roster, base)
    tell = progress or (lambda *_: None)
    has_section = np.diff(roster.student_offsets) > 0
    reachable = int((scope.scope_mask & has_section).sum())
    everything = _Found("everything", scope, scope.one / max(reachable, 1), reachable)
    found = [everything]
    if reachable:
        found += _search(roster, base, scope.scope_mask & has_section, reachable, tell)
    ranked = _different(_ranked(found))
    by_name = max((item.share for item in found if _asks_names_only(item)), default=0.0)
    names = families(roster)
    tell("Writing the proposals", len(_KINDS), len(_KINDS))
    return [_suggestion(item, names, by_name) for item in ranked[: max(limit, 0)]]


def _search(roster: Roster, base: RuleSet, students: np.ndarray, reachable: int, tell: Progress) -> list[_Found]:
    tell("Reading the section names", 0, len(_KINDS))
    enrolled = np.bincount(
        roster.enrollments.section[students[roster.enrollments.student]], minlength=len(roster.sections)
    )
    likeness = homeroom_likeness(roster, enrolled)
    atoms = candidate_atoms(roster, enrolled, likeness)
    if not atoms:
        return []
    board = build_board(roster, students, atoms, likeness)
    habit = _habit(roster, board)
    more = narrowed_atoms(board, likeness, habit)
    board, habit = board.with_atoms(more), np.concatenate([habit, np.ones(len(more), dtype=bool)])
    schools = _names_tell_schools(roster)
    found: list[_Found] = []
    for done, kind in enumerate(_KINDS):

        def check(done: int = done) -> None:
            tell("Looking for rules", done, len(_KINDS))

        asked = np.array([atom.fields <= kind.fields | {"school_name"} for atom in board.atoms])
        # How a name is built says little to a reader: it is looked at only where nothing that is said does it.
        if not asked.any() or (kind.key == "shape" and any(_is_homely(item) for item in found)):
            continue
        part = board.only(asked)
        taste = _taste(part, kind, habit[asked], schools=schools)
        for steps in _grown(part, kind, taste, check):
            rule_set = replace(base, rules=_rules(roster, part, steps))
            judged = replace(taste, likeness=0.25)
            found.append(_Found(kind.key, evaluate(roster, rule_set), worth(part, steps, judged), reachable))
    if any(item.share >= GOOD for item in found):
        return found
    return found + [ordered for item in found if (ordered := _settled_by_order(item)) is not None]


def _habit(roster: Roster, board: Board) -> np.ndarray:
    """bool[atoms]: whether an atom may be a keep rule: a field's value, or words that are somebody's habit."""
    grades = np.zeros((len(roster.sections), len(GRADES) + 1), dtype=np.int32)
    np.add.at(grades, (roster.enrollments.section, roster.grade_codes[roster.enrollments.student]), 1)
    schools = id_codes(roster.sections["school_id"], roster.schools["school_id"]).astype(np.int64)
    place = (schools * 64 + grades.argmax(axis=1) + 1) * (grades.max(axis=1) > 0)
    known = board.cell_school * 64 + board.cell_grade + 1
    cell = np.minimum(np.searchsorted(known, place), len(known) - 1)
    cell = np.where(known[cell] == place, cell, len(known))
    hit = np.array([np.bincount(cell[atom.mask], minlength=len(known) + 1)[:-1] for atom in board.atoms])
    given = np.array([not atom.fields & {"section_name", "course_name"} for atom in board.atoms])
    return given | (habits(board, hit) >= _LEAST_HABIT)


def _taste(board: Board, kind: _Kind, habit: np.ndarray, *, schools: bool) -> Taste:
    alike = np.array([atom.likeness >= kind.least_likeness for atom in board.atoms])
    spoken = np.array([kind.key == "shape" or not is_shapely(atom) for atom in board.atoms])
    return Taste(alike & habit & spoken, spoken, kind.likeness, schools)


def _grown(board: Board, kind: _Kind, taste: Taste, check: Callable[[], None]) -> list[tuple[Step, ...]]:
    """The best and the second best of what the seeds grow into, with exchanges tried on both.

    A seed whose condition an earlier one has come to use would grow into the same and is passed over.
    """
    if not taste.keeps.any():
        return []
    grown: dict[frozenset[Step], tuple[Step, ...]] = {}
    for seed in seeds(board, taste, kind.seeds):
        if not any(seed[0] in steps for steps in grown.values() if seed):
            steps = grow(board, seed, taste, check)
            grown[frozenset(steps)] = steps
    best = sorted(grown.values(), key=lambda steps: -worth(board, steps, taste))[:2]
    return [exchange(board, steps, taste, check) for steps in best]


def _rules(roster: Roster, board: Board, steps: Sequence[Step]) -> tuple[Rule, ...]:
    """The steps written as rules: keeps first, those of one field and operator together."""
    groups: dict[tuple[object, ...], list[Step]] = {}
    for step in sorted(steps, key=lambda step: (step.do != "keep", -board.atoms[step.atom].likeness)):
        groups.setdefault(rule_key(step, board.atoms[step.atom]), []).append(step)
    return tuple(_rule(roster, board, group) for group in groups.values())


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
    return Condition("school_name", op, tuple(sorted(names[place] for place in named if place >= 0)))


def _names_tell_schools(roster: Roster) -> bool:
    """Whether a rule can name a school: every school has a name, and no two the same; every student a known school."""
    names = roster.schools["school_name"].str.strip().str.casefold()
    return (
        len(names) > 1
        and bool((names != "").all())
        and not names.duplicated().any()
        and bool((roster.school_codes >= 0).all())
    )


def _is_homely(item: _Found) -> bool:
    return item.share >= GOOD and item.kind == "homeroom"


def _asks_names_only(item: _Found) -> bool:
    fields = {condition.field for rule in item.coverage.rule_set.rules for condition in rule.when}
    return fields <= {"section_name", "school_name"} and item.kind != "order"


def _settled_by_order(item: _Found) -> _Found | None:
    """The same rules, the earliest first, where that alone brings the students of a poor proposal to one section."""
    rule_set = item.coverage.rule_set
    if item.share >= GOOD or sum(rule.do == "keep" for rule in rule_set.rules) < 2:
        return None
    ordered = evaluate(item.coverage.roster, replace(rule_set, resolve="first"))
    gain = (ordered.one - item.coverage.one) / max(item.reachable, 1)
    return _Found("order", ordered, item.worth + gain - 0.02, item.reachable) if gain >= 0.005 else None


def _ranked(found: list[_Found]) -> list[_Found]:
    best = max(item.share for item in found)
    enough = min(GOOD, best - 0.005)
    return sorted(found, key=lambda item: (item.share < enough, -item.worth if item.share >= enough else -item.share))


def _different(ranked: list[_Found]) -> list[_Found]:
    """Those that keep other enrollments than every better one, and are of some use beside the best."""
    chosen: list[_Found] = []
    for item in ranked:
        useful = item.share >= 0.85 * ranked[0].share and item.coverage.one > 0
        same = any(_shared(item.coverage, other.coverage) > _SAME for other in chosen)
        if not chosen or (useful and not same):
            chosen.append(item)
    return chosen


def _shared(one: Coverage, other: Coverage) -> float:
    """The share of the enrollments either keeps that both keep."""
    marked = np.zeros(len(one.roster.enrollments), dtype=bool)
    marked[one.kept] = True
    both = int(marked[other.kept].sum())
    return both / max(len(one.kept) + len(other.kept) - both, 1)


def _suggestion(item: _Found, names: Families, by_name: float) -> Suggestion:
    coverage = item.coverage
    name, explanation = explain(coverage, item.kind, item.reachable, names, by_name)
    return Suggestion(
        name=name,
        rule_set=replace(coverage.rule_set, name=name),
        one=coverage.one,
        none=coverage.none,
        several=coverage.several,
        in_scope=coverage.in_scope,
        explanation=explanation,
        kind=item.kind,
        reachable=item.reachable,
    )
