"""Drawing pieces of the launch page: what comes next, window and launch date, and the seven steps."""

from __future__ import annotations

from datetime import date

import streamlit as st

from pages.shared import fold_outs, launch_desk, message_views, request_views, services, state, widgets
from pages.shared.launch_desk import OpenLaunch
from pages.shared.services import launch, launch_changes
from roster_core.dates import WindowDates, day_text
from roster_core.evidence import by_files
from roster_core.messages import KINDS
from roster_core.onboarding import APP, StepState
from roster_core.situation import REQUESTS

#: A state in words, with its icon and colour: the word says it, the colour only helps.
STATES = {
    "done": ("Done", ":material/check_circle:", "green"),
    "waiting": ("Waiting", ":material/hourglass_top:", "blue"),
    "not yet": ("Not yet", ":material/radio_button_unchecked:", "gray"),
}
WHOSE = {"us": "Next, ours", "district": "Next, the district's", "Clever": "Next, Clever's", "nobody": "Next"}

#: The request that belongs to a step; it is offered beside the step while the step is not done.
_REQUESTS = {
    "connected": "connect",
    "sharing-requested": "sharing",
    "sharing-approved": "sharing",
    "filtered": "revision",
}

#: The messages that belong to a step; those to Clever's side are not offered where the roster comes as files.
_MESSAGES = {
    "connected": ("connect",),
    "sharing-requested": ("sharing",),
    "filtered": ("revision", "errors"),
    "rostered": ("launch",),
    "ready-sent": ("ready",),
}

DATE_FORMAT = "MM/DD/YYYY"


def head(here: OpenLaunch) -> None:
    """The district, its window, how many days are left, and the one thing that comes next."""
    onboarding, action = here.onboarding, here.next
    done = sum(each.done for each in here.steps)
    with st.container(border=True):
        window = f"window {widgets.plain(onboarding.window)}" if onboarding.window else f"window {onboarding.number}"
        begun = f", begun {day_text(onboarding.started_on)}" if onboarding.started_on else ""
        left = action.left.sentence if action.left else "no dates set yet"
        st.markdown(f"**{widgets.plain(here.name)}**  ·  {window}{begun}  ·  **{left}**")
        st.progress(done / len(here.steps), text=f"{done} of {len(here.steps)} steps done")
        with st.container(horizontal=True, vertical_alignment="center"):
            late = " :material/alarm: overdue" if action.overdue else ""
            st.markdown(f"**{WHOSE[action.owner]}:** {widgets.plain(action.text)}{late}", width="content")
            if action.place != "Launch":
                widgets.link(f"pages/{action.place.lower()}.py", f"Go to {action.place} →")


def dates(here: OpenLaunch) -> None:
    """Window and launch date: inputs, the launch that is proposed, what speaks against a date, a calendar file."""
    saved, able = here.onboarding.dates, widgets.allowed("reviewer")
    mark = launch_desk.stamp((saved, here.onboarding.window))
    with st.container(border=True):
        name, *days = st.columns([1.6, 1, 1, 1], vertical_alignment="bottom")
        window = name.text_input("Assessment window", here.onboarding.window, key=here.key("window", mark),
                                 placeholder="Winter 2026-27", disabled=not able)  # fmt: skip
        labels = (("opens", "Opens"), ("closes", "Closes"), ("launch", "Launch"))
        given = [
            column.date_input(label, getattr(saved, field), key=here.key(field, mark), format=DATE_FORMAT,
                              disabled=not able)
            for (field, label), column in zip(labels, days, strict=True)
        ]  # fmt: skip
        wanted = WindowDates(*given)
        with st.container(horizontal=True, vertical_alignment="center"):
            changed = (wanted, window or "") != (saved, here.onboarding.window)
            st.button(
                "Save the dates", type="primary" if changed else "secondary", disabled=not (changed and able),
                key=here.key("save-dates"), on_click=launch_desk.act,
                args=("The dates are saved.", launch_changes.set_dates, here.district_id, here.revision, wanted,
                      window or ""),
            )  # fmt: skip
            _proposal(here, wanted, mark)
            _calendar(here)
        for warning in launch.warnings(here.onboarding, wanted, here.evidence, here.today):
            st.markdown(f":material/warning: {widgets.plain(warning.text)}")
        if changed and able:
            st.caption("Not saved yet.")


def steps(here: OpenLaunch) -> None:
    """The seven steps, each with its state, who said so or from what the app sees it, and what can be done about it."""
    for each in here.steps:
        with st.container(border=True, key=here.key("step", each.step.key)):
            told, actions = st.columns([3.2, 2])
            with told, st.container(gap="xsmall"):
                _step(each, is_next=each.step.key == here.next.step)
            with actions, st.container(horizontal=True, horizontal_alignment="right"):
                asked, ticked = _actions(here, each)
            if asked:
                request_views.sending(here, _REQUESTS[each.step.key])
            if ticked:
                _tick(here, each)
            _messages(here, each)


