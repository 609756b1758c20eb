"""How long the store holds what it holds of a district, table by table, and taking a whole district out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, select

from roster_core.adapters.store.activity import Detail, record
from roster_core.adapters.store.approvals import purge_approvals
from roster_core.adapters.store.database import moment_text
from roster_core.adapters.store.known import forget_sentences
from roster_core.adapters.store.ledger import purge_rows
from roster_core.adapters.store.messages import purge_messages
from roster_core.adapters.store.notes import erase_notes
from roster_core.adapters.store.onboardings import purge_windows
from roster_core.adapters.store.rosters import purge_rosters
from roster_core.adapters.store.schema import (
    current_rosters,
    districts,
    metadata,
    notes,
    receipts,
    rostered_rows,
    rosters,
)
from roster_core.adapters.store.scopes import reduce_rosters
from roster_core.adapters.store.told_findings import purge_told
from roster_core.adapters.store.window_approvals import purge_window_approvals

#: What stays when a district is deleted: why.
STAYS: Mapping[str, str] = {
    "activity": "who did what with ids, codes, counts and hashes; no personal data of a child",
    "activity_head": "the newest entry of the log once more",
    "clever_lists": "when Clever's list was last asked for; of no district",
}

#: What the purge does with each table. A new table must be given its line: a test compares.
RETENTION: Mapping[str, str] = {
    "rosters": "deleted when fetched longer ago than the retention setting",
    "roster_chunks": "deleted with their roster",
    "rostered_rows": "deleted when committed longer ago, unless in force",
    "receipts": "stay: counts and rules, no child's name",
    "current_rosters": "stay: which receipt is in force",
    "notes": "erased when written longer ago, unless they approve what is in force",
    "approvals": "deleted when given longer ago",
    "window_approvals": "deleted when given longer ago",
    "messages": "deleted when recorded longer ago",
    "told_findings": "deleted when brought in longer ago",
    "onboarding": "stays: the steps, dates and contacts of the window that is prepared",
    "onboarding_windows": "deleted, contacts too, when archived longer ago",
    "event_cursors": "deleted when their roster was fetched longer ago",
    "district_changes": "deleted when found longer ago",
    "district_drifts": "deleted when found longer ago",
    "district_counts": "stay: counts",
    "clever_states": "stay: what Clever said of the district",
    "clever_lists": "stay: when Clever was last asked",
    "districts": "stay: name and state of the district",
    "rule_set_versions": "stay: rules and pins, by student id",
    "drafts": "stay: rules and pins, by student id",
    "family_choices": "stay: words of section names",
    "activity": "stays: only added to",
    "activity_head": "stays: the newest entry of the log",
}


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge took away: loaded rosters, rows of how many committed rosters not in force any more, and notes.

    windows: archived windows, with the contacts in them. reduced: students outside the scope who lost number, names
    and birthdate only now.
    """

    rosters: int
    receipts: int
    rows: int
    windows: int = 0
    notes: int = 0
    reduced: int = 0


def purge(connection: Connection, before: datetime, *, actor: str, now: datetime) -> Purged:
    """Does with each table what `RETENTION` says, in the caller's transaction; recorded district by district."""
    gone: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"fingerprints": [], "receipt_ids": []})
    fetched = purge_rosters(connection, before)
    for district_id, fingerprint in fetched:
        gone[district_id]["fingerprints"].append(fingerprint)
    emptied = purge_rows(connection, before)
    for district_id, receipt_id, _ in emptied:
        gone[district_id]["receipt_ids"].append(receipt_id)
    forget_sentences(connection, before)
    purge_messages(connection, before)
    purge_told(connection, before)
    purge_approvals(connection, before)
    purge_window_approvals(connection, before)
    windows, erased = purge_windows(connection, before), _purge_notes(connection, before)
    known = connection.execute(select(rosters.c.district_id).distinct()).scalars().all()
    reduced = sum(reduce_rosters(connection, district_id, actor=actor, now=now) for district_id in known)
    for district_id in sorted(gone):
        rows = sum(count for own, _, count in emptied if own == district_id)
        detail: Detail = {"before": before.isoformat(), "rows": rows, **gone[district_id], **_counts(gone[district_id])}
        record(connection, now=now, actor=actor, district_id=district_id, action="purge-district", detail=detail)
    purged = Purged(len(fetched), len(emptied), sum(count for *_, count in emptied), windows, erased, reduced)
    told: Detail = {"before": before.isoformat(), **{name: getattr(purged, name) for name in _TOLD}}
    record(connection, now=now, actor=actor, district_id="", action="purge", detail=told)
    return purged


def is_due(connection: Connection, before: datetime) -> bool:
    """Whether a purge would delete a roster, or rows of a commit that is not in force any more."""
    text = moment_text(before)
    fetched = select(rosters.c.id).where(rosters.c.fetched_at < text)
    in_force = select(current_rosters.c.receipt_id)
    old = (receipts.c.committed_at < text) & receipts.c.receipt_id.not_in(in_force)
    replaced = select(receipts.c.number).join(rostered_rows).where(old)
    return any(connection.execute(query.limit(1)).first() is not None for query in (fetched, replaced))


def delete_district(connection: Connection, district_id: str) -> dict[str, int]:
    """Deletes every row of a district but those of `STAYS`, in the caller's transaction; gives how many of each table.

    A table belongs to a district by its column `district_id`, or by the row of another table that it points at.
    """
    deleted = {}
    for table in reversed(metadata.sorted_tables):
        own = of_district(table, district_id)
        if own is not None and table.name not in STAYS:
            deleted[table.name] = connection.execute(delete(table).where(own)).rowcount
    return deleted


def of_district(table: Table, district_id: str) -> ColumnElement[bool] | None:
    """Which rows of a table are of a district; None for a table that holds nothing of any."""
    if table is districts:
        return districts.c.id == district_id
    if "district_id" in table.c:
        return table.c["district_id"] == district_id
    for key in table.foreign_keys:
        above = of_district(key.column.table, district_id)
        if above is not None:
            return key.parent.in_(select(key.column).where(above))
    return None


_TOLD = ("rosters", "receipts", "rows", "windows", "notes")


def _counts(gone: Mapping[str, list[str]]) -> dict[str, int]:
    return {"rosters": len(gone["fingerprints"]), "receipts": len(gone["receipt_ids"])}


def _purge_notes(connection: Connection, before: datetime) -> int:
    in_force = select(receipts.c.approval).join(current_rosters)
    old = select(notes.c.id).where(notes.c.at < moment_text(before), notes.c.id.not_in(in_force))
    return erase_notes(connection, connection.execute(old).scalars())
