"""The sections page: facets, search, and Keep or Drop that writes a readable rule."""

from __future__ import annotations

from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest

from roster_core.adapters.store import Store
from roster_core.rules import RuleSet
from tests.builders import HOMEROOMS, district
from tests.pages.conftest import Open, told

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOTHING = {"columns": [], "cells": []}


def opened(open_page: Open) -> AppTest:
    """The page of the sample district with its question answered."""
    page = open_page("sections")
    return page.button(key="scope_use_sample").click().run()


def draft(store: Store) -> RuleSet:
    """The draft as kept."""
    return RuleSet.from_json(store.rule_sets.draft("sample").rule_set_json)


def grid_key(page: AppTest, start: str) -> str:
    """The key of the table whose key starts so."""
    ids = [frame.proto.id for frame in page.dataframe]
    found = next(each for each in ids if f"-{start}" in each)
    return found[found.index(f"-{start}") + 1 :]


def test_it_says_what_was_shared(open_page: Open) -> None:
    """Sections and families are counted above the table, and facets list values with sections and students."""
    page = opened(open_page)
    assert "681 sections · 17 families" in told(page)
    assert list(page.dataframe[1].value.columns) == ["Subject", "Sections", "Students"]


def test_a_facet_that_is_rarely_needed_is_listed_when_it_is_opened(open_page: Open) -> None:
    """Subjects and periods stand open; a closed facet sends no list to the browser until somebody opens it."""
    page = opened(open_page)
    listed = [frame.value.columns[0] for frame in page.dataframe]
    assert "School" not in listed
    page.session_state["facet_box_school_name"] = True
    page.run()
    assert [frame.value.columns[0] for frame in page.dataframe] == [*listed, "School"]


def test_search_narrows_names_and_facets(open_page: Open) -> None:
    """Typing a part of a name leaves the sections that hold it, in the table and in every facet."""
    page = opened(open_page)
    page.text_input(key="sections_search").set_value("mtss").run()
    assert "12 sections · 1 family" in told(page)
    assert page.dataframe[1].value["Sections"].sum() == 12


def test_a_hit_inside_a_teacher_s_name_alone_is_flagged(open_page: Open, store: Store) -> None:
    """`home` in `Homer` is told before anybody keeps it; a word of the section's own is not."""
    store.rosters.save(district(changed={"m1": {"section_name": "Math - Homer"}, "t1": {"last_name": "Homer"}}))
    store.rule_sets.save_draft("d1", HOMEROOMS.to_json(), expected_revision=0, actor="Bo", now=NOW)
    page = open_page("sections", district="d1")
    page.text_input(key="sections_search").set_value("home").run()
    assert "1 section has “home” only inside a teacher's name" in told(page)
    page.text_input(key="sections_search").set_value("math").run()
    assert "inside a teacher's name" not in told(page)


def test_a_search_that_finds_nothing_says_what_to_do(open_page: Open) -> None:
    """The empty state names the way out."""
    page = opened(open_page)
    page.text_input(key="sections_search").set_value("zzz").run()
    assert "No section matches" in told(page)
    assert not page.exception


def test_keep_shows_its_effect_first_and_then_writes_a_rule(open_page: Open, store: Store) -> None:
    """Before the click the numbers are shown and the draft is untouched; after it the draft says the rule."""
    page = opened(open_page)
    page.text_input(key="sections_search").set_value("homeroom").run()
    assert "in exactly one 0 → " in told(page)
    assert draft(store).rules == ()
    page.button(key="keep_these").click().run()
    assert draft(store).rules[0].describe() == 'Keep sections whose section name contains "homeroom".'


def test_selected_families_are_said_by_their_words(open_page: Open, store: Store) -> None:
    """Dropping a selected family writes its words into the draft, never an id."""
    page = opened(open_page)
    labels = list(page.dataframe[0].value["Family"])
    page.session_state[grid_key(page, "Families_")] = {"selection": {"rows": [labels.index("Speech #")], **NOTHING}}
    page.run()
    page.button(key="drop_these").click().run()
    assert draft(store).rules[0].describe() == 'Drop sections whose section name contains "Speech".'


def test_selected_names_are_said_as_they_are(open_page: Open, store: Store) -> None:
    """In the list of names, a selected name becomes `is`."""
    page = opened(open_page)
    page.radio(key="sections_by").set_value("Names").run()
    name = page.dataframe[0].value["Name"].iloc[0]
    page.session_state[grid_key(page, "Names_")] = {"selection": {"rows": [0], **NOTHING}}
    page.run()
    page.button(key="keep_these").click().run()
    assert draft(store).rules[0].when[0].op == "is"
    assert draft(store).rules[0].when[0].values == (name,)


def test_undo_takes_the_rule_back(open_page: Open, store: Store) -> None:
    """Undo brings the draft back as it was, and redo does it again."""
    page = opened(open_page)
    page.text_input(key="sections_search").set_value("advisory").run()
    page.button(key="keep_these").click().run()
    page.button(key="sample:Undo").click().run()
    assert draft(store).rules == ()
    page.button(key="sample:Redo").click().run()
    assert len(draft(store).rules) == 1


def test_nothing_selected_offers_nothing(open_page: Open) -> None:
    """Without a selection, a search or a facet there is no button that would keep everything."""
    page = opened(open_page)
    assert "keep_these" not in [button.key for button in page.button]


def test_no_name_of_a_student_is_on_the_page(open_page: Open) -> None:
    """The page counts students and names none."""
    page = opened(open_page)
    for frame in page.dataframe:
        assert not {"first_name", "last_name", "birthdate"} & set(frame.value.columns)
