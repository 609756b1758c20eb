"""The backups of docs/operations.md, taken while people work, and restored."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from roster_core.adapters.store import Store, open_store
from tests.adapters.committing import NOW, a_plan, a_receipt, a_roster
from tests.adapters.standing import assert_sound, standing

OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


@contextmanager
def _at_work(url: str) -> Iterator[Store]:
    """A store in which somebody else commits one roster after the other all the time."""
    store, stop, failed = open_store(url), Event(), []
    store.rosters.save(a_roster(60, 1))

    def commit() -> None:
        try:
            seed = 0
            while not stop.is_set():
                seed += 1
                plan = a_plan(store, seed=1 + seed % 2)
                store.ledger.commit(plan, a_receipt(plan))
                store.activity.add(NOW, "ada", "d1", "look", {"turn": seed})
        except Exception as error:  # told by the test's own thread
            failed.append(error)

    worker = Thread(target=commit)
    worker.start()
    try:
        while not store.ledger.receipts() and worker.is_alive():
            pass
        yield store
    finally:
        stop.set()
        worker.join()
        store.close()
    assert failed == []


def _documented(command: str) -> list[str]:
    """The lines of the manual that begin with this command."""
    return re.findall(rf"^{command}.*$", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)


def test_a_sqlite_backup_of_a_running_app_is_whole(tmp_path: Path) -> None:
    """Each copy, by VACUUM INTO and by .backup, is the store at one moment; restored, it works on from there."""
    assert any("VACUUM INTO" in line for line in _documented("sqlite3"))
    file = tmp_path / "roster.sqlite3"
    with _at_work(f"sqlite:///{file}"):
        for number in range(4):
            copy = tmp_path / f"copy-{number}.sqlite3"
            with closing(sqlite3.connect(file, timeout=30)) as source:
                if number % 2:
                    source.execute("VACUUM INTO ?", (str(copy),))
                else:
                    with closing(sqlite3.connect(copy)) as into:
                        source.backup(into)
            restored = open_store(f"sqlite:///{copy}")
            assert restored.ledger.current("d1", "embedded") is not None
            assert_sound(restored)
            restored.close()


@pytest.mark.skipif(os.name == "nt", reason="sockets as on Unix")
def test_a_postgresql_backup_of_a_running_app_is_whole(
    tmp_path: Path, postgresql: object, postgresql_server: str
) -> None:
    """pg_dump while people commit, and pg_restore into an empty database: the store at one moment, and it works on."""
    import psycopg

    assert _documented("pg_dump") and _documented("pg_restore")
    with psycopg.connect(postgresql_server.format(database="postgres"), autocommit=True) as connection:
        for name in ("backed_up", "restored"):
            connection.execute(f"CREATE DATABASE {name}")
    binaries, dump = Path(postgresql.bin_path), tmp_path / "roster.dump"
    with _at_work(postgresql_server.format(database="backed_up")):
        address = postgresql_server.format(database="backed_up")
        subprocess.run([binaries / "pg_dump", "--format=custom", f"--file={dump}", address], check=True)
    address = postgresql_server.format(database="restored")
    subprocess.run([binaries / "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={address}", dump], check=True)
    restored = open_store(address)
    assert restored.ledger.current("d1", "embedded") is not None and standing(restored)
    assert_sound(restored)
    restored.close()
    with psycopg.connect(postgresql_server.format(database="postgres"), autocommit=True) as connection:
        for name in ("backed_up", "restored"):
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
