"""The seven steps: what the app sees, what a person may tick, and what the data contradicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from roster_core.dates import DayOff, WindowDates
from roster_core.errors import InputError, Refusal
from roster_core.launch_requests import answered, ask
from roster_core.onboarding import (
    APP,
    STEPS,
    Covered,
    Evidence,
    Onboarding,
    SyncAnswer,
    Tick,
    answer,
    expecting,
    onboarding_from_json,
    profile_of,
    standing,
    tick,
    untick,
    with_dates,
)
from roster_core.onboarding_record import Contact
from roster_core.settings import Expected, Profile
from tests.launches import ALL_SAID, ALL_WELL, CONFIRMED, OPENS, RECORDED, TODAY, YESTERDAY, without

NOTHING, NEW = Onboarding(), Evidence()
SHORT = {"chose-clever": "1", "connected": "2", "sharing-requested": "3", "sharing-approved": "4", "filtered": "5",
         "rostered": "6", "ready-sent": "7"}  # fmt: skip


def states(onboarding: Onboarding, evidence: Evidence) -> str:
    """The state of each step as a letter: D done, W waiting, - not yet."""
    letters = {"done": "D", "waiting": "W", "not yet": "-"}
    return "".join(letters[each.state] for each in standing(onboarding, evidence, TODAY))


def of(key: str, onboarding: Onboarding, evidence: Evidence):
    """How one step stands."""
    return next(each for each in standing(onboarding, evidence, TODAY) if each.step.key == key)


def a_request(onboarding: Onboarding, kind: str, outcome: str = "waiting", **counts: int) -> Onboarding:
    """With a request sent yesterday that ended as told."""
    asked = ask(onboarding, kind, sent=YESTERDAY, by="dana", chase_days=3)
    return answered(asked, asked.requests[-1].number, outcome, on=TODAY, **counts)


def test_the_steps_are_the_published_seven() -> None:
    """Seven steps in the published order, each with an owner, and only the filter is never ticked by a person."""
    assert {key: str(number) for number, key in enumerate(STEPS, 1)} == SHORT
    assert [step.key for step in STEPS.values() if not step.person] == ["filtered"]


@pytest.mark.parametrize(
    ("onboarding", "evidence", "told"),
    [
        (NOTHING, NEW, "-------"),
        (a_request(NOTHING, "connect"), NEW, "-W-----"),
        (NOTHING, Evidence(connected=True), "DD-----"),
        (NOTHING, Evidence(connected=False), "-------"),
        (a_request(NOTHING, "sharing"), Evidence(connected=True), "DDDW---"),
        (NOTHING, replace(ALL_WELL, receipt=None, coverage=None, ready=None), "DDDW---"),
        (NOTHING, replace(ALL_WELL, receipt=None, coverage=Covered(4872, 4812, 37, 21, 2)), "DDDWW--"),
        (NOTHING, replace(ALL_WELL, receipt=None, coverage=Covered(0, 0, 0, 0)), "DDDWW--"),
        (NOTHING, ALL_WELL, "DDDWDW-"),
        (without(ALL_SAID, "ready-sent"), ALL_WELL, "DDDDDD-"),
        (ALL_SAID, ALL_WELL, "DDDDDDD"),
        (without(ALL_SAID, "rostered"), ALL_WELL, "DDDDDWD"),
        (without(ALL_SAID, "rostered"), replace(ALL_WELL, receipt=CONFIRMED), "DDDDDDD"),
        (replace(ALL_SAID, dates=WindowDates(OPENS)), ALL_WELL, "DDDDDWD"),
        (Onboarding(), Evidence(source="clever-csv", sections=40, schools=1), "DDDD---"),
        (Onboarding(method="files"), NEW, "DDD----"),
        (Onboarding(method="clever"), Evidence(source="clever-csv", sections=40), "---W---"),
        (Onboarding(), Evidence(source="clever-csv", sections=0), "DDDW---"),
    ],
)  # fmt: skip
def test_what_the_app_sees_it_ticks_itself(onboarding: Onboarding, evidence: Evidence, told: str) -> None:
    """Connection, arrived sections, coverage and receipt decide their steps; the others wait for a person."""
    assert states(onboarding, evidence) == told


def test_what_is_seen_says_from_what_and_what_is_said_says_who() -> None:
    """The app names its evidence; a person's word has a name and a day."""
    seen = of("filtered", ALL_SAID, ALL_WELL)
    assert (seen.by, seen.on, seen.done) == (APP, None, True)
    assert seen.evidence == "4,870 of 4,872 students in exactly one section, 1 excused, 1 to follow."
    said = of("sharing-approved", ALL_SAID, ALL_WELL)
    assert (said.by, said.on) == ("dana", YESTERDAY)
    assert said.evidence.startswith("912 sections of 14 schools have arrived (Thu 26 Nov 2026).")
    rostered = of("rostered", ALL_SAID, ALL_WELL)
    assert (rostered.by, rostered.done) == ("lee", True)
    assert "recorded here, not yet in SELweb" in rostered.evidence
    assert "Loaded into SELweb on Wed 25 Nov 2026, said by lee." in rostered.evidence
    confirmed = of("rostered", without(ALL_SAID, "rostered"), replace(ALL_WELL, receipt=CONFIRMED))
    assert confirmed.by == APP and "SELweb confirmed it" in confirmed.evidence


