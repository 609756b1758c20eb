"""The search for proposals: every way of looking at a district, each grown from several starts, and rules in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roster_core.candidates import candidate_atoms, is_shapely
from roster_core.coverage import Coverage, evaluate
from roster_core.homerooms import homeroom_likeness
from roster_core.name_words import NameWords
from roster_core.roster import Progress, Roster, id_codes
from roster_core.rule_chains import Chain, chain
from roster_core.rule_growth import GOOD, MOST_RULES, MOST_VALUES, RULE_COST, Taste, exchange, grow, seeds, worth
from roster_core.rule_pairs import narrowed_atoms
from roster_core.rule_replacing import fills_gaps, whittled
from roster_core.rule_search import Board, Step, build_board, habits
from roster_core.rule_words import FIELDS
from roster_core.rule_writing import names_tell_schools, rules_in_order, rules_of
from roster_core.rules import Rule, RuleSet
from roster_core.vocabulary import GRADES

_WHITTLED = 0.95  # a list of what is dropped says too little to be shown where it does not do it
_MOSTLY = 0.8  # of the students reachable, the share that rules must serve by themselves to be put before an order
_ORDER_COST = 0.02  # in shares of the students: an order hides who is really in two sections
# Of the students in a place where a word occurs, the share it must cover there to be a habit; in rules that stand in
# order a rare word only ever helps by chance.
_LEAST_HABIT, _LEAST_IN_ORDER = 0.2, 0.4


@dataclass(frozen=True, slots=True)
class _Kind:
    """A way of looking: fields that rules may ask, how homeroom-like what they keep must be, and how many seeds."""

    key: str
    fields: frozenset[str]
    least_likeness: float
    likeness: float
    seeds: int


#: The likeness of what nothing is known of, also where a few clubs bear the same word.
PERHAPS = 0.24
_ALL = frozenset(FIELDS) - {"teacher_name", "section_id", "section_sis_id"}
_KINDS = (
    _Kind("homeroom", _ALL, 0.5, 0.6, 2),
    _Kind("homeroom", _ALL, PERHAPS, 0.4, 1),
    _Kind("name", frozenset({"section_name"}), PERHAPS, 0.5, 2),
    _Kind("name", frozenset({"section_name"}), 0.0, 0.2, 1),
    _Kind("smallest", _ALL, 0.0, 0.1, 2),
    _Kind("course", frozenset({"course_name", "course_number"}), 0.0, 0.2, 1),
    _Kind("subject", frozenset({"subject"}), 0.0, 0.2, 1),
    _Kind("period", frozenset({"period", "section_number"}), 0.0, 0.2, 1),
    _Kind("class_type", frozenset({"class_type"}), 0.0, 0.2, 1),
    _Kind("shape", _ALL, PERHAPS, 0.4, 2),
)

#: How many steps `search` tells its progress in.
STAGES = len(_KINDS) + 2

#: Where homerooms alone do not do it: what else serves the students they leave over; and rules in order.
_MIXED = _Kind("mixed", _ALL, 0.0, 0.4, 0)
_LEFT = _Kind("homeroom", _ALL, PERHAPS, 0.4, 2)
_ORDERED = (
    _Kind("name", frozenset({"section_name"}), 0.0, 0.1, 0),
    _Kind("smallest", _ALL, 0.0, 0.1, 0),
    _Kind("shape", _ALL, 0.0, 0.1, 0),
)


@dataclass(frozen=True, eq=False)
class Found:
    """A rule set found: its kind (as `Suggestion` says), coverage, worth among the others, and students reachable."""

    kind: str
    coverage: Coverage
    worth: float
    reachable: int

    @property
    def share(self) -> float:
        """Of the students reachable, how many are in exactly one section."""
        return self.coverage.one / max(self.reachable, 1)


@dataclass(frozen=True, eq=False)
class _Search:
    """What every way of looking shares. habit: float[atoms], 0 to 1; schools: whether rules may name schools.
    likeness: float[sections], to homerooms."""

    roster: Roster
    base: RuleSet
    board: Board
    habit: np.ndarray
    reachable: int
    schools: bool
    likeness: np.ndarray
    tell: Progress

    def part(self, kind: _Kind, least_habit: float = _LEAST_HABIT) -> tuple[Board, Taste]:
        """The board with the atoms of a kind's fields only, and what the kind looks for."""
        asked = np.array([atom.fields <= kind.fields | {"school_name"} for atom in self.board.atoms], dtype=bool)
        board = self.board.only(asked)
        return board, _taste(board, kind, self.habit[asked] >= least_habit, schools=self.schools)

    def checks(self, stage: int) -> Callable[[], None]:
        """Tells the progress, which may raise to stop."""
        return lambda: self.tell("Looking for rules", stage, STAGES)

    def found(self, kind: _Kind, board: Board, steps: Sequence[Step], taste: Taste) -> Found:
        """The steps as a rule set, counted by `evaluate`, its worth judged alike for all kinds."""
        rule_set = replace(self.base, rules=rules_of(self.roster, board, steps))
        judged = worth(board, steps, replace(taste, likeness=0.25))
        coverage = evaluate(self.roster, rule_set)
        key = kind.key if rule_set.rules else "everything"
        # Conditions that hit homerooms among others may come to keep the others alone.
        if key == "homeroom" and coverage.one and _likeness_kept(coverage, self.likeness) < PERHAPS * coverage.one:
            key = "smallest"
        return Found(key, coverage, judged, self.reachable)


