"""Rules: build, test, save. Left what the rules say, right what they do; both move while you type."""

from __future__ import annotations

import streamlit as st

from pages.shared import (
    frame,
    rule_cards,
    rule_compare,
    rule_desk,
    rule_files,
    rule_groups,
    rule_names,
    rule_numbers,
    rule_request,
    rule_starts,
    services,
    suggestions,
    widgets,
)

frame.set_page()
services.require_access()
st.title("Rules")
here = frame.open_district()


@st.fragment
def workbench(district: str) -> None:
    """The draft beside its numbers. Typing repaints this part of the page only."""
    opened = frame.look(district)
    frame.strip(opened)
    saved = None if opened.saved is None else services.coverage(opened.roster, opened.saved.rule_set)
    may_change = services.may("reviewer")
    if may_change and suggestions.wanted(opened):
        suggestions.draw(opened)
        return
    left, right = st.columns([8, 5], gap="medium")
    # The numbers first: they are what a person waits for while typing.
    with right:
        rule_numbers.draw(district, opened.coverage, saved, opened.saved_version)
        why = st.container()
        names = rule_names.draw(district, opened.coverage, saved)
    with left:
        if may_change:
            edit(opened)
        else:
            widgets.allowed("reviewer")
            rule_desk.in_words(opened)
            rule_compare.panel(opened)
            rule_request.panel(opened)
    # Last what takes longest when it is open: nobody waits for it who types.
    with names:
        rule_names.flagged(opened.coverage)
    with why:
        rule_groups.draw(opened)


def edit(opened: frame.OpenDistrict) -> None:
    """The draft as cards, and below it what is needed more rarely."""
    rule_desk.steps(opened)
    rule_cards.draw(opened.district_id, opened.coverage)
    rule_desk.resolve(opened)
    suggestions.ask(opened)
    rule_files.drawer(opened)
    rule_compare.panel(opened)
    rule_starts.panel(opened)
    rule_request.panel(opened)


workbench(here.district_id)
