"""A fresh roster into the store with all that is shown of it; every district one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roster_core.adapters.keeping import Keeper, list_clever, numbers_of, refresh_all
from roster_core.adapters.store import Store, open_store
from roster_core.commit import commit_plan
from roster_core.coverage import evaluate
from roster_core.errors import Cancelled, InputError, ServiceError
from roster_core.plan import CurrentRoster, plan_commit
from roster_core.preflight import run_preflight
from roster_core.roster import Roster
from roster_core.rules import Condition, Pin, Rule, RuleSet
from roster_core.sample import sample_district
from roster_core.settings import Profile
from tests.adapters.awkward_clever import AwkwardClever, FakeClock
from tests.adapters.clever_district import a_client, a_district
from tests.builders import HOMEROOMS, district
from tests.databases import put_migrated

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOMEROOM = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),)),))
NAMES = ("Ash", "Elm", "Oak")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open store on an empty database."""
    opened = open_store(put_migrated(tmp_path / "roster.sqlite3"))
    yield opened
    opened.close()


@pytest.fixture
def keeper(store: Store) -> Keeper:
    """Keeps rosters for the embedded target, always at the same moment."""
    return Keeper(store, "dana", "embedded", Profile(), lambda: NOW, store.activity.newest())


def quietly(what: str, done: int, total: int | None) -> None:
    """Progress that nobody looks at."""


def ready(roster: Roster) -> RuleSet:
    """Rules under which nothing stops a commit: whom the report names is excused."""
    report = run_preflight(roster, HOMEROOM)
    ids = {each for finding in report.findings if finding.severity == "blocker" for each in finding.student_ids}
    return HOMEROOM.with_pins(*(Pin(each, None, reason="made up") for each in sorted(ids)))


def test_a_first_roster_is_kept_without_changes_or_numbers(store: Store, keeper: Keeper) -> None:
    """Nobody has said who is assessed yet, and there is nothing to compare with; the load is in the log."""
    info, changed = keeper.keep(sample_district(60, 1, fetched_at=NOW), source="sample")
    assert (info.students, changed) == (60, None)
    assert (store.known.counts(), store.known.changes(), store.known.drifts()) == ({}, {}, {})
    assert [entry.action for entry in store.activity.list("sample")] == ["load-roster"]


def test_the_next_roster_is_counted_checked_and_compared(store: Store, keeper: Keeper) -> None:
    """Under the draft: students in none, one or several, blockers by owner, and what changed."""
    keeper.keep(sample_district(60, 1, fetched_at=NOW - timedelta(days=1)), source="sample")
    store.rule_sets.save_draft("sample", HOMEROOM.to_json(), expected_revision=0, actor="dana", now=NOW)
    _, changed = keeper.keep(sample_district(80, 1, fetched_at=NOW), source="sample")
    counted = store.known.counts()["sample"]
    assert counted.in_scope == counted.one + counted.none + counted.several + counted.excused > 60
    assert counted.unsettled and counted.blockers["us"] > 0 and counted.counted_at == NOW
    assert changed == store.known.changes()["sample"]
    assert changed.since == NOW - timedelta(days=1)
    assert "20 students are new." in changed.sentences


def test_what_is_of_the_hour_or_held_is_no_blocker_of_the_data() -> None:
    """An old roster and a large change stop a commit today; the numbers kept of the district count neither."""
    roster = district()
    before = plan_commit(roster, HOMEROOMS, district_id="d1")
    current = CurrentRoster("R-1", before.rows, before.rule_set_json)
    rules = replace(HOMEROOMS, assessed_schools=("A",))
    plan = plan_commit(roster, rules, district_id="d1", current=current)
    report = run_preflight(roster, rules, plan=plan, as_of=roster.fetched_at + timedelta(days=9))
    assert {"roster-stale", "mass-change"} == {cause.code for cause in report.causes if cause.severity == "blocker"}
    assert numbers_of(evaluate(roster, rules), NOW, report=report).blockers == {}


def test_the_same_data_again_is_no_change(store: Store, keeper: Keeper) -> None:
    """A refresh that brings the same tables says so by having nothing to say."""
    keeper.keep(sample_district(60, 1, fetched_at=NOW - timedelta(days=1)), source="sample")
    _, changed = keeper.keep(sample_district(60, 1, fetched_at=NOW), source="sample")
    assert changed.sentences == ()


def test_an_unfinished_draft_is_not_counted(store: Store, keeper: Keeper) -> None:
    """A draft that no program can read leaves the numbers as they were, and the roster is kept."""
    store.rule_sets.save_draft("sample", '{"format": "roster-rules/9"}', expected_revision=0, actor="dana", now=NOW)
    info, _ = keeper.keep(sample_district(60, 1, fetched_at=NOW), source="sample")
    assert (info.students, store.known.counts()) == (60, {})


def test_drift_since_the_commit_is_found_at_once(store: Store, keeper: Keeper) -> None:
    """A roster that would move or lose committed students is told beside its district."""
    from roster_core.adapters.selweb import EmbeddedTarget

    roster = sample_district(60, 1, fetched_at=NOW)
    rules = ready(roster)
    plan = plan_commit(roster, rules, district_id="sample", target="embedded")
    report = run_preflight(roster, rules, plan=plan, as_of=NOW)
    commit_plan(plan, report, EmbeddedTarget(store), actor="dana", now=NOW)
    keeper.keep(roster, source="sample")
    assert (store.known.drifts()["sample"].changes, store.known.drifts()["sample"].sentences) == (0, ())
    keeper.keep(sample_district(60, 2, fetched_at=NOW), source="sample")
    drifted = store.known.drifts()["sample"]
    assert drifted.needs_person and drifted.changes > 0 and drifted.sentences


