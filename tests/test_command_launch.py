"""The command `launch`: where each district stands, what comes next, whose it is, and the days left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from roster_core.adapters.store import Store, open_store
from roster_core.adapters.store.schema import roster_chunks
from roster_core.clever_states import CleverState
from roster_core.dates import WindowDates
from roster_core.onboarding import Onboarding, Tick
from roster_core.plan import plan_commit
from tests.adapters.committing import a_receipt
from tests.builders import HOMEROOMS, district
from tests.command_line import Run, runner

NOW = datetime.now(UTC)
OPENS = date.today() + timedelta(days=30)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in an empty folder."""
    return runner(tmp_path, monkeypatch, capsys)


@pytest.fixture
def held(run: Run, tmp_path: Path) -> Store:
    """The store that the command opens: one filtered district, and one added by its name."""
    store = open_store(f"sqlite:///{tmp_path / 'var' / 'roster.sqlite3'}")
    store.districts.save("d1", name="Springfield USD", source="clever", now=NOW)
    store.rosters.save(district(fetched_at=NOW))
    store.rule_sets.save("d1", HOMEROOMS, expected_version=0, actor="dana", now=NOW)
    store.districts.add_named("Elm", actor="dana", now=NOW)
    said = Onboarding(dates=WindowDates(opens=OPENS), ticks={"sharing-approved": Tick(date.today(), "dana")})
    store.onboarding.save("d1", said, expected_revision=0, actor="dana", now=NOW, action="set-dates")
    yield store
    store.close()


def test_nothing_is_here_at_first(run: Run) -> None:
    """An empty store gives an empty list and says what to do."""
    assert run("launch", "--json").document == []
    assert "Load one with pull" in run("launch").out


def test_every_district_is_told_with_its_next_action(run: Run, held: Store) -> None:
    """One document a district, by name: steps done, next action, owner, days left; exit 0."""
    said = run("launch", "--json")
    elm, springfield = said.document
    assert said.code == 0
    assert (elm["district_id"], elm["steps_done"], elm["step"], elm["owner"]) == ("elm", 0, "chose-clever", "us")
    assert elm["days_left"] is None
    assert (springfield["steps_done"], springfield["step"]) == (5, "rostered")
    assert springfield["next_action"] == "The preflight is green: commit the roster."
    assert (springfield["days_left"], springfield["days_left_to"]) == (30, "opens")
    assert springfield["opens"] == OPENS.isoformat() and springfield["launch"] is None
    assert [step["state"] for step in springfield["steps"]] == ["done"] * 5 + ["not yet"] * 2
    assert "Springfield USD  5 of 7  30 days to the window opening  us" in run("launch").out


def test_a_district_that_clever_connects_is_there_before_it_is_loaded(run: Run, held: Store) -> None:
    """Its name is Clever's, and the first steps are seen; one that is no longer listed is not there."""
    states = [CleverState("5f3a", "Oak USD", asked_at=NOW), CleverState("5f3b", "Ash USD", asked_at=NOW)]
    held.known.keep_clever_list(states, asked_at=NOW)
    held.known.keep_clever_list(states[:1], asked_at=NOW)
    found = {one["district_id"]: one for one in run("launch", "--json").document}
    assert set(found) == {"d1", "elm", "5f3a"} and found["5f3a"]["name"] == "Oak USD"
    assert (found["5f3a"]["steps_done"], found["5f3a"]["step"]) == (2, "sharing-requested")


def test_one_district_is_told_step_by_step(run: Run, held: Store) -> None:
    """Each step with its state, who said so or that the app saw it, and from what."""
    out = run("launch", "d1").out
    assert "5. Filtered to one section per student: done (the app)" in out
    assert "8 of 8 students in exactly one section." in out
    assert f"4. Sharing rules approved: done (dana, {date.today()})" in out
    assert "Next, ours: The preflight is green" in out


def test_a_committed_district_is_told_with_its_receipt(run: Run, held: Store) -> None:
    """What is in force is looked up, and the preflight that runs is the district's own."""
    plan = plan_commit(district(fetched_at=NOW), HOMEROOMS, district_id="d1")
    held.ledger.commit(plan, a_receipt(plan, now=NOW))
    out = run("launch", "d1").out
    assert "8 students committed on" in out and "Next, ours: Load the roster into SELweb, and tick it." in out


def test_a_district_that_cannot_be_checked_hides_no_other(run: Run, held: Store) -> None:
    """Its roster is damaged: what else is known of it is told, the reason stands on standard error, exit 3."""
    with held.rosters._database.write() as connection:
        connection.execute(delete(roster_chunks))
    said = run("launch", "--json")
    assert said.code == 3 and "Error: d1:" in said.err
    elm, springfield = said.document
    assert elm["problem"] == "" and "damaged" in springfield["problem"]
    assert springfield["step"] == "filtered" and springfield["opens"] == OPENS.isoformat()


def test_an_unknown_district_is_wrong_input(run: Run, held: Store) -> None:
    """The message names the id and how to see the known ones."""
    said = run("launch", "nope")
    assert said.code == 2 and '"nope"' in said.err and "lists every district" in said.err
