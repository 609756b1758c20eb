"""Launch: one district's way through the seven steps to Ready To Assess. The door to what the other modules hold.

What is kept is in `onboarding_record`, the facts in `evidence`, the steps in `launch_steps`, what comes next in
`launch_next`, requests in `launch_requests`, a new window in `new_window`, and days in `dates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from roster_core.clever_states import Owner
from roster_core.dates import WindowDates, day_text
from roster_core.errors import InputError, Refusal
from roster_core.evidence import Covered, Evidence, InForce, is_loaded
from roster_core.launch_next import Countdown, NextAction, days_left, next_action
from roster_core.launch_requests import answered, request_of, settling
from roster_core.launch_steps import APP, STEPS, Step, StepState, refusal, standing, step_title
from roster_core.onboarding_record import (
    Contact,
    Onboarding,
    Request,
    RequestOutcome,
    SyncAnswer,
    Tick,
    onboarding_from_json,
)
from roster_core.settings import Expected, Profile
from roster_core.vocabulary import GRADES

__all__ = [
    "APP",
    "Contact",
    "Countdown",
    "Covered",
    "Evidence",
    "Expected",
    "InForce",
    "NextAction",
    "Onboarding",
    "Owner",
    "Request",
    "STEPS",
    "Step",
    "StepState",
    "SyncAnswer",
    "Tick",
    "answer",
    "days_left",
    "expecting",
    "is_loaded",
    "next_action",
    "onboarding_from_json",
    "profile_of",
    "refusal",
    "standing",
    "step_title",
    "tick",
    "untick",
    "with_dates",
]


def tick(
    onboarding: Onboarding, key: str, evidence: Evidence, *, on: date, by: str, today: date, note: str = ""
) -> Onboarding:
    """With a person's word that a step was done on that day.

    Raises Refusal where the data contradicts it or the app sees it itself, InputError for an unknown step or a day
    that is still to come.
    """
    _known(key)
    if on > today:
        raise InputError(f"{day_text(on)} is still to come; give the day it was done.")
    if reason := refusal(onboarding, key, evidence):
        raise Refusal(f"“{step_title(key, onboarding, evidence)}” cannot be ticked. {reason}")
    about = evidence.receipt.receipt_id if key == "rostered" and evidence.receipt else ""
    return replace(onboarding, ticks={**onboarding.ticks, key: Tick(on, by, note.strip(), about)})


def untick(onboarding: Onboarding, key: str) -> Onboarding:
    """Without a person's word about a step. Raises InputError for an unknown step."""
    _known(key)
    return replace(onboarding, ticks={name: said for name, said in onboarding.ticks.items() if name != key})


def answer(
    onboarding: Onboarding,
    number: int,
    outcome: RequestOutcome,
    evidence: Evidence,
    *,
    on: date,
    by: str,
    arrived: int | None = None,
    extra: int | None = None,
    note: str = "",
) -> Onboarding:
    """With a request ended; where the district approved, and nothing contradicts it, that is the word about its step.

    Taking the answer back takes that word back. Raises InputError as `launch_requests.answered` does.
    """
    ended = answered(onboarding, number, outcome, on=on, arrived=arrived, extra=extra, note=note)
    key, about = settling(request_of(ended, number)), f"request {number}"
    if not key:
        return ended
    if outcome == "approved" and key not in ended.ticks and not refusal(ended, key, evidence):
        return replace(ended, ticks={**ended.ticks, key: Tick(on, by, note.strip(), about)})
    said = ended.ticks.get(key)
    return untick(ended, key) if outcome != "approved" and said is not None and said.about == about else ended


def with_dates(onboarding: Onboarding, dates: WindowDates, window: str) -> Onboarding:
    """With these dates and this name of the window. Raises InputError where it closes before it opens."""
    if dates.opens and dates.closes and dates.closes < dates.opens:
        raise InputError(
            f"The window cannot close on {day_text(dates.closes)}, before it opens on {day_text(dates.opens)}. "
            "Correct one of the two."
        )
    return replace(onboarding, dates=dates, window=window.strip())


def expecting(onboarding: Onboarding, schools: Mapping[str, int], grades: Mapping[str, int], on: date) -> Onboarding:
    """With these expected headcounts; those of 0 are left out. Raises InputError for a grade that is none."""
    for key, number in {**schools, **grades}.items():
        if number < 0:
            raise InputError(f"{number:,} students cannot be expected in {key}; give 0 or more.")
    unknown = [grade for grade in grades if grade not in GRADES]
    if unknown:
        raise InputError(f'"{unknown[0]}" is not a grade; write one of {", ".join(GRADES)}.')
    kept = [{key: number for key, number in told.items() if key and number} for told in (schools, grades)]
    return replace(onboarding, expected=Expected(*kept), expected_on=on)


def profile_of(profile: Profile, onboarding: Onboarding | None) -> Profile:
    """The preflight's profile for a district: with the district's own expected headcounts where it has any."""
    if onboarding is None or not (onboarding.expected.schools or onboarding.expected.grades):
        return profile
    return replace(profile, expected=onboarding.expected)


def _known(key: str) -> None:
    if key not in STEPS:
        raise InputError(f'There is no step "{key}"; the steps are {", ".join(STEPS)}.')
