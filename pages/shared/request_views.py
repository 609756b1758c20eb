"""Drawing pieces of what is asked of a district: sending, the day to chase, the answer and what it means."""

from __future__ import annotations

import streamlit as st

from pages.shared import fold_outs, launch_desk, services, state, widgets
from pages.shared.launch_desk import OpenLaunch
from pages.shared.services import launch, launch_changes
from roster_core.dates import day_text
from roster_core.evidence import by_files
from roster_core.launch_requests import KINDS, OUTCOMES, default_chase, told
from roster_core.onboarding import Request

DATE_FORMAT = "MM/DD/YYYY"
_ENDINGS = ("approved", "partly", "declined")


def listing(here: OpenLaunch) -> None:
    """Every request of this window, newest first, with what its answer means and the next step."""
    if not here.onboarding.requests:
        where = "" if by_files(here.onboarding, here.evidence) else " Requests are sent beside the steps above."
        st.caption(f"Nothing was asked of the district yet.{where}")
    for request in reversed(here.onboarding.requests):
        with st.container(border=True):
            words, actions = st.columns([3.2, 2])
            with words:
                _words(here, request)
            if services.may("reviewer"):
                with actions, st.container(horizontal=True, horizontal_alignment="right"):
                    answered = _actions(here, request)
                if answered:
                    _answer(here, request)
    if services.may("reviewer") and button(here, "other"):
        sending(here, "other")


def button(here: OpenLaunch, kind: str) -> bool:
    """The button of a request of this kind; gives whether `sending` is to be drawn below it."""
    label = "Another request" if kind == "other" else KINDS[kind]
    key, icon = here.key("send", kind), ":material/outgoing_mail:"
    return fold_outs.button(here.district_id, key, label, quiet=False, icon=icon)


def sending(here: OpenLaunch, kind: str) -> None:
    """The form that writes down that a request of this kind was sent."""
    if kind == "connect":
        _link()
    st.caption("Write down here that it was sent; the app then waits with a day to chase it.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sent = st.date_input("Sent on", here.today, max_value=here.today, key=here.key("sent", kind),
                             format=DATE_FORMAT, width=200)  # fmt: skip
        days = services.settings().launch.chase_days
        chase = default_chase(here.onboarding, sent or here.today, days)
        why = f"{widgets.count(days, 'business day')} after it was sent, unless you choose another."
        st.date_input("Chase on", chase, key=here.key("chase", kind, sent), format=DATE_FORMAT, help=why, width=200)
        if kind == "revision":
            st.number_input("Sections asked for", min_value=1, value=launch.sections_to_ask(here.district_id), step=1,
                            key=here.key("asked", kind), placeholder="all", width=200)  # fmt: skip
        st.text_input("Note", key=here.key("note", kind))
        st.button("It was sent", type="primary", key=here.key("send-do", kind), on_click=_sent, args=(here, kind, sent))


def _link() -> None:
    link = services.settings().messages.connect_link
    if link:
        st.code(link, language=None)
        st.caption("The link for the district, from the settings.")
    else:
        st.caption("Set ROSTER_CONNECT_LINK, and the link to send stands here.")


def _words(here: OpenLaunch, request: Request) -> None:
    outcome = OUTCOMES[request.outcome]
    st.markdown(
        f"**{KINDS[request.kind]}**, sent on {day_text(request.sent)} by {widgets.people(request.by)}"
        + (f": {widgets.plain(request.note)}" if request.note else "")
    )
    if request.outcome == "waiting" and request.chase_on <= here.today:
        st.markdown(f":material/alarm: **{widgets.plain(told(request))}: chase it now.**")
        st.caption(outcome.meaning)
        return
    st.markdown(f"{widgets.plain(told(request))}.")
    st.caption(f"{outcome.meaning} Next: {outcome.next_step[request.kind]}")


def _actions(here: OpenLaunch, request: Request) -> bool:
    """What can be done about a request; gives whether the form of its answer is opened below it."""
    number = request.number
    about = (here.district_id, here.revision, number)
    if request.outcome != "waiting":
        st.button(
            "Take the answer back", icon=":material/undo:", key=here.key("wait", number),
            on_click=launch_desk.act_below, args=("It waits again.", launch_changes.answer_request, *about, "waiting"),
            kwargs={"on": here.today, "zone": widgets.zone()},
        )  # fmt: skip
        return False
    st.button(
        "Chased today", icon=":material/notifications:", key=here.key("chased", number), on_click=launch_desk.act_below,
        args=("Written down; the next day to chase it is set.", launch_changes.chase_request, *about, here.today),
    )  # fmt: skip
    return fold_outs.button(
        here.district_id, here.key("answer", number), "Answered", quiet=False, icon=":material/mark_email_read:"
    )


def _answer(here: OpenLaunch, request: Request) -> None:
    key, counted = request.number, launch.counted_answer(here.district_id, request)
    if counted is not None:
        st.caption(f"Counted from the newest roster: {counted.arrived:,} of {counted.asked:,} arrived, "
                   f"{counted.extra:,} extra.")  # fmt: skip
    proposed = _ENDINGS.index(counted.outcome) if counted and counted.outcome in _ENDINGS else None
    outcome = st.radio("It was", _ENDINGS, index=proposed, key=here.key("outcome", key), horizontal=True,
                       format_func=lambda each: OUTCOMES[each].title)  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input("Answered on", here.today, min_value=request.sent, max_value=max(here.today, request.sent),
                      key=here.key("ended", key), format=DATE_FORMAT, width=200)  # fmt: skip
        if request.kind in ("sharing", "revision") and outcome in ("approved", "partly"):
            st.number_input("Sections arrived", min_value=0, value=counted.arrived if counted else None, step=1,
                            key=here.key("arrived", key), width=180)  # fmt: skip
            st.number_input("Extra", min_value=0, value=counted.extra if counted else None, step=1,
                            key=here.key("extra", key), width=180)  # fmt: skip
        st.text_input("Note", request.note, key=here.key("answer-note", key))
        st.button("Write it down", type="primary", disabled=outcome is None, key=here.key("answer-do", key),
                  on_click=_answered, args=(here, key, outcome))  # fmt: skip


def _sent(here: OpenLaunch, kind: str, sent: object) -> None:
    # Another request than those beside the steps is written down below them.
    act = launch_desk.act_below if kind == "other" else launch_desk.act
    written = act(
        "Written down: it was sent.", launch_changes.send_request, here.district_id, here.revision, kind,
        sent=sent or here.today, chase_on=state.widget(here.key("chase", kind, sent)),
        asked_sections=state.widget(here.key("asked", kind)), note=state.widget(here.key("note", kind), "") or "",
    )  # fmt: skip
    if written:
        fold_outs.close(here.district_id)


def _answered(here: OpenLaunch, number: int, outcome: str) -> None:
    written = launch_desk.act_below(
        "Written down.", launch_changes.answer_request, here.district_id, here.revision, number, outcome,
        on=state.widget(here.key("ended", number), here.today), arrived=state.widget(here.key("arrived", number)),
        extra=state.widget(here.key("extra", number)), note=state.widget(here.key("answer-note", number), "") or "",
        zone=widgets.zone(),
    )  # fmt: skip
    if written:
        fold_outs.close(here.district_id)
