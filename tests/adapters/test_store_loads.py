"""A load is one deed, and does not bring back what was deleted while it was under way, here or in another process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from roster_core.adapters.event_cursor import Cursor
from roster_core.adapters.keeping import Keeper, refresh_all
from roster_core.adapters.selweb import EmbeddedTarget
from roster_core.adapters.store import Pulled, Store, open_store
from roster_core.adapters.store.retention import STAYS, of_district
from roster_core.adapters.store.schema import metadata
from roster_core.errors import InputError, Refusal
from roster_core.roster import District, Roster
from roster_core.settings import Profile
from tests.adapters.awkward_clever import AwkwardClever, FakeClock
from tests.adapters.clever_district import a_client, a_district
from tests.adapters.committing import HOMEROOMS, a_plan, a_receipt
from tests.builders import district

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
PULLED = Pulled(Cursor("e1", NOW - timedelta(hours=2), NOW), 3)


def a_keeper(store: Store) -> Keeper:
    """Keeps rosters of work that begins now."""
    return Keeper(store, "dana", "embedded", Profile(), lambda: NOW, store.activity.newest())


def a_roster(district_id: str = "d1") -> Roster:
    """The small clean district under that id."""
    return replace(district(), district=District(id=district_id, name="Elm"))


def elsewhere(url: str, district_id: str) -> None:
    """Deletes a district as the command line does: with a store of its own."""
    other = open_store(url)
    other.districts.delete(district_id, actor="lee (command line)", now=NOW)
    other.close()


def left_of(store: Store, district_id: str) -> dict[str, int]:
    """How many rows of the district each table still has, the log apart."""
    found = {}
    with store._database.read() as connection:
        for name, table in metadata.tables.items():
            own = of_district(table, district_id)
            if own is not None and name not in STAYS:
                found[name] = len(connection.execute(select(table).where(own)).all())
    return {name: rows for name, rows in found.items() if rows}


def test_a_load_keeps_all_that_belongs_to_it(store: Store) -> None:
    """The district, its newest roster, where Clever's events stand, and one line of the log."""
    info = store.keep_load(a_roster(), source="clever", began=0, actor="dana", now=NOW, pulled=PULLED)
    assert store.districts.get("d1").name == "Elm"
    assert store.rosters.latest("d1") == info
    assert store.cursors.get("d1").fingerprint == info.fingerprint
    (entry,) = store.activity.list("d1")
    assert (entry.action, entry.detail["events"], entry.detail["students"]) == ("pull", 3, 8)


def test_a_load_that_fails_leaves_nothing(store: Store) -> None:
    """A roster without a district's id changes no table, not even that of the districts."""
    with pytest.raises(InputError, match="names no district"):
        store.keep_load(a_roster(""), source="file", began=0, actor="dana", now=NOW)
    assert (store.districts.list(), store.activity.list()) == ([], [])


def test_a_load_does_not_bring_back_what_another_process_deleted(store: Store, database_url: str) -> None:
    """Begun before the deletion, it is refused and leaves no row of the district; begun after it, it goes through."""
    a_keeper(store).keep(a_roster(), source="file")
    running = a_keeper(store)
    elsewhere(database_url, "d1")
    with pytest.raises(Refusal, match="District 'd1' was deleted while this was under way"):
        running.keep(a_roster(), source="file")
    assert left_of(store, "d1") == {}
    assert [entry.action for entry in store.activity.list("d1")] == ["delete-district", "load-roster"]
    running.keep(a_roster("d2"), source="file")
    a_keeper(store).keep(a_roster(), source="file")
    assert store.rosters.latest("d1") is not None


def test_refreshing_all_leaves_out_what_was_deleted_on_the_way(store: Store, database_url: str) -> None:
    """A district that was deleted before its turn is told as failed, and the others go on."""
    with AwkwardClever({"oak": a_district("Oak"), "elm": a_district("Elm")}) as server:
        client, wanted = a_client(server, FakeClock()), [("elm-district", "Elm"), ("oak-district", "Oak")]
        refresh_all(client, a_keeper(store), wanted, lambda what, done, total: None)
        running = a_keeper(store)
        elsewhere(database_url, "elm-district")
        outcomes = refresh_all(client, running, wanted, lambda what, done, total: None)
    assert [each.kind for each in outcomes] == ["failed", "same"]
    assert "was deleted while this was under way" in outcomes[0].sentences[0]
    assert left_of(store, "elm-district") == {}


def test_a_commit_does_not_bring_back_what_another_process_deleted(store: Store, database_url: str) -> None:
    """A first commit, and the rules it would save, are refused where the district went after it began."""
    store.rosters.save(a_roster())
    began, plan = store.activity.newest(), a_plan(store)
    target = EmbeddedTarget(store, began=began)
    elsewhere(database_url, "d1")
    with pytest.raises(Refusal, match="was deleted while this was under way"):
        target.commit(target.stage(plan), plan, a_receipt(plan))
    with pytest.raises(Refusal, match="was deleted while this was under way"):
        store.rule_sets.save("d1", HOMEROOMS, expected_version=0, actor="dana", now=NOW, began=began)
    assert left_of(store, "d1") == {}
    later = EmbeddedTarget(store, began=store.activity.newest())
    assert later.commit(later.stage(plan), plan, a_receipt(plan)) == a_receipt(plan)
