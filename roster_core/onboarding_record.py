"""What is kept of one district's way to Ready To Assess, as frozen values, and their JSON document."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Literal

import msgspec

from roster_core.dates import DayOff, WindowDates
from roster_core.errors import InputError
from roster_core.settings import Expected

RequestKind = Literal["connect", "sharing", "revision", "other"]
RequestOutcome = Literal["waiting", "approved", "partly", "declined"]

FORMAT: Final = "roster-onboarding/1"


@dataclass(frozen=True, slots=True)
class Tick:
    """A person's word that a step is done: the day it was done, who said so, a note, and what it speaks of.

    `about` is the receipt in force when somebody said that it was loaded (another receipt needs another word), or
    the request whose answer it was.
    """

    on: date
    by: str
    note: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Something asked of a district: when, by whom, when to chase it, and how it ended.

    asked_sections: how many sections were asked for, None where all. arrived, extra: of those asked for, and beyond.
    fingerprint, rule_set_json: the roster and the rules it was made from, so that its answer can be counted.
    """

    number: int
    kind: RequestKind
    sent: date
    by: str
    chase_on: date
    asked_sections: int | None = None
    outcome: RequestOutcome = "waiting"
    arrived: int | None = None
    extra: int | None = None
    note: str = ""
    ended: date | None = None
    chased: tuple[date, ...] = ()
    fingerprint: str = ""
    rule_set_json: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at the district: name, e-mail address, phone; empty where not known."""

    name: str = ""
    email: str = ""
    phone: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.email or self.phone)


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """What the district answered about its sync settings (can changes be received and approved promptly?)."""

    text: str = ""
    on: date | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Onboarding:
    """One district in its current assessment window.

    number: windows of this district so far, from 1. ticks: step key -> a person's word. method: how the district
    rosters, '' until known. previous_receipt_id: what was in force when this window was started, to compare by
    promoted grade. expected_on: when the expected headcounts were last set.
    """

    number: int = 1
    window: str = ""
    dates: WindowDates = field(default_factory=WindowDates)
    method: Literal["", "clever", "files"] = ""
    ticks: Mapping[str, Tick] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()
    sel_lead: Contact = field(default_factory=Contact)
    clever_admin: Contact = field(default_factory=Contact)
    looked_after_by: str = ""
    sync_answer: SyncAnswer = field(default_factory=SyncAnswer)
    expected: Expected = field(default_factory=Expected)
    expected_on: date | None = None
    days_off: tuple[DayOff, ...] = ()
    started_on: date | None = None
    previous_receipt_id: str = ""
    format: Literal["roster-onboarding/1"] = FORMAT

    @property
    def ready_sent(self) -> date | None:
        """The day Ready To Assess was sent; None where it was not."""
        tick = self.ticks.get("ready-sent")
        return tick.on if tick else None

    def waiting(self, *kinds: str) -> Request | None:
        """The newest request of these kinds that nobody has answered yet; None where there is none."""
        asked = [each for each in self.requests if each.kind in kinds and each.outcome == "waiting"]
        return asked[-1] if asked else None

    def newest(self, *kinds: str) -> Request | None:
        """The newest request of these kinds, answered or not; None where there is none."""
        return next((each for each in reversed(self.requests) if each.kind in kinds), None)

    def forgetting(self, texts: Collection[str], mark: str) -> Onboarding:
        """With `mark` in the place of these texts, wherever somebody wrote one as a note or an answer."""

        def kept(text: str) -> str:
            return mark if text in texts else text

        return replace(
            self,
            ticks={key: replace(tick, note=kept(tick.note)) for key, tick in self.ticks.items()},
            requests=tuple(replace(each, note=kept(each.note)) for each in self.requests),
            sync_answer=replace(self.sync_answer, text=kept(self.sync_answer.text)),
        )

    def with_request(self, request: Request) -> Onboarding:
        """With this request in the place of the one of its number, or as the last."""
        others = [each for each in self.requests if each.number != request.number]
        return replace(self, requests=tuple(sorted([*others, request], key=lambda each: each.number)))

    def to_json(self) -> str:
        """The document as it is stored."""
        return msgspec.json.encode(self).decode()


def onboarding_from_json(text: str | bytes, place: str = "") -> Onboarding:
    """The onboarding in a document. Raises InputError for a broken or unknown one, naming `place` and what is wrong."""
    where = f"The onboarding record{f' of {place}' if place else ''}"
    advice = "It was left as it is. Update the program, or restore the database from a backup."
    try:
        found = msgspec.json.decode(text, type=Onboarding)
        unknown = _unknown(msgspec.json.decode(text), msgspec.to_builtins(found))
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise InputError(f"{where} cannot be read: {error}. {advice}") from error
    if unknown:
        raise InputError(f'{where} holds "{unknown}", which this version does not know. {advice}')
    return found


def _unknown(given: Any, read: Any, path: str = "") -> str:
    """The first key of the document that reading it left out; saving it again would lose what it holds."""
    if isinstance(given, dict) and isinstance(read, dict):
        for key, value in given.items():
            if key not in read:
                return f"{path}{key}"
            if deeper := _unknown(value, read[key], f"{path}{key}."):
                return deeper
    elif isinstance(given, list) and isinstance(read, list | tuple):
        for number, (value, kept) in enumerate(zip(given, read, strict=False), 1):
            if deeper := _unknown(value, kept, f"{path}{number}."):
                return deeper
    return ""
