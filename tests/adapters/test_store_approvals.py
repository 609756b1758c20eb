"""Approvals by a second person, as the store keeps them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from roster_core.adapters.store import Store
from roster_core.adapters.store.notes import ERASED
from roster_core.errors import InputError, Refusal
from roster_core.rules import RuleSet
from tests.adapters.committing import a_plan, a_receipt

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ADA, BO = "ada@example.org", "bo@example.org"


def test_a_plan_is_asked_for_once_and_approved_once(store: Store) -> None:
    """Asking again changes nothing; the answer is kept with its reason; a second answer is refused."""
    asked = store.approvals.ask("d1", "aa", author=ADA, actor=ADA, now=NOW)
    assert store.approvals.ask("d1", "aa", author=BO, actor=BO, now=NOW + timedelta(hours=1)) == asked
    assert store.approvals.waiting("d1") == [asked]
    given = store.approvals.approve("d1", "aa", actor=BO, reason=" Right ", now=NOW)
    assert (given.asked_by, given.approved_by, given.reason) == (ADA, BO, "Right")
    assert store.approvals.get("d1", "aa") == given and store.approvals.waiting("d1") == []
    with pytest.raises(Refusal, match="bo@example.org approved this plan already"):
        store.approvals.approve("d1", "aa", actor=ADA, reason="Too", now=NOW)


def test_an_approval_needs_a_question_and_a_reason(store: Store) -> None:
    """Nothing is approved that nobody asked for, nor without a word."""
    with pytest.raises(InputError, match="Nobody asked"):
        store.approvals.approve("d1", "aa", actor=BO, reason="Right", now=NOW)
    store.approvals.ask("d1", "aa", author=ADA, actor=ADA, now=NOW)
    with pytest.raises(InputError, match="needs a reason"):
        store.approvals.approve("d1", "aa", actor=BO, reason="  ", now=NOW)


def test_reasons_are_erasable_and_never_in_the_log(store: Store) -> None:
    """The log names plan and people; purge and the district's deletion take the reason away."""
    for district in ("d1", "d2"):
        store.districts.save(district, name="Elm", source="file", now=NOW)
        store.approvals.ask(district, "aa", author=ADA, actor=ADA, now=NOW)
        store.approvals.approve(district, "aa", actor=BO, reason="Secret words", now=NOW)
    assert "Secret" not in str(store.activity.list())
    store.districts.delete("d1", actor=ADA, now=NOW)
    assert store.approvals.get("d1", "aa") is None and store.approvals.get("d2", "aa") is not None
    store.purge(NOW + timedelta(days=1), actor=ADA, now=NOW)
    assert store.approvals.get("d2", "aa") is None


def test_the_author_of_rules_is_who_changed_them_and_not_who_kept_them(store: Store) -> None:
    """The editor of the draft that is these rules, else who saved them; keeping a draft as it stands is no change."""
    rules, other = RuleSet(name="One").to_json(), RuleSet(name="Two")
    assert store.rule_sets.author_of("d1", rules) == store.rule_sets.last_author("d1") == ""
    store.rule_sets.save_draft("d1", rules, expected_revision=0, actor=ADA, now=NOW)
    store.rule_sets.save_draft("d1", rules, expected_revision=1, actor=BO, now=NOW)
    store.rule_sets.save("d1", RuleSet(name="One"), expected_version=0, actor=BO, now=NOW)
    assert store.rule_sets.author_of("d1", rules) == store.rule_sets.last_author("d1") == ADA
    store.rule_sets.save_draft("d1", other.to_json(), expected_revision=2, actor=BO, now=NOW)
    assert store.rule_sets.author_of("d1", rules) == BO
    assert store.rule_sets.last_author("d1") == BO
    store.rule_sets.save("d1", other, expected_version=1, actor=ADA, now=NOW)
    store.rule_sets.save_draft("d1", RuleSet(name="Three").to_json(), expected_revision=3, actor=ADA, now=NOW)
    assert store.rule_sets.author_of("d1", rules) == "", "whoever goes back to an earlier version makes a change"
    assert store.rule_sets.author_of("d1", other.to_json()) == ADA


def test_a_reason_is_one_note_for_the_approval_and_the_receipt(store: Store) -> None:
    """Its words can be erased in both at once; the log holds the same hash for both, and no word."""
    plan = a_plan(store)
    store.approvals.ask("d1", plan.digest, author=ADA, actor=ADA, now=NOW)
    given = store.approvals.approve("d1", plan.digest, actor=BO, reason="Ms Ito moved", now=NOW)
    receipt = replace(a_receipt(plan), approval=given.reason)
    assert store.ledger.commit(plan, receipt) == store.ledger.receipt(receipt.receipt_id) == receipt
    (note,) = store.notes.list("d1")
    told = [entry.detail["approval_hash"] for entry in store.activity.list("d1") if "approval_hash" in entry.detail]
    assert told == [note.hash, note.hash] and "Ito" not in str(store.activity.list())
    store.notes.erase(note.id, actor=ADA, now=NOW)
    assert store.approvals.get("d1", plan.digest).reason == store.ledger.receipt(receipt.receipt_id).approval == ERASED
