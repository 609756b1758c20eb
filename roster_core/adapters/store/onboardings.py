"""How each district stands on its way to Ready To Assess: the current window, and the windows before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from roster_core.adapters.store.activity import Detail, record
from roster_core.adapters.store.database import Database, moment_for_people, moment_text
from roster_core.adapters.store.notes import hash_of_note, keep_note
from roster_core.adapters.store.rule_sets import put_pins_away
from roster_core.adapters.store.schema import onboarding as onboardings
from roster_core.adapters.store.schema import onboarding_windows
from roster_core.errors import Refusal
from roster_core.onboarding import Onboarding, onboarding_from_json


@dataclass(frozen=True, slots=True)
class KeptOnboarding:
    """The onboarding of a district as kept; `revision` grows with each change, 0 where nothing was kept yet."""

    onboarding: Onboarding
    revision: int
    edited_at: datetime | None = None
    edited_by: str = ""


class Onboardings:
    """The onboardings of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, district_id: str) -> KeptOnboarding:
        """The district's current window; a fresh one of revision 0 where nothing was kept yet.

        Raises InputError where what is kept cannot be read.
        """
        with self._database.read() as connection:
            row = _row_of(connection, district_id)
        return KeptOnboarding(Onboarding(), 0) if row is None else _kept_of(row)

    def save(
        self,
        district_id: str,
        onboarding: Onboarding,
        *,
        expected_revision: int,
        actor: str,
        now: datetime,
        action: str,
        detail: Detail | None = None,
        note: str = "",
    ) -> int:
        """Keeps a change and gives its revision; `action` and `detail` go to the activity log, and hold codes only.

        `note`: what somebody wrote with it, which is in the document; the log takes a salted hash of it.
        `expected_revision` is that of what the person has seen. Raises Refusal when a colleague was faster.
        """
        with self._database.write() as connection:
            revision = _put(connection, district_id, onboarding, expected_revision, actor=actor, now=now)
            told = dict(detail or {})
            if kept := keep_note(connection, district_id, note.strip(), actor=actor, now=now):
                told["note_hash"] = hash_of_note(connection, kept)
            record(connection, now=now, actor=actor, district_id=district_id, action=action, detail=told)
        return revision

    def start_window(
        self, district_id: str, following: Onboarding, *, expected_revision: int, actor: str, now: datetime
    ) -> int:
        """Archives the current window, makes `following` the current one, and carries the rules over without pins.

        All of it or nothing; gives the revision. Raises Refusal when a colleague was faster.
        """
        with self._database.write() as connection:
            row = _row_of(connection, district_id)
            document = Onboarding().to_json() if row is None else row.document
            number = following.number - 1
            revision = _put(connection, district_id, following, expected_revision, actor=actor, now=now)
            archived = {"document": document, "archived_at": moment_text(now), "archived_by": actor}
            connection.execute(insert(onboarding_windows).values(district_id=district_id, number=number, **archived))
            put_pins_away(connection, district_id, actor=actor, now=now)
            detail = {"window": following.number}
            record(connection, now=now, actor=actor, district_id=district_id, action="start-window", detail=detail)
        return revision

    def windows(self, district_id: str) -> list[Onboarding]:
        """The windows before the current one, newest first. Raises InputError where one cannot be read."""
        own = select(onboarding_windows).where(onboarding_windows.c.district_id == district_id)
        with self._database.read() as connection:
            rows = connection.execute(own.order_by(onboarding_windows.c.number.desc())).all()
        return [onboarding_from_json(row.document, f"district '{district_id}'") for row in rows]

    def list(self) -> dict[str, KeptOnboarding]:
        """What is kept, by district id; districts of which nothing is kept are left out. Raises InputError."""
        with self._database.read() as connection:
            rows = connection.execute(select(onboardings)).all()
        return {row.district_id: _kept_of(row) for row in rows}


def purge_windows(connection: Connection, before: datetime) -> int:
    """Deletes the windows archived before that moment; gives how many."""
    old = onboarding_windows.c.archived_at < moment_text(before)
    return connection.execute(delete(onboarding_windows).where(old)).rowcount


def _row_of(connection: Connection, district_id: str) -> Row | None:
    return connection.execute(select(onboardings).where(onboardings.c.district_id == district_id)).one_or_none()


def _kept_of(row: Row) -> KeptOnboarding:
    found = onboarding_from_json(row.document, f"district '{row.district_id}'")
    return KeptOnboarding(found, row.revision, datetime.fromisoformat(row.edited_at), row.edited_by)


def _put(
    connection: Connection, district_id: str, onboarding: Onboarding, expected: int, *, actor: str, now: datetime
) -> int:
    row = _row_of(connection, district_id)
    if (0 if row is None else row.revision) != expected:
        raise Refusal(_outrun(row))
    values = {"document": onboarding.to_json(), "edited_at": moment_text(now), "edited_by": actor}
    if row is None:
        connection.execute(insert(onboardings).values(district_id=district_id, revision=1, **values))
        return 1
    own = update(onboardings).where(onboardings.c.district_id == district_id)
    connection.execute(own.values(revision=expected + 1, **values))
    return expected + 1


def _outrun(row: Row | None) -> str:
    if row is None:
        return "What was kept of this launch was deleted meanwhile. Reload the page to start again."
    return (
        f"{row.edited_by or 'Somebody'} changed this launch at {moment_for_people(row.edited_at)}, after you opened "
        "it. Nothing was overwritten. Reload the page and make your change there."
    )
