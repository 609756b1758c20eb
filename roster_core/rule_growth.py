"""Growing a rule set step by step on a board: add what helps most, tighten, take out what is not needed, exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roster_core.candidates import Atom, least_sections
from roster_core.rule_replacing import replaced
from roster_core.rule_search import Board, Step
from roster_core.rule_words import OPERATORS

#: What one more rule, value, or restriction must bring, in shares of the students, to be worth its words.
RULE_COST, VALUE_COST, GRADES_COST, SCHOOLS_COST, SCHOOL_COST = 0.004, 0.002, 0.003, 0.006, 0.003
#: Where nothing is kept by a rule, everything that is not dropped stays, also what is added next week.
OPEN_COST = 0.01
#: A rule set that puts this share of the students it could reach in one section is good, and worth some words more.
GOOD, GOOD_BONUS, LEAST_GAIN = 0.99, 0.02, 1e-4
MOST_RULES, MOST_VALUES, MOST_SCHOOLS, MOST_STEPS = 6, 8, 6, 14
_TRIED, _JUDGED, _EXCEPTIONS = 6, 4, 3
_HOPEFUL = 0.6
#: To name one of some 250 words, a first and last grade, a school: in bits.
WORD_BITS, _GRADES_BITS, _SCHOOL_BITS = 8, 6, 4


@dataclass(frozen=True, eq=False)
class Taste:
    """What a search looks for.

    keeps, drops: bool[atoms] it may keep or drop by. likeness: how much, in shares of the students, a rule set
    that keeps homeroom-like sections only is worth over one that keeps none. schools: whether rules may name schools.
    """

    keeps: np.ndarray
    drops: np.ndarray
    likeness: float
    schools: bool


def rule_key(step: Step, atom: Atom) -> tuple[object, ...]:
    """Steps of equal key are written as one rule with several values."""
    place = (step.do, step.grades, step.schools)
    first = atom.when[0]
    if len(atom.when) == 1 and OPERATORS[first.op].takes_values and not OPERATORS[first.op].negative:
        return (*place, first.field, first.op)
    return (*place, atom.when)


def words_cost(board: Board, steps: Sequence[Step]) -> float:
    """What the rules of some steps cost in words; endless where they are more than a person would read."""
    rules: dict[tuple[object, ...], list[Step]] = {}
    for step in steps:
        rules.setdefault(rule_key(step, board.atoms[step.atom]), []).append(step)
    if len(rules) > MOST_RULES or any(len(rule) > MOST_VALUES for rule in rules.values()):
        return float("inf")
    cost = sum(board.atoms[step.atom].cost for step in steps) + VALUE_COST * (len(steps) - len(rules))
    cost += OPEN_COST * (bool(steps) and not any(step.do == "keep" for step in steps))
    return cost + sum(RULE_COST + place_cost(board, step) for step, *_ in rules.values())


def place_cost(board: Board, step: Step) -> float:
    """What it costs in words to say which grades and schools a step is for."""
    named = named_schools(board, step)
    return GRADES_COST * _runs(step.grades) + (SCHOOLS_COST + SCHOOL_COST * named) * (named > 0)


def place_bits(board: Board, step: Step) -> int:
    """What it takes in bits to say which grades and schools a step is for."""
    return _GRADES_BITS * _runs(step.grades) + _SCHOOL_BITS * named_schools(board, step)


def _runs(grades: frozenset[int] | None) -> int:
    """Runs of neighbouring grades: `1 to 5` is one, `1, 3 and 8` are three; none where all grades are meant."""
    return sum(grade - 1 not in grades for grade in grades) if grades is not None else 0


def named_schools(board: Board, step: Step) -> int:
    """How many schools a step has to name: those it is for, or those it is not for, whichever are fewer."""
    if step.schools is None:
        return 0
    return min(len(step.schools), len(board.schools) - len(step.schools))


def worth(board: Board, steps: Sequence[Step], taste: Taste) -> float:
    """The share of students in exactly one section, with the taste for homerooms, less what the words cost."""
    cost = words_cost(board, steps)
    if cost == float("inf"):
        return -cost
    kept, _ = board.kept(steps)
    if not _is_shared(board, steps, kept):
        return -float("inf")
    one = board.counts(kept) == 1
    rows = kept & one[board.enrollment_group]
    alike = float(board.weight[board.enrollment_group[rows]] @ board.likeness[rows])
    share = float(board.weight[one].sum()) / max(board.total, 1.0)
    return share + GOOD_BONUS * (share >= GOOD) + taste.likeness * alike / max(board.total, 1.0) - cost


def share_in_one(board: Board, steps: Sequence[Step]) -> float:
    """The share of the board's students in exactly one section."""
    return float(board.weight[board.counts(board.kept(steps)[0]) == 1].sum()) / max(board.total, 1.0)


