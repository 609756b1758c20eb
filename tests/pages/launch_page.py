"""What the tests of the launch page share: a filtered district, and how its page is driven."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from roster_core.adapters.selweb import EmbeddedTarget
from roster_core.adapters.store import Store
from roster_core.clever_states import CleverState
from roster_core.commit import commit_plan
from roster_core.dates import WindowDates, business_day, propose_launch
from roster_core.onboarding import Onboarding
from roster_core.plan import plan_commit
from roster_core.preflight import run_preflight
from roster_core.roster import District, Roster
from tests.builders import HOMEROOMS, district

NOW = datetime.now(UTC)
TODAY = NOW.date()
OPENS = business_day(TODAY, 20)
DATES = WindowDates(OPENS, OPENS + timedelta(days=10), propose_launch(OPENS, 3))


@pytest.fixture
def elm(store: Store) -> Store:
    """A store with a connected district of eight students, each in one homeroom, under saved rules."""
    load(store, district(about=District(id="elm", name="Elm USD", state="running"), fetched_at=NOW))
    store.rule_sets.save("elm", HOMEROOMS, expected_version=0, actor="dana", now=NOW)
    store.known.keep_clever_list([CleverState("elm", "Elm USD", "running", asked_at=NOW)], asked_at=NOW)
    return store


def load(store: Store, roster: Roster) -> None:
    """Keeps a roster as a load does."""
    store.districts.save(roster.district.id, name=roster.district.name, source="clever", now=NOW)
    store.rosters.save(roster)


def keep(store: Store, onboarding: Onboarding, district_id: str = "elm") -> None:
    """Keeps an onboarding as a colleague's."""
    revision = store.onboarding.get(district_id).revision
    store.onboarding.save(district_id, onboarding, expected_revision=revision, actor="lee", now=NOW, action="set-dates")


def kept(store: Store, district_id: str = "elm") -> Onboarding:
    """What is kept now."""
    return store.onboarding.get(district_id).onboarding


def commit(store: Store) -> str:
    """Commits the newest roster under the saved rules, recorded here only; gives the receipt's id."""
    roster = store.rosters.load(store.rosters.latest("elm").fingerprint, "elm")
    rules, target = store.rule_sets.get("elm").rule_set, EmbeddedTarget(store)
    plan = plan_commit(roster, rules, district_id="elm", current=target.current("elm"))
    report = run_preflight(roster, rules, plan=plan, as_of=NOW, approval="test")
    return commit_plan(plan, report, target, actor="dana", approval="test", now=NOW).receipt_id


def click(page: AppTest, ending: str) -> AppTest:
    """Clicks the button whose key ends so, and gives the page drawn again."""
    next(each for each in page.button if each.key and each.key.endswith(ending)).click().run()
    assert not page.exception
    return page


def field(page: AppTest, kind: str, ending: str):
    """The input of that kind whose key ends so, or begins the last part so."""
    return next(each for each in page.get(kind) if each.key and f":{ending}" in each.key)
