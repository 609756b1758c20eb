"""What is known of districts at a glance: kept, replaced, purged, deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from roster_core.adapters.store import Store, rules_digest
from roster_core.clever_states import CleverState
from roster_core.glance import Changed, Counted, Drifted
from roster_core.roster import District
from roster_core.rules import Condition, Rule, RuleSet
from tests.builders import district

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ROSTER = district()
PRINT = ROSTER.fingerprint
COUNTED = Counted(PRINT, "r1", 100, 90, 6, 3, 1, NOW, to_follow=1, blockers={"us": 2})
CHANGED = Changed(PRINT, NOW - timedelta(days=1), NOW, ("3 students are new.",))
DRIFTED = Drifted("receipt", PRINT, NOW, 3, True, ("3 students are gone.",))
OAK = CleverState("d1", "Oak", state="running", last_sync="2026-11-03T08:00:00Z", asked_at=NOW)


def load(store: Store, *district_ids: str) -> None:
    """Each of these districts with the small clean roster."""
    for district_id in district_ids:
        store.rosters.save(replace(ROSTER, district=District(id=district_id), fetched_at=NOW))


def test_numbers_are_kept_and_replaced(store: Store) -> None:
    """Each district has the numbers last kept, as they were kept."""
    load(store, "d1", "d2")
    store.known.keep_counts("d1", COUNTED)
    store.known.keep_counts("d2", replace(COUNTED, one=1))
    store.known.keep_counts("d1", replace(COUNTED, one=91, counted_at=LATER))
    assert store.known.counts() == {
        "d1": replace(COUNTED, one=91, counted_at=LATER),
        "d2": replace(COUNTED, one=1),
    }


def test_blockers_stay_as_long_as_roster_and_rules_do(store: Store) -> None:
    """Numbers without a check keep the check of the same roster under the same rules, and of no other."""
    load(store, "d1")
    store.known.keep_counts("d1", COUNTED)
    store.known.keep_counts("d1", replace(COUNTED, blockers=None, counted_at=LATER))
    assert store.known.counts()["d1"].blockers == {"us": 2}
    store.known.keep_counts("d1", replace(COUNTED, rules="r2", blockers=None))
    assert store.known.counts()["d1"].blockers is None
    store.known.keep_counts("d1", replace(COUNTED, rules="r2", blockers={}))
    assert store.known.counts()["d1"].blockers == {}


def test_changes_and_drift_are_kept_until_they_are_purged(store: Store) -> None:
    """Sentences about a roster go with the rosters of their time; numbers and Clever's word stay."""
    load(store, "d1")
    store.known.keep_changes("d1", CHANGED)
    store.known.keep_drift("d1", DRIFTED)
    store.known.keep_counts("d1", COUNTED)
    assert (store.known.changes(), store.known.drifts()) == ({"d1": CHANGED}, {"d1": DRIFTED})
    store.purge(NOW, actor="dana", now=LATER)
    assert store.known.changes() == {"d1": CHANGED}
    store.purge(LATER, actor="dana", now=LATER)
    assert (store.known.changes(), store.known.drifts()) == ({}, {})
    assert store.known.counts() == {"d1": COUNTED}


def test_the_rules_in_use_are_the_draft_else_the_newest_saved(store: Store) -> None:
    """What tells whether numbers are of the rules as they stand, for all districts at once."""
    saved = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),)),))
    for version, rules in enumerate((RuleSet(name="first"), saved)):
        store.rule_sets.save("d1", rules, expected_version=version, actor="dana", now=NOW)
        store.rule_sets.save("d2", rules, expected_version=version, actor="dana", now=NOW)
    store.rule_sets.save_draft("d2", "{}", expected_revision=0, actor="dana", now=NOW)
    assert store.known.rules_in_use() == {"d1": rules_digest(saved.to_json()), "d2": rules_digest("{}")}


def test_a_list_of_clevers_replaces_what_was_listed(store: Store) -> None:
    """Districts a later list does not name are no longer listed; what was known of them stays."""
    assert store.known.clever_asked() is None
    elm = replace(OAK, district_id="d2", name="Elm")
    store.known.keep_clever_list([OAK, elm], asked_at=NOW)
    newer = replace(OAK, state="paused", pause_end="2026-12-01", asked_at=LATER)
    store.known.keep_clever_list([newer], asked_at=LATER)
    assert store.known.clever() == {"d1": newer, "d2": replace(elm, listed=False)}
    assert store.known.clever_asked() == (LATER, "")


def test_a_district_that_cannot_be_read_keeps_its_name(store: Store) -> None:
    """Trouble with one district is kept beside what was known of it."""
    store.known.keep_clever_list([OAK], asked_at=NOW)
    store.known.keep_clever_list([CleverState("d1", trouble="Refused.", asked_at=LATER)], asked_at=LATER)
    assert store.known.clever() == {"d1": replace(OAK, trouble="Refused.", asked_at=LATER)}
    store.known.keep_clever(replace(OAK, asked_at=LATER))
    assert store.known.clever()["d1"].trouble == ""


def test_a_list_that_could_not_be_read_changes_nothing(store: Store) -> None:
    """Only the attempt and why it failed are kept."""
    store.known.keep_clever_list([OAK], asked_at=NOW)
    store.known.keep_clever_list([], asked_at=LATER, trouble="Check CLEVER_CLIENT_SECRET.")
    assert store.known.clever() == {"d1": OAK}
    assert store.known.clever_asked() == (LATER, "Check CLEVER_CLIENT_SECRET.")


def test_a_deleted_district_is_known_no_more(store: Store) -> None:
    """Deleting a district takes all of this with it, and leaves others alone."""
    load(store, "d1", "d2")
    for district_id in ("d1", "d2"):
        store.known.keep_counts(district_id, COUNTED)
        store.known.keep_changes(district_id, CHANGED)
        store.known.keep_drift(district_id, DRIFTED)
        store.known.keep_clever(replace(OAK, district_id=district_id))
    store.districts.delete("d1", actor="dana", now=NOW)
    known = store.known
    assert [set(each()) for each in (known.counts, known.changes, known.drifts, known.clever)] == [{"d2"}] * 4


def test_nothing_is_kept_of_a_roster_that_is_gone(store: Store) -> None:
    """What was still being counted or compared when a district was deleted leaves no trace of it."""
    load(store, "d1")
    store.districts.delete("d1", actor="dana", now=NOW)
    store.known.keep_counts("d1", COUNTED)
    store.known.keep_changes("d1", CHANGED)
    store.known.keep_drift("d1", DRIFTED)
    assert (store.known.counts(), store.known.changes(), store.known.drifts()) == ({}, {}, {})
