"""The search behind suggestions: which few conditions, kept or dropped, put the most students in one section.

Students who sit in the same kinds of sections behave alike under every rule made of the candidate conditions, so they
are counted once with a weight. What each condition would add or take, in every grade and school at once, is then one
pass over the pairs of condition and enrollment; a greedy search with seeds, removal and exchange needs some hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from roster_core.candidates import Atom
from roster_core.roster import Roster

_MOST_GROUPS = 2400


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of a rule set in the making: keep or drop, for some grades and schools (None: all)."""

    do: str
    atom: int
    grades: frozenset[int] | None = None
    schools: frozenset[int] | None = None


@dataclass(frozen=True, eq=False)
class Board:
    """The students of a district as the search sees them.

    weight: float[groups]. cell_grade, cell_school: int64[cells]; cell: int64[groups]. enrollment_group,
    enrollment_section: int64[enrollments of one student of each group], by group. pair_atom, pair_enrollment: which
    atom hits which enrollment, by atom, then enrollment.
    """

    atoms: tuple[Atom, ...]
    weight: np.ndarray
    cell: np.ndarray
    cell_grade: np.ndarray
    cell_school: np.ndarray
    enrollment_group: np.ndarray
    enrollment_section: np.ndarray
    likeness: np.ndarray
    pair_atom: np.ndarray = field(init=False)
    pair_enrollment: np.ndarray = field(init=False)
    run_start: np.ndarray = field(init=False)
    run_atom: np.ndarray = field(init=False)
    run_group: np.ndarray = field(init=False)
    _hits: dict[tuple[object, ...], np.ndarray] = field(init=False, default_factory=dict)
    _cells: dict[tuple[object, ...], np.ndarray] = field(init=False, default_factory=dict)
    _sections_hit: dict[Step, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        hits = np.array([atom.mask[self.enrollment_section] for atom in self.atoms], dtype=bool)
        pair_atom, pair_enrollment = np.nonzero(hits.reshape(len(self.atoms), len(self.enrollment_section)))
        key = pair_atom * np.int64(len(self.weight) + 1) + self.enrollment_group[pair_enrollment]
        start = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
        for name, value in (
            ("pair_atom", pair_atom),
            ("pair_enrollment", pair_enrollment),
            ("run_start", start),
            ("run_atom", pair_atom[start]),
            ("run_group", self.enrollment_group[pair_enrollment[start]]),
        ):
            object.__setattr__(self, name, value)

    @property
    def total(self) -> float:
        """Students the rules could reach at all: those with a section."""
        return float(self.weight.sum())

    def hits(self, step: Step) -> np.ndarray:
        """bool[enrollments] that a step keeps or drops; worked out once."""
        known = (step.atom, step.grades, step.schools)
        if known not in self._hits:
            low, high = np.searchsorted(self.pair_atom, (step.atom, step.atom + 1))
            rows = self.pair_enrollment[low:high]
            hit = np.zeros(len(self.enrollment_group), dtype=bool)
            hit[rows[self.cells(step)[self.cell[self.enrollment_group[rows]]]]] = True
            self._hits[known] = hit
        return self._hits[known]

    def cells(self, step: Step) -> np.ndarray:
        """bool[cells] a step speaks of; worked out once for each place."""
        place = (step.grades, step.schools)
        if place not in self._cells:
            chosen = np.ones(len(self.cell_grade), dtype=bool)
            if step.grades is not None:
                chosen &= np.isin(self.cell_grade, list(step.grades))
            if step.schools is not None:
                chosen &= np.isin(self.cell_school, list(step.schools))
            self._cells[place] = chosen
        return self._cells[place]

    def kept(self, steps: Sequence[Step]) -> tuple[np.ndarray, np.ndarray]:
        """(bool[enrollments] kept, bool[enrollments] dropped): without a keep step everything not dropped is kept."""
        kept = np.zeros(len(self.enrollment_group), dtype=bool)
        dropped = np.zeros(len(self.enrollment_group), dtype=bool)
        for step in steps:
            marked = kept if step.do == "keep" else dropped
            marked |= self.hits(step)
        if not any(step.do == "keep" for step in steps):
            kept[:] = True
        return kept & ~dropped, dropped

    def counts(self, kept: np.ndarray) -> np.ndarray:
        """int64[groups]: kept sections of a student."""
        return np.bincount(self.enrollment_group[kept], minlength=len(self.weight))

    def gains(self, steps: Sequence[Step], do: str) -> Gains:
        """What adding each atom to the steps brings to one section, less what it costs, in every grade and school."""
        kept, dropped = self.kept(steps)
        if do == "keep" and not any(step.do == "keep" for step in steps):
            kept = np.zeros_like(kept)
        now = self.counts(kept)
        changed = (~kept & ~dropped) if do == "keep" else kept
        runs = np.add.reduceat(changed[self.pair_enrollment].astype(np.int16), self.run_start, dtype=np.int16)
        before = now[self.run_group]
        after = before + runs if do == "keep" else before - runs
        chosen = np.flatnonzero((after == 1) != (before == 1))
        group = self.run_group[chosen]
        gain = np.where(after[chosen] == 1, self.weight[group], -self.weight[group])
        return Gains(self, self.run_atom[chosen], self.cell[group], gain)

    @cached_property
    def grades(self) -> frozenset[int]:
        """The grades (places in `GRADES`) a rule may name: those of students with a usable grade."""
        return frozenset(self.cell_grade[self.cell_grade >= 0].tolist())

    @cached_property
    def schools(self) -> frozenset[int]:
        """The rows of the students' schools, as far as they are known."""
        return frozenset(self.cell_school[self.cell_school >= 0].tolist())

    @cached_property
    def sections(self) -> int:
        """How many sections the students are in."""
        return len(np.unique(self.enrollment_section))

    def sections_hit(self, step: Step) -> int:
        """How many sections a step hits; worked out once."""
        if step not in self._sections_hit:
            self._sections_hit[step] = len(np.unique(self.enrollment_section[self.hits(step)]))
        return self._sections_hit[step]

    def only(self, chosen: np.ndarray) -> Board:
        """The same students with some of the atoms (bool)."""
        return self._with(tuple(atom for atom, flag in zip(self.atoms, chosen, strict=True) if flag))

    def with_atoms(self, more: Sequence[Atom]) -> Board:
        """The same students with more atoms to try."""
        return self._with((*self.atoms, *more))

    def _with(self, atoms: tuple[Atom, ...]) -> Board:
        students = (self.weight, self.cell, self.cell_grade, self.cell_school)
        return Board(atoms, *students, self.enrollment_group, self.enrollment_section, self.likeness)


@dataclass(frozen=True, eq=False)
class Gains:
    """Students gained, by atom and cell: `atom`, `cell` int64 and `gain` float, one for each change of a group."""

    board: Board
    atom: np.ndarray
    cell: np.ndarray
    gain: np.ndarray

    def total(self) -> np.ndarray:
        """float[atoms]: gained over all students."""
        return np.bincount(self.atom, weights=self.gain, minlength=len(self.board.atoms))

    def where_it_helps(self, cell_place: np.ndarray) -> np.ndarray:
        """float[atoms]: gained where only the places (grades or schools, int64[cells]) with a gain are taken."""
        places = int(cell_place.max(initial=0)) + 2  # the place -1 stands for an unknown one
        flat = np.bincount(
            self.atom * places + cell_place[self.cell] + 1,
            weights=self.gain,
            minlength=len(self.board.atoms) * places,
        )
        return flat.reshape(-1, places).clip(min=0).sum(axis=1)

    def only_new(self) -> Gains:
        """Only what is gained, without what is lost."""
        new = self.gain > 0
        return Gains(self.board, self.atom[new], self.cell[new], self.gain[new])

    def of(self, atom: int) -> np.ndarray:
        """float[cells]: what one atom brings in each cell."""
        mine = self.atom == atom
        return np.bincount(self.cell[mine], weights=self.gain[mine], minlength=len(self.board.cell_grade))


def build_board(roster: Roster, students: np.ndarray, atoms: Sequence[Atom], likeness: np.ndarray) -> Board:
    """The search's view of the students (bool, in scope and with a section).

    Students of one grade and school whose sections the atoms cannot tell apart become one group. Above 2,400
    groups the heaviest stay and the rest is thinned evenly in each grade and school, their weight kept.
    """
    scrambled = np.random.Generator(np.random.PCG64(1)).integers(0, 2**63, size=len(atoms), dtype=np.uint64)
    kind = np.zeros(len(roster.sections), dtype=np.uint64)
    for atom, number in zip(atoms, scrambled, strict=True):
        kind[atom.mask] += number
    kind = (kind ^ (kind >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    total = np.zeros(len(roster.students), dtype=np.uint64)
    np.add.at(total, roster.enrollments.student, kind[roster.enrollments.section] ^ np.uint64(0x5851F42D4C957F2D))
    rows = np.flatnonzero(students)
    place = roster.school_codes[rows].astype(np.int64) * 64 + roster.grade_codes[rows] + 1
    cells, cell = np.unique(place, return_inverse=True)
    order = np.lexsort((total[rows], cell))
    ordered, where = total[rows][order], cell.reshape(-1)[order]
    new = np.r_[True, (ordered[1:] != ordered[:-1]) | (where[1:] != where[:-1])] if len(rows) else np.zeros(0, bool)
    start = np.flatnonzero(new)
    weight = np.diff(np.r_[start, len(rows)]).astype(np.float64)
    start, weight = _thinned(start, weight, where[start])
    exemplar = rows[order][start]
    low, high = roster.student_offsets[exemplar], roster.student_offsets[exemplar + 1]
    group = np.repeat(np.arange(len(exemplar)), high - low)
    at = np.arange(len(group)) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + low[group]
    section = roster.enrollments.section[at].astype(np.int64)
    return Board(tuple(atoms), weight, where[start], cells % 64 - 1, cells // 64, group, section, likeness[section])


def _thinned(start: np.ndarray, weight: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if len(start) <= _MOST_GROUPS:
        return start, weight
    rank = np.empty(len(start), dtype=np.int64)
    rank[np.argsort(-weight, kind="stable")] = np.arange(len(start))
    heavy = rank < _MOST_GROUPS // 2
    every = -(-int((~heavy).sum()) // (_MOST_GROUPS // 2))
    chosen = heavy | ((np.cumsum(~heavy) % every) == 0)
    # What was left out is spread over the chosen of the same grade and school, as far as there are any.
    lost = np.bincount(cell[~chosen], weights=weight[~chosen], minlength=cell.max() + 1)
    light = chosen & ~heavy
    held = np.bincount(cell[light], weights=weight[light], minlength=cell.max() + 1)
    scale = 1 + np.divide(lost, held, out=np.zeros_like(lost), where=held > 0)
    return start[chosen], np.where(light, weight * scale[cell], weight)[chosen]


def habits(board: Board, sections_hit: np.ndarray) -> np.ndarray:
    """float[atoms], 0 to 1: how evenly an atom covers the students of the places where it occurs at all.

    A habit is shared: by a school, by a grade in two schools or more, or by two rooms of one grade (`sections_hit`,
    int64[atoms, cells]: sections an atom hits in each cell). A word that turns up here and there by chance is none.
    """
    cells = len(board.cell_grade)
    hit = np.bincount(
        board.run_atom * cells + board.cell[board.run_group],
        weights=board.weight[board.run_group],
        minlength=len(board.atoms) * cells,
    ).reshape(len(board.atoms), cells)
    there = np.bincount(board.cell, weights=board.weight, minlength=cells)
    total = np.maximum(hit.sum(axis=1), 1.0)
    best = (np.where(sections_hit >= 2, hit, 0.0) * (hit / np.maximum(there, 1.0))).sum(axis=1) / total
    for places, several_schools in ((board.cell_school, False), (board.cell_grade, True)):
        names, place = np.unique(places, return_inverse=True)
        onto = np.zeros((cells, len(names)))
        onto[np.arange(cells), place.reshape(-1)] = 1.0
        share = (hit @ onto) / np.maximum(there @ onto, 1.0)
        wide = ((hit > 0) @ onto) >= 2 if several_schools else np.ones_like(share, dtype=bool)
        best = np.maximum(best, ((hit @ onto) * share * wide).sum(axis=1) / total)
    return best
