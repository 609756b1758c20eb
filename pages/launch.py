"""The seven steps of a district to Ready To Assess: window and launch, requests, people, headcounts, a new window."""

from __future__ import annotations

import streamlit as st

from pages.shared import frame, launch_desk, launch_people, launch_views, request_views, services, window_views

frame.set_page()
services.require_access()
st.title("Launch")
here = launch_desk.open_launch()
launch_desk.outcome()
launch_views.head(here)
launch_views.dates(here)

st.header("Seven steps to Ready To Assess")
launch_views.steps(here)

st.header("What is kept of this district")
launch_desk.outcome(below=True)
requests, people, days, expected, windows = st.tabs(
    ["Requests", "People", "Calendar", "Expected headcounts", "Windows"], key="launch_tabs"
)
with requests:
    request_views.listing(here)
with people:
    launch_people.people(here)
with days:
    launch_people.days_off(here)
with expected:
    launch_people.expected(here)
with windows:
    window_views.new_window(here)
    window_views.earlier(here)
