"""What the store keeps of students nobody assesses, and how a roster it reduced is proved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pandas.testing import assert_frame_equal

from roster_core.adapters.store import Store
from roster_core.errors import ServiceError
from roster_core.least import Scope, outside, without_details
from roster_core.roster import Roster
from roster_core.rules import RuleSet
from tests.adapters.committing import a_plan, a_receipt
from tests.builders import HOMEROOMS, district

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
FIRST, SECOND = (replace(HOMEROOMS, assessed_grades=(grade,)) for grade in ("1", "2"))
EVEN = {"u2", "u4", "u6", "u8"}


def held(store: Store) -> Roster:
    """The district's newest roster as it is stored."""
    info = store.rosters.latest("d1")
    return store.rosters.load(info.fingerprint, "d1")


def nameless(roster: Roster) -> set[str]:
    """The students of whom nothing is held that names them."""
    students = roster.students
    columns = ["first_name", "last_name", "student_number", "sis_id", "birthdate", "birthdate_raw"]
    gone = (students[columns] == "").all(axis=1)
    return set(students["student_id"][gone])


def save_rules(store: Store, rule_set: RuleSet) -> None:
    """Saves rules as the newest version."""
    newest = store.rule_sets.get("d1")
    version = 0 if newest is None else newest.version
    store.rule_sets.save("d1", rule_set, expected_version=version, actor="dana", now=NOW)


def save_draft(store: Store, rule_set: RuleSet) -> None:
    """Keeps a draft in place of the one there is."""
    draft = store.rule_sets.draft("d1")
    revision = 0 if draft is None else draft.revision
    store.rule_sets.save_draft("d1", rule_set.to_json(), expected_revision=revision, actor="dana", now=NOW)


def test_without_a_scope_everything_is_kept(store: Store) -> None:
    """Before anybody said who is assessed, and where everybody is, the roster is stored whole."""
    info = store.rosters.save(district())
    save_draft(store, HOMEROOMS)
    assert (info.withheld, nameless(held(store)), held(store).withheld) == (0, set(), None)


@pytest.mark.parametrize("say", [save_rules, save_draft])
def test_saying_who_is_assessed_reduces_what_is_stored(store: Store, say: object) -> None:
    """Rules that are saved, and a draft that is kept, take the details of everybody else out of the stored roster."""
    whole = district()
    store.rosters.save(whole)
    say(store, FIRST)
    roster = held(store)
    assert nameless(roster) == EVEN
    expected = without_details(whole, outside(whole, [Scope(("1",))]))
    assert_frame_equal(roster.students, expected.students)
    assert (roster.withheld == expected.withheld).all() and roster.fingerprint == whole.fingerprint
    assert store.rosters.latest("d1").withheld == 4
    entry = next(each for each in store.activity.list("d1") if each.action == "reduce-roster")
    assert entry.detail == {"fingerprint": whole.fingerprint, "students": 4}


def test_a_roster_loaded_later_is_reduced_before_it_is_stored(store: Store) -> None:
    """With the scope known, names outside of it never reach the database, and the log says how many."""
    save_draft(store, FIRST)
    info = store.rosters.save(district())
    assert (info.withheld, info.logged["withheld"], nameless(held(store))) == (4, 4, EVEN)


def test_whoever_any_rules_in_use_assess_is_kept(store: Store) -> None:
    """Details go only where neither the draft, nor the saved rules, nor those in force assess the student."""
    save_rules(store, FIRST)
    save_draft(store, SECOND)
    assert store.rosters.save(district()).withheld == 0
    save_draft(store, FIRST)
    assert nameless(held(store)) == EVEN


def test_who_is_rostered_stays_whole(store: Store) -> None:
    """Rules in force count too, so that what drifted from them can be told by name."""
    plan = a_plan(store, rule_set=SECOND)
    store.ledger.commit(plan, a_receipt(plan))
    save_rules(store, FIRST)
    assert store.rosters.save(district()).withheld == 0


def test_a_wider_scope_needs_the_data_again(store: Store) -> None:
    """Widening gives nothing back; loading the same data once more does, under the same fingerprint."""
    whole = district()
    store.rosters.save(whole)
    save_rules(store, FIRST)
    save_rules(store, HOMEROOMS)
    assert nameless(held(store)) == EVEN
    before = store.rosters.latest("d1").stored_sha256
    info = store.rosters.save(whole)
    assert (info.withheld, info.stored_sha256, nameless(held(store))) == (0, "", set()) and before
    assert_frame_equal(held(store).students, whole.students)
    assert len(store.rosters.history("d1")) == 1


def test_another_scope_keeps_neither(store: Store) -> None:
    """Who is outside the new scope loses details too; those lost before stay lost."""
    store.rosters.save(district())
    save_rules(store, FIRST)
    save_rules(store, SECOND)
    assert len(nameless(held(store))) == 8


def test_every_stored_roster_of_the_district_is_reduced_and_no_other(store: Store) -> None:
    """Older rosters hold the same children; another district has rules of its own."""
    older = district(changed={"u1": {"last_name": "Before"}})
    for roster in (older, district(), replace(district(), district=replace(district().district, id="d2"))):
        store.rosters.save(roster)
    save_rules(store, FIRST)
    assert [info.withheld for info in store.rosters.history("d1")] == [4, 4]
    assert store.rosters.latest("d2").withheld == 0


def test_an_unfinished_draft_loses_nothing(store: Store) -> None:
    """A draft that cannot be read says nothing about who is assessed."""
    store.rosters.save(district())
    save_rules(store, FIRST)
    store.rosters.save(district(changed={"u1": {"last_name": "New"}}))
    store.rule_sets.save_draft("d1", '{"assessed_grades": 1', expected_revision=0, actor="dana", now=NOW)
    store.rosters.save(district())
    assert store.rosters.latest("d1").withheld == 0


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE rosters SET stored_sha256 = 'other'",
        "UPDATE roster_chunks SET sha256 = 'other' WHERE part = 'withheld'",
        "DELETE FROM roster_chunks WHERE part = 'withheld'",
        "UPDATE rosters SET withheld = 0",
    ],
)
def test_a_reduced_roster_is_proved_by_a_hash_of_its_own(store: Store, damage: str) -> None:
    """The fingerprint is that of the whole data, so what is stored has its own proof, and is not opened without."""
    store.rosters.save(district())
    save_rules(store, FIRST)
    with store._database.write() as connection:
        connection.exec_driver_sql(damage)
    with pytest.raises(ServiceError, match="damaged"):
        held(store)


def test_when_sections_were_first_seen_is_still_told(store: Store) -> None:
    """History reads sections, which nobody reduces."""
    store.rosters.save(district())
    save_rules(store, FIRST)
    assert set(store.rosters.first_seen("d1", ["h1", "m1", "h9"])) == {"h1", "m1"}
