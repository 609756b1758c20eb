"""A commit goes on without the tab that began it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from roster_core.sample import sample_district
from tests.adapters.selweb_service import RosterService
from tests.browser.conftest import App, press, visit
from tests.pages.test_commit import ready_rules

pytestmark = pytest.mark.browser


def test_a_commit_survives_its_tab(serve_sample: Callable[..., App], context: BrowserContext) -> None:
    """The tab is closed while SELweb still works on the commit; another tab shows the receipt."""
    with RosterService(slow=3) as service:
        rules = ready_rules(sample_district())
        app = serve_sample(rules, SELWEB_URL=service.url, SELWEB_TOKEN=service.token)
        page = context.new_page()
        visit(page, app, "commit")
        expect(page.get_by_text("Ready: nothing stops the commit.")).to_be_visible(timeout=30_000)
        box = page.get_by_label(re.compile("To confirm, type"))
        box.fill(box.get_attribute("aria-label").rsplit(": ", 1)[1])
        press(page.get_by_role("button", name=re.compile(r"Roster [\d,]+ students? of")))
        _wait_for(lambda: "POST commit" in service.whats())
        page.close()
        _wait_for(lambda: service.commits == 1)
        other = context.new_page()
        visit(other, app, "commit?district=sample")
        expect(other.get_by_text(re.compile("Rostered .* sent to SELweb")).first).to_be_visible(timeout=60_000)
        other.close()
    assert service.commits == 1


def _wait_for(done: Callable[[], bool]) -> None:
    for _ in range(600):
        if done():
            return
        time.sleep(0.1)
    pytest.fail("it did not happen within a minute")
