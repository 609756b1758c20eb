"""What comes next for a district, whose it is, and how many days are left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from roster_core.dates import WindowDates
from roster_core.launch_requests import ask
from roster_core.onboarding import Covered, Evidence, NextAction, Onboarding, Tick, days_left, next_action
from roster_core.roster import District
from tests.launches import ALL_SAID, ALL_WELL, CLOSES, LAUNCH, OPENS, RECORDED, TODAY, YESTERDAY, without

MORNING = datetime(2026, 12, 2, 7, tzinfo=UTC)
CONNECTED = Evidence(connected=True)
UNFILTERED = replace(ALL_WELL, receipt=None, coverage=Covered(4872, 4812, 37, 21, 2))
FILTERED = replace(ALL_WELL, receipt=None)
CHOSE = Onboarding(method="clever", ticks={"chose-clever": Tick(YESTERDAY, "dana")})
UNSENT = without(ALL_SAID, "ready-sent")
APPROVED = without(ALL_SAID, "rostered", "ready-sent")


def asked(kind: str, onboarding: Onboarding | None = None, sent: date = YESTERDAY) -> Onboarding:
    """With a request sent on that day, to be chased three business days later."""
    return ask(onboarding or Onboarding(), kind, sent=sent, by="dana", chase_days=3)


def trouble(state: str) -> Evidence:
    """Everything as it should be, but for what Clever says of the district's sync."""
    return replace(UNFILTERED, district=District(state=state))


@pytest.mark.parametrize(
    ("onboarding", "evidence", "today", "owner", "step", "place", "said"),
    [
        (Onboarding(), Evidence(), TODAY, "us", "chose-clever", "Launch", "Ask whether the district has chosen Clever"),
        (CHOSE, Evidence(), TODAY,
         "us", "connected", "Launch", "Send the district the link"),
        (Onboarding(method="files"), Evidence(), TODAY, "us", "sharing-approved", "Districts",
         "Ask the district for its roster files"),
        (asked("connect", CHOSE), Evidence(), TODAY,
         "district", "connected", "Launch", "chase it on Tue 1 Dec 2026"),
        (asked("connect", CHOSE), Evidence(),
         date(2026, 12, 1), "us", "connected", "Launch", "Chase the district"),
        (CHOSE, replace(ALL_WELL, connected=False), TODAY, "district", "connected", "Launch", "no longer lists"),
        (Onboarding(), CONNECTED, TODAY, "us", "sharing-requested", "Launch", "Request data sharing"),
        (asked("sharing"), CONNECTED, TODAY, "district", "sharing-approved", "Launch", "share all sections"),
        (asked("sharing"), ALL_WELL, TODAY, "us", "sharing-approved", "Launch", "whether all sections are shared"),
        (Onboarding(), trouble("pending"), TODAY, "district", "sharing-approved", "Districts", "pending"),
        (APPROVED, trouble("error"), TODAY, "Clever", "filtered", "Districts", "Clever is to mend"),
        (APPROVED, replace(UNFILTERED, coverage=None), TODAY, "us", "filtered", "Districts", "Load the roster"),
        (APPROVED, replace(UNFILTERED, coverage=Covered(0, 0, 0, 0)), TODAY, "us", "filtered", "Districts",
         "say which grades"),
        (APPROVED, replace(UNFILTERED, ruled=False), TODAY, "us", "filtered", "Rules", "Choose which sections"),
        (APPROVED, UNFILTERED, TODAY, "us", "filtered", "Students", "Find a section for 37 students; 21 more"),
        (APPROVED, replace(UNFILTERED, coverage=Covered(9, 8, 0, 1)), TODAY, "us", "filtered", "Students",
         "Settle 1 student in several sections."),
        (asked("revision", APPROVED), UNFILTERED, TODAY, "district", "filtered", "Launch", "change its sharing rules"),
        (APPROVED, FILTERED, TODAY, "us", "rostered", "Commit", "commit the roster"),
        (APPROVED, replace(FILTERED, ready=False, blockers={"us": 2, "district": 9}), TODAY, "us", "rostered", "Commit",
         "2 causes block the commit."),
        (APPROVED, replace(FILTERED, ready=False, blockers={"district": 1}), TODAY, "district", "rostered", "Commit",
         "1 cause blocks the commit, for the district to mend."),
        (APPROVED, replace(FILTERED, ready=False, blockers={"Clever": 1}), TODAY, "Clever", "rostered", "Commit",
         "for Clever to mend"),
        (APPROVED, replace(FILTERED, ready=None), TODAY, "us", "rostered", "Commit", "Check the roster"),
        (APPROVED, ALL_WELL, TODAY, "us", "rostered", "Launch", "Load the roster into SELweb"),
        (APPROVED, replace(ALL_WELL, current=False), TODAY, "us", "rostered", "Commit", "the changed rules"),
        (replace(APPROVED, previous_receipt_id="R-1"), replace(ALL_WELL, current=False), TODAY, "us", "rostered",
         "Commit", "commit the roster"),
        (replace(UNSENT, dates=WindowDates(OPENS, CLOSES)), ALL_WELL, TODAY, "us", "rostered",
         "Launch", "Set the launch date"),
        (UNSENT, replace(ALL_WELL, receipt=replace(RECORDED, receipt_id="R-2")), TODAY, "us",
         "rostered", "Launch", "Receipt R-2"),
        (UNSENT, ALL_WELL, TODAY, "us", "ready-sent", "Launch", "Send Ready To Assess."),
        (UNSENT, replace(ALL_WELL, drift=True), TODAY, "us", "ready-sent", "Commit", "needs a"),
        (UNSENT, replace(ALL_WELL, ready=None), TODAY, "us", "ready-sent", "Districts", "again"),
        (UNSENT, replace(ALL_WELL, ready=False, blockers={"us": 1}), TODAY, "us", "ready-sent",
         "Commit", "1 cause blocks Ready To Assess."),
        (ALL_SAID, ALL_WELL, TODAY, "nobody", "", "Launch", "The window opens on Mon 7 Dec 2026."),
        (ALL_SAID, replace(ALL_WELL, drift=True), TODAY, "us", "", "Commit", "What changed since the commit"),
        (ALL_SAID, replace(ALL_WELL, current=False), TODAY, "us", "", "Commit", "can be committed"),
        (ALL_SAID, ALL_WELL, LAUNCH, "us", "", "Districts", "Launch is today: refresh"),
        (UNSENT, ALL_WELL, LAUNCH, "us", "ready-sent", "Districts", "Launch is today: refresh"),
        (ALL_SAID, replace(ALL_WELL, fetched_at=MORNING), LAUNCH, "nobody", "", "Launch", "nothing needs a person"),
        (UNSENT, replace(ALL_WELL, fetched_at=MORNING), LAUNCH, "us", "ready-sent", "Launch", "Send Ready To Assess."),
        (ALL_SAID, replace(ALL_WELL, district=District(state="pending")), TODAY, "district", "", "Districts", "mend"),
        (ALL_SAID, ALL_WELL, OPENS, "nobody", "", "Launch", "The window is open"),
        (ALL_SAID, ALL_WELL, CLOSES + timedelta(days=1), "us", "", "Launch", "closed on Fri 18 Dec 2026. Start"),
        (APPROVED, ALL_WELL, CLOSES + timedelta(days=1), "us", "", "Launch", "before Ready To Assess was sent"),
    ],
)  # fmt: skip
def test_the_first_thing_that_is_not_done_comes_next(
    onboarding: Onboarding, evidence: Evidence, today: date, owner: str, step: str, place: str, said: str
) -> None:
    """One sentence, whose it is, the step it belongs to and the page where it is done."""
    found = next_action(onboarding, evidence, today)
    assert (found.owner, found.step, found.place) == (owner, step, place), found
    assert said in found.text and found.text.endswith(".")


