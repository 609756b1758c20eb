"""What the district shared: facets that recount each other, names, and Keep or Drop that writes a rule."""

from __future__ import annotations

import streamlit as st

from pages.shared import family_views, frame, rule_desk, section_views, services, twin_views, widgets

frame.set_page()
services.require_access()
st.title("Sections")
here = frame.open_district()
frame.strip(here)

found, kind, undo = st.columns([3, 1.3, 1], vertical_alignment="bottom")
with found:
    search = st.text_input("Search names", key="sections_search", live=True, placeholder="home, HR, advisory …") or ""
with kind:
    by = st.radio("List", [section_views.FAMILIES, section_views.NAMES], horizontal=True, key="sections_by")
with undo:
    rule_desk.undo_redo(here.district_id)
chosen = section_views.chosen_facets(here)
narrow, listed = st.columns([1.24, 2.1], gap="small")
with narrow:
    section_views.facet_lists(here, chosen, search)
with listed:
    picked, sections = section_views.groups(here, chosen, search, by)
    section_views.actions(here, picked, chosen, search, by)
    widgets.link("pages/rules.py", "See and change the rules →")
    if len(sections):
        family_views.why_sections(here, sections)
twin_views.draw(here)
family_views.near_families(here)
family_views.odd_rooms(here)
