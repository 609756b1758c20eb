"""Twins: a room shared as several sections with (nearly) the same students, chosen once for the whole room."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import frame, insight, section_views, services, state, widgets
from pages.shared.frame import OpenDistrict
from roster_core.rule_words import REASONS
from roster_core.rules import RuleSet
from roster_core.twins import Twins, choose_twin

#: Rooms to choose from at a time, those with the most students.
LISTED = 200

_LIKELY = "Attends both sections; this one administers the assessment"


def draw(here: OpenDistrict) -> None:
    """Draws, once opened, the rooms whose students are kept in twin sections, and the choice for one of them."""
    panel = st.expander("Twins: rooms shared as several sections", key=f"{here.district_id}:twins", on_change="rerun")
    if not panel.open:
        return
    with panel:
        found = insight.twin_rooms(here.coverage)
        if found.groups.empty:
            st.write("No kept sections of one school have the same students, or nearly.")
            return
        st.markdown(f"**{widgets.count(len(found.groups), 'room')}** whose students are kept in more than one section")
        rooms = list(range(min(len(found.groups), LISTED)))
        group = st.selectbox("Room", rooms, format_func=lambda row: _room(found.groups.iloc[row]),
                             key=f"{here.district_id}:twins:room:{_mark(found)}")  # fmt: skip
        _choice(here, found, int(group or 0))


def _choice(here: OpenDistrict, found: Twins, group: int) -> None:
    """The sections of one room, the reason, what choosing would do, and the button that does it."""
    district = here.district_id
    sections = found.sections[found.sections["group"] == group].set_index("section_id")
    ids = tuple(sections.index)
    key = f"{district}:twins:{hash(ids)}"
    section = st.radio("Keep the room as", list(ids), format_func=lambda each: _section(sections.loc[each]),
                       key=f"{key}:section") or ids[0]  # fmt: skip
    reason = st.selectbox("Reason", list(REASONS), index=REASONS.index(_LIKELY), key=f"{key}:reason", width=480)
    wanted = choose_twin(here.draft, here.coverage, ids, section, str(reason))
    pinned = len(set(wanted.pins) - set(here.draft.pins))
    after = services.coverage(here.roster, frame.finished(wanted))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        label = f"Pin {widgets.count(pinned, 'student')}"
        able = bool(pinned) and services.may("reviewer")
        st.button(label, key=f"{key}:pin", disabled=not able, on_click=_pin, args=(district, wanted, pinned))
        st.markdown(section_views.effect(here.coverage, after))
    if not pinned:
        st.caption("Its students are kept elsewhere too, or not enrolled here; change the rules, or choose the other.")
    else:
        st.caption("The teachers of the other sections go along as co-teachers. Undo takes the whole room back.")


def _pin(district: str, wanted: RuleSet, pinned: int) -> None:
    state.set_draft(district, wanted, f"pin a room of {widgets.count(pinned, 'student')}")


def _room(room: pd.Series) -> str:
    school = f" · {room['school_name']}" if room["school_name"] else ""
    return f"{_short(room['section_names'])}{school} · {widgets.count(int(room['shared']), 'student')} in several"


def _section(section: pd.Series) -> str:
    facts = [
        section["section_name"] or "(no name)",
        section["teacher_name"] or "no teacher",
        section["course_name"],
        f"period {section['period']}" if section["period"] else "",
        widgets.count(int(section["students"]), "student"),
    ]
    return " · ".join(fact for fact in facts if fact)


def _short(names: str) -> str:
    return names if len(names) <= 90 else f"{names[:89]}…"


def _mark(found: Twins) -> int:
    """Rooms are known by place, so another list of rooms is another choice."""
    return hash(tuple(found.sections["section_id"]))
