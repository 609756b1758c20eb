"""What the district shared: facets that recount each other, names, and Keep or Drop that writes a rule."""

from __future__ import annotations

import streamlit as st

from pages.shared import family_views, frame, rule_desk, section_views, services, twin_views, widgets

frame.set_page()
services.require_access()
st.title("Sections")
here = frame.open_district()
frame.strip(here)

with st.container(horizontal=True, vertical_alignment="bottom"):
    search = st.text_input("Search names", key="sections_search", live=True, placeholder="home, HR, advisory …") or ""
    by = st.radio(
        "List", [section_views.FAMILIES, section_views.NAMES], horizontal=True, key="sections_by", width="content"
    )
    rule_desk.undo_redo(here.district_id)
chosen = section_views.chosen_facets(here)
# The list and one column of facets side by side; on a narrow screen the facets stand below it, two abreast or one.
beside = st.grid(3, min_column_width=section_views.NARROWEST)
with beside.cell(column_span=2, row_span=len(section_views.FACETS)):
    picked, sections = section_views.groups(here, chosen, search, by)
    section_views.actions(here, picked, chosen, search, by)
    widgets.link("pages/rules.py", "See and change the rules →" if services.may("reviewer") else "See the rules →")
    if len(sections):
        family_views.why_sections(here, sections)
with beside:
    section_views.facet_lists(here, chosen, search)
twin_views.draw(here)
family_views.near_families(here)
family_views.odd_rooms(here)
