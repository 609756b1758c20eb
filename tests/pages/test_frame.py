"""The frame: pages registered, access, district, draft, who is assessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from pages.shared.frame import edits_between, finished
from pages.shared.widgets import people
from roster_core.adapters.store import Store
from roster_core.adapters.store.schema import onboarding as onboardings
from roster_core.onboarding import Onboarding
from roster_core.rules import Condition, Rule, RuleSet
from tests.builders import district
from tests.pages.conftest import ROOT, Open, told
from tests.pages.launch_page import keep

PAGES = sorted(file.stem for file in (ROOT / "pages").glob("*.py"))
KEEP = Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),))
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_the_app_opens_on_the_sample_district_and_says_that_it_is_one(data_dir: object) -> None:
    """The first start, with no settings at all, shows a district whose data says plainly that it is made up."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception
    assert "Sample data: no real child is in it." in told(app)


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_whole_on_its_own(name: str, open_page: Open) -> None:
    """A first visit by a deep link, without app.py, shows the page with its title and the district."""
    page = open_page(name)
    assert [title.value for title in page.title] == [name.title()]
    picked = [label for box in page.sidebar.selectbox for label in box.options]
    assert "Sample district" in f"{told(page)} {picked}"


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_registered(name: str, data_dir: object) -> None:
    """app.py lists the page, so that a switch to it is no error."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.switch_page(f"pages/{name}.py").run().exception


def test_who_is_assessed_is_asked_once_with_a_proposal(open_page: Open, store: Store) -> None:
    """The first page asks for grades and schools; the answer is kept and shown, and no page asks again."""
    page = open_page("sections")
    assert "Who is assessed?" in told(page)
    page.button(key="scope_use_sample").click().run()
    assert RuleSet.from_json(store.rule_sets.draft("sample").rule_set_json).assessed_grades[0] == "Kindergarten"
    other = open_page("commit")
    assert "Who is assessed?" not in told(other)
    assert "Assessing K-8, all 5 schools" in told(other)


def test_students_left_out_are_always_counted(open_page: Open) -> None:
    """Choosing two grades shows how many are not counted and why, in the strip of every page."""
    page = open_page("sections")
    page.multiselect(key="scope_grades_sample").set_value(["1", "2"]).run()
    page.button(key="scope_use_sample").click().run()
    assert "not counted: " in told(page) and "in other grades" in told(page)


def test_the_four_counts_add_up_to_the_whole(open_page: Open, store: Store) -> None:
    """In exactly one, none, several and excused are all of those assessed."""
    page = open_page("sections")
    page.button(key="scope_use_sample").click().run()
    line = next(text.value for text in page.markdown if " none · " in text.value)
    none, several, excused = (int(part.split()[0].replace(",", "")) for part in line.split(" · "))
    assert none + several + excused == 2_000


def test_a_draft_survives_a_reload(open_page: Open, store: Store) -> None:
    """A new session goes on from the draft the last one kept."""
    first = open_page("sections")
    first.button(key="scope_use_sample").click().run()
    first.text_input(key="sections_search").set_value("homeroom").run()
    first.button(key="keep_these").click().run()
    assert "Keep" in RuleSet.from_json(store.rule_sets.draft("sample").rule_set_json).describe()
    assert "0 of 2,000" not in told(open_page("sections"))


def test_a_colleagues_draft_is_offered_and_never_overwritten(open_page: Open, store: Store) -> None:
    """When a colleague changed the draft meanwhile, the page offers theirs or mine; undo brings mine back."""
    page = open_page("sections")
    page.button(key="scope_use_sample").click().run()
    revision = store.rule_sets.draft("sample").revision
    theirs = RuleSet(name="Theirs", rules=(KEEP,))
    store.rule_sets.save_draft("sample", theirs.to_json(), expected_revision=revision, actor="Bo", now=NOW)
    page.run()
    assert "Bo changed this draft" in told(page)
    page.text_input(key="sections_search").set_value("advisory").run()
    page.button(key="keep_these").click().run()
    assert store.rule_sets.draft("sample").rule_set_json == theirs.to_json()
    page.button(key="take_theirs").click().run()
    assert "Theirs" in told(page)
    assert "Bo changed this draft" not in told(page)


def test_keeping_mine_puts_it_in_the_place_of_theirs(open_page: Open, store: Store) -> None:
    """A session may decide for its own draft."""
    page = open_page("sections")
    page.button(key="scope_use_sample").click().run()
    mine = store.rule_sets.draft("sample")
    store.rule_sets.save_draft(
        "sample", RuleSet(name="Theirs").to_json(), expected_revision=mine.revision, actor="Bo", now=NOW
    )
    page.run()
    page.button(key="keep_mine").click().run()
    assert store.rule_sets.draft("sample").rule_set_json == mine.rule_set_json


def test_a_link_to_an_unknown_district_opens_a_known_one(open_page: Open) -> None:
    """An address with a district that is not here shows one that is."""
    assert "Sample district" in told(open_page("districts", district="nowhere"))


def test_a_district_stays_the_one_looked_at(open_page: Open, store: Store) -> None:
    """Neither a page whose address names no district nor a colleague's newer load puts another in its place."""
    open_page("districts").button(key="scope_use_sample").click().run()
    page = open_page("students", district="sample")
    store.rosters.save(district(fetched_at=datetime.now(UTC)))
    page.query_params.clear()
    page.run()
    assert page.sidebar.selectbox[0].value == "sample"


