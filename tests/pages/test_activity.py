"""The activity page: what was done, by whom, in words; what is held of a district, and deleting it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import activity_views
from roster_core.adapters.store import Store
from roster_core.rules import RuleSet
from roster_core.sample import sample_district
from tests.adapters.committing import a_note
from tests.pages.conftest import Open, told
from tests.pages.signed_in import SOMEBODY, page_of, people

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
MARK = "Zebulonia"


@pytest.fixture
def busy(store: Store) -> Store:
    """A store in which two people did things in two districts, one of which was deleted."""
    for district_id, name in (("elm", "Elm"), ("oak", "Oak")):
        store.districts.save(district_id, name=name, source="file", now=NOW)
    store.activity.add(NOW, "dana", "elm", "load-roster", {"fingerprint": "a" * 64, "source": "clever", "students": 9})
    store.activity.add(NOW, "dana", "elm", "reveal-names")
    store.rule_sets.save("oak", RuleSet(), expected_version=0, actor="lee", now=NOW)
    store.districts.delete("oak", actor="lee", now=NOW)
    return store


def listed(page: AppTest) -> list[str]:
    """The sentences of the list."""
    return next(frame.value for frame in page.dataframe if "District" in frame.value.columns)["What"].tolist()


def test_what_was_done_is_listed_in_words_newest_first(busy: Store, open_page: Open) -> None:
    """Every entry is a sentence with who and in which district; the log is told to be whole."""
    page = open_page("activity")
    assert listed(page)[-4:] == [
        "Deleted the district on request. This log stays.",
        "Saved the rules as version 1.",
        "Showed names and birthdates on the screen.",
        "Loaded roster aaaaaaaaaaaa from Clever: 9 students.",
    ]
    assert "The log is whole" in told(page)


def test_the_list_is_narrowed_by_district_person_and_kind(busy: Store, open_page: Open) -> None:
    """Each choice leaves the entries that meet it; together they may leave none, which is said."""
    page = open_page("activity")
    page.selectbox(key="activity_district").set_value("elm").run()
    assert len(listed(page)) == 2
    page.selectbox(key="activity_kind").set_value("views").run()
    assert listed(page) == ["Showed names and birthdates on the screen."]
    page.selectbox(key="activity_who").set_value("lee").run()
    assert "Nothing of this kind was done" in told(page)
    assert "oak (deleted)" in page.selectbox(key="activity_district").options
    assert "Sample district (made-up)" in page.selectbox(key="activity_district").options


def test_a_selected_entry_is_told_whole(busy: Store, open_page: Open) -> None:
    """Below the list stands its sentence with who, where, its number and what seals it."""
    page = open_page("activity")
    page.selectbox(key="activity_district").set_value("elm").run()
    newest = busy.activity.list("elm")[0]
    page.session_state[f"activity_list_{newest.number}_2"] = {
        "selection": {"rows": [1], "columns": [], "cells": []}
    }  # fmt: skip
    page.run()
    whole = [each.value.replace("\\", "") for each in page.markdown]
    assert "Loaded roster aaaaaaaaaaaa from Clever: 9 students." in whole
    assert any(f"dana · Elm · entry {newest.number - 1}, sealed by" in each.value for each in page.caption)


def test_a_broken_log_is_shown_with_its_place(busy: Store, open_page: Open) -> None:
    """Somebody who changed an entry behind the app's back is found on the page too."""
    with busy._database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER activity_no_update")
        connection.exec_driver_sql("UPDATE activity SET actor = 'nobody' WHERE number = 2")
    page = open_page("activity")
    assert "Entry 2 was changed after it was written." in told(page)
    assert "The log is whole" not in told(page)


def test_what_is_held_of_a_district_stands_after_its_deletion(busy: Store, open_page: Open) -> None:
    """A deleted district can still be chosen; the record is made of the log."""
    page = open_page("activity")
    page.selectbox(key="custody_district").set_value("oak").run()
    assert "Deleted the district on request" in str([frame.value for frame in page.dataframe])
    assert "delete_oak" not in [button.key for button in page.button]


