"""How long the browser takes from a keystroke in a rule to the repainted number; for `make bench`."""

from __future__ import annotations

import os
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from roster_core.adapters.store import open_store
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.sample import sample_district
from tests.browser.conftest import LAUNCH, App, settle, start_server, stop_server

#: Streamlit waits this long for the next letter before it tells the server, in seconds.
PAUSE = 0.25
#: And so many after the last row that was chosen in a table.
ROW_PAUSE = 0.15

_WORDS = ("Hom", "Adv", "Math", "HR", "Art", "Science", "Read", "Homeroom")
_BOX = "Value 1 of condition 1 of rule 1"
_BARE = f"""import streamlit as st

@st.fragment
def both():
    text = st.text_input({_BOX!r}, live=True)
    st.metric("Number", sum(ord(letter) for letter in text))

both()
"""
# From the filled box to the first frame in which the number is another one.
_WATCH = """(box) => new Promise((done) => {
    const number = () => document.querySelector('[data-testid=stMetricValue]')?.innerText;
    const before = number(), began = performance.now();
    const look = () => number() !== before ? done(performance.now() - began) : requestAnimationFrame(look);
    look();
})"""


def repaint_seconds(students: int) -> tuple[float, float]:
    """(rules page, bare page): median seconds from a changed box to the repainted number, less Streamlit's pause.

    The rules page works on a made-up district of that many students; the bare page holds one input and one
    number, served and measured the same way, turn about.
    """
    with tempfile.TemporaryDirectory(prefix="roster-latency-") as name, sync_playwright() as driver:
        folder = Path(name)
        _seed(folder / "data", students)
        app = start_server(folder / "data", folder / "server.log", {})
        bare = _serve_bare(folder)
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = driver.chromium.launch(executable_path=chromium, args=list(LAUNCH))
        try:
            pages = [browser.new_page(viewport={"width": 1360, "height": 900}) for _ in range(2)]
            for page, url in zip(pages, (f"{app.url}/rules?district=sample", bare.url), strict=True):
                page.goto(url)
                page.get_by_label(_BOX, exact=True).wait_for(timeout=60_000)
                settle(page)
            taken = [[_repaint(page, word) for page in pages] for word in _WORDS * 3]
        finally:
            browser.close()
            stop_server(app)
            stop_server(bare)
    ours, theirs = zip(*taken[len(_WORDS) :], strict=True)
    return statistics.median(ours) - PAUSE, statistics.median(theirs) - PAUSE


def _repaint(page: Page, word: str) -> float:
    page.bring_to_front()
    page.get_by_label(_BOX, exact=True).fill(word)
    seconds = page.evaluate(_WATCH) / 1000
    # The rest of the page (names, bars) is done before the next word.
    page.wait_for_timeout(700)
    return seconds


def _seed(data_dir: Path, students: int) -> None:
    """A store with the made-up district and a draft of one rule."""
    data_dir.mkdir()
    store = open_store(f"sqlite:///{data_dir / 'roster.sqlite3'}")
    moment = datetime.now(UTC)
    roster = sample_district(students, fetched_at=moment)
    draft = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),)),))
    store.rosters.save(roster)
    store.rule_sets.save_draft("sample", draft.to_json(), expected_revision=0, actor="bench", now=moment)
    store.close()


def _serve_bare(folder: Path) -> App:
    """The bare page, with the app's own settings, on a port of its own."""
    script = folder / "bare.py"
    script.write_text(_BARE, encoding="utf-8")
    return start_server(folder, folder / "bare.log", {}, script=str(script))
