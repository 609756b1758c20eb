"""Databases of today's schema, migrated once a process and copied where a test wants one of its own."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from roster_core.adapters.store import open_store


def put_migrated(file: Path) -> str:
    """Puts an empty SQLite database of today's schema there, as its first opening leaves it; gives its address."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600, exist_ok=False)
    file.write_bytes(_migrated())
    return f"sqlite:///{file}"


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory(prefix="roster-migrated-") as folder:
        file = Path(folder) / "roster.sqlite3"
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()
