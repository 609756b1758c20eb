"""Two conditions that must hold together: tried where one alone leaves many students in several sections."""

from __future__ import annotations

import numpy as np

from roster_core.candidates import Atom, can_be_negated
from roster_core.rule_search import Board, Step

_PARENTS = 16


def narrowed_atoms(board: Board, likeness: np.ndarray, habits: np.ndarray) -> list[Atom]:
    """Two conditions together, where one alone puts many students in several: `A and B` or `A but not B`.

    `likeness`: float[sections]; `habits`: bool[atoms] that may stand alone. For each of the sixteen atoms that cover
    the most students in several sections: the two best partners of each kind, where they bring three in a hundred.
    Costs one pass over the pairs of the board a parent.
    """
    atoms, runs_of = board.atoms, board.run_atom
    weight = board.weight[board.run_group]
    sizes = np.add.reduceat(np.ones(len(board.pair_enrollment), np.int64), board.run_start)
    several = np.bincount(runs_of, weights=weight * (sizes > 1), minlength=len(atoms))
    alike = np.array([atom.likeness for atom in atoms])
    order = np.argsort(-several * (0.3 + alike) * habits, kind="stable")
    found: list[Atom] = []
    for parent in order[:_PARENTS]:
        if several[parent] < 0.02 * board.total or not habits[parent]:
            break
        within = board.hits(Step("keep", int(parent)))
        now = board.counts(within)
        both = np.add.reduceat(within[board.pair_enrollment].astype(np.int32), board.run_start)
        alone = float(board.weight[now == 1].sum())
        with_it = np.bincount(runs_of, weights=weight * (both == 1), minlength=len(atoms)) - alone
        change = ((now[board.run_group] - both == 1).astype(np.int8) - (now[board.run_group] == 1)) * weight
        without = np.bincount(runs_of, weights=change, minlength=len(atoms))
        without[[not can_be_negated(atom) for atom in atoms]] = -np.inf
        for gain, flag in ((with_it, False), (without, True)):
            partners = [
                b for b in np.argsort(-gain, kind="stable")[:3] if gain[b] >= 0.03 * board.total and b != parent
            ]
            found += [atoms[parent].narrowed(atoms[b], likeness, without=flag) for b in partners[:2]]
    return found