def search(roster: Roster, base: RuleSet, students: np.ndarray, pieces: NameWords, tell: Progress) -> list[Found]:
    """Rule sets for the students (bool, in scope and with a section), in no order. `pieces`: the names as cut.

    Every kind grows its own; where no homeroom-like one reaches 99 %, the best of them are grown on with all other
    sections; where nothing does, rules in order are tried too.
    """
    tell("Reading the section names", 0, STAGES)
    shared = _prepared(roster, base, students, pieces, tell)
    if shared is None:
        return []
    found = _of_kinds(shared, _KINDS)
    if any(item.share >= GOOD for item in found):
        return found
    found += [ordered for item in found if (ordered := _settled_by_order(item)) is not None]
    orders = list(_chained(shared))
    pairs = ((plain, order) for plain in found for order in orders)
    return found + orders + [item for pair in pairs if (item := _filled(*pair, shared.likeness))]


def search_homerooms(
    roster: Roster, base: RuleSet, students: np.ndarray, pieces: NameWords, tell: Progress
) -> list[Found]:
    """Of what `search` looks for, only the rule sets that keep homeroom-like sections, in no order."""
    shared = _prepared(roster, base, students, pieces, tell)
    kinds = [kind for kind in _KINDS if kind.key == "homeroom"]
    return [item for item in _of_kinds(shared, kinds) if item.kind == "homeroom"] if shared else []


def _prepared(roster: Roster, base: RuleSet, students: np.ndarray, pieces: NameWords, tell: Progress) -> _Search | None:
    """What every kind of search shares; None where no condition is worth trying."""
    enrolled = np.bincount(
        roster.enrollments.section[students[roster.enrollments.student]], minlength=len(roster.sections)
    )
    likeness = homeroom_likeness(roster, enrolled)
    atoms = candidate_atoms(roster, enrolled, likeness, pieces)
    if not atoms:
        return None
    board = build_board(roster, students, atoms, likeness)
    habit = _habit(roster, board)
    more = narrowed_atoms(board, likeness, habit >= _LEAST_HABIT)
    board, habit = board.with_atoms(more), np.concatenate([habit, np.ones(len(more))])
    return _Search(roster, base, board, habit, int(students.sum()), names_tell_schools(roster), likeness, tell)


def _of_kinds(shared: _Search, kinds: Sequence[_Kind]) -> list[Found]:
    found: list[Found] = []
    unfinished: list[tuple[Step, ...]] = []
    for stage, kind in enumerate(kinds):
        homely = any(item.share >= GOOD and item.kind == "homeroom" for item in found)
        # How a name is built says little to a reader: it is looked at only where nothing that is said does it.
        board, taste = shared.part(kind)
        if not board.atoms or (kind.key == "shape" and homely):
            continue
        for steps in _grown(board, kind, taste, shared.checks(stage)):
            found.append(shared.found(kind, board, steps, taste))
            if kind.key == "homeroom" and steps and found[-1].share < GOOD:
                unfinished.append(steps)
    if not any(item.share >= GOOD and item.kind == "homeroom" for item in found):
        board, taste = shared.part(_MIXED)
        for steps in dict.fromkeys(unfinished):
            wider = replace(taste, keeps=taste.keeps | (taste.drops & fills_gaps(board, steps)))
            steps = grow(board, steps, wider, shared.checks(len(_KINDS)))
            found.append(shared.found(_MIXED, board, steps, wider))
        found += _whittled(shared)
    return found


def _whittled(shared: _Search) -> Iterator[Found]:
    """What is left when lessons are dropped one by one: from everything, and from what homerooms have in common."""
    board, taste = shared.part(_LEFT)
    for start in seeds(board, taste, _LEFT.seeds):
        steps = whittled(board, start, taste.drops, MOST_VALUES)
        if len(steps) > len(start) and worth(board, steps, taste) > worth(board, start, taste):
            item = shared.found(_LEFT, board, grow(board, steps, taste, shared.checks(len(_KINDS))), taste)
            if item.share >= _WHITTLED:
                yield item


