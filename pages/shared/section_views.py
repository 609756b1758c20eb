"""Drawing pieces of the sections page: facet lists, the table of names, and what keeping or dropping would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared import downloads, frame, insight, rule_insights, services, state, widgets
from pages.shared.frame import OpenDistrict
from roster_core.coverage import Coverage
from roster_core.facets import (
    FACETS,
    family_conditions,
    has_values,
    name_conditions,
    rules_for,
    shown_sections,
    with_rules,
)
from roster_core.rules import Condition, RuleSet

#: How the facets are headed, and which are open at first.
HEADINGS: Mapping[str, str] = {
    "subject": "Subject",
    "period": "Period",
    "school_name": "School",
    "course_name": "Course",
    "term_name": "Term",
    "section_grade": "Section grade",
}
OPEN_AT_FIRST = ("subject", "period")
#: Pixels of a facet's list with its two counts, and half of what the list of names takes.
NARROWEST = 280
EMPTY = "(empty)"

NAMES, FAMILIES = "Names", "Families"

#: A browser table of more rows is slow to build; search and facets lead to the others.
MOST_ROWS_SENT = 2_000
#: From so many letters on a search is told of names that hold it in the teacher's name only.
SHORTEST_HIT = 3
_MOST_ROWS = 7
_NOTHING = {"selection": {"rows": [], "columns": [], "cells": []}}


def chosen_facets(here: OpenDistrict) -> dict[str, tuple[str, ...]]:
    """The values chosen in each facet's list, in this session."""
    held = {name: state.selection(_facet_choice(here, name), ()) for name in FACETS}
    return {name: values for name, values in held.items() if values}


def facet_lists(here: OpenDistrict, chosen: Mapping[str, Sequence[str]], search: str) -> None:
    """Draws each facet with the sections and students of its values under what is chosen in the others."""
    for name in FACETS:
        if not has_values(here.roster, name):
            continue
        values = tuple(chosen.get(name, ()))
        opened = name in OPEN_AT_FIRST or bool(values)
        box = st.expander(HEADINGS[name], expanded=opened, key=f"facet_box_{name}", on_change="rerun")
        if box.open:
            found = services.made().facet(here.roster, name, chosen, search)
            found = found[(found["sections"] > 0) | found["value"].isin(values)]
            with box:
                _facet(here, name, found.sort_values("sections", ascending=False, kind="stable"), values)


def groups(
    here: OpenDistrict, chosen: Mapping[str, Sequence[str]], search: str, by: str
) -> tuple[tuple[Condition, ...], np.ndarray]:
    """Draws the table of names or families (`by`) with what is shown of them above.

    Gives conditions, any of them, that say the selected rows, none where nothing is selected; and the shown sections
    (int64 rows of the roster) of the selected row where it is one, else none.
    """
    shown = shown_sections(here.roster, chosen, search)
    merged = insight.merged(here.district_id) if by == FAMILIES else None
    found = None if merged is None else services.made().families(here.roster, merged)
    codes = found.codes if found else here.roster.text("section_name").codes
    table = services.made().grouped(here.coverage, chosen, search, merged)
    nouns = ("family", "families") if found else ("name", "names")
    more = f", the first {MOST_ROWS_SENT:,} listed; search, or choose a subject or school, for others"
    told = f"{widgets.count(int(shown.sum()), 'section')} · {widgets.count(len(table), *nouns)}"
    _head(here, told + (more if len(table) > MOST_ROWS_SENT else ""), chosen)
    if inside := int((section_names_inside(here, search) & shown).sum()):
        has = f"{widgets.count(inside, 'section has', 'sections have')} “{widgets.plain(search)}”"
        st.markdown(f":orange[:material/flag: {has} only inside a teacher's name]")
    if table.empty:
        widgets.empty("No section matches", "Change the search, or clear what is chosen.")
        return (), np.empty(0, dtype=np.int64)
    whole, table = table, table.head(MOST_ROWS_SENT)
    key = _table_key(here, chosen, search, by)
    _table(table, by, key)
    file = downloads.File("names", here.district_id, rows=len(whole))
    label = f"Download {widgets.count(len(whole), *nouns)} (CSV)"
    downloads.csv_button(file, lambda: _shown(whole, by), label, key="download_names")
    rows = [row for row in _selected(key) if row < len(table)]
    groups_picked = table["group"].iloc[rows].to_list()
    sections = np.flatnonzero(shown & np.isin(codes, groups_picked if len(rows) == 1 else []))
    if found is not None:
        # Merged families have no words in common: each is said by its own.
        single = services.made().families(here.roster)
        members = np.unique(single.codes[np.isin(codes, groups_picked)])
        return family_conditions(here.roster, single, members.tolist()), sections
    picked = table["label"].iloc[rows].to_list()
    return name_conditions(picked) if picked else (), sections


