"""What people wrote: reasons and notes, kept apart from the activity log, which holds only a salted hash of each.

A note can be erased. Its hash then proves nothing to anybody, because its salt is gone with it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from roster_core.adapters.store.activity import record
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.schema import notes, onboarding, onboarding_windows
from roster_core.errors import InputError
from roster_core.onboarding import onboarding_from_json

#: What stands in the place of a note that was erased.
ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Note:
    """One text somebody wrote. `hash` is what the activity log holds of it; `text` is `ERASED` once it was erased."""

    id: str
    district_id: str
    text: str
    hash: str
    at: datetime
    by: str
    erased: bool


class Notes:
    """The notes of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, district_id: str) -> list[Note]:
        """The notes of one district, newest first."""
        query = select(notes).where(notes.c.district_id == district_id).order_by(notes.c.at.desc(), notes.c.id)
        with self._database.read() as connection:
            return [_note_of(row) for row in connection.execute(query)]

    def erase(self, note_id: str, *, actor: str, now: datetime) -> None:
        """Takes text and salt of a note away; that it was there stays in the log. Raises InputError for none."""
        with self._database.write() as connection:
            row = connection.execute(select(notes).where(notes.c.id == note_id)).one_or_none()
            if row is None:
                raise InputError(f'There is no note "{note_id}" here. The Activity page lists the notes of a district.')
            if row.salt:
                erase_notes(connection, [note_id])
                detail = {"note_hash": row.hash}
                record(
                    connection, now=now, actor=actor, district_id=row.district_id, action="erase-note", detail=detail
                )
        self._database.forget_deleted()


def keep_note(connection: Connection, district_id: str, text: str, *, actor: str, now: datetime) -> str:
    """Keeps a text in the caller's transaction and gives the note's id; '' for an empty text.

    The same words about the same district are one note, so that they are erased everywhere at once.
    """
    if not text:
        return ""
    same = select(notes.c.id).where(notes.c.district_id == district_id, notes.c.text == text, notes.c.salt != "")
    if known := connection.execute(same.limit(1)).scalar_one_or_none():
        return known
    note_id, salt = f"N-{secrets.token_hex(6)}", secrets.token_hex(32)
    told = {"id": note_id, "district_id": district_id, "text": text, "salt": salt, "hash": _hash(salt, text)}
    connection.execute(insert(notes).values(**told, at=moment_text(now), by=actor))
    return note_id


def hash_of_note(connection: Connection, note_id: str) -> str:
    """What the activity log holds of a note; '' for no note."""
    return connection.execute(select(notes.c.hash).where(notes.c.id == note_id)).scalar_one_or_none() or ""


def erase_notes(connection: Connection, note_ids: Iterable[str]) -> int:
    """Takes text and salt of these notes away, in the caller's transaction; gives how many had not been erased yet.

    Where a launch shows the same words, they go there too. Raises InputError for a launch that cannot be read.
    """
    chosen = notes.c.id.in_(list(note_ids)) & (notes.c.salt != "")
    texts: dict[str, set[str]] = {}
    for row in connection.execute(select(notes.c.district_id, notes.c.text).where(chosen)):
        texts.setdefault(row.district_id, set()).add(row.text)
    for district_id, words in texts.items():
        _erase_in_launches(connection, district_id, words)
    return connection.execute(update(notes).where(chosen).values(text=ERASED, salt="")).rowcount


def _erase_in_launches(connection: Connection, district_id: str, texts: set[str]) -> None:
    for table in (onboarding, onboarding_windows):
        own = table.c.district_id == district_id
        for row in connection.execute(select(table).where(own)).all():
            found = onboarding_from_json(row.document, f"district '{district_id}'")
            told = found.forgetting(texts, ERASED)
            if told == found:
                continue
            if table is onboarding:
                # Whoever has the launch open must not write the words back.
                values, same = {"document": told.to_json(), "revision": row.revision + 1}, own
            else:
                values, same = {"document": told.to_json()}, own & (table.c.number == row.number)
            connection.execute(update(table).where(same).values(**values))


def _hash(salt: str, text: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def _note_of(row: Row) -> Note:
    at = datetime.fromisoformat(row.at)
    return Note(row.id, row.district_id, row.text, row.hash, at, row.by, erased=not row.salt)
