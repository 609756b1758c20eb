"""Activity: what was done to each district, by whom, when; what is held of it, and how long."""

from __future__ import annotations

import streamlit as st

from pages.shared import activity_views, custody_views, frame, services

frame.set_page()
services.require_access()
st.title("Activity")
frame.pick_district()
activity_views.chain()
done, held = st.tabs(["What was done", "What is held of a district"])
with done:
    activity_views.listing()
with held:
    custody_views.draw()