def _is_shared(board: Board, steps: Sequence[Step], kept: np.ndarray) -> bool:
    """Whether the words tell habits, not single rooms.

    Each keeps some sections at least, and all of them together take fewer bits to write down than half of what it
    would take to list the kept sections one by one; with enough words and grades any list of rooms can be spelt out.
    """
    least = least_sections(board.sections)
    if any(step.do == "keep" and board.sections_hit(step) < least for step in steps):
        return False
    bits = sum(WORD_BITS + place_bits(board, step) for step in steps)
    if bits <= WORD_BITS:
        return True
    used = np.zeros(int(board.enrollment_section.max(initial=0)) + 1, dtype=bool)
    used[board.enrollment_section[kept]] = True
    share = used.sum() / board.sections
    entropy = -sum(part * np.log2(part) for part in (share, 1 - share) if 0 < part < 1)
    return bits - WORD_BITS <= board.sections * entropy / 2


def grow(board: Board, steps: tuple[Step, ...], taste: Taste, check: Callable[[], None]) -> tuple[Step, ...]:
    """The steps with more added for as long as each is worth its words; each addition is tidied up after.

    Never lowers `worth`; ends where no single addition, no keep together with a drop, and no keep in the place of
    others raises it. `check` may raise to stop. Two passes over the pairs of the board an addition, and nine more
    where it comes to a stop short of 99 %.
    """
    value = worth(board, steps, taste)
    while len(steps) < MOST_STEPS and (1 - share_in_one(board, steps)) * (1 + taste.likeness) > VALUE_COST:
        check()
        offers = [(*steps, step) for step in _additions(board, steps, taste)]
        valued = [(worth(board, offer, taste), offer) for offer in offers]
        best, offer = max(valued, key=lambda item: item[0], default=(value, steps))
        if best < value + LEAST_GAIN:
            best, offer = _with_exception(board, steps, taste, check, value)
        if best < value + LEAST_GAIN:
            best, offer = _in_place(board, steps, taste, check, value)
        if best < value + LEAST_GAIN:
            break
        steps, value = _tidied(board, offer, taste, best)
    return steps


def exchange(board: Board, steps: tuple[Step, ...], taste: Taste, check: Callable[[], None]) -> tuple[Step, ...]:
    """The steps with single ones taken out and regrown, as long as that raises `worth`, twice at most.

    Steps that leave more than four in ten students over are far from any use, and come back as they are.
    """
    if share_in_one(board, steps) < _HOPEFUL:
        return steps
    best = worth(board, steps, taste)
    for _ in range(2):
        for place in range(len(steps) if len(steps) > 1 else 0):
            other = grow(board, steps[:place] + steps[place + 1 :], taste, check)
            if (value := worth(board, other, taste)) > best + LEAST_GAIN:
                steps, best = other, value
                break
        else:
            break
    return steps


def seeds(board: Board, taste: Taste, most: int) -> list[tuple[Step, ...]]:
    """Where to start: nothing at all, and single conditions that alone bring many students, or look like homerooms."""
    gains = board.gains((), "keep")
    alone = np.where(taste.keeps, gains.total(), -np.inf)
    likeness = np.array([atom.likeness for atom in board.atoms])
    anywhere = np.where(taste.keeps, gains.where_it_helps(np.arange(len(board.cell_grade))), -np.inf)
    ranked: list[int] = []
    for order in (alone * (1 + taste.likeness * likeness), anywhere * likeness**2, anywhere * (0.1 + likeness), alone):
        tops = np.argsort(-order, kind="stable")[:most]
        ranked += [int(atom) for atom in tops if order[atom] > 0]
    starts: list[tuple[Step, ...]] = [()]
    for round_ in range(most):  # in turn from each order, so that every kind of seed has a chance
        starts += [(Step("keep", atom),) for atom in ranked[round_::most]]
    return list(dict.fromkeys(starts))


def _with_exception(
    board: Board, steps: tuple[Step, ...], taste: Taste, check: Callable[[], None], value: float
) -> tuple[float, tuple[Step, ...]]:
    """A keep that helps only together with a drop: `Advisory`, but not the study halls called `Homeroom study`."""
    if share_in_one(board, steps) >= GOOD:
        return value, steps
    gains = board.gains(steps, "keep")
    reached = gains.only_new().total()
    order = np.where(taste.keeps, reached * (0.5 + np.array([atom.likeness for atom in board.atoms])), -np.inf)
    best = (value, steps)
    for atom in np.argsort(-order, kind="stable")[:_EXCEPTIONS]:
        if reached[atom] < 0.02 * board.total:
            break
        check()
        wider = (*steps, Step("keep", int(atom)))
        for step in _additions(board, wider, taste, ("drop",))[:2]:
            best = max(best, (worth(board, (*wider, step), taste), (*wider, step)), key=lambda item: item[0])
    return best


def _in_place(
    board: Board, steps: tuple[Step, ...], taste: Taste, check: Callable[[], None], value: float
) -> tuple[float, tuple[Step, ...]]:
    """A keep that takes the place of the others in some grades or schools."""
    best = (value, steps)
    if share_in_one(board, steps) < GOOD and len(steps) <= MOST_STEPS // 2:
        check()
        for offer in replaced(board, steps, taste.keeps, schools=taste.schools):
            best = max(best, (worth(board, offer, taste), offer), key=lambda item: item[0])
    return best


