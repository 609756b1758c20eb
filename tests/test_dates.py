"""School dates: holidays, business days, the proposed launch, warnings, and the calendar file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster_core.dates import (
    DayOff,
    Pause,
    WindowDates,
    business_day,
    business_days_between,
    calendar_file,
    date_warnings,
    day_off,
    propose_launch,
    why_off,
)
from roster_core.errors import InputError

TODAY = date(2026, 11, 26)
BREAK = (DayOff(date(2026, 12, 21), date(2027, 1, 1), "Winter break"),)
OPENS, CLOSES = date(2026, 12, 7), date(2026, 12, 18)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 25), ""),
        (date(2026, 11, 26), "Thanksgiving Day"),
        (date(2026, 11, 28), "a Saturday"),
        (date(2026, 7, 3), "Independence Day (observed)"),
        (date(2026, 12, 23), "Winter break"),
        (date(2027, 1, 1), "Winter break"),
        (date(2027, 1, 4), ""),
    ],
)
def test_a_day_off_says_why(day: date, why: str) -> None:
    """Weekends, federal holidays (also as observed) and the district's own days are no business days."""
    assert why_off(day, BREAK) == why


def test_days_off_are_taken_as_a_person_gives_them() -> None:
    """One day needs no last one; without a first, or ending before it, they are refused."""
    assert day_off(TODAY, None, " Thanksgiving ") == DayOff(TODAY, TODAY, "Thanksgiving")
    assert day_off(OPENS, CLOSES, "") == DayOff(OPENS, CLOSES)
    for first, last in ((None, TODAY), (CLOSES, OPENS)):
        with pytest.raises(InputError):
            day_off(first, last, "")


def test_a_day_off_without_a_name_still_says_why() -> None:
    """The district need not say what its day off is for."""
    assert why_off(TODAY, (DayOff(TODAY, TODAY),)) == "a day off in the district"


@pytest.mark.parametrize(
    ("start", "count", "day"),
    [
        (date(2026, 12, 7), -3, date(2026, 12, 2)),
        (date(2026, 11, 30), -3, date(2026, 11, 24)),
        (date(2027, 1, 6), -3, date(2026, 12, 18)),
        (date(2026, 11, 25), 1, date(2026, 11, 27)),
        (date(2026, 11, 29), 0, date(2026, 11, 27)),
        (date(2026, 11, 30), 0, date(2026, 11, 30)),
    ],
)
def test_business_days_leave_out_what_is_off(start: date, count: int, day: date) -> None:
    """Counting steps over weekends, Thanksgiving and the winter break."""
    assert business_day(start, count, BREAK) == day


@settings(deadline=None)
@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 30))
def test_counting_there_and_between_agrees(start: date, count: int) -> None:
    """Between a launch date proposed so many business days before and the opening there are that many."""
    launch = propose_launch(start, count)
    assert not why_off(launch)
    assert business_days_between(launch, start) == count
    days = [launch + timedelta(days=each) for each in range((start - launch).days)]
    assert sum(not why_off(day) for day in days) == count


