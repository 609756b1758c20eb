"""The launch page: what it sees itself, what a person ticks, window and launch date, a new window."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from roster_core.adapters.store import Store
from roster_core.adapters.store.schema import onboarding as onboardings
from roster_core.dates import day_text
from roster_core.launch_requests import ask
from roster_core.new_window import new_window
from roster_core.onboarding import Onboarding, Tick
from roster_core.rules import Condition, Rule, RuleSet
from tests.pages.conftest import Open, told
from tests.pages.launch_page import DATES, NOW, TODAY, click, commit, elm, field, keep, kept

__all__ = ["elm"]


def test_a_newcomer_sees_the_steps_of_the_sample_and_what_comes_next(open_page: Open) -> None:
    """The made-up district comes as files: the steps before the filter are not needed, the rules come next."""
    said = told(open_page("launch"))
    assert "Sample district (made-up)" in said
    assert "Next, ours: Choose which sections to keep." in said.replace("*", "")
    assert "The district sends its roster as files" in said and "no dates set yet" in said


def test_the_app_ticks_what_it_sees(open_page: Open, elm: Store) -> None:
    """Clever's list, arrived sections and coverage are told as evidence; the rest waits for a person."""
    page = open_page("launch", district="elm")
    said = told(page)
    assert "Clever lists the district." in said
    assert "3 sections of 2 schools have arrived" in said
    assert "8 of 8 students in exactly one section." in said
    assert "whether all sections are shared" in said
    assert "Cannot be ticked yet" not in said
    keep(elm, Onboarding(ticks={"sharing-approved": Tick(TODAY, "dana")}))
    said = told(open_page("launch", district="elm"))
    assert "Cannot be ticked yet. No roster of this district has been committed." in said


def test_a_person_ticks_and_takes_back(open_page: Open, elm: Store) -> None:
    """A tick keeps day, person and note; the log keeps the step, a hash of the note, and no free text."""
    page = click(open_page("launch", district="elm"), "tick:sharing-approved")
    field(page, "text_input", "tick-note:sharing-approved").set_value("by phone")
    click(page.run(), "tick-do:sharing-approved")
    assert kept(elm).ticks == {"sharing-approved": Tick(TODAY, "local user", "by phone")}
    assert "Said by local user" in told(page) and "by phone" in told(page)
    (note,) = elm.notes.list("elm")
    assert elm.activity.list("elm")[0].detail == {"step": "sharing-approved", "note_hash": note.hash}
    click(page, "untick:sharing-approved")
    assert kept(elm).ticks == {} and "Taken back." in told(page)


def test_what_a_colleague_changed_is_not_overwritten(open_page: Open, elm: Store) -> None:
    """A tick from an older revision is refused and says who was faster; the page shows theirs."""
    page = click(open_page("launch", district="elm"), "tick:sharing-approved")
    keep(elm, Onboarding(window="Theirs"))
    click(page, "tick-do:sharing-approved")
    assert "lee changed this launch" in told(page)
    assert kept(elm) == Onboarding(window="Theirs")


def test_loaded_into_selweb_is_said_of_the_receipt_in_force(open_page: Open, elm: Store) -> None:
    """The tick speaks of one receipt; with a launch date the step is done, and Ready To Assess may be ticked."""
    receipt = commit(elm)
    keep(elm, Onboarding(dates=DATES, ticks={"sharing-approved": Tick(TODAY, "dana")}))
    page = open_page("launch", district="elm")
    assert "recorded here, not yet in SELweb" in told(page)
    click(click(page, "tick:rostered"), "tick-do:rostered")
    assert kept(elm).ticks["rostered"].about == receipt
    assert "Send Ready To Assess." in told(page)
    click(click(page, "tick:ready-sent"), "tick-do:ready-sent")
    assert "Nothing to do but keep watch" in told(page)


def test_dates_are_proposed_saved_and_warned_about(open_page: Open, elm: Store) -> None:
    """Once the opening is typed a launch is proposed; a launch too near is warned about before it is saved."""
    page = open_page("launch", district="elm")
    field(page, "date_input", "opens").set_value(DATES.opens)
    field(page, "date_input", "closes").set_value(DATES.closes)
    field(page, "text_input", "window").set_value("Winter")
    field(page.run(), "date_input", "launch").set_value(DATES.opens).run()
    assert "no business day before the window opens" in told(page)
    click(click(page, ":propose"), ":save-dates")
    assert (kept(elm).dates, kept(elm).window) == (DATES, "Winter")
    assert "business day before" not in told(page) and "days to the launch" in told(page)
    assert any("Calendar file" in str(each.proto.label) for each in page.get("download_button"))


