"""A real server for each test and a real browser for all, the outside cut off."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Locator, Page, expect, sync_playwright

from roster_core.adapters.store import open_store
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.sample import sample_district
from tests.databases import put_migrated
from tests.processes import start

ROOT = Path(__file__).resolve().parents[2]
LAUNCH = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    # Nothing but this computer is reachable: a page that asks the outside for anything fails its test.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
#: Who the app proposes to assess in the sample district.
ASSESSED = ("Kindergarten", *map(str, range(1, 9)))
# A text takes its height, and all below it its place, some frames after it was drawn.
_STANDS_STILL = """() => new Promise((done) => {
    let before = '', frames = 0, since = 0;
    const look = () => {
        const parts = [...document.querySelectorAll('[data-testid=stElementContainer]')];
        const now = parts.map((part) => Object.values(part.getBoundingClientRect().toJSON())).join();
        if (now !== before) [before, frames, since] = [now, 0, performance.now()];
        frames++ > 2 && performance.now() - since > 100 ? done() : requestAnimationFrame(look);
    };
    look();
})"""
# A busy machine repaints late; what never comes still fails.
expect.set_options(timeout=20_000)


@dataclass
class App:
    """A running server, its data folder and its log."""

    url: str
    data_dir: Path
    log: Path
    process: BaseProcess


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    """What starts Chromium."""
    with sync_playwright() as driver:
        yield driver.chromium


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is: at CHROMIUM or where Debian puts it; tests without it skip (and fail in CI)."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).exists():
        message = "Chromium is absent; set CHROMIUM to it or install it"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def browser(chromium: BrowserType, chromium_path: str) -> Iterator[Browser]:
    """A Chromium for tests that need contexts of their own."""
    started = chromium.launch(executable_path=chromium_path, args=list(LAUNCH))
    yield started
    started.close()


@pytest.fixture(scope="session")
def context(chromium: BrowserType, chromium_path: str) -> Iterator[BrowserContext]:
    """One context for all tests, so that the app's files are fetched once; each test has a page of its own."""
    # With a folder Chromium keeps the app's files as it compiled them too: a third less work for each visit.
    with tempfile.TemporaryDirectory(prefix="roster-chromium-", ignore_cleanup_errors=True) as folder:
        opened = chromium.launch_persistent_context(
            folder,
            executable_path=chromium_path,
            args=list(LAUNCH),
            viewport={"width": 1360, "height": 900},
            locale="en-GB",
            timezone_id="UTC",
            reduced_motion="reduce",
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def ports() -> list[int]:
    """Where one test's servers listen, and the next one's again: at a known address Chromium has the app's files."""
    return [free_port(), free_port()]


@pytest.fixture
def serve(tmp_path: Path, ports: list[int]) -> Iterator[Callable[..., App]]:
    """Starts the app on an empty data folder (or the given one) and stops it after the test."""
    running: list[App] = []

    def start(data_dir: Path | None = None, **settings: str) -> App:
        folder = data_dir or tmp_path / "data"
        app = start_server(folder, tmp_path / f"server-{len(running)}.log", settings, ports[len(running)])
        running.append(app)
        return app

    yield start
    for app in running:
        stop_server(app)


@pytest.fixture
def app(serve: Callable[..., App]) -> App:
    """The app as a newcomer starts it: no settings, an empty data folder."""
    return serve()


@pytest.fixture
def serve_sample(serve: Callable[..., App], tmp_path: Path) -> Callable[..., App]:
    """Starts the app where the sample district has these rules already, as a draft and, if `saved`, as version 1."""

    def start(rules: RuleSet, *, saved: bool = False, **settings: str) -> App:
        store = open_store(put_migrated(tmp_path / "data" / "roster.sqlite3"))
        now = datetime.now(UTC)
        store.rosters.save(sample_district(fetched_at=now))
        store.districts.save("sample", name="Sample district (made-up)", source="sample", now=now)
        if saved:
            store.rule_sets.save("sample", rules, expected_version=0, actor="local user", now=now)
        store.rule_sets.save_draft("sample", rules.to_json(), expected_revision=0, actor="local user", now=now)
        store.close()
        return serve(**settings)

    return start


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A fresh tab, of a browser that remembers no earlier test but the app's files."""
    context.clear_cookies()
    opened = context.new_page()
    opened.add_init_script("if (!sessionStorage.begun) { localStorage.clear(); sessionStorage.begun = 'yes'; }")
    yield opened
    opened.close()


def kept_names(*words: str) -> RuleSet:
    """Rules for the sample district that keep the sections with one of these words in their names."""
    rule = Rule("keep", (Condition("section_name", "contains", words),))
    return RuleSet(assessed_grades=ASSESSED, rules=(rule,))


def free_port() -> int:
    """A port of this computer that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start_server(
    data_dir: Path,
    log: Path,
    settings: dict[str, str],
    port: int | None = None,
    script: str = "app.py",
    host: str = "127.0.0.1",
) -> App:
    """The app once it answers, at that port or a free one; its log is shown where it does not."""
    port = port or free_port()
    ours = ("ROSTER_", "CLEVER_", "SELWEB_", "SMTP_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment = {**kept, "ROSTER_DATA_DIR": str(data_dir), **settings}
    process = start(_streamlit_run, str(log), environment, script, f"--server.port={port}")
    app = App(f"http://{host}:{port}", data_dir, log, process)
    wait_until_healthy(app)
    return app


def stop_server(app: App) -> None:
    """Stops the server as an operator does, and waits until it has ended."""
    app.process.terminate()
    app.process.join(timeout=30)
    assert app.process.exitcode is not None, "the server does not stop"


def _streamlit_run(log: str, environment: dict[str, str], *arguments: str) -> None:
    # What `python -m streamlit run` does, in a process of its own.
    from streamlit.web.cli import main

    with Path(log).open("wb", buffering=0) as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = ["streamlit", "run", *arguments]
    main(sys.argv[1:])


def visit(page: Page, app: App, path: str = "") -> None:
    """Opens a page of the app and waits until it is drawn."""
    page.goto(f"{app.url}/{path}")
    settle(page)


def settle(page: Page) -> None:
    """Waits until the script has ended, every element is drawn and none moves; an exception fails the test."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=30_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=30_000)
    assert page.get_by_test_id("stException").count() == 0, page.get_by_test_id("stException").inner_text()
    page.evaluate(_STANDS_STILL)


def press(thing: Locator, timeout: float = 20_000) -> None:
    """Clicks what is there once the page rests: what still moves gets the mouse down, and another thing gets it up."""
    expect(thing).to_be_visible(timeout=timeout)
    settle(thing.page)
    thing.click()


def go_to(page: Page, name: str) -> None:
    """Goes to a page by its link in the sidebar."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=30_000)
    settle(page)


def assess(page: Page) -> None:
    """Answers who is assessed as the app proposes, and waits until the question is gone."""
    answer = page.get_by_role("button", name="Assess these students")
    press(answer)
    # Not `settle` alone: right after a click the answer has not begun yet, and the page rests as before.
    expect(answer).to_have_count(0)
    settle(page)


def use_suggestion(page: Page) -> None:
    """Takes the best suggestion on the rules page, and waits until its rules stand there with their numbers."""
    press(page.get_by_role("button", name="Use this").first, timeout=60_000)
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=30_000)
    settle(page)


def wait_until_healthy(app: App) -> None:
    """Returns once the server answers; fails with its log where it does not within a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and app.process.is_alive():
        try:
            with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=1) as answer:
                if answer.read() == b"ok":
                    return
        except (URLError, OSError):
            time.sleep(0.05)
    app.process.kill()
    app.process.join()
    pytest.fail(f"the server did not start:\n{app.log.read_text(errors='replace')}")
