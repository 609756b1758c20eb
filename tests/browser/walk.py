"""How long whatever somebody does takes in a real browser, in districts of several sizes; for `make bench`."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

from roster_core.adapters.store import open_store
from roster_core.sample import sample_district
from tests.benchmarks.districts import HABITS
from tests.browser.conftest import LAUNCH, settle, start_server, stop_server
from tests.browser.latency import PAUSE, ROW_PAUSE

# From what was done to the first frame since which the page has stood: no script runs, no part of it is awaited.
_STANDS = """() => new Promise((done) => {
    let since = null;
    const look = () => {
        const app = document.querySelector('[data-testid=stApp]');
        const still = app?.getAttribute('data-test-script-state') === 'notRunning'
            && !document.querySelector('[data-testid=stSkeleton]');
        const now = performance.now();
        since = still && now > window.began ? since ?? now : null;
        // The answer begins some frames later.
        since !== null && now - since > 300 ? done(since - window.began) : requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""
_PRESSED = """(pause) => addEventListener(
    'pointerdown', () => { window.began = performance.now() + pause; }, { once: true, capture: true }
)"""
_CLICK = "(thing) => { window.began = performance.now(); thing.click(); }"
_RESTED = 2_000

#: What is done, in words, and how; each begins where the one before it ended.
Step = tuple[str, Callable[[Page], None]]


def walk_seconds(sizes: tuple[int, ...]) -> dict[str, list[tuple[float, float]]]:
    """What somebody does -> for each size of district, the seconds it takes the first time and the second.

    Every district has a server and a browser of its own. Its first page has been open for some seconds, as when
    somebody has read it. Typing and the choice of a row count from the end of Streamlit's pause.
    """
    taken: dict[str, list[tuple[float, float]]] = {}
    for students in sizes:
        first, second = _walked(students)
        for what in first:
            taken.setdefault(what, []).append((first[what], second[what]))
    return taken


def _walked(students: int) -> tuple[dict[str, float], dict[str, float]]:
    with tempfile.TemporaryDirectory(prefix="roster-walk-") as name, sync_playwright() as driver:
        folder = Path(name)
        _seed(folder / "data", students)
        app = start_server(folder / "data", folder / "server.log", {})
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = driver.chromium.launch(executable_path=chromium, args=[*LAUNCH])
        try:
            page = browser.new_page(viewport={"width": 1360, "height": 1200}, reduced_motion="reduce")
            page.goto(f"{app.url}/?district=sample")
            settle(page)
            page.wait_for_timeout(_RESTED)
            return _steps_taken(page), _steps_taken(page)
        finally:
            browser.close()
            stop_server(app)


def _seed(data_dir: Path, students: int) -> None:
    """A store with a made-up district and saved rules that leave few students in several or in none."""
    data_dir.mkdir()
    store = open_store(f"sqlite:///{data_dir / 'roster.sqlite3'}")
    moment = datetime.now(UTC)
    store.rosters.save(sample_district(students, fetched_at=moment))
    store.districts.save("sample", name="Sample district", source="sample", now=moment)
    store.rule_sets.save("sample", replace(HABITS, name="Habits"), expected_version=0, actor="bench", now=moment)
    store.close()


def _steps_taken(page: Page) -> dict[str, float]:
    taken = {}
    for what, do in _steps():
        page.evaluate("() => { window.began = performance.now(); }")
        do(page)
        taken[what] = page.evaluate(_STANDS) / 1000
        settle(page)
    return taken


def _steps() -> list[Step]:
    return [
        ("open Sections", _opens("Sections")), *_on_sections(),
        ("open Rules", _opens("Rules")), *_on_rules(),
        ("open Students", _opens("Students")), *_on_students(),
        ("open Commit", _opens("Commit")), *_on_commit(),
        ("open Launch", _opens("Launch")),
        ("open Activity", _opens("Activity")),
        ("open Districts", _opens("Districts")),
    ]  # fmt: skip


def _on_sections() -> list[Step]:
    return [
        ("  type in the search", _types("Search names", "home")),
        ("  names, not families", _clicks("radio", "Names")),
        ("  drop what is shown", _clicks("button", "Drop these")),
        ("  undo", _clicks("button", "Undo")),
        ("  families again", _clicks("radio", "Families")),
        ("  select a family", _selects(table=0)),
        ("  drop the family", _clicks("button", "Drop these")),
        ("  undo that", _clicks("button", "Undo")),
        ("  choose a subject", _selects(table=1)),
        ("  every subject again", _clicks("button", "Clear what is chosen")),
        *_panels("Twins: rooms shared", "Families that may be one", "Kept rooms that look"),
    ]


def _on_rules() -> list[Step]:
    return [
        *_panels("Still in several or none", "Compare: draft", "Start from common", "Request for the", "More: name"),
        ("  add a rule", _clicks("button", "Drop rule")),
        ("  remove the rule", _clicks("button", "Remove: rule 4")),
        ("  open a rule's values", _clicks("button", "List")),
        ("  close them", _clicks("button", "List")),
    ]


def _on_students() -> list[Step]:
    return [
        ("  by school", _clicks("radio", "By school")),
        ("  grade by school", _clicks("radio", "Grade × school")),
        ("  by grade", _clicks("radio", "By grade")),
        ("  type a number", _types("Find a student by number or name", "10000")),
        ("  type nobody's name", _types("Find a student by number or name", "nobody of this name")),
        ("  type a whole number", _types("Find a student by number or name", "100178")),
        ("  type nothing again", _types("Find a student by number or name", "")),
        ("  choose a student", _selects(table=0)),
        *_panels("What it takes"),
        ("  choose nobody", _selects(table=0)),
    ]


def _on_commit() -> list[Step]:
    return [
        ("  open a cause's list", _clicks("button", "List")),
        ("  its message instead", _clicks("button", "Message")),
        ("  close it", _clicks("button", "Message")),
        *_panels("Class lists"),
    ]


def _panels(*names: str) -> list[Step]:
    """Each panel opened; it is closed again before the next."""
    steps: list[Step] = []
    for name in names:
        steps += [(f"  open {name!r}", _toggles(name)), (f"  close {name!r}", _toggles(name))]
    return steps


def _opens(name: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        _click(page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True))
        page.get_by_role("heading", name=name, exact=True).wait_for()

    return do


def _clicks(role: str, name: str) -> Callable[[Page], None]:
    # A button's name ends with the keys that press it.
    return lambda page: _click(page.get_by_role(role, name=re.compile(f"^{re.escape(name)}")).first)  # type: ignore[arg-type]


def _selects(table: int) -> Callable[[Page], None]:
    """A press on the mark before the first row of a table, which is drawn and has no element of its own."""

    def do(page: Page) -> None:
        page.evaluate(_PRESSED, 1000 * ROW_PAUSE)
        page.get_by_test_id("stDataFrame").nth(table).click(position={"x": 16, "y": 50})

    return do


def _toggles(name: str) -> Callable[[Page], None]:
    return lambda page: _click(page.get_by_test_id("stExpander").locator("summary").filter(has_text=name).first)


def _types(box: str, text: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        page.get_by_label(box, exact=True).fill(text)
        page.evaluate(f"() => {{ window.began = performance.now() + {1000 * PAUSE}; }}")

    return do


def _click(thing: Locator) -> None:
    """A click in the page itself: to find and reach the thing takes the driver longer than it would a hand."""
    thing.evaluate(_CLICK)
