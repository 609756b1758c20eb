"""Which students are not in exactly one section: pictures to choose from, the chosen students as a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared import downloads, services, state, widgets
from roster_core import charts
from roster_core.coverage import STATUS_NAMES, Coverage
from roster_core.lookup import find_students, match_numbers, split_numbers
from roster_core.roster import Roster, ordered_grades

#: Students on one page of the list.
PAGE = 50

_STANDINGS = {"unsettled": "in none or several", "several": "in several", "none": "in none", "one": "in exactly one",
              "by_order": "settled only by order", "excused": "excused", "all": "assessed"}  # fmt: skip
_PICTURES = {"grade": "By grade", "school_name": "By school", "sections": "Kept sections", "map": "Grade × school"}

#: Pixels of the columns of the list. A wider table widens all alike, so the names of sections ask for room themselves.
_WIDTHS = {
    "student_number": 76,
    "first_name": 84,
    "last_name": 84,
    "grade": 50,
    "school_name": 150,
    "status": 66,
    "section_ids": 340,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the list shows: the students of a standing, a school, a grade, a number of kept sections; '' for any."""

    standing: str = "unsettled"
    school_name: str = ""
    grade: str = ""
    sections: str = ""


def pictures(district: str, coverage: Coverage) -> None:
    """Draws one picture of where students stand; a click on a bar chooses its students for the list below."""
    with st.container(horizontal=True, vertical_alignment="center"):
        view = st.segmented_control(
            "Picture", list(_PICTURES), default="grade", required=True, format_func=lambda key: _PICTURES[key],
            key=f"{district}:picture", label_visibility="collapsed",
        )  # fmt: skip
        if view in ("grade", "school_name"):
            only = st.toggle("Only none and several", key=f"{district}:picture:unsettled")
        else:
            only = False
    counts = _counts(coverage, view or "grade")
    chart, words = _picture(counts, view or "grade", only_unsettled=only)
    # A new key draws the chart anew, without the click that another choice has overtaken.
    key = f"{district}:picture:{view}:{state.selection(f'picture-turn:{district}', 0)}"
    drawn = charts.specification(chart)
    event = st.vega_lite_chart(drawn, key=key, alt=words, on_select="rerun", selection_mode=[charts.PICK])
    if view == "map":
        st.caption("Numbers: % of the assessed students in exactly one section. Choose a cell to list its students.")
    picks = event["selection"].get(charts.PICK, [])
    if _is_news(f"picked:{key}", tuple(tuple(sorted(pick.items())) for pick in picks)):
        _picked(district, dict(picks[0]) if picks else {})
    table = st.expander("The same as a table", key=f"{district}:picture:table", on_change="rerun")
    if table.open:
        shown = charts.map_table(counts) if view == "map" else counts.drop(columns="school_id", errors="ignore")
        if "grade" in shown:
            shown = shown.assign(grade=shown["grade"].map(widgets.grade_label))
        labels = widgets.COLUMN_LABELS | {"sections": "Kept sections", "students": "Students"}
        table.dataframe(shown, hide_index=True, column_config=labels, alt=words, key=f"{district}:picture:rows")


def choices(district: str, roster: Roster) -> Chosen:
    """Draws the same choices as lists, for the keyboard; gives what is chosen."""
    chosen = _chosen(district)
    schools = ["", *sorted(set(roster.schools["school_name"]) - {""})]
    grades = ["", *(grade for grade in ordered_grades(roster.students["grade"]) if grade)]
    numbers = ["", *charts.SECTION_NUMBERS]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choice(district, "Students who are", "standing", chosen.standing, list(_STANDINGS), _STANDINGS)
        _choice(district, "School", "school_name", chosen.school_name, schools, {"": "every school"})
        labels = {grade: widgets.grade_label(grade) for grade in grades} | {"": "every grade"}
        _choice(district, "Grade", "grade", chosen.grade, grades, labels)
        _choice(district, "Kept sections", "sections", chosen.sections, numbers, {"": "any number"})
        if chosen != Chosen():
            st.button("Clear", key=f"{district}:choice:clear", icon=":material/close:", type="tertiary",
                      on_click=_turned, args=(district, Chosen()), help="Everybody in none or several")  # fmt: skip
    return chosen


def rows_of(coverage: Coverage, chosen: Chosen) -> np.ndarray:
    """int64: rows of the chosen students, in the order of the roster; students out of scope never."""
    wanted = {"unsettled": ("none", "several"), "all": tuple(STATUS_NAMES.values())}
    names = wanted.get(chosen.standing, (chosen.standing,))
    if chosen.standing == "by_order":
        mask = coverage.settled_mask.copy()
    else:
        mask = np.isin(coverage.status, [code for code, name in STATUS_NAMES.items() if name in names])
    roster = coverage.roster
    if chosen.school_name:
        schools = roster.schools.loc[roster.schools["school_name"] == chosen.school_name, "school_id"]
        mask &= roster.students["school_id"].isin(schools).to_numpy()
    if chosen.grade:
        mask &= (roster.students["grade"] == chosen.grade).to_numpy()
    if chosen.sections:
        mask &= (charts.section_labels(coverage.kept_counts) == chosen.sections) & (coverage.status != 3)
    return np.flatnonzero(mask)


def found_rows(roster: Roster, text: str) -> np.ndarray:
    """int64: rows of the students found by number or name, whatever else is chosen; for a viewer by number alone.

    A name that is masked must not be found out by trying.
    """
    if services.may("reviewer"):
        return find_students(roster, text)
    matched = match_numbers(roster, split_numbers(text))
    return np.flatnonzero(roster.students["student_id"].isin(list(matched.student_ids)).to_numpy())


