"""Pictures of coverage: from counts to an Altair chart, with the words that say the same.

Charts get counted rows only, never a row a student: no name can reach the browser through one,
and a district of any size draws at once. Every chart has a sentence for those who do not see it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from roster_core.coverage import Coverage
from roster_core.roster import ordered_grades
from roster_core.vocabulary import GRADE_ORDER, GRADES

#: In the order they are stacked. Each is 3:1 or better on white and differs in lightness, not only in hue.
STATUS_COLOURS: dict[str, str] = {"one": "#1f5f99", "several": "#d97706", "none": "#9f1239", "excused": "#8a929c"}
STATUS_LABELS: dict[str, str] = {
    "one": "exactly one",
    "several": "several",
    "none": "none",
    "excused": "excused",
}

#: The name a click on a bar is told under: `event["selection"][PICK]` is a list of dicts of the clicked fields.
PICK = "pick"

#: A chart of more bars than this is no picture any more; the table beside it has them all.
BAR_LIMIT = 30

_MOST_SECTIONS = 8
#: The numbers of kept sections a histogram tells apart, the last one open.
SECTION_NUMBERS: tuple[str, ...] = (*(str(number) for number in range(_MOST_SECTIONS)), f"{_MOST_SECTIONS} or more")

_TEXT = "#3b424a"
_GRID = "#e4e7ea"
_BAR_HEIGHT = 22
#: Names beside bars and rows: every one is written, nothing is drawn round them.
_NAMES = alt.Axis(labelLimit=180, ticks=False, domain=False, labelOverlap=False, labelFlush=False)
_LEGEND = alt.Legend(title=None, orient="top", symbolType="square", labelLimit=200)


def grade_label(grade: str) -> str:
    """A grade as a chart writes it: `K` for Kindergarten, `Pre-K`, the number, or `no grade`."""
    short = {"Kindergarten": "K", "PreKindergarten": "Pre-K", "TransitionalKindergarten": "TK", "": "no grade"}
    return short.get(grade, grade)


def worst_first(counts: pd.DataFrame, by: str, limit: int = BAR_LIMIT) -> pd.DataFrame:
    """The rows a chart has room for: all of them in school order for grades, else the most unsettled first.

    `counts` has the columns `by`, `in_scope`, `none`, `one`, `several`, `excused` (int64), as
    `Coverage.by_school` and `by_grade` give them. Gives at most `limit` of its rows.
    """
    if by == "grade":
        place = [GRADE_ORDER.get(grade, len(GRADES)) for grade in counts["grade"]]
        return counts.iloc[np.argsort(place, kind="stable")[:limit]]
    unsettled = counts["none"].to_numpy() + counts["several"].to_numpy()
    return counts.iloc[np.argsort(-unsettled, kind="stable")[:limit]]


def stacked_bars(counts: pd.DataFrame, by: str, *, only_unsettled: bool = False) -> alt.LayerChart:
    """One bar a school or grade, split by where its students stand, with `one of all` written beside it.

    `by` is `"grade"` or `"school_name"`; `counts` as for `worst_first`. With `only_unsettled` the
    bars hold only those in none and in several, so that three children in a thousand are visible.
    A click is told under `PICK` with the fields `by` and `status`.
    """
    rows, statuses, order = _bar_rows(worst_first(counts, by), by, only_unsettled=only_unsettled)
    picture = _bar_picture(by, statuses, order).copy(deep=False)
    picture.data = rows
    return picture


def specification(picture: alt.LayerChart) -> dict[str, Any]:
    """A picture as Vega-Lite with its rows. Not validated: that takes longer than all the rest, and tests do it."""
    return picture.to_dict(validate=False)


def section_labels(kept_counts: np.ndarray) -> np.ndarray:
    """object: the number of kept sections of each student as the histogram names it."""
    return np.array(SECTION_NUMBERS, dtype=object)[np.minimum(kept_counts, _MOST_SECTIONS)]


def section_counts(coverage: Coverage) -> pd.DataFrame:
    """How many students are in how many kept sections: `sections` (text, the last open), `students` int64, `status`.

    Students in scope who are not excused. Rows from 0 to the most that occur, at most `8 or more`.
    """
    counted = (coverage.status >= 0) & (coverage.status <= 2)
    students = np.bincount(np.minimum(coverage.kept_counts[counted], _MOST_SECTIONS), minlength=2)
    number = np.arange(len(students))
    status = np.select([number == 0, number == 1], ["none", "one"], default="several")
    labels = list(SECTION_NUMBERS[: len(students)])
    return pd.DataFrame({"sections": labels, "students": students.astype(np.int64), "status": status})


def section_histogram(counts: pd.DataFrame) -> alt.LayerChart:
    """How many students are in 0, 1, 2 … kept sections, the number above each column.

    `counts` as `section_counts` gives it. A click is told under `PICK` with the fields `sections`
    and `status`.
    """
    rows = counts.assign(standing=counts["status"].map(STATUS_LABELS))
    base = alt.Chart(rows).encode(
        x=alt.X("sections:N", sort=list(counts["sections"]), title="kept sections", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("students:Q", title="students", axis=alt.Axis(tickMinStep=1, tickCount=4, format="~s")),
    )
    tooltip = ["sections:N", alt.Tooltip("standing:N", title="standing"), "students:Q"]
    bars = base.mark_bar(cursor="pointer").encode(color=_status_colour(tuple(STATUS_COLOURS), None), tooltip=tooltip)
    bars = bars.encode(opacity=alt.condition(_selection(("sections", "status")), alt.value(1), alt.value(0.35)))
    bars = bars.add_params(_selection(("sections", "status")))
    texts = base.mark_text(dy=-8, fontSize=12, color=_TEXT).encode(text=alt.Text("students:Q", format=","))
    return _framed(bars + texts, height=240)


def coverage_map(counts: pd.DataFrame, limit: int = BAR_LIMIT) -> alt.LayerChart:
    """The share in exactly one for each grade and school, written in each cell; white where nobody is asked for.

    `counts` as `Coverage.by_school_grade` gives it; the `limit` schools with most unsettled
    students are drawn. A click is told under `PICK` with the fields `school_name` and `grade`.
    """
    schools = list(worst_first(counts.groupby("school_name", as_index=False).sum(numeric_only=True), "school_name")
                   ["school_name"].head(limit))
    asked = counts["in_scope"] - counts["excused"]
    rows = counts[counts["school_name"].isin(schools) & (asked > 0)]
    share = rows["one"] / asked[rows.index]
    # Rounded down: 99.9 % is not "100": a full cell means that nobody is left over.
    rows = rows.assign(share=share, label=rows["grade"].map(grade_label), text=np.floor(share * 100).astype("int64"))
    grades = [grade_label(grade) for grade in worst_first(counts.drop_duplicates("grade"), "grade")["grade"]]
    base = alt.Chart(rows).encode(
        x=alt.X("label:N", sort=grades, title="grade", axis=alt.Axis(labelAngle=0, orient="top", ticks=False)),
        y=alt.Y("school_name:N", sort=schools, title=None, axis=_NAMES),
    )
    colour = alt.Color(
        "share:Q", scale=alt.Scale(domain=[0, 0.5, 1], range=["#9f1239", "#f2c48d", "#e8f0f7"]), legend=None
    )
    numbers = ["one:Q", "none:Q", "several:Q", "excused:Q"]
    cells = base.mark_rect(stroke="white", cursor="pointer")
    cells = cells.encode(color=colour, tooltip=["school_name:N", "label:N", *numbers])
    cells = cells.add_params(_selection(("school_name", "grade")))
    dark = alt.condition(alt.datum.share < 0.25, alt.value("white"), alt.value("#14171a"))
    texts = base.mark_text(fontSize=11).encode(text=alt.Text("text:Q"), color=dark)
    return _framed(cells + texts, height=_BAR_HEIGHT * max(len(schools), 1) + 70)


def map_table(counts: pd.DataFrame) -> pd.DataFrame:
    """The whole map as a table: school_name, then a column for each grade (as schools write it), in school order.

    A cell reads `96 % (48 of 50)`: the share in exactly one, rounded down, of the students not excused; empty where
    nobody is asked for. Schools with most unsettled students come first.
    """
    asked = counts["in_scope"] - counts["excused"]
    share = np.floor(100 * counts["one"] / asked.clip(lower=1)).astype("int64").astype("str")
    text = (share + " % (" + counts["one"].astype("str") + " of " + asked.astype("str") + ")").where(asked > 0, "")
    school = ["school_id", "school_name"]
    cells = counts.assign(text=text).set_index([*school, "grade"])["text"].unstack("grade", fill_value="")
    left = (counts["none"] + counts["several"]).groupby([counts[name] for name in school]).sum()
    worst = left.sort_values(ascending=False, kind="stable").index
    grades = ordered_grades(counts["grade"])
    table = cells.reindex(worst)[grades].rename(columns=grade_label).rename_axis(columns=None)
    return table.reset_index("school_name").reset_index(drop=True)


def bars_text(counts: pd.DataFrame, by: str) -> str:
    """The stacked bars as a sentence: the whole, and where most students are unsettled."""
    one, whole = int(counts["one"].sum()), int(counts["in_scope"].sum())
    text = f"Bars by {_title(by)}: {one:,} of {whole:,} students are in exactly one kept section."
    unsettled = counts["none"] + counts["several"]
    if not len(counts) or not unsettled.max():
        return text
    worst = counts.loc[unsettled.idxmax()]
    name = f"grade {grade_label(worst[by])}" if by == "grade" else str(worst[by])
    return f"{text} Most others are in {name}: {worst['none']:,} in none, {worst['several']:,} in several."


def histogram_text(counts: pd.DataFrame) -> str:
    """The histogram as a sentence: how many students in each number of kept sections."""
    pairs = zip(counts["sections"], counts["students"], strict=True)
    parts = [f"{students:,} in {sections}" for sections, students in pairs]
    return f"Students by number of kept sections: {', '.join(parts)}."


def map_text(counts: pd.DataFrame) -> str:
    """The map as a sentence: how many of its cells are complete."""
    held = counts[counts["in_scope"] > 0]
    full = int((held["none"] + held["several"] == 0).sum())
    return f"Share in exactly one section by grade and school: {full:,} of {len(held):,} cells are complete."


@lru_cache(maxsize=64)
def _bar_picture(by: str, statuses: tuple[str, ...], order: tuple[str, ...]) -> alt.LayerChart:
    """The bars without their numbers: made once, because Altair takes longer over it than the rules over a district."""
    axis = alt.Y("label:N", sort=None, scale=alt.Scale(domain=list(order)), title=None, axis=_NAMES)
    bars = alt.Chart().mark_bar(stroke="white", strokeWidth=1, cursor="pointer")
    bars = bars.encode(
        y=axis,
        x=alt.X("start:Q", axis=None, scale=alt.Scale(nice=False)),
        x2="stop:Q",
        color=_status_colour(statuses),
        tooltip=[alt.Tooltip("label:N", title=_title(by)), alt.Tooltip("standing:N", title="standing"), "students:Q"],
    )
    bars = bars.encode(opacity=alt.condition(_selection((by, "status")), alt.value(1), alt.value(0.35)))
    bars = bars.add_params(_selection((by, "status")))
    words = alt.Chart().mark_text(align="left", dx=5, fontSize=12, color=_TEXT)
    words = words.encode(y=axis, x=alt.X("end:Q", axis=None), text="words:N")
    words = words.transform_filter("isValid(datum.end)")
    return _framed(alt.LayerChart(layer=[bars, words]), height=_BAR_HEIGHT * max(len(order), 1) + 64)


def _bar_rows(
    counts: pd.DataFrame, by: str, *, only_unsettled: bool
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """One row a bar piece (from `start` to `stop`), the statuses drawn, and the bars' names in order.

    Empty pieces stay: the picture keeps its shape while the numbers move. The first piece of a bar
    carries the words beside it and where they stand (`end`); a last row without words makes room for them.
    """
    statuses = ("several", "none") if only_unsettled else tuple(STATUS_COLOURS)
    keys = counts[by].to_list()
    labels = [grade_label(grade) for grade in keys] if by == "grade" else keys
    unsettled = (counts["none"] + counts["several"]).to_list()
    whole = counts["in_scope"].to_list()
    shares = [f"{one:,} of {every:,}" for one, every in zip(counts["one"], whole, strict=True)]
    ends = unsettled if only_unsettled else whole
    said = [f"{count:,}" for count in unsettled] if only_unsettled else shares
    # In a narrow column (270 pixels) each letter takes some 4 % of what the longest bar has.
    room = [max(ends) * (1 + 0.04 * max(map(len, said))) + 1] if ends else []
    nothing = [None] * (len(keys) * (len(statuses) - 1))
    rows = {
        by: keys * len(statuses) + keys[: len(room)],
        "label": labels * len(statuses) + labels[: len(room)],
        "status": [status for status in statuses for _ in keys] + [statuses[0]] * len(room),
        "students": [count for status in statuses for count in counts[status].to_list()] + [0] * len(room),
        "words": said + nothing + [""] * len(room),
        "end": [*ends, *nothing, *room],
    }
    pieces = counts[list(statuses)].to_numpy()
    rows["stop"] = [*pieces.cumsum(axis=1).T.ravel().tolist(), *[0] * len(room)]
    rows["start"] = [*(pieces.cumsum(axis=1) - pieces).T.ravel().tolist(), *[0] * len(room)]
    rows["standing"] = [STATUS_LABELS[status] for status in rows["status"]]
    return pd.DataFrame(rows), statuses, tuple(dict.fromkeys(labels))


def _status_colour(statuses: tuple[str, ...], legend: alt.Legend | None = _LEGEND) -> alt.Color:
    labels = [STATUS_LABELS[status] for status in statuses]
    scale = alt.Scale(domain=labels, range=[STATUS_COLOURS[status] for status in statuses])
    return alt.Color("standing:N", scale=scale, legend=legend)


def _selection(fields: tuple[str, ...]) -> alt.Parameter:
    return alt.selection_point(name=PICK, fields=list(fields), toggle="event.shiftKey")


def _title(by: str) -> str:
    return "grade" if by == "grade" else "school"


def _framed(chart: alt.LayerChart, height: int) -> alt.LayerChart:
    """The look all charts share: text dark enough to read (Streamlit's own axis grey is not), quiet lines."""
    return (
        chart.properties(height=height, background="transparent")
        .configure_axis(labelColor=_TEXT, titleColor=_TEXT, labelFontSize=12, titleFontSize=12,
                        titleFontWeight="normal", gridColor=_GRID, domainColor=_GRID, tickColor=_GRID)
        .configure_legend(labelColor=_TEXT, labelFontSize=12)
        .configure_view(stroke=None)
    )
