"""What the launch page keeps of a district: requests and their answers, people, days off, expected headcounts."""

from __future__ import annotations

from dataclasses import replace

from roster_core.adapters.store import Store
from roster_core.dates import DayOff, WindowDates, business_day, propose_launch
from roster_core.launch_requests import ask
from roster_core.onboarding import Expected, Onboarding, Tick
from roster_core.roster import District
from roster_core.rules import Pin, RuleSet
from tests.builders import HOMEROOMS, district
from tests.pages.conftest import Open, told
from tests.pages.launch_page import NOW, OPENS, TODAY, click, elm, field, keep, kept, load

__all__ = ["elm"]


def test_a_request_is_sent_chased_and_answered(open_page: Open, store: Store) -> None:
    """Sent with a day to chase it, chased, then answered; the next step is in words."""
    added = store.districts.add_named("Oak USD", actor="dana", now=NOW)
    keep(store, Onboarding(ticks={"chose-clever": Tick(TODAY, "dana")}), added.id)
    page = open_page("launch", district=added.id)
    assert "Send the district the link to connect." in told(page)
    click(click(page, "send:connect"), "send-do:connect")
    request = kept(store, added.id).requests[0]
    assert (request.kind, request.sent, request.chase_on) == ("connect", TODAY, business_day(TODAY, 3))
    assert "Next, the district's:" in told(page).replace("*", "")
    click(page, "chased:1")
    assert "chased once" in told(page)
    click(page, "answer:1")
    field(page, "radio", "outcome:1").set_value("declined").run()
    click(page, "answer-do:1")
    assert kept(store, added.id).requests[0].outcome == "declined"
    assert "Agree on files instead" in told(page)
    click(page, "wait:1")
    assert kept(store, added.id).requests[0].outcome == "waiting"
    actions = [entry.action for entry in store.activity.list(added.id)]
    assert actions[:4] == ["answer-request", "answer-request", "chase-request", "send-request"]


def test_the_answer_to_a_revision_is_counted_from_the_rosters(open_page: Open, elm: Store) -> None:
    """Asked for two sections; the next roster still holds a third, and the counts stand in the panel."""
    two = replace(HOMEROOMS, rules=HOMEROOMS.rules)
    before = elm.rosters.latest("elm").fingerprint
    keep(elm, ask(Onboarding(), "revision", sent=TODAY, by="dana", chase_days=3, asked_sections=2,
                  fingerprint=before, rule_set_json=two.to_json()))  # fmt: skip
    load(elm, district(about=District(id="elm", name="Elm USD"), fetched_at=NOW, unenrolled=[("u1", "m1")]))
    page = click(open_page("launch", district="elm"), "answer:1")
    assert "Counted from the newest roster: 2 of 2 arrived, 1 extra." in told(page)
    click(page, "answer-do:1")
    assert "Partly" in told(page) and "asked for 2 sections: 2 arrived, 1 extra" in told(page)


def test_a_revision_keeps_what_it_was_made_from(open_page: Open, elm: Store) -> None:
    """The request holds how many sections the rules ask for, the roster and the rules without pins."""
    elm.rule_sets.save(
        "elm", HOMEROOMS.with_pins(Pin("u1", None, reason="away")), expected_version=1, actor="dana", now=NOW
    )
    load(elm, district(about=District(id="elm", name="Elm USD"), fetched_at=NOW, enrolled=[("u2", "h2")]))
    page = click(open_page("launch", district="elm"), "send:revision")
    assert field(page, "number_input", "asked:revision").value == 2
    click(page, "send-do:revision")
    request = kept(elm).requests[0]
    assert (request.asked_sections, request.fingerprint) == (2, elm.rosters.latest("elm").fingerprint)
    assert RuleSet.from_json(request.rule_set_json) == HOMEROOMS


