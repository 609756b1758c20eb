"""The launch page in the browser: from a district that is only a name to its dates and first request, with axe."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from roster_core.adapters.store import open_store
from roster_core.dates import business_day, day_text, propose_launch
from tests.browser.conftest import App, press, settle, visit
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

TODAY = datetime.now(UTC).date()
OPENS = business_day(TODAY, 20)


@pytest.fixture
def elm(app: App, page: Page) -> Page:
    """The launch page of a district that was added by its name."""
    visit(page, app)
    store = open_store(f"sqlite:///{app.data_dir / 'roster.sqlite3'}")
    store.districts.add_named("Elm Park USD", actor="dana", now=datetime.now(UTC))
    store.close()
    visit(page, app, "launch?district=elm-park-usd")
    return page


def test_a_district_goes_its_first_steps(elm: Page) -> None:
    """A tick by the keyboard with a note, a launch from the proposal, a request that waits; the next action follows."""
    expect(elm.get_by_text("Ask whether the district has chosen Clever, and tick it.")).to_be_visible()
    assert violations(elm) == []
    tick = elm.get_by_role("button", name=re.compile("^Tick")).first
    tick.press("Enter")
    month = elm.get_by_role("spinbutton", name="month, Done on")
    expect(month).to_be_visible()
    # What the button opened is the next stop.
    tick.press("Tab")
    expect(month).to_be_focused()
    elm.get_by_label("Note").first.fill("at the planning meeting")
    settle(elm)
    assert violations(elm) == []
    press(elm.get_by_role("button", name="It is done"))
    expect(elm.get_by_text("at the planning meeting")).to_be_visible()
    expect(elm.get_by_text("Send the district the link to connect.")).to_be_visible()
    elm.get_by_role("spinbutton", name="month, Opens").click()
    elm.keyboard.type(f"{OPENS:%m%d%Y}")
    elm.keyboard.press("Escape")
    proposed = propose_launch(OPENS, 3)
    proposal = elm.get_by_role("button", name=f"Launch on {day_text(proposed)}")
    # What was typed has arrived, and the button stands, before it is clicked; and the date before it is saved.
    expect(proposal).to_be_visible()
    settle(elm)
    press(proposal)
    expect(elm.get_by_role("spinbutton", name="month, Launch")).to_have_text(f"{proposed:%m}")
    settle(elm)
    press(elm.get_by_role("button", name="Save the dates"))
    expect(elm.get_by_text("The dates are saved.")).to_be_visible()
    expect(elm.get_by_text("to the launch")).to_be_visible()
    press(elm.get_by_role("button", name=re.compile("^Request to connect")))
    press(elm.get_by_role("button", name="It was sent"))
    expect(elm.get_by_text("The district is to connect in Clever")).to_be_visible()
    assert violations(elm) == []


def test_every_part_of_the_page_is_without_a_violation(elm: Page) -> None:
    """People, days off, headcounts and windows, with the new window open, have none."""
    for name in ("People", "Calendar", "Expected headcounts", "Windows"):
        press(elm.get_by_role("tab", name=name))
        settle(elm)
        assert violations(elm) == [], name
    press(elm.get_by_role("button", name=re.compile("^Start a new window")))
    elm.get_by_label("Name of the new window").fill("Spring")
    elm.keyboard.press("Tab")
    settle(elm)
    assert violations(elm) == []
    press(elm.get_by_role("button", name="Start it"))
    expect(elm.get_by_text("window Spring")).to_be_visible()
