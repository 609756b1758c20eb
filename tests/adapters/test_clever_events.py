"""Events instead of a full pull: the same roster, or the reason why it was pulled in full."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from roster_core.adapters.clever_events import fetch, read_events
from roster_core.adapters.clever_records import Record
from roster_core.adapters.clever_replay import Change, NotCertain, replayed
from roster_core.assembly import load_findings
from roster_core.roster import Roster
from tests.adapters.awkward_clever import FakeClock, Manners, status
from tests.adapters.clever_district import a_client
from tests.adapters.watched_clever import HOUR, Watch, Watched

DAY = 24 * HOUR
RECORDED = "clever-api-v3.0-recorded/events_limit25.json"


@pytest.fixture(name="watch")
def _watch() -> Iterator[Watch]:
    with Watched(1) as found:
        yield found


def findings_of(roster: Roster) -> list[tuple[str, ...]]:
    """The load findings that two rosters are compared by."""
    return sorted(map(tuple, roster.findings[["code", "severity", "student_id", "section_id"]].to_numpy()))


@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), turns=st.lists(st.integers(0, 12), min_size=1, max_size=4), page=st.integers(1, 9))
def test_a_replay_and_a_full_pull_give_the_same_roster(seed: int, turns: list[int], page: int) -> None:
    """Whatever happens to a district, its events give the roster that its lists give, findings and all."""
    with Watched(seed, Manners(page_size=page)) as watch:
        for changes in turns:
            for _ in range(changes):
                watch.district.change()
            fetched, whole = watch.fetch(), watch.pulled()

            assert fetched.roster.fingerprint == whole.fingerprint
            assert fetched.roster.district == whole.district
            assert findings_of(fetched.roster) == findings_of(whole)


def test_most_histories_are_replayed(watch: Watch) -> None:
    """The events do in ordinary weeks: what is not certain is the exception."""
    by_events = 0
    for _ in range(20):
        for _ in range(3):
            watch.district.change()
        by_events += watch.fetch().events is not None

    assert by_events >= 15


def test_nothing_new_costs_four_requests_and_no_list(watch: Watch) -> None:
    """Where nothing happened the stored roster is the answer, and no list of records is read."""
    before = watch.last.roster
    watch.server.asked.clear()
    fetched = watch.fetch()

    assert (fetched.events, fetched.why, fetched.roster.fingerprint) == (0, "", before.fingerprint)
    assert fetched.roster.fetched_at > before.fetched_at
    assert watch.server.paths() == ["/oauth/tokens", "/v3.0/districts", "/v3.0/events", "/v3.0/districts"]


def test_an_enrollment_arrives_with_its_section(watch: Watch) -> None:
    """A change of a section's students is one event, and the next replay starts after it."""
    section = watch.district.lists["sections"][0]
    watch.district.put("sections", {**section, "students": section["students"][:1]})
    fetched = watch.fetch()

    row = fetched.roster.section_row(section["id"])
    assert fetched.events == 1
    assert int((fetched.roster.enrollments.section == row).sum()) == 1
    assert fetched.cursor.event_id == watch.district.lists["events"][-1]["id"]
    assert watch.fetch().events == 0


def test_a_student_shared_again_is_back_in_the_section(watch: Watch) -> None:
    """A section lists a student nobody shares: once the student is shared, the enrollment is there."""
    student = next(user for user in watch.district.lists["users"] if "student" in user["roles"])
    enrolled = watch.last.roster.enrollments
    watch.district.take("users", student)
    assert len(watch.fetch().roster.enrollments) < len(enrolled)
    watch.district.put("users", student)
    fetched = watch.fetch()

    assert fetched.events == 1
    assert len(fetched.roster.enrollments) == len(enrolled)


def _forgets(watch: Watch) -> None:
    watch.district.lists["events"].clear()
    watch.district.sync()


def _closes(watch: Watch) -> None:
    del watch.district.lists["events"]


def _forbids(watch: Watch) -> None:
    watch.server.faults["/events"] = [status(403), status(403)]


def _fails(watch: Watch) -> None:
    watch.server.faults["/events"] = [status(501)]


def _grows_old(watch: Watch) -> None:
    watch.last = replace(watch.last, cursor=replace(watch.last.cursor, pulled_at=_at(watch, 40 * DAY)))
    watch.clock.now += 30 * DAY


def _is_not_pulled_for_long(watch: Watch) -> None:
    watch.clock.now += 8 * DAY


def _syncs_without_a_word(watch: Watch) -> None:
    watch.district.lists["districts"][0]["last_sync"] = "2027-02-02T02:02:02Z"


def _invents(watch: Watch) -> None:
    watch.district.tell("enrollments", "deleted", {"id": "x"})


def _deletes_the_district(watch: Watch) -> None:
    watch.district.tell("districts", "deleted", watch.district.lists["districts"][0])


def _tells_of_nobody(watch: Watch) -> None:
    watch.district.tell("sections", "updated", {"name": "Without an id"})