def listing(coverage: Coverage, rows: np.ndarray) -> pd.DataFrame:
    """The students of these rows as the list shows them: number, name, grade, school, standing, kept sections."""
    roster = coverage.roster
    students = roster.students.iloc[rows]
    names = dict(zip(roster.schools["school_id"], roster.schools["school_name"], strict=True))
    words = np.array([STATUS_NAMES.get(code, "not assessed") for code in range(-1, len(STATUS_NAMES))], dtype=object)
    return pd.DataFrame(
        {
            "student_id": students["student_id"],
            "student_number": students["student_number"],
            "first_name": students["first_name"],
            "last_name": students["last_name"],
            "grade": students["grade"].map(lambda grade: widgets.grade_label(grade)),
            "school_name": students["school_id"].map(names).fillna(""),
            "status": words[coverage.status[rows] + 1],
            "section_ids": coverage.kept_section_names(rows),
        }
    ).reset_index(drop=True)


def student_list(district: str, coverage: Coverage, rows: np.ndarray, *, shown: bool) -> None:
    """Draws the chosen students a page at a time; choosing one shows why they stand where they stand."""
    pages = max(1, -(-len(rows) // PAGE))
    key = f"{district}:students:{hash(rows.tobytes())}"
    page = 1
    if pages > 1:
        page = st.pagination(pages, key=f"{key}:page")
    here = listing(coverage, rows[(page - 1) * PAGE : page * PAGE])
    event = st.dataframe(
        widgets.masked(here, shown=shown).drop(columns="student_id"),
        key=f"{key}:{page}",
        hide_index=True,
        column_config=widgets.COLUMN_LABELS | {
            name: st.column_config.TextColumn(widgets.COLUMN_LABELS[name], width=width)
            for name, width in _WIDTHS.items()
        },
        on_select="rerun",
        selection_mode="single-row",
        alt="Students with number, name, grade, school, standing and kept sections. Choose one to see why.",
        height=widgets.table_height(len(here), 10),
    )
    rows_chosen = tuple(row for row in event["selection"]["rows"] if row < len(here))
    if _is_news(f"rows:{key}:{page}", rows_chosen):
        state.select(f"student:{district}", here["student_id"].iloc[rows_chosen[0]] if rows_chosen else "")
    download(district, coverage, rows, "students", names=shown)


def download(district: str, coverage: Coverage, rows: np.ndarray, kind: str, *, names: bool) -> None:
    """Draws the download of the students of these rows, with names only where they are revealed."""
    label = f"Download {widgets.count(len(rows), 'student')} {'with' if names else 'without'} names"
    file = downloads.File(kind, district, len(rows), names)
    downloads.csv_button(file, lambda: taken(coverage, rows, names=names), label, key=f"{district}:{kind}:csv")


def taken(coverage: Coverage, rows: np.ndarray, *, names: bool) -> pd.DataFrame:
    """The students of these rows as a file has them; the columns of names only where they are asked for."""
    frame = listing(coverage, rows)
    return frame if names else frame.drop(columns=["first_name", "last_name"])


def open_student(district: str) -> str:
    """The id of the student whose card is open; '' where none is."""
    return str(state.selection(f"student:{district}", ""))


def _counts(coverage: Coverage, view: str) -> pd.DataFrame:
    if view == "sections":
        return charts.section_counts(coverage)
    return {"grade": coverage.by_grade, "school_name": coverage.by_school, "map": coverage.by_school_grade}[view]()


def _picture(counts: pd.DataFrame, view: str, *, only_unsettled: bool) -> tuple[Any, str]:
    if view == "sections":
        return charts.section_histogram(counts), charts.histogram_text(counts)
    if view == "map":
        return charts.coverage_map(counts), charts.map_text(counts)
    return charts.stacked_bars(counts, view, only_unsettled=only_unsettled), charts.bars_text(counts, view)


def _choice(
    district: str, label: str, part: str, chosen: str, options: list[str], labels: Mapping[str, str]
) -> None:
    key = f"{district}:choice:{part}"
    # Set each time, because a click on a bar changes it too.
    state.set_widget(key, chosen if chosen in options else options[0])
    st.selectbox(
        label,
        options,
        format_func=lambda value: labels.get(value, value),
        key=key,
        width=200,
        on_change=lambda: _narrowed(district, part, str(state.widget(key))),
    )


def _chosen(district: str) -> Chosen:
    return state.selection(f"students:{district}", Chosen())


def _narrowed(district: str, part: str, value: str) -> None:
    _turned(district, replace(_chosen(district), **{part: value}))


def _turned(district: str, chosen: Chosen) -> None:
    """Takes over a choice made beside the picture, which is drawn anew without its own."""
    state.select(f"students:{district}", chosen)
    state.select(f"picture-turn:{district}", state.selection(f"picture-turn:{district}", 0) + 1)


def _picked(district: str, first: Mapping[str, Any]) -> None:
    """Takes over a click on a bar; a double click, which chooses nothing, shows everybody unsettled again."""
    standing = first.get("status") or ("all" if first else "unsettled")
    parts = {name: str(first.get(name, "")) for name in ("school_name", "grade", "sections")}
    state.select(f"students:{district}", Chosen(standing, **parts))


def _is_news(key: str, value: tuple[Any, ...]) -> bool:
    """Whether a selection is another than when it was last looked at; a first look at nothing is no news."""
    before = state.selection(key, ())
    state.select(key, value)
    return value != before
