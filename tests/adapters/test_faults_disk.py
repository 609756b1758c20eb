"""A disk that fills up under the store: what was there stays, nothing is half done, and the next try goes through."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from roster_core.adapters.store import Store, open_store
from roster_core.errors import ServiceError
from tests.adapters.committing import HOMEROOMS, NOW, a_plan, a_receipt, a_roster
from tests.adapters.standing import assert_sound, standing

Work = Callable[[Store], object]

#: More than the pages that are half empty take.
LONG = replace(HOMEROOMS, rules=tuple(replace(rule, note="why " * 20_000) for rule in HOMEROOMS.rules))


def _commit(store: Store) -> object:
    plan = a_plan(store, students=400, seed=2)
    return store.ledger.commit(plan, a_receipt(plan))


WORKS: dict[str, Work] = {
    "commit": _commit,
    "roster": lambda store: store.rosters.save(a_roster(400, 3)),
    "draft": lambda store: store.rule_sets.save_draft("d1", "x" * 90_000, expected_revision=0, actor="ada", now=NOW),
    "rules": lambda store: store.rule_sets.save("d1", LONG, expected_version=0, actor="ada", now=NOW),
    "activity": lambda store: store.activity.add(NOW, "ada", "d1", "look", {"ids": ["x" * 9_000]}),
    "purge": lambda store: store.purge(NOW, actor="ada", now=NOW),
}


def _begun(url: str) -> Store:
    """A store with a roster and a commit in it."""
    store = open_store(url, patience=5)
    store.rosters.save(a_roster(60, 1))
    plan = a_plan(store, students=60, seed=1)
    store.ledger.commit(plan, a_receipt(plan))
    return store


@contextmanager
def _pages_left(store: Store, pages: int) -> Iterator[None]:
    """SQLite may take so many pages more."""

    def limit(driver: sqlite3.Connection, _record: object, _proxy: object) -> None:
        used = driver.execute("PRAGMA page_count").fetchone()[0]
        driver.execute(f"PRAGMA max_page_count = {used + pages}")

    def lift(driver: sqlite3.Connection, _record: object) -> None:
        driver.execute("PRAGMA max_page_count = 4294967294")

    engine = store._database._engine
    event.listen(engine, "checkout", limit)
    event.listen(engine, "checkin", lift)
    yield
    event.remove(engine, "checkout", limit)
    event.remove(engine, "checkin", lift)


def _try(store: Store, work: Work, before: object) -> bool:
    """Whether the work went through; where it did not, it said so and all is as before."""
    try:
        work(store)
    except ServiceError as error:
        assert "Nothing is half saved" in str(error) and "\n" not in str(error)
        assert standing(store) == before
        return False
    return True


@pytest.mark.parametrize("name", ["commit", "roster", "draft", "rules", "activity"])
def test_a_disk_full_after_any_page_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    """However many pages there is room for, a commit, roster, draft, rule set or log entry is whole or not there."""
    store = _begun(f"sqlite:///{tmp_path / 'roster.sqlite3'}")
    before, room = standing(store), 0
    while True:
        with _pages_left(store, room):
            if _try(store, WORKS[name], before):
                break
        room = room + 1 if room < 4 else room * 2
    assert room > 0 and standing(store) != before
    assert_sound(store)
    store.close()


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE as Linux has it")
@pytest.mark.parametrize("name", WORKS)
def test_files_that_may_not_grow_leave_what_was_there(tmp_path: Path, name: str) -> None:
    """Wherever the system stops the log file's growth, the work is undone; without the limit it goes through."""
    import resource

    store = _begun(f"sqlite:///{tmp_path / 'roster.sqlite3'}")
    before = standing(store)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = (tmp_path / "roster.sqlite3-wal").stat().st_size
    for room in (0, 100, 5_000, 20_000, 60_000, 200_000, soft):
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft if room == soft else wal + room, hard))
        try:
            done = _try(store, WORKS[name], before)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert_sound(store)
        if done:
            break
        before = standing(store)
    assert done
    store.close()


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], Path]]:
    """Makes a disk of so many MiB; tests skip where this process may not mount one (and fail in CI)."""
    mounted: list[Path] = []

    def made(size: int) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="roster-disk-"))
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "none", str(folder)]
        if sys.platform != "linux" or not shutil.which("mount") or subprocess.run(command, check=False).returncode:
            message = "a disk can be mounted only by root, on Linux"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        mounted.append(folder)
        return folder

    yield made
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def test_a_disk_that_is_really_full(small_disk: Callable[[int], Path]) -> None:
    """On a disk of 2 MiB commits go on until it is full; the last one stands whole, and room brings the next."""
    folder = small_disk(2)
    store = _begun(f"sqlite:///{folder / 'roster.sqlite3'}")
    filler = folder / "other"
    filler.write_bytes(bytes(os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize - 40_000))
    before = standing(store)
    assert not _try(store, _commit, before)
    assert not _try(store, WORKS["roster"], before)
    filler.unlink()
    assert _try(store, _commit, before)
    assert_sound(store)
    store.close()


def test_a_full_disk_of_postgresql(
    small_disk: Callable[[int], Path], postgresql_server: str, postgresql: object
) -> None:
    """A PostgreSQL whose disk is full undoes the commit and says so; the old roster is in force, and goes on being."""
    import psycopg

    folder = small_disk(24)
    user = postgresql.system_user
    if user is not None:
        shutil.chown(folder, user)
    with psycopg.connect(postgresql_server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
        connection.execute("CREATE DATABASE small TABLESPACE small")
    store = _begun(postgresql_server.format(database="small"))
    before = standing(store)
    room = os.statvfs(folder)
    (folder / "other").write_bytes(bytes(room.f_bavail * room.f_frsize - 16_384))
    assert not _try(store, _commit, before)
    assert not _try(store, WORKS["roster"], before)
    (folder / "other").unlink()
    assert _try(store, _commit, before)
    assert_sound(store)
    store.close()
    with psycopg.connect(postgresql_server.format(database="postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE small WITH (FORCE)")
        connection.execute("DROP TABLESPACE small")
