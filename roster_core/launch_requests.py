"""What is asked of a district: sent, chased, and answered; and what an answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from roster_core.dates import business_day, day_text
from roster_core.errors import InputError, Refusal
from roster_core.onboarding_record import Onboarding, Request, RequestKind, RequestOutcome
from roster_core.roster import Roster, id_codes
from roster_core.rules import RuleSet
from roster_core.sharing import shared_mask
from roster_core.wording import counted

#: What may be asked, in words.
KINDS: Final[Mapping[RequestKind, str]] = {
    "connect": "Request to connect",
    "sharing": "Data sharing request",
    "revision": "Revision of the sharing rules",
    "other": "Other request",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an outcome is called, what it means, and the next step for each kind of request."""

    title: str
    meaning: str
    next_step: Mapping[str, str]


OUTCOMES: Final[Mapping[RequestOutcome, Meaning]] = {
    "waiting": Meaning(
        "Waiting", "The district has not answered yet.", dict.fromkeys(KINDS, "Chase it on the day set for it.")
    ),
    "approved": Meaning(
        "Approved",
        "The district did what was asked.",
        {
            "connect": "Request data sharing.",
            "sharing": "Load the roster and see that all sections have arrived.",
            "revision": "Refresh the roster and see what the rules leave now.",
            "other": "Nothing more to do about it.",
        },
    ),
    "partly": Meaning(
        "Partly",
        "Some of what was asked for has arrived.",
        {
            "connect": "Ask what is missing.",
            "sharing": "Ask for the sections that are missing, or go on with what there is.",
            "revision": "Refresh the roster; ask again for what is missing, or filter the rest on our side.",
            "other": "Ask for the rest.",
        },
    ),
    "declined": Meaning(
        "Declined",
        "The district will not do what was asked.",
        {
            "connect": "Agree on files instead, or talk to the SEL lead.",
            "sharing": "Find out what may be shared, and ask for that.",
            "revision": "Filter on our side, and settle the rest student by student.",
            "other": "Find another way.",
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """How a sharing request was answered, in sections: asked for, arrived of those, and extra beyond them."""

    asked: int
    arrived: int
    extra: int

    @property
    def outcome(self) -> RequestOutcome:
        """approved where exactly what was asked for arrived; waiting where nothing of it did; else partly."""
        if self.arrived == self.asked and not self.extra:
            return "approved"
        return "partly" if self.arrived else "waiting"


def ask(
    onboarding: Onboarding,
    kind: RequestKind,
    *,
    sent: date,
    by: str,
    chase_days: int,
    chase_on: date | None = None,
    asked_sections: int | None = None,
    note: str = "",
    fingerprint: str = "",
    rule_set_json: str = "",
) -> Onboarding:
    """With one more request, waiting. `chase_on`: else `chase_days` business days after it was sent.

    `fingerprint` and `rule_set_json` are the roster and the rules a sharing request was made from. Raises InputError
    for a day to chase on that is not after the day of sending, or for no sections.
    """
    chase = chase_on or default_chase(onboarding, sent, chase_days)
    if chase <= sent:
        raise InputError(f"Chase it after the day it was sent, {day_text(sent)}, not on {day_text(chase)}.")
    if asked_sections is not None and asked_sections < 1:
        raise InputError(f"{asked_sections:,} sections cannot be asked for; give at least 1, or nothing for all.")
    number = max((each.number for each in onboarding.requests), default=0) + 1
    request = Request(number, kind, sent, by, chase, asked_sections, note=note.strip())
    return onboarding.with_request(replace(request, fingerprint=fingerprint, rule_set_json=rule_set_json))


def made_from(kind: RequestKind, roster: Roster | None, rule_set: RuleSet) -> tuple[str, str]:
    """The fingerprint and the rules (as text) a request was made from, as `ask` takes them to have its answer counted.

    Only a revision of the sharing rules is made from some, others from '' both; pins stay at home.
    """
    if kind != "revision" or roster is None:
        return "", ""
    return roster.fingerprint, replace(rule_set, pins=()).to_json()


def sections_asked(roster: Roster | None, rule_set: RuleSet) -> int | None:
    """How many sections a revision by these rules asks for; None without a roster or rules, or for no section."""
    if roster is None or not rule_set.rules:
        return None
    return int(shared_mask(roster, rule_set).sum()) or None


def chase(onboarding: Onboarding, number: int, *, today: date, chase_days: int) -> Onboarding:
    """With a request chased today, and the next day to chase it on. Raises Refusal where it has been answered."""
    request = _waiting(onboarding, number)
    following = default_chase(onboarding, today, chase_days)
    return onboarding.with_request(replace(request, chased=(*request.chased, today), chase_on=following))


def answered(
    onboarding: Onboarding,
    number: int,
    outcome: RequestOutcome,
    *,
    on: date,
    arrived: int | None = None,
    extra: int | None = None,
    note: str = "",
) -> Onboarding:
    """With a request ended as approved, partly or declined on that day; or waiting again, where that was a mistake.

    Raises InputError for a day before it was sent, and for more sections arrived than were asked for.
    """
    request = request_of(onboarding, number)
    if outcome == "waiting":
        return onboarding.with_request(replace(request, outcome="waiting", ended=None, arrived=None, extra=None))
    if on < request.sent:
        raise InputError(f"It cannot be answered on {day_text(on)}, before it was sent on {day_text(request.sent)}.")
    if arrived is not None and request.asked_sections is not None and arrived > request.asked_sections:
        raise InputError(
            f"{arrived:,} of {request.asked_sections:,} sections cannot have arrived; count what was not asked for "
            "as extra."
        )
    told = note.strip() or request.note
    return onboarding.with_request(replace(request, outcome=outcome, ended=on, arrived=arrived, extra=extra, note=told))


def settling(request: Request) -> str:
    """The step whose word an approved answer is; '' where it is none's."""
    return {"connect": "connected", "sharing": "sharing-approved"}.get(request.kind, "")


def request_of(onboarding: Onboarding, number: int) -> Request:
    """The request of that number. Raises InputError where there is none."""
    found = next((each for each in onboarding.requests if each.number == number), None)
    if found is None:
        raise InputError(f"There is no request {number} in this window. Reload the page.")
    return found


def told(request: Request) -> str:
    """How a request stands, in words: `asked for 48 sections: 46 arrived, 3 extra`."""
    title = OUTCOMES[request.outcome].title
    if request.outcome == "waiting":
        chased = f", chased {len(request.chased)} times" if len(request.chased) > 1 else ""
        chased = ", chased once" if len(request.chased) == 1 else chased
        return f"{title}, to chase on {day_text(request.chase_on)}{chased}"
    when = f" on {day_text(request.ended)}" if request.ended else ""
    counts = _counts(request)
    return f"{title}{when}{f': {counts}' if counts else ''}"


def count_answer(before: Roster, rule_set: RuleSet, now: Roster) -> Answer:
    """What arrived of what a sharing request asked for.

    `before` and `rule_set` are what the request was made from: it asked for the sections of `before` that the
    district's own rules share. `now` is the roster after it. Sections that are new and that those rules share
    are not extra. Costs a match of the rules on both rosters.
    """
    asked = before.sections["section_id"][shared_mask(before, rule_set)]
    present = id_codes(asked.reset_index(drop=True), now.sections["section_id"]) >= 0
    extra = ~shared_mask(now, rule_set)
    return Answer(len(asked), int(np.count_nonzero(present)), int(np.count_nonzero(extra)))


def default_chase(onboarding: Onboarding, sent: date, chase_days: int) -> date:
    """The day a request that is sent then is to be chased on, where nobody chooses another."""
    return business_day(sent, max(chase_days, 1), onboarding.days_off)


def _waiting(onboarding: Onboarding, number: int) -> Request:
    request = request_of(onboarding, number)
    if request.outcome != "waiting":
        raise Refusal(f"This request has been answered ({told(request)}), so there is nothing to chase.")
    return request


def _counts(request: Request) -> str:
    asked = "" if request.asked_sections is None else f"asked for {counted(request.asked_sections, 'section')}"
    parts = []
    if request.arrived is not None:
        parts.append(f"{request.arrived:,} arrived" if asked else f"{counted(request.arrived, 'section')} arrived")
    if request.extra:
        parts.append(f"{request.extra:,} extra")
    return ": ".join(part for part in (asked, ", ".join(parts)) if part)
