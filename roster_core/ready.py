"""Whether Ready To Assess may be said: what stands against it, what is worth knowing first, and who is to follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from roster_core.messages import day
from roster_core.rules import Pin
from roster_core.wording import counted


@dataclass(frozen=True, slots=True)
class ReadyFacts:
    """What is known on the day. Dates are days where the team is; None where something was not done or is not set.

    of_last_window: what is in force was committed for the window before, and a commit now would differ.
    delivered: the roster in force is where students will find it: the product answered so, or a person said so.
    """

    today: date
    product: str = "SELweb"
    receipt_id: str = ""
    students: int = 0
    of_last_window: bool = False
    delivered: bool = False
    fetched_on: date | None = None
    preflight_on: date | None = None
    blockers: int = 0
    drift_on: date | None = None
    drift_needs_person: bool = False
    launch: date | None = None
    opens: date | None = None
    closes: date | None = None
    follow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps Ready To Assess from being sent. step: `commit`, `deliver`, `refresh`, `settle`, `dates`."""

    message: str
    next_step: str
    step: str

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}"


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer. problems: each forbids the message. notes: worth knowing before. follow: who comes later."""

    problems: tuple[Obstacle, ...]
    notes: tuple[str, ...]
    follow: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether the message may be sent."""
        return not self.problems


def ready_to_assess(facts: ReadyFacts) -> Readiness:
    """What stands between a district and its Ready To Assess message, as of the facts' day."""
    problems = [found for found in (_in_force(facts), _delivered(facts), _fresh(facts), _checked(facts)) if found]
    problems += [found for found in (_drifted(facts), _window(facts)) if found]
    return Readiness(tuple(problems), tuple(_notes(facts)), facts.follow)


def following(pins: Iterable[Pin]) -> tuple[str, ...]:
    """Who is excused to follow, a line an owner, date and reason, the soonest first: counts, never a student."""
    groups = Counter((pin.due, pin.owner, pin.reason) for pin in pins if pin.excuse_word == "to_follow")
    ordered = sorted(groups.items(), key=lambda one: (not one[0][0], one[0]))
    return tuple(_follow_line(number, *group) for group, number in ordered)


def _follow_line(number: int, due: str, owner: str, reason: str) -> str:
    who = {"us": "ours", "": "nobody named"}.get(owner, owner)
    parts = [counted(number, "student"), reason[:1].lower() + reason[1:], f"owner: {who}", f"by {_due(due)}"]
    return ", ".join(part for part in parts if part)


def _due(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text or "a date not set"


def _in_force(facts: ReadyFacts) -> Obstacle | None:
    if facts.receipt_id and facts.students and not facts.of_last_window:
        return None
    if facts.receipt_id and facts.students:
        said = "The roster in force is of the last window."
        return Obstacle(said, "Commit this window's on the Commit page.", "commit")
    return Obstacle("No roster is in force for this district.", "Commit it on the Commit page.", "commit")


def _delivered(facts: ReadyFacts) -> Obstacle | None:
    if facts.delivered or facts.of_last_window or not facts.receipt_id:
        return None
    return Obstacle(
        f"The roster is recorded here, but nobody has said that it is in {facts.product}.",
        f"Load it there, then tick that it is rostered in {facts.product}.",
        "deliver",
    )


def _fresh(facts: ReadyFacts) -> Obstacle | None:
    if facts.fetched_on is not None and (facts.launch != facts.today or facts.fetched_on == facts.today):
        return None
    if facts.fetched_on is None:
        return Obstacle("There is no roster to check.", "Load the district on the Districts page.", "refresh")
    said = f"Today is the launch date, and the roster is of {day(facts.fetched_on)}."
    return Obstacle(said, "Refresh it, and look at what changed.", "refresh")


def _checked(facts: ReadyFacts) -> Obstacle | None:
    if facts.preflight_on != facts.today:
        last = f"The last preflight is of {day(facts.preflight_on)}" if facts.preflight_on else "No preflight was run"
        return Obstacle(f"{last}; it must be of today.", "Open the Commit page, or refresh the roster.", "settle")
    if facts.blockers:
        found = counted(facts.blockers, "blocker")
        return Obstacle(f"Today's preflight found {found}.", "Settle what it found on the Commit page.", "settle")
    return None


def _drifted(facts: ReadyFacts) -> Obstacle | None:
    if not facts.receipt_id:
        return None
    if facts.drift_on != facts.today:
        return Obstacle(
            "Nobody has compared the roster in force with the district's newest data today.",
            "Compare them under Drift.", "refresh",
        )  # fmt: skip
    if facts.drift_needs_person:
        said = "Since the commit something changed that a person must look at."
        return Obstacle(said, "Settle it, then commit again.", "settle")
    return None


def _window(facts: ReadyFacts) -> Obstacle | None:
    if facts.launch is None:
        return Obstacle("No launch date is set.", "Set it, so that students can sign in from then on.", "dates")
    if facts.closes and facts.today > facts.closes:
        return Obstacle(
            f"The assessment window closed on {day(facts.closes)}.", "Start a new window, or correct its dates.",
            "dates",
        )  # fmt: skip
    return None


def _notes(facts: ReadyFacts) -> list[str]:
    notes = []
    if facts.launch is not None and facts.today < facts.launch:
        notes.append(f"The launch date is {day(facts.launch)}; until then students may not be able to sign in.")
    if facts.opens is None:
        notes.append("No assessment window is set, so the message names none.")
    elif facts.today > facts.opens:
        notes.append(f"The assessment window opened on {day(facts.opens)} already.")
    return notes