@pytest.mark.parametrize(
    ("onboarding", "evidence", "titles"),
    [
        (NOTHING, ALL_WELL, ["Chose Clever", "Requested to connect", "Data sharing requested"]),
        (NOTHING, Evidence(source="oneroster", sections=3),
         ["Chose to send files", "Connection in Clever", "Data sharing request"]),
        (Onboarding(method="files"), Evidence(connected=False),
         ["Chose to send files", "Connection in Clever", "Data sharing request"]),
    ],
)  # fmt: skip
def test_where_the_roster_comes_as_files_no_step_says_that_clever_was_chosen(
    onboarding: Onboarding, evidence: Evidence, titles: list[str]
) -> None:
    """The steps in Clever are called what they are for files, and told as not needed; nothing of Clever refuses one."""
    found = standing(onboarding, evidence, TODAY)
    assert [each.step.title for each in found[:3]] == titles
    if titles[0] != "Chose Clever":
        assert [each.evidence for each in found[1:3]] == ["Not needed: the roster comes as files."] * 2
        assert not any("Clever does not list" in each.refusal for each in found)


@pytest.mark.parametrize(
    ("key", "onboarding", "evidence", "reason"),
    [
        ("connected", NOTHING, Evidence(connected=False), "Clever does not list this district"),
        ("sharing-requested", NOTHING, Evidence(connected=False), "Clever does not list this district"),
        ("sharing-approved", NOTHING, Evidence(connected=False), "Clever does not list this district"),
        ("sharing-approved", NOTHING, Evidence(connected=True, sections=0), "No section has arrived"),
        ("sharing-approved", a_request(NOTHING, "sharing", "declined"), ALL_WELL, "was declined"),
        ("sharing-approved", a_request(NOTHING, "sharing", "partly"), ALL_WELL, "approved only partly"),
        ("filtered", NOTHING, NEW, "The app sees this itself"),
        ("rostered", NOTHING, replace(ALL_WELL, receipt=None), "No roster of this district has been committed"),
        ("rostered", NOTHING, replace(ALL_WELL, receipt=CONFIRMED), "what is missing is the launch date"),
        ("ready-sent", NOTHING, ALL_WELL, "Nobody has said that SELweb has the roster"),
        ("ready-sent", replace(ALL_SAID, dates=WindowDates(OPENS)), ALL_WELL, "No launch date is set"),
        ("ready-sent", ALL_SAID, replace(ALL_WELL, ready=None), "no roster is loaded"),
        ("ready-sent", ALL_SAID, replace(ALL_WELL, ready=False, blockers={"us": 1}), "not green today: 1 cause"),
        ("ready-sent", ALL_SAID, replace(ALL_WELL, drift=True), "needs a person"),
    ],
)
def test_nothing_can_be_ticked_that_the_data_contradicts(
    key: str, onboarding: Onboarding, evidence: Evidence, reason: str
) -> None:
    """The refusal says what in the data speaks against it."""
    with pytest.raises(Refusal, match=reason):
        tick(onboarding, key, evidence, on=TODAY, by="dana", today=TODAY)


