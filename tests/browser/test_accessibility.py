"""No page breaks a rule of accessibility that axe can see."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, assess, go_to, press, settle, use_suggestion, visit
from tests.browser.test_journey import commit, settle_the_rest

PAGES = ("Districts", "Sections", "Rules", "Students", "Commit", "Activity")

pytestmark = pytest.mark.browser


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands: rule, then where."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']} {node['html'][:160]}" for each in found for node in each["nodes"]]


def test_no_page_has_a_violation(app: App, page: Page) -> None:
    """The first question and each page, with the sample district, have none."""
    visit(page, app)
    assert violations(page) == []
    assess(page)
    expect(page.get_by_text("in exactly one").first).to_be_visible()
    for name in PAGES:
        go_to(page, name)
        assert violations(page) == [], name


def test_a_working_session_has_no_violation(app: App, page: Page) -> None:
    """Pages in the middle of the work, with rules, a search and open panels, have none either."""
    visit(page, app, "sections")
    assess(page)
    page.get_by_label("Search names").fill("homeroom")
    expect(page.get_by_role("button", name="Keep these")).to_be_visible()
    assert violations(page) == []
    press(page.get_by_role("button", name="Keep these"))
    expect(page.get_by_text("0 of 2,000")).to_have_count(0)
    settle(page)
    press(page.get_by_role("button", name="Change who is assessed"))
    expect(page.get_by_role("button", name="Use these")).to_be_visible()
    settle(page)
    assert violations(page) == []
    for name in ("Rules", "Students", "Commit"):
        page.keyboard.press("Escape")
        go_to(page, name)
        assert violations(page) == [], name


def test_a_committed_roster_has_no_violation(app: App, page: Page) -> None:
    """Causes opened and settled, the receipt and the history have none."""
    visit(page, app, "rules")
    assess(page)
    use_suggestion(page)
    go_to(page, "Commit")
    press(page.get_by_role("button", name="List").first)
    expect(page.get_by_role("button", name="See them on the Students page")).to_be_visible()
    settle(page)
    assert violations(page) == []
    page.keyboard.press("Escape")
    settle_the_rest(page)
    commit(page)
    settle(page)
    assert violations(page) == []


def test_the_upload_has_no_violation_of_ours(app: App, page: Page) -> None:
    """The panel for roster files has none but one of Streamlit's own making."""
    visit(page, app)
    press(page.get_by_role("tab", name="Upload roster files"))
    settle(page)
    # Streamlit gives its drop zone both a name and the role of a mere decoration; no option changes that.
    assert [each for each in violations(page) if not each.startswith("presentation-role-conflict")] == []
