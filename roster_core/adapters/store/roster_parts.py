"""A stored roster as its parts: each frame, the enrollments, the findings, and whose details are not held."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from datetime import datetime

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select

from roster_core.adapters.store.columns import DamagedColumns, chunks, pack, unpack
from roster_core.adapters.store.schema import roster_chunks
from roster_core.roster import FINDING_COLUMNS, FRAMES, District, Enrollments, Roster

_ENROLLMENTS, _WITHHELD = "enrollments", "withheld"

#: The part that is renewed whenever the same data is loaded again.
FINDINGS = "findings"
#: The parts that say which details of students are held, and hold them.
DETAILS = ("students", _WITHHELD)

_PARTS = {**FRAMES, _ENROLLMENTS: ("student", "section"), FINDINGS: FINDING_COLUMNS}


def store_parts(connection: Connection, roster_id: int, roster: Roster, names: Collection[str] = ()) -> None:
    """Writes parts of a roster in place of those there are: these, or all where none is named."""
    for part in names or (*_PARTS, _WITHHELD):
        connection.execute(delete(roster_chunks).where(_is_part(roster_id, part)))
        frame = _frame(roster, part)
        if frame is None:
            continue
        for number, (data, sha256) in enumerate(chunks(pack(frame))):
            chunk = {"roster_id": roster_id, "part": part, "number": number, "sha256": sha256, "data": data}
            connection.execute(insert(roster_chunks).values(**chunk))


def size_of(connection: Connection, roster_id: int) -> int:
    """Bytes of all parts as stored."""
    length = func.coalesce(func.sum(func.length(roster_chunks.c.data)), 0)
    return connection.execute(select(length).where(roster_chunks.c.roster_id == roster_id)).scalar_one()


def proof_of(connection: Connection, roster_id: int) -> str:
    """SHA-256 over the hashes of all stored parts but the findings: it proves that they belong together."""
    named = (roster_chunks.c.part, roster_chunks.c.number, roster_chunks.c.sha256)
    own = (roster_chunks.c.roster_id == roster_id) & (roster_chunks.c.part != FINDINGS)
    # Sorted here, not by the database, whose order of texts depends on how it was set up.
    rows = sorted(tuple(row) for row in connection.execute(select(*named).where(own)))
    return hashlib.sha256("\n".join(f"{part} {number} {sha256}" for part, number, sha256 in rows).encode()).hexdigest()


def read_part(connection: Connection, roster_id: int, part: str) -> pd.DataFrame:
    """One part as a frame. Raises DamagedColumns."""
    columns = (_WITHHELD,) if part == _WITHHELD else _PARTS[part]
    return unpack(_stored(connection, roster_id, part), columns)


def proved(connection: Connection, row: Row) -> Roster:
    """The roster of a row of `rosters`, proved to be what was stored. Raises DamagedColumns where it is not."""
    frames = {part: read_part(connection, row.id, part) for part in _PARTS}
    if row.withheld:
        # Its tables are no longer those the fingerprint was made of, so the stored bytes have a proof of their own.
        if proof_of(connection, row.id) != row.stored_sha256:
            raise DamagedColumns
        return _roster_of(row, frames, withheld=read_part(connection, row.id, _WITHHELD)[_WITHHELD].to_numpy())
    roster = _roster_of(row, frames)
    if roster.fingerprint != row.fingerprint:
        raise DamagedColumns
    return roster


def _frame(roster: Roster, part: str) -> pd.DataFrame | None:
    if part == _ENROLLMENTS:
        return _enrolled(roster)
    if part == _WITHHELD:
        return None if roster.withheld is None else pd.DataFrame({_WITHHELD: roster.withheld})
    return getattr(roster, part)


def _enrolled(roster: Roster) -> pd.DataFrame:
    return pd.DataFrame({"student": roster.enrollments.student, "section": roster.enrollments.section}, copy=False)


def _is_part(roster_id: int, part: str) -> ColumnElement[bool]:
    return (roster_chunks.c.roster_id == roster_id) & (roster_chunks.c.part == part)


def _stored(connection: Connection, roster_id: int, part: str) -> Iterator[tuple[bytes, str]]:
    query = select(roster_chunks.c.data, roster_chunks.c.sha256).where(_is_part(roster_id, part))
    for row in connection.execute(query.order_by(roster_chunks.c.number)):
        yield bytes(row.data), row.sha256


def _roster_of(row: Row, frames: Mapping[str, pd.DataFrame], withheld: np.ndarray | None = None) -> Roster:
    enrolled = frames[_ENROLLMENTS]
    student, section = enrolled["student"].to_numpy(), enrolled["section"].to_numpy()
    for codes in (student, section, *(() if withheld is None else (withheld,))):
        codes.setflags(write=False)
    return Roster(
        district=District(**{field.name: getattr(row, f"district_{field.name}") for field in fields(District)}),
        source=row.source,
        fetched_at=datetime.fromisoformat(row.fetched_at),
        enrollments=Enrollments(student, section),
        withheld=withheld,
        source_fingerprint="" if withheld is None else row.fingerprint,
        **{name: frame for name, frame in frames.items() if name != _ENROLLMENTS},
    )
