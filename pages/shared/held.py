"""Rosters held once a server, bounded by bytes, each with what was made of it: made once, whoever asks first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from roster_core.clusters import Cluster, near_families
from roster_core.coverage import Coverage, evaluate
from roster_core.facets import Chosen, facet_counts, group_table, names_grouping, shown_sections
from roster_core.families import Families, Overlaps, families, overlaps
from roster_core.homerooms import section_likeness
from roster_core.library import LIBRARY, Fit, fits, in_scope_of
from roster_core.plan import CurrentRoster
from roster_core.roster import Roster
from roster_core.rules import RuleSet
from roster_core.settle import DraftedRule, drafts
from roster_core.twins import Twins, rooms_astride, twins

Made = TypeVar("Made")
Merged = tuple[tuple[str, ...], ...]

#: Coverages kept a roster: the draft, the saved rules and what is being tried beside them.
COVERAGES = 8

#: Commit plans with their preflight kept a roster: each has every row that would be committed.
PLANS = 2

#: Groups of students in several and in none that a page shows at first, and for which rules are sought ahead.
SHOWN_GROUPS = 3

#: Rules drafted for a group, to choose those offered from.
DRAFTS = 5

#: What else is kept a roster: what is asked again at each repaint while a panel is open.
MADE = 48


@dataclass(eq=False)
class _Held:
    roster: Roster
    mark: Hashable
    size: int
    coverages: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    plans: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    made: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    begun: bool = False


class HeldRosters:
    """The newest roster of each district, once a process, bounded by bytes; safe for many sessions.

    What is made of a roster is made by the first who asks, while the others wait for it, and kept while the roster
    is held; of one that is not held (any more) it is made and given all the same.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._making: dict[Hashable, tuple[threading.Lock, int]] = {}

    def get(self, district_id: str, mark: Hashable, load: Callable[[], Roster]) -> Roster:
        """The roster held for the district; `load` is called where none, or one of another mark, is held.

        `mark` tells one roster from the next: its fingerprint, and what may change while that stays.
        """
        with self._one_at_a_time(district_id):
            with self._lock:
                held = self._held.get(district_id)
            if held is None or held.mark != mark:
                roster = load()
                held = _Held(roster, mark, _bytes_of(roster))
            with self._lock:
                self._held[district_id] = held
                self._held.move_to_end(district_id)
                while len(self._held) > 1 and sum(each.size for each in self._held.values()) > self._limit:
                    self._held.popitem(last=False)
        return held.roster

    def forget(self, district_id: str) -> None:
        """Lets go of a district's roster and all that was made of it; of one that is being loaded once it is there."""
        with self._one_at_a_time(district_id), self._lock:
            self._held.pop(district_id, None)

    def waits(self, roster: Roster) -> bool:
        """Whether the roster is held and no work was begun for it yet."""
        with self._lock:
            held = self._of(roster)
        return held is not None and not held.begun

    def begin(self, roster: Roster, work: Callable[[], None]) -> None:
        """Starts `work` in a thread of its own, the first time it is asked to for this roster while that is held."""
        with self._lock:
            held = self._of(roster)
            if held is None or held.begun:
                return
            held.begun = True
        threading.Thread(target=work, name="made ahead", daemon=False).start()

    def coverage(self, roster: Roster, rule_set: RuleSet) -> Coverage:
        """The coverage of the roster under these rules."""
        return self._once(roster, rule_set, lambda: evaluate(roster, rule_set), lambda held: held.coverages, COVERAGES)

    def families(self, roster: Roster, merged: Merged = ()) -> Families:
        """The families of the roster's section names; those whose keys stand together in `merged` are one."""
        pieces = self.families(roster).pieces if merged else None
        return self.beside(roster, ("families", merged), lambda: families(roster, merged=merged, pieces=pieces))

    def facet(self, roster: Roster, name: str, chosen: Chosen, search: str) -> pd.DataFrame:
        """A facet's values, counted under what is chosen in the others and under the search."""
        key = ("facet", name, _said(chosen), search)
        return self.beside(roster, key, lambda: facet_counts(roster, chosen, search, (name,))[name])

    def grouped(self, coverage: Coverage, chosen: Chosen, search: str, merged: Merged | None) -> pd.DataFrame:
        """The sections that are shown, by families as these are `merged`, or by names where that is None."""
        roster = coverage.roster

        def make() -> pd.DataFrame:
            names = None if merged is None else self.families(roster, merged)
            codes, labels = (names.codes, names.frame["family"]) if names else names_grouping(roster)
            return group_table(coverage, shown_sections(roster, chosen, search), codes, labels)

        return self.beside(roster, ("groups", coverage.rule_set, _said(chosen), search, merged), make)

    def clusters(self, roster: Roster) -> list[Cluster]:
        """Families whose names are nearly alike."""
        return self.beside(roster, "clusters", lambda: near_families(self.families(roster)))

    def likeness(self, roster: Roster) -> np.ndarray:
        """float64[sections]: how much each looks like a homeroom."""
        return self.beside(roster, "likeness", lambda: section_likeness(roster))

    def overlaps(self, coverage: Coverage, merged: Merged) -> Overlaps:
        """The students in several sections, and those in none, by what they have in common."""
        names, key = self.families(coverage.roster, merged), ("overlaps", coverage.rule_set, merged)
        return self.beside(coverage.roster, key, lambda: overlaps(coverage, names))

    def settling(self, coverage: Coverage, merged: Merged, kind: str, place: int) -> list[DraftedRule]:
        """The rules to offer for a group at this place of `overlaps` (`kind` is several or none): the best, then one
        that breaks nobody where the best breaks some."""

        def make() -> list[DraftedRule]:
            groups, names = self.overlaps(coverage, merged), self.families(coverage.roster, merged)
            group = (groups.several_group if kind == "several" else groups.none_group) == place
            found = drafts(coverage, names, group, kind, limit=DRAFTS, likeness=self.likeness(coverage.roster))
            safe = [draft for draft in found[1:] if not draft.breaks][:1]
            return found[:1] + (safe if found and found[0].breaks else [])

        return self.beside(coverage.roster, ("settle", coverage.rule_set, merged, kind, place), make)

    def twins(self, coverage: Coverage) -> Twins:
        """Rooms whose students are kept in several sections with (nearly) the same students."""
        return self.beside(coverage.roster, ("twins", coverage.rule_set), lambda: twins(coverage.roster, coverage))

    def odd_rooms(self, coverage: Coverage) -> pd.DataFrame:
        """Kept rooms that span both editions, or half of whose students are not assessed."""
        return self.beside(coverage.roster, ("odd", coverage.rule_set), lambda: rooms_astride(coverage))

    def common_fits(self, roster: Roster, draft: RuleSet) -> list[Fit]:
        """The common rule sets on this roster, assessed as the draft says, the best fitting first."""
        key = ("library", draft.assessed_grades, draft.assessed_schools)
        return self.beside(roster, key, lambda: fits(roster, in_scope_of(LIBRARY, draft)))

    def committed(self, roster: Roster, receipt_id: str, read: Callable[[str], CurrentRoster]) -> CurrentRoster:
        """The rows committed for the roster's district with that receipt; nobody changes them any more."""
        return self.beside(roster, ("committed", receipt_id), lambda: read(receipt_id))

    def checked(self, coverage: Coverage, key: Hashable, make: Callable[[], Made]) -> Made:
        """The commit plan that `make` gives for a coverage, and its preflight; the key says all else it depends on."""
        whole = (coverage.rule_set, key)
        return self._once(coverage.roster, whole, make, lambda held: held.plans, PLANS)

    def beside(self, roster: Roster, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, kept under `key`, which says all else it depends on."""
        return self._once(roster, key, make, lambda held: held.made, MADE)

    def _once(
        self,
        roster: Roster,
        key: Hashable,
        make: Callable[[], Made],
        kept_in: Callable[[_Held], OrderedDict[Hashable, Any]],
        most: int,
    ) -> Made:
        with self._lock:
            held = self._of(roster)
            if held is not None and (known := _recalled(kept_in(held), key)):
                return known[0]
        if held is None:
            return make()
        kept = kept_in(held)
        with self._one_at_a_time((id(held), key)):
            with self._lock:
                if known := _recalled(kept, key):
                    return known[0]
            made = make()
            with self._lock:
                kept[key] = made
                while len(kept) > most:
                    kept.popitem(last=False)
        return made

    @contextmanager
    def _one_at_a_time(self, key: Hashable) -> Iterator[None]:
        """Lets one thread in for a key while others wait; those of other keys go on."""
        with self._lock:
            lock, waiting = self._making.get(key, (threading.Lock(), 0))
            self._making[key] = lock, waiting + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, waiting = self._making.pop(key)
                if waiting > 1:
                    self._making[key] = lock, waiting - 1

    def _of(self, roster: Roster) -> _Held | None:
        held = self._held.get(roster.district.id)
        return held if held is not None and held.roster is roster else None


def _said(chosen: Chosen) -> Hashable:
    return tuple(sorted((facet, tuple(values)) for facet, values in chosen.items()))


def _recalled(kept: OrderedDict[Hashable, Any], key: Hashable) -> tuple[Any] | None:
    """What is kept under a key, in a tuple since it may be None itself; None where nothing is."""
    if key not in kept:
        return None
    kept.move_to_end(key)
    return (kept[key],)


def _bytes_of(roster: Roster) -> int:
    frames = (roster.schools, roster.terms, roster.courses, roster.teachers, roster.sections, roster.students)
    # Twice the sections: the distinct normalised texts of each field are made beside them.
    frames = (*frames, roster.sections, roster.findings)
    size = sum(int(frame.memory_usage(index=False, deep=True).sum()) for frame in frames)
    return size + roster.enrollments.student.nbytes + roster.enrollments.section.nbytes
