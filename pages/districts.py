"""The morning screen: every district, what wants attention first, what is behind each row, and ways to add one."""

from __future__ import annotations

import streamlit as st

from pages.shared import district_card, district_loads, district_views, frame, scope, services

frame.set_page()
services.require_access()
district_views.take_selection()
head = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute")
head.title("Districts")
district_loads.in_the_background()
district_loads.loads()
chosen = frame.pick_district()
here = frame.look(chosen) if chosen else None
if here is not None and scope.answered(chosen):
    frame.strip(here)

rows = services.rows()
district_loads.refresh_all_button(head, rows)
district_loads.refreshed()
looked_at = district_views.looked_at(rows, chosen)
district_views.listing(rows, looked_at)
for row in rows:
    if row.facts.district_id == looked_at:
        district_card.card(row, here if looked_at == chosen else None, rows)
district_loads.bring_in(rows)
