"""Rosters in the store come back as they were, or not at all."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from pandas.testing import assert_frame_equal

from roster_core.adapters.store import Store, columns
from roster_core.assembly import load_findings
from roster_core.errors import InputError, ServiceError
from roster_core.roster import FRAMES, District, Roster
from roster_core.sample import sample_district
from tests.builders import district

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)


def _roster(district_id: str = "d1", *, students: int = 300, seed: int = 7, fetched_at: datetime = NOW) -> Roster:
    made = sample_district(students, seed)
    told = District(id=district_id, name="Elm", state="success", error="late", last_sync="2026-11-02T00:00:00Z")
    findings = load_findings("repeated-enrollment", "warning", "enrollments.csv", [7], ["S1"], ["Twice."])
    return dataclasses.replace(made, district=told, fetched_at=fetched_at, findings=findings)


def _run(store: Store, statement: str) -> None:
    with store._database.write() as connection:
        connection.exec_driver_sql(statement)


def test_a_roster_comes_back_as_it_was_saved(store: Store) -> None:
    """Every frame, code, finding and word about the district survives the store, and so does the fingerprint."""
    saved = _roster()
    info = store.rosters.save(saved)
    loaded = store.rosters.load(saved.fingerprint, "d1")
    for name in (*FRAMES, "findings"):
        assert_frame_equal(getattr(loaded, name), getattr(saved, name))
    assert (loaded.enrollments.student == saved.enrollments.student).all()
    assert (loaded.enrollments.section == saved.enrollments.section).all()
    assert loaded.enrollments.student.dtype == "int32"
    assert not loaded.enrollments.student.flags.writeable
    assert (loaded.district, loaded.source, loaded.fetched_at) == (saved.district, saved.source, saved.fetched_at)
    assert loaded.fingerprint == saved.fingerprint == info.fingerprint
    assert (info.students, info.enrollments, info.findings) == (300, len(saved.enrollments), 1)


def test_an_empty_roster_comes_back_empty(store: Store) -> None:
    """A roster without a single row in any frame is stored and loaded like any other."""
    full = _roster()
    empty = dataclasses.replace(
        full,
        enrollments=dataclasses.replace(
            full.enrollments, student=full.enrollments.student[:0], section=full.enrollments.section[:0]
        ),
        findings=full.findings[:0],
        **{name: getattr(full, name)[:0].reset_index(drop=True) for name in FRAMES},
    )
    store.rosters.save(empty)
    loaded = store.rosters.load(empty.fingerprint, "d1")
    assert_frame_equal(loaded.students, empty.students)
    assert len(loaded.enrollments) == 0


def test_a_large_roster_is_kept_in_several_chunks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stored piece is larger than the chunk size, and the pieces make the same roster."""
    monkeypatch.setattr(columns, "CHUNK_BYTES", 1000)
    saved = _roster()
    info = store.rosters.save(saved)
    with store._database.read() as connection:
        sizes = connection.exec_driver_sql("SELECT length(data) FROM roster_chunks").scalars().all()
    assert max(sizes) == 1000
    assert sum(sizes) == info.size
    assert store.rosters.load(saved.fingerprint, "d1").fingerprint == saved.fingerprint


def test_the_same_data_again_renews_only_what_was_said_about_it(store: Store) -> None:
    """Saving an equal roster later renews the fetch time, the district's words and the findings, not the tables."""
    first = _roster()
    store.rosters.save(first)
    again = dataclasses.replace(
        first,
        fetched_at=NOW + timedelta(days=1),
        district=dataclasses.replace(first.district, error=""),
        findings=first.findings[:0],
    )
    info = store.rosters.save(again)
    (listed,) = store.rosters.list()
    assert listed == info
    assert info.fetched_at == NOW + timedelta(days=1)
    loaded = store.rosters.load(first.fingerprint, "d1")
    assert loaded.district.error == ""
    assert len(loaded.findings) == 0
    with store._database.read() as connection:
        stored = connection.exec_driver_sql("SELECT sum(length(data)) FROM roster_chunks").scalar_one()
    assert stored == info.size


