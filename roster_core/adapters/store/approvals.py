"""What a second person was asked to approve: one row a plan, bound to its digest. Its reason is a note, erasable."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from roster_core.adapters.store.activity import record
from roster_core.adapters.store.authors import authors_text
from roster_core.adapters.store.database import Database, moment_for_people, moment_text
from roster_core.adapters.store.notes import hash_of_note, keep_note
from roster_core.adapters.store.rule_sets import RuleSets
from roster_core.adapters.store.schema import approvals, notes
from roster_core.errors import InputError, Refusal
from roster_core.plan import CommitPlan
from roster_core.second_person import Approval


class Approvals:
    """The approvals of one store."""

    def __init__(self, database: Database) -> None:
        self._database, self._rule_sets = database, RuleSets(database)

    def get(self, district_id: str, digest: str) -> Approval | None:
        """What was asked and said of the plan with that digest; None where nobody asked."""
        with self._database.read() as connection:
            return _approval_of(_row(connection, district_id, digest))

    def authors_for(self, plan: CommitPlan) -> tuple[str, ...]:
        """Who changed the rules since the version before, none of whom may be the second person of a plan: of the
        plan's own rules, or, where an earlier roster is restored, of the district's.
        """
        if plan.kind == "restore":
            return self._rule_sets.last_authors(plan.district_id)
        return self._rule_sets.authors_of(plan.district_id, plan.rule_set_json)

    def ask(
        self, district_id: str, digest: str, *, authors: tuple[str, ...], actor: str, now: datetime
    ) -> Approval:
        """Asks for approval of a plan whose rules the `authors` changed; asked before, it stays as it was."""
        asked = Approval(district_id, digest, authors, actor, moment_text(now))
        with self._database.write() as connection:
            known = _approval_of(_row(connection, district_id, digest))
            if known is not None:
                return known
            connection.execute(insert(approvals).values(**{**asdict(asked), "authors": authors_text(authors)}))
            detail = {"digest": digest}
            record(connection, now=now, actor=actor, district_id=district_id, action="ask-approval", detail=detail)
        return asked

    def approve(self, district_id: str, digest: str, *, actor: str, reason: str, now: datetime) -> Approval:
        """Approves a plan that somebody asked for; whether this person may is the caller's to judge first.

        Raises InputError without a reason, or where nobody asked, Refusal where somebody else approved it already.
        """
        if not reason.strip():
            raise InputError("An approval needs a reason. Say why this change is right.")
        given = {"approved_by": actor, "approved_at": moment_text(now)}
        with self._database.write() as connection:
            known = _row(connection, district_id, digest)
            if known is None:
                raise InputError("Nobody asked for approval of this plan. Something changed since; look at it again.")
            if known.approved_by:
                when = moment_for_people(known.approved_at)
                raise Refusal(f"{known.approved_by} approved this plan already, at {when}.")
            own = (approvals.c.district_id == district_id) & (approvals.c.digest == digest)
            note = keep_note(connection, district_id, reason.strip(), actor=actor, now=now)
            connection.execute(update(approvals).where(own).values(**given, reason=note))
            detail = {"digest": digest, "approval_hash": hash_of_note(connection, note)}
            record(connection, now=now, actor=actor, district_id=district_id, action="approve", detail=detail)
            approval = _approval_of(_row(connection, district_id, digest))
        assert approval is not None  # it was updated in this very transaction
        return approval

    def waiting(self, district_id: str) -> list[Approval]:
        """What was asked for in a district and not yet approved, newest first."""
        own = (approvals.c.district_id == district_id) & (approvals.c.approved_by == "")
        with self._database.read() as connection:
            rows = connection.execute(_told().where(own).order_by(approvals.c.asked_at.desc())).all()
        return [found for found in map(_approval_of, rows) if found is not None]


def purge_approvals(connection: Connection, before: datetime) -> None:
    """Deletes what was asked for before that moment; the receipts keep the reasons of what was committed."""
    connection.execute(delete(approvals).where(approvals.c.asked_at < moment_text(before)))


def _told() -> Select[tuple]:
    """Every approval, with its words in place of the note that holds them."""
    others = [column for column in approvals.c if column is not approvals.c.reason]
    words = func.coalesce(notes.c.text, approvals.c.reason).label("reason")
    return select(*others, words).select_from(approvals).outerjoin(notes, approvals.c.reason == notes.c.id)


def _row(connection: Connection, district_id: str, digest: str) -> Row | None:
    own = (approvals.c.district_id == district_id) & (approvals.c.digest == digest)
    return connection.execute(_told().where(own)).one_or_none()


def _approval_of(row: Row | None) -> Approval | None:
    if row is None:
        return None
    told = {field.name: row._mapping[field.name] for field in fields(Approval)}
    return Approval(**{**told, "authors": tuple(json.loads(row.authors))})
