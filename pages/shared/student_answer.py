"""Why is my student not rostered? The one answer about a student, what it takes, and text for the district."""

from __future__ import annotations

import streamlit as st

from pages.shared import insight, services, state, widgets
from pages.shared.frame import OpenDistrict
from roster_core.answer import Remedy
from roster_core.errors import RosterError

#: Rules proposed for one student.
RULES = 3

#: What the person who must act is called.
_WHO = {"us": "ours to do", "district": "for the district", "Clever": "for Clever", "nobody": ""}


def draw(opened: OpenDistrict, student_id: str) -> None:
    """Draws the answer in one sentence, the next step and whose it is; more (remedies, text to copy) once opened."""
    try:
        answer = insight.student_answer(opened.coverage, student_id)
    except RosterError as error:
        widgets.show_error(error)
        return
    whose = _WHO.get(answer.who, answer.who)
    next_step = widgets.plain(answer.next_step)
    st.markdown(f"{widgets.plain(answer.sentence)}  \n:small[**Next:** {next_step}{f' ({whose})' if whose else ''}]")
    more = st.expander("What it takes, and text for the district", key=f"{opened.district_id}:answer",
                       on_change="rerun")  # fmt: skip
    if more.open:
        with more:
            if opened.roster.student_row(student_id) >= 0 and answer.kind != "ready":
                _remedies(opened, student_id)
            widgets.to_copy("Text to copy, with the student's number and no name", answer.text_for_district,
                            key=f"{opened.district_id}:answer:text")  # fmt: skip


def unknown(opened: OpenDistrict, text: str) -> None:
    """Draws the answer about a number no student of this roster has; says only that nobody is found for a name."""
    withheld = opened.roster.withheld
    unnamed = "" if withheld is None else (
        f" {widgets.count(int(withheld.sum()), 'student')} outside the scope cannot be found so: neither number nor "
        "name of them is held."
    )
    st.caption(f"Nobody of that number or name.{unnamed}")
    number = text.strip()
    if not any(letter.isdigit() for letter in number) or len(number.split()) > 1:
        return
    try:
        student_id = insight.committed_id(opened.coverage, number)
    except RosterError as error:
        widgets.show_error(error)
        return
    with st.container(border=True):
        draw(opened, student_id)


def _remedies(opened: OpenDistrict, student_id: str) -> None:
    """What brings the student to one section: rules with a button, the rest in words (pins are below)."""
    remedies = insight.remedies(opened.coverage, student_id)
    for place, remedy in enumerate([each for each in remedies if each.kind == "rule"][:RULES]):
        words, button = st.columns([5, 1], vertical_alignment="center")
        words.markdown(widgets.plain(remedy.sentence))
        button.button("Take it", key=f"{opened.district_id}:remedy:{place}", on_click=_take, width="stretch",
                      disabled=not services.may("reviewer"),
                      help=f"Rule {place + 1} of those proposed; Undo takes it back",
                      args=(opened.district_id, remedy))  # fmt: skip
    twins = insight.in_twins(opened.coverage, student_id)
    if twins:
        st.markdown(
            "The student's room is shared as several sections. Choose once for the whole room, under Twins on Sections."
        )
    if pins := sum(each.kind == "pin" for each in remedies):
        settled = "the section below" if pins == 1 else f"one of {pins} sections below"
        or_pin = "Or pin" if twins or any(each.kind == "rule" for each in remedies) else "Pin"
        st.markdown(f"{or_pin} the student to {settled}: settles 1 student, breaks 0.")
    for remedy in remedies:
        if remedy.kind in ("unpin", "scope", "ask"):
            st.markdown(widgets.plain(remedy.sentence))


def _take(district: str, remedy: Remedy) -> None:
    """Takes a rule into the draft: added, put in another's place, or that one left out; one step of undo."""
    draft = state.draft(district)
    if remedy.place is None:
        wanted = draft.with_rule(remedy.rule) if remedy.rule is not None else draft
    elif remedy.rule is None:
        wanted = draft.without_rule(remedy.place)
    else:
        wanted = draft.replace_rule(remedy.place, remedy.rule)
    state.set_draft(district, wanted, "take a rule for a student")
