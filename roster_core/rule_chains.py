"""Rules that stand in order: keep this, else that, else the next; tried where no rule set without order is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roster_core.candidates import least_sections
from roster_core.rule_growth import (
    GOOD,
    GOOD_BONUS,
    LEAST_GAIN,
    MOST_RULES,
    MOST_VALUES,
    RULE_COST,
    VALUE_COST,
    WORD_BITS,
    Taste,
    place_bits,
    place_cost,
    placed,
    rule_key,
)
from roster_core.rule_search import Board, Gains, Step

_WIDTH, _TRIED, _MOST_ROUNDS = 5, 5, 14
_NOWHERE = np.int16(99)
# A student whom a rule puts in several is lost for all later rules: worse than one who is still free.
_LOST = 0.5


@dataclass(frozen=True, slots=True)
class Chain:
    """Keep rules in order, each the steps of one rule, and drop steps that hold for all of them."""

    rules: tuple[tuple[Step, ...], ...] = ()
    drops: tuple[Step, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, keeps first."""
        return tuple(step for rule in self.rules for step in rule) + self.drops


@dataclass(frozen=True, eq=False)
class _State:
    """Where a chain leaves the board: free (bool[enrollments] not dropped), kept (of the first rule that hits),
    first (int16[groups] the place of that rule), count (int64[groups] kept)."""

    free: np.ndarray
    kept: np.ndarray
    first: np.ndarray
    count: np.ndarray


def chain(board: Board, taste: Taste, check: Callable[[], None]) -> Chain:
    """The best chain of at most six rules that a search of five at a time finds; empty where none is worth it.

    Maximises what `chain_worth` says. Each round lengthens each of the five best chains by one step: a rule at the
    end or the front, one more value for the last, or a drop. Then rules are taken out and joined for as long as
    that is worth more. `check` may raise to stop. Costs four passes over the pairs of the board a chain lengthened.
    """
    start = np.flatnonzero(np.r_[True, board.enrollment_group[1:] != board.enrollment_group[:-1]])
    best, top = Chain(), 0.0
    beam = [best]
    for _ in range(_MOST_ROUNDS):
        check()
        offers = {offer: 0.0 for known in beam for offer in _longer(board, known, taste, start)}
        valued = {offer: chain_worth(board, offer, taste, start) for offer in offers}
        beam = sorted(valued, key=lambda offer: -valued[offer])[:_WIDTH]
        if not beam or valued[beam[0]] < top + LEAST_GAIN:
            break
        best, top = beam[0], valued[beam[0]]
    return _tidied(board, best, taste, start, top)


def chain_worth(board: Board, known: Chain, taste: Taste, start: np.ndarray) -> float:
    """The share of students a chain puts in one section, with the taste for homerooms, less what its words cost.

    `start`: int64, the first enrollment of each group. Endless loss for chains nobody would read, or that tell rooms
    instead of habits.
    """
    cost = _cost(board, known)
    if cost == float("inf") or not _is_shared(board, known):
        return -float("inf")
    state = _state(board, known, start)
    one = state.count == 1
    rows = state.kept & one[board.enrollment_group]
    alike = float(board.weight[board.enrollment_group[rows]] @ board.likeness[rows])
    share = float(board.weight[one].sum()) / max(board.total, 1.0)
    return share + GOOD_BONUS * (share >= GOOD) + taste.likeness * alike / max(board.total, 1.0) - cost


def _cost(board: Board, known: Chain) -> float:
    drops = {rule_key(step, board.atoms[step.atom]) for step in known.drops}
    rules = len(known.rules) + len(drops)
    if rules > MOST_RULES or any(len(rule) > MOST_VALUES for rule in (*known.rules, known.drops)):
        return float("inf")
    values = len(known.steps) - rules
    heads = [rule[0] for rule in known.rules] + list(known.drops)
    words = sum(board.atoms[step.atom].cost for step in known.steps) + sum(place_cost(board, step) for step in heads)
    return RULE_COST * rules + VALUE_COST * values + words


def _is_shared(board: Board, known: Chain) -> bool:
    """Whether the words tell habits: each keeps some sections, all take fewer bits than half of one a section."""
    least = least_sections(board.sections)
    if any(board.sections_hit(step) < least for rule in known.rules for step in rule):
        return False
    bits = sum(WORD_BITS + place_bits(board, step) for step in known.steps)
    return bits - WORD_BITS <= board.sections / 2


