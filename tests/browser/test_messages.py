"""A message from the commit page in a browser: written, sent, answered; without a violation."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import trustme
from playwright.sync_api import Page, expect

from tests.adapters.mail_server import mail_server
from tests.browser.conftest import App, assess, go_to, press, settle, use_suggestion, visit
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser


def test_the_district_is_told_what_to_fix(serve: Callable[..., App], page: Page) -> None:
    """The text is changed and sent at once, without leaving the field first; a second click sends nothing more."""
    with mail_server(trustme.CA()) as server:
        mail = {"HOST": "127.0.0.1", "PORT": str(server.mail.port), "SECURITY": "none", "FROM": "sel@team.example"}
        app = serve(**{f"SMTP_{name}": value for name, value in mail.items()})
        visit(page, app, "rules")
        assess(page)
        use_suggestion(page)
        go_to(page, "Commit")
        expect(page.get_by_text(re.compile("must be settled first")).first).to_be_visible(timeout=30_000)
        settle(page)
        press(page.get_by_text("Message to the district, about all that is theirs"))
        page.get_by_label("To", exact=True).fill("data@d.example")
        page.get_by_label("To", exact=True).press("Tab")
        expect(page.get_by_role("button", name="Send to 1 person")).to_be_enabled()
        assert violations(page) == []
        page.get_by_label("Text", exact=True).fill("Please correct the birthdates.")
        press(page.get_by_role("button", name="Send to 1 person"))
        expect(page.get_by_text("Sent to 1 recipient.")).to_be_visible()
        assert violations(page) == []
        press(page.get_by_role("button", name="Send to 1 person"))
        expect(page.get_by_text("It was not sent again")).to_be_visible()
        assert [letter.get_content().strip() for letter in server.inbox.letters] == ["Please correct the birthdates."]
        go_to(page, "Launch")
        press(page.get_by_text("Message: Ready To Assess"))
        expect(page.get_by_text("No roster is in force for this district.")).to_be_visible()
        assert violations(page) == []
