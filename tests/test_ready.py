"""Ready To Assess: what forbids it, what is told first, and who follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from roster_core.ready import ReadyFacts, following, ready_to_assess
from roster_core.rules import Pin

TODAY = date(2026, 11, 30)
YESTERDAY, TOMORROW = TODAY - timedelta(1), TODAY + timedelta(1)

GREEN = ReadyFacts(
    today=TODAY, receipt_id="R-1", students=4812, delivered=True, fetched_on=TODAY, preflight_on=TODAY, drift_on=TODAY,
    launch=YESTERDAY, opens=TOMORROW, closes=TODAY + timedelta(14), follow=("3 students",),
)  # fmt: skip


def test_a_district_that_is_ready() -> None:
    """Rostered where students find it, green today and without drift: nothing forbids it, and who follows is listed."""
    answer = ready_to_assess(GREEN)
    assert (answer.ready, answer.problems, answer.notes, answer.follow) == (True, (), (), ("3 students",))


@pytest.mark.parametrize(
    ("change", "step", "words"),
    [
        ({"receipt_id": ""}, "commit", "No roster is in force"),
        ({"students": 0}, "commit", "No roster is in force"),
        ({"of_last_window": True, "delivered": False}, "commit", "of the last window"),
        ({"delivered": False}, "deliver", "nobody has said that it is in SELweb"),
        ({"fetched_on": None}, "refresh", "no roster to check"),
        ({"launch": TODAY, "fetched_on": YESTERDAY}, "refresh", "Today is the launch date"),
        ({"preflight_on": None}, "settle", "No preflight was run"),
        ({"preflight_on": YESTERDAY}, "settle", "Sunday, 29 November 2026; it must be of today"),
        ({"blockers": 1}, "settle", "found 1 blocker."),
        ({"blockers": 2}, "settle", "found 2 blockers."),
        ({"drift_on": None}, "refresh", "Nobody has compared"),
        ({"drift_on": YESTERDAY}, "refresh", "Nobody has compared"),
        ({"drift_needs_person": True}, "settle", "a person must look at"),
        ({"launch": None}, "dates", "No launch date"),
        ({"closes": YESTERDAY}, "dates", "window closed"),
    ],
)
def test_each_thing_forbids_it_alone(change: dict[str, object], step: str, words: str) -> None:
    """One thing amiss is one problem with its next step, and the message cannot be sent."""
    answer = ready_to_assess(replace(GREEN, **change))
    assert not answer.ready
    assert [problem.step for problem in answer.problems] == [step]
    assert words in answer.problems[0].message and answer.problems[0].next_step


def test_on_the_launch_morning_a_roster_of_today_is_enough() -> None:
    """Once refreshed, the launch date asks for nothing more."""
    assert ready_to_assess(replace(GREEN, launch=TODAY)).ready


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"launch": TOMORROW}, "until then students may not"),
        ({"opens": None}, "No assessment window"),
        ({"opens": YESTERDAY}, "opened on Sunday, 29 November 2026 already"),
    ],
)
def test_what_is_worth_knowing_forbids_nothing(change: dict[str, object], words: str) -> None:
    """Dates that are odd are told before the message is sent, which they do not stop."""
    answer = ready_to_assess(replace(GREEN, **change))
    assert answer.ready and [words in note for note in answer.notes] == [True]


def test_who_is_to_follow_is_counted_by_owner_and_date() -> None:
    """Excused students who follow come in lines without ids, the soonest first; others are left out."""
    pins = [
        Pin("u1", None, "to_follow", "Birthdate missing", "district", "2026-12-04"),
        Pin("u2", None, "to_follow", "Birthdate missing", "district", "2026-12-04"),
        Pin("u3", None, "to_follow", "", "us", "2026-12-01"),
        Pin("u4", None, "to_follow"),
        Pin("u5", None, "not_assessed", "Family opted out"),
        Pin("u6", "s1"),
    ]
    assert following(pins) == (
        "1 student, owner: ours, by Tuesday, 1 December 2026",
        "2 students, birthdate missing, owner: district, by Friday, 4 December 2026",
        "1 student, owner: nobody named, by a date not set",
    )
