"""The activity log is only added to, and districts leave nothing but their entries there."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from roster_core.activity import Head
from roster_core.adapters.store import Store, open_store
from roster_core.adapters.store.database import Database
from roster_core.adapters.store.migrations import run_migrations
from roster_core.errors import InputError, ServiceError
from roster_core.roster import District
from roster_core.rules import RuleSet
from roster_core.sample import sample_district

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)


def test_entries_are_listed_newest_first(store: Store) -> None:
    """Each entry keeps who, when, which district, what, and its detail; a list can be cut and narrowed."""
    store.activity.add(NOW, "dana", "d1", "load", {"fingerprint": "f00d", "students": 12})
    store.activity.add(NOW + timedelta(hours=1), "lee", "d2", "export")
    first, second = store.activity.list()
    assert (first.actor, first.district_id, first.action, first.detail) == ("lee", "d2", "export", {})
    assert (second.at, second.detail) == (NOW, {"fingerprint": "f00d", "students": 12})
    assert store.activity.list("d1") == [second]
    assert store.activity.list(limit=1) == [first]


@pytest.mark.parametrize("change", ["UPDATE activity SET actor = 'x'", "DELETE FROM activity"])
def test_the_database_itself_refuses_to_change_an_entry(store: Store, change: str) -> None:
    """An entry can be neither changed nor deleted, whoever writes to the database."""
    store.activity.add(NOW, "dana", "d1", "load")
    with pytest.raises(ServiceError, match="only added to"), store._database.write() as connection:
        connection.exec_driver_sql(change)
    assert [entry.actor for entry in store.activity.list()] == ["dana"]


def test_a_district_is_added_once_and_renamed(store: Store) -> None:
    """Saving a known district changes what is said of it, not when it came."""
    store.districts.save("d1", name="Elm", source="file", now=NOW)
    store.districts.save("d2", name="ash", source="sample", state="CA", now=NOW)
    later = NOW + timedelta(days=1)
    record = store.districts.save("d1", name="Oak", source="clever", state="IL", now=later)
    assert (record.name, record.source, record.state, record.created_at) == ("Oak", "clever", "IL", NOW)
    assert store.districts.list() == [store.districts.get("d2"), record]
    assert store.districts.get("d3") is None
    with pytest.raises(InputError, match="needs an id"):
        store.districts.save("", name="Elm", source="file", now=NOW)


def test_a_deleted_district_leaves_only_its_activity(store: Store) -> None:
    """Deletion on request removes records, rosters, rules and drafts of that district, and of no other."""
    for district_id in ("d1", "d2"):
        store.districts.save(district_id, name="Elm", source="file", now=NOW)
        store.rosters.save(dataclasses.replace(sample_district(50), district=District(id=district_id)))
        store.rule_sets.save(district_id, RuleSet(), expected_version=0, actor="dana", now=NOW)
        store.rule_sets.save_draft(district_id, "{}", expected_revision=0, actor="dana", now=NOW)
    store.districts.delete("d1", actor="lee", now=NOW)
    assert [record.id for record in store.districts.list()] == ["d2"]
    assert [info.district_id for info in store.rosters.list()] == ["d2"]
    assert store.rule_sets.get("d1") is store.rule_sets.draft("d1") is None
    assert store.rule_sets.get("d2").version == store.rule_sets.draft("d2").revision == 1
    assert [entry.action for entry in store.activity.list("d1")] == ["delete-district", "save-rule-set"]
    with pytest.raises(InputError, match="nothing of a district 'd1'"):
        store.districts.delete("d1", actor="lee", now=NOW)


def test_entries_are_chained_and_the_chain_is_verified(store: Store) -> None:
    """Numbers have no gaps, each entry follows on the one before, and the newest is kept beside the log."""
    for turn in range(4):
        store.activity.add(NOW, "dana", "d1", "load-roster", {"students": turn})
    numbers = [entry.number for entry in store.activity.list()]
    newest = store.activity.list(limit=1)[0]
    assert numbers == [4, 3, 2, 1]
    assert store.activity.head() == Head(4, newest.hash)
    assert store.activity.verify() == []


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("activity", "UPDATE activity SET actor = 'lee' WHERE number = 2"),
        ("activity", "DELETE FROM activity WHERE number = 2"),
        ("activity", "DELETE FROM activity WHERE number > 2"),
        ("activity_head", "DELETE FROM activity_head"),
    ],
)
def test_what_was_done_behind_the_apps_back_is_found(store: Store, table: str, change: str) -> None:
    """Somebody who takes the triggers away and changes the tables is found out by the chain."""
    for turn in range(4):
        store.activity.add(NOW, "dana", "d1", "load-roster", {"students": turn})
    with store._database.write() as connection:
        kind = change.partition(" ")[0].lower()
        on = "" if store._database.is_sqlite else f" ON {table}"
        connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{kind}{on}")
        connection.exec_driver_sql(change)
    assert store.activity.verify()


def test_the_head_goes_on_by_one_and_is_never_put_back(store: Store) -> None:
    """The database refuses a head that skips entries, goes back, is taken away or stands twice."""
    store.activity.add(NOW, "dana", "d1", "load-roster")
    for change in (
        "UPDATE activity_head SET number = 0",
        "UPDATE activity_head SET number = 9",
        "DELETE FROM activity_head",
        "INSERT INTO activity_head (one, number, hash) VALUES (2, 0, '')",
    ):
        with pytest.raises(ServiceError, match="only added to"), store._database.write() as connection:
            connection.exec_driver_sql(change)


def test_entries_from_before_the_chain_are_chained_by_the_migration(database_url: str) -> None:
    """A log written by the first release, with a gap as PostgreSQL leaves them, is whole after the migration."""
    database = Database(database_url)
    with database.write() as connection:
        run_migrations(connection, "0001")
        for number in (1, 2, 5):
            connection.exec_driver_sql(
                "INSERT INTO activity (number, at, actor, district_id, action, detail) VALUES "
                f"({number}, '2026-11-03T14:05:00.000000+00:00', 'Zoë', 'd1', 'load-roster', '{{\"n\": {number}}}')"
            )
    database.close()
    store = open_store(database_url)
    store.activity.add(NOW, "dana", "d1", "load-roster")
    told = [(entry.number, entry.detail.get("n")) for entry in store.activity.list()]
    assert told == [(4, None), (3, 5), (2, 2), (1, 1)]
    assert store.activity.verify() == []
    with pytest.raises(ServiceError, match="only added to"), store._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM activity")
    store.close()
