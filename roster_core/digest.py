"""What the watch found, in words: one message about every district, the worst first, without any child's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap

from roster_core.drift import Drift

_WIDTH = 78
_INDENT = "  "


@dataclass(frozen=True, eq=False)
class Watched:
    """One roster in force, and what the watch found of it.

    `drift` is None where nothing could be compared; then `problem` says why, and `failed` whether a service failed
    (so that trying again may help) rather than a person being needed. `source` says for people what it was compared
    with: `fetched from Clever`.
    """

    district_id: str
    name: str
    target: str
    receipt_id: str
    drift: Drift | None = None
    problem: str = ""
    failed: bool = False
    lost: bool = False
    source: str = ""

    @property
    def needs_person(self) -> bool:
        """Whether somebody must look: the drift says so, or the district is no longer connected (`lost`)."""
        return self.lost or bool(self.drift and self.drift.needs_person)

    @property
    def sentences(self) -> list[str]:
        """What there is to say, the gravest first."""
        return self.drift.sentences() if self.drift else [self.problem]

    @property
    def verdict(self) -> str:
        """In two or three words: `look`, `failed`, `not compared`, `fine`."""
        if self.needs_person:
            return "look"
        return "failed" if self.failed else "fine" if self.drift else "not compared"


@dataclass(frozen=True, slots=True)
class Digest:
    """A message for the team: `needs_person` says whether it is worth sending at all."""

    subject: str
    text: str
    needs_person: bool


def worst_first(watched: Sequence[Watched]) -> list[Watched]:
    """Lost districts, those that need a person by how many students stand to lose, failures, then the rest."""
    return sorted(watched, key=lambda one: (_rank(one), -_at_stake(one.drift), one.name.casefold(), one.district_id))


def digest(watched: Sequence[Watched], *, now: datetime) -> Digest:
    """The message about every watched district. `now` is the moment of the watch, aware.

    Counts, district names and receipts only: neither a student nor a section is named.
    """
    ordered = worst_first(watched)
    looking = [one for one in ordered if one.needs_person]
    failed = [one for one in ordered if one.failed]
    counted = (_counted(len(looking), "needs a person"), _counted(len(failed), "could not be checked"))
    subject = ", ".join(filter(None, counted))
    lines = [f"What changed since the rosters were committed, as of {now:%Y-%m-%d %H:%M} {now.tzname()}.", ""]
    lines += ["Nothing was committed yet, so there is nothing to watch."] if not ordered else []
    for one in ordered:
        lines += _paragraph(one)
    return Digest(
        subject=f"Rosters: {subject or 'nothing needs a person'}",
        text="\n".join(lines).rstrip() + "\n",
        needs_person=bool(looking or failed),
    )


def _paragraph(one: Watched) -> list[str]:
    what = {"look": "NEEDS A PERSON", "failed": "COULD NOT BE CHECKED", "not compared": "not compared", "fine": "fine"}
    name = f"{one.name} ({one.district_id})" if one.name and one.name != one.district_id else one.district_id
    head = f"{name}: {what[one.verdict]}"
    told = [line for sentence in one.sentences for line in _wrapped(sentence)]
    against = f"Against receipt {one.receipt_id} ({one.target}){f', {one.source}' if one.source else ''}."
    return [head, *told, *_wrapped(against), ""]


def _wrapped(sentence: str) -> list[str]:
    return wrap(
        sentence, _WIDTH, initial_indent=f"{_INDENT}- ", subsequent_indent=f"{_INDENT}  ", break_long_words=False
    )


def _rank(one: Watched) -> int:
    if one.lost:
        return 0
    if one.needs_person:
        return 1
    return 2 if one.failed else 3 if one.drift is None else 4


def _at_stake(drift: Drift | None) -> int:
    """How many students would lose their place, or have none."""
    if drift is None:
        return 0
    return sum(len(frame) for frame in (drift.gone, drift.in_none, drift.in_several, drift.moved))


def _counted(count: int, what: str) -> str:
    """`1 district needs a person`, `3 districts need a person`; empty for none."""
    if count < 2:
        return f"1 district {what}" if count else ""
    return f"{count:,} districts {what.replace('needs', 'need')}"
