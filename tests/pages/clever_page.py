"""The districts page with a Clever on the loopback behind it, and what tests of it read from the list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.adapters.awkward_clever import AwkwardClever
from tests.adapters.clever_district import a_district
from tests.pages.conftest import Open, finish_jobs


@pytest.fixture
def clever(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwkwardClever]:
    """A Clever on the loopback that connects three districts, and the settings to reach it."""
    districts = {f"{name}-token": a_district(name) for name in ("Ash", "Elm", "Oak")}
    with AwkwardClever(districts) as running:
        reached = running.settings()
        monkeypatch.setenv("CLEVER_CLIENT_ID", reached.client_id)
        monkeypatch.setenv("CLEVER_CLIENT_SECRET", reached.client_secret.reveal())
        monkeypatch.setenv("CLEVER_API_URL", reached.api_url)
        monkeypatch.setenv("CLEVER_OAUTH_URL", reached.oauth_url)
        yield running


def visit(open_page: Open) -> AppTest:
    """Opens the page, and once more when what it started in the background has ended."""
    page = open_page("districts")
    finish_jobs()
    return page.run()


def rows(page: AppTest) -> dict[str, dict[str, object]]:
    """The list as it is drawn, by the district's name, in its order."""
    drawn = next(frame.value for frame in page.dataframe if "District" in frame.value.columns)
    return {row["District"]: row for row in drawn.to_dict("records")}


def look_behind(page: AppTest, name: str) -> AppTest:
    """Selects the row of that district, as a click or Shift+Space does."""
    key = page.session_state["selection:district_list"][0]
    place = list(rows(page)).index(name)
    page.session_state[key] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    page.run()
    assert not page.exception
    return page


def load(page: AppTest, name: str) -> AppTest:
    """Loads a connected district from behind its row, and waits until it is there."""
    look_behind(page, name).button(key="load").click().run()
    finish_jobs()
    return page.run()