def _actions(here: OpenLaunch, each: StepState) -> tuple[bool, bool]:
    """All that can be done about one step, beside it; gives whether its request, and its tick, are opened below it."""
    if not services.may("reviewer"):
        return False, False
    key = each.step.key
    asked = _is_asked(here, each) and request_views.button(here, _REQUESTS[key])
    if key in here.onboarding.ticks and each.by != APP:
        st.button(
            "Take back", icon=":material/undo:", key=here.key("untick", key), on_click=launch_desk.act,
            args=("Taken back.", launch_changes.untick_step, here.district_id, here.revision, key),
        )  # fmt: skip
    label = f"{here.evidence.product} has it" if key == "rostered" else "Tick"
    may_tick = not each.done and bool(each.step.person) and not each.refusal
    ticked = may_tick and fold_outs.button(
        here.district_id, here.key("tick", key), label, quiet=False, icon=":material/check:"
    )
    return asked, ticked


def _is_asked(here: OpenLaunch, each: StepState) -> bool:
    """Whether the step's request is offered beside it: the step is open, and no step before it asks for the same."""
    kind = _REQUESTS.get(each.step.key)
    if kind is None or each.done or by_files(here.onboarding, here.evidence):
        return False
    first = next(step for step in here.steps if _REQUESTS.get(step.step.key) == kind and not step.done)
    return first.step.key == each.step.key


def _messages(here: OpenLaunch, each: StepState) -> None:
    """The messages of a step, each to open: written, sent or downloaded there."""
    for kind in _MESSAGES.get(each.step.key, ()):
        if kind in REQUESTS and by_files(here.onboarding, here.evidence):
            continue
        box = st.expander(f"Message: {KINDS[kind].label}", icon=":material/mail:", key=here.key("message", kind),
                          on_change="rerun")  # fmt: skip
        if box.open:
            with box:
                message_views.panel(here.district_id, kind)


def _step(each: StepState, *, is_next: bool) -> None:
    word, icon, colour = STATES[each.state]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{each.number}. {each.step.title}**", width="content")
        st.badge(word, icon=icon, color=colour)
    if not each.done:
        st.caption(each.step.meaning)
    if each.evidence:
        st.markdown(f":material/visibility: {widgets.people(each.evidence)}")
    if each.by and each.by != APP and each.on:
        _said(each)
    if each.contradiction:
        st.markdown(f":material/report: **The data says otherwise.** {widgets.plain(each.contradiction)}")
    elif each.refusal and each.step.person and (is_next or each.state == "waiting"):
        st.markdown(f":material/block: Cannot be ticked yet. {widgets.plain(each.refusal)}")


def _said(each: StepState) -> None:
    note = widgets.plain(each.note)
    if each.step.key == "rostered":
        # Who said that it was loaded stands in the evidence already, beside the receipt.
        if note:
            st.markdown(f":material/person: {note}")
        return
    said = f"Said by {widgets.people(each.by)}, done on {day_text(each.on)}" if each.on else ""
    st.markdown(f":material/person: {said}{f': {note}' if note else ''}")


def _tick(here: OpenLaunch, each: StepState) -> None:
    key = each.step.key
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input("Done on", here.today, max_value=here.today, key=here.key("tick-on", key), format=DATE_FORMAT,
                      width=200)  # fmt: skip
        st.text_input("Note", key=here.key("tick-note", key), placeholder="who said so, where")
        st.button("It is done", type="primary", key=here.key("tick-do", key), on_click=_ticked, args=(here, key))


def _ticked(here: OpenLaunch, key: str) -> None:
    on: date = state.widget(here.key("tick-on", key), here.today)
    note = state.widget(here.key("tick-note", key), "")
    told = (here.district_id, here.revision, key, on, note or "", widgets.zone())
    if launch_desk.act("Ticked.", launch_changes.tick_step, *told):
        fold_outs.close(here.district_id)


def _proposal(here: OpenLaunch, wanted: WindowDates, mark: str) -> None:
    day = launch.proposed_launch(here.onboarding, wanted)
    if day is None:
        st.caption("Say when the window opens, and a launch date is proposed.", width="content")
    elif day != wanted.launch and day >= here.today:
        days = widgets.count(services.settings().launch.lead_days, "business day")
        st.button(
            f"Launch on {day_text(day)}", icon=":material/event_available:", key=here.key("propose"),
            help=f"{days} before the window opens; weekends, federal holidays and the district's days off left out.",
            disabled=not services.may("reviewer"), on_click=state.set_widget, args=(here.key("launch", mark), day),
        )  # fmt: skip


def _calendar(here: OpenLaunch) -> None:
    if here.onboarding.dates == WindowDates():
        return
    st.download_button(
        "Calendar file", data=launch.calendar(here.district_id, here.name, here.kept), mime="text/calendar",
        file_name=f"{here.district_id}-launch.ics", icon=":material/calendar_add_on:", key=here.key("calendar"),
        on_click="ignore", help="Launch, opening and closing as whole days, for your calendar. It names nobody.",
    )  # fmt: skip
