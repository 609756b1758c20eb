"""Three steps down one page: preflight, what will change, commit; then receipts and restore."""

from __future__ import annotations

import streamlit as st

from pages.shared import (
    approval_views,
    commit_views,
    frame,
    receipt_views,
    report_views,
    roster_lists,
    said_views,
    services,
    state,
    staying_views,
    widgets,
)
from roster_core.errors import ServiceError

frame.set_page()
services.require_access()
st.title("Commit")
here = frame.open_district()
frame.strip(here)
if here.draft.problems():
    widgets.empty("A rule is unfinished", "Finish it or remove it on the Rules page; then the roster can be checked.")
    widgets.link("pages/rules.py", "Go to Rules")
    st.stop()
try:
    with st.spinner("Checking the roster …"):
        plan, report = services.readiness(here.coverage, state.selection(f"approval_{here.district_id}", ""))
except ServiceError as error:
    # What would change cannot be told while nobody knows what is in force.
    widgets.show_error(error)
    st.stop()
services.remember(here.coverage, report)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.header("1  Preflight", width="content")
    shown = widgets.reveal_toggle()
commit_views.preflight(here, report, shown=shown)
said_views.panel(here)

st.header("2  What will change")
staying_views.staying(here, plan, shown=shown)
commit_views.change(plan)
# Beside the lists, for they are what is approved.
approval, waiting = approval_views.approve(plan)
if approval != state.selection(f"approval_{here.district_id}", ""):
    state.select(f"approval_{here.district_id}", approval)
    st.rerun()
roster_lists.by_school_and_grade(here)
roster_lists.class_lists(plan, shown=shown)
roster_lists.excused(here, shown=shown)

st.header("3  Commit")
receipt_views.confirm(here, plan, report, approval, waiting=waiting)

st.header("Receipts")
receipt_views.history(here.district_id)
report_views.panel(here, report)
