"""Twins, near families and the answer about a student in a real browser, by what a reviewer sees and clicks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from roster_core.adapters.store import open_store
from tests.browser.conftest import App, go_to, press, settle, visit
from tests.browser.test_accessibility import violations
from tests.builders import HOMEROOMS
from tests.pages.test_insight import NOW, shared_twice

pytestmark = pytest.mark.browser


@pytest.fixture(name="sections")
def _sections(serve: Callable[..., App], page: Page, tmp_path: Path) -> Page:
    """The sections page of a district one of whose homerooms is shared twice, homerooms kept."""
    folder = tmp_path / "twins"
    folder.mkdir()
    store = open_store(f"sqlite:///{folder / 'roster.sqlite3'}")
    store.rosters.save(shared_twice())
    store.rule_sets.save_draft("d1", HOMEROOMS.to_json(), expected_revision=0, actor="a colleague", now=NOW)
    store.close()
    visit(page, serve(folder), "sections")
    return page


def test_a_room_is_chosen_once(sections: Page) -> None:
    """The panel says the effect, one click settles the whole room, Undo frees it, and axe finds nothing."""
    press(sections.get_by_text("Twins: rooms shared as several sections"))
    expect(sections.get_by_text("1 room whose students are kept in more than one section")).to_be_visible()
    settle(sections)
    assert violations(sections) == []
    press(sections.get_by_text("Homeroom 9 · "))
    press(sections.get_by_role("button", name="Pin 4 students"))
    expect(sections.get_by_text("No kept sections of one school")).to_be_visible()
    expect(sections.get_by_text("8 of 8 in exactly one")).to_be_visible()
    press(sections.get_by_role("button", name="Undo"))
    expect(sections.get_by_text("4 of 8 in exactly one")).to_be_visible()


def test_near_families_are_merged(sections: Page) -> None:
    """Merge makes one row of two, Take back makes two again; the open panels have no violation."""
    press(sections.get_by_text("Kept rooms that look wrong"))
    press(sections.get_by_text("Families that may be one"))
    press(sections.get_by_role("button", name="Merge"))
    expect(sections.get_by_text("5 sections · 2 families")).to_be_visible()
    settle(sections)
    assert violations(sections) == []
    press(sections.get_by_role("button", name="Take back"))
    expect(sections.get_by_text("5 sections · 3 families")).to_be_visible()


def test_a_student_is_answered(sections: Page) -> None:
    """One sentence, what it takes, and text to copy that has no name; a rule taken settles the student."""
    go_to(sections, "Students")
    sections.get_by_label("Find a student by number or name").fill("1001")
    expect(sections.get_by_text("Student 1001 is in 2 kept sections")).to_be_visible()
    settle(sections)
    press(sections.get_by_text("What it takes, and text for the district"))
    text = sections.get_by_label("Text to copy")
    expect(text).to_have_value(re.compile("Student 1001 is in 2 sections that count"))
    settle(sections)
    assert violations(sections) == []
    press(sections.get_by_role("button", name="Take it").first)
    expect(sections.get_by_text("8 of 8 in exactly one")).to_be_visible()
    expect(sections.get_by_text("but the roster is not committed yet")).to_be_visible()