def _state(board: Board, known: Chain, start: np.ndarray) -> _State:
    place = np.full(len(board.enrollment_group), _NOWHERE, dtype=np.int16)
    for number in range(len(known.rules) - 1, -1, -1):
        for step in known.rules[number]:
            place[board.hits(step)] = number
    free = np.ones(len(place), dtype=bool)
    for step in known.drops:
        free &= ~board.hits(step)
    place[~free] = _NOWHERE
    first = np.minimum.reduceat(place, start)
    kept = (place == first[board.enrollment_group]) & (place != _NOWHERE)
    return _State(free, kept, first, board.counts(kept))


def _longer(board: Board, known: Chain, taste: Taste, start: np.ndarray) -> Iterator[Chain]:
    """The chains of one more step that look best by what the step brings, each also for the places it helps."""
    state = _state(board, known, start)
    for do, gains in _offers(board, known, state):
        pool = taste.drops if do == "drop" else taste.keeps
        likeness = np.array([0.5 if do == "drop" else atom.likeness for atom in board.atoms])
        somewhere = gains.where_it_helps(board.cell_grade)
        tops: list[int] = []
        for gain in (gains.total(), somewhere):
            order = np.where(pool, gain * (1 + taste.likeness * likeness), -np.inf)
            tops += [int(atom) for atom in np.argsort(-order, kind="stable")[:_TRIED] if order[atom] > 0]
        for atom in dict.fromkeys(tops):
            step = Step("drop" if do == "drop" else "keep", atom)
            for narrow in placed(board, step, gains.of(atom), known.steps, taste):
                longer = _with(board, known, do, narrow)
                if longer is not None:
                    yield longer


def _with(board: Board, known: Chain, do: str, step: Step) -> Chain | None:
    if step in known.steps:
        return None
    if do == "drop":
        return replace(known, drops=(*known.drops, step))
    if do == "last":
        return replace(known, rules=(*known.rules, (step,)))
    if do == "front":
        return replace(known, rules=((step,), *known.rules))
    last = known.rules[-1]
    if rule_key(step, board.atoms[step.atom]) != rule_key(last[0], board.atoms[last[0].atom]):
        return None
    return replace(known, rules=(*known.rules[:-1], (*last, step)))


def _offers(board: Board, known: Chain, state: _State) -> Iterator[tuple[str, Gains]]:
    """What each atom would bring as the last rule, in the last rule, as the first rule, and dropped."""
    group, now = board.run_group, (state.count == 1)[board.run_group]
    size = _runs(board, state.free)
    unmet = (state.first == _NOWHERE)[group]
    yield "last", _gains(board, unmet * np.where(size == 1, 1.0, np.where(size > 1, -_LOST, 0.0)))
    if known.rules:
        late = (state.first >= len(known.rules) - 1)[group]
        after = state.count[group] + _runs(board, state.free & ~state.kept)
        yield "join", _gains(board, late * ((after == 1) - now.astype(np.float64)))
        yield "front", _gains(board, (size > 0) * ((size == 1) - now.astype(np.float64)))
        left = state.count[group] - _runs(board, state.kept)
        yield "drop", _gains(board, (left == 1) - now.astype(np.float64))


def _runs(board: Board, enrollments: np.ndarray) -> np.ndarray:
    """int64[runs]: how many of these enrollments (bool) each atom hits of each group."""
    return np.add.reduceat(enrollments[board.pair_enrollment].astype(np.int64), board.run_start)


def _gains(board: Board, change: np.ndarray) -> Gains:
    chosen = np.flatnonzero(change)
    group = board.run_group[chosen]
    return Gains(board, board.run_atom[chosen], board.cell[group], change[chosen] * board.weight[group])


def _tidied(board: Board, known: Chain, taste: Taste, start: np.ndarray, value: float) -> Chain:
    """The chain with rules taken out or joined as long as that is worth more."""
    while True:
        offers = [(chain_worth(board, offer, taste, start), offer) for offer in _shorter(board, known)]
        best, offer = max(offers, key=lambda item: item[0], default=(value, known))
        if best <= value + 1e-9:
            return known
        known, value = offer, best


def _shorter(board: Board, known: Chain) -> Iterator[Chain]:
    rules: Sequence[tuple[Step, ...]] = known.rules
    for place in range(len(rules)):
        yield replace(known, rules=(*rules[:place], *rules[place + 1 :]))
        for other in range(place):
            if len({rule_key(rules[at][0], board.atoms[rules[at][0].atom]) for at in (place, other)}) == 1:
                joined = (*rules[other], *rules[place])
                yield replace(known, rules=(*rules[:other], joined, *rules[other + 1 : place], *rules[place + 1 :]))
    for place in range(len(known.drops)):
        yield replace(known, drops=known.drops[:place] + known.drops[place + 1 :])
