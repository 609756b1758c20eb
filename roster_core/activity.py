"""The activity log as a chain: each entry holds the hash of the one before it, so that a changed past is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from roster_core.errors import InputError

#: What stands for the entry before the first.
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One thing somebody did, as people read it; `district_id` is empty for what concerns all."""

    number: int
    at: datetime
    actor: str
    district_id: str
    action: str
    detail: dict[str, object]
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry exactly as it is stored: `at` and `detail` are the stored texts."""

    number: int
    at: str
    actor: str
    district_id: str
    action: str
    detail: str
    previous_hash: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a log: its number, which is how many there are, and its hash."""

    number: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        """As a person notes it down: `812:5fc0…`."""
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """Where a log is broken. kind: `changed`, `missing`, `replaced`, `added`, `truncated` or `not-as-noted`."""

    number: int
    kind: str
    message: str


def parse_head(text: str) -> Head:
    """A head as it was noted down. Raises InputError for anything else."""
    number, _, hashed = text.strip().partition(":")
    if not (number.isdecimal() and len(hashed) == 64 and set(hashed) <= set("0123456789abcdef")):
        raise InputError(
            f'"{text}" is no head of the activity log; expected a number, a colon and 64 hexadecimal digits, '
            "as the command activity --verify prints it."
        )
    return Head(int(number), hashed)


def canonical(link: Link) -> bytes:
    """What is hashed of an entry: everything but its own hash, as JSON with sorted keys, no blanks, ASCII only."""
    told = {field.name: getattr(link, field.name) for field in fields(Link) if field.name != "hash"}
    # Bytes written over a text from outside are told as such, and so are not what was hashed.
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=repr).encode("ascii")


def linked(link: Link) -> Link:
    """The entry with its hash."""
    return replace(link, hash=hashlib.sha256(canonical(link)).hexdigest())


def verify(links: Iterable[Link], head: Head | None, noted: Sequence[Head] = ()) -> list[BrokenLink]:
    """Every place where the log is not what was written, in order; nothing where it is whole.

    `links`: all entries by number. `head`: the newest entry as kept beside the log, None where that is gone.
    `noted`: heads kept elsewhere.
    It finds any entry that was changed, taken out, moved or put in, and an end cut off. Whoever can write the
    whole database can also make a new chain with a new head: only a head noted elsewhere finds that.
    """
    problems: list[BrokenLink] = []
    last = Head()
    wanted = {each.number: each.hash for each in noted}
    for link in links:
        problems += _problems_of(link, last)
        if wanted.pop(link.number, link.hash) != link.hash:
            problems.append(_not_as_noted(link.number, "is another one than"))
        last = Head(link.number, link.hash)
    problems += _problems_at_end(last, head)
    problems += [_not_as_noted(number, "is missing, and was there") for number in sorted(wanted) if number]
    return problems


def _problems_of(link: Link, last: Head) -> Iterable[BrokenLink]:
    if linked(link).hash != link.hash:
        yield BrokenLink(link.number, "changed", f"Entry {link.number:,} was changed after it was written.")
    if link.number > last.number + 1:
        yield BrokenLink(last.number + 1, "missing", f"{_entries(last.number + 1, link.number - 1)} missing.")
    elif link.previous_hash != last.hash:
        before = f"entry {last.number:,}" if last.number else "the beginning"
        message = f"Entry {link.number:,} does not follow on {before}: one of them was replaced or moved."
        yield BrokenLink(link.number, "replaced", message)


def _problems_at_end(last: Head, head: Head | None) -> Iterable[BrokenLink]:
    if head is None:
        # An empty log without it would look as if nothing was ever done.
        message = "The count of the entries, kept beside the log, is gone: nobody can tell how many there were."
        yield BrokenLink(last.number + 1, "truncated", message)
    elif last.number < head.number:
        message = f"{_entries(last.number + 1, head.number)} missing at the end."
        yield BrokenLink(last.number + 1, "truncated", message)
    elif last.number > head.number:
        first = head.number + 1
        message = f"{_entries(first, last.number)} there, but not counted: put in from outside."
        yield BrokenLink(first, "added", message)
    elif last.hash != head.hash:
        message = f"The newest entry, {last.number:,}, is not the one that was written last."
        yield BrokenLink(last.number, "replaced", message)


def _entries(first: int, last: int) -> str:
    return f"Entry {first:,} is" if first == last else f"Entries {first:,} to {last:,} are"


def _not_as_noted(number: int, what: str) -> BrokenLink:
    return BrokenLink(number, "not-as-noted", f"Entry {number:,} {what} when its hash was noted down.")
