"""Which messages left for a district, to whom and how that ended. Texts are not kept, only their digests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from roster_core.adapters.store.activity import record
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.schema import messages

#: How a message can end. `unknown`: handed over, and never heard of again.
OUTCOMES = ("sent", "refused-recipients", "failed", "unknown", "downloaded")


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One message as it was sent or downloaded. digest: SHA-256 of its text."""

    number: int
    district_id: str
    kind: str
    at: datetime
    actor: str
    recipients: tuple[str, ...]
    subject: str
    outcome: str
    message_id: str
    digest: str


class Outbox:
    """The messages of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, wanted: MessageRecord) -> MessageRecord | None:
        """Writes down that this message is about to be sent, its end unknown; None where it may go out.

        Where a message of this id was sent already, or may have been, gives that record instead and changes nothing:
        the message must not go out. One that failed for certain may go out again.
        """
        with self._database.write() as connection:
            own = messages.c.message_id == wanted.message_id
            row = connection.execute(select(messages).where(own)).one_or_none()
            if row is not None and row.outcome != "failed":
                return _record_of(row)
            values = _values(wanted) | {"outcome": "unknown"}
            if row is None:
                connection.execute(insert(messages).values(**values))
            else:
                connection.execute(update(messages).where(own).values(**values))
        return None

    def ended(self, message_id: str, outcome: str, *, now: datetime) -> None:
        """Writes down how a claimed message ended, and that it did in the activity log: kind and outcome, no more."""
        with self._database.write() as connection:
            own = messages.c.message_id == message_id
            connection.execute(update(messages).where(own).values(outcome=outcome, at=moment_text(now)))
            _note(connection, _record_of(connection.execute(select(messages).where(own)).one()))

    def add(self, done: MessageRecord) -> None:
        """Writes down a message that left otherwise, such as by download; nothing where it is there already."""
        with self._database.write() as connection:
            own = messages.c.message_id == done.message_id
            if connection.execute(select(messages.c.number).where(own)).first() is None:
                connection.execute(insert(messages).values(**_values(done)))
                _note(connection, done)

    def list(self, district_id: str, kind: str | None = None, limit: int = 100) -> list[MessageRecord]:
        """The newest messages of a district first, of one kind or of all, at most `limit`."""
        query = select(messages).where(messages.c.district_id == district_id).order_by(messages.c.number.desc())
        if kind is not None:
            query = query.where(messages.c.kind == kind)
        with self._database.read() as connection:
            return [_record_of(row) for row in connection.execute(query.limit(limit)).all()]


def purge_messages(connection: Connection, before: datetime) -> int:
    """Deletes the messages recorded before that moment; gives how many."""
    return connection.execute(delete(messages).where(messages.c.at < moment_text(before))).rowcount


def _note(connection: Connection, done: MessageRecord) -> None:
    detail = {"kind": done.kind, "outcome": done.outcome}
    record(connection, now=done.at, actor=done.actor, district_id=done.district_id, action="message", detail=detail)


def _values(wanted: MessageRecord) -> dict[str, str]:
    texts = ("district_id", "kind", "actor", "subject", "outcome", "message_id", "digest")
    told = {name: getattr(wanted, name) for name in texts}
    return told | {"at": moment_text(wanted.at), "recipients": json.dumps(wanted.recipients)}


def _record_of(row: Row) -> MessageRecord:
    return MessageRecord(
        row.number, row.district_id, row.kind, datetime.fromisoformat(row.at), row.actor,
        tuple(json.loads(row.recipients)), row.subject, row.outcome, row.message_id, row.digest,
    )  # fmt: skip