@pytest.mark.parametrize("key", [key for key, step in STEPS.items() if step.person])
def test_what_nothing_contradicts_can_be_ticked_and_unticked(key: str) -> None:
    """A tick keeps day, person and note, and goes again without a trace."""
    ready = without(ALL_SAID, "ready-sent") if key == "ready-sent" else without(ALL_SAID, key)
    done = tick(ready, key, replace(ALL_WELL), on=YESTERDAY, by="dana", today=TODAY, note=" by phone ")
    assert done.ticks[key].note == "by phone" and of(key, done, ALL_WELL).done
    assert untick(done, key) == ready


def test_a_declined_sharing_request_is_settled_by_an_approved_revision() -> None:
    """What was asked later and approved counts."""
    later = a_request(a_request(NOTHING, "sharing", "partly"), "revision", "approved")
    assert tick(later, "sharing-approved", ALL_WELL, on=TODAY, by="dana", today=TODAY).ticks


def test_a_tick_that_the_data_contradicts_later_no_longer_counts() -> None:
    """A district that Clever no longer lists is not connected, whoever said so."""
    said = Onboarding(ticks={"connected": Tick(YESTERDAY, "dana")})
    assert of("connected", said, NEW).done
    contradicted = of("connected", said, Evidence(connected=False))
    assert not contradicted.done and "does not list this district" in contradicted.contradiction


def test_another_receipt_needs_another_word() -> None:
    """That an earlier roster was loaded says nothing of the one that was committed since; it can be said again."""
    newer = replace(ALL_WELL, receipt=replace(RECORDED, receipt_id="R-2", committed_on=TODAY))
    state = of("rostered", ALL_SAID, newer)
    assert not state.done and "Receipt R-2 of Thu 26 Nov 2026 is in force now" in state.contradiction
    again = tick(ALL_SAID, "rostered", newer, on=TODAY, by="lee", today=TODAY)
    assert again.ticks["rostered"].about == "R-2" and of("rostered", again, newer).done


def test_a_new_window_needs_a_commit_of_its_own() -> None:
    """What was committed for the last window counts only where a commit now would change nothing."""
    new = replace(without(ALL_SAID, "rostered", "ready-sent"), previous_receipt_id="R-1")
    for receipt in (RECORDED, CONFIRMED):
        old = replace(ALL_WELL, receipt=receipt, current=False)
        assert not of("rostered", new, old).done
        with pytest.raises(Refusal, match="that of the last window"):
            tick(new, "rostered", old, on=TODAY, by="lee", today=TODAY)
    same = tick(new, "rostered", ALL_WELL, on=TODAY, by="lee", today=TODAY)
    assert of("rostered", same, ALL_WELL).done
    assert not of("rostered", same, replace(ALL_WELL, current=None)).done


@pytest.mark.parametrize(("kind", "key"), [("connect", "connected"), ("sharing", "sharing-approved")])
def test_an_approved_request_is_the_word_about_its_step(kind: str, key: str) -> None:
    """An approval ticks the step, unless the data contradicts it; taking the answer back takes that word back."""
    asked, told = a_request(NOTHING, kind), {"on": TODAY, "by": "dana"}
    approved = answer(asked, 1, "approved", NEW, note="by phone", **told)
    assert approved.ticks == {key: Tick(TODAY, "dana", "by phone", "request 1")}
    assert answer(approved, 1, "waiting", NEW, **told).ticks == {}
    assert answer(asked, 1, "approved", Evidence(connected=False), **told).ticks == {}
    assert answer(asked, 1, "partly", NEW, **told).ticks == {}
    ticked = tick(asked, key, NEW, on=YESTERDAY, by="lee", today=TODAY)
    both = answer(answer(ticked, 1, "approved", NEW, **told), 1, "declined", NEW, **told)
    assert both.ticks[key].by == "lee"


