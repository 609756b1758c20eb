"""Requests to a district: sent, chased, answered; and the answer counted from the rosters."""

from __future__ import annotations

from datetime import date

import pytest

from roster_core.errors import InputError, Refusal
from roster_core.launch_requests import KINDS, OUTCOMES, Answer, answered, ask, chase, count_answer, told
from roster_core.onboarding import Onboarding
from roster_core.rules import Condition, Rule, RuleSet
from tests.builders import HOMEROOMS, district

SENT = date(2026, 11, 24)


def asked(**more: object) -> Onboarding:
    """One revision of the sharing rules, asked for on a Tuesday before Thanksgiving."""
    return ask(Onboarding(), "revision", sent=SENT, by="dana", chase_days=3, **more)


def test_a_request_waits_with_a_day_to_chase_it_on() -> None:
    """Three business days after a Tuesday before Thanksgiving is the Monday after it."""
    request = asked(asked_sections=48).requests[0]
    assert (request.number, request.outcome, request.chase_on) == (1, "waiting", date(2026, 11, 30))
    assert told(request) == "Waiting, to chase on Mon 30 Nov 2026"
    assert asked(chase_on=date(2026, 12, 24)).requests[0].chase_on == date(2026, 12, 24)


def test_a_chased_request_waits_again() -> None:
    """Chasing keeps the day it was done and sets the next."""
    once = chase(asked(), 1, today=date(2026, 11, 30), chase_days=3)
    assert told(once.requests[0]) == "Waiting, to chase on Thu 3 Dec 2026, chased once"
    twice = chase(once, 1, today=date(2026, 12, 3), chase_days=3)
    assert twice.requests[0].chased == (date(2026, 11, 30), date(2026, 12, 3))
    assert "chased 2 times" in told(twice.requests[0])


@pytest.mark.parametrize(
    ("sections", "outcome", "counts", "words"),
    [
        (48, "partly", {"arrived": 46, "extra": 3},
         "Partly on Thu 26 Nov 2026: asked for 48 sections: 46 arrived, 3 extra"),
        (48, "approved", {"arrived": 48, "extra": 0}, "Approved on Thu 26 Nov 2026: asked for 48 sections: 48 arrived"),
        (None, "partly", {"arrived": 1}, "Partly on Thu 26 Nov 2026: 1 section arrived"),
        (1, "declined", {}, "Declined on Thu 26 Nov 2026: asked for 1 section"),
        (None, "approved", {}, "Approved on Thu 26 Nov 2026"),
    ],
)  # fmt: skip
def test_an_answer_is_told_with_its_counts(sections: int | None, outcome: str, counts: dict, words: str) -> None:
    """Asked for, arrived and extra are told as far as they are known."""
    ended = answered(asked(asked_sections=sections), 1, outcome, on=date(2026, 11, 26), **counts)
    assert told(ended.requests[0]) == words


def test_an_answer_given_by_mistake_is_taken_back() -> None:
    """A request can wait again; its counts go."""
    ended = answered(asked(asked_sections=48), 1, "partly", on=SENT, arrived=4, extra=1)
    assert answered(ended, 1, "waiting", on=SENT) == asked(asked_sections=48)


def test_every_outcome_says_what_it_means_and_what_comes_next() -> None:
    """No kind of request is left without words."""
    for outcome in OUTCOMES.values():
        assert outcome.meaning.endswith(".") and set(outcome.next_step) == set(KINDS)


def test_what_cannot_be_is_refused() -> None:
    """Chased before it was sent, more arrived than asked for, answered before it was sent, no such request."""
    with pytest.raises(InputError, match="after the day it was sent"):
        asked(chase_on=SENT)
    with pytest.raises(InputError, match="at least 1"):
        asked(asked_sections=0)
    with pytest.raises(InputError, match="49 of 48"):
        answered(asked(asked_sections=48), 1, "partly", on=SENT, arrived=49)
    with pytest.raises(InputError, match="before it was sent"):
        answered(asked(), 1, "approved", on=date(2026, 11, 23))
    with pytest.raises(InputError, match="no request 2"):
        chase(asked(), 2, today=SENT, chase_days=3)
    with pytest.raises(Refusal, match="has been answered"):
        chase(answered(asked(), 1, "declined", on=SENT), 1, today=SENT, chase_days=3)


@pytest.mark.parametrize(
    ("now", "answer", "outcome"),
    [
        (district(), Answer(2, 2, 1), "partly"),
        (district(changed={"m1": {"section_name": "Homeroom 3"}}), Answer(2, 2, 0), "approved"),
        (district(changed={"h1": {"section_id": "x1"}}, unenrolled=[(f"u{n}", "h1") for n in range(1, 5)]),
         Answer(2, 1, 1), "partly"),
    ],
    ids=["still-too-much", "as-asked", "one-missing"],
)  # fmt: skip
def test_an_answer_is_counted_from_the_rosters(now: object, answer: Answer, outcome: str) -> None:
    """Sections asked for are looked for by id; those the rules would not share are extra, new ones they do are not."""
    found = count_answer(district(), HOMEROOMS, now)
    assert (found, found.outcome) == (answer, outcome)


def test_rules_the_district_cannot_type_ask_for_everything() -> None:
    """Where nothing can be asked for, all sections were, and none is extra."""
    fancy = RuleSet(rules=(Rule("keep", (Condition("teacher_name", "contains", ("Terry",)),)),))
    assert count_answer(district(), fancy, district()) == Answer(3, 3, 0)
