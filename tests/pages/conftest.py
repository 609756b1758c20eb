"""What the tests of pages share: an app of its own for each test, with its own data folder and store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from roster_core.adapters.store import Store, open_store
from tests import components  # noqa: F401  (importing it is what it is for)
from tests.databases import put_migrated

ROOT = Path(__file__).resolve().parents[2]

Open = Callable[..., AppTest]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder that the pages of this test use; the server's caches start empty and end closed."""
    for name in ("ROSTER_DATABASE_URL", "CLEVER_CLIENT_ID", "CLEVER_CLIENT_SECRET", "CLEVER_DISTRICT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ROSTER_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    st.cache_resource.clear()
    yield tmp_path
    finish_jobs()
    st.cache_resource.clear()


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    """The store of this test's app, opened beside it: what a colleague's session would see."""
    opened = open_store(put_migrated(data_dir / "roster.sqlite3"))
    yield opened
    opened.close()


@pytest.fixture
def open_page(data_dir: Path) -> Open:
    """Opens one page alone, as a first visit by its link does, in a session of its own."""

    def opened(name: str, **query: str) -> AppTest:
        page = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
        for key, value in query.items():
            page.query_params[key] = value
        page.run()
        assert not page.exception
        return page

    return opened


def finish_jobs() -> None:
    """Waits for the work of this process that pages started, asked for or ahead."""
    for thread in threading.enumerate():
        if thread.name.startswith(("job ", "made ahead")):
            thread.join(timeout=60)


def told(page: AppTest) -> str:
    """Everything a page says in text, in one string, without Markdown's marks."""
    kinds = ("title", "header", "markdown", "caption", "success", "error", "warning", "info")
    return "\n".join(element.value for kind in kinds for element in page.get(kind)).replace("\\", "")
