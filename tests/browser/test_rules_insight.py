"""The rules page in a real browser: a group settled with one click, two rule sets compared, a request to copy."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, assess, kept_names, press, settle, visit
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser


@pytest.fixture(name="rules")
def _rules(serve_sample: Callable[..., App], page: Page) -> Page:
    """The rules page of the sample district with homerooms and advisories kept, saved as version 1."""
    visit(page, serve_sample(kept_names("Homeroom", "Advisory"), saved=True), "rules")
    expect(page.get_by_role("button", name="Saved", exact=True)).to_be_disabled()
    return page


def in_one(page: Page) -> Locator:
    """How many students are in exactly one."""
    return page.get_by_test_id("stMetric").filter(has_text="In exactly one").get_by_test_id("stMetricValue")


def open_panel(page: Page, name: str, brings: Locator) -> None:
    """Opens one of the panels by its heading, and waits until what it brings is there and the page rests."""
    press(page.get_by_text(name, exact=True))
    expect(brings.first).to_be_visible()
    settle(page)


def test_a_group_is_settled_with_one_click_and_compared(rules: Page) -> None:
    """The button does what it says, the what-if shows the same difference, and undo takes it back."""
    open_panel(rules, "Still in several or none: why", rules.get_by_role("button", name="List students"))
    offer = rules.get_by_role("button", name=re.compile(r"settles [\d,]+, breaks [\d,]+")).first
    expect(offer).to_be_visible()
    settles, breaks = (int(found.replace(",", "")) for found in re.findall(r"(?:settles|breaks) ([\d,]+)",
                                                                           offer.inner_text()))  # fmt: skip
    before = int(in_one(rules).inner_text().replace(",", ""))
    assert violations(rules) == []
    press(offer)
    expect(in_one(rules)).to_have_text(f"{before + settles - breaks:,}")
    open_panel(rules, "Compare: draft, saved versions, suggestions", rules.get_by_text("newly in exactly one."))
    expect(rules.get_by_role("cell", name=f"+{settles - breaks:,}", exact=True).first).to_be_visible()
    assert violations(rules) == []
    press(rules.get_by_role("button", name="Undo"))
    expect(in_one(rules)).to_have_text(f"{before:,}")


def test_the_other_panels_have_no_violation(rules: Page) -> None:
    """Rules to start from and the request for the district are accessible when opened."""
    start = rules.get_by_role("button", name="Start from")
    open_panel(rules, "Start from common rules or another district's", start)
    open_panel(rules, "Request for the district", rules.get_by_role("button", name="Download as e-mail"))
    expect(rules.get_by_text("Sections rule 1").first).to_be_visible()
    assert violations(rules) == []


def test_the_students_of_a_group_have_their_page(rules: Page) -> None:
    """A group's students open on the Students page, said in a filter that is taken away by its button."""
    open_panel(rules, "Still in several or none: why", rules.get_by_role("button", name="List students"))
    press(rules.get_by_role("button", name="List students").first)
    expect(rules.get_by_role("heading", name="Students", exact=True)).to_be_visible()
    everybody = rules.get_by_role("button", name="Show everybody")
    expect(everybody).to_be_visible()
    expect(rules.get_by_text("now ").first).to_be_visible()
    assert violations(rules) == []
    press(everybody)
    expect(everybody).to_be_hidden()


def test_the_request_is_downloaded_as_a_letter(rules: Page) -> None:
    """The file opens in a mail program: it has a subject and the rules."""
    open_panel(rules, "Request for the district", rules.get_by_role("button", name="Download as e-mail"))
    with rules.expect_download() as arriving:
        press(rules.get_by_role("button", name="Download as e-mail"))
    letter = arriving.value.path().read_text(encoding="utf-8")
    assert "Subject: Sharing rules" in letter and "Sections rule 1" in letter


def test_a_suggestion_is_compared_before_it_is_tried(app: App, page: Page) -> None:
    """Compare shows both columns of numbers in the card, without a violation."""
    visit(page, app, "rules")
    assess(page)
    press(page.get_by_role("button", name="Compare", exact=True).first, timeout=60_000)
    expect(page.get_by_role("cell", name="In exactly one")).to_be_visible()
    settle(page)
    # The button's tooltip, drawn by Streamlit outside every landmark, goes with the pointer.
    press(page.get_by_role("heading", name="Rules", exact=True))
    expect(page.get_by_role("tooltip")).to_have_count(0)
    assert violations(page) == []
