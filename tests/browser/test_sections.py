"""The sections page by mouse and keyboard: lists that are canvases, shortcuts, and no request to the outside."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, assess, press, settle, visit

pytestmark = pytest.mark.browser

# Where the box of the first row is in a table: pixels from its corner.
FIRST_ROW = {"x": 16, "y": 50}


@pytest.fixture
def sections(app: App, page: Page) -> Page:
    """The sections page of the sample district, with its question answered."""
    visit(page, app, "sections")
    assess(page)
    expect(page.get_by_text("681 sections · 17 families")).to_be_visible(timeout=30_000)
    settle(page)
    return page


def test_a_chosen_value_narrows_the_list_and_stays_chosen(sections: Page) -> None:
    """Choosing a subject narrows families and the other facets; a second one adds to it; clearing brings all back."""
    facet = sections.get_by_test_id("stExpander").filter(has_text="Subject").get_by_test_id("stDataFrame")
    facet.click(position=FIRST_ROW)
    expect(sections.get_by_text("97 sections · ")).to_be_visible()
    settle(sections)
    facet.click(position={"x": 16, "y": 83})
    expect(sections.get_by_text("184 sections · ")).to_be_visible()
    press(sections.get_by_role("button", name="Clear what is chosen"))
    expect(sections.get_by_text("681 sections · 17 families")).to_be_visible()


def test_a_family_is_dropped_by_keyboard_and_brought_back(sections: Page) -> None:
    """A selected family shows what Drop would do; Alt+X does it, and Undo takes it back."""
    sections.get_by_label("Search names").fill("lunch")
    expect(sections.get_by_text("30 sections · 1 family")).to_be_visible()
    settle(sections)
    families = sections.get_by_test_id("stDataFrame").first
    families.click(position=FIRST_ROW)
    # Before the choice has arrived there is nothing that a key could drop.
    expect(sections.get_by_text("30 sections: kept")).to_be_visible()
    settle(sections)
    sections.keyboard.press("Alt+x")
    # An earlier step could be undone already: the drop must have arrived first.
    expect(sections.get_by_text(re.compile("Next: Settle"))).to_be_visible()
    press(sections.get_by_role("button", name="Undo"))
    redo = sections.get_by_role("button", name="Redo")
    expect(redo).to_be_enabled()
    press(redo)
    expect(redo).to_be_disabled()


def test_a_reload_keeps_district_and_draft(sections: Page) -> None:
    """After a reload the page goes on from the draft, and says whose it is."""
    sections.get_by_label("Search names").fill("advisory")
    press(sections.get_by_role("button", name="Keep these"))
    expect(sections.get_by_text("0 of 2,000")).to_have_count(0)
    sections.reload()
    settle(sections)
    expect(sections.get_by_text("draft of").first).to_be_visible()
    expect(sections.get_by_text("0 of 2,000")).to_have_count(0)


def test_the_page_asks_nobody_outside(app: App, page: Page) -> None:
    """Every request goes to the app itself: no fonts, no telemetry, no icons from elsewhere."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, app)
    assert not [url for url in asked if not url.startswith((app.url, "data:", "blob:"))]
