"""Drawing pieces of the commit page while an assessment window is open: who stays, and approving moves and removals."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import streamlit as st

from pages.shared import downloads, services, state, widgets
from pages.shared.frame import OpenDistrict
from pages.shared.services import window as windows
from roster_core.open_window import awaiting
from roster_core.plan import CommitPlan

#: A page lists so many students; the download has them all.
MOST_ROWS = 1_000

_COLUMNS = {
    **widgets.COLUMN_LABELS,
    "section_name": "In section, as committed",
    "to_section_name": "Where they would go",
}
#: The columns of the list, in order: those who approve know students by number and name, and look ids up.
_LISTED = [
    "student_number",
    "last_name",
    "first_name",
    "grade",
    "school_name",
    "section_name",
    "to_section_name",
    "student_id",
]

Changes = list[tuple[str, str]]


def staying(here: OpenDistrict, plan: CommitPlan, *, shown: bool) -> None:
    """Everybody who stays as committed until somebody approves, and what is approved; nothing outside a window."""
    window = windows.window_of(here.district_id)
    if not window or not plan.current_receipt_id:
        return
    approved = awaiting(plan)
    with st.container(border=True):
        st.markdown(f":material/event_available: **The assessment window is open** ({window}).")
        if not len(plan.stayed) and not len(approved):
            st.caption("Nobody would move or leave. New students and corrected details are committed as ever.")
            return
        st.caption(
            "A child who has begun must not lose their place by a slip in someone else's system. New students and "
            "corrected details are committed as ever; whoever would move or leave stays until you approve it."
        )
        if len(plan.stayed):
            _waiting(here, plan, shown=shown)
        if len(approved):
            _approved(here, plan, approved)


def _waiting(here: OpenDistrict, plan: CommitPlan, *, shown: bool) -> None:
    stayed = plan.stayed
    names = plan.rows.set_index("student_id").loc[stayed["student_id"], ["student_number", "last_name", "first_name"]]
    table = pd.concat([names.reset_index(drop=True), stayed], axis=1)
    table["to_section_name"] = _destination(stayed)
    st.markdown(f"**{widgets.count(len(stayed), 'student stays', 'students stay')} as committed**")
    key = f"staying_{plan.digest[:12]}"
    listed = table[_LISTED].head(MOST_ROWS).assign(grade=table["grade"].head(MOST_ROWS).map(widgets.grade_label))
    chosen = st.dataframe(
        widgets.masked(listed, shown=shown),
        key=key,
        hide_index=True,
        column_config=_COLUMNS,
        on_select="rerun",
        selection_mode="multi-row",
        height=widgets.table_height(len(listed), 8),
        alt="Students who stay as committed, with the section they would go to",
    )
    if len(stayed) > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS:,} of {len(stayed):,}; the download has them all.")
    if widgets.allowed("committer"):
        _approve(here, plan, stayed.iloc[list(chosen.selection.rows)], key)
    file = downloads.File("staying", here.district_id, len(stayed))
    told = stayed.drop(columns=["to_section_id"]).assign(to_section_name=_destination(stayed))
    downloads.csv_button(file, lambda: told, "Download this list (CSV)", key=f"download_{key}")


def _approve(here: OpenDistrict, plan: CommitPlan, chosen: pd.DataFrame, key: str) -> None:
    """Approving those marked in the list, all of one section, or all."""
    stayed = plan.stayed
    rooms = stayed.drop_duplicates("section_id").sort_values("section_name")
    labels = dict(zip(rooms["section_id"], rooms["section_name"], strict=True))
    sizes = stayed["section_id"].value_counts()
    to = (here.district_id, plan.current_receipt_id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            f"Approve the {len(chosen):,} marked" if len(chosen) else "Approve those you mark",
            key="approve_marked",
            disabled=chosen.empty,
            on_click=_approve_all,
            args=(*to, _pairs(chosen), key),
        )
        room = st.selectbox(
            "Section they leave",
            list(labels),
            format_func=lambda section: f"{labels[section]} ({sizes[section]:,})",
            key=f"room_{key}",
            width=260,
        )
        leaving = stayed[stayed["section_id"] == room]
        st.button(
            f"Approve this section ({len(leaving):,})",
            key="approve_section",
            on_click=_approve_all,
            args=(*to, _pairs(leaving), key),
        )
        everybody = (*to, _pairs(stayed), key)
        st.button(f"Approve all {len(stayed):,}", key="approve_every", on_click=_approve_all, args=everybody)


def _approved(here: OpenDistrict, plan: CommitPlan, approved: pd.DataFrame) -> None:
    moved, removed = len(plan.moved), len(plan.removed)
    told = [widgets.count(moved, "move") if moved else "", widgets.count(removed, "removal") if removed else ""]
    said = " and ".join(filter(None, told))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/check: **Approved:** {said}, listed below.", width="content")
        st.button(
            "Take the approval back",
            key="withdraw_changes",
            disabled=not services.may("committer"),
            help=None if services.may("committer") else services.only("committer"),
            on_click=windows.withdraw_changes,
            args=(here.district_id, plan.current_receipt_id, _pairs(approved)),
        )


def _approve_all(district_id: str, receipt_id: str, changes: Collection[tuple[str, str]], key: str) -> None:
    windows.approve_changes(district_id, receipt_id, changes)
    state.forget_widget(key)


def _destination(stayed: pd.DataFrame) -> pd.Series:
    """The section each would go to; words for who would leave, and where only details differ."""
    words = stayed["change"].map({"removed": "None: would be removed", "moved": "", "updated": ""})
    return words.where(words != "", stayed["to_section_name"])


def _pairs(frame: pd.DataFrame) -> Changes:
    return list(zip(frame["student_id"], frame["to_section_id"], strict=True))
