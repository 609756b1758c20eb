"""Drawing pieces of the launch page: a new window, and the windows before it."""

from __future__ import annotations

import streamlit as st

from pages.shared import fold_outs, launch_desk, services, widgets
from pages.shared.launch_desk import OpenLaunch
from pages.shared.services import launch, launch_changes
from roster_core.dates import WindowDates, day_text
from roster_core.errors import InputError
from roster_core.launch_requests import KINDS, told
from roster_core.new_window import Promotion
from roster_core.onboarding import STEPS, Onboarding
from roster_core.wording import agreeing


def new_window(here: OpenLaunch) -> None:
    """Starts the next window; what it carries over, who moved up since the last, and rules that name an ended term."""
    for each in launch.terms_that_ended(here.district_id, here.today):
        terms = ", ".join(f"“{widgets.plain(term)}”" for term in each.terms)
        st.markdown(
            f":material/warning: Rule {each.rule + 1} asks for a term that has ended: "
            f"{widgets.plain(each.condition)} finds only {terms}."
        )
        widgets.link("pages/rules.py", "Change the rule →")
    _promotion(here)
    if not services.may("reviewer"):
        return
    icon, key = ":material/restart_alt:", here.key("new")
    if not fold_outs.button(here.district_id, key, "Start a new window", quiet=False, icon=icon):
        return
    st.write(
        "This window is kept to read. Rules are carried over without pins, people and days off stay; ticks, "
        "requests and dates start anew. The roster in force stays in force."
    )
    name = st.text_input("Name of the new window", key=here.key("new-name"), placeholder="Spring 2027")
    st.button(
        "Start it", type="primary", disabled=not (name and name.strip()), key=here.key("new-do"),
        on_click=launch_desk.act,
        args=("The new window has begun.", launch_changes.start_window, here.district_id, here.revision,
              name or "", here.today),
    )  # fmt: skip


def earlier(here: OpenLaunch) -> None:
    """The windows before this one, to read."""
    windows = launch.windows(here.district_id)
    if not windows:
        st.caption("This is the first window of this district; those before it will be listed here.")
    for window in windows:
        with st.expander(f"Window {window.number}{f': {widgets.label(window.window)}' if window.window else ''}"):
            _read(window)


def _promotion(here: OpenLaunch) -> None:
    try:
        found = launch.moved_up(here.district_id, here.onboarding)
    except InputError:
        st.caption("The roster of the last window was purged, so nobody can tell who moved up since.")
        return
    if found is not None and len(found.by_grade):
        st.markdown("**Since the last window**")
        st.markdown(_moved(found))
        st.dataframe(
            found.by_grade.assign(grade=found.by_grade["grade"].map(widgets.grade_label)), hide_index=True,
            height="content", column_config=_COLUMNS, alt="Students committed last window by grade, and where they are",
        )  # fmt: skip


_COLUMNS = {
    "grade": "Grade then",
    "committed": "Committed",
    "promoted": "Now a grade up",
    "stayed": "Same grade",
    "elsewhere": "Another grade",
    "left": "No longer here",
}


def _moved(found: Promotion) -> str:
    whole = found.total("committed")
    new = int(found.new["new"].sum())
    return (
        f"Of {widgets.count(whole, 'student')} committed last window, {found.total('promoted'):,} are a grade up, "
        f"{found.total('stayed') + found.total('elsewhere'):,} in the same or another grade, "
        f"{found.total('left'):,} no longer here; {widgets.count(new, 'student')} of the grades assessed "
        f"{agreeing(new, 'are')} new."
    )


def _read(window: Onboarding) -> None:
    dates = window.dates
    if dates != WindowDates() or window.started_on:
        started, launched = ("begun", window.started_on), ("launch", dates.launch)
        days = (started, launched, ("opened", dates.opens), ("closed", dates.closes))
        said = ", ".join(f"{word} {day_text(day)}" for word, day in days if day)
        st.markdown(f"{said[:1].upper()}{said[1:]}.")
    for key, tick in window.ticks.items():
        note = f": {widgets.plain(tick.note)}" if tick.note else ""
        title = STEPS[key].title if key in STEPS else key
        st.markdown(f"- {title}, {day_text(tick.on)}, said by {widgets.people(tick.by)}{note}")
    for request in window.requests:
        st.markdown(f"- {KINDS[request.kind]} of {day_text(request.sent)}: {widgets.plain(told(request))}")
    if not window.ticks and not window.requests:
        st.caption("Nothing was written down in this window.")
