"""Drawing pieces of the districts page: the list, what narrows it, and which row is looked at."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared import frame, services, state, widgets
from roster_core.errors import RosterError
from roster_core.overview import CALLS, Filter, Row

#: From how many districts the list can be narrowed: a short one is read whole.
_FILTERED_FROM = 6

#: Whose move it is, as the list says it.
OWNERS = {"us": "Us", "district": "District", "Clever": "Clever", "nobody": "Nobody"}

#: How many rows stand on the screen at once; a longer list scrolls.
_ROWS = 12

_COLUMNS = {
    "District": st.column_config.TextColumn(width=190),
    "Next, and whose move": st.column_config.TextColumn(width=347),
    "Days left": st.column_config.NumberColumn(
        width=74, help="Days to what comes next: the launch, the window's opening or its closing."
    ),
    "In exactly one": st.column_config.ProgressColumn(
        width=92,
        min_value=0,
        max_value=100,
        format="%.1f %%",
        help="Assessed students in exactly one kept section, when they were last counted.",
    ),
    "Flag": st.column_config.TextColumn(width=108, help="Why it stands here; the sentence is behind the row."),
}


def chosen() -> str:
    """Draws the district picker into the sidebar, of all districts, and gives the chosen one's id; '' for none."""
    try:
        names = services.district_names()
        newest = [info.district_id for info in services.rosters()][:1]
    except RosterError as error:
        widgets.show_error(error)
        st.stop()
    district_id = state.chosen_among([*newest, *names])
    frame.draw_picker(names, district_id)
    return district_id


def take_selection() -> None:
    """Looks behind the row that was selected since the list was drawn: it is the district of every page then.

    Called before anything is drawn, so that the page is of the selected district from its first line on.
    """
    if not state.selection("district_list"):
        return
    key, drawn, place = state.selection("district_list")
    selected = state.widget(key, {}).get("selection", {}).get("rows", [])
    if not selected or selected[0] == place or selected[0] >= len(drawn):
        return
    state.choose_district(drawn[selected[0]])


def listing(rows: Sequence[Row], current: str) -> None:
    """The list, what wants attention first, with the fields that narrow it where it is long."""
    if not rows:
        widgets.empty("No district yet", "Connect Clever, upload roster files, or look at a sample district.")
        return
    wanted = _filter(rows) if len(rows) >= _FILTERED_FROM else Filter()
    shown = [row for row in rows if wanted(row)]
    st.caption(_summary(rows, shown))
    if not shown:
        widgets.empty("No district fits", "Search for another word, or choose Any in the fields above.")
        return
    ids = [row.facts.district_id for row in shown]
    place = ids.index(current) if current in ids else None
    # Rows are selected by their place: another order is another table.
    key = f"districts_{zlib.crc32(repr(ids).encode())}"
    if state.widget(key, {}).get("selection", {}).get("rows", []) not in ([], [place]):
        # Chosen elsewhere meanwhile. Otherwise the grid's own selection is left alone: one that is set from here
        # takes the arrow keys away until somebody clicks a cell.
        state.set_widget(key, {"selection": {"rows": [], "columns": [], "cells": []}})
    state.select("district_list", (key, tuple(ids), place))
    st.dataframe(
        _marked(_table(shown), place),
        key=key,
        hide_index=True,
        column_config=_COLUMNS,
        on_select="rerun",
        selection_mode="single-row",
        height=widgets.table_height(len(shown), _ROWS),
        placeholder="–",
        alt="Districts, those that want attention first: a flag, share in exactly one, days left, and the next action",
    )


def _table(rows: Sequence[Row]) -> pd.DataFrame:
    # A share is rounded down, so that 100 % is said only of all.
    shares = [None if row.share is None else int(row.share * 1000) / 10 for row in rows]
    return pd.DataFrame(
        {
            "District": [named(row) for row in rows],
            "Flag": [f"▲ {row.flag}" if row.flag else "" for row in rows],
            "In exactly one": pd.array(shares, dtype="Float64"),
            "Days left": pd.array([row.facts.left for row in rows], dtype="Int64"),
            # Last, because it is the longest: on a narrow screen it is cut, and the card below says it whole.
            "Next, and whose move": [next_words(row) for row in rows],
        }
    )


def _marked(table: pd.DataFrame, place: int | None) -> Styler | pd.DataFrame:
    """The table with the row that is looked behind shaded: the card below is headed by its name."""
    if place is None:
        return table
    return table.style.set_properties(subset=pd.IndexSlice[[place], :], **{"background-color": "#e6eef6"})


def named(row: Row) -> str:
    """A district's name with its state, where somebody said which: `Oak Park USD, IL`."""
    return f"{row.facts.name}, {row.facts.us_state}" if row.facts.us_state else row.facts.name


def next_words(row: Row) -> str:
    """The next action with whose it is: `Us · Settle 21 students`; nobody's is told without a name."""
    action, owner = row.facts.action, row.facts.owner
    return action if owner == "nobody" or not action else f"{OWNERS[owner]} · {action}"


def _summary(rows: Sequence[Row], shown: Sequence[Row]) -> str:
    flags = Counter(row.flag for row in rows if row.flag)
    told = [f"{flag} {flags[flag]:,}" for flag, _ in CALLS if flags[flag]]
    parts = [widgets.count(len(rows), "district")]
    if len(shown) < len(rows):
        parts.append(f"{len(shown):,} shown")
    parts.append(f"{sum(flags.values()):,} flagged: {', '.join(told)}" if told else "nothing wants attention")
    if len(rows) > 1:
        parts.append("click a row's box, or Shift+Space in it, to look behind it")
    return "  ·  ".join(parts)


def _filter(rows: Sequence[Row]) -> Filter:
    colleagues = sorted({row.facts.colleague for row in rows if row.facts.colleague}, key=str.casefold)
    owners = [key for key in OWNERS if any(row.facts.owner == key for row in rows)]
    flags = [flag for flag, _ in CALLS if any(row.flag == flag for row in rows)]
    columns = st.columns([2, 1, 1, 1] if colleagues else [2, 1, 1], vertical_alignment="bottom")
    words = columns[0].text_input(
        "Search districts", key="district_words", type="search", live=True, persist_state="session"
    )
    owner = _choice(columns[1], "Whose move", owners, "district_owner", OWNERS)
    flag = _choice(columns[2], "Flag", flags, "district_flag", {})
    colleague = _choice(columns[3], "Looked after by", colleagues, "district_colleague", {}) if colleagues else ""
    return Filter(words or "", owner, flag, colleague)


def _choice(column: st.delta_generator.DeltaGenerator, label: str, options: list[str], key: str, words: dict) -> str:
    chosen = column.selectbox(
        label,
        ["", *options],
        format_func=lambda option: words.get(option, option) or "Any",
        key=key,
        persist_state="session",
    )
    return chosen or ""