def test_a_district_that_is_closed_for_ever_gets_an_answer() -> None:
    """A day off of many years is a slip of the pen, and nothing hangs on it."""
    assert business_day(TODAY, 2, (DayOff(date(2020, 1, 1), date(2040, 1, 1)),)) == TODAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("dates", "pause", "codes"),
    [
        (WindowDates(), None, []),
        (WindowDates(OPENS, CLOSES, date(2026, 12, 2)), None, []),
        (WindowDates(OPENS, CLOSES, date(2026, 12, 3)), None, ["launch-too-near"]),
        (WindowDates(OPENS, CLOSES, OPENS), None, ["launch-too-near"]),
        (WindowDates(OPENS, CLOSES, date(2026, 12, 8)), None, ["launch-after-open"]),
        (WindowDates(OPENS, CLOSES, date(2027, 1, 6)), None, ["launch-after-close"]),
        (WindowDates(OPENS, date(2026, 12, 4), None), None, ["closes-before-opens"]),
        (WindowDates(OPENS, CLOSES, date(2026, 11, 25)), None, ["launch-past"]),
        (WindowDates(OPENS, CLOSES, date(2026, 11, 28)), None, ["launch-day-off"]),
        (WindowDates(date(2026, 12, 25), None, None), None, ["opens-day-off"]),
        (WindowDates(OPENS, date(2026, 12, 19), None), None, ["closes-day-off"]),
        (WindowDates(OPENS, CLOSES, date(2026, 12, 2)), Pause(date(2026, 12, 1), OPENS), ["launch-in-pause"]),
        (WindowDates(OPENS, CLOSES, date(2026, 12, 2)), Pause(date(2026, 12, 3), None), []),
        (WindowDates(OPENS, CLOSES, date(2026, 12, 2)), Pause(paused=True), ["launch-in-pause"]),
        (WindowDates(OPENS, CLOSES, date(2026, 12, 2)), Pause(last=date(2026, 12, 1), paused=True), []),
        (WindowDates(OPENS, CLOSES, date(2026, 12, 2)), Pause(), []),
    ],
)  # fmt: skip
def test_what_speaks_against_dates(dates: WindowDates, pause: Pause | None, codes: list[str]) -> None:
    """Each trouble of window and launch has its warning, and nothing else has one."""
    found = date_warnings(dates, TODAY, lead_days=3, days_off=BREAK, pause=pause)
    assert [warning.code for warning in found] == codes
    assert all(warning.text.endswith(".") for warning in found)


def test_the_warning_says_how_many_days_are_left_and_until_when_a_pause_lasts() -> None:
    """A message names the number and the day."""
    near = date_warnings(WindowDates(OPENS, CLOSES, date(2026, 12, 4)), TODAY, lead_days=3)
    assert "only 1 business day before the window opens; at least 3" in near[0].text
    pause = Pause(date(2026, 12, 1), date(2026, 12, 4))
    paused = date_warnings(WindowDates(OPENS, CLOSES, date(2026, 12, 2)), TODAY, lead_days=3, pause=pause)
    assert "paused until Fri 4 Dec 2026" in paused[0].text


def test_the_calendar_file_holds_all_day_events_with_lasting_ids() -> None:
    """Launch, opening and closing are whole days; a later file moves the same events and names nobody."""
    now = datetime(2026, 11, 26, 9, tzinfo=UTC)
    about = {"district_id": "5f3a", "window": 2, "title": "Elm, Oak & Co", "product": "SELweb", "now": now}
    first = calendar_file(WindowDates(OPENS, CLOSES, date(2026, 12, 2)), version=4, **about)
    events = list(icalendar.Calendar.from_ical(first).walk("VEVENT"))
    assert [str(event["SUMMARY"]) for event in events] == [
        "SELweb launch: Elm, Oak & Co",
        "SELweb assessment window opens: Elm, Oak & Co",
        "SELweb assessment window closes: Elm, Oak & Co",
    ]
    assert events[0].decoded("DTSTART") == date(2026, 12, 2) and events[0].decoded("DTEND") == date(2026, 12, 3)
    assert {int(event["SEQUENCE"]) for event in events} == {4} and "5f3a" not in first.decode()
    later = calendar_file(WindowDates(OPENS, CLOSES, date(2026, 12, 1)), version=5, **about)
    moved = list(icalendar.Calendar.from_ical(later).walk("VEVENT"))
    assert [event["UID"] for event in moved] == [event["UID"] for event in events]
    assert len({str(event["UID"]) for event in events}) == 3


def test_only_dates_that_are_set_are_in_the_calendar_file() -> None:
    """A window without a launch date has two events."""
    now = datetime(2026, 11, 26, 9, tzinfo=UTC)
    made = calendar_file(
        WindowDates(OPENS, CLOSES), district_id="d", window=1, title="Elm", product="SELweb", now=now, version=0
    )
    assert made.count(b"BEGIN:VEVENT") == 2