def test_a_roster_without_students_changes_nothing(store: Store, keeper: Keeper) -> None:
    """An empty answer does not empty a district."""
    keeper.keep(sample_district(60, 1, fetched_at=NOW), source="sample")
    empty = sample_district(60, 1, fetched_at=NOW)
    empty = replace(empty, students=empty.students.iloc[:0])
    with pytest.raises(InputError, match="no student"):
        keeper.keep(empty, source="sample")
    assert store.rosters.latest("sample").students == 60


@pytest.fixture
def three() -> Iterator[tuple[AwkwardClever, FakeClock]]:
    """A Clever that connects three districts."""
    clock = FakeClock()
    with AwkwardClever({f"{name}-token": a_district(name) for name in NAMES}, clock=clock.time) as server:
        yield server, clock


WANTED = [(f"{name.lower()}-district", name) for name in NAMES]


def test_one_of_three_that_fails_keeps_its_roster_and_stops_no_other(
    store: Store, keeper: Keeper, three: tuple[AwkwardClever, FakeClock]
) -> None:
    """The others are fetched, the one that fails is named with the reason, and its old roster is in force."""
    server, clock = three
    client = a_client(server, clock)
    refresh_all(client, keeper, WANTED, quietly)
    before = store.rosters.latest("elm-district")
    server.refused_tokens.add("Elm-token")
    server.districts["Oak-token"] = a_district("Oak", students=40)
    outcomes = refresh_all(client, keeper, WANTED, quietly)
    assert [(each.name, each.kind) for each in outcomes] == [("Ash", "same"), ("Elm", "failed"), ("Oak", "changed")]
    assert "refused" in outcomes[1].sentences[0]
    assert "10 students are new." in outcomes[2].sentences
    assert store.rosters.latest("elm-district") == before
    assert store.rosters.latest("oak-district").students == 40
    assert "-token" not in str(outcomes)


def test_a_refresh_that_is_stopped_keeps_what_it_has(
    store: Store, keeper: Keeper, three: tuple[AwkwardClever, FakeClock]
) -> None:
    """What was fetched stays, what was being fetched is not half there, and the rest is told as not reached."""
    server, clock = three

    def stopping(what: str, done: int, total: int | None) -> None:
        assert total == 3
        if what.startswith("Elm, sections"):
            raise Cancelled("Stopped.")

    outcomes = refresh_all(a_client(server, clock), keeper, WANTED, stopping)
    assert [each.kind for each in outcomes] == ["same", "not reached", "not reached"]
    assert [info.district_id for info in store.rosters.list()] == ["ash-district"]


def test_what_clever_lists_is_kept_without_tokens(store: Store, three: tuple[AwkwardClever, FakeClock]) -> None:
    """Each district with its state, pauses and last sync; one that cannot be read with why."""
    server, clock = three
    paused = {"state": "paused", "error": "Summer.", "pause_start": "2026-05-29", "pause_end": "2026-07-31"}
    server.districts["Ash-token"]["districts"][0].update(paused)
    server.refused_tokens.add("Elm-token")
    assert list_clever(a_client(server, clock), store, lambda: NOW, quietly) == 3
    said = store.known.clever()
    ash = said["ash-district"]
    told = {"state": ash.state, "error": ash.error, "pause_start": ash.pause_start, "pause_end": ash.pause_end}
    assert told == paused and ash.last_sync == "2026-11-20T08:00:00Z"
    assert "refused" in said["elm-district"].trouble and said["elm-district"].listed
    assert store.known.clever_asked() == (NOW, "")
    assert "-token" not in str(said)


def test_a_list_that_cannot_be_had_is_told_and_kept(store: Store, three: tuple[AwkwardClever, FakeClock]) -> None:
    """The failure is raised, and noted, so that nobody asks again at once; a stop is no failure."""
    server, clock = three
    client = a_client(server, clock)

    def stopping(what: str, done: int, total: int | None) -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        list_clever(client, store, lambda: NOW, stopping)
    assert store.known.clever_asked() is None
    server.client_secret = "another"
    with pytest.raises(ServiceError, match="CLEVER_CLIENT_SECRET"):
        list_clever(client, store, lambda: NOW, quietly)
    assert "CLEVER_CLIENT_SECRET" in store.known.clever_asked()[1]


def test_without_the_roster_before_its_counts_are_compared(store: Store, keeper: Keeper) -> None:
    """Where the rows of the roster before cannot be read any more, what is known of both is told instead."""
    keeper.keep(sample_district(60, 1, fetched_at=NOW - timedelta(days=1)), source="sample")
    store.rule_sets.save_draft("sample", '{"format": "roster-rules/9"}', expected_revision=0, actor="dana", now=NOW)
    _, changed = keeper.keep(sample_district(80, 1, fetched_at=NOW), source="sample")
    assert "20 more students: 80 now." in changed.sentences