def _habit(roster: Roster, board: Board) -> np.ndarray:
    """float[atoms]: how much of a habit an atom is; 1 for a field's value."""
    grades = np.zeros((len(roster.sections), len(GRADES) + 1), dtype=np.int32)
    np.add.at(grades, (roster.enrollments.section, roster.grade_codes[roster.enrollments.student]), 1)
    schools = id_codes(roster.sections["school_id"], roster.schools["school_id"]).astype(np.int64)
    place = (schools * 64 + grades.argmax(axis=1) + 1) * (grades.max(axis=1) > 0)
    known = board.cell_school * 64 + board.cell_grade + 1
    cell = np.minimum(np.searchsorted(known, place), len(known) - 1)
    cell = np.where(known[cell] == place, cell, len(known))
    hit = np.array([np.bincount(cell[atom.mask], minlength=len(known) + 1)[:-1] for atom in board.atoms])
    given = np.array([not atom.fields & {"section_name", "course_name"} for atom in board.atoms], dtype=bool)
    return np.where(given, 1.0, habits(board, hit))


def _taste(board: Board, kind: _Kind, habit: np.ndarray, *, schools: bool) -> Taste:
    alike = np.array([atom.likeness >= kind.least_likeness for atom in board.atoms], dtype=bool)
    spoken = np.array([kind.key == "shape" or not is_shapely(atom) for atom in board.atoms], dtype=bool)
    # To drop sections 001, 002 and 003 by number would keep the next that is added.
    counted = np.array([atom.when[0].field == "section_number" for atom in board.atoms], dtype=bool)
    return Taste(alike & habit & spoken, spoken & ~counted, kind.likeness, schools)


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


def _settled_by_order(item: Found) -> Found | None:
    """The same rules, the earliest first, where that alone brings the students of a poor proposal to one section."""
    rule_set = item.coverage.rule_set
    if item.share >= GOOD or sum(rule.do == "keep" for rule in rule_set.rules) < 2:
        return None
    ordered = evaluate(item.coverage.roster, replace(rule_set, resolve="first"))
    gain = (ordered.one - item.coverage.one) / max(item.reachable, 1)
    return Found("order", ordered, item.worth + gain - _ORDER_COST, item.reachable) if gain >= 0.005 else None


def _filled(plain: Found, order: Found, likeness: np.ndarray) -> Found | None:
    """Plain rules first, and for the students they leave over what an order that does it keeps.

    None where this keeps nothing more like homerooms than the order, which may have passed them by for lessons that a
    few students more have. `likeness`: float[sections]. Costs an evaluation for each rule of the order.
    """
    if order.kind != "order" or order.share < GOOD or not _MOSTLY <= plain.share < GOOD:
        return None
    roster, base, more = plain.coverage.roster, plain.coverage.rule_set, list(order.coverage.rule_set.rules)

    def with_rules(added: list[Rule]) -> Coverage:
        own = [rule for rule in base.rules if rule.do == "keep"]
        drops = [rule for rule in (*base.rules, *added) if rule.do == "drop"]
        keeps = own + [rule for rule in added if rule.do == "keep" and rule not in own]
        return evaluate(roster, replace(base, rules=(*keeps, *dict.fromkeys(drops)), resolve="first"))

    best = with_rules(more)
    for rule in list(more):
        without = with_rules([each for each in more if each is not rule])
        if without.one >= best.one:
            best = without
            more = [each for each in more if each is not rule]
    homely = _likeness_kept(best, likeness) - _likeness_kept(order.coverage, likeness)
    share = best.one / max(plain.reachable, 1)
    if share < GOOD or len(best.rule_set.rules) > MOST_RULES or homely <= 0:
        return None
    return Found("order", best, order.worth + homely / max(plain.reachable, 1), plain.reachable)


def _likeness_kept(coverage: Coverage, likeness: np.ndarray) -> float:
    """The likeness of the kept sections to homerooms, summed over the students in exactly one."""
    enrollments = coverage.roster.enrollments
    kept = coverage.kept[coverage.kept_counts[enrollments.student[coverage.kept]] == 1]
    return float(likeness[enrollments.section[kept]].sum())


def _chained(shared: _Search) -> Iterator[Found]:
    """Rules in order, `keep this, else that`: by section names alone, by all fields, and by how names are built."""
    for kind in _ORDERED:
        board, taste = shared.part(kind, _LEAST_IN_ORDER)
        known = chain(board, taste, shared.checks(len(_KINDS) + 1)) if board.atoms else Chain()
        if not known.rules:
            continue
        rules = rules_in_order(shared.roster, board, known)
        resolve, key, cost = ("first", "order", _ORDER_COST) if len(known.rules) > 1 else ("all", kind.key, 0.0)
        coverage = evaluate(shared.roster, replace(shared.base, rules=rules, resolve=resolve))
        judged = coverage.one / shared.reachable - cost - RULE_COST * len(rules)
        yield Found(key, coverage, judged, shared.reachable)
        if coverage.one >= GOOD * shared.reachable:
            return
