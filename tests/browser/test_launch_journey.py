"""From an empty database to Ready To Assess: every step of the published process, as somebody new would walk it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import trustme
from playwright.sync_api import Page, expect

from roster_core.dates import business_day
from tests.adapters.awkward_clever import AwkwardClever, Lists
from tests.adapters.clever_district import OAK, a_district, a_section
from tests.adapters.mail_server import mail_server
from tests.adapters.selweb_service import RosterService
from tests.browser.conftest import App, assess, go_to, press, settle, use_suggestion, visit

pytestmark = pytest.mark.browser


def test_a_district_comes_from_its_name_to_ready_to_assess(serve: Callable[..., App], page: Page) -> None:
    """Added by name, asked to connect, linked, loaded, filtered, rostered in the product, and told that it is ready."""
    with AwkwardClever({}) as clever, RosterService() as product, mail_server(trustme.CA()) as post:
        app = serve(**_settings(clever, product, post.mail.port))
        visit(page, app)
        _add_by_name(page)
        _ask_to_connect(page)
        assert "https://connect.example/app" in post.inbox.letters[0].get_content()
        clever.districts[OAK] = _shared()
        _link_and_load(page)
        _filter(page)
        _set_the_dates(page)
        _roster(page)
        assert product.commits == 1
        _send_ready(page)
        assert [letter["Subject"] for letter in post.inbox.letters] == [
            f"Connect SELweb in Clever: {NAME}",
            f"Ready To Assess: {NAME}",
        ]
        expect(page.get_by_text("7 of 7 steps done")).to_be_visible()
        go_to(page, "Activity")
        expect(page.get_by_text(re.compile("The log is whole"))).to_be_visible()


NAME = "Oak"


def _settings(clever: AwkwardClever, product: RosterService, port: int) -> dict[str, str]:
    return {
        "CLEVER_CLIENT_ID": clever.client_id,
        "CLEVER_CLIENT_SECRET": clever.client_secret,
        "CLEVER_API_URL": clever.url,
        "CLEVER_OAUTH_URL": clever.url,
        "SELWEB_URL": product.url,
        "SELWEB_TOKEN": product.token,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "SMTP_FROM": "sel@team.example",
        "ROSTER_CONNECT_LINK": "https://connect.example/app",
    }


def _shared() -> Lists:
    """What the district shares: every student of grade 3 in one homeroom and in one mathematics section."""
    lists = a_district(NAME, students=40)
    pupils = [user for user in lists["users"] if "student" in user["roles"]]
    for pupil in pupils:
        pupil["roles"]["student"]["grade"] = "3"
    teachers = [user["id"] for user in lists["users"] if "teacher" in user["roles"]]
    ids = [pupil["id"] for pupil in pupils]
    homerooms = [{**a_section("oak", n, teachers, ids[n::4]), "name": f"Homeroom {n + 1}"} for n in range(4)]
    others = [{**a_section("oak", n + 4, teachers, ids[n::3]), "name": f"Math {n + 1}"} for n in range(3)]
    return {**lists, "sections": homerooms + [{**section, "subject": "math"} for section in others]}


def _add_by_name(page: Page) -> None:
    press(page.get_by_role("tab", name="Add one by its name"))
    page.get_by_label("Name of the district").fill(NAME)
    page.get_by_label("Name of the district").press("Tab")
    expect(page.get_by_role("button", name="Add it")).to_be_enabled()
    settle(page)
    press(page.get_by_role("button", name="Add it"))
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()


def _ask_to_connect(page: Page) -> None:
    go_to(page, "Launch")
    press(page.get_by_role("tab", name="People"))
    page.get_by_label("SEL lead: e-mail").fill("lead@oak.example")
    page.get_by_label("Clever admin: e-mail").fill("admin@oak.example")
    press(page.get_by_role("button", name="Save the people"))
    expect(page.get_by_text("The people are saved.")).to_be_visible()
    press(page.get_by_role("button", name=re.compile("Tick")).first)
    press(page.get_by_role("button", name="It is done"))
    expect(page.get_by_text("Send the district the link to connect.")).to_be_visible()
    press(page.get_by_text("Message: Request to connect"))
    press(page.get_by_role("button", name="Send to 2 people"))
    expect(page.get_by_text("Sent to 2 recipients.")).to_be_visible()
    expect(page.get_by_text(re.compile("The district is to connect in Clever"))).to_be_visible()


def _link_and_load(page: Page) -> None:
    go_to(page, "Districts")
    press(page.get_by_role("tab", name="Connect Clever"))
    press(page.get_by_role("button", name="Ask Clever again"))
    press(page.get_by_role("button", name="Link them"), timeout=30_000)
    press(page.get_by_test_id("stButton").get_by_role("button", name=re.compile("Load$")), timeout=30_000)
    expect(page.get_by_text(f"Loaded {NAME}: 40 students, 7 sections, 80 enrollments.")).to_be_visible(timeout=60_000)
    settle(page)


def _filter(page: Page) -> None:
    assess(page)
    go_to(page, "Rules")
    use_suggestion(page)
    expect(page.get_by_text("40 of 40").first).to_be_visible()


def _set_the_dates(page: Page) -> None:
    go_to(page, "Launch")
    today = datetime.now(UTC).date()
    for label, ahead in (("Opens", 8), ("Closes", 18)):
        page.get_by_role("spinbutton", name=f"month, {label}").click()
        page.keyboard.type(f"{business_day(today, ahead):%m%d%Y}")
        page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("Launch on"))).to_be_visible()
    settle(page)
    press(page.get_by_role("button", name=re.compile("Launch on")))
    expect(page.get_by_role("spinbutton", name="month, Launch")).not_to_have_text("mm")
    settle(page)
    press(page.get_by_role("button", name="Save the dates"))
    expect(page.get_by_text("The dates are saved.")).to_be_visible()
    # Whether these are all sections only a person can say.
    press(page.get_by_role("button", name=re.compile("Tick")).first)
    press(page.get_by_role("button", name="It is done"))
    expect(page.get_by_text("5 of 7 steps done")).to_be_visible()
    page.keyboard.press("Escape")


def _roster(page: Page) -> None:
    go_to(page, "Commit")
    expect(page.get_by_text("Ready: nothing stops the commit.")).to_be_visible(timeout=30_000)
    page.get_by_label(re.compile("To confirm, type")).fill(f"{NAME} 40")
    press(page.get_by_role("button", name=f"Roster 40 students of {NAME}"))
    expect(page.get_by_text(re.compile("Rostered 40 students: sent to SELweb")).first).to_be_visible(timeout=60_000)


def _send_ready(page: Page) -> None:
    go_to(page, "Launch")
    expect(page.get_by_text("6 of 7 steps done")).to_be_visible()
    press(page.get_by_text("Message: Ready To Assess"))
    expect(page.get_by_text("Ready: nothing stands against it today.")).to_be_visible()
    press(page.get_by_role("button", name="Send to 2 people"))
    expect(page.get_by_text("Sent to 2 recipients.")).to_be_visible()