def test_a_district_without_a_roster_is_not_swapped_for_another(open_page: Open, store: Store) -> None:
    """The pages that need a roster say that it has none, instead of opening on a colleague's district."""
    added = store.districts.add_named("Oak USD", actor="dana", now=NOW)
    page = open_page("sections", district=added.id)
    assert "This district has no roster yet" in str([each.value for each in page.markdown])
    assert page.sidebar.selectbox[0].value == added.id


def test_the_strip_and_the_row_say_the_same_next_step(open_page: Open, store: Store) -> None:
    """Whatever the rules leave, and once all is committed: one sentence, on every page and on Districts."""
    open_page("districts").button(key="scope_use_sample").click().run()
    for rules in ((), (KEEP,)):
        held = store.rule_sets.draft("sample")
        changed = replace(RuleSet.from_json(held.rule_set_json), rules=rules).to_json()
        store.rule_sets.save_draft("sample", changed, expected_revision=held.revision, actor="Bo", now=NOW)
        page = open_page("students")
        (step,) = (each.value for each in page.caption if each.value.startswith("Next: "))
        assert f"Us · {step.removeprefix('Next: ').removesuffix(' →')}" in told(open_page("districts"))


def test_unfinished_rules_do_not_count() -> None:
    """A rule somebody is still typing is left out of the numbers; the finished ones stay."""
    typing = Rule("keep", (Condition("section_name", "contains", ("",)),))
    assert finished(RuleSet(rules=(KEEP, typing))).rules == (KEEP,)


def test_edits_are_counted_by_what_differs() -> None:
    """One rule more and another scope are two edits; the same rules in another order are one."""
    drop = Rule("drop", (Condition("section_name", "contains", ("MTSS",)),))
    assert edits_between(RuleSet(rules=(KEEP,)), RuleSet(rules=(KEEP, drop), assessed_grades=("1",))) == 2
    assert edits_between(RuleSet(rules=(KEEP, drop)), RuleSet(rules=(drop, KEEP))) == 1


def test_a_session_is_told_whose_draft_it_goes_on_from(open_page: Open, store: Store) -> None:
    """A draft taken over names its time and its author, until this session edits it."""
    open_page("districts")
    store.rule_sets.save_draft("sample", RuleSet(name="Mine").to_json(), expected_revision=0, actor="Bo", now=NOW)
    page = open_page("sections")
    assert "draft of 23 Nov" in told(page)
    assert ", by Bo" in told(page)
    page.text_input(key="sections_search").set_value("advisory").run()
    page.button(key="keep_these").click().run()
    assert "by Bo" not in told(page)


def test_a_person_is_no_link() -> None:
    """An address among other words is shown as written, and Markdown makes no link of it."""
    assert people("Right (a.b-c+d@ex-ample.org)!") == r"Right \(`a.b-c+d@ex-ample.org`\)\!"
    assert people("local user") == "local user"


def test_a_launch_that_cannot_be_read_stops_no_other_page(open_page: Open, store: Store) -> None:
    """The strip says that it cannot tell what comes next; the page below it goes on."""
    open_page("districts")
    store.rule_sets.save_draft("sample", RuleSet(rules=(KEEP,)).to_json(), expected_revision=0, actor="Bo", now=NOW)
    keep(store, Onboarding(), "sample")
    with store.onboarding._database.write() as connection:
        connection.execute(update(onboardings).values(document="{}x"))
    st.cache_resource.clear()
    page = open_page("sections", district="sample")
    assert "cannot be read" in told(page)
    assert page.text_input(key="sections_search")
