"""Drawing piece of what the product itself said of a district's students: brought in as a file, shown as findings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.shared import downloads, services, state, widgets
from pages.shared.frame import OpenDistrict
from pages.shared.services import reports
from roster_core.errors import RosterError
from roster_core.findings import Finding

_OWNERS = {"us": "ours", "district": "the district", "Clever": "Clever"}


def panel(here: OpenDistrict) -> None:
    """Draws the list as it was last brought in, and the field to bring in another, once the panel is opened."""
    product = services.settings().product_name
    last = reports.told(here.district_id)
    # The label stays as it is, or the panel would close when a list is brought in.
    box = st.expander(f"Errors {product} sent back", key=f"{here.district_id}:said", on_change="rerun")
    if last is not None:
        st.caption(f"{product} sent back {widgets.count(len(last.findings), 'finding')}, {widgets.clock(last.at)}.")
    if not box.open:
        return
    with box:
        if last is None:
            st.caption(f"If {product} sends a list of errors back, bring it in here; it stands beside the preflight.")
        else:
            st.caption(f"Brought in {widgets.clock(last.at)} by {widgets.plain(last.actor)}, without names.")
            _findings(here.district_id, last.findings)
        _bring_in(here.district_id)


def _findings(district: str, findings: Sequence[Finding]) -> None:
    frame = pd.DataFrame(
        {
            "Students": [len(one.student_ids) for one in findings],
            "What it said": [one.message for one in findings],
            "Whose": [_OWNERS.get(one.owner, one.owner) for one in findings],
            "Severity": [one.severity for one in findings],
            "student_ids": ["; ".join(one.student_ids) for one in findings],
        }
    )
    st.dataframe(frame, hide_index=True, column_config=widgets.COLUMN_LABELS, alt="Errors sent back, by what was said")
    with st.container(horizontal=True):
        file = downloads.File("sent-back", district, len(frame))
        downloads.csv_button(file, lambda: frame, "Download them (CSV)", key=f"{district}:said:csv")
        if services.may("reviewer"):
            st.button("Forget them", key=f"{district}:said:forget", on_click=reports.forget_told, args=(district,))


def _bring_in(district: str) -> None:
    if not widgets.allowed("reviewer"):
        return
    # A new field after each list, so that the next one can be the same file.
    turn = state.selection(f"{district}:said:turn", 0)
    key = f"{district}:said:file:{turn}"
    st.file_uploader(
        "Bring in a list (CSV with a column of student numbers or ids, and one of messages)", type=["csv", "txt"],
        key=key, on_change=_take, args=(district, key, turn),
    )  # fmt: skip
    if problem := state.selection(f"{district}:said:problem"):
        st.error(widgets.plain(problem))


def _take(district: str, key: str, turn: int) -> None:
    file = state.widget(key)
    if file is None:
        return
    state.select(f"{district}:said:turn", turn + 1)
    try:
        reports.bring_in(district, file.getvalue(), file.name)
    except RosterError as error:
        state.select(f"{district}:said:problem", str(error))
    else:
        state.select(f"{district}:said:problem", None)
