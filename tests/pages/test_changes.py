"""The card about a refresh: open after a load of this session, put away, lists that open on demand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from roster_core.adapters.store import Store
from roster_core.sample import sample_district
from tests.builders import HOMEROOMS, district
from tests.pages.conftest import Open, finish_jobs, told

NOW = datetime.now(UTC)


def _keep(store: Store, days_ago: int, **planted: object) -> None:
    store.rosters.save(district(fetched_at=NOW - timedelta(days=days_ago), **planted))


@pytest.fixture(name="known")
def _known(store: Store) -> Store:
    """A district with rules and one roster."""
    store.districts.save("d1", name="Springfield USD", source="clever", now=NOW)
    store.rule_sets.save_draft("d1", HOMEROOMS.to_json(), expected_revision=0, actor="Bo", now=NOW)
    _keep(store, 3)
    return store


def test_a_first_roster_has_nothing_to_compare_with(known: Store, open_page: Open) -> None:
    """There is no card and no button."""
    page = open_page("districts", district="d1")
    assert not [button for button in page.button if "What changed" in button.label]


def test_the_card_opens_lists_and_is_put_away(known: Store, open_page: Open) -> None:
    """A renamed homeroom: sentences, the list of students without names, and away again."""
    _keep(known, 0, changed={"h1": {"section_name": "Room 12"}})
    page = open_page("districts", district="d1")
    page.button(key="open_changes:d1").click().run()
    assert "4 students who were in exactly one section are now in none." in told(page)
    page.session_state["turned_changes:d1"] = True
    page.run()
    listed = next(frame.value for frame in page.dataframe if "before" in frame.value.columns)
    assert set(listed["student_id"]) == {"u1", "u2", "u3", "u4"} and "last_name" not in listed.columns
    page.button(key="bring_turned_changes:d1").click().run()
    assert "Open the Students page." in told(page)
    group = page.session_state["selection:group:d1"]
    students = open_page("students", district="d1")
    students.session_state["selection:group:d1"] = group
    assert "**4 students** standing otherwise than before" in told(students.run())
    page.button(key="close_changes:d1").click().run()
    assert "4 students who were" not in told(page)


def test_an_earlier_roster_can_be_compared_with(known: Store, open_page: Open) -> None:
    """The one that was worked on last is the baseline, and any stored one may be."""
    _keep(known, 1, changed={"h1": {"section_name": "Room 12"}})
    _keep(known, 0, changed={"h1": {"section_name": "Room 12"}, "u1": {"first_name": "Other"}})
    page = open_page("districts", district="d1")
    page.button(key="open_changes:d1").click().run()
    assert "only details did" in told(page)
    box = page.selectbox(key="since_changes:d1")
    box.set_value(known.rosters.history("d1")[2].fingerprint).run()
    assert "4 students who were in exactly one section are now in none." in told(page)


def test_a_load_of_this_session_shows_what_it_brought(store: Store, open_page: Open) -> None:
    """Refreshing opens the card by itself."""
    store.rosters.save(sample_district(300, 5, fetched_at=NOW - timedelta(days=1)))
    store.districts.save("sample", name="Sample", source="sample", now=NOW)
    store.rule_sets.save_draft("sample", HOMEROOMS.to_json(), expected_revision=0, actor="Bo", now=NOW)
    page = open_page("districts", district="sample")
    page.button(key="refresh").click().run()
    finish_jobs()
    page.run()

    assert page.button(key="close_changes:sample")
    assert "students are new." in told(page)
