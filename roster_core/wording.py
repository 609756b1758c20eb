"""Numbers, days and moments as people read them: written one way, wherever they stand."""

from __future__ import annotations

from datetime import UTC, date, datetime

_OF_ONE = {"are": "is", "have": "has"}


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun, singular and plural both right: `1 student`, `4,812 students`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def agreeing(number: int, verb: str) -> str:
    """A verb, given as for several, with its number: `is` or `are`, `blocks` or `block`."""
    return verb if number != 1 else _OF_ONE.get(verb, verb + "s")


def percent(part: int, whole: int) -> str:
    """A share with one decimal, rounded down, so that `100 %` is said only of all."""
    return "–" if whole == 0 else "100 %" if part == whole else f"{1000 * part // whole / 10:.1f} %"


def short_day(day: date) -> str:
    """A day where there is little room: `7 Dec 2026`."""
    return f"{day.day} {day:%b %Y}"


def stamp(moment: datetime) -> str:
    """A moment for a record, in UTC: `2026-11-03 14:05 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
