"""Students: who is not in exactly one section, why, and what a reviewer decides by hand."""

from __future__ import annotations

import streamlit as st

from pages.shared import (
    frame,
    rule_desk,
    services,
    student_answer,
    student_card,
    student_groups,
    student_pins,
    student_views,
    widgets,
)
from roster_core.lookup import said_of_zeros

frame.set_page()
services.require_access()
st.title("Students")
here = frame.open_district()


@st.fragment
def room(district: str) -> None:
    """Pictures, list and card. A choice repaints this part of the page only."""
    opened = frame.look(district)
    frame.strip(opened)
    rule_desk.undo_redo(district)
    with st.container(horizontal=True, vertical_alignment="center"):
        by = "number or name" if services.may("reviewer") else "number"
        text = st.text_input(f"Find a student by {by}", key=f"{district}:find", live=True, type="search",
                             autocomplete="off", width=420)  # fmt: skip
        st.space("stretch")
        shown = widgets.reveal_toggle()
    if text and text.strip():
        rows = student_views.found_rows(opened.roster, text)
    elif (brought := student_groups.brought(district, opened.coverage)) is not None:
        rows = brought
    else:
        student_views.pictures(district, opened.coverage)
        rows = student_views.rows_of(opened.coverage, student_views.choices(district, opened.roster))
    st.markdown(f"**{widgets.count(len(rows), 'student')}**")
    if text and (zeros := said_of_zeros(opened.roster, text)):
        st.caption(widgets.plain(zeros))
    if len(rows):
        student_views.student_list(district, opened.coverage, rows, shown=shown)
    elif text and text.strip():
        student_answer.unknown(opened, text)
    else:
        st.caption("Nobody here. Choose others above.")
    found_one = opened.roster.students["student_id"].iloc[rows[0]] if text and len(rows) == 1 else ""
    if student := found_one or student_views.open_student(district):
        student_card.draw(opened, student, shown=shown)
    many = st.expander("Excuse or pin a list of students", key=f"{district}:many", on_change="rerun")
    if many.open:
        with many:
            student_pins.pasted(opened, rows)
    by_hand = f"Decided by hand: {widgets.count(len(opened.draft.pins), 'student')}"
    held = st.expander(by_hand, key=f"{district}:held", on_change="rerun")
    if held.open:
        with held:
            student_pins.pins(opened, shown=shown)


room(here.district_id)
