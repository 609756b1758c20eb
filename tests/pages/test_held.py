"""Rosters held for the whole server: each thing is made once, by whoever asks first, and no longer than needed."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from pages.shared.held import HeldRosters
from roster_core.families import families
from roster_core.roster import Roster
from roster_core.rules import RuleSet
from roster_core.sample import sample_district

SAMPLE = sample_district(200)


def _held(*rosters: Roster, limit: int = 1 << 30) -> HeldRosters:
    held = HeldRosters(limit)
    for roster in rosters:
        held.get(roster.district.id, "first", lambda roster=roster: roster)
    return held


def _of(district_id: str) -> Roster:
    return replace(SAMPLE, district=replace(SAMPLE.district, id=district_id))


def test_a_roster_is_loaded_once_for_each_mark() -> None:
    """The same mark gives the roster that is held; another mark, as after a refresh, loads the newer one."""
    held, older, newer = HeldRosters(1 << 30), _of("elm"), _of("elm")
    assert held.get("elm", "monday", lambda: older) is older
    assert held.get("elm", "monday", lambda: newer) is older
    assert held.get("elm", "tuesday", lambda: newer) is newer


def test_the_one_used_longest_ago_goes_first() -> None:
    """Where the rosters are larger than the limit, only the last one asked for stays."""
    first, second = _of("elm"), _of("oak")
    held = _held(first, second, limit=1)
    again = _of("elm")
    assert held.get("oak", "first", lambda: again) is second
    assert held.get("elm", "first", lambda: again) is again


def test_what_is_made_is_made_once_though_two_ask_at_the_same_time() -> None:
    """The second to ask, while the first still makes it, waits and gets the same."""
    held, asked, go_on, made = _held(SAMPLE), threading.Event(), threading.Event(), []

    def make() -> object:
        asked.set()
        assert go_on.wait(30)
        made.append(object())
        return made[-1]

    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(held.beside(SAMPLE, "it", make))) for _ in range(2)]
    threads[0].start()
    assert asked.wait(30)
    threads[1].start()
    # Somebody who asks for something else does not wait for them.
    assert held.beside(SAMPLE, "another", lambda: "at once") == "at once"
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert len(made) == 1
    assert got == [made[0], made[0]]


def test_one_who_fails_leaves_it_to_the_next() -> None:
    """An error reaches who asked, and the next one makes it anew."""
    held = _held(SAMPLE)
    with pytest.raises(ZeroDivisionError):
        held.beside(SAMPLE, "it", lambda: 1 / 0)
    assert held.beside(SAMPLE, "it", lambda: None) is None
    assert held.beside(SAMPLE, "it", lambda: "made again") is None


def test_nothing_is_kept_of_a_roster_that_is_not_held() -> None:
    """Of a deleted district things are still made for who asks, and kept nowhere."""
    held = _held(SAMPLE)
    held.forget(SAMPLE.district.id)
    assert held.beside(SAMPLE, "it", lambda: 1) == 1
    assert held.beside(SAMPLE, "it", lambda: 2) == 2
    started: list[int] = []
    held.begin(SAMPLE, lambda: started.append(1))
    assert started == []


def test_work_ahead_begins_once_a_roster() -> None:
    """Of all pages that ask, the first one starts the work, until another roster of the district is held."""
    held, ran = _held(SAMPLE), threading.Semaphore(0)
    for _ in range(3):
        held.begin(SAMPLE, ran.release)
    assert ran.acquire(timeout=30)
    assert not ran.acquire(blocking=False)
    newer = held.get(SAMPLE.district.id, "second", lambda: replace(SAMPLE))
    held.begin(newer, ran.release)
    assert ran.acquire(timeout=30)


def test_merged_families_are_those_of_the_core() -> None:
    """Names are cut once; families that a reviewer merged are what they would be had they been cut again."""
    held, single = _held(SAMPLE), families(SAMPLE)
    merged = (tuple(single.frame["key"].iloc[:2]),)
    theirs, ours = families(SAMPLE, merged=merged), held.families(SAMPLE, merged)
    assert ours.frame.equals(theirs.frame)
    assert (ours.codes == theirs.codes).all()
    assert ours.pieces is held.families(SAMPLE).pieces


def test_coverages_of_equal_rules_are_one() -> None:
    """Equal rules, however they were made, are evaluated once."""
    held = _held(SAMPLE)
    assert held.coverage(SAMPLE, RuleSet(name="a")) is held.coverage(SAMPLE, RuleSet(name="a"))


def test_a_roster_deleted_while_it_is_loaded_is_not_held() -> None:
    """Whoever deletes a district waits for a load that runs, and lets go of what it brought."""
    held, loading, go_on = HeldRosters(1 << 30), threading.Event(), threading.Event()

    def load() -> Roster:
        loading.set()
        assert go_on.wait(30)
        return SAMPLE

    loads = threading.Thread(target=lambda: held.get(SAMPLE.district.id, "first", load))
    deletes = threading.Thread(target=lambda: held.forget(SAMPLE.district.id))
    loads.start()
    assert loading.wait(30)
    deletes.start()
    deletes.join(0.2)
    go_on.set()
    loads.join(30)
    deletes.join(30)
    assert not held.waits(SAMPLE)
