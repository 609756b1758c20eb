"""The frame: page settings, access, the list of pages, and the page itself."""

from __future__ import annotations

import streamlit as st

from pages.shared import frame, services

PAGES = (
    st.Page("pages/districts.py", title="Districts", icon=":material/domain:", default=True),
    st.Page("pages/sections.py", title="Sections", icon=":material/view_list:"),
    st.Page("pages/rules.py", title="Rules", icon=":material/tune:"),
    st.Page("pages/students.py", title="Students", icon=":material/group:"),
    st.Page("pages/commit.py", title="Commit", icon=":material/task_alt:"),
)

frame.set_page()
services.require_access()
st.navigation(list(PAGES)).run()
