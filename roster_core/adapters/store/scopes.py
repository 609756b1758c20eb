"""Least data in the store: who is assessed by the rules a district has, and what is not kept of everybody else."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, Row, select, update

from roster_core.adapters.store.activity import record
from roster_core.adapters.store.columns import DamagedColumns
from roster_core.adapters.store.roster_parts import DETAILS, proof_of, proved, size_of, store_parts
from roster_core.adapters.store.schema import current_rosters, drafts, receipts, rosters, rule_set_versions
from roster_core.least import Scope, distinct, outside, without_details
from roster_core.roster import Roster


def scopes_of(connection: Connection, district_id: str) -> tuple[Scope, ...]:
    """Who the rules of a district assess: its draft, the newest saved ones and those in force; none for everybody.

    A student's details are dispensable only where none of them assesses the student.
    """
    newest = select(rule_set_versions.c.rule_set_json).where(rule_set_versions.c.district_id == district_id)
    edited = select(drafts.c.rule_set_json).where(drafts.c.district_id == district_id)
    in_force = select(receipts.c.rule_set_json).join(current_rosters).where(receipts.c.district_id == district_id)
    texts = {
        *connection.execute(newest.order_by(rule_set_versions.c.version.desc()).limit(1)).scalars(),
        *connection.execute(edited).scalars(),
        *connection.execute(in_force).scalars(),
    }
    return distinct(map(scope_in, texts))


def scope_in(rule_set_json: str) -> Scope:
    """Who a rule file assesses, read without judging its rules; everybody where it cannot be read."""
    try:
        told = json.loads(rule_set_json)
        grades, schools = (tuple(sorted(told.get(name) or ())) for name in ("assessed_grades", "assessed_schools"))
    except (ValueError, AttributeError, TypeError):
        # A draft may be unfinished. Nothing may be lost because of it.
        return Scope()
    return Scope(grades, schools)


def scopes_text(scopes: tuple[Scope, ...]) -> str:
    """Scopes as the store keeps them; '' for none."""
    return json.dumps([[list(scope.grades), list(scope.schools)] for scope in scopes]) if scopes else ""


def reduced(roster: Roster, scopes: tuple[Scope, ...]) -> Roster:
    """The roster as it may be stored under these scopes."""
    return without_details(roster, outside(roster, scopes)) if scopes else roster


def put_proof(connection: Connection, roster_id: int, roster: Roster, scopes: tuple[Scope, ...]) -> Row:
    """Renews what the row of a stored roster says of its parts; gives the row."""
    withheld = 0 if roster.withheld is None else int(np.count_nonzero(roster.withheld))
    told = {
        "withheld": withheld,
        "scopes": scopes_text(scopes),
        "stored_sha256": proof_of(connection, roster_id) if withheld else "",
        "size": size_of(connection, roster_id),
    }
    connection.execute(update(rosters).where(rosters.c.id == roster_id).values(**told))
    return connection.execute(select(rosters).where(rosters.c.id == roster_id)).one()


def reduce_rosters(connection: Connection, district_id: str, *, actor: str, now: datetime) -> int:
    """Takes the details of students whom no rules of the district assess out of its stored rosters; gives how many lost
    theirs. In the caller's transaction, and recorded.

    A roster whose scopes were already looked at costs nothing. One that is damaged cannot be opened by anybody, and
    is left to the retention.
    """
    scopes = scopes_of(connection, district_id)
    lost = 0
    if not scopes:
        return lost
    others = select(rosters).where(rosters.c.district_id == district_id, rosters.c.scopes != scopes_text(scopes))
    for row in connection.execute(others).all():
        try:
            before = proved(connection, row)
        except DamagedColumns:
            continue
        after = reduced(before, scopes)
        if after is not before:
            store_parts(connection, row.id, after, DETAILS)
        renewed = put_proof(connection, row.id, after, scopes)
        if renewed.withheld > row.withheld:
            detail = {"fingerprint": row.fingerprint, "students": renewed.withheld - row.withheld}
            record(connection, now=now, actor=actor, district_id=district_id, action="reduce-roster", detail=detail)
            lost += renewed.withheld - row.withheld
    return lost
