"""Round the rule cards: undo and redo, the rules in plain English, what several sections mean, and saving."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.shared import frame, services, state, widgets
from pages.shared.frame import OpenDistrict
from roster_core.errors import RosterError
from roster_core.rules import RuleSet

_RESOLVES = {"all": "they are a problem to settle", "first": "the first rule wins"}


def steps(opened: OpenDistrict) -> None:
    """Draws undo, redo and save, and the whole rule set in plain English below."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        undo_redo(opened.district_id)
        st.space("stretch")
        _save(opened)
    _outcome(opened.district_id)
    in_words(opened)


def in_words(opened: OpenDistrict) -> None:
    """Draws the whole rule set in plain English."""
    st.markdown("\n".join(f"- {widgets.plain(line)}" for line in opened.draft.describe().splitlines()))


def undo_redo(district: str) -> None:
    """Draws undo and redo, for who may change anything; each says what it would take back or do again."""
    if not services.may("reviewer"):
        return
    with st.container(horizontal=True, gap="xsmall", width="content"):
        for label, symbol, what, action in (
            ("Undo", "undo", state.can_undo(district), state.undo),
            ("Redo", "redo", state.can_redo(district), state.redo),
        ):
            st.button(
                label, icon=f":material/{symbol}:", key=f"{district}:{label}", disabled=not what, on_click=action,
                args=(district,), help=f"{label}: {what}" if what else None, type="tertiary",
            )  # fmt: skip


def resolve(opened: OpenDistrict) -> None:
    """Draws the choice of what it means that a student is left in several sections."""
    district, chosen = opened.district_id, opened.draft.resolve
    key = f"{district}:resolve:{chosen}"
    st.radio(
        "If a student is left in several sections",
        list(_RESOLVES),
        index=list(_RESOLVES).index(chosen),
        format_func=lambda word: _RESOLVES[word],
        key=key,
        horizontal=True,
        on_change=lambda: _change(district, "settle several", resolve=state.widget(key)),
    )
    if chosen == "first":
        settled = opened.coverage.settled_by_order
        st.caption(f"{widgets.count(settled, 'student')} settled by the order of the rules: what stands first is kept.")


def name(opened: OpenDistrict) -> None:
    """Draws the box for the name of these rules."""
    key = f"{opened.district_id}:name:{opened.draft.name}"
    st.text_input(
        "Name of these rules",
        opened.draft.name,
        key=key,
        placeholder="Homeroom in K-5, advisory in 6-8",
        on_change=lambda: _change(opened.district_id, "name the rules", name=str(state.widget(key) or "").strip()),
    )


def back_to_saved(opened: OpenDistrict) -> None:
    """Draws the button that gives the unsaved edits up; undo brings them back."""
    base = RuleSet() if opened.saved is None else opened.saved.rule_set
    edits = frame.edits_between(base, opened.draft)
    st.button(
        f"Discard {widgets.count(edits, 'unsaved edit')}" if edits else "Discard unsaved edits",
        key=f"{opened.district_id}:discard",
        disabled=opened.saved is None or not edits,
        help="Goes back to the saved rules. Undo brings your edits back.",
        on_click=state.set_draft,
        args=(opened.district_id, base, "discard the edits"),
    )


def _save(opened: OpenDistrict) -> None:
    unchanged = opened.saved is not None and opened.saved.rule_set == opened.draft
    st.button(
        "Saved" if unchanged else f"Save as v{opened.saved_version + 1}",
        type="primary",
        key=f"{opened.district_id}:save",
        disabled=unchanged,
        on_click=_saved,
        args=(opened.district_id, opened.saved_version),
    )


def _saved(district: str, expected_version: int) -> None:
    try:
        services.save_rules(district, state.draft(district), expected_version=expected_version)
    except RosterError as error:
        state.select(f"desk-outcome:{district}", error)


def _outcome(district: str) -> None:
    """Shows once what went wrong in a callback."""
    error = state.selection(f"desk-outcome:{district}")
    if error is not None:
        state.select(f"desk-outcome:{district}", None)
        widgets.show_error(error)


def _change(district: str, what: str, **changes: object) -> None:
    state.set_draft(district, replace(state.draft(district), **changes), what)
