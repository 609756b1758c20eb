"""The frame: access, which pages there are, and the page itself."""

from __future__ import annotations

import streamlit as st

from pages.shared import services

PAGES = (
    st.Page("pages/districts.py", title="Districts", default=True),
    st.Page("pages/sections.py", title="Sections"),
    st.Page("pages/rules.py", title="Rules"),
    st.Page("pages/students.py", title="Students"),
    st.Page("pages/commit.py", title="Commit"),
    st.Page("pages/launch.py", title="Launch"),
    st.Page("pages/activity.py", title="Activity"),
)

services.require_access()
# The list of pages is drawn by each page itself, so that it is there on a first visit by a page's own link too.
st.navigation(list(PAGES), position="hidden").run()
