"""School dates: business days, the launch date to propose, what speaks against a date, and the calendar file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
import icalendar

from roster_core.errors import InputError
from roster_core.wording import counted

_DAY = timedelta(days=1)
#: A district that closes longer than this has written a date wrong.
_LONGEST_SEARCH = 400


@dataclass(frozen=True, slots=True)
class DayOff:
    """Days on which a district's schools are closed, first and last of them included."""

    first: date
    last: date
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which the district's sync into Clever rests; `paused`: it rests now. An end of None is not known."""

    first: date | None = None
    last: date | None = None
    paused: bool = False

    def covers(self, day: date, today: date) -> bool:
        """Whether the pause lies over that day, as far as is known today."""
        begun = self.paused if self.first is None else self.first <= day
        ended = self.last is not None and self.last < day
        return begun and not ended and (self.first is not None or self.last is not None or day >= today)


@dataclass(frozen=True, slots=True)
class WindowDates:
    """One assessment window: when it opens and closes, and when the app is launched for students; None: not set."""

    opens: date | None = None
    closes: date | None = None
    launch: date | None = None


@dataclass(frozen=True, slots=True)
class DateWarning:
    """What speaks against a date: a stable code, and a sentence for people."""

    code: str
    text: str


def day_off(first: date | None, last: date | None, name: str) -> DayOff:
    """Days off as a person gives them; one day where no last one is. Raises InputError for days that cannot be."""
    if first is None:
        raise InputError("Give the first day on which the schools are closed.")
    if last is not None and last < first:
        raise InputError(f"The days off end on {day_text(last)}, before they begin on {day_text(first)}.")
    return DayOff(first, last or first, name.strip())


def why_off(day: date, days_off: Iterable[DayOff] = ()) -> str:
    """Why that is no business day: `a Saturday`, `Thanksgiving Day`, the district's own word; '' where it is one.

    US federal holidays count, and where one falls on a weekend the day it is observed.
    """
    own = next((each for each in days_off if each.first <= day <= each.last), None)
    if own is not None:
        return own.name.strip() or "a day off in the district"
    if day in _federal(day.year):
        return _federal(day.year)[day]
    return f"a {day:%A}" if day.weekday() >= 5 else ""


def business_day(start: date, count: int, days_off: Iterable[DayOff] = ()) -> date:
    """The day `count` business days after `start` (before it where negative); `start` itself is not counted.

    For a count of 0, `start`, or the last business day before it. Gives the nearest day where the district
    is closed for more than a year.
    """
    off = tuple(days_off)
    step = _DAY if count > 0 else -_DAY
    day, left = start, abs(count)
    if not left:
        day, left = start + _DAY, 1
    for _ in range(_LONGEST_SEARCH):
        day += step
        left -= not why_off(day, off)
        if not left:
            return day
    return start + step * abs(count)


def business_days_between(first: date, last: date, days_off: Iterable[DayOff] = ()) -> int:
    """Business days from `first` up to but without `last`; 0 where `last` is not later."""
    off = tuple(days_off)
    span = min(max((last - first).days, 0), _LONGEST_SEARCH)
    return sum(not why_off(first + _DAY * each, off) for each in range(span))


def propose_launch(opens: date, lead_days: int, days_off: Iterable[DayOff] = ()) -> date:
    """The launch date to propose: that many business days before the window opens."""
    return business_day(opens, -lead_days, days_off)


def date_warnings(
    dates: WindowDates, today: date, *, lead_days: int, days_off: Iterable[DayOff] = (), pause: Pause | None = None
) -> tuple[DateWarning, ...]:
    """What speaks against the dates of a window, gravest first; empty where nothing does.

    `pause`: the district's pause in Clever, where there is or was to be one.
    """
    off = tuple(days_off)
    told = [*_order(dates, today), *_near(dates, lead_days, off)]
    if dates.launch and pause and pause.covers(dates.launch, today):
        until = f" until {day_text(pause.last)}" if pause.last else ""
        told.append(
            ("launch-in-pause", f"The district's sync into Clever is paused{until}: new students will not arrive "
             "before the launch. Launch after the pause, or ask the district to end it.")
        )  # fmt: skip
    for name, day in (("launch", dates.launch), ("opens", dates.opens), ("closes", dates.closes)):
        if day and (reason := why_off(day, off)):
            subject = "The launch date" if name == "launch" else f"The day the window {name}"
            told.append((f"{name}-day-off", f"{subject}, {day_text(day)}, is {reason}: nobody is in school."))
    return tuple(DateWarning(code, text) for code, text in told)


def day_text(day: date) -> str:
    """A date as people write it: `Mon 7 Dec 2026`."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def calendar_file(
    dates: WindowDates, *, district_id: str, window: int, title: str, product: str, now: datetime, version: int
) -> bytes:
    """An iCalendar file with an all-day event for each date that is set.

    `window` is the window's number, `title` the district's name. The events keep their ids, so that a calendar that
    takes the file again with a higher `version` moves them. No person is named.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Roster review//Launch dates//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    district = hashlib.sha256(district_id.encode()).hexdigest()[:20]
    for kind, words, day in (
        ("launch", "launch", dates.launch),
        ("opens", "assessment window opens", dates.opens),
        ("closes", "assessment window closes", dates.closes),
    ):
        if day is None:
            continue
        event = icalendar.Event()
        event.add("uid", f"{kind}-{window}-{district}@roster-review")
        event.add("summary", f"{product} {words}: {title}")
        event.add("dtstart", day)
        event.add("dtend", day + _DAY)
        event.add("dtstamp", now)
        event.add("sequence", version)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


@lru_cache(maxsize=32)
def _federal(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("US", years=year))


def _order(dates: WindowDates, today: date) -> list[tuple[str, str]]:
    opens, closes, launch = dates.opens, dates.closes, dates.launch
    told = []
    if opens and closes and closes < opens:
        told.append(
            ("closes-before-opens", f"The window closes on {day_text(closes)}, before it opens on {day_text(opens)}.")
        )
    if launch and closes and launch > closes:
        told.append(("launch-after-close", f"The launch date, {day_text(launch)}, is after the window closed."))
    elif launch and opens and launch > opens:
        told.append(
            ("launch-after-open", f"The launch date, {day_text(launch)}, is after the window opens on "
             f"{day_text(opens)}: students could not sign in on the first day.")
        )  # fmt: skip
    if launch and opens and launch < today <= opens:
        told.append(("launch-past", f"The launch date, {day_text(launch)}, has passed."))
    return told


def _near(dates: WindowDates, lead_days: int, off: tuple[DayOff, ...]) -> list[tuple[str, str]]:
    if not dates.launch or not dates.opens or dates.launch > dates.opens:
        return []
    between = business_days_between(dates.launch, dates.opens, off)
    if between >= lead_days:
        return []
    days = f"only {counted(between, 'business day')}" if between else "no business day"
    told = f"The launch date is {days} before the window opens; at least {lead_days} leave time to put things right."
    return [("launch-too-near", told)]