def _additions(
    board: Board, steps: tuple[Step, ...], taste: Taste, doings: Sequence[str] = ("keep", "drop")
) -> list[Step]:
    """The most promising next steps, each with the grades and schools where it helps, judged by their gains."""
    used = {(step.do, step.atom) for step in steps if step.grades is None and step.schools is None}
    offers: dict[Step, float] = {}
    before = words_cost(board, steps)  # never endless: endless steps are never taken
    for do in doings:
        pool = taste.keeps if do == "keep" else taste.drops
        gains = board.gains(steps, do)
        likeness = np.array([atom.likeness if do == "keep" else 0.5 for atom in board.atoms])
        plain = gains.total()
        somewhere = gains.where_it_helps(board.cell_grade)
        if taste.schools:
            somewhere = np.maximum(somewhere, gains.where_it_helps(board.cell_school) * 0.98)
            somewhere = np.maximum(somewhere, gains.where_it_helps(np.arange(len(board.cell_grade))) * 0.9)
        for gain in (plain, somewhere):
            order = np.where(pool, gain * (1 + taste.likeness * likeness), -np.inf)
            for atom in np.argsort(-order, kind="stable")[:_TRIED]:
                if order[atom] <= 0 or (do, int(atom)) in used:
                    continue
                here = gains.of(int(atom))
                for step in placed(board, Step(do, int(atom)), here, steps, taste):
                    brought = float(here[board.cells(step)].sum()) * (1 + taste.likeness * likeness[atom])
                    cost = words_cost(board, (*steps, step)) - before
                    offers[step] = brought / board.total - cost
    return sorted((step for step in offers if offers[step] > -GOOD_BONUS), key=lambda step: -offers[step])[:_JUDGED]


def placed(board: Board, step: Step, gain: np.ndarray, steps: tuple[Step, ...], taste: Taste) -> Iterator[Step]:
    """A step for everybody, for the grades or the schools where it helps, for both, and as other steps have it."""
    yield step
    usable = board.grades
    grades = frozenset(_helped(gain, board.cell_grade) & usable)
    if grades and grades != usable:
        yield replace(step, grades=grades)
    if taste.schools:
        schools = frozenset(_helped(gain, board.cell_school)) & board.schools
        if 0 < named_schools(board, replace(step, schools=schools)) <= MOST_SCHOOLS:
            yield replace(step, schools=schools)
        yield from _in_cells(board, step, gain > 0)
    for other in {(other.grades, other.schools) for other in steps} - {(None, None)}:
        yield replace(step, grades=other[0], schools=other[1])


def _in_cells(board: Board, step: Step, helped: np.ndarray) -> Iterator[Step]:
    """The step for the grades and schools of the cells (bool) where it helps, if that is a part of both."""
    grades = frozenset(board.cell_grade[helped].tolist()) & board.grades
    schools = frozenset(board.cell_school[helped].tolist()) & board.schools
    narrow = replace(step, grades=grades, schools=schools)
    if grades and grades != board.grades and 0 < named_schools(board, narrow) <= MOST_SCHOOLS:
        yield narrow


def _helped(gain: np.ndarray, places: np.ndarray) -> set[int]:
    """The grades or schools (int64[cells], -1 unknown) whose cells gain together."""
    return set((np.flatnonzero(np.bincount(places + 1, weights=gain) > 0) - 1).tolist())


def _tidied(board: Board, steps: tuple[Step, ...], taste: Taste, value: float) -> tuple[tuple[Step, ...], float]:
    """Steps taken out, widened to everybody, or restricted to the grades where they help, if that is worth more."""
    for place in range(len(steps) - 1, -1, -1):
        if place >= len(steps):
            continue
        step, without = steps[place], steps[:place] + steps[place + 1 :]
        offers = [without]
        if step.grades is not None or step.schools is not None:
            offers.append((*steps[:place], replace(step, grades=None, schools=None), *steps[place + 1 :]))
        else:
            grades = frozenset(_grades_helped(board, steps, without))
            offers.append((*steps[:place], replace(step, grades=grades), *steps[place + 1 :]) if grades else without)
        best, offer = max(((worth(board, offer, taste), offer) for offer in offers), key=lambda item: item[0])
        if best > value + 1e-9:
            steps, value = offer, best
    return steps, value


def _grades_helped(board: Board, steps: tuple[Step, ...], without: tuple[Step, ...]) -> set[int]:
    difference = np.zeros(len(board.weight))
    for sign, some in ((1.0, steps), (-1.0, without)):
        difference += sign * (board.counts(board.kept(some)[0]) == 1) * board.weight
    gain = np.bincount(board.cell, weights=difference, minlength=len(board.cell_grade))
    usable = board.grades
    helped = _helped(gain, board.cell_grade) & usable
    return set() if helped == usable else helped