def test_the_answer_to_any_other_request_ticks_nothing() -> None:
    """A revision that is done shows in the coverage."""
    assert answer(a_request(NOTHING, "revision"), 1, "approved", NEW, on=TODAY, by="dana").ticks == {}


def test_ready_to_assess_stays_sent_and_says_what_came_since() -> None:
    """A message that was sent was sent; drift since then is told beside it."""
    state = of("ready-sent", ALL_SAID, replace(ALL_WELL, drift=True))
    assert state.done and state.contradiction == "What changed since the commit needs a person."


def test_a_day_to_come_and_an_unknown_step_are_wrong() -> None:
    """Nobody has done something tomorrow."""
    with pytest.raises(InputError, match="still to come"):
        tick(NOTHING, "chose-clever", NEW, on=TODAY + timedelta(days=1), by="dana", today=TODAY)
    with pytest.raises(InputError, match="chose-clever, connected"):
        untick(NOTHING, "launched")


def test_dates_that_cannot_be_are_refused() -> None:
    """A window does not close before it opens."""
    with pytest.raises(InputError, match="before it opens"):
        with_dates(NOTHING, WindowDates(OPENS, OPENS - timedelta(days=1)), "Winter")
    assert with_dates(NOTHING, WindowDates(OPENS, OPENS), " Winter ").window == "Winter"


def test_expected_headcounts_reach_the_preflight() -> None:
    """A district's own headcounts replace those of the profile; zeroes are left out, and grades are Clever's words."""
    expected = expecting(NOTHING, {"A": 300, "B": 0, "": 4}, {"3": 40}, TODAY)
    assert expected.expected == Expected({"A": 300}, {"3": 40}) and expected.expected_on == TODAY
    profile = Profile(stale_hours=5)
    assert profile_of(profile, expected) == replace(profile, expected=expected.expected)
    assert profile_of(profile, NOTHING) is profile is profile_of(profile, None)
    for wrong in ({"KG": 1}, {"3": -1}):
        with pytest.raises(InputError):
            expecting(NOTHING, {}, wrong, TODAY)


FULL = a_request(
    replace(
        ALL_SAID,
        sel_lead=Contact("Lead", "lead@district.example", "555"),
        sync_answer=SyncAnswer("Yes", TODAY, "Lead"),
        days_off=(DayOff(date(2026, 12, 21), date(2027, 1, 1), "Break"),),
        expected=Expected({"A": 3}, {"1": 3}),
    ),
    "revision",
    "partly",
    arrived=46,
    extra=3,
)


@pytest.mark.parametrize("onboarding", [NOTHING, FULL], ids=["nothing", "everything"])
def test_a_document_reads_back_as_it_was(onboarding: Onboarding) -> None:
    """Nothing is lost between a value and its JSON."""
    assert onboarding_from_json(onboarding.to_json()) == onboarding


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "Expected `object`"),
        ('{"format": "roster-onboarding/2"}', "roster-onboarding/2"),
        ('{"window": 3}', "window"),
        ('{"nope": 1}', '"nope"'),
        ('{"dates": {"begins": "2026-01-01"}}', '"dates.begins"'),
        ('{"requests": [{"number": 1, "kind": "connect", "sent": "2026-01-01", "by": "x", "chase_on": "2026-01-02",'
         ' "x": 1}]}', '"requests.1.x"'),
    ],
)  # fmt: skip
def test_a_document_that_is_none_gives_one_clear_error(document: str, said: str) -> None:
    """Broken text, another format and keys nobody knows name the district, what is wrong and what to do."""
    with pytest.raises(InputError) as caught:
        onboarding_from_json(document, "district d1")
    assert said in str(caught.value) and "district d1" in str(caught.value) and "backup" in str(caught.value)
