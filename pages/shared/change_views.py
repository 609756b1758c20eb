"""Drawing pieces of what a refresh brought: a card that can be put away, with lists to look through and download."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared import downloads, services, state, student_groups, widgets
from pages.shared.frame import OpenDistrict
from pages.shared.services import changes as compared
from roster_core.changes import Changes
from roster_core.errors import RosterError
from roster_core.roster import id_codes

#: A list on the page has so many rows; the download has them all.
MOST_ROWS = 500

#: The lists: their heading, and what a row of each is.
_LISTS: Mapping[str, tuple[str, str]] = {
    "turned": ("Students who changed between one, none and several", "student"),
    "moved": ("Students in another section", "student"),
    "gone_sections": ("Sections that are gone", "section"),
    "new_names": ("Section names never seen before", "name"),
    "arrived": ("New students", "student"),
    "left": ("Students who left", "student"),
    "by_school_grade": ("New and left, by school and grade", "line"),
}
_LABELS = {
    **widgets.COLUMN_LABELS,
    "before": "Before",
    "after": "Now",
    "stands": "Stands",
    "from_section_name": "Section before",
    "sections": "Sections",
    "students": "Students",
    "kept": "Kept by the rules",
    "arrived": "New",
    "left": "Left",
}
#: The lists whose students this roster has, with what the Students page calls them.
_OF_STUDENTS = {
    "turned": "standing otherwise than before",
    "moved": "in another section than before",
    "arrived": "new since the roster before",
}


def open_after_load(district_id: str) -> None:
    """Has the card drawn open for a roster that this session has just loaded."""
    state.select(_key(district_id), True)


def card(here: OpenDistrict) -> None:
    """What changed since an earlier roster; folded to one line unless this session loaded the roster or opened it."""
    earlier = compared.earlier_rosters(here.district_id)
    if not earlier:
        return
    key = _key(here.district_id)
    if not state.selection(key):
        when = widgets.clock(earlier[0].fetched_at)
        st.button(
            f"What changed since {when}",
            key=f"open_{key}",
            type="tertiary",
            icon=":material/difference:",
            on_click=state.select,
            args=(key, True),
        )
        return
    with st.container(border=True):
        _opened(here, earlier, key)


def _opened(here: OpenDistrict, earlier: list[services.RosterInfo], key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        title = st.container()
        st.button("Put away", key=f"close_{key}", icon=":material/close:", on_click=state.select, args=(key, False))
    times = {info.fingerprint: widgets.clock(info.fetched_at) for info in earlier}
    since = next(iter(times))
    if len(times) > 1:
        since = st.selectbox(
            "Compared with the roster of", list(times), format_func=times.get, key=f"since_{key}", width=260
        )
    title.header(f"What changed since {times[since]}")
    try:
        found = compared.changes_since(here.coverage, since)
    except RosterError as error:
        widgets.show_error(error)
        return
    st.markdown("\n".join(f"- {widgets.plain(sentence)}" for sentence in found.sentences()))
    for name in _LISTS:
        _listed(here, found, name, key)


def _listed(here: OpenDistrict, found: Changes, name: str, key: str) -> None:
    frame: pd.DataFrame = getattr(found, name)
    if frame.empty:
        return
    heading, noun = _LISTS[name]
    # The heading says already what a row is, but for the last list.
    said = widgets.number(len(frame)) if noun != "line" else widgets.count(len(frame), noun)
    box = st.expander(f"{heading}: {said}", key=f"{name}_{key}", on_change="rerun")
    if not box.open:
        return
    with box:
        frame = _with_numbers(here, frame)
        shown = frame.head(MOST_ROWS)
        if "grade" in shown:
            shown = shown.assign(grade=shown["grade"].map(widgets.grade_label))
        st.dataframe(
            shown.drop(columns="school_id", errors="ignore"),
            hide_index=True,
            column_config=_LABELS | ({"section_name": "Section now"} if name == "moved" else {}),
            height=widgets.table_height(len(shown), 8),
            alt=f"{heading}, without names of students",
        )
        if len(frame) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS:,} of {len(frame):,}; the download has them all.")
        file = downloads.File(f"changes-{name.replace('_', '-')}", here.district_id, len(frame))
        with st.container(horizontal=True):
            if name in _OF_STUDENTS:
                _to_students(here, found, name, key)
            downloads.csv_button(file, lambda: frame, "Download (CSV)", key=f"download_{name}_{key}")


def _with_numbers(here: OpenDistrict, frame: pd.DataFrame) -> pd.DataFrame:
    """A list of students with their number beside the id, where this roster has it; other lists as they are."""
    if "student_id" not in frame:
        return frame
    rows = id_codes(frame["student_id"], here.roster.students["student_id"])
    known = np.append(here.roster.students["student_number"].to_numpy(dtype=object), "")
    numbered = frame.reset_index(drop=True)
    numbered.insert(1, "student_number", pd.array(known[rows], dtype="str"))
    return numbered


def _to_students(here: OpenDistrict, found: Changes, name: str, key: str) -> None:
    """A button that opens the Students page with the students of a list, until the filter is taken away there."""
    frame: pd.DataFrame = getattr(found, name)
    if st.button(
        f"See {'them' if len(frame) > 1 else 'the student'} on the Students page", key=f"bring_{name}_{key}",
        icon=":material/group:", on_click=_bring, args=(here, frame, _OF_STUDENTS[name]),
    ):  # fmt: skip
        widgets.go("pages/students.py")


def _bring(here: OpenDistrict, frame: pd.DataFrame, words: str) -> None:
    rows = id_codes(frame["student_id"].reset_index(drop=True), here.roster.students["student_id"])
    student_groups.bring(here.district_id, here.coverage, rows[rows >= 0].astype(np.int64), words, "pages/districts.py")


def _key(district_id: str) -> str:
    return f"changes:{district_id}"
