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
            st.space("stretch")
            st.button("Close", icon=":material/close:", type="tertiary", key=f"{opened.district_id}:card:close",
                      on_click=_close, args=(opened.district_id,))  # fmt: skip
        pin = next((held for held in opened.draft.pins if held.student_id == student_id), None)
        reasons = opened.coverage.why(student_id)
        student_answer.draw(opened, student_id)
        # A place of its own, drawn or not: what stands below it keeps the keyboard's focus when a pin comes or goes.
        with st.container():
            if pin is not None:
                _by_hand(opened, pin)
        decision = decide(opened.district_id, "one") if widgets.allowed("reviewer") else ("", "", "")
        seen = _seen(opened, reasons)
        for place, reason in enumerate(_in_order(opened, reasons, pin)):
            _section(opened.district_id, student_id, reason, place, decision, seen.get(reason.section_id, ""), pin)
        with st.container(horizontal=True):
            for word, label in EXCUSES.items():
                st.button(
                    f"Excuse: {label.lower()}", key=f"{opened.district_id}:excuse:{word}", on_click=set_pins,
                    disabled=not may_excuse(word, decision), help=wanting(word, decision),
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
        owner = st.selectbox("If to follow: who must act", OWNERS, index=1, key=f"{district}:{key}:owner", width=180)
        due = st.date_input("If to follow: by when", value=None, key=f"{district}:{key}:due", width=180,
                            format="MM/DD/YYYY")  # fmt: skip
    return reason or "", str(owner), due.isoformat() if isinstance(due, date) else ""


def may_excuse(word: str, decision: tuple[str, str, str]) -> bool:
    """Whether a decision says all that an excuse takes: a reason, and for somebody to follow also by when."""
    reason, _, due = decision
    return bool(reason and (due or word != "to_follow"))


def wanting(word: str, decision: tuple[str, str, str]) -> str | None:
    """What a decision still lacks for an excuse, in words; None for nothing."""
    if may_excuse(word, decision):
        return None
    return "Choose a reason first." if not decision[0] else "Say by when first."


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


def _in_order(opened: OpenDistrict, reasons: Sequence[Reason], pin: Pin | None) -> list[Reason]:
    """Those the rules keep first. A pin moves none, so that the keyboard stays on the section it was pressed for."""
    by_rules = reasons
    if pin is not None:
        unpinned = services.coverage(opened.roster, opened.coverage.rule_set.without_pins(pin.student_id))
        by_rules = unpinned.why(pin.student_id)
    kept = {reason.section_id for reason in by_rules if reason.kept}
    return sorted(reasons, key=lambda reason: reason.section_id not in kept)


def _close(district: str) -> None:
    """Closes the card; one that was found by a search is open until the search is empty."""
    state.select(f"student:{district}", "")
    state.set_widget(f"{district}:find", "")


def _by_hand(opened: OpenDistrict, pin: Pin) -> None:
    row = -1 if pin.section_id is None else opened.roster.section_row(pin.section_id)
    named = opened.roster.sections["section_name"].iat[row] if row >= 0 else ""
    told = pin.describe().replace(f"section {pin.section_id}", named) if named else pin.describe()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"By hand: **{widgets.plain(told)}**", width="content")
        st.button("Take back", key=f"{opened.district_id}:unpin", on_click=unpin,
                  disabled=not services.may("reviewer"), args=(opened.district_id, (pin.student_id,)))  # fmt: skip


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
    district: str,
    student_id: str,
    reason: Reason,
    place: int,
    decision: tuple[str, str, str],
    seen: str,
    pin: Pin | None,
) -> None:
    by_rule = pin is None or pin.section_id is None
    why = reason.text if by_rule else "by hand" if reason.kept else "the student is pinned to another section"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(":green[:material/check: kept]" if reason.kept else "dropped", width=78)
        name = widgets.plain(reason.section_name) or "(no name)"
        since = f" · first seen {seen}" if seen else ""
        st.markdown(f"**{name}**  :small[{widgets.plain(why)}{since}]", width="stretch")
        st.button(
            "Pin here", type="tertiary", key=f"{district}:pin:{place}", disabled=not decision[0],
            help=f"Keep only section {place + 1} for this student",
            on_click=set_pins, args=(district, (student_id,), reason.section_id, "", decision),
        )  # fmt: skip
