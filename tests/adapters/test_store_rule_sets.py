"""Rule sets and drafts: every version kept, nobody's unseen work overwritten."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from roster_core.adapters.store import Store
from roster_core.errors import Refusal
from roster_core.rules import Condition, Pin, Rule, RuleSet
from tests.adapters.committing import outcomes_of

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
HOMEROOM = RuleSet(name="Homeroom", rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),)),))
PINNED = HOMEROOM.with_pins(Pin("U1", "S1", reason="moved"))


def test_every_version_is_kept(store: Store) -> None:
    """Each save adds a version; any of them can be read again, pins included."""
    assert store.rule_sets.get("d1") is None
    assert store.rule_sets.save("d1", HOMEROOM, expected_version=0, actor="dana", now=NOW) == 1
    assert store.rule_sets.save("d1", PINNED, expected_version=1, actor="lee", now=LATER) == 2
    newest = store.rule_sets.get("d1")
    assert (newest.version, newest.rule_set, newest.saved_by, newest.saved_at) == (2, PINNED, "lee", LATER)
    assert store.rule_sets.get("d1", 1).rule_set == HOMEROOM
    assert store.rule_sets.get("d1", 3) is None
    assert [saved.version for saved in store.rule_sets.versions("d1")] == [2, 1]
    assert store.rule_sets.versions("d2") == []


def test_saving_unchanged_rules_makes_no_version(store: Store) -> None:
    """The newest rules saved once more keep their version and leave no second entry in the log."""
    store.rule_sets.save("d1", HOMEROOM, expected_version=0, actor="dana", now=NOW)
    assert store.rule_sets.save("d1", HOMEROOM, expected_version=1, actor="dana", now=LATER) == 1
    (entry,) = store.activity.list("d1")
    proof = hashlib.sha256(HOMEROOM.to_json().encode()).hexdigest()
    assert entry.detail == {"version": 1, "rules_hash": proof, "fingerprint": ""}


def test_a_version_nobody_has_seen_is_not_overwritten(store: Store) -> None:
    """A save based on an older version is refused, saying who saved what, when, and what to do."""
    store.rule_sets.save("d1", HOMEROOM, expected_version=0, actor="dana", now=NOW)
    with pytest.raises(Refusal) as caught:
        store.rule_sets.save("d1", PINNED, expected_version=0, actor="lee", now=LATER)
    assert "dana saved version 1 at 2026-11-03 14:05 UTC" in str(caught.value)
    assert "save again" in str(caught.value)
    assert len(store.rule_sets.versions("d1")) == 1


def test_of_two_people_saving_at_once_one_wins(store: Store) -> None:
    """Two saves from the same version at the same moment leave one new version and one refusal."""
    outcomes = outcomes_of(
        lambda: store.rule_sets.save("d1", HOMEROOM, expected_version=0, actor="dana", now=NOW),
        lambda: store.rule_sets.save("d1", PINNED, expected_version=0, actor="lee", now=NOW),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refusal", "int"]
    assert len(store.rule_sets.versions("d1")) == 1


def test_a_draft_is_kept_by_district(store: Store) -> None:
    """A draft survives as text, unfinished or not, and starts from the newest saved version."""
    assert store.rule_sets.draft("d1") is None
    store.rule_sets.save("d1", HOMEROOM, expected_version=0, actor="dana", now=NOW)
    assert store.rule_sets.save_draft("d1", '{"unfinished', expected_revision=0, actor="lee", now=LATER) == 1
    draft = store.rule_sets.draft("d1")
    assert (draft.rule_set_json, draft.based_on_version, draft.revision) == ('{"unfinished', 1, 1)
    assert (draft.edited_by, draft.edited_at) == ("lee", LATER)
    assert store.rule_sets.save_draft("d1", "{}", expected_revision=1, actor="lee", now=LATER, based_on_version=0) == 2
    assert store.rule_sets.draft("d1").based_on_version == 0
    assert store.rule_sets.draft("d2") is None


def test_a_draft_edited_by_a_colleague_is_not_overwritten(store: Store) -> None:
    """Keeping a draft that somebody edited since is refused, and names them."""
    store.rule_sets.save_draft("d1", "{}", expected_revision=0, actor="dana", now=NOW)
    with pytest.raises(Refusal, match="dana edited this draft at 2026-11-03 14:05 UTC"):
        store.rule_sets.save_draft("d1", "[]", expected_revision=0, actor="lee", now=LATER)
    assert store.rule_sets.draft("d1").rule_set_json == "{}"
