"""pull from the command line: what it fetches is known at a glance, as after a load in the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from roster_core.adapters.store import open_store
from tests.adapters.awkward_clever import AwkwardClever
from tests.adapters.clever_district import a_district
from tests.command_line import runner


def test_what_was_pulled_is_known_at_a_glance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Clever's state of the district, and what a second pull changed, are in the store without opening a roster."""
    run = runner(tmp_path, monkeypatch, capsys)
    with AwkwardClever({"a-token": a_district("Oak")}) as server:
        monkeypatch.setenv("CLEVER_CLIENT_ID", server.client_id)
        monkeypatch.setenv("CLEVER_CLIENT_SECRET", server.client_secret)
        monkeypatch.setenv("CLEVER_API_URL", server.url)
        monkeypatch.setenv("CLEVER_OAUTH_URL", server.url)
        assert run("pull").code == 0
        server.districts["a-token"] = a_district("Oak", students=31)
        assert run("pull").code == 0
    store = open_store(f"sqlite:///{tmp_path / 'var' / 'roster.sqlite3'}")
    said, changed = store.known.clever()["oak-district"], store.known.changes()["oak-district"]
    store.close()
    assert (said.name, said.state, said.listed) == ("Oak", "running", True)
    assert changed.sentences
