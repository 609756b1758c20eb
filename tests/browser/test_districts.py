"""The morning screen in the browser: a list walked by keyboard and narrowed; all districts refreshed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from roster_core.adapters.clever import CleverClient
from roster_core.adapters.keeping import Keeper
from roster_core.adapters.store import open_store
from roster_core.rules import RuleSet
from roster_core.sample import sample_district
from roster_core.settings import Profile
from tests.adapters.awkward_clever import AwkwardClever
from tests.adapters.clever_district import a_district
from tests.browser.conftest import App, press, settle, visit
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

CONNECTED = ("Ash", "Elm", "Oak")
BY_FILES = ("Alder", "Birch", "Cedar", "Dogwood")


@pytest.fixture
def clever() -> Iterator[AwkwardClever]:
    """A Clever on the loopback that connects three districts."""
    with AwkwardClever({f"{name}-token": a_district(name) for name in CONNECTED}) as running:
        yield running


@pytest.fixture
def morning(clever: AwkwardClever, tmp_path: Path, serve: Callable[..., App]) -> App:
    """The app with three districts from Clever and four from files, all of them three days old."""
    then = datetime.now(UTC) - timedelta(days=3)
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'roster.sqlite3'}")
    keeper = Keeper(store, "dana", "embedded", Profile(), lambda: then, store.activity.newest())
    client = CleverClient(clever.settings(), clock=then.timestamp)
    for name in CONNECTED:
        keeper.fetch(client, f"{name.lower()}-district")
    for number, name in enumerate(BY_FILES):
        made = sample_district(60 + number, number, fetched_at=then)
        district = replace(made.district, id=name.lower(), name=f"{name} School District")
        rules = RuleSet(assessed_grades=("1", "2")).to_json()
        if number:
            store.rule_sets.save_draft(name.lower(), rules, expected_revision=0, actor="dana", now=then)
        keeper.keep(replace(made, source="clever-csv", district=district), source="file")
    store.close()
    reached = clever.settings()
    return serve(
        tmp_path / "data",
        CLEVER_CLIENT_ID=reached.client_id,
        CLEVER_CLIENT_SECRET=reached.client_secret.reveal(),
        CLEVER_API_URL=reached.api_url,
        CLEVER_OAUTH_URL=reached.oauth_url,
    )


def names(page: Page, count: int = 7) -> list[str]:
    """The districts of the list as it stands, in its order, once there are so many."""
    rows = page.get_by_test_id("stDataFrame").first.locator("table tbody tr")
    expect(rows).to_have_count(count)
    return [row.locator("td").first.inner_text() for row in rows.all()]


def test_a_morning_with_seven_districts(morning: App, clever: AwkwardClever, page: Page) -> None:
    """The list is walked by keyboard and narrowed; all are refreshed, one fails and is named; nothing offends axe."""
    visit(page, morning)
    expect(page.get_by_text("7 districts")).to_be_visible()
    expect(page.get_by_text("Counting students …")).to_have_count(0, timeout=30_000)
    settle(page)
    assert violations(page) == []
    # The chart library is fetched meanwhile, by a chart that nobody sees.
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_attached()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_hidden()
    _walk_by_keyboard(page)
    _narrow(page)
    _refresh(page, clever)
    assert violations(page) == []


def _walk_by_keyboard(page: Page) -> None:
    """From the search field the list is reached by Tab; arrows move in it, and Shift+Space looks behind a row."""
    listed = names(page)
    page.get_by_label("Search districts").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "CANVAS":
            break
    for wanted in (listed[1], listed[2]):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+Space")
        expect(page.get_by_role("heading", name=wanted, exact=True)).to_be_visible()
        settle(page)


def _narrow(page: Page) -> None:
    """Words and flags leave rows out, and say so."""
    page.get_by_label("Search districts").fill("school district")
    expect(page.get_by_text("4 shown")).to_be_visible()
    assert sorted(names(page, 4)) == [f"{name} School District" for name in BY_FILES]
    page.get_by_label("Search districts").fill("")
    expect(page.get_by_text("4 shown")).to_have_count(0)
    settle(page)


def _refresh(page: Page, clever: AwkwardClever) -> None:
    """One of three fails and keeps its old roster; the others are told with what changed."""
    clever.refused_tokens.add("Elm-token")
    clever.districts["Oak-token"] = a_district("Oak", students=31)
    press(page.get_by_role("button", name="Refresh all"))
    expect(page.get_by_text("1 changed, 1 as before, 1 failed")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Elm keeps its old roster.")).to_be_visible()
    expect(page.get_by_text("1 student is new.")).to_be_visible()
    expect(page.get_by_text("Ask for new files: Alder School District")).to_be_visible()
    settle(page)
    first = names(page)
    assert first.index("Elm") < first.index("Oak")
