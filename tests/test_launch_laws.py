"""What holds of the seven steps whatever is kept and seen: the laws of ticking, tried on many districts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster_core.dates import WindowDates
from roster_core.errors import Refusal
from roster_core.launch_requests import KINDS, OUTCOMES, answered, ask
from roster_core.onboarding import (
    STEPS,
    Covered,
    Evidence,
    Onboarding,
    Tick,
    next_action,
    onboarding_from_json,
    refusal,
    standing,
    tick,
    untick,
)
from roster_core.roster import District
from tests.launches import CLOSES, CONFIRMED, LAUNCH, OPENS, RECORDED, TODAY, YESTERDAY

TICKS = st.dictionaries(
    st.sampled_from(list(STEPS)),
    st.builds(Tick, on=st.just(YESTERDAY), by=st.just("dana"), about=st.sampled_from(["", "R-1", "R-0"])),
)
COVERED = st.builds(
    lambda one, none, several: Covered(one + none + several, one, none, several),
    *(st.integers(0, 2) for _ in range(3)),
)
SEEN = st.builds(
    Evidence,
    source=st.sampled_from(["", "clever", "clever-csv", "sample"]),
    connected=st.sampled_from([None, True, False]),
    sections=st.sampled_from([None, 0, 912]),
    ruled=st.sampled_from([None, True, False]),
    coverage=st.none() | COVERED,
    ready=st.sampled_from([None, True, False]),
    blockers=st.sampled_from([{}, {"us": 1}, {"district": 2}, {"Clever": 1}]),
    receipt=st.sampled_from([None, RECORDED, CONFIRMED]),
    current=st.sampled_from([None, True, False]),
    drift=st.sampled_from([None, True, False]),
    district=st.sampled_from([District(), District(state="pending"), District(state="error")]),
)


@st.composite
def onboardings(draw: st.DrawFn) -> Onboarding:
    """A district somewhere on its way, with some requests in any state."""
    found = Onboarding(
        dates=draw(st.sampled_from([WindowDates(), WindowDates(OPENS, CLOSES), WindowDates(OPENS, CLOSES, LAUNCH)])),
        method=draw(st.sampled_from(["", "clever", "files"])),
        ticks=draw(TICKS),
        previous_receipt_id=draw(st.sampled_from(["", "R-1"])),
    )
    for kind, outcome in draw(
        st.lists(st.tuples(st.sampled_from(list(KINDS)), st.sampled_from(list(OUTCOMES))), max_size=3)
    ):
        found = ask(found, kind, sent=YESTERDAY, by="dana", chase_days=2)
        found = answered(found, found.requests[-1].number, outcome, on=TODAY)
    return found


@settings(deadline=None)
@given(onboardings(), SEEN, st.sampled_from(list(STEPS)))
def test_a_step_is_ticked_exactly_where_nothing_stands_against_it(told: Onboarding, seen: Evidence, key: str) -> None:
    """A refusal is given where there is a reason, and nowhere else; what was ticked then counts, and can be undone."""
    if reason := refusal(told, key, seen):
        with pytest.raises(Refusal) as caught:
            tick(told, key, seen, on=TODAY, by="lee", today=TODAY)
        assert reason in str(caught.value)
        return
    done = tick(told, key, seen, on=TODAY, by="lee", today=TODAY)
    state = next(each for each in standing(done, seen, TODAY) if each.step.key == key)
    # Rostered has a second half, the launch date.
    assert state.done or (key == "rostered" and told.dates.launch is None)
    assert key not in untick(done, key).ticks


@settings(deadline=None)
@given(onboardings(), SEEN)
def test_every_district_has_seven_steps_and_one_next_action(told: Onboarding, seen: Evidence) -> None:
    """The next action belongs to the first step that is not done, is one whole sentence, and is somebody's."""
    steps = standing(told, seen, TODAY)
    assert [each.number for each in steps] == list(range(1, 8))
    found = next_action(told, seen, TODAY)
    first = next((each.step.key for each in steps if not each.done), "")
    assert found.step == first and found.text and found.text.endswith(".") and "  " not in found.text
    assert found.owner != "nobody" or not first
    for each in steps:
        assert bool(each.done) == (each.state == "done") and not (each.done and each.refusal)
        assert not (each.contradiction and each.done and not each.step.lasting)


@settings(deadline=None)
@given(onboardings(), SEEN)
def test_after_the_window_only_a_new_one_comes_next(told: Onboarding, seen: Evidence) -> None:
    """Whatever is open, a window that has closed asks for the next."""
    closed = replace(told, dates=WindowDates(OPENS, CLOSES, LAUNCH))
    assert "new window" in next_action(closed, seen, CLOSES + timedelta(days=1)).text


@settings(deadline=None)
@given(onboardings())
def test_every_onboarding_reads_back(told: Onboarding) -> None:
    """No document loses anything."""
    assert onboarding_from_json(told.to_json()) == told
