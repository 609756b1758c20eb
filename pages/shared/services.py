"""Caches and wiring: settings, store, rosters held once a server, coverage, jobs.

Nothing here can be reached without the access check: each function that gives data asks it
itself. A roster is found by district and fingerprint and never hashed by value.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from pages.shared.access import actor, require_access
from pages.shared.jobs import Job, Jobs
from roster_core.adapters.configuration import read_settings
from roster_core.adapters.store import Draft, RosterInfo, SavedRuleSet, Store, open_store
from roster_core.coverage import Coverage, evaluate
from roster_core.roster import Progress, Roster
from roster_core.rules import RuleSet
from roster_core.sample import sample_district
from roster_core.settings import Settings

__all__ = ["Job", "actor", "require_access"]

SAMPLE_ID = "sample"

#: How much memory the rosters of one server may take; the one used longest ago goes first.
ROSTER_BYTES = 1 << 30
#: Coverages kept a roster: the draft, the saved rules and what is being tried beside them.
COVERAGES = 8


@dataclass(eq=False)
class _Held:
    roster: Roster
    size: int
    coverages: OrderedDict[RuleSet, Coverage] = field(default_factory=OrderedDict)


class _Rosters:
    """The newest roster of each district, once a process, bounded by bytes; safe for many sessions."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def get(self, info: RosterInfo, load: Callable[[], Roster]) -> Roster:
        with self._lock:
            held = self._held.get(info.district_id)
            # The same tables fetched again keep their fingerprint, but not their age and load findings.
            if held is None or (held.roster.fingerprint, held.roster.fetched_at) != (info.fingerprint, info.fetched_at):
                roster = load()
                held = self._held[info.district_id] = _Held(roster, _bytes_of(roster))
            self._held.move_to_end(info.district_id)
            while len(self._held) > 1 and sum(each.size for each in self._held.values()) > self._limit:
                self._held.popitem(last=False)
            return held.roster

    def coverage(self, roster: Roster, rule_set: RuleSet) -> Coverage:
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


def settings() -> Settings:
    """The settings, read once a server. Raises `SettingsError` with every problem."""
    return _settings()


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def store() -> Store:
    """The app's store, opened once a server; on the very first start it holds the sample district."""
    require_access()
    return _store()


def rosters() -> list[RosterInfo]:
    """What is known of the newest roster of each district."""
    return store().rosters.list()


def roster_info(district_id: str) -> RosterInfo | None:
    """What is known of the newest roster of one district; None where there is none."""
    return store().rosters.latest(district_id)


def roster(district_id: str) -> Roster | None:
    """The newest roster of a district, held once for every session; None where there is none."""
    info = roster_info(district_id)
    if info is None:
        return None
    return _rosters().get(info, lambda: _store().rosters.load(info.fingerprint, district_id))


def coverage(roster: Roster, rule_set: RuleSet) -> Coverage:
    """The coverage of a roster under these rules, held as long as the roster is the district's newest."""
    require_access()
    return _rosters().coverage(roster, rule_set)


def saved_rules(district_id: str) -> SavedRuleSet | None:
    """The newest saved rule set of a district; None where none was saved."""
    return store().rule_sets.get(district_id)


def save_rules(district_id: str, rule_set: RuleSet, *, expected_version: int) -> int:
    """Saves a new version of a district's rules and gives its number. Raises `Refusal` if a colleague was faster."""
    return store().rule_sets.save(district_id, rule_set, expected_version=expected_version, actor=actor(), now=now())


def stored_draft(district_id: str) -> Draft | None:
    """The draft of a district as last kept by anybody; None where there is none."""
    return store().rule_sets.draft(district_id)


def keep_draft(district_id: str, rule_set: RuleSet, *, expected_revision: int) -> int:
    """Keeps the draft and gives its new revision. Raises `Refusal` if a colleague changed it meanwhile."""
    return store().rule_sets.save_draft(
        district_id, rule_set.to_json(), expected_revision=expected_revision, actor=actor(), now=now()
    )


def note(district_id: str, action: str, detail: dict[str, object] | None = None) -> None:
    """Writes down who did what. The detail holds no personal data."""
    store().activity.add(now(), actor(), district_id, action, detail or {})


def start_job(kind: str, district_id: str, work: Callable[[Progress], object]) -> Job:
    """Starts long work that survives a closed tab; gives the running job where there is one already."""
    require_access()
    return _jobs().start(kind, district_id, work)


def job(kind: str, district_id: str) -> Job | None:
    """The running or last job of this kind and district."""
    require_access()
    return _jobs().get(kind, district_id)


def jobs(kind: str) -> list[Job]:
    """Every job of this kind, running or ended."""
    require_access()
    return _jobs().all(kind)


def cancel_job(kind: str, district_id: str) -> None:
    """Asks a running job to stop."""
    require_access()
    _jobs().cancel(kind, district_id)


def put_away_job(kind: str, district_id: str) -> None:
    """Forgets a job that has ended, once its outcome was seen."""
    require_access()
    _jobs().put_away(kind, district_id)


@st.cache_resource(show_spinner=False, max_entries=1)
def _settings() -> Settings:
    return read_settings()


@st.cache_resource(show_spinner="Opening the store …", max_entries=1)
def _store() -> Store:
    opened = open_store(_settings().database_url)
    if not opened.rosters.list():
        opened.rosters.save(sample_district(fetched_at=now()))
        opened.districts.save(SAMPLE_ID, name="Sample district (made-up)", source="sample", now=now())
    return opened


@st.cache_resource(show_spinner=False, max_entries=1)
def _rosters() -> _Rosters:
    return _Rosters(ROSTER_BYTES)


@st.cache_resource(show_spinner=False, max_entries=1)
def _jobs() -> Jobs:
    return Jobs()


def _bytes_of(roster: Roster) -> int:
    frames = (roster.schools, roster.terms, roster.courses, roster.teachers, roster.sections, roster.students)
    # Twice the sections: the distinct normalised texts of each field are made beside them.
    frames = (*frames, roster.sections, roster.findings)
    size = sum(int(frame.memory_usage(index=False, deep=True).sum()) for frame in frames)
    return size + roster.enrollments.student.nbytes + roster.enrollments.section.nbytes
