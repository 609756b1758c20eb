"""A PostgreSQL that ends our sessions, and what a commit leaves behind then."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import Engine, event

from roster_core.adapters.store import open_store
from roster_core.errors import ServiceError
from tests.adapters.committing import NOW, a_plan, a_receipt

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def _end_sessions(url: str) -> None:
    """Ends every other session on the database, as a restart of the server does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_restarted_server_is_reached_again(database_url: str) -> None:
    """Sessions that ended while nobody used them are replaced without anybody noticing."""
    store = open_store(database_url)
    store.districts.save("d1", name="Elm", source="file", now=NOW)
    _end_sessions(database_url)
    assert [record.id for record in store.districts.list()] == ["d1"]
    store.close()


def test_a_session_that_ends_within_a_commit_leaves_the_old_roster(database_url: str) -> None:
    """When the server goes away within a commit the old roster stands, and the commit can be repeated."""
    store = open_store(database_url)
    first = a_plan(store, seed=1)
    store.ledger.commit(first, a_receipt(first))
    plan = a_plan(store, seed=2)

    def cut(_connection: object, _cursor: object, statement: str, *_details: object) -> None:
        if "rostered_rows" in statement:
            _end_sessions(database_url)

    event.listen(Engine, "before_cursor_execute", cut)
    try:
        with pytest.raises(ServiceError, match="Nothing is half saved"):
            store.ledger.commit(plan, a_receipt(plan))
    finally:
        event.remove(Engine, "before_cursor_execute", cut)
    assert store.ledger.current("d1", "embedded").receipt_id == a_receipt(first).receipt_id
    store.ledger.commit(plan, a_receipt(plan))
    assert store.ledger.current("d1", "embedded").receipt_id == a_receipt(plan).receipt_id
    store.close()


def test_the_driver_may_be_named_or_left_out(database_url: str) -> None:
    """postgresql:// and postgresql+psycopg:// reach the same database."""
    store = open_store(database_url)
    store.districts.save("d1", name="Elm", source="file", now=NOW)
    store.close()
    named = open_store(database_url.replace("postgresql://", "postgresql+psycopg://", 1))
    assert [record.id for record in named.districts.list()] == ["d1"]
    named.close()
