"""What the draft does, beside the rules: the counts against the saved rules, and the bars by grade."""

from __future__ import annotations

import streamlit as st

from pages.shared import grade_bars, widgets
from roster_core.coverage import Coverage


def draw(district: str, coverage: Coverage, saved: Coverage | None, version: int) -> None:
    """Draws the counts, and the bars by grade with their table."""
    with st.container(horizontal=True, gap="small"):
        for label, name, good in (
            ("In exactly one", "one", "normal"),
            ("In none", "none", "inverse"),
            ("In several", "several", "inverse"),
        ):
            value = getattr(coverage, name)
            change = None if saved is None else value - getattr(saved, name)
            delta = f"{change:+,} since v{version}" if change else None
            st.metric(label, widgets.number(value), delta=delta, delta_color=good, width="content")
    if coverage.settled_by_order:
        st.caption(f"{widgets.count(coverage.settled_by_order, 'student')} settled by the order of the rules.")
    by_grade = coverage.by_grade()
    if not len(by_grade):
        st.caption("Nobody is assessed. Change grades or schools above.")
        return
    grade_bars.draw(by_grade)
    table = st.expander("The same as a table", key=f"{district}:by_grade:table", on_change="rerun")
    if table.open:
        table.dataframe(
            by_grade.assign(grade=by_grade["grade"].map(widgets.grade_label)),
            hide_index=True,
            column_config=widgets.COLUMN_LABELS,
            alt="Students by grade: in scope, in none, in exactly one, in several, excused",
        )
