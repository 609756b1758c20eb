"""Rosters held once a server, bounded by bytes, each with the coverages last asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from roster_core.coverage import Coverage, evaluate
from roster_core.families import Families, families
from roster_core.roster import Roster
from roster_core.rules import RuleSet

#: Coverages kept a roster: the draft, the saved rules and what is being tried beside them.
COVERAGES = 8


@dataclass(eq=False)
class _Held:
    roster: Roster
    size: int
    coverages: OrderedDict[RuleSet, Coverage] = field(default_factory=OrderedDict)
    families: Families | None = None


class HeldRosters:
    """The newest roster of each district, once a process, bounded by bytes; safe for many sessions."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def get(self, district_id: str, fingerprint: str, fetched_at: datetime, load: Callable[[], Roster]) -> Roster:
        """The roster held for the district; `load` is called where another one, or none, is held."""
        with self._lock:
            held = self._held.get(district_id)
            # The same tables fetched again keep their fingerprint, but not their age and load findings.
            if held is None or (held.roster.fingerprint, held.roster.fetched_at) != (fingerprint, fetched_at):
                roster = load()
                held = self._held[district_id] = _Held(roster, _bytes_of(roster))
            self._held.move_to_end(district_id)
            while len(self._held) > 1 and sum(each.size for each in self._held.values()) > self._limit:
                self._held.popitem(last=False)
            return held.roster

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

    def families(self, roster: Roster) -> Families:
        """The families of the roster's section names, made once while the roster is held."""
        with self._lock:
            held = self._held.get(roster.district.id)
            if held is not None and held.roster is roster and held.families is not None:
                return held.families
        made = families(roster)
        if held is not None and held.roster is roster:
            held.families = made
        return made


def _bytes_of(roster: Roster) -> int:
    frames = (roster.schools, roster.terms, roster.courses, roster.teachers, roster.sections, roster.students)
    # Twice the sections: the distinct normalised texts of each field are made beside them.
    frames = (*frames, roster.sections, roster.findings)
    size = sum(int(frame.memory_usage(index=False, deep=True).sum()) for frame in frames)
    return size + roster.enrollments.student.nbytes + roster.enrollments.section.nbytes