def test_people_and_the_sync_answer_are_kept(open_page: Open, elm: Store) -> None:
    """Contacts, who of us looks after the district, the answer with date and name, how the roster comes."""
    page = open_page("launch", district="elm")
    field(page, "text_input", "sel_lead:name").set_value("Ann Lead")
    field(page, "text_input", "clever_admin:email").set_value("it@elm.example")
    field(page, "text_input", "ours").set_value("Dana")
    click(page, ":save-people")
    assert (kept(elm).sel_lead.name, kept(elm).clever_admin.email) == ("Ann Lead", "it@elm.example")
    field(page, "text_input", "sync-text").set_value("Yes, within a day")
    field(page, "text_input", "sync-by").set_value("Ann Lead")
    field(page, "date_input", "sync-on").set_value(TODAY)
    click(page, ":save-sync")
    answer = kept(elm).sync_answer
    assert (answer.text, answer.by, answer.on) == ("Yes, within a day", "Ann Lead", TODAY)
    field(page, "radio", "method").set_value("files").run()
    assert kept(elm).method == "files" and "sends its roster as files" in told(page)
    log = " ".join(str(entry.detail) for entry in elm.activity.list("elm"))
    assert "Ann" not in log and "elm.example" not in log


def test_the_current_counts_become_what_is_expected(open_page: Open, elm: Store) -> None:
    """One click takes the headcounts over; they are those the preflight compares."""
    click(open_page("launch", district="elm"), ":take-counts")
    assert kept(elm).expected == Expected({"A": 4, "B": 4}, {"1": 4, "2": 4})
    keep(elm, replace(kept(elm), expected=Expected({"A": 90})))
    commit_page = open_page("commit", district="elm")
    commit_page.session_state["warnings"] = True
    commit_page.run()
    assert "1 school or grade missing students we expected" in told(commit_page)


def test_typed_headcounts_are_saved(open_page: Open, elm: Store) -> None:
    """A number in the table is kept under the school's id."""
    page = open_page("launch", district="elm")
    key = next(each.key for each in page.get("data_editor") if ":expected:School" in each.key)
    page.session_state[key] = {"edited_rows": {1: {"Expected": 30}}, "added_rows": [], "deleted_rows": []}
    click(page.run(), ":save-expected")
    assert kept(elm).expected == Expected({"B": 30})


def test_days_off_move_the_proposed_launch(open_page: Open, elm: Store) -> None:
    """A closed day before the opening pushes the proposal back; it can be taken out again."""
    keep(elm, Onboarding(dates=WindowDates(OPENS)))
    page = open_page("launch", district="elm")
    closed = propose_launch(OPENS, 1)
    click(page, ":day-add")
    assert "Give the first day" in told(page)
    field(page, "date_input", "day-first").set_value(closed)
    field(page, "text_input", "day-name").set_value("Teacher day")
    click(page, ":day-add")
    assert kept(elm).days_off == (DayOff(closed, closed, "Teacher day"),)
    moved = propose_launch(OPENS, 3, kept(elm).days_off)
    assert moved < propose_launch(OPENS, 3)
    assert any(f"{moved.day} {moved:%b}" in button.label for button in page.button)
    click(page, "day-gone:0")
    assert kept(elm).days_off == ()


def test_headcounts_of_a_district_without_a_roster_are_kept_by_name(open_page: Open, store: Store) -> None:
    """Before any roster, schools are typed by their names; the preflight finds them by name later."""
    added = store.districts.add_named("Oak USD", actor="dana", now=NOW)
    page = open_page("launch", district=added.id)
    key = next(each.key for each in page.get("data_editor") if ":expected:School" in each.key)
    rows = [{"School": "Oak Elementary", "Expected": 300}, {"School": "Oak Middle"}]
    page.session_state[key] = {"edited_rows": {}, "added_rows": rows, "deleted_rows": []}
    click(page.run(), ":save-expected")
    assert kept(store, added.id).expected == Expected({"Oak Elementary": 300})
