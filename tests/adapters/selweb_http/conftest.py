"""The HTTP target, with a real service on the loopback and a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from roster_core.adapters.selweb_http import HttpTarget
from roster_core.adapters.store import Store, open_store
from tests.adapters.selweb_committing import a_target
from tests.adapters.selweb_service import RosterService
from tests.databases import put_migrated


@pytest.fixture
def service() -> Iterator[RosterService]:
    """The service, without any roster."""
    with RosterService() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The app's own store."""
    opened = open_store(put_migrated(tmp_path / "roster.sqlite3"))
    yield opened
    opened.close()


@pytest.fixture
def target(store: Store, service: RosterService) -> HttpTarget:
    """The target, which never really waits."""
    return a_target(store, service)
