"""Families that may be one habit, offered to the reviewer; and the why of chosen sections, and rooms that look odd."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared import insight, services, widgets
from pages.shared.frame import OpenDistrict
from pages.shared.insight import Keys
from roster_core.clusters import Cluster
from roster_core.errors import RosterError
from roster_core.facets import section_reasons

#: Near families asked about at a time, and sections and reasons told at a time.
ASKED, EXPLAINED, REASONS_TOLD = 8, 50, 4


def near_families(here: OpenDistrict) -> None:
    """Draws, once opened, each cluster of near families with Merge and Leave apart, and what was said of them."""
    panel = st.expander("Families that may be one", key=f"{here.district_id}:near", on_change="rerun")
    if not panel.open:
        return
    with panel:
        found = insight.clusters(here.roster)
        said = services.family_choices(here.district_id)
        asked = [cluster for cluster in found if cluster.keys not in said]
        if not asked:
            st.write("No two families are left whose names are nearly alike.")
        else:
            st.caption("Merged families are one row in the list of families, for your colleagues too. No rule changes.")
        for place, cluster in enumerate(asked[:ASKED]):
            _asked(here.district_id, place, cluster)
        if len(asked) > ASKED:
            st.caption(f"{widgets.count(len(asked) - ASKED, 'more question')} after these.")
        for place, cluster in enumerate(each for each in found if each.keys in said):
            _answered(here.district_id, place, cluster, merged=said[cluster.keys])


def why_sections(here: OpenDistrict, sections: np.ndarray) -> None:
    """Draws the chosen sections (rows of the roster), each with its students and the rule that decides about it."""
    reasons = section_reasons(here.coverage, sections[:EXPLAINED])
    with st.container(border=True):
        kept = int((reasons["kept"] > 0).sum())
        of = widgets.count(len(reasons), "section")
        first = f"the first {EXPLAINED} of {widgets.count(len(sections), 'section')}"
        whole = of if len(sections) <= EXPLAINED else first
        st.markdown(f"**Why** · {whole} · {kept} kept · {int(reasons['students'].sum()):,} enrollments")
        told = reasons["why"].value_counts(sort=True).head(REASONS_TOLD)
        lines = [f"- {widgets.count(held, 'section')}: {widgets.plain(why)}" for why, held in told.items()]
        st.markdown("\n".join(lines))
        reasons["first_seen"] = _first_seen(here, reasons["section_id"])
        # What holds for all of them is said above.
        columns = ["section_id", "why"] if reasons["why"].nunique() == 1 else ["section_id"]
        st.dataframe(
            reasons.drop(columns=columns).assign(section_name=reasons["section_name"].replace("", "(no name)")),
            key=f"{here.district_id}:why:{hash(tuple(reasons['section_id']))}",
            hide_index=True,
            height=widgets.table_height(len(reasons), 6),
            column_config=widgets.COLUMN_LABELS | {
                "section_name": st.column_config.TextColumn("Section", width=150),
                "school_name": st.column_config.TextColumn("School", width=110),
                "teacher_name": st.column_config.TextColumn("Teacher", width=90),
                "students": st.column_config.NumberColumn("Students", width=62),
                "kept": st.column_config.NumberColumn("Kept", width=46, help="Students kept in this section"),
                "second": st.column_config.NumberColumn("Twice", width=48, help="Kept in another section too"),
                "why": st.column_config.TextColumn("Why", width=240),
                "first_seen": st.column_config.TextColumn("First seen", width=80, help="In this district's rosters"),
            },
            alt="Chosen sections with school, teacher, students, how many are kept, why, and when each was first seen",
        )  # fmt: skip


def odd_rooms(here: OpenDistrict) -> None:
    """Draws, once opened, kept rooms half of whose students are not assessed, or that span K-3 and 4-8."""
    panel = st.expander("Kept rooms that look wrong", key=f"{here.district_id}:odd", on_change="rerun")
    if not panel.open:
        return
    with panel:
        rooms = insight.odd_rooms(here.coverage)
        if rooms.empty:
            st.write("No kept section spans K-3 and 4-8, and none has half of its students out of scope.")
            return
        words = rooms["reason"].str
        half, astride = int(words.contains("half").sum()), int(words.contains("spans").sum())
        st.markdown(
            f"**{widgets.count(len(rooms), 'section')}** · {astride} in both editions, K-3 and 4-8 · "
            f"{half} half or more of whose students are not assessed"
        )
        st.dataframe(
            _odd_table(rooms),
            key=f"{here.district_id}:odd:rows",
            hide_index=True,
            height=widgets.table_height(len(rooms), 8),
            alt="Kept sections with school, students, how many are not assessed, in K-3 and in 4-8, and what is wrong",
        )
        st.caption("Drop them above if they are no classroom, or ask the school whether the section is right.")


def _first_seen(here: OpenDistrict, section_ids: pd.Series) -> pd.Series:
    """When each section was first seen in this district, in words; empty where no kept roster has it."""
    try:
        seen = insight.first_seen(here.roster, section_ids.tolist())
    except RosterError as error:
        widgets.show_error(error)
        seen = {}
    return section_ids.map(lambda section: seen.get(section, ""))


def _odd_table(rooms: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Section": rooms["section_name"].replace("", "(no name)"),
        "School": rooms["school_name"],
        "Students": rooms["students"],
        "Not assessed": rooms["out_of_scope"],
        "Kept K-3": rooms["early"],
        "Kept 4-8": rooms["late"],
        "Why": rooms["reason"],
    })  # fmt: skip


def _asked(district: str, place: int, cluster: Cluster) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"{_named(cluster.families)}  :small[{widgets.count(cluster.sections, 'section')} · "
            f"{widgets.plain(cluster.reason)} · one habit?]",
            width="stretch",
        )
        named = widgets.label(", ".join(cluster.families))
        for label, merge in (("Merge", True), ("Leave apart", False)):
            st.button(label, key=f"{district}:near:{label}:{place}", help=f"{label}: {named}",
                      on_click=_say, args=(district, cluster.keys, merge),
                      disabled=not services.may("reviewer"))  # fmt: skip


def _answered(district: str, place: int, cluster: Cluster, *, merged: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = "Merged" if merged else "Left apart"
        st.markdown(f"{words}: {_named(cluster.families)}", width="stretch")
        st.button("Take back", key=f"{district}:near:back:{place}", type="tertiary", on_click=_say,
                  help=f"Ask again about {', '.join(cluster.families)}",
                  args=(district, cluster.keys, None), disabled=not services.may("reviewer"))  # fmt: skip


def _named(families: Sequence[str]) -> str:
    return " · ".join(f"**{widgets.plain(label)}**" for label in families)


def _say(district: str, keys: Keys, merged: bool | None) -> None:
    services.say_families(district, keys, merged=merged)
