"""What reviewers say of near families: kept a district, the last word holds, gone with the district."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from roster_core.adapters.store import Store

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
HOMEROOM, ADVISORY = ("homeroom", "home room"), ("advisory", "advisoría")


def test_the_last_word_holds_and_can_be_taken_back(store: Store) -> None:
    """A group is one, then left apart, then not spoken of; each district has its own words."""
    said = store.family_choices
    said.say("d1", HOMEROOM, merged=True, actor="ada", now=NOW)
    said.say("d1", ADVISORY, merged=False, actor="ben", now=NOW + timedelta(minutes=1))
    said.say("d2", HOMEROOM, merged=True, actor="ada", now=NOW)
    assert said.get("d1") == {HOMEROOM: True, ADVISORY: False}

    said.say("d1", HOMEROOM, merged=False, actor="ben", now=NOW + timedelta(minutes=2))
    assert said.get("d1") == {ADVISORY: False, HOMEROOM: False}

    said.say("d1", HOMEROOM, merged=None, actor="ada", now=NOW)
    assert said.get("d1") == {ADVISORY: False}
    assert said.get("d2") == {HOMEROOM: True}


def test_they_go_with_their_district(store: Store) -> None:
    """Deleting a district leaves nothing that was said of its families."""
    store.districts.save("d1", name="d1", source="file", now=NOW)
    store.family_choices.say("d1", HOMEROOM, merged=True, actor="ada", now=NOW)
    store.districts.delete("d1", actor="ada", now=NOW)

    assert store.family_choices.get("d1") == {}
