"""Brings a database to the newest schema: once, alone, and whole or not at all."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from roster_core.adapters.store.database import Database
from roster_core.errors import InputError


def migrate(database: Database) -> None:
    """Runs the missing migrations in one transaction that no other program shares.

    Raises InputError when a newer version of this program made the database.
    """
    known, newest = _revisions()
    with database.read() as connection:
        found = set(MigrationContext.configure(connection).get_current_heads())
    if found == newest:
        return
    if not found <= known:
        raise InputError(
            f"The database {database.shown} belongs to a newer version of this program. Update the program, "
            "or set ROSTER_DATABASE_URL to another database."
        )
    with database.write() as connection:
        run_migrations(connection, "head")


def run_migrations(connection: Connection, revision: str) -> None:
    """Runs the missing steps up to that revision, in the caller's transaction."""
    config = _config()
    # env.py takes this connection, so that the lock, the steps and the new version number are one transaction.
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@cache
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """Every revision this program knows, and the newest of them. Read once: the files stay as the program does."""
    scripts = ScriptDirectory.from_config(_config())
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return known, frozenset(scripts.get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "roster_core.adapters.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
