"""The morning screen: every district, what wants attention first, what is behind each row, and ways to add one."""

from __future__ import annotations

import streamlit as st

from pages.shared import (
    change_views,
    district_card,
    district_loads,
    district_views,
    frame,
    scope,
    services,
    standing,
    warm_up,
    widgets,
)

frame.set_page()
services.require_access()
district_views.take_selection()
head = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute")
head.title("Districts")
# What comes and goes has a place of its own, so that nobody who types or has chosen a tab below is interrupted.
with st.container():
    district_loads.in_the_background()
    district_loads.loads()
chosen = district_views.chosen()
here = frame.look(chosen) if services.roster_info(chosen) else None
with st.container():
    if here is not None and scope.answered(chosen):
        standing.look_again(here.coverage)
        frame.strip(here)
        change_views.card(here)

rows = services.rows(widgets.zone())
district_loads.refresh_all_button(head, rows)
with st.container():
    district_loads.refreshed()
with st.container():
    district_views.listing(rows, chosen)
with st.container():
    for row in rows:
        if row.facts.district_id == chosen:
            district_card.card(row, here, rows)
district_loads.bring_in(rows)
warm_up.charts()
warm_up.pages()
