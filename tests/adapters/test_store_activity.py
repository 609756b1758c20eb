"""The activity log is only added to, and districts leave nothing but their entries there."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from roster_core.adapters.store import Store
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
