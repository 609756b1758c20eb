"""Launches in the store: nobody's unseen change overwritten, windows archived, districts linked, deleted, purged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from roster_core.adapters.store import Store
from roster_core.adapters.store.notes import ERASED
from roster_core.adapters.store.schema import onboarding as onboardings
from roster_core.errors import InputError, Refusal
from roster_core.new_window import new_window
from roster_core.onboarding import Evidence, Onboarding, tick
from roster_core.rules import Pin
from tests.adapters.committing import a_roster, outcomes_of
from tests.adapters.test_store_rule_sets import HOMEROOM, PINNED
from tests.launches import ALL_SAID, TODAY

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def save(store: Store, onboarding: Onboarding, revision: int, *, district: str = "d1", actor: str = "dana") -> int:
    """Keeps an onboarding, as a change of dates."""
    return store.onboarding.save(
        district, onboarding, expected_revision=revision, actor=actor, now=NOW, action="set-dates", detail={"step": "x"}
    )


def test_nothing_kept_reads_as_a_fresh_window(store: Store) -> None:
    """A district of which nothing was kept is at the beginning, with revision 0, and is not in the list."""
    kept = store.onboarding.get("d1")
    assert (kept.onboarding, kept.revision) == (Onboarding(), 0)
    assert store.onboarding.list() == {} and store.onboarding.windows("d1") == []


def test_a_change_is_kept_with_who_and_when(store: Store) -> None:
    """What was saved reads back; each save has a revision and one line of codes in the log."""
    assert save(store, ALL_SAID, 0) == 1
    assert save(store, replace(ALL_SAID, window="Spring"), 1, actor="lee") == 2
    kept = store.onboarding.get("d1")
    assert kept.onboarding == replace(ALL_SAID, window="Spring")
    assert (kept.revision, kept.edited_by, kept.edited_at) == (2, "lee", NOW)
    assert store.onboarding.list() == {"d1": kept}
    assert [(entry.action, entry.detail) for entry in store.activity.list("d1")] == [("set-dates", {"step": "x"})] * 2


def test_a_note_of_a_launch_is_in_the_log_as_a_hash_and_is_erased_wherever_it_stands(store: Store) -> None:
    """Its words are never in the log; erased, they are gone from this window and those before, also in an open page."""
    said = tick(Onboarding(), "chose-clever", Evidence(), on=TODAY, by="dana", today=TODAY, note="Ms Ito, by phone")
    told = {"actor": "dana", "now": NOW}
    store.onboarding.save(
        "d1", said, expected_revision=0, action="tick-step", detail={"step": "chose-clever"}, note="Ms Ito, by phone ",
        **told,
    )  # fmt: skip
    (note,), (entry,) = store.notes.list("d1"), store.activity.list("d1")
    assert entry.detail == {"step": "chose-clever", "note_hash": note.hash} and note.text == "Ms Ito, by phone"
    store.onboarding.start_window("d1", replace(said, number=2), expected_revision=1, **told)
    store.notes.erase(note.id, actor="lee", now=LATER)
    left = [store.onboarding.get("d1").onboarding, *store.onboarding.windows("d1")]
    assert [each.ticks["chose-clever"].note for each in left] == [ERASED, ERASED]
    with pytest.raises(Refusal, match="Reload the page"):
        save(store, replace(said, number=2), 2)


def test_a_change_nobody_has_seen_is_not_overwritten(store: Store) -> None:
    """A save from an older revision is refused, and says who was faster, when, and what to do."""
    save(store, ALL_SAID, 0)
    with pytest.raises(Refusal, match="dana changed this launch at 2026-11-03 14:05 UTC.*Reload the page"):
        save(store, Onboarding(), 0)
    with pytest.raises(Refusal, match="deleted meanwhile"):
        save(store, Onboarding(), 3, district="d2")
    assert store.onboarding.get("d1").onboarding == ALL_SAID and len(store.activity.list("d1")) == 1


def test_of_two_people_saving_at_once_one_wins(store: Store) -> None:
    """Both start from the same revision: one change is kept, the other refused."""
    outcomes = outcomes_of(*(lambda name=name: save(store, ALL_SAID, 0, actor=name) for name in ("dana", "lee")))
    assert sorted(type(each).__name__ for each in outcomes) == ["Refusal", "int"]


def test_a_new_window_archives_the_old_one_and_carries_the_rules_without_pins(store: Store) -> None:
    """All in one step: the old window stays readable, saved rules and draft lose their pins, versions before stay."""
    store.rule_sets.save("d1", PINNED, expected_version=0, actor="dana", now=NOW)
    draft = PINNED.with_pins(Pin("U2", "S2"))
    store.rule_sets.save_draft("d1", draft.to_json(), expected_revision=0, actor="dana", now=NOW)
    save(store, ALL_SAID, 0)
    following = new_window(ALL_SAID, "Spring", today=TODAY, receipt_id="R-1")
    assert store.onboarding.start_window("d1", following, expected_revision=1, actor="lee", now=LATER) == 2
    assert store.onboarding.get("d1").onboarding == following
    assert store.onboarding.windows("d1") == [ALL_SAID]
    assert [saved.rule_set for saved in store.rule_sets.versions("d1")] == [HOMEROOM, PINNED]
    kept = store.rule_sets.draft("d1")
    assert (kept.rule_set_json, kept.revision, kept.edited_by) == (HOMEROOM.to_json(), 2, "lee")
    assert store.activity.list("d1")[0].detail == {"window": 2}
    again = new_window(following, "Fall", today=TODAY)
    store.onboarding.start_window("d1", again, expected_revision=2, actor="lee", now=LATER)
    assert [window.number for window in store.onboarding.windows("d1")] == [2, 1]
    assert len(store.rule_sets.versions("d1")) == 2


def test_a_new_window_that_is_refused_changes_nothing(store: Store) -> None:
    """Rules, draft and windows stay as they are when a colleague was faster."""
    store.rule_sets.save("d1", PINNED, expected_version=0, actor="dana", now=NOW)
    save(store, ALL_SAID, 0)
    following = new_window(ALL_SAID, "Spring", today=TODAY)
    with pytest.raises(Refusal):
        store.onboarding.start_window("d1", following, expected_revision=0, actor="lee", now=LATER)
    assert store.onboarding.windows("d1") == [] and store.rule_sets.get("d1").version == 1


def test_the_first_window_may_be_started_anew_before_anything_was_kept(store: Store) -> None:
    """A window of which nothing was written is archived as it was: empty."""
    following = new_window(Onboarding(), "Spring", today=TODAY)
    assert store.onboarding.start_window("d1", following, expected_revision=0, actor="lee", now=NOW) == 1
    assert store.onboarding.windows("d1") == [Onboarding()]


def test_a_document_that_cannot_be_read_names_its_district(store: Store) -> None:
    """What another version wrote is not guessed at."""
    save(store, ALL_SAID, 0)
    with store.onboarding._database.write() as connection:
        connection.execute(update(onboardings).values(document='{"format": "roster-onboarding/9"}'))
    with pytest.raises(InputError, match="of district 'd1'.*roster-onboarding/9"):
        store.onboarding.get("d1")


def test_a_district_is_added_by_its_name(store: Store) -> None:
    """Its id is made of the name; a second one of the same name is refused, another spelling of the id is not."""
    added = store.districts.add_named(" Elm Park USD ", actor="dana", now=NOW)
    assert (added.id, added.name, added.source) == ("elm-park-usd", "Elm Park USD", "named")
    with pytest.raises(Refusal, match="Elm Park USD"):
        store.districts.add_named("elm park usd", actor="dana", now=NOW)
    assert store.districts.add_named("Elm-Park USD", actor="dana", now=NOW).id == "elm-park-usd-2"
    with pytest.raises(InputError, match="letters or digits"):
        store.districts.add_named(" – ", actor="dana", now=NOW)
    assert [entry.action for entry in store.activity.list("elm-park-usd")] == ["add-district"]


def test_a_district_that_connects_takes_over_what_was_made_under_its_name(store: Store) -> None:
    """Launch, earlier windows and rules move; the placeholder goes; both ids keep the link in the log."""
    store.districts.add_named("Elm", actor="dana", now=NOW)
    save(store, ALL_SAID, 0, district="elm")
    store.rule_sets.save("elm", HOMEROOM, expected_version=0, actor="dana", now=NOW)
    following = new_window(ALL_SAID, "Spring", today=TODAY)
    store.onboarding.start_window("elm", following, expected_revision=1, actor="dana", now=NOW)
    store.districts.save("5f3a", name="Elm School District", source="clever", now=NOW)
    store.districts.link("elm", "5f3a", actor="lee", now=LATER)
    assert [record.id for record in store.districts.list()] == ["5f3a"]
    assert store.onboarding.get("5f3a").onboarding == following and store.onboarding.windows("5f3a") == [ALL_SAID]
    assert store.rule_sets.get("5f3a").rule_set == HOMEROOM
    assert store.onboarding.get("elm").revision == 0
    assert store.activity.list("5f3a")[0].detail == {"from": "elm"}
    assert store.activity.list("elm")[0].detail == {"to": "5f3a"}


def test_a_link_that_would_lose_something_is_refused(store: Store) -> None:
    """A target with its own launch, a placeholder with a roster, and ids nobody knows change nothing."""
    store.districts.add_named("Elm", actor="dana", now=NOW)
    store.districts.save("5f3a", name="Elm School District", source="clever", now=NOW)
    save(store, ALL_SAID, 0, district="elm")
    save(store, Onboarding(), 0, district="5f3a")
    with pytest.raises(Refusal, match="Elm School District already has a launch of its own"):
        store.districts.link("elm", "5f3a", actor="lee", now=NOW)
    with pytest.raises(Refusal, match="has a roster of its own"):
        store.districts.link("5f3a", "elm", actor="lee", now=NOW)
    with pytest.raises(InputError, match="'oak'"):
        store.districts.link("elm", "oak", actor="lee", now=NOW)
    store.districts.save("oak", name="Oak", source="clever", now=NOW)
    roster = a_roster()
    store.rosters.save(replace(roster, district=replace(roster.district, id="elm")))
    with pytest.raises(Refusal, match="has a roster of its own"):
        store.districts.link("elm", "oak", actor="lee", now=NOW)
    assert store.onboarding.get("elm").onboarding == ALL_SAID and len(store.districts.list()) == 3


def test_deleting_a_district_takes_its_launch_along(store: Store) -> None:
    """Nothing of its windows, with the contacts in them, stays."""
    save(store, ALL_SAID, 0)
    following = new_window(ALL_SAID, "Spring", today=TODAY)
    store.onboarding.start_window("d1", following, expected_revision=1, actor="dana", now=NOW)
    store.districts.delete("d1", actor="dana", now=LATER)
    assert store.onboarding.get("d1").revision == 0 and store.onboarding.windows("d1") == []


def test_a_purge_deletes_windows_archived_before_it(store: Store) -> None:
    """Older windows go, with their contacts; the current one and younger ones stay."""
    save(store, ALL_SAID, 0)
    second = new_window(ALL_SAID, "Spring", today=TODAY)
    store.onboarding.start_window("d1", second, expected_revision=1, actor="dana", now=NOW)
    third = new_window(second, "Fall", today=TODAY)
    store.onboarding.start_window("d1", third, expected_revision=2, actor="dana", now=LATER)
    assert store.purge(LATER, actor="dana", now=LATER).windows == 1
    assert store.onboarding.windows("d1") == [second] and store.onboarding.get("d1").onboarding == third
    assert store.activity.list("")[0].detail["windows"] == 1
