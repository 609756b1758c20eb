"""The bars by grade beside the rules, as a table a browser draws without a chart library: they move while one types."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from pages.shared import widgets
from roster_core.charts import STATUS_COLOURS, STATUS_LABELS, grade_label, worst_first

_QUIET = "border:0;padding:1px 0;font-size:0.85rem;font-weight:400;white-space:nowrap"


def draw(counts: pd.DataFrame) -> None:
    """One bar a grade, split by where its students stand, with `one of all` beside it; the whole bar is the largest.

    `counts` as `Coverage.by_grade` gives it, of one grade at least.
    """
    most = max(int(counts["in_scope"].max()), 1)
    rows = "".join(_row(row, most) for row in worst_first(counts, "grade").to_dict("records"))
    named = "Students in exactly one kept section, by grade"
    st.html(
        f'<div style="display:flex;flex-wrap:wrap;gap:0 1rem;margin-bottom:0.3rem" aria-hidden="true">{_legend()}</div>'
        f'<table aria-label="{named}" style="width:100%;border-collapse:collapse;margin:0">{rows}</table>'
    )


def _row(counts: dict[str, int | str], most: int) -> str:
    label = html.escape(grade_label(str(counts["grade"])))
    told = ", ".join(f"{widgets.number(counts[status])} {words}" for status, words in STATUS_LABELS.items())
    pieces = "".join(
        f'<div style="width:{100 * counts[status] / most:.3f}%;background:{colour}"></div>'
        for status, colour in STATUS_COLOURS.items()
    )
    bar = f'<div style="display:flex;height:15px" role="img" aria-label="{told}" title="{told}">{pieces}</div>'
    share = f"{widgets.number(counts['one'])} of {widgets.number(counts['in_scope'])}"
    return (
        f'<tr style="border:0"><th scope="row" style="{_QUIET};text-align:left;padding-right:8px">{label}</th>'
        f'<td style="{_QUIET};width:100%">{bar}</td><td style="{_QUIET};padding-left:8px">{share}</td></tr>'
    )


def _legend() -> str:
    return "".join(
        f'<span style="font-size:0.85rem;white-space:nowrap"><span style="display:inline-block;width:11px;height:11px;'
        f'margin-right:6px;background:{STATUS_COLOURS[status]}"></span>{words}</span>'
        for status, words in STATUS_LABELS.items()
    )
