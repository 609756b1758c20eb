"""Receipts never change, one roster is in force, and of two people only one wins."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from pandas.testing import assert_frame_equal

from roster_core.adapters.store import Store, open_store
from roster_core.errors import InputError, Refusal, ServiceError
from roster_core.plan import ROW_COLUMNS
from roster_core.rules import RuleSet
from tests.adapters.committing import HOMEROOMS, NOW, a_plan, a_receipt, outcomes_of


def _commit(store: Store, **wanted: object) -> str:
    plan = a_plan(store, **wanted)
    return store.ledger.commit(plan, a_receipt(plan)).receipt_id


def _all_rows(store: Store) -> int:
    with store._database.read() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM rostered_rows").scalar_one()


def test_a_committed_plan_is_current_with_all_its_rows(store: Store) -> None:
    """After a commit the rows, the rules and the receipt read back exactly as they were planned."""
    assert store.ledger.current("d1", "embedded") is None
    plan = a_plan(store)
    receipt = store.ledger.commit(plan, a_receipt(plan))
    current = store.ledger.current("d1", "embedded")
    planned = plan.rows[list(ROW_COLUMNS)].sort_values("student_id", ignore_index=True)
    assert len(planned) > 20
    assert_frame_equal(current.rows, planned)
    assert_frame_equal(store.ledger.rows(receipt.receipt_id), planned)
    assert (current.receipt_id, current.rule_set_json) == (receipt.receipt_id, plan.rule_set_json)
    assert (current.digest, current.fingerprint) == (plan.digest, plan.fingerprint)
    assert current.district_name == plan.district_name
    assert_frame_equal(store.ledger.committed(receipt.receipt_id).rows, planned)
    assert store.ledger.receipt(receipt.receipt_id) == receipt == a_receipt(plan)
    assert store.ledger.receipt_for("d1", "embedded", plan.digest) == receipt
    assert store.ledger.receipt("other") is None
    assert store.ledger.receipt_for("d1", "embedded", "other") is None


def test_the_same_plan_again_gives_the_receipt_that_exists(store: Store) -> None:
    """A commit sent twice is answered with the first receipt, and nothing is written."""
    plan = a_plan(store)
    first = store.ledger.commit(plan, a_receipt(plan))
    rows = _all_rows(store)
    again = store.ledger.commit(plan, a_receipt(plan, by="lee", now=NOW + timedelta(hours=1)))
    assert again == first
    assert _all_rows(store) == rows
    assert len(store.activity.list("d1")) == 1


def test_a_plan_made_against_an_older_roster_is_refused(store: Store) -> None:
    """When another roster came into force after the plan was made, it stays and the plan is refused."""
    stale = a_plan(store, seed=1)
    winner = _commit(store, seed=2)
    with pytest.raises(Refusal) as caught:
        store.ledger.commit(stale, a_receipt(stale, by="lee"))
    assert f"dana committed another roster at 2026-11-03 14:05 UTC, after this plan was made. Receipt {winner}" in str(
        caught.value
    )
    assert store.ledger.current("d1", "embedded").receipt_id == winner
    assert len(store.ledger.receipts()) == 1


def test_a_plan_against_a_deleted_roster_is_refused(store: Store) -> None:
    """A plan made before the district was deleted brings nothing back."""
    _commit(store, seed=1)
    stale = a_plan(store, seed=2)
    store.districts.delete("d1", actor="lee", now=NOW)
    assert _all_rows(store) == 0
    with pytest.raises(Refusal, match="deleted meanwhile"):
        store.ledger.commit(stale, a_receipt(stale))
    assert store.ledger.receipts() == []


def test_of_two_people_committing_at_once_exactly_one_wins(store: Store) -> None:
    """Two different plans at one moment leave one receipt and one refusal, through one store or two."""
    plans = [a_plan(store, seed=seed) for seed in (1, 2)]
    outcomes = outcomes_of(*(lambda plan=plan: store.ledger.commit(plan, a_receipt(plan)) for plan in plans))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Receipt", "Refusal"]
    (receipt,) = store.ledger.receipts()
    assert receipt in outcomes
    current = store.ledger.current("d1", "embedded")
    assert (current.receipt_id, len(current.rows)) == (receipt.receipt_id, receipt.students)


def test_the_same_plan_from_two_programs_gives_both_one_receipt(store: Store, database_url: str) -> None:
    """Two programs that commit one plan at the same moment get the very same receipt."""
    other = open_store(database_url)
    plan = a_plan(store)
    mine, theirs = outcomes_of(
        lambda: store.ledger.commit(plan, a_receipt(plan, by="dana")),
        lambda: other.ledger.commit(plan, a_receipt(plan, by="lee")),
    )
    other.close()
    assert mine == theirs == store.ledger.receipts()[0]
    assert _all_rows(store) == mine.students


def test_each_district_and_target_has_its_own_current_roster(store: Store) -> None:
    """A commit changes what is in force for its own district and target only; receipts list newest first."""
    first = _commit(store, district_id="d1")
    second = _commit(store, district_id="d2", seed=2)
    third = _commit(store, district_id="d1", seed=3)
    elsewhere = dataclasses.replace(a_plan(store, district_id="d3"), target="http")
    store.ledger.commit(elsewhere, a_receipt(elsewhere))
    assert store.ledger.current("d1", "embedded").receipt_id == third
    assert store.ledger.current("d2", "embedded").receipt_id == second
    assert store.ledger.current("d3", "embedded") is None
    assert [receipt.receipt_id for receipt in store.ledger.receipts("d1")] == [third, first]
    assert len(store.ledger.receipts()) == 4
    assert [receipt.receipt_id for receipt in store.ledger.current_receipts()][1:] == [third, second]
    assert [receipt.receipt_id for receipt in store.ledger.current_receipts("d1")] == [third]
    assert store.ledger.receipt(third).previous_receipt_id == first


def test_an_equal_roster_under_other_rules_keeps_both_receipts(store: Store) -> None:
    """Going back to what was current before is a change like any other, with a receipt of its own."""
    rules = [HOMEROOMS, dataclasses.replace(HOMEROOMS, name="Other")]
    ids = [_commit(store, rule_set=rule_set) for rule_set in (*rules, rules[0])]
    assert len(set(ids)) == 3
    assert store.ledger.current("d1", "embedded").receipt_id == ids[2]


def test_a_roster_without_students_can_be_current(store: Store) -> None:
    """An empty plan is committed and reads back as an empty roster, not as a purged one."""
    plan = a_plan(store)
    empty = dataclasses.replace(plan, rows=plan.rows[:0])
    store.ledger.commit(empty, a_receipt(empty))
    current = store.ledger.current("d1", "embedded")
    assert len(current.rows) == 0
    assert tuple(current.rows.columns) == ROW_COLUMNS


def test_two_rows_of_one_student_are_never_stored(store: Store) -> None:
    """The database itself refuses a roster in which a student stands twice, and keeps nothing of it."""
    plan = a_plan(store)
    doubled = dataclasses.replace(plan, rows=plan.rows.iloc[[0, 1, 2, 2]])
    with pytest.raises(ServiceError) as caught:
        store.ledger.commit(doubled, a_receipt(doubled))
    for name in ("first_name", "last_name", "birthdate"):
        assert plan.rows[name].iloc[2] not in str(caught.value)
    assert store.ledger.receipts() == []
    assert store.activity.list() == []


@pytest.mark.parametrize("cell", [None, "Ada\x00"])
def test_a_cell_no_database_can_keep_is_refused_before_anything(store: Store, cell: str | None) -> None:
    """A missing cell or a NUL character is named by its column, not by its row, and nothing is committed."""
    plan = a_plan(store)
    rows = plan.rows.copy()
    rows.loc[3, "first_name"] = cell
    broken = dataclasses.replace(plan, rows=rows)
    with pytest.raises(InputError, match="'first_name'"):
        store.ledger.commit(broken, a_receipt(broken))
    assert store.ledger.receipts() == []


@pytest.mark.parametrize("change", ["UPDATE receipts SET students = 1", "UPDATE receipts SET approval = 'me'"])
def test_the_database_itself_refuses_to_change_a_receipt(store: Store, change: str) -> None:
    """A receipt stays as it was written, whoever writes to the database."""
    _commit(store)
    with pytest.raises(ServiceError, match="never changes"), store._database.write() as connection:
        connection.exec_driver_sql(change)


def test_rows_that_were_lost_are_not_passed_off_as_a_roster(store: Store) -> None:
    """When rows of a committed roster are missing, reading it fails with the counts and says to restore a backup."""
    receipt_id = _commit(store)
    with store._database.write() as connection:
        connection.exec_driver_sql(
            "DELETE FROM rostered_rows WHERE student_id = (SELECT min(student_id) FROM rostered_rows)"
        )
    with pytest.raises(ServiceError, match="backup"):
        store.ledger.rows(receipt_id)
    with pytest.raises(InputError, match="no receipt 'other'"):
        store.ledger.rows("other")


def test_a_commit_records_itself_without_personal_data(store: Store) -> None:
    """Each commit is in the activity log with counts and ids only: no name, no rule, no reason."""
    plan = a_plan(store)
    store.ledger.commit(plan, dataclasses.replace(a_receipt(plan), approval="Dana asked Ms Ito"))
    (entry,) = store.activity.list("d1")
    assert (entry.at, entry.actor, entry.action) == (NOW, "dana", "commit")
    assert entry.detail["digest"] == plan.digest
    assert entry.detail["students"] == len(plan.rows)
    assert entry.detail["fingerprint"] == plan.fingerprint
    assert entry.detail["rules_version"] == 0
    assert "Ito" not in str(entry.detail)


def test_a_commit_names_the_saved_version_of_its_rules(store: Store) -> None:
    """A commit says in the log under which saved version of the rules it was made, and on which roster."""
    plan = a_plan(store)
    saved = RuleSet.from_json(plan.rule_set_json)
    store.rule_sets.save("d1", saved, expected_version=0, actor="dana", now=NOW)
    store.ledger.commit(plan, a_receipt(plan))
    commit, save = store.activity.list("d1")
    assert commit.detail["rules_version"] == save.detail["version"] == 1
    assert commit.detail["rules_hash"] == save.detail["rules_hash"]


def test_a_purge_takes_what_is_old_and_leaves_what_is_in_force(store: Store) -> None:
    """Old rosters and replaced rows go, receipts and current rows stay, and the log says how much went."""
    old, new = NOW - timedelta(days=400), NOW
    ids = []
    for seed, moment in ((1, old), (2, old), (3, new), (4, old)):
        plan = a_plan(store, seed=seed, district_id="d2" if seed == 4 else "d1")
        ids.append(store.ledger.commit(plan, a_receipt(plan, now=moment)).receipt_id)
    purged = store.purge(NOW - timedelta(days=365), actor="lee", now=NOW)
    assert (purged.receipts, purged.rosters) == (2, 0)
    assert purged.rows == sum(store.ledger.receipt(receipt_id).students for receipt_id in ids[:2])
    for receipt_id in ids[:2]:
        with pytest.raises(InputError, match="were purged, so it cannot be shown or restored"):
            store.ledger.rows(receipt_id)
    assert len(store.ledger.rows(ids[2])) == store.ledger.receipt(ids[2]).students
    assert len(store.ledger.current("d2", "embedded").rows) == store.ledger.receipt(ids[3]).students
    entry = store.activity.list()[0]
    assert (entry.action, entry.actor, entry.detail["rows"]) == ("purge", "lee", purged.rows)
    assert store.purge(NOW - timedelta(days=365), actor="lee", now=NOW).receipts == 0


def test_what_is_in_force_elsewhere_is_followed(store: Store) -> None:
    """Receipt and rows are recorded once; an answer that is out of date by now changes nothing in force."""
    first, second = a_plan(store, seed=1), a_plan(store, seed=2)
    ledger, receipts = store.ledger, [a_receipt(first), a_receipt(second)]
    for _ in range(2):
        ledger.follow(receipts[0], first.rows, instead_of="")
    ledger.follow(receipts[1], second.rows, instead_of="R-nobody")
    assert ledger.current_receipts("d1") == [receipts[0]] and ledger.receipts("d1") == receipts[::-1]
    ledger.follow(receipts[1], second.rows, instead_of=receipts[0].receipt_id)
    assert ledger.current("d1", "embedded").receipt_id == receipts[1].receipt_id
    assert len(ledger.rows(receipts[0].receipt_id)) == receipts[0].students


def test_what_was_replaced_elsewhere_joins_the_history(store: Store) -> None:
    """It is kept once and does not come into force; a withdrawal leaves receipts and rows."""
    first, second = a_plan(store, seed=1), a_plan(store, seed=2)
    ledger, receipts = store.ledger, [a_receipt(first), a_receipt(second)]
    ledger.follow(receipts[1], second.rows, instead_of="")
    for _ in range(2):
        ledger.keep(receipts[0], first.rows)
    assert ledger.current_receipts("d1") == [receipts[1]] and len(ledger.receipts("d1")) == 2
    ledger.withdraw("d1", "embedded")
    assert ledger.current("d1", "embedded") is None and len(ledger.receipts("d1")) == 2
    assert len(ledger.rows(receipts[1].receipt_id)) == receipts[1].students