def test_a_window_that_closes_before_it_opens_is_not_saved(open_page: Open, elm: Store) -> None:
    """The message names both days; nothing is kept."""
    page = open_page("launch", district="elm")
    field(page, "date_input", "opens").set_value(DATES.opens)
    field(page, "date_input", "closes").set_value(DATES.opens - timedelta(days=1))
    click(page.run(), ":save-dates")
    assert "before it opens on" in told(page) and kept(elm) == Onboarding()


def test_a_new_window_keeps_the_old_one_to_read(open_page: Open, elm: Store) -> None:
    """Ticks go, rules lose their pins, the old window is listed, and who moved up is told in counts."""
    receipt = commit(elm)
    keep(elm, Onboarding(window="Winter", dates=DATES, ticks={"sharing-approved": Tick(TODAY, "dana", "by phone")}))
    page = click(open_page("launch", district="elm"), ":new")
    field(page, "text_input", "new-name").set_value("Spring").run()
    click(page, "new-do")
    assert kept(elm) == new_window(elm.onboarding.windows("elm")[0], "Spring", today=TODAY, receipt_id=receipt)
    said = told(page)
    assert f"window Spring, begun {day_text(TODAY)}" in said
    assert "Of 8 students committed last window, 0 are a grade up" in said
    assert "Sharing rules approved" in said and "by phone" in said


def test_a_rule_that_names_an_ended_term_is_pointed_out(open_page: Open, elm: Store) -> None:
    """The page names rule, condition and term, with a way to the rules."""
    old = RuleSet(rules=(Rule("keep", (Condition("term_name", "is", ("Last year",)),)),))
    elm.rule_sets.save("elm", old, expected_version=1, actor="dana", now=NOW)
    said = told(open_page("launch", district="elm"))
    assert "Rule 1 asks for a term that has ended" in said and "Last year" in said


def test_a_district_without_a_roster_is_on_its_way_too(open_page: Open, store: Store) -> None:
    """One added by its name is in the picker, with the first step as what comes next."""
    added = store.districts.add_named("Oak USD", actor="dana", now=NOW)
    page = open_page("launch", district=added.id)
    assert "Oak USD" in told(page) and "Ask whether the district has chosen Clever" in told(page)
    click(click(page, "tick:chose-clever"), "tick-do:chose-clever")
    assert "chose-clever" in kept(store, added.id).ticks


def test_a_request_past_its_day_says_once_what_to_do(open_page: Open, elm: Store) -> None:
    """Chase it now, and not on a day that is set; before that day the day is what is told."""
    for chase_on, now in ((TODAY, True), (TODAY + timedelta(days=2), False)):
        asked = ask(Onboarding(), "sharing", sent=TODAY - timedelta(days=9), by="dana", chase_days=3, chase_on=chase_on)
        keep(elm, asked)
        said = told(open_page("launch", district="elm"))
        assert ("chase it now" in said, "Chase it on the day set for it" in said) == (now, not now)


def stand_in_order(page: AppTest, heading: str, message: str) -> bool:
    """Whether a heading stands on the page before the one error or success with that message."""
    shown = [(type(each).__name__, str(getattr(each, "value", ""))) for each in page.main]
    place = next(at for at, (_, value) in enumerate(shown) if value == heading)
    (told_at,) = (at for at, (kind, value) in enumerate(shown) if kind in ("Error", "Success") and message in value)
    return place < told_at


def test_what_is_changed_below_the_steps_is_told_below_them(open_page: Open, elm: Store) -> None:
    """Days off that end before they begin are refused beside their fields, what was typed stays; the rest likewise."""
    page = open_page("launch", district="elm")
    field(page, "date_input", "day-first").set_value(TODAY)
    field(page, "date_input", "day-last").set_value(TODAY - timedelta(days=3))
    click(page, "day-add")
    assert "before" in page.error[0].value and stand_in_order(page, "What is kept of this district", "before")
    assert field(page, "date_input", "day-first").value == TODAY
    field(page, "date_input", "day-last").set_value(TODAY)
    click(page, "day-add")
    assert stand_in_order(page, "What is kept of this district", "The days off are saved")


def test_what_cannot_be_read_is_said_and_nothing_else_is_shown(open_page: Open, elm: Store) -> None:
    """A document of another version gives its one message."""
    keep(elm, Onboarding())
    with elm.onboarding._database.write() as connection:
        connection.execute(update(onboardings).values(document="{}x"))
    assert "cannot be read" in told(open_page("launch", district="elm"))
