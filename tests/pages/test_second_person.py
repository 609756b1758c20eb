"""The commit page where a second person approves: ask, approve with a reason, commit; never one person alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from roster_core.adapters.store import Store
from tests.pages.conftest import Open, finish_jobs, told
from tests.pages.signed_in import SOMEBODY, page_of, people
from tests.pages.test_commit import confirm, keep, ready_rules

CAM, ADA = SOMEBODY["committer"], SOMEBODY["admin"]


def opened(email: str) -> AppTest:
    """The commit page as that person sees it."""
    page = page_of("commit", email).run()
    assert not page.exception
    return page


def press(page: AppTest, key: str) -> AppTest:
    """Presses the button whose key begins so."""
    return next(button for button in page.button if (button.key or "").startswith(key)).click().run()


def approve(page: AppTest, reason: str) -> AppTest:
    """Types the reason and approves."""
    box = next(box for box in page.text_input if box.key.startswith("second_"))
    return press(box.set_value(reason).run(), "approve_")


def commit(page: AppTest) -> AppTest:
    """Confirms, commits, and waits for what comes of it."""
    page = confirm(page).button(key="commit").click().run()
    finish_jobs()
    return page.run()


@pytest.fixture(autouse=True)
def _every_commit(open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample district, ready, its rules last changed by the committer; every commit needs two."""
    open_page("districts")
    keep(store, ready_rules(store.rosters.load(store.rosters.latest("sample").fingerprint, "sample")), by=CAM)
    people(monkeypatch, ROSTER_SECOND_PERSON="every")
    st.cache_resource.clear()


def test_the_author_asks_and_a_colleague_approves(store: Store) -> None:
    """The author cannot approve; the colleague can, then the author commits; the receipt names the second person."""
    page = opened(CAM)
    assert "A second person approves this" in told(page) and "You changed these rules" in told(page)
    assert page.button(key="commit").disabled
    page = press(page, "ask_")
    assert "`cam@example.org` asked for it" in told(page) and page.button(key="commit").disabled
    colleague = approve(opened(ADA), "The numbers are those of the district")
    assert "`ada@example.org` approved this" in told(colleague)
    commit(opened(CAM))
    receipt = store.ledger.receipts("sample")[0]
    assert receipt.approval == "The numbers are those of the district (ada@example.org)"
    assert receipt.committed_by == CAM
    actions = [entry.action for entry in store.activity.list("sample")]
    assert actions.index("approve") < actions.index("ask-approval")


def test_a_colleague_of_the_author_may_approve_and_commit_at_once(store: Store) -> None:
    """Two have looked at it then: who changed the rules, and who approves."""
    page = commit(approve(opened(ADA), "Looked at it with the district"))
    assert store.ledger.receipts("sample")[0].committed_by == ADA, told(page)


def test_an_approval_counts_for_the_plan_it_was_given_for(store: Store) -> None:
    """After a change of the rules it must be asked for again, and the page says that another plan waits."""
    press(opened(CAM), "ask_")
    rules = ready_rules(store.rosters.load(store.rosters.latest("sample").fingerprint, "sample"))
    keep(store, rules.with_pins(), by=CAM, name="Renamed")
    page = opened(ADA)
    assert "asked for approval of another plan" in told(page)
    assert page.button(key="commit").disabled


def test_a_restore_needs_two_people(store: Store) -> None:
    """Whoever asks for a restore does not approve it; the colleague does."""
    commit(approve(opened(ADA), "First"))
    rules = ready_rules(store.rosters.load(store.rosters.latest("sample").fingerprint, "sample"))
    keep(store, rules, by=CAM, name="Second")
    commit(approve(opened(ADA), "Second"))
    earlier = store.ledger.receipts("sample")[1]
    page = opened(CAM).button(key=f"restore_{earlier.receipt_id}").click().run()
    assert page.button(key="restore_now").disabled
    press(page, "ask_")
    colleague = opened(ADA).button(key=f"restore_{earlier.receipt_id}").click().run()
    colleague = approve(colleague, "The second was a mistake")
    press(confirm(colleague), "restore_now")
    finish_jobs()
    assert store.ledger.receipts("sample")[0].kind == "restore"


def test_a_held_change_waits_for_a_second_person(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default only what is held needs two; the second person's reason lifts the hold, one's own does not."""
    monkeypatch.setenv("ROSTER_SECOND_PERSON", "held")
    st.cache_resource.clear()
    commit(opened(CAM))
    assert len(store.ledger.receipts("sample")) == 1
    rules = ready_rules(store.rosters.load(store.rosters.latest("sample").fingerprint, "sample"))
    keep(store, replace(rules, assessed_grades=("1", "2", "3", "4", "5")), by=CAM)
    page = opened(CAM)
    assert not [box for box in page.text_input if (box.key or "").startswith(("approval_", "second_"))]
    press(page, "ask_")
    approve(opened(ADA), "Only these grades from now on")
    commit(opened(CAM))
    assert store.ledger.receipts("sample")[0].approval == f"Only these grades from now on ({ADA})"
