"""How long things are held, and that a deleted district leaves nothing but its entries in the log."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from roster_core.adapters.store import Store, open_store
from roster_core.adapters.store.database import Database
from roster_core.adapters.store.migrations import run_migrations
from roster_core.adapters.store.notes import ERASED
from roster_core.adapters.store.retention import RETENTION, STAYS, of_district
from roster_core.adapters.store.roster_parts import read_part
from roster_core.adapters.store.schema import metadata, notes, receipts, rosters
from roster_core.errors import InputError, ServiceError
from roster_core.roster import District, Roster
from roster_core.rules import Pin, RuleSet
from tests.adapters.committing import HOMEROOMS, NOW, a_note, a_plan, a_receipt
from tests.builders import district

MARK = "Zebulonia"


def marked(district_id: str = "d1") -> Roster:
    """The small clean district with one child whose name stands nowhere else."""
    return dataclasses.replace(
        district(changed={"u1": {"first_name": MARK, "student_number": f"{MARK}-7"}}), district=District(id=district_id)
    )


def proves(store: Store, note_id: str, text: str) -> bool:
    """Whether the hash of a note is that of this text, worked out as docs/data.md says."""
    with store._database.read() as connection:
        row = connection.execute(select(notes).where(notes.c.id == note_id)).one()
    return hashlib.sha256(bytes.fromhex(row.salt) + text.encode()).hexdigest() == row.hash


def fill(store: Store, district_id: str = "d1") -> None:
    """A district with a roster, rules, a pin, notes, an approved commit and everything else a table is for."""
    store.districts.save(district_id, name="Elm", source="file", now=NOW)
    store.rosters.save(marked(district_id))
    rules = dataclasses.replace(HOMEROOMS, pins=(Pin("u1", "h1", reason=f"{MARK} moved"),))
    store.rule_sets.save(district_id, rules, expected_version=0, actor="dana", now=NOW)
    store.rule_sets.save_draft(district_id, rules.to_json(), expected_revision=0, actor="dana", now=NOW)
    plan = a_plan(store, district_id=district_id, rule_set=rules)
    plan = dataclasses.replace(plan, rows=plan.rows.assign(first_name=MARK))
    store.ledger.commit(plan, dataclasses.replace(a_receipt(plan), approval=f"{MARK}'s mother asked"))
    a_note(store, f"Called about {MARK}", district_id)


def test_every_table_has_its_line() -> None:
    """A table nobody decided about is an error: what the purge does with it, and whether a deletion takes it."""
    tables = set(metadata.tables)
    assert set(RETENTION) == tables, "add the new table to RETENTION in adapters/store/retention.py"
    without = {name for name, table in metadata.tables.items() if of_district(table, "d1") is None}
    assert without <= set(STAYS), "give the table a district_id, or a reason in STAYS"
    assert set(STAYS) <= tables


def test_a_deleted_district_is_in_no_table_but_the_log(store: Store) -> None:
    """After a deletion no row of any table is of the district, and the other district is whole."""
    for district_id in ("d1", "d2"):
        fill(store, district_id)
    others = rows_of(store, "d2")
    store.districts.delete("d1", actor="lee", now=NOW)
    assert not rows_of(store, "d1")
    assert rows_of(store, "d2") == others
    newest = store.activity.list("d1", limit=1)[0]
    assert (newest.action, newest.actor) == ("delete-district", "lee")
    assert newest.detail == {"rosters": 1, "receipts": 1, "notes": 2}
    assert store.activity.verify() == []
    with pytest.raises(InputError, match="nothing of a district 'd1'"):
        store.districts.delete("d1", actor="lee", now=NOW)


def rows_of(store: Store, district_id: str) -> dict[str, int]:
    """How many rows each table, but those that stay, holds of a district."""
    counts = {}
    with store._database.read() as connection:
        for name, table in metadata.tables.items():
            own = of_district(table, district_id)
            if own is not None and name not in STAYS:
                counts[name] = len(connection.execute(select(table).where(own)).all())
    return {name: count for name, count in counts.items() if count}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_deleted_child_is_in_no_byte_of_the_database(database_url: str) -> None:
    """The name stands in the SQLite files before the deletion, and in none of their bytes after it."""
    file = Path(database_url.removeprefix("sqlite:///"))
    store = open_store(database_url)
    for district_id in ("d1", "d2", "d3"):
        fill(store, district_id)
    assert MARK.encode() in bytes_of(file)
    for district_id in ("d2", "d1", "d3"):
        store.districts.delete(district_id, actor="lee", now=NOW)
    assert MARK.encode() not in bytes_of(file)
    store.close()
    assert MARK.encode() not in bytes_of(file)


def bytes_of(file: Path) -> bytes:
    """The database with its log and index files."""
    return b"".join(part.read_bytes() for part in sorted(file.parent.iterdir()))


def test_no_word_of_a_note_or_name_is_in_the_log(store: Store) -> None:
    """Whatever was typed or loaded, the log holds ids, counts and hashes."""
    fill(store)
    store.purge(NOW + timedelta(days=1), actor="dana", now=NOW)
    store.districts.delete("d1", actor="lee", now=NOW)
    assert MARK not in str(store.activity.list(limit=None))


def test_a_purge_says_in_each_district_what_went(store: Store) -> None:
    """The log holds, for each district, which rosters were deleted and whose rows; and what went altogether."""
    for district_id in ("d1", "d2"):
        store.rosters.save(dataclasses.replace(marked(district_id), fetched_at=NOW - timedelta(days=400)))
    receipts = []
    for seed in (1, 2):
        plan = a_plan(store, seed=seed)
        receipts.append(store.ledger.commit(plan, a_receipt(plan, now=NOW - timedelta(days=400))))
    store.purge(NOW - timedelta(days=365), actor="lee", now=NOW)
    (entry,) = [each for each in store.activity.list("d1") if each.action == "purge-district"]
    assert entry.detail["fingerprints"] == [marked().fingerprint]
    assert entry.detail["receipt_ids"] == [receipts[0].receipt_id]
    assert (entry.detail["rosters"], entry.detail["receipts"], entry.detail["rows"]) == (1, 1, receipts[0].students)
    assert store.activity.list(limit=1)[0].detail["rosters"] == 2


def test_old_notes_are_erased_but_not_why_what_is_in_force_was_approved(store: Store) -> None:
    """The purge takes the words of old notes; the reason of the commit in force stays, and new notes do."""
    fill(store)
    later = NOW + timedelta(days=1)
    young = a_note(store, "Young", now=later)
    purged = store.purge(later, actor="lee", now=later)
    texts = [note.text for note in store.notes.list("d1")]
    assert purged.notes == 1
    assert sorted(texts) == sorted([ERASED, f"{MARK}'s mother asked", young.text])


def test_a_purge_reduces_what_an_earlier_version_stored_whole(store: Store) -> None:
    """A roster stored before its scope was known, or by an earlier version, is reduced by the next purge."""
    store.rosters.save(marked())
    rules = RuleSet(assessed_grades=("2",))
    with store._database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO rule_set_versions (district_id, version, rule_set_json, saved_at, saved_by) VALUES "
            f"('d1', 1, '{rules.to_json()}', '{NOW.isoformat()}', 'dana')"
        )
    assert store.purge(NOW - timedelta(days=365), actor="lee", now=NOW).reduced == 4
    with store._database.read() as connection:
        stored = read_part(connection, connection.execute(select(rosters.c.id)).scalar_one(), "students")
    assert MARK not in stored.to_csv()


def test_a_receipt_from_before_notes_keeps_its_reason(database_url: str) -> None:
    """The migration moves the reason into a note; the receipt tells the same, and can still not be changed."""
    database = Database(database_url)
    with database.write() as connection:
        run_migrations(connection, "0007")
        cells = {column.name: "x" for column in receipts.c} | dict.fromkeys(COUNTS, 1)
        cells |= {"committed_at": NOW.isoformat(), "approval": "Ms Ito asked", "district_id": "d1"}
        connection.execute(insert(receipts).values(**cells))
    database.close()
    store = open_store(database_url)
    (receipt,), (note,) = store.ledger.receipts("d1"), store.notes.list("d1")
    assert receipt.approval == note.text == "Ms Ito asked"
    assert proves(store, note.id, "Ms Ito asked")
    with store._database.read() as connection:
        assert connection.execute(select(receipts.c.approval)).scalar_one() == note.id
    with pytest.raises(ServiceError, match="never changes"), store._database.write() as connection:
        connection.exec_driver_sql("UPDATE receipts SET approval = ''")
    store.close()


COUNTS = ("number", "students", "added", "moved", "updated", "removed")


def test_an_erased_note_proves_nothing(store: Store) -> None:
    """Text and salt are gone, the hash stays as the log has it; the erasing is recorded, and once."""
    note = a_note(store, "Called Ms Ito")
    assert not note.erased
    assert proves(store, note.id, "Called Ms Ito") and not proves(store, note.id, "Called Mr Ito")
    for _ in range(2):
        store.notes.erase(note.id, actor="lee", now=NOW)
    (left,) = store.notes.list("d1")
    assert (left.text, left.hash, left.erased) == (ERASED, note.hash, True)
    assert not proves(store, note.id, "Called Ms Ito")
    assert [(each.action, each.detail) for each in store.activity.list()] == [("erase-note", {"note_hash": note.hash})]
    with pytest.raises(InputError, match='no note "N-none"'):
        store.notes.erase("N-none", actor="lee", now=NOW)


def test_an_approval_can_be_erased(store: Store) -> None:
    """The receipt then says that there was a reason; the log still holds the hash of it."""
    fill(store)
    note = next(note for note in store.notes.list("d1") if "mother" in note.text)
    store.notes.erase(note.id, actor="lee", now=NOW)
    assert store.ledger.receipts("d1")[0].approval == ERASED
    commit = next(entry for entry in store.activity.list("d1") if entry.action == "commit")
    assert commit.detail["approval_hash"] == note.hash
