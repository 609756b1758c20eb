"""What the tests of launch share: a district that has come all the way, and what is seen of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from roster_core.dates import WindowDates
from roster_core.evidence import Covered, Evidence, InForce
from roster_core.onboarding_record import Onboarding, Tick

TODAY = date(2026, 11, 26)
YESTERDAY = date(2026, 11, 25)
OPENS, CLOSES, LAUNCH = date(2026, 12, 7), date(2026, 12, 18), date(2026, 12, 2)

#: Committed here only: whether SELweb has it, a person says.
RECORDED = InForce("R-1", 4812, YESTERDAY, "recorded here, not yet in SELweb")
CONFIRMED = replace(RECORDED, where="sent to SELweb", delivered=True)

#: Everything the app can see, as it should be.
ALL_WELL = Evidence(
    source="clever",
    connected=True,
    fetched_at=datetime(2026, 11, 26, 8, tzinfo=UTC),
    schools=14,
    sections=912,
    coverage=Covered(4872, 4870, 0, 0, excused=2, to_follow=1),
    ready=True,
    receipt=RECORDED,
    current=True,
    drift=False,
)

#: Everything a person says, as it should be.
ALL_SAID = Onboarding(
    window="Winter",
    dates=WindowDates(OPENS, CLOSES, LAUNCH),
    ticks={
        "sharing-approved": Tick(YESTERDAY, "dana"),
        "rostered": Tick(YESTERDAY, "lee", about="R-1"),
        "ready-sent": Tick(YESTERDAY, "dana"),
    },
)


def without(onboarding: Onboarding, *keys: str) -> Onboarding:
    """The onboarding without the ticks of these steps."""
    return replace(onboarding, ticks={key: tick for key, tick in onboarding.ticks.items() if key not in keys})
