"""Numbers, days and moments as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from roster_core.wording import agreeing, counted, percent, short_day, stamp


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (counted(0, "student"), "0 students"),
        (counted(1, "student"), "1 student"),
        (counted(4812, "student"), "4,812 students"),
        (counted(1, "entry", "entries"), "1 entry"),
        (counted(2, "entry", "entries"), "2 entries"),
    ],
)
def test_a_number_stands_with_its_noun(told: str, text: str) -> None:
    """One thing is singular, none and several are plural, and thousands are marked."""
    assert told == text


@pytest.mark.parametrize(
    ("verb", "of_one"), [("are", "is"), ("have", "has"), ("block", "blocks"), ("need", "needs")]
)
def test_a_verb_goes_with_its_number(verb: str, of_one: str) -> None:
    """One thing is, none and several are."""
    assert [agreeing(number, verb) for number in (0, 1, 2)] == [verb, of_one, verb]


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "–"), (0, 3, "0.0 %"), (2, 3, "66.6 %"), (9_999_999, 10_000_000, "99.9 %"), (3, 3, "100 %")],
)
def test_a_share_is_never_rounded_up_to_all(part: int, whole: int, text: str) -> None:
    """`100 %` is said only of all, and no share is said of nobody."""
    assert percent(part, whole) == text


def test_a_day_and_a_moment_are_read_without_a_zone_to_guess() -> None:
    """A day names its month in letters; a moment for a record is told in UTC, wherever it was noted."""
    assert short_day(date(2026, 12, 7)) == "7 Dec 2026"
    noted = datetime(2026, 11, 3, 9, 5, tzinfo=timezone(timedelta(hours=-5)))
    assert stamp(noted) == stamp(noted.astimezone(UTC)) == "2026-11-03 14:05 UTC"