def test_it_says_when_a_section_was_first_seen(store: Store) -> None:
    """Of several rosters of a district the earliest that has a section gives its date; unknown sections have none."""
    later = NOW + timedelta(days=3)
    added = {"sections": [{"section_id": "h9", "section_name": "Homeroom 9", "school_id": "A"}]}
    store.rosters.save(district(fetched_at=NOW))
    store.rosters.save(district(added=added, fetched_at=later))
    assert store.rosters.first_seen("d1", ("h1", "h9", "nowhere")) == {"h1": NOW, "h9": later}
    assert store.rosters.first_seen("nobody", ("h1",)) == {}


def test_the_latest_roster_is_the_one_saved_last(store: Store) -> None:
    """Loading an older file again makes it the latest, whatever its date."""
    old = _roster(seed=1, fetched_at=NOW - timedelta(days=9))
    new = _roster(seed=2)
    for roster in (old, new, old):
        store.rosters.save(roster)
    assert store.rosters.latest("d1").fingerprint == old.fingerprint
    assert [info.fingerprint for info in store.rosters.history("d1")] == [old.fingerprint, new.fingerprint]
    other = _roster("d2")
    store.rosters.save(other)
    assert [info.district_id for info in store.rosters.list()] == ["d2", "d1"]
    assert store.rosters.list() == [store.rosters.latest("d2"), store.rosters.latest("d1")]
    assert store.rosters.latest("d3") is None


def test_equal_data_of_two_districts_is_two_rosters(store: Store) -> None:
    """A roster belongs to one district: the other cannot load it by its fingerprint."""
    store.rosters.save(_roster("d1"))
    with pytest.raises(InputError, match="not stored here"):
        store.rosters.load(_roster().fingerprint, "d2")
    store.rosters.save(_roster("d2"))
    assert store.rosters.load(_roster().fingerprint, "d2").district.id == "d2"


def test_a_roster_without_a_district_id_is_refused(store: Store) -> None:
    """A roster that names no district cannot be kept, and the message says how to name it."""
    with pytest.raises(InputError, match="--district"):
        store.rosters.save(_roster(""))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("UPDATE roster_chunks SET data = substr(data, 1, 40) WHERE part = 'students'", id="cut"),
        pytest.param("DELETE FROM roster_chunks WHERE part = 'enrollments'", id="missing"),
        pytest.param("UPDATE roster_chunks SET sha256 = 'x' WHERE part = 'findings'", id="changed"),
        pytest.param("UPDATE rosters SET fingerprint = 'f00d'", id="other-fingerprint"),
    ],
)
def test_a_damaged_roster_is_refused_with_one_message(store: Store, damage: str) -> None:
    """Whatever was changed in the database, a roster that is not the saved one is never opened."""
    saved = _roster()
    store.rosters.save(saved)
    _run(store, damage)
    fingerprint = store.rosters.latest("d1").fingerprint
    with pytest.raises(ServiceError, match="is damaged") as caught:
        store.rosters.load(fingerprint, "d1")
    assert "\n" not in str(caught.value)


def test_swapped_columns_of_another_roster_are_refused(store: Store) -> None:
    """Chunks that are whole but belong to another roster do not pass the fingerprint."""
    first, second = _roster(seed=1), _roster(seed=2)
    store.rosters.save(first)
    store.rosters.save(second)
    for column in ("data", "sha256"):
        _run(
            store,
            f"UPDATE roster_chunks SET {column} = (SELECT other.{column} FROM roster_chunks AS other "
            "WHERE other.roster_id = 2 AND other.part = 'students') WHERE part = 'students' AND roster_id = 1",
        )
    with pytest.raises(ServiceError, match="is damaged"):
        store.rosters.load(first.fingerprint, "d1")
