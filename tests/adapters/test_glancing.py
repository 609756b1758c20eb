"""The facts about every district, gathered from the store without opening a roster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from roster_core.adapters.gathered import gather
from roster_core.adapters.glancing import facts
from roster_core.adapters.keeping import Keeper
from roster_core.adapters.store import Store, open_store
from roster_core.clever_states import CleverState
from roster_core.dates import WindowDates
from roster_core.glance import DistrictFacts, Drifted
from roster_core.launch_requests import ask
from roster_core.onboarding import Onboarding
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.sample import sample_district
from roster_core.settings import Profile, Settings
from tests.databases import put_migrated

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TODAY = NOW.date()
HOMEROOM = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),)),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An open store on an empty database."""
    opened = open_store(put_migrated(tmp_path / "roster.sqlite3"))
    yield opened
    opened.close()


def known(store: Store) -> dict[str, DistrictFacts]:
    """The facts of each district, by id."""
    settings = Settings(database_url="sqlite:///unused")
    return {each.district_id: each for each in facts(store, "embedded", settings=settings, zone=UTC, today=TODAY)}


def load(store: Store, district_id: str = "oak", *, source: str = "file", students: int = 60) -> None:
    """Keeps a made-up roster as that district's newest."""
    roster = sample_district(students, 1, fetched_at=NOW)
    district = replace(roster.district, id=district_id, name=district_id.title())
    kept = Keeper(store, "dana", "embedded", Profile(), lambda: NOW, store.activity.newest())
    kept.keep(replace(roster, source="clever-csv", district=district), source=source)


def draft(store: Store, rules: RuleSet, district_id: str = "oak", revision: int = 0) -> None:
    """Keeps these rules as the district's draft."""
    store.rule_sets.save_draft(district_id, rules.to_json(), expected_revision=revision, actor="dana", now=NOW)


def test_districts_come_from_rosters_names_and_clever(store: Store) -> None:
    """Each way to be known makes a row; one that Clever no longer lists and nobody loaded makes none."""
    load(store)
    store.districts.add_named("Elm Park", state="IL", actor="dana", now=NOW)
    listed = [CleverState("c1", "Ash", asked_at=NOW), CleverState("c2", "Birch", asked_at=NOW)]
    store.known.keep_clever_list(listed, asked_at=NOW)
    store.known.keep_clever_list(listed[:1], asked_at=NOW)
    found = known(store)
    assert {key: (each.name, each.source) for key, each in found.items()} == {
        "oak": ("Oak", "file"),
        "elm-park": ("Elm Park", "named"),
        "c1": ("Ash", "clever"),
    }
    assert found["elm-park"].us_state == "IL"
    assert found["c1"].action == "Load it from Clever"


def test_what_comes_next_follows_scope_rules_and_numbers(store: Store) -> None:
    """First who is assessed, then which sections, then the students that are left; each with its page."""
    load(store)
    assert (known(store)["oak"].action, known(store)["oak"].place) == ("Say who is assessed", "Districts")
    draft(store, RuleSet(assessed_grades=("1",)))
    assert known(store)["oak"].action.startswith("Its students are to be counted again")
    load(store)
    assert (known(store)["oak"].action, known(store)["oak"].place) == ("Choose which sections to keep", "Rules")
    draft(store, HOMEROOM, revision=1)
    load(store)
    assert (known(store)["oak"].owner, known(store)["oak"].place) == ("us", "Students")


def test_numbers_say_whether_they_are_of_today(store: Store) -> None:
    """Numbers of an earlier roster or of other rules stay, and are said to be."""
    draft(store, HOMEROOM)
    load(store)
    assert known(store)["oak"].current
    assert gather(store).uncounted() == []
    draft(store, RuleSet(), revision=1)
    found = known(store)["oak"]
    assert found.counted is not None and not found.current
    assert gather(store).uncounted() == ["oak"]


def test_window_colleague_and_chase_are_those_of_the_launch(store: Store) -> None:
    """The dates, who looks after it, and the earliest day on which an unanswered request is to be chased."""
    store.districts.add_named("Elm", actor="dana", now=NOW)
    opens = TODAY + timedelta(days=12)
    kept = Onboarding(dates=WindowDates(opens=opens, closes=opens + timedelta(days=20)), looked_after_by="Lee")
    for kind, days in (("connect", 3), ("other", 1)):
        kept = ask(kept, kind, sent=TODAY, by="dana", chase_days=7, chase_on=TODAY + timedelta(days=days))
    store.onboarding.save("elm", kept, expected_revision=0, actor="dana", now=NOW, action="set-dates")
    found = known(store)["elm"]
    assert (found.opens, found.left, found.left_words) == (opens, 12, "12 days to the window opening")
    assert (found.colleague, found.chase_on) == ("Lee", date(2026, 11, 25))


def test_drift_of_another_commit_is_left_out(store: Store) -> None:
    """What drifted since a commit that is not in force says nothing."""
    load(store)
    held = store.rosters.latest("oak").fingerprint
    store.known.keep_drift("oak", Drifted("another", held, NOW, 3, True, ("3 students are gone.",)))
    assert known(store)["oak"].drifted is None
