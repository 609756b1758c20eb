"""What was held of a district, who saw it, who approved, and when it was deleted: told by the activity log alone.

It stands after a purge or a deletion, when nothing but the log is left.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from roster_core.activity import ActivityEntry
from roster_core.activity_words import kind_of, sentence
from roster_core.wording import stamp

_LOADED = ("load-roster", "pull")
_COMMITTED = ("commit", "restore")
_APPROVED = ("ask-approval", "approve", *_COMMITTED)


@dataclass(frozen=True, slots=True)
class Holding:
    """One roster that was held. what: `loaded` or `committed`; name: fingerprint or receipt id.

    since: when it came; last: when the same data was loaded last; until: when it was deleted, None while it is held.
    withheld: of its students, those of whom neither number, names nor birthdate are held.
    """

    what: str
    name: str
    source: str
    students: int
    withheld: int
    since: datetime
    last: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToldDeed:
    """One thing somebody did, in words."""

    at: datetime
    by: str
    what: str


@dataclass(frozen=True, slots=True)
class Custody:
    """The record of one district; each part in the order it happened."""

    district_id: str
    held: tuple[Holding, ...]
    seen: tuple[ToldDeed, ...]
    approved: tuple[ToldDeed, ...]
    deleted: tuple[ToldDeed, ...]


def custody(entries: Iterable[ActivityEntry], district_id: str) -> Custody:
    """The record of a district made of the log's entries, in whatever order they come."""
    own = sorted((entry for entry in entries if entry.district_id == district_id), key=lambda entry: entry.number)
    held: list[Holding] = []
    for entry in own:
        if entry.action in _LOADED:
            _load(held, entry)
        elif entry.action in _COMMITTED:
            _commit(held, entry)
        elif entry.action == "reduce-roster":
            _reduce(held, entry)
        elif entry.action in ("purge-district", "delete-district"):
            _delete(held, entry)
    return Custody(
        district_id=district_id,
        held=tuple(held),
        seen=_told(own, lambda action: kind_of(action) == "views"),
        approved=_told(own, lambda action: action in _APPROVED),
        deleted=_told(own, lambda action: kind_of(action) == "deletions"),
    )


def to_html(record: Custody, *, name: str, head: str, intact: bool, now: datetime) -> str:
    """The record as one page that stands alone, to give to the district; without a child's name, as the log is.

    `head`: the newest entry of the log, as it can be noted down; `intact`: whether the log's chain was proved whole.
    """
    title = html.escape(f"What was held of {name or record.district_id}")
    proof = "was proved whole" if intact else "is broken, so parts of this record may be missing or changed"
    sections = (
        ("What was held", _table(("What", "Roster", "Students", "Without names", "Since", "Deleted"),
                                 [_held_row(each) for each in record.held])),
        ("Who saw names and who took files", _people(record.seen)),
        ("Who checked, approved and committed", _people(record.approved)),
        ("What was deleted, and when", _people(record.deleted)),
    )  # fmt: skip
    body = "".join(f"<h2>{heading}</h2>{table}" for heading, table in sections)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>District id {html.escape(record.district_id)}. Made {stamp(now)} from the activity log alone, whose "
        f"chain {proof}. Its newest entry: <code>{html.escape(head)}</code>.</p>{body}"
        "<p>Fingerprints prove which data was held without telling any of it. Reasons of approvals are kept apart from "
        "the log, which holds only a salted hash of each.</p></body></html>"
    )  # fmt: skip


_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#14171a}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccd}"
    "code{overflow-wrap:anywhere}"
)


def _load(held: list[Holding], entry: ActivityEntry) -> None:
    name, source = (str(entry.detail.get(key, "")) for key in ("fingerprint", "source"))
    students, withheld = _number(entry, "students"), _number(entry, "withheld")
    for place, known in enumerate(held):
        if name and (known.what, known.name, known.until) == ("loaded", name, None):
            held[place] = replace(known, last=entry.at, students=students, withheld=withheld)
            return
    held.append(Holding("loaded", name, source, students, withheld, since=entry.at, last=entry.at))


def _commit(held: list[Holding], entry: ActivityEntry) -> None:
    receipt = str(entry.detail.get("receipt_id", ""))
    held.append(Holding("committed", receipt, "", _number(entry, "students"), 0, since=entry.at, last=entry.at))


def _reduce(held: list[Holding], entry: ActivityEntry) -> None:
    for place, known in enumerate(held):
        if (known.what, known.name, known.until) == ("loaded", entry.detail.get("fingerprint"), None):
            held[place] = replace(known, withheld=known.withheld + _number(entry, "students"))


def _delete(held: list[Holding], entry: ActivityEntry) -> None:
    everything = entry.action == "delete-district"
    gone = {*_names(entry, "fingerprints"), *_names(entry, "receipt_ids")}
    for place, known in enumerate(held):
        if known.until is None and (everything or known.name in gone):
            held[place] = replace(known, until=entry.at)


def _told(entries: Sequence[ActivityEntry], wanted: Callable[[str], bool]) -> tuple[ToldDeed, ...]:
    return tuple(ToldDeed(entry.at, entry.actor, sentence(entry)) for entry in entries if wanted(entry.action))


def _number(entry: ActivityEntry, name: str) -> int:
    value = entry.detail.get(name, 0)
    return value if isinstance(value, int) else 0


def _names(entry: ActivityEntry, name: str) -> list[str]:
    value = entry.detail.get(name, [])
    return [str(each) for each in value] if isinstance(value, list) else []


def _held_row(each: Holding) -> tuple[str, ...]:
    last = f" (again {stamp(each.last)})" if each.last != each.since else ""
    until = "still held" if each.until is None else stamp(each.until)
    name = each.name[:12] if each.what == "loaded" else each.name
    return (each.what.capitalize(), name, f"{each.students:,}", f"{each.withheld:,}", stamp(each.since) + last, until)


def _people(told: Sequence[ToldDeed]) -> str:
    return _table(("When", "Who", "What"), [(stamp(each.at), each.by, each.what) for each in told])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>Nothing.</p>"
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
