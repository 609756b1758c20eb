"""A process killed at any moment of a commit leaves the old roster or the new one, whole, and blocks nobody."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from roster_core.adapters.store import Store, open_store
from tests.adapters.committing import NOW, a_plan, a_receipt, commit_and_die, open_and_die
from tests.processes import processes, start

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")

#: Steps beyond any that happen, so that the process lives.
NEVER = 10_000


def _run(action: Callable[..., None], *arguments: object) -> int:
    """Runs the action in a process of its own; gives its exit code."""
    process = start(action, *arguments)
    process.join(60)
    assert process.exitcode is not None, "the process hangs"
    return process.exitcode


def _run_and_kill(url: str, students: int, delay: float) -> int:
    """Commits in a process of its own, killed from outside so many seconds after the commit began."""
    started = processes.Event()
    process = start(commit_and_die, url, students, 2, NEVER, started)
    assert started.wait(60), "the process hangs"
    process.join(delay)
    process.kill()
    process.join(60)
    return process.exitcode


def _assert_whole(url: str, old: str, new: str) -> bool:
    """Opens the store, checks that one of the two is in force, whole and alone; gives whether it is the new one."""
    store = open_store(url, patience=5)
    current = store.ledger.current("d1", "embedded")
    receipts = store.ledger.receipts("d1")
    assert current.receipt_id in (old, new)
    is_new = current.receipt_id == new
    assert [receipt.receipt_id for receipt in receipts] == ([new, old] if is_new else [old])
    assert len(current.rows) == receipts[0].students
    assert _stored_rows(store) == sum(receipt.students for receipt in receipts)
    assert len(store.activity.list("d1")) == len(receipts)
    # The next writer is not blocked by what the killed one left behind.
    store.districts.save("d1", name="Elm", source="file", now=NOW)
    store.close()
    return is_new


def _stored_rows(store: Store) -> int:
    with store._database.read() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM rostered_rows").scalar_one()


def _old_and_new(url: str, students: int) -> tuple[str, str]:
    """Commits a first roster; gives its receipt id and the one the next commit will have."""
    store = open_store(url)
    plan = a_plan(store, students=students, seed=1)
    old = store.ledger.commit(plan, a_receipt(plan)).receipt_id
    new = a_receipt(a_plan(store, students=students, seed=2)).receipt_id
    store.close()
    return old, new


def test_a_commit_killed_at_each_step_leaves_old_or_new(database_url: str) -> None:
    """Killed before or after any statement the old roster stands; once COMMIT is through, the new one."""
    old, new = _old_and_new(database_url, 40)
    became_new = []
    for step in range(1, NEVER):
        code = _run(commit_and_die, database_url, 40, 2, step)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        became_new.append(_assert_whole(database_url, old, new))
        if became_new[-1]:
            break
    assert became_new == [False] * (len(became_new) - 1) + [True]
    assert len(became_new) >= 20


def test_a_commit_killed_at_odd_moments_leaves_old_or_new(database_url: str) -> None:
    """Killed from outside while it writes thousands of rows, it leaves the old roster or the new one."""
    old, new = _old_and_new(database_url, 4000)
    for tick in range(60):
        assert _run_and_kill(database_url, 4000, 0.015 * tick) in (0, -signal.SIGKILL)
        if _assert_whole(database_url, old, new):
            break
    assert _assert_whole(database_url, old, new)


def test_an_opening_killed_at_each_step_of_the_migrations_can_be_repeated(database_url: str) -> None:
    """However far the first migration came, the next opening finds an empty database or a finished one."""
    killed = 0
    # A new process for each step takes long, and all migrations are one transaction: every third step is tried.
    for step in range(1, NEVER, 3):
        code = _run(open_and_die, database_url, step)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        killed += 1
    assert killed >= 20
    store = open_store(database_url, patience=5)
    assert store.districts.list() == []
    store.close()
