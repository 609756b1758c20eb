"""Decisions by hand for many students: a pasted list of numbers, and the list of every pin there is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared import services, state, student_card, widgets
from pages.shared.frame import OpenDistrict
from roster_core.lookup import Matched, match_numbers, split_numbers
from roster_core.roster import Roster, id_codes, looked_up
from roster_core.rule_words import EXCUSES
from roster_core.rules import Pin

#: Numbers named in a message; more are counted.
NAMED = 20
#: More students are no list that a person goes through.
MOST_LISTED = 1_000

_ACTIONS = {"not_assessed": "Excuse: not assessed", "to_follow": "Excuse: to follow", "pin": "Pin to a section"}


def pasted(opened: OpenDistrict, listed: np.ndarray) -> None:
    """Draws the box for a list of numbers and what to do with its students; unknown numbers are named.

    `listed`: rows of the students listed above, who are put into the box with one click.
    """
    if not widgets.allowed("reviewer"):
        return
    district = opened.district_id
    turn = state.selection(f"pasted-turn:{district}", 0)
    box = f"{district}:pasted:{turn}"
    text = st.text_area(
        "Student numbers, one a line or separated by commas", key=box, placeholder="100017\n100052"
    )  # fmt: skip
    if 0 < len(listed) <= MOST_LISTED:
        st.button(f"Take the {widgets.count(len(listed), 'student')} listed above", key=f"{district}:pasted:listed",
                  icon=":material/playlist_add:", on_click=_put, args=(box, opened.roster, listed))  # fmt: skip
    matched = match_numbers(opened.roster, split_numbers(text or ""))
    action = st.selectbox("What to do", list(_ACTIONS), format_func=_ACTIONS.__getitem__, key=f"{district}:pasted:do",
                          width=360)  # fmt: skip
    section = _section(opened, matched.student_ids) if action == "pin" else None
    decision = student_card.decide(district, "pasted")
    students = matched.student_ids if action != "pin" else enrolled(opened.roster, matched.student_ids, section)
    _told(matched, len(students))
    st.button(
        f"{'Pin' if action == 'pin' else 'Excuse'} {widgets.count(len(students), 'student')}",
        key=f"{district}:pasted:apply",
        type="primary",
        disabled=not students or not student_card.may_excuse(action, decision),
        help=student_card.wanting(action, decision),
        on_click=_applied,
        args=(district, students, section, "" if action == "pin" else action, decision, turn),
    )


def numbers_of(roster: Roster, rows: np.ndarray) -> list[str]:
    """What these students are found by: their number, or their id where they share the number or have none."""
    every = roster.students["student_number"]
    shared = (every.duplicated(keep=False) | (every == "")).to_numpy()
    return np.where(shared, roster.students["student_id"], every)[rows].tolist()


def pins(opened: OpenDistrict, *, shown: bool) -> None:
    """Draws every pin with its reason; chosen ones can be taken back, and those of unknown students at once."""
    district, held = opened.district_id, opened.draft.pins
    if not held:
        st.caption("Nobody is pinned or excused by hand.")
        return
    gone = unknown_students(opened.roster, held)
    if gone:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{widgets.count(len(gone), 'pin')} of students this roster does not have.", width="content")
            st.button("Remove them", key=f"{district}:pins:stale", on_click=student_card.unpin, args=(district, gone),
                      disabled=not services.may("reviewer"))  # fmt: skip
    frame = pins_frame(opened.roster, held)
    turn = len(held)
    chosen = st.dataframe(
        widgets.masked(frame.drop(columns="student_id"), shown=shown),
        key=f"{district}:pins:{turn}",
        hide_index=True,
        column_config=widgets.COLUMN_LABELS | {"done": "By hand", "reason": "Reason", "due": "Due"},
        on_select="rerun",
        selection_mode="multi-row",
        alt="Students pinned or excused by hand, with reason, who must act and due date",
        height=widgets.table_height(len(frame), 10),
    )
    rows = [row for row in chosen["selection"]["rows"] if row < len(frame)]
    students = tuple(frame["student_id"].iloc[rows])
    st.button(
        f"Take back {widgets.count(len(students), 'pin')}" if students else "Take back the chosen pins",
        key=f"{district}:pins:back",
        disabled=not (students and services.may("reviewer")),
        on_click=student_card.unpin,
        args=(district, students),
    )


def unknown_students(roster: Roster, held: tuple[Pin, ...]) -> tuple[str, ...]:
    """The ids of pinned students the roster does not know."""
    ids = pd.Series([pin.student_id for pin in held], dtype="str")
    return tuple(ids[id_codes(ids, roster.students["student_id"]) < 0])


def pins_frame(roster: Roster, held: tuple[Pin, ...]) -> pd.DataFrame:
    """The pins as a table: student, what was decided (with the section's name), reason, owner, due date."""
    ids = pd.Series([pin.student_id for pin in held], dtype="str")
    students = roster.students
    number, first, last = (
        looked_up(ids, students["student_id"], students[name]) for name in ("student_number", "first_name", "last_name")
    )
    sections = pd.Series([pin.section_id or "" for pin in held], dtype="str")
    names = looked_up(sections, roster.sections["section_id"], roster.sections["section_name"]).tolist()
    return pd.DataFrame(
        {
            "student_id": ids,
            "student_number": number.mask(id_codes(ids, students["student_id"]) < 0, "(not in this roster)"),
            "first_name": first,
            "last_name": last,
            "done": [
                EXCUSES[pin.excuse_word] if pin.section_id is None else f"Pinned to {name or pin.section_id}"
                for pin, name in zip(held, names, strict=True)
            ],
            "reason": [pin.reason for pin in held],
            "owner": [pin.owner for pin in held],
            "due": [pin.due for pin in held],
        }
    )


def enrolled(roster: Roster, student_ids: tuple[str, ...], section_id: str | None) -> tuple[str, ...]:
    """Those of some students who are enrolled in a section; a pin holds only for them."""
    if section_id is None:
        return ()
    rows = id_codes(pd.Series(list(student_ids), dtype="str"), roster.students["student_id"])
    inside = roster.enrollments.student[roster.enrollments.section == roster.section_row(section_id)]
    return tuple(np.array(student_ids, dtype=object)[np.isin(rows, inside)])


def _put(box: str, roster: Roster, rows: np.ndarray) -> None:
    state.set_widget(box, "\n".join(numbers_of(roster, rows)))


def _section(opened: OpenDistrict, student_ids: tuple[str, ...]) -> str | None:
    """Draws the choice among the sections the students are enrolled in, those with most of them first."""
    roster = opened.roster
    rows = id_codes(pd.Series(list(student_ids), dtype="str"), roster.students["student_id"])
    held = roster.enrollments.section[np.isin(roster.enrollments.student, rows)]
    sections, students = np.unique(held, return_counts=True)
    most = np.argsort(-students, kind="stable")[:200]
    labels = {
        roster.sections["section_id"].iloc[sections[place]]: (
            f"{roster.sections['section_name'].iloc[sections[place]]} ({students[place]} of these students)"
        )
        for place in most
    }
    return st.selectbox("Section", list(labels), format_func=lambda key: labels[key], width=360,
                        key=f"{opened.district_id}:pasted:section")  # fmt: skip


def _told(matched: Matched, students: int) -> None:
    """Says which numbers stand for nobody, for several students, or for one but for zeros; and who cannot be pinned."""
    zeros = "found only without their leading zeros, which spreadsheets drop"
    for numbers, words in (
        (matched.unknown, "unknown"), (matched.ambiguous, "held by several students"), (matched.zeros, zeros)
    ):  # fmt: skip
        if numbers:
            named = ", ".join(numbers[:NAMED]) + (" …" if len(numbers) > NAMED else "")
            st.warning(f"{widgets.count(len(numbers), 'number')} {words}: {widgets.plain(named)}")
    if outside := len(matched.student_ids) - students:
        st.warning(f"{widgets.count(outside, 'student')} not enrolled in that section; left as they are.")


def _applied(
    district: str,
    students: tuple[str, ...],
    section: str | None,
    excuse: str,
    decision: tuple[str, str, str],
    turn: int,
) -> None:
    student_card.set_pins(district, students, section, excuse, decision)
    state.select(f"pasted-turn:{district}", turn + 1)