def _tells_nothing(watch: Watch) -> None:
    watch.district.tell("sections", "updated", {"id": "x"})
    watch.district.lists["events"][-1]["data"] = {}


def _tells_of_no_role(watch: Watch) -> None:
    watch.district.tell("users", "updated", {"id": "x", "roles": {"oracle": {}}})


def _changes_a_stranger(watch: Watch) -> None:
    section = {**watch.district.lists["sections"][0], "id": "never-seen"}
    watch.district.lists["sections"].append(section)
    watch.district.tell("sections", "updated", section)


def _enrolls_a_stranger(watch: Watch) -> None:
    section = watch.district.lists["sections"][0]
    watch.district.put("sections", {**section, "students": [*section["students"], "never-seen"]})


def _is_still_talking(watch: Watch) -> None:
    watch.district.clock.now += HOUR
    watch.district.put("sections", {**watch.district.lists["sections"][0], "name": "New"})
    watch.district.clock.now -= HOUR


def _loses_the_roster(watch: Watch) -> None:
    watch.last = replace(watch.last, roster=None)


def _has_other_findings(watch: Watch) -> None:
    told = load_findings("unreadable-row", "blocker", "sections", [3], [""], ["No id."])
    watch.last = replace(watch.last, roster=replace(watch.last.roster, findings=told))


def _came_from_a_file(watch: Watch) -> None:
    watch.last = replace(watch.last, roster=replace(watch.last.roster, source="clever-csv"))


def _at(watch: Watch, later: float) -> object:
    return a_client(watch.server, FakeClock(watch.clock.now + later)).now()


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (_forgets, "status 404"),
        (_closes, "status 404"),
        (_forbids, "status 403"),
        (_fails, "could not be read"),
        (_grows_old, "over 29 days old"),
        (_is_not_pulled_for_long, "last full pull is over 7 days old"),
        (_syncs_without_a_word, "no event tells of it"),
        (_invents, 'unknown type "enrollments.deleted"'),
        (_deletes_the_district, "the district was deleted"),
        (_tells_of_nobody, "a record without an id"),
        (_tells_nothing, "holds no record"),
        (_tells_of_no_role, "no known role"),
        (_changes_a_stranger, "section never-seen, of which nothing was known"),
        (_enrolls_a_stranger, "student never-seen is referred to"),
        (_is_still_talking, "others may still be coming"),
        (_loses_the_roster, "not stored any more"),
        (_has_other_findings, "load findings (unreadable-row)"),
        (_came_from_a_file, "not from Clever"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_what_is_not_certain_is_pulled_in_full(watch: Watch, happens: Callable[[Watch], None], why: str) -> None:
    """Each doubt ends in a full pull that is right, with the reason."""
    happens(watch)
    fetched = watch.fetch()

    assert fetched.events is None
    assert why in fetched.why
    assert fetched.roster.fingerprint == watch.pulled().fingerprint


def test_without_any_event_nothing_is_remembered(watch: Watch) -> None:
    """No event at all may mean that events are switched off, so nothing is built on it."""
    watch.district.lists["events"].clear()
    assert watch.fetch().cursor is None
    assert watch.fetch().why == "no event is remembered of this district"


def test_the_reason_for_a_full_pull_is_told_while_it_runs(watch: Watch) -> None:
    """Whoever watches the progress reads why it takes longer."""
    told: list[str] = []
    client = a_client(watch.server, watch.clock)
    fetch(client, watch.district_id, progress=lambda what, done, total: told.append(what))

    assert "Pulling in full: no event is remembered of this district" in told


def test_the_same_events_again_change_nothing(watch: Watch) -> None:
    """A replay of events that the roster knows already gives the same roster."""
    before = watch.last.roster
    section = Record(id="oak-section-1", name="Renamed", students=[], teacher="oak-teacher-1")
    changes = [Change("sections.updated", section), Change("sections.deleted", Record(id="oak-section-2"))]
    once = replayed(before, changes, district=before.district, fetched_at=before.fetched_at)
    twice = replayed(once, changes[1:], district=before.district, fetched_at=before.fetched_at)

    assert once.fingerprint == twice.fingerprint != before.fingerprint


def test_a_doubt_names_no_child(watch: Watch) -> None:
    """What is said of a doubt holds an id and never a name."""
    student = Record(id="never-seen", name="Secret Name")
    before = watch.last.roster
    with pytest.raises(NotCertain) as told:
        replayed(before, [Change("users.updated", student)], district=before.district, fetched_at=before.fetched_at)
    assert "Secret" not in str(told.value)


def test_recorded_events_are_read(test_data: Path) -> None:
    """Clever's own answer is read: every event has an id, a type, a moment and a record."""
    recorded = json.loads((test_data / RECORDED).read_text(encoding="utf-8"))
    page = read_events(json.dumps(recorded["body"]).encode())

    assert len(page.records) == 25
    assert page.next.startswith("/v3.0/events?")
    assert {event.type for event in page.records} >= {"districts.updated", "schools.updated", "users.created"}
    assert all(event.data.object.id for event in page.records)
