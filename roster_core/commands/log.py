"""Commands over who did what: activity, and taking a district out on request."""

from __future__ import annotations

import click

from roster_core.activity import ActivityEntry, BrokenLink, Head, parse_head
from roster_core.activity_words import sentence
from roster_core.commands.speech import aligned, json_option, say
from roster_core.commands.wiring import actor, now, opened_store, settings
from roster_core.errors import InputError, Refusal
from roster_core.wording import counted

_CHANGED_WHOLE = (
    "A log written anew by somebody who can write the whole database is found only with a head noted down before: "
    "--verify --noted HEAD."
)


@click.command()
@click.argument("district_id", required=False)
@click.option("--verify", is_flag=True, help="Prove that no entry was changed, taken out, moved or cut off.")
@click.option("--noted", multiple=True, metavar="HEAD", help="A head noted down before, to verify against.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="List at most so many entries.")
@json_option
def activity(district_id: str | None, verify: bool, noted: tuple[str, ...], limit: int, as_json: bool) -> int:
    """Who did what and when, newest first."""
    heads = [parse_head(text) for text in noted]
    with opened_store(settings()) as store:
        if verify or heads:
            return _verified(store.activity.verify(heads), store.activity.head(), as_json)
        entries = store.activity.list(district_id, limit)
    say(_listed(entries), [_document(entry) for entry in entries], as_json)
    return 0


@click.command()
@click.argument("district_id")
@click.option("--confirm", default="", metavar="NAME", help="The district's name as receipts and lists show it.")
@json_option
def delete(district_id: str, confirm: str, as_json: bool) -> int:
    """Delete everything of a district, on request. Only the activity log stays."""
    with opened_store(settings()) as store:
        known = store.districts.get(district_id)
        receipts = store.ledger.receipts(district_id)
        name = known.name if known else next((r.district_name for r in receipts if r.district_name), district_id)
        if not _same(confirm, name):
            raise InputError(f'Nothing was deleted. To delete "{name}" for good, add --confirm "{name}".')
        store.districts.delete(district_id, actor=actor(), now=now())
        head = store.activity.head()
    told = {"district_id": district_id, "deleted": True, "head": str(head)}
    say([f"{name} was deleted. Only the activity log stays; what is in force elsewhere is not changed."], told, as_json)
    return 0


def _same(typed: str, name: str) -> bool:
    return " ".join(typed.split()).casefold() == " ".join(name.split()).casefold()


def _verified(problems: list[BrokenLink], head: Head, as_json: bool) -> int:
    places = [{"number": p.number, "kind": p.kind, "message": p.message} for p in problems]
    document = {"intact": not problems, "entries": head.number, "head": str(head), "problems": places}
    if problems:
        lines = [f"The activity log is broken in {counted(len(problems), 'place')}:"]
        lines += [f"  {problem.message}" for problem in problems]
        lines.append("Next: keep a copy of the database as it is, and compare it with a backup.")
    else:
        lines = [f"The activity log is whole: {counted(head.number, 'entry', 'entries')}.", f"Head {head}"]
        lines += ["Note the head down outside this app. " + _CHANGED_WHOLE]
    say(lines, document, as_json)
    return Refusal.exit_code if problems else 0


def _listed(entries: list[ActivityEntry]) -> list[str]:
    rows: list[list[str | int]] = [
        [f"{entry.at:%Y-%m-%d %H:%M}", entry.actor, entry.district_id or "all", sentence(entry)] for entry in entries
    ]
    return aligned(rows, indent="") or ["Nothing was done yet."]


def _document(entry: ActivityEntry) -> dict[str, object]:
    told = {name: getattr(entry, name) for name in ("number", "actor", "district_id", "action", "detail", "hash")}
    return {**told, "at": entry.at.isoformat(), "sentence": sentence(entry)}
