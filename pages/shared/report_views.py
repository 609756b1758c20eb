"""Drawing piece of a district's report: one page to keep or send, with names only where a committer asks for them."""

from __future__ import annotations

import streamlit as st

from pages.shared import downloads, services, widgets
from pages.shared.frame import OpenDistrict
from pages.shared.services import reports
from roster_core.preflight import PreflightReport

#: The kinds of file: label, ending, type.
_FILES = (("Report as PDF", "pdf", "application/pdf"), ("Report as web page", "html", "text/html"))


def panel(here: OpenDistrict, report: PreflightReport) -> None:
    """Draws the downloads of the report on what is on the screen."""
    st.subheader("Report")
    st.write("One page to keep or send: the rules in English, coverage, findings by owner, and the receipt in force.")
    able = services.may("committer")
    names = st.toggle(
        "With the names of the students concerned",
        key=f"{here.district_id}:report:names",
        disabled=not able,
        help="Whoever takes it with names is written down." if able else services.only("committer"),
    )
    file = downloads.File("report", here.district_id, names=names and able)
    with st.container(horizontal=True):
        for label, ending, mime in _FILES:
            make = reports.report_file(
                here.coverage, report, ending, district=here.name, version=_version(here), names=file.names
            )
            downloads.button(file, make, label, ending=ending, mime=mime, key=f"{here.district_id}:report:{ending}")
    if names and able:
        st.caption(f"It names at most the first students of each cause of {widgets.plain(here.name)}. Keep it safe.")
    else:
        st.caption("It names no student.")


def _version(here: OpenDistrict) -> int:
    """The saved version of the rules on the screen; 0 where they have been changed since."""
    saved = here.saved
    return saved.version if saved is not None and saved.rule_set == here.draft else 0