def test_a_request_belongs_to_the_district_until_its_day_and_then_to_us() -> None:
    """The day to chase it is told, and that it has passed."""
    waiting = asked("sharing", sent=date(2026, 11, 20))
    assert waiting.requests[0].chase_on == date(2026, 11, 25)
    late = next_action(waiting, CONNECTED, TODAY)
    assert (late.owner, late.due, late.overdue) == ("us", date(2026, 11, 25), True)
    early = next_action(waiting, CONNECTED, date(2026, 11, 24))
    assert (early.owner, early.due, early.overdue) == ("district", date(2026, 11, 25), False)


@pytest.mark.parametrize(
    ("onboarding", "today", "told"),
    [
        (Onboarding(), TODAY, None),
        (APPROVED, TODAY, (6, "launch", "6 days to the launch")),
        (APPROVED, LAUNCH, (0, "launch", "launch is today")),
        (ALL_SAID, TODAY, (11, "opens", "11 days to the window opening")),
        (ALL_SAID, OPENS - timedelta(days=1), (1, "opens", "1 day to the window opening")),
        (ALL_SAID, OPENS, (0, "opens", "the window opens today")),
        (ALL_SAID, CLOSES - timedelta(days=2), (2, "closes", "2 days to the window closing")),
        (ALL_SAID, CLOSES, (0, "closes", "the last day")),
        (ALL_SAID, CLOSES + timedelta(days=1), (-1, "closed", "closed 1 day ago")),
        (Onboarding(dates=WindowDates(opens=OPENS)), OPENS + timedelta(days=2), (-2, "opened", "opened 2 days ago")),
        (Onboarding(dates=WindowDates(launch=LAUNCH)), LAUNCH + timedelta(days=2),
         (-2, "launched", "2 days past the launch")),
    ],
)  # fmt: skip
def test_days_left_to_the_next_date(onboarding: Onboarding, today: date, told: tuple[int, str, str] | None) -> None:
    """The launch counts until Ready To Assess is sent, then the opening, then the closing."""
    left = days_left(onboarding, today)
    assert (left and (left.days, left.to, left.sentence)) == told


def test_the_days_left_come_with_the_next_action() -> None:
    """A list of districts needs one call a district."""
    found = next_action(ALL_SAID, ALL_WELL, TODAY)
    assert isinstance(found, NextAction) and found.left == days_left(ALL_SAID, TODAY)
