"""One database, SQLite or PostgreSQL: how it is reached, how its transactions begin, how its failures read."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from roster_core.errors import InputError, ServiceError
from roster_core.wording import stamp

if TYPE_CHECKING:
    import psycopg

_SHAPE = "Write sqlite:///path/to/roster.sqlite3 or postgresql://user:password@host/name in ROSTER_DATABASE_URL."
_POSTGRES_NAMES = ("postgres", "postgresql", "postgresql+psycopg")
_SQLITE_NAMES = ("sqlite", "sqlite+pysqlite")

# Every writer takes this one PostgreSQL lock, so that both databases know one writer at a time
# and what a transaction has read is still true when it writes. The number is arbitrary, and fixed.
_WRITER_LOCK = 7_265_837_741


def moment_text(moment: datetime) -> str:
    """The moment in UTC as text of one fixed width, so that it sorts as it was. Raises ValueError without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment_for_people(text: str) -> str:
    """A stored moment as a message shows it: `2026-11-03 14:05 UTC`."""
    return stamp(datetime.fromisoformat(text))


class Database:
    """A pool of connections that threads share. `read` and `write` are the only ways in."""

    def __init__(self, url: str, *, patience: float = 30.0) -> None:
        """Prepares the pool; nothing is asked of the server yet. `patience`: seconds to wait for another's lock.

        A SQLite file and its folder are made, for this user only. Raises InputError for an unusable address.
        """
        parsed = _parse(url)
        self.is_sqlite = parsed.drivername == "sqlite+pysqlite"
        self.shown = parsed.render_as_string(hide_password=True)
        self._password = parsed.password
        if self.is_sqlite:
            _make_private_file(Path(str(parsed.database)))
            self._engine = create_engine(parsed, hide_parameters=True, connect_args=_sqlite_arguments(patience))
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
            self._reader = self._engine
        else:
            arguments = {} if "connect_timeout" in parsed.query else {"connect_timeout": 10}
            self._engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)
            event.listen(self._engine, "connect", _postgres_preparation(patience))
            # One snapshot for a reading of several statements; SQLite's WAL gives the same by itself.
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writer = self._engine.execution_options(writes=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the database. Raises ServiceError when it fails."""
        with self._failures_told(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction with no other writer beside it: leaving by an error undoes all of it.

        Raises ServiceError when the database fails or another writer holds it longer than the patience.
        """
        with self._failures_told(), self._writer.begin() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
            yield connection

    def use_write_ahead_log(self) -> None:
        """Switches a SQLite file to WAL, which it remembers; other databases have their own."""
        if not self.is_sqlite:
            return
        with self._failures_told(), self._engine.connect() as connection:
            _switch_to_wal(_driver_of(connection))

    def forget_deleted(self) -> None:
        """Takes deleted rows out of SQLite's write-ahead log too, as far as no reader still needs it."""
        if not self.is_sqlite:
            return
        with self._failures_told(), self._engine.connect() as connection:
            _driver_of(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Closes every connection; the next use opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _failures_told(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError:
            raise ServiceError(f"The database {self.shown} is busy. Try again in a moment.") from None
        except DBAPIError as error:
            # Not chained: a driver's detail lines can quote whole rows, and tracebacks end up in logs.
            raise ServiceError(self._message(error)) from None

    def _message(self, error: DBAPIError) -> str:
        lines = str(error.orig).strip().splitlines()
        reason = (lines[0] if lines else type(error.orig).__name__).rstrip(".")
        if self._password:
            reason = reason.replace(str(self._password), "***")
        return (
            f"The database {self.shown} failed: {reason}. Nothing is half saved. "
            "See that it is running, reachable and not full, then try again."
        )


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text is not repeated: it may hold a password.
        raise InputError(f"The database address cannot be read. {_SHAPE}") from None
    if parsed.drivername in _POSTGRES_NAMES:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in _SQLITE_NAMES:
        raise InputError(f"'{parsed.drivername}' databases are not supported. {_SHAPE}")
    if parsed.database in (None, "", ":memory:"):
        raise InputError(f"A SQLite database needs a file, or everything is lost at the end. {_SHAPE}")
    return parsed.set(drivername="sqlite+pysqlite")


def _make_private_file(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its -wal and -shm files the mode of this one.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise InputError(f"The database file {path} cannot be made: {error.strerror}. {_SHAPE}") from error


def _sqlite_arguments(patience: float) -> dict[str, object]:
    # With isolation_level None the driver starts no transaction of its own; _begin_sqlite does.
    return {"timeout": patience, "isolation_level": None}


def _prepare_sqlite(driver: sqlite3.Connection, _record: object) -> None:
    driver.execute("PRAGMA foreign_keys = ON")
    # A receipt that was shown must survive a power cut, so each transaction is written through.
    driver.execute("PRAGMA synchronous = FULL")
    # Deleted children's data is overwritten, not only unlinked.
    driver.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock first: upgrading a read lock later can fail however long one waits.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _driver_of(connection: Connection) -> sqlite3.Connection:
    # Below SQLAlchemy, which would begin a transaction first; neither of these pragmas works inside one.
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _switch_to_wal(driver: sqlite3.Connection) -> None:
    # SQLite does not wait by itself for this one lock when several programs open a new file at once.
    for _attempt in range(200):
        try:
            driver.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.05)
    raise sqlite3.OperationalError("database is locked")


def _postgres_preparation(patience: float) -> Callable[[psycopg.Connection, object], None]:
    def prepare(driver: psycopg.Connection, _record: object) -> None:
        driver.autocommit = True
        driver.execute("SELECT set_config('lock_timeout', %s, false)", (str(int(patience * 1000)),))
        # A program that hangs, or a machine that vanishes, must not keep the writer's lock.
        driver.execute("SET idle_in_transaction_session_timeout = 60000")
        driver.execute("SET tcp_keepalives_idle = 30")
        driver.autocommit = False

    return prepare
