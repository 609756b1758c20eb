"""Every district and where it stands; load or refresh a roster, and see what was found in it."""

from __future__ import annotations

import streamlit as st

from pages.shared import district_views, frame, scope, services, widgets

frame.set_page()
services.require_access()
st.title("Districts")
district_views.loads()
chosen = frame.pick_district()
here = frame.look(chosen) if chosen else None
if here is not None and scope.answered(chosen):
    frame.strip(here)
elif here is not None:
    frame.strip_title(here)
    scope.question(chosen, here.roster)

district_views.listing(chosen)
if here is None:
    widgets.empty("No district yet", "Upload roster files, connect Clever, or look at a sample district below.")
else:
    district_views.found(here)
district_views.bring_in()
