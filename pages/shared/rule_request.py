"""The request for the district: what it would change in its sharing screen, as text to copy and as a letter."""

from __future__ import annotations

import streamlit as st

from pages.shared import frame, rule_insights, services, widgets
from pages.shared.frame import OpenDistrict
from roster_core.letter import to_eml
from roster_core.messages import Message
from roster_core.rules import RuleSet
from roster_core.sharing import PLATFORMS, SharingRequest


def panel(opened: OpenDistrict) -> None:
    """Draws the panel with the request; it is made only while it is open."""
    district = opened.district_id
    box = st.expander("Request for the district", key=f"{district}:request", on_change="rerun")
    if not box.open:
        return
    with box:
        draw(opened, frame.finished(opened.draft), key=f"{district}:request")


def draw(opened: OpenDistrict, rule_set: RuleSet, *, key: str, instead_of: RuleSet | None = None) -> None:
    """Draws the request of some rules: platform, counts, what cannot be said, text and files.

    `instead_of`: the rules the district shares by now, for a what-if; None where it shares all it shared.
    """
    if not rule_set.rules:
        st.caption("Make a rule first; the request asks the district to share what your rules keep.")
        return
    platform = st.radio(
        "The district shares through", list(PLATFORMS), key=f"{key}:platform", horizontal=True,
        format_func=lambda each: PLATFORMS[each].name,
    )  # fmt: skip
    product = services.settings().product_name
    request = rule_insights.request(opened.roster, rule_set, platform, product, instead_of=instead_of)
    st.markdown(changes(request))
    if request.lost:
        st.warning(f"{widgets.count(request.lost, 'student')} would lose the section your rules keep.")
    _unsaid(request)
    widgets.to_copy("Text to copy", request.text, key=f"{key}:text")
    _downloads(opened.district_id, request, key)


def changes(request: SharingRequest) -> str:
    """What the request would change at the district, as a table in Markdown: sections and students, now and after."""
    rows = (
        ("Sections shared", request.sections_before, request.sections_after),
        ("Students in a shared section", request.students_before, request.students_after),
    )
    lines = ["| Counts | Now | After |", "|:--|--:|--:|"]
    lines += [f"| {label} | {widgets.number(was)} | {widgets.number(now)} |" for label, was, now in rows]
    one = f"{widgets.number(request.one)} of {widgets.number(request.in_scope)}"
    return "\n".join([*lines, f"| Assessed students in exactly one, by the request alone | | {one} |"])


def _unsaid(request: SharingRequest) -> None:
    if request.complete:
        st.caption(":material/check: The district can say all of it.")
        return
    st.markdown("Not to be said there; our side does it:")
    st.markdown("\n".join(f"- {widgets.plain(text)}" for text in request.obstacles))


def _downloads(district: str, request: SharingRequest, key: str) -> None:
    letter = to_eml(Message(request.subject, request.text), services.now())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download as text", data=request.text, file_name=f"{district}-sharing-request.txt", mime="text/plain",
            icon=":material/download:", key=f"{key}:txt", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Download as e-mail", data=letter,
            mime="message/rfc822", file_name=f"{district}-sharing-request.eml", icon=":material/mail:",
            key=f"{key}:eml", on_click="ignore", help="Opens in a mail program as a message not yet sent.",
        )  # fmt: skip
    st.caption("It names no student. The files have the text as the app wrote it. Nothing is sent from here.")
