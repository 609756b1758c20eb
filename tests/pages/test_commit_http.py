"""The commit page where the settings name SELweb's roster service: what it says, and what arrives there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from roster_core.adapters.store import Store
from roster_core.rules import RuleSet
from tests.adapters.selweb_service import RosterService, says
from tests.pages.conftest import Open, told
from tests.pages.test_commit import commit, keep, ready_rules


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[RosterService]:
    """The service, named by the settings."""
    with RosterService() as running:
        monkeypatch.setenv("SELWEB_URL", running.url)
        monkeypatch.setenv("SELWEB_TOKEN", running.token)
        yield running


@pytest.fixture
def ready(service: RosterService, open_page: Open, store: Store) -> RuleSet:
    """The sample district with a draft that leaves nothing to settle."""
    open_page("districts")
    info = store.rosters.latest("sample")
    rules = ready_rules(store.rosters.load(info.fingerprint, "sample"))
    keep(store, rules)
    return rules


def test_a_commit_goes_to_the_service(ready: RuleSet, service: RosterService, open_page: Open, store: Store) -> None:
    """The page says where it goes, the service has the roster, and the history here has its receipt."""
    page = open_page("commit")
    assert "Where it goes: sent to SELweb at 127.0.0.1." in told(page) and "Nothing has been sent" not in told(page)
    page = commit(page)
    receipt = store.ledger.receipts("sample")[0]
    assert service.in_force == {"sample": receipt.digest} and receipt.target == "http"
    assert f"Rostered {receipt.students:,} students: sent to SELweb at 127.0.0.1." in told(page)
    assert "in force already" in told(page)


def test_a_service_that_cannot_say_what_is_in_force_stops_the_page(
    ready: RuleSet, service: RosterService, open_page: Open
) -> None:
    """No change is shown against a guess; the message says what to do."""
    service.faults["GET state"] = [says(401)]
    page = open_page("commit")
    assert "The token was refused. Check it in the settings." in told(page)
    assert "commit" not in [button.key for button in page.button]
