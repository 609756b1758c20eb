"""Rosters held once a server, bounded by bytes, each with the coverages last asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from roster_core.coverage import Coverage, evaluate
from roster_core.families import Families, families
from roster_core.roster import Roster
from roster_core.rules import RuleSet

Made = TypeVar("Made")

#: Coverages kept a roster: the draft, the saved rules and what is being tried beside them.
COVERAGES = 8

#: What else is kept a roster: what is asked again at each repaint while a panel is open.
MADE = 48


@dataclass(eq=False)
class _Held:
    roster: Roster
    mark: Hashable
    size: int
    coverages: OrderedDict[RuleSet, Coverage] = field(default_factory=OrderedDict)
    made: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)


class HeldRosters:
    """The newest roster of each district, once a process, bounded by bytes; safe for many sessions."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def get(self, district_id: str, mark: Hashable, load: Callable[[], Roster]) -> Roster:
        """The roster held for the district; `load` is called where none, or one of another mark, is held.

        `mark` tells one roster from the next: its fingerprint, and what may change while that stays.
        """
        with self._lock:
            held = self._held.get(district_id)
            if held is None or held.mark != mark:
                roster = load()
                held = self._held[district_id] = _Held(roster, mark, _bytes_of(roster))
            self._held.move_to_end(district_id)
            while len(self._held) > 1 and sum(each.size for each in self._held.values()) > self._limit:
                self._held.popitem(last=False)
            return held.roster

    def forget(self, district_id: str) -> None:
        """Lets go of a district's roster and all that was made of it."""
        with self._lock:
            self._held.pop(district_id, None)

    def coverage(self, roster: Roster, rule_set: RuleSet) -> Coverage:
        """The coverage of the roster under these rules, kept beside it while the roster is held."""
        with self._lock:
            held = self._held.get(roster.district.id)
            if held is not None and held.roster is not roster:
                held = None
            if held is not None and rule_set in held.coverages:
                held.coverages.move_to_end(rule_set)
                return held.coverages[rule_set]
        coverage = evaluate(roster, rule_set)
        if held is not None:
            with self._lock:
                held.coverages[rule_set] = coverage
                while len(held.coverages) > COVERAGES:
                    held.coverages.popitem(last=False)
        return coverage

    def families(self, roster: Roster, merged: tuple[tuple[str, ...], ...] = ()) -> Families:
        """The families of the roster's section names, made once while the roster is held."""
        return self.beside(roster, ("families", merged), lambda: families(roster, merged=merged))

    def beside(self, roster: Roster, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, kept under `key` while the roster is held; the key says all else it depends on."""
        with self._lock:
            held = self._held.get(roster.district.id)
            if held is not None and held.roster is not roster:
                held = None
            if held is not None and key in held.made:
                held.made.move_to_end(key)
                return held.made[key]
        made = make()
        if held is not None:
            with self._lock:
                held.made[key] = made
                while len(held.made) > MADE:
                    held.made.popitem(last=False)
        return made


def _bytes_of(roster: Roster) -> int:
    frames = (roster.schools, roster.terms, roster.courses, roster.teachers, roster.sections, roster.students)
    # Twice the sections: the distinct normalised texts of each field are made beside them.
    frames = (*frames, roster.sections, roster.findings)
    size = sum(int(frame.memory_usage(index=False, deep=True).sum()) for frame in frames)
    return size + roster.enrollments.student.nbytes + roster.enrollments.section.nbytes
