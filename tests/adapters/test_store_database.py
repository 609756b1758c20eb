"""Opening, migrating and reaching the database."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from roster_core.adapters.store import open_store
from roster_core.adapters.store.database import Database, moment_for_people, moment_text
from roster_core.adapters.store.schema import metadata
from roster_core.errors import InputError, ServiceError

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def test_the_migrated_tables_are_those_of_the_schema(database_url: str) -> None:
    """After all migrations, nothing in schema.py is missing from the database or differs from it."""
    open_store(database_url).close()
    database = Database(database_url)
    with database.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    database.close()
    assert differences == []


def test_opening_twice_keeps_what_is_there(database_url: str) -> None:
    """A second opening migrates nothing and loses nothing."""
    first = open_store(database_url)
    first.districts.save("d1", name="Elm", source="file", now=NOW)
    first.close()
    second = open_store(database_url)
    assert [record.name for record in second.districts.list()] == ["Elm"]
    second.close()


def test_many_programs_may_open_a_new_database_at_once(database_url: str) -> None:
    """Programs that start together on an empty database all get the same finished schema."""
    code = (
        "import sys; from roster_core.adapters.store import open_store; print(open_store(sys.argv[1]).districts.list())"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, database_url], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=120) for process in running]
    assert [(process.returncode, out.strip()) for process, (out, _) in zip(running, answers, strict=True)] == [
        (0, b"[]")
    ] * 3, answers


def test_a_migration_that_fails_leaves_the_database_as_it_was(database_url: str) -> None:
    """A failing step of a migration undoes the steps before it, tables and version number alike."""
    database = Database(database_url)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE activity (mine INTEGER)")
    with pytest.raises(ServiceError, match="activity"):
        open_store(database_url)
    with database.read() as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == ["activity"]
    database.close()


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    """A schema this program does not know is left alone, with a message that says to update."""
    open_store(database_url).close()
    database = Database(database_url)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(InputError, match="newer version"):
        open_store(database_url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "cannot be read"),
        ("not an address", "cannot be read"),
        ("postgresql://app:pa55word@host:port/name", "cannot be read"),
        ("mysql://app:pa55word@host/name", "'mysql' databases are not supported"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:////proc/nowhere/roster.sqlite3", "cannot be made"),
    ],
)
def test_an_unusable_address_says_what_to_write_and_no_password(url: str, words: str) -> None:
    """A wrong database address is one InputError that shows the right form and never the password."""
    with pytest.raises(InputError, match=words) as caught:
        open_store(url)
    assert "pa55word" not in str(caught.value)
    assert "ROSTER_DATABASE_URL" in str(caught.value)


def test_a_database_that_is_down_is_one_message_without_the_password() -> None:
    """A PostgreSQL that does not answer is a ServiceError naming the address with the password masked."""
    with pytest.raises(ServiceError) as caught:
        open_store("postgresql://app:pa55word@127.0.0.1:1/roster?connect_timeout=2")
    message = str(caught.value)
    assert "app:***@127.0.0.1:1/roster" in message
    assert "pa55word" not in message
    assert "\n" not in message
    assert caught.value.__suppress_context__


def test_a_file_that_is_no_database_is_one_message(tmp_path: Path) -> None:
    """A SQLite address that names some other file is a ServiceError, and the file stays as it is."""
    file = tmp_path / "notes.txt"
    file.write_bytes(b"these are notes, not a database\n" * 100)
    with pytest.raises(ServiceError, match="not a database"):
        open_store(f"sqlite:///{file}")
    assert file.read_bytes().startswith(b"these are notes")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_sqlite_file_is_for_its_user_only(tmp_path: Path) -> None:
    """The folder is made with mode 0700, and the file and its log with 0600, whatever the umask."""
    file = tmp_path / "var" / "roster.sqlite3"
    store = open_store(f"sqlite:///{file}")
    store.districts.save("d1", name="Elm", source="file", now=NOW)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [file.parent, *file.parent.iterdir()]}
    store.close()
    assert modes.pop("var") == 0o700
    assert "roster.sqlite3-wal" in modes
    assert set(modes.values()) == {0o600}


def test_a_writer_waits_for_another_and_gives_up_with_a_message(database_url: str) -> None:
    """A second writer waits its patience, then says that the database is held; nothing of it is written."""
    store = open_store(database_url, patience=0.3)
    other = Database(database_url)
    with other.write(), pytest.raises(ServiceError, match=r"lock"):
        store.districts.save("d1", name="Elm", source="file", now=NOW)
    assert store.districts.list() == []
    store.districts.save("d1", name="Elm", source="file", now=NOW)
    other.close()
    store.close()


def test_readers_do_not_wait_for_a_writer(database_url: str) -> None:
    """While a writer is in the middle of its work, others read what was there before."""
    store = open_store(database_url, patience=0.3)
    store.districts.save("d1", name="Elm", source="file", now=NOW)
    other = Database(database_url)
    with other.write() as connection:
        connection.exec_driver_sql("DELETE FROM districts")
        assert len(store.districts.list()) == 1
    assert store.districts.list() == []
    other.close()
    store.close()


def test_threads_share_one_store(database_url: str) -> None:
    """Twelve threads write and read through one store without an error or a lost write."""
    store = open_store(database_url)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                store.activity.add(NOW, "dana", f"d{number}", "load", {"turn": turn})
                store.activity.list(f"d{number}")
        except BaseException as error:  # told to the main thread, which fails the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.activity.list(limit=1000)) == 60
    store.close()


def test_a_full_disk_is_one_message_and_leaves_what_was_there(tmp_path: Path) -> None:
    """When SQLite cannot grow its file, the write is undone and the message says that it may be full."""
    file = tmp_path / "roster.sqlite3"
    store = open_store(f"sqlite:///{file}")
    store.districts.save("d1", name="Elm", source="file", now=NOW)
    sqlalchemy.event.listen(store._database._engine, "checkout", _forbid_growth)
    with pytest.raises(ServiceError, match="full"):
        store.districts.save("d2", name="Oak" * 200_000, source="file", now=NOW)
    assert [record.id for record in store.districts.list()] == ["d1"]
    store.close()


def _forbid_growth(driver: sqlite3.Connection, _record: object, _proxy: object) -> None:
    pages = driver.execute("PRAGMA page_count").fetchone()[0]
    driver.execute(f"PRAGMA max_page_count = {pages + 1}")


def test_moments_are_stored_in_utc_and_sort_as_text() -> None:
    """A moment becomes UTC text of one width; one without a zone is a programming error."""
    eastern = timezone(timedelta(hours=-5))
    assert moment_text(datetime(2026, 11, 3, 9, 5, tzinfo=eastern)) == "2026-11-03T14:05:00.000000+00:00"
    assert moment_for_people(moment_text(NOW)) == "2026-11-03 14:05 UTC"
    with pytest.raises(ValueError, match="time zone"):
        moment_text(datetime(2026, 11, 3))
