"""What a rule set short of the mark leaves: places where another condition does better, and students in no section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from roster_core.rule_search import Board, Step

_TRIED, _LEAST, _NEARLY_ALL, _LAST = 3, 0.01, 0.6, 8


def replaced(board: Board, steps: Sequence[Step], keeps: np.ndarray, *, schools: bool) -> Iterator[tuple[Step, ...]]:
    """The steps with one more keep for the grades, schools, or both, where it alone serves more, the others kept out.

    `HR` everywhere and `Advisory` beside it in the upper grades: where students are in both, neither can be added to
    the other, but one can take the other's place. keeps: bool[atoms] that may be kept by; `schools`: whether rules may
    name schools. The three best conditions of each, the more homeroom-like first, where they bring one student in a
    hundred. Costs one pass over the pairs of the board.
    """
    kept, dropped = board.kept(steps)
    if not any(step.do == "keep" for step in steps) or not len(board.run_start):
        return
    size = np.add.reduceat((~dropped)[board.pair_enrollment].astype(np.int64), board.run_start)
    alone = np.flatnonzero(size == 1)
    cells = len(board.cell_grade)
    one = np.bincount(
        board.run_atom[alone] * cells + board.cell[board.run_group[alone]],
        weights=board.weight[board.run_group[alone]],
        minlength=len(board.atoms) * cells,
    ).reshape(len(board.atoms), cells)
    gain = one - np.bincount(board.cell, weights=board.weight * (board.counts(kept) == 1), minlength=cells)
    alike = np.array([atom.likeness for atom in board.atoms])
    ways = {(True, False): board.cell_grade, (False, True): board.cell_school, (True, True): np.arange(cells)}
    for (by_grade, by_school), place in ways.items() if schools else [((True, False), board.cell_grade)]:
        _, at = np.unique(place, return_inverse=True)
        onto = np.zeros((cells, int(at.max()) + 1))
        onto[np.arange(cells), at.reshape(-1)] = 1.0
        by_place = gain @ onto
        better = np.where(keeps, by_place.clip(min=0).sum(axis=1), 0.0)
        for atom in np.argsort(-better * (0.5 + alike), kind="stable")[:_TRIED]:
            if better[atom] >= _LEAST * board.total:
                there = (by_place[atom] > 0)[at.reshape(-1)]
                grades = frozenset(board.cell_grade[there].tolist()) & board.grades if by_grade else board.grades
                named = frozenset(board.cell_school[there].tolist()) & board.schools if by_school else board.schools
                if grades and named and (grades != board.grades or named != board.schools):
                    yield _instead(board, steps, int(atom), grades, named)


def fills_gaps(board: Board, steps: Sequence[Step]) -> np.ndarray:
    """bool[atoms]: what nearly all share who are in no section yet, wherever it occurs among them.

    `SDC` holds a tenth of each school and is no habit of anybody, but it is the habit of those whom `Homeroom` leaves
    over. At least one student in a hundred. Costs one pass over the pairs of the board.
    """
    left = board.weight * (board.counts(board.kept(steps)[0]) == 0)
    cells = len(board.cell_grade)
    hit = np.bincount(
        board.run_atom * cells + board.cell[board.run_group],
        weights=left[board.run_group],
        minlength=len(board.atoms) * cells,
    ).reshape(len(board.atoms), cells)
    there = (hit > 0) @ np.bincount(board.cell, weights=left, minlength=cells)
    held = hit.sum(axis=1)
    return (held >= _LEAST * board.total) & (held >= _NEARLY_ALL * there)


def whittled(board: Board, steps: Sequence[Step], drops: np.ndarray, most: int) -> tuple[Step, ...]:
    """The steps with up to `most` drops more, each the one that takes most from those who are in too many.

    `Grade 3 Kim` beside `Grade 3 Kim Math`, `Grade 3 Kim Art`: only the last of all these drops brings anybody to one
    section, so what counts is how many sections too many are left, and a student's last one weighs most. drops:
    bool[atoms] that may be dropped by; the less homeroom-like go first. Costs one pass over the pairs a drop.
    """
    found = tuple(steps)
    while len(found) < len(steps) + most and len(board.run_start):
        atom, brought = _best_drop(board, found, drops)
        if brought < _LEAST * board.total:
            break
        found = (*found, Step("drop", atom))
    for place in range(len(steps), len(found)):
        # Now that all others are known: `Art` at the end of a name takes no room of a teacher Artz with it.
        others = (*found[:place], *found[place + 1 :])
        found = (*others[:place], Step("drop", _best_drop(board, others, drops)[0]), *others[place:])
    return found


def _best_drop(board: Board, steps: Sequence[Step], drops: np.ndarray) -> tuple[int, float]:
    """The atom that takes most from those in too many, and how much that is."""
    kept, _ = board.kept(steps)
    before = board.counts(kept)[board.run_group]
    after = before - np.add.reduceat(kept[board.pair_enrollment].astype(np.int64), board.run_start)
    less = np.where(before > 0, before - after, 0) - _LAST * ((before > 0) & (after == 0))
    brought = np.bincount(board.run_atom, weights=less * board.weight[board.run_group], minlength=len(board.atoms))
    alike = np.array([atom.likeness for atom in board.atoms])
    brought = np.where(drops, brought * (1 - alike), -np.inf)
    best = int(brought.argmax())
    return best, float(brought[best])


def _instead(
    board: Board, steps: Sequence[Step], atom: int, grades: frozenset[int], schools: frozenset[int]
) -> tuple[Step, ...]:
    """The atom kept in some grades and schools, and the keep steps left to all others."""
    everywhere = schools == board.schools
    left: list[Step] = []
    for step in steps:
        if step.do == "drop":
            left.append(step)
            continue
        above = (step.grades or board.grades) - grades
        left += [replace(step, grades=above)] if above else []
        here, beside = (step.grades or board.grades) & grades, (step.schools or board.schools) - schools
        narrowed = replace(step, grades=here if above else step.grades, schools=beside)
        left += [narrowed] if here and beside and not everywhere else []
    new = Step("keep", atom, None if grades == board.grades else grades, None if everywhere else schools)
    return (*left, new)