def _head(here: OpenDistrict, told: str, chosen: Mapping[str, Sequence[str]]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(told, width="content")
        if chosen:
            st.button("Clear what is chosen", type="tertiary", icon=":material/filter_alt_off:",
                      on_click=_clear_facets, args=(here,), key="clear_facets")  # fmt: skip


def section_names_inside(here: OpenDistrict, search: str) -> np.ndarray:
    """bool[sections]: whose name holds the searched text only inside the teacher's name, as `home` in `Homer`.

    One or two letters are in so many names that it says nothing.
    """
    if len(search.strip()) < SHORTEST_HIT:
        return np.zeros(len(here.roster.sections), dtype=bool)
    return rule_insights.teacher_hits(here.roster, *name_conditions((), search))


def actions(
    here: OpenDistrict, picked: Sequence[Condition], chosen: Mapping[str, Sequence[str]], search: str, by: str
) -> None:
    """Keep and Drop for the selected names, or for all that is shown, each with what it would do before it is done."""
    if not widgets.allowed("reviewer"):
        return
    names = picked or name_conditions((), search)
    if not (names or chosen):
        st.caption("Select rows, or narrow the list, to keep or drop sections.")
        return
    for do, label, shortcut in (("keep", "Keep these", "Alt+I"), ("drop", "Drop these", "Alt+X")):
        rules = rules_for(do, names, chosen)
        wanted = with_rules(here.draft, rules)
        after = services.coverage(here.roster, frame.finished(wanted))
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.button(
                label,
                key=f"{do}_these",
                shortcut=shortcut,
                on_click=_write,
                args=(here.district_id, wanted, f"{do} sections", _table_key(here, chosen, search, by)),
                width=190,
            )
            st.markdown(effect(here.coverage, after))
    st.caption("  \n".join(widgets.plain(rule.describe()) for rule in rules_for("keep", names, chosen)))


def effect(before: Coverage, after: Coverage) -> str:
    """What a change would do, in numbers: `in exactly one 4,100 → 4,812 · none 700 → 37 · several 12 → 21`."""
    told = [
        f"{label} {widgets.number(getattr(before, name))} → **{widgets.number(getattr(after, name))}**"
        for name, label in (("one", "in exactly one"), ("none", "none"), ("several", "several"))
        if getattr(before, name) != getattr(after, name)
    ]
    return " · ".join(told) or "changes no student's count"


def _facet(here: OpenDistrict, name: str, counts: pd.DataFrame, chosen: tuple[str, ...]) -> None:
    label, values = HEADINGS[name], counts["value"].to_list()
    # The list is made anew when its rows change: the browser knows a selection by its place only.
    key = f"{_facet_choice(here, name)}_{hash(tuple(values))}_{state.selection(f'cleared_{name}', 0)}"
    if not values:
        st.caption("Nothing here under what is chosen elsewhere.")
        return
    st.dataframe(
        pd.DataFrame({
            label: counts["value"].where(counts["value"] != "", EMPTY),
            "Sections": counts["sections"],
            "Students": counts["students"],
        }),
        key=key,
        hide_index=True,
        height=widgets.ROW_HEIGHT * (min(len(counts), _MOST_ROWS) + 1) + 4,
        column_config={
            label: st.column_config.TextColumn(width=108),
            "Sections": st.column_config.NumberColumn(width=50, format="localized"),
            "Students": st.column_config.NumberColumn(width=54, format="localized"),
        },
        on_select=lambda: state.select(
            _facet_choice(here, name), tuple(values[row] for row in _selected(key) if row < len(values))
        ),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [values.index(value) for value in chosen if value in values]}},
        alt=f"{label}: sections and students of each value; select some to narrow the list",
    )  # fmt: skip


def _shown(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """The table of names or families as people read it."""
    kept = np.select([table["kept"] == 0, table["kept"] < table["sections"]], ["–", "partly"], "kept")
    return pd.DataFrame({
        "Family" if by == FAMILIES else "Name": table["label"].where(table["label"] != "", "(no name)"),
        "Sections": table["sections"],
        "Students": table["students"],
        "Grades": table["grades"].map(lambda grades: widgets.grades_text(grades) if grades else "–"),
        "Schools": table["schools"],
        "Size": table["size"],
        "Now": np.where(table["second"] > 0, pd.Series(kept) + " !", kept),
    })  # fmt: skip


def _table(table: pd.DataFrame, by: str, key: str) -> None:
    shown = _shown(table, by)
    st.dataframe(
        shown,
        key=key,
        hide_index=True,
        height=widgets.ROW_HEIGHT * (min(len(table), 14) + 1) + 4,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            shown.columns[0]: st.column_config.TextColumn(width=178),
            "Sections": st.column_config.NumberColumn(width=62, format="localized"),
            "Students": st.column_config.NumberColumn(width=62, format="localized"),
            "Grades": st.column_config.TextColumn(width=54),
            "Schools": st.column_config.NumberColumn(width=54, format="localized"),
            "Size": st.column_config.NumberColumn(width=42, format="%.0f", help="Students a section"),
            "Now": st.column_config.TextColumn(width=58, help="! its students are in a second kept section too"),
        },
        alt="Section names with their sections, students, grades, schools, and whether the draft keeps them",
    )


def _write(district: str, wanted: RuleSet, what: str, table_key: str) -> None:
    state.set_draft(district, wanted, what)
    state.set_widget(table_key, _NOTHING)


def _clear_facets(here: OpenDistrict) -> None:
    for name in FACETS:
        state.select(_facet_choice(here, name), ())
        state.select(f"cleared_{name}", state.selection(f"cleared_{name}", 0) + 1)


def _selected(key: str) -> list[int]:
    held = state.widget(key)
    return list(held["selection"]["rows"]) if held else []


def _facet_choice(here: OpenDistrict, name: str) -> str:
    return f"facet_{name}_{here.roster.fingerprint[:12]}"


def _table_key(here: OpenDistrict, chosen: Mapping[str, Sequence[str]], search: str, by: str) -> str:
    # Selected rows are places in the table, so another list of names starts with none selected.
    told = [search.strip(), *(f"{name}={value}" for name, values in chosen.items() for value in values)]
    merged = hash(insight.merged(here.district_id)) if by == FAMILIES else 0
    return f"{by}_{here.roster.fingerprint[:12]}_{merged}_{'_'.join(told)}"
