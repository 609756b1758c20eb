"""A newcomer's way, in the browser: from the first start to a committed roster, without a word of documentation."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from roster_core.adapters.loading import load_uploads
from tests.browser.conftest import App, assess, go_to, press, settle, use_suggestion, visit

pytestmark = pytest.mark.browser


def test_a_newcomer_commits_the_sample_district(app: App, page: Page) -> None:
    """Sample district, who is assessed, the suggested rules, the rest excused, typed confirmation, receipt: minutes."""
    began = time.monotonic()
    visit(page, app)
    expect(page.get_by_text("Sample data: no real child is in it.").first).to_be_visible()
    assess(page)
    expect(page.get_by_text("0 of 2,000").first).to_be_visible()
    press(page.get_by_role("link", name=re.compile("Choose which sections to keep")))
    use_suggestion(page)
    settle_the_rest(page)
    commit(page)
    assert time.monotonic() - began < 300
    rows = len(downloaded(page, "CSV").splitlines()) - 1
    assert 1_900 < rows < 2_000
    assert len(load_uploads({"roster.zip": downloaded(page, "OneRoster")}).students) == rows


def test_a_recorded_district_is_committed_by_a_typed_rule(app: App, page: Page, test_data: Path) -> None:
    """Dropped files, one typed word, the one student without a birthdate excused, and all others are rostered."""
    visit(page, app)
    press(page.get_by_role("tab", name="Upload roster files"))
    page.locator("input[type=file]").set_input_files(sorted((test_data / "clever-api-v3-demo").glob("*.json")))
    page.get_by_role("textbox", name="District name").fill("Demo district")
    page.get_by_role("textbox", name="District name").press("Enter")
    press(page.get_by_role("button", name="Load these files"))
    expect(page.get_by_text("Loaded Demo district: 1,004 students")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("What Demo district shared")).to_be_visible()
    settle(page)
    press(page.get_by_role("button", name="Clear all").first)
    expect(page.get_by_text("1,004 students assessed. Everybody is counted.").first).to_be_visible()
    assess(page)
    go_to(page, "Sections")
    page.get_by_label("Search names").fill("homeroom")
    press(page.get_by_role("button", name="Keep these"))
    expect(page.get_by_text("1,004 of 1,004").first).to_be_visible()
    settle_the_rest(page)
    commit(page)
    expect(page.get_by_text("Rostered 1,003 students").first).to_be_visible()


def downloaded(page: Page, label: str) -> bytes:
    """What the download button of that label gives."""
    with page.expect_download() as taken:
        press(page.get_by_role("button", name=label, exact=True))
    return taken.value.path().read_bytes()


def commit(page: Page) -> None:
    """Types the confirmation, commits, and waits for the receipt."""
    expect(page.get_by_text("Ready: nothing stops the commit.")).to_be_visible(timeout=30_000)
    box = page.get_by_label(re.compile("To confirm, type"))
    box.fill(box.get_attribute("aria-label").rsplit(": ", 1)[1])
    press(page.get_by_role("button", name=re.compile(r"Roster [\d,]+ students? of")))
    receipt = page.get_by_text(re.compile("Rostered .* recorded here, not yet in SELweb"))
    expect(receipt.first).to_be_visible(timeout=60_000)


def settle_the_rest(page: Page) -> None:
    """Excuses the students of each cause that stops the commit, biggest cause first."""
    go_to(page, "Commit")
    verdict = page.get_by_text(re.compile("must be settled first|Ready: nothing stops"))
    expect(verdict.first).to_be_visible(timeout=30_000)
    for _ in range(20):
        told = verdict.first.inner_text()
        if told.startswith("Ready"):
            return
        press(page.get_by_role("button", name="Excuse them").first)
        offered = page.get_by_role("button", name="Excuse: not assessed")
        expect(offered).to_be_enabled()
        settle(page)
        press(offered)
        expect(verdict.first).not_to_have_text(told, timeout=30_000)
        settle(page)
