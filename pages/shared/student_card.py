"""One student: every section with what decided it, and the decision a reviewer can make by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from pages.shared import insight, services, state, student_answer, widgets
from pages.shared.frame import OpenDistrict
from roster_core.contribution import Reason
from roster_core.coverage import STATUS_NAMES
from roster_core.errors import RosterError
from roster_core.rule_words import EXCUSES, REASONS
from roster_core.rules import Pin

OWNERS = ("us", "district", "Clever")


def draw(opened: OpenDistrict, student_id: str, *, shown: bool) -> None:
    """Draws the card of one student: standing, sections with reasons, and pin, excuse or unpin."""
    row = opened.roster.student_row(student_id)
    if row < 0:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            _title(opened, row, shown=shown)
            st.button("", icon=":material/close:", type="tertiary", key=f"{opened.district_id}:card:close",
                      help="Close this student", on_click=state.select,
                      args=(f"student:{opened.district_id}", ""))  # fmt: skip
        pin = next((held for held in opened.draft.pins if held.student_id == student_id), None)
        reasons = opened.coverage.why(student_id)
        student_answer.draw(opened, student_id)
        if pin is not None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"By hand: **{widgets.plain(pin.describe())}**", width="content")
                st.button("Take back", key=f"{opened.district_id}:unpin", on_click=unpin,
                          disabled=not services.may("reviewer"), args=(opened.district_id, (student_id,)))  # fmt: skip
        decision = decide(opened.district_id, "one") if widgets.allowed("reviewer") else ("", "", "")
        seen = _seen(opened, reasons)
        for place, reason in enumerate(sorted(reasons, key=lambda reason: not reason.kept)):
            _section(opened.district_id, student_id, reason, place, decision, seen.get(reason.section_id, ""))
        with st.container(horizontal=True):
            for word, label in EXCUSES.items():
                st.button(
                    f"Excuse: {label.lower()}", key=f"{opened.district_id}:excuse:{word}", on_click=set_pins,
                    disabled=not decision[0],
                    args=(opened.district_id, (student_id,), None, word, decision),
                )  # fmt: skip


def decide(district: str, key: str, *, likely: str = "") -> tuple[str, str, str]:
    """Draws reason (`likely` at first, if any), owner and due date of a decision by hand.

    Gives (reason, owner, due as ISO date or ''); the reason is '' until one is chosen.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = REASONS.index(likely) if likely else None
        reason = st.selectbox("Reason", list(REASONS), index=place, placeholder="Choose a reason first",
                              key=f"{district}:{key}:reason", width=360)  # fmt: skip
        owner = st.selectbox("Who must act (to follow)", OWNERS, index=1, key=f"{district}:{key}:owner", width=180)
        due = st.date_input("Due (to follow)", value=None, key=f"{district}:{key}:due", width=180, format="MM/DD/YYYY")
    return reason or "", str(owner), due.isoformat() if isinstance(due, date) else ""


def set_pins(
    district: str, student_ids: tuple[str, ...], section_id: str | None, excuse: str, decision: tuple[str, str, str]
) -> None:
    """Pins students to a section, or excuses them where it is None; one step of undo."""
    reason, owner, due = decision
    follows = excuse == "to_follow"
    pins = [
        Pin(student, section_id, excuse, reason, owner if follows else "", due if follows else "")
        for student in student_ids
    ]
    done = "pin" if section_id is not None else "excuse"
    state.set_draft(district, state.draft(district).with_pins(*pins), f"{done} {widgets.count(len(pins), 'student')}")


def unpin(district: str, student_ids: tuple[str, ...]) -> None:
    """Takes the decisions by hand for these students back; one step of undo."""
    draft = state.draft(district).without_pins(*student_ids)
    state.set_draft(district, draft, f"take back {widgets.count(len(student_ids), 'pin')}")


def _title(opened: OpenDistrict, row: int, *, shown: bool) -> None:
    frame = widgets.masked(opened.roster.students.iloc[[row]], shown=shown)
    student = frame.iloc[0]
    school = opened.roster.schools.loc[opened.roster.schools["school_id"] == student["school_id"], "school_name"]
    code = int(opened.coverage.status[row])
    kept = int(opened.coverage.kept_counts[row])
    standing = {-1: "not assessed", 1: "in exactly one", 2: f"in several ({kept})", 3: "excused", 0: "in none"}[code]
    names = widgets.plain(f"{student['first_name']} {student['last_name']}")
    facts = [
        f"number {widgets.plain(student['student_number'] or '–')}",
        f"grade {widgets.grade_label(student['grade'])}",
        widgets.plain(next(iter(school), "") or "no school"),
        f"**{standing}**",
    ]
    if shown:
        facts.insert(1, f"born {widgets.plain(student['birthdate'] or 'unknown')}")
    st.markdown(f"**{names}**  ·  {'  ·  '.join(facts)}")
    assert code == -1 or code in STATUS_NAMES


def _seen(opened: OpenDistrict, reasons: Sequence[Reason]) -> dict[str, str]:
    """When each section was first seen in this district."""
    try:
        return insight.first_seen(opened.roster, [reason.section_id for reason in reasons])
    except RosterError as error:
        widgets.show_error(error)
        return {}


def _section(
    district: str, student_id: str, reason: Reason, place: int, decision: tuple[str, str, str], seen: str
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(":green[:material/check: kept]" if reason.kept else "dropped", width=78)
        name = widgets.plain(reason.section_name) or "(no name)"
        since = f" · first seen {seen}" if seen else ""
        st.markdown(f"**{name}**  :small[{widgets.plain(reason.text)}{since}]", width="stretch")
        st.button(
            "Pin here", type="tertiary", key=f"{district}:pin:{place}", disabled=not decision[0],
            help=f"Keep only section {place + 1} for this student",
            on_click=set_pins, args=(district, (student_id,), reason.section_id, "", decision),
        )  # fmt: skip