def test_the_newest_roster_has_a_day_on_which_it_goes(open_page: Open, store: Store) -> None:
    """The page says when the roster is deleted, and of how many students no names are held."""
    store.rule_sets.save("sample", RuleSet(assessed_grades=("1",)), expected_version=0, actor="dana", now=NOW)
    store.rosters.save(sample_district(fetched_at=datetime.now(UTC)))
    page = open_page("activity")
    page.selectbox(key="custody_district").set_value("sample").run()
    day = datetime.now(UTC) + timedelta(days=400)
    assert f"deleted on **{day.day} {day:%b %Y}**" in told(page)
    assert "outside the scope only id, grade, schools and sections are held" in told(page)


def test_an_admin_deletes_a_district_by_typing_its_name(open_page: Open, store: Store) -> None:
    """The button waits for the name; then nothing but the log is left, and the page says so."""
    open_page("activity")
    store.districts.save("elm", name="Elm", source="file", now=NOW)
    a_note(store, f"Called about {MARK}", "elm")
    page = open_page("activity")
    page.selectbox(key="custody_district").set_value("elm").run()
    assert page.button(key="delete_elm").disabled
    assert MARK in told(page)
    page.text_input(key="delete_typed_elm").set_value("elm ").run()
    page.button(key="delete_elm").click().run()
    assert "Elm was deleted" in told(page)
    assert store.districts.get("elm") is None and store.notes.list("elm") == []
    assert store.activity.list("elm", limit=1)[0].action == "delete-district"


def test_a_note_is_erased(open_page: Open, store: Store) -> None:
    """An admin takes the words of a note away; that there was one stays."""
    note = a_note(store, f"Called about {MARK}", "sample")
    page = open_page("activity")
    page.selectbox(key="custody_district").set_value("sample").run()
    page.button(key=f"erase_{note.id}").click().run()
    assert MARK not in told(page) and "(erased)" in told(page)


@pytest.mark.parametrize("role", ["viewer", "reviewer", "committer"])
def test_only_an_admin_sees_notes_and_deletion(
    role: str, store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody may read what was done; words of notes and the way to delete are an admin's."""
    store.districts.save("elm", name="Elm", source="file", now=NOW)
    a_note(store, f"Called about {MARK}", "elm")
    people(monkeypatch)
    page = page_of("activity", SOMEBODY[role]).run()
    page.selectbox(key="custody_district").set_value("elm").run()
    assert not page.exception and MARK not in told(page)
    assert not [key for key in page.button if str(key.key).startswith(("delete_", "erase_", "purge"))]


def test_the_list_as_a_file_has_exact_times_and_hashes(busy: Store) -> None:
    """The file has what the page has, with number and hash, so that it can be held against the log."""
    entries = busy.activity.list("elm")
    table = activity_views.table(entries, {"elm": "Elm"}, exact=True)
    assert table["Hash"].tolist() == [entry.hash for entry in entries]
    assert table["When"].tolist() == ["2026-11-03T14:05:00+00:00"] * 2
    assert table["District"].tolist() == ["Elm", "Elm"]


def test_what_is_due_is_deleted_once_a_day_by_itself(open_page: Open, store: Store) -> None:
    """A roster past its day is gone when somebody opens a page, and the log says that the retention did it."""
    open_page("activity")
    store.rosters.save(sample_district(50, fetched_at=datetime.now(UTC) - timedelta(days=401)))
    old = len(store.rosters.history("sample"))
    st.cache_resource.clear()
    open_page("activity")
    assert len(store.rosters.history("sample")) == old - 1
    assert store.activity.list(limit=1)[0].actor == "retention"


def test_an_admin_deletes_what_is_past_its_day_at_once(open_page: Open, store: Store) -> None:
    """The button does what the day would, and says how much went."""
    page = open_page("activity")
    store.rosters.save(sample_district(50, fetched_at=datetime.now(UTC) - timedelta(days=401)))
    page.button(key="purge_now").click().run()
    assert "1 roster and 0 committed rows were past their day" in told(page)
    assert "purge" in [entry.action for entry in store.activity.list()]
