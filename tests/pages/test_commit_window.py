"""The commit page in an open window: who would move or leave is listed and stays until somebody approves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from roster_core.adapters.committing import commit_plan
from roster_core.adapters.selweb import EmbeddedTarget
from roster_core.adapters.store import Store
from roster_core.dates import WindowDates
from roster_core.onboarding import Onboarding, with_dates
from roster_core.plan import plan_commit
from roster_core.preflight import run_preflight
from roster_core.rules import Pin
from tests.builders import HOMEROOMS, district
from tests.pages.conftest import Open, finish_jobs, told
from tests.pages.test_commit import commit, confirm

NOW = datetime.now(UTC)


def _set_window(store: Store, first: int, last: int) -> None:
    today = NOW.date()
    dates = WindowDates(today + timedelta(days=first), today + timedelta(days=last))
    known = store.onboarding.get("d1")
    onboarding = with_dates(Onboarding(), dates, "")
    store.onboarding.save(
        "d1", onboarding, expected_revision=known.revision, actor="Bo", now=NOW, action="set-dates"
    )


@pytest.fixture(name="moved")
def _moved(store: Store) -> Store:
    """A district whose roster is in force; since then u1 moved to the other homeroom, u2 opted out, u9 is new."""
    store.districts.save("d1", name="Springfield USD", source="clever", now=NOW)
    store.rule_sets.save_draft("d1", HOMEROOMS.to_json(), expected_revision=0, actor="Bo", now=NOW)
    roster = district(fetched_at=NOW)
    plan = plan_commit(roster, HOMEROOMS)
    report = run_preflight(roster, HOMEROOMS, plan=plan)
    commit_plan(plan, report, EmbeddedTarget(store, product="SELweb"), actor="Bo", now=NOW)
    excused = HOMEROOMS.with_pins(Pin("u2", None, reason="Family opted out"))
    store.rule_sets.save_draft("d1", excused.to_json(), expected_revision=1, actor="Bo", now=NOW)
    new = {"student_id": "u9", "student_number": "1009", "first_name": "Nia", "last_name": "New", "grade_raw": "1",
           "birthdate_raw": "2020-05-05", "school_id": "A", "school_ids": "A"}  # fmt: skip
    store.rosters.save(
        district(
            added={"students": [new]},
            enrolled=[("u1", "h2"), ("u9", "h1")],
            unenrolled=[("u1", "h1")],
            fetched_at=NOW,
        )
    )
    return store


def test_everybody_stays_until_approved(moved: Store, open_page: Open) -> None:
    """Both are listed with masked names and both places; the new student goes through and nothing blocks for them."""
    _set_window(moved, -3, 10)
    page = open_page("commit", district="d1")
    text = told(page)

    assert "The assessment window is open" in text and "2 students stay as committed" in text
    listed = next(frame.value for frame in page.dataframe if "to_section_name" in frame.value.columns)
    assert listed[["last_name", "section_name", "to_section_name"]].to_numpy().tolist() == [
        ["L•••", "Homeroom 1", "Homeroom 2"],
        ["L•••", "Homeroom 1", "None: would be removed"],
    ]
    page = commit(page)
    rows = moved.ledger.committed(moved.ledger.current_receipts("d1")[0].receipt_id).rows.set_index("student_id")
    assert rows.loc[["u1", "u2", "u9"], "section_id"].tolist() == ["h1", "h1", "h1"]


def page_of_both_plans() -> None:
    """Tells whom the commit would move, and whom it would if the window were closed, as messages count."""
    import streamlit as st

    from pages.shared import services
    from pages.shared.services import delivery, server
    from roster_core.adapters.launching import rules_in_use

    services.require_access()
    coverage = server.made().coverage(server.roster("d1"), rules_in_use(server.store(), "d1"))
    for windowed in (True, False):
        plan, _ = delivery.readiness_to_make(coverage, "", windowed=windowed)[1]()
        st.text(f"{len(plan.moved)} moved, {len(plan.removed)} removed")


def test_who_waits_for_an_approval_stops_no_message(moved: Store) -> None:
    """What a district is told counts moves and removals as if the window were closed."""
    _set_window(moved, -3, 10)
    page = AppTest.from_function(page_of_both_plans, default_timeout=60).run()
    assert [text.value for text in page.text] == ["0 moved, 0 removed", "1 moved, 1 removed"]


def test_one_is_approved_by_its_row_and_taken_back(moved: Store, open_page: Open) -> None:
    """The marked student may move, the other stays; the approval is in the log by count and id, and can be undone."""
    _set_window(moved, -3, 10)
    page = open_page("commit", district="d1")
    key = next(frame.proto.id for frame in page.dataframe if "to_section_name" in frame.value.columns)
    key = key[key.index("staying_") :]
    page.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.run()
    page.button(key="approve_marked").click().run()
    entry = next(each for each in moved.activity.list("d1") if each.action == "approve-moves")

    assert not page.exception
    assert entry.detail["student_ids"] == ["u1"]
    assert "1 student stays as committed" in told(page) and "Approved: 1 move, listed below." in told(page).replace(
        "*", ""
    )
    page.button(key="withdraw_changes").click().run()
    assert "2 students stay as committed" in told(page)


def test_a_whole_section_is_approved_at_once(moved: Store, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """With everybody of it approved the page is the page of any commit, and the moves are committed."""
    monkeypatch.setenv("ROSTER_HOLD_REMOVED", "50%")
    _set_window(moved, -3, 10)
    page = open_page("commit", district="d1")
    page.button(key="approve_section").click().run()

    assert "stay as committed" not in told(page)
    assert "1 move and 1 removal" in told(page)
    commit(page)
    rows = moved.ledger.committed(moved.ledger.current_receipts("d1")[0].receipt_id).rows.set_index("student_id")
    assert rows.loc["u1", "section_id"] == "h2" and "u2" not in rows.index


def test_outside_the_window_nobody_is_listed(moved: Store, open_page: Open) -> None:
    """Moves and removals are changes like any other once the window is over."""
    _set_window(moved, -30, -3)
    page = open_page("commit", district="d1")
    assert "assessment window" not in told(page)
    assert page.metric[2].label == "Moved" and page.metric[2].value == "1"


def test_an_open_window_without_a_move_says_so(moved: Store, open_page: Open) -> None:
    """One line, and no list."""
    _set_window(moved, -3, 10)
    moved.rosters.save(district(fetched_at=NOW))
    moved.rule_sets.save_draft("d1", HOMEROOMS.to_json(), expected_revision=2, actor="Bo", now=NOW)
    page = open_page("commit", district="d1")
    assert "Nobody would move or leave." in told(page)


def test_an_approval_taken_back_meanwhile_stops_the_commit(
    moved: Store, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is what is approved when the commit is made, not when the page was drawn."""
    monkeypatch.setenv("ROSTER_HOLD_REMOVED", "50%")
    _set_window(moved, -3, 10)
    page = open_page("commit", district="d1")
    page.button(key="approve_every").click().run()
    confirm(page)
    receipt = moved.ledger.current_receipts("d1")[0].receipt_id
    moved.window_approvals.withdraw("d1", receipt, [("u1", "h2")], actor="Bo", now=NOW)
    page.button(key="commit").click().run()
    finish_jobs()
    page.run()

    assert "since this was looked at" in told(page)
    assert moved.ledger.current_receipts("d1")[0].receipt_id == receipt
