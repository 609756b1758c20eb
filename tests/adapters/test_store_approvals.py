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
    asked = store.approvals.ask("d1", "aa", authors=(ADA,), actor=ADA, now=NOW)
    assert store.approvals.ask("d1", "aa", authors=(BO,), actor=BO, now=NOW + timedelta(hours=1)) == asked
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
    store.approvals.ask("d1", "aa", authors=(ADA,), actor=ADA, now=NOW)
    with pytest.raises(InputError, match="needs a reason"):
        store.approvals.approve("d1", "aa", actor=BO, reason="  ", now=NOW)


def test_reasons_are_erasable_and_never_in_the_log(store: Store) -> None:
    """The log names plan and people; purge and the district's deletion take the reason away."""
    for district in ("d1", "d2"):
        store.districts.save(district, name="Elm", source="file", now=NOW)
        store.approvals.ask(district, "aa", authors=(ADA,), actor=ADA, now=NOW)
        store.approvals.approve(district, "aa", actor=BO, reason="Secret words", now=NOW)
    assert "Secret" not in str(store.activity.list())
    store.districts.delete("d1", actor=ADA, now=NOW)
    assert store.approvals.get("d1", "aa") is None and store.approvals.get("d2", "aa") is not None
    store.purge(NOW + timedelta(days=1), actor=ADA, now=NOW)
    assert store.approvals.get("d2", "aa") is None


def edit(store: Store, name: str, actor: str) -> None:
    """Somebody's change of the draft, to rules of that name."""
    held = store.rule_sets.draft("d1")
    store.rule_sets.save_draft(
        "d1", RuleSet(name=name).to_json(), expected_revision=held.revision if held else 0, actor=actor, now=NOW
    )


def save(store: Store, name: str, actor: str) -> None:
    """Somebody's click on Save."""
    held = store.rule_sets.get("d1")
    version = held.version if held else 0
    store.rule_sets.save("d1", RuleSet(name=name), expected_version=version, actor=actor, now=NOW)


def authors(store: Store, name: str) -> tuple[str, ...]:
    """Who changed rules so that they are those of that name."""
    return store.rule_sets.authors_of("d1", RuleSet(name=name).to_json())


def test_the_authors_of_rules_are_all_who_changed_them_and_nobody_who_kept_them(store: Store) -> None:
    """Everybody who edited the draft since the version before; keeping or saving it as it stands is no change."""
    assert authors(store, "One") == store.rule_sets.last_authors("d1") == ()
    edit(store, "One", ADA)
    edit(store, "One", BO)
    assert authors(store, "One") == (ADA,)
    save(store, "One", BO)
    assert authors(store, "One") == store.rule_sets.last_authors("d1") == (ADA,)
    edit(store, "Two", BO)
    edit(store, "Three", ADA)
    edit(store, "Four", BO)
    assert authors(store, "Four") == store.rule_sets.last_authors("d1") == (BO, ADA)
    save(store, "Four", "chi@example.org")
    assert authors(store, "Four") == (BO, ADA), "who saves what others made is none of its authors"
    edit(store, "Five", ADA)
    assert (authors(store, "Five"), authors(store, "Four")) == ((ADA,), (BO, ADA)), "a new version begins anew"
    assert authors(store, "One") == (), "whoever goes back to an earlier version makes a change"


def test_a_version_saved_by_a_colleague_does_not_free_its_author(store: Store) -> None:
    """Bo only saved what Ada made, and Ada went on: a plan under the saved rules, or a restore, still is Ada's."""
    edit(store, "One", ADA)
    save(store, "One", BO)
    edit(store, "Two", ADA)
    plan = a_plan(store, rule_set=RuleSet(name="One"))
    assert store.approvals.authors_for(plan) == (ADA,)
    assert store.approvals.authors_for(replace(plan, kind="restore")) == (ADA,)


def test_undoing_to_what_is_saved_is_the_saved_version(store: Store) -> None:
    """Who edited and took it back has changed nothing."""
    edit(store, "One", ADA)
    save(store, "One", ADA)
    edit(store, "Two", BO)
    edit(store, "One", BO)
    assert authors(store, "One") == store.rule_sets.last_authors("d1") == (ADA,)
    edit(store, "Three", BO)
    assert authors(store, "Three") == (BO,)


def test_a_reason_is_one_note_for_the_approval_and_the_receipt(store: Store) -> None:
    """Its words can be erased in both at once; the log holds the same hash for both, and no word."""
    plan = a_plan(store)
    store.approvals.ask("d1", plan.digest, authors=(ADA,), actor=ADA, now=NOW)
    given = store.approvals.approve("d1", plan.digest, actor=BO, reason="Ms Ito moved", now=NOW)
    receipt = replace(a_receipt(plan), approval=given.reason)
    assert store.ledger.commit(plan, receipt) == store.ledger.receipt(receipt.receipt_id) == receipt
    (note,) = store.notes.list("d1")
    told = [entry.detail["approval_hash"] for entry in store.activity.list("d1") if "approval_hash" in entry.detail]
    assert told == [note.hash, note.hash] and "Ito" not in str(store.activity.list())
    store.notes.erase(note.id, actor=ADA, now=NOW)
    assert store.approvals.get("d1", plan.digest).reason == store.ledger.receipt(receipt.receipt_id).approval == ERASED
