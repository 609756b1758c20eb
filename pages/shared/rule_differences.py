"""What two rule sets do differently on one roster: their numbers, and the students and sections that differ."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import downloads, state, widgets
from roster_core.compare import CHANGES, Comparison, compare
from roster_core.coverage import Coverage
from roster_core.roster import id_codes

#: Rows of a list that are shown; the download has all.
_SHOWN = 200

_LISTS = {
    "gained": "Newly in exactly one",
    "lost": "No longer in exactly one",
    "moved": "In another section than before",
    "still_broken": "Still in none or several",
    "newly_broken": "Newly in none or several",
    "sections_in": "Sections newly kept",
    "sections_out": "Sections no longer kept",
}
_COLUMNS = {
    "in_scope": "Students",
    "one_before": "In one before",
    "one_after": "In one after",
    "gained": "Gained",
    "lost": "Lost",
    "moved": "Moved",
    "still_broken": "Still broken",
    "newly_broken": "Newly broken",
    "was": "Before",
    "now": "After",
    "from_section_ids": "Section ids before",
    "from_section_names": "Sections before",
    "section_ids": "Section ids after",
    "section_names": "Sections after",
    "students": "Students",
}


def draw(district: str, before: tuple[str, Coverage], after: tuple[str, Coverage], *, key: str) -> None:
    """Draws two columns of numbers, what changes in sentences and by school or grade, and the lists of who differs.

    `before`, `after`: the name of each side and what it does. `key` begins the keys of what is drawn.
    """
    comparison = compare(before[1], after[1])
    st.markdown(numbers(before, after))
    st.markdown("\n".join(f"- {widgets.plain(line)}" for line in comparison.sentences()[1:]) or "Nothing changes.")
    if comparison.same:
        return
    by = st.radio(
        "Changes by", ("grade", "school"), horizontal=True, key=f"{key}:by", format_func=str.capitalize
    )  # fmt: skip
    _table(_by(comparison, by), f"Students before and after, and what changes for them, by {by}", f"{key}:{by}")
    _lists(district, comparison, key)


def numbers(before: tuple[str, Coverage], after: tuple[str, Coverage]) -> str:
    """The counts of both sides and their difference, as a table in Markdown."""
    names = [widgets.plain(name) for name, _ in (before, after)]
    lines = [f"| Counts | {names[0]} | {names[1]} | Change |", "|:--|--:|--:|--:|"]
    for name, label in (
        ("one", "In exactly one"),
        ("none", "In none"),
        ("several", "In several"),
        ("excused", "Excused"),
        ("sections_kept", "Sections kept"),
    ):
        was, now = (getattr(coverage, name) for _, coverage in (before, after))
        change = f"{now - was:+,}" if now != was else "–"
        lines.append(f"| {label} | {widgets.number(was)} | {widgets.number(now)} | {change} |")
    return "\n".join(lines)


def with_numbers(comparison: Comparison, frame_of: pd.DataFrame, *, names: bool) -> pd.DataFrame:
    """A list of students with their student number after the id, and with names only where they are asked for."""
    students = comparison.after.roster.students
    rows = id_codes(frame_of["student_id"], students["student_id"])
    columns = ("student_number", *(("first_name", "last_name") if names else ()))
    added = {name: students[name].take(rows).to_numpy() for name in columns}
    listed = frame_of.drop(columns="school_id").assign(grade=frame_of["grade"].map(widgets.grade_label))
    for place, (name, texts) in enumerate(added.items(), start=1):
        listed.insert(place, name, pd.array(texts, dtype="str"))
    # Ids come last: people read names of sections, and look ids up.
    ids = ["from_section_ids", "section_ids"]
    return listed[[*(name for name in listed.columns if name not in ids), *ids]]


def _by(comparison: Comparison, by: str) -> pd.DataFrame:
    if by == "grade":
        table = comparison.by_grade()
        return table.assign(grade=table["grade"].map(widgets.grade_label))
    table = comparison.by_school().drop(columns="school_id")
    changes = table[["gained", "lost", "moved"]].sum(axis="columns")
    return table.iloc[changes.to_numpy().argsort(kind="stable")[::-1]].reset_index(drop=True)


def _lists(district: str, comparison: Comparison, key: str) -> None:
    counts = comparison.counts
    kinds = [kind for kind in _LISTS if counts[kind]]
    if not kinds:
        return
    # The numbers stand beside the list, for its entries keep their words while the numbers move.
    chosen = st.selectbox("List", kinds, key=f"{key}:list", format_func=_LISTS.__getitem__, width=320)
    listed = _listed(comparison, chosen)
    shown = f", the first {_SHOWN} listed" if len(listed) > _SHOWN else ""
    noun = "student" if chosen in CHANGES else "section"
    st.caption(f"{widgets.count(len(listed), noun)}{shown}")
    _table(listed.head(_SHOWN), f"{_LISTS[chosen]}: the {noun}s", f"{key}:{chosen}")
    named = chosen in CHANGES and state.revealed()
    file = downloads.File("differences", district, len(listed), named)
    downloads.csv_button(file, lambda: listed, f"Download {widgets.count(len(listed), noun)}", key=f"{key}:csv")


def _listed(comparison: Comparison, chosen: str) -> pd.DataFrame:
    if chosen in CHANGES:
        return with_numbers(comparison, comparison.students(chosen), names=state.revealed())
    table = comparison.sections_in if chosen == "sections_in" else comparison.sections_out
    return table.drop(columns="school_id")


def _table(table: pd.DataFrame, alt: str, key: str) -> None:
    st.dataframe(
        table, hide_index=True, key=key, column_config=dict(widgets.COLUMN_LABELS) | _columns(table), alt=alt,
        height=widgets.table_height(len(table), 9),
    )  # fmt: skip


def _columns(table: pd.DataFrame) -> dict[str, object]:
    """What the columns are called; numbers with their thousands apart."""
    numbers = set(table.select_dtypes("number").columns)
    return {
        name: st.column_config.NumberColumn(label, format="localized") if name in numbers else label
        for name, label in _COLUMNS.items()
    }
