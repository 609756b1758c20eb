"""Drawing pieces of the commit page's second step: what the roster would hold, counted and listed."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.shared import services, student_pins, widgets
from pages.shared.frame import OpenDistrict
from roster_core.plan import CommitPlan

#: A page lists so many excused students; the Students page has them all.
MOST_ROWS = 1_000


def by_school_and_grade(here: OpenDistrict) -> None:
    """Students by school and by grade: in exactly one, not yet, excused, and the headcount expected."""
    expected = services.profile(here.district_id).expected
    schools, grades = st.tabs(["By school", "By grade"], key="counts", on_change="rerun")
    if schools.open:
        counts = here.coverage.by_school()
        counts["school_name"] = counts["school_name"].where(counts["school_name"] != "", counts["school_id"])
        with schools:
            _counts(counts, "school_name", counts["school_id"], expected.schools, "Students by school")
    if grades.open:
        counts = here.coverage.by_grade()
        words = counts["grade"].map(widgets.grade_label)
        with grades:
            _counts(counts.assign(grade=words), "grade", counts["grade"], expected.grades, "Students by grade")


def class_lists(plan: CommitPlan, *, shown: bool) -> None:
    """One class list as its teacher will see it, once the panel is opened; its school and section are chosen in it."""
    box = st.expander("Class lists as a teacher will see them", key="class_lists", on_change="rerun")
    if box.open:
        with box:
            _class_list(plan, shown=shown)


def _class_list(plan: CommitPlan, *, shown: bool) -> None:
    rows = plan.rows
    if rows.empty:
        st.caption("Nobody would be rostered yet.")
        return
    where, which = st.columns(2)
    schools = rows.drop_duplicates("school_id").sort_values("school_name")
    names = dict(zip(schools["school_id"], schools["school_name"], strict=True))
    school = where.selectbox("School", list(names), format_func=lambda key: names[key] or key, key="class_school")
    sections = rows[rows["school_id"] == school].drop_duplicates("section_id").sort_values("section_name")
    labels = dict(
        zip(sections["section_id"], sections["section_name"] + "  ·  " + sections["teacher_name"], strict=True)
    )
    section = which.selectbox("Section", list(labels), format_func=labels.get, key=f"class_section_{school}")
    listed = rows[rows["section_id"] == section].sort_values(["last_name", "first_name"])
    st.caption(f"{widgets.count(len(listed), 'student')} on this list")
    columns = ["last_name", "first_name", "student_number", "grade", "birthdate"]
    frame = listed[columns].assign(grade=listed["grade"].map(widgets.grade_label))
    widgets.student_table(frame, key="class_list", alt="The students of one section", shown=shown)


def excused(here: OpenDistrict, *, shown: bool) -> None:
    """Who is left out on purpose, once the panel is opened: to follow with owner and date, and not assessed."""
    follow = here.coverage.to_follow
    rest = here.coverage.excused - follow
    label = f"{widgets.number(rest)} not assessed, {widgets.number(follow)} to follow" if rest or follow else "nobody"
    box = st.expander(f"Left out on purpose: {label}", key="left_out", on_change="rerun")
    if not box.open:
        return
    told = student_pins.pins_frame(here.roster, tuple(pin for pin in here.draft.pins if pin.section_id is None))
    if told.empty:
        box.caption("Nobody. Excuse a student on the Students page.")
        return
    with box:
        widgets.student_table(told.head(MOST_ROWS), key="excused", alt="Excused students with reasons", shown=shown)


def _counts(counts: pd.DataFrame, label: str, keys: pd.Series, expected: Mapping[str, int], alt: str) -> None:
    shown = counts[[label, "in_scope", "one", "none", "several", "excused"]]
    if expected:
        shown = shown.assign(Expected=keys.map(expected))
    height = widgets.table_height(len(shown), 12)
    st.dataframe(shown, hide_index=True, column_config=widgets.COLUMN_LABELS, alt=alt, height=height)
