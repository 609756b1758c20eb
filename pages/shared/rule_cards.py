"""Rules as cards of condition rows: OR between cards, AND inside. Every change is one undoable step of the draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from pages.shared import rule_editor, state, widgets
from pages.shared.rule_editor import Card, Editor, Row
from roster_core.coverage import Coverage, RuleEffect
from roster_core.roster import Roster, ordered_grades
from roster_core.rule_words import FIELDS, OPERATORS
from roster_core.rules import Rule, condition_problem

#: A list to choose a value from is no longer than this; typing finds the rest.
LISTED_VALUES = 1_000


def cards(district: str, coverage: Coverage) -> None:
    """Draws every rule of the draft as a card with its live numbers, and the buttons that add one."""
    editor = _editor(district)
    effects = {effect.index: effect for effect in coverage.rule_effects()}
    places = editor.places()
    for number, card in enumerate(editor.cards, start=1):
        with st.container(border=True, gap="xsmall"):
            _head(district, card, number, len(editor.cards))
            if not card.folded:
                for place, row in enumerate(card.rows, start=1):
                    _row(district, coverage.roster, row, f"condition {place} of rule {number}", first=place == 1)
            _foot(district, coverage, card, number, effects.get(places.get(card.uid, -1)))
    with st.container(horizontal=True):
        for do in ("keep", "drop"):
            st.button(
                f"{do.capitalize()} rule",
                icon=":material/add:",
                key=f"{district}:add:{do}",
                on_click=_add_card,
                args=(district, do),
            )


def effect_text(rule: Rule, effect: RuleEffect) -> str:
    """What a rule does now, as one line: sections, and the students that depend on it."""
    parts = [widgets.count(effect.sections, "section")]
    if rule.do == "keep":
        if effect.only:
            parts.append(f"only this covers {widgets.count(effect.only, 'student')}")
        if effect.second:
            parts.append(f"puts {widgets.number(effect.second)} in a second section")
    else:
        parts.append(f"takes away {widgets.count(effect.enrollments, 'enrollment')}")
    return " · ".join(parts)


def effect_warning(effect: RuleEffect) -> str:
    """What a reviewer should know of a rule that does nothing; empty for one that does."""
    if effect.dead:
        return "Matches nothing in this roster."
    return "Changes nothing: other rules decide all it matches." if effect.shadowed else ""


def _editor(district: str) -> Editor:
    """The editor of the draft as it stands; made anew where the draft was changed elsewhere, by undo or import."""
    held = state.selection(f"editor:{district}")
    editor = rule_editor.editor_for(state.draft(district).rules, held)
    state.select(f"editor:{district}", editor)
    return editor


def _apply(district: str, editor: Editor, what: str, typing: str = "") -> None:
    state.select(f"editor:{district}", editor)
    state.set_draft(district, replace(state.draft(district), rules=editor.rules), what, typing=typing)


def _head(district: str, card: Card, number: int, cards_in_all: int) -> None:
    key = f"{district}:{card.uid}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        if card.folded:
            rule = card.rule
            st.markdown(f"**{number}**  {widgets.plain(rule.describe()) if rule else 'Not complete yet.'}")
        else:
            st.markdown(f"**{number}**", width="content")
            st.selectbox(
                f"What rule {number} does",
                ("keep", "drop"),
                index=("keep", "drop").index(card.do),
                format_func={"keep": "Keep sections when", "drop": "Drop sections when"}.get,
                key=f"{key}:do",
                label_visibility="collapsed",
                width=200,
                on_change=_changed_do,
                args=(district, card.uid),
            )
            st.space("stretch")
        fold = ("Open", ":material/unfold_more:") if card.folded else ("Fold", ":material/unfold_less:")
        _icon(f"{key}:fold", fold[1], f"{fold[0]} rule {number}", _fold, district, card.uid)
        _icon(f"{key}:up", ":material/arrow_upward:", f"Move rule {number} up", _move, district, card.uid, -1,
              disabled=number == 1)  # fmt: skip
        _icon(f"{key}:down", ":material/arrow_downward:", f"Move rule {number} down", _move, district, card.uid, 1,
              disabled=number == cards_in_all)  # fmt: skip
        _icon(f"{key}:copy", ":material/content_copy:", f"Duplicate rule {number}", _duplicate, district, card.uid)
        _icon(f"{key}:remove", ":material/delete:", f"Remove rule {number}", _remove_card, district, card.uid)


def _row(district: str, roster: Roster, row: Row, name: str, *, first: bool) -> None:
    key = f"{district}:{row.uid}"
    on_change = {"on_change": _typed, "args": (district, row.uid), "label_visibility": "collapsed"}
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        if not first:
            st.caption("and", width=28)
        fields, operators = list(FIELDS), list(OPERATORS)
        st.selectbox(f"Field of {name}", fields, index=fields.index(row.field), width=150, key=f"{key}:field",
                     format_func=lambda field: FIELDS[field].label, **on_change)  # fmt: skip
        st.selectbox(f"Operator of {name}", operators, index=operators.index(row.op), width=150, key=f"{key}:op",
                     format_func=lambda op: OPERATORS[op].label, **on_change)  # fmt: skip
        if OPERATORS[row.op].takes_values:
            for place, text in enumerate((*row.texts, "")):
                # One box more than there are values: the next value is one Tab away.
                if place == 0 or row.texts[place - 1 : place] != ("",):
                    st.text_input(f"Value {place + 1} of {name}", text, key=f"{key}:value:{place}", live=True,
                                  placeholder="or …" if place else "type here", width=_width(text, place),
                                  autocomplete="off", **on_change)  # fmt: skip
            _value_list(district, roster, row, name)
            st.checkbox("Aa", row.match_case, key=f"{key}:case", help=f"Same letter case in {name}",
                        on_change=_typed, args=(district, row.uid))  # fmt: skip
        _icon(f"{key}:remove", ":material/close:", f"Remove {name}", _remove_row, district, row.uid)
    if row.problem and any(row.texts):
        counting = f" Until then it counts as {row.last.describe()}." if row.last else ""
        st.error(widgets.plain(row.problem + counting))
    elif row.problem:
        st.caption(widgets.plain(row.problem + (f" Until then it counts as {row.last.describe()}." if row.last else "")))


def _value_list(district: str, roster: Roster, row: Row, name: str) -> None:
    """A list of the texts that occur in the field, made only when it is opened."""
    key = f"{district}:{row.uid}"
    popover = st.popover("", icon=":material/list:", type="tertiary", key=f"{key}:list", on_change="rerun",
                         help=f"Choose values for {name}")  # fmt: skip
    if not popover.open:
        return
    with popover:
        texts, counts = field_values(roster, row.field)
        label = FIELDS[row.field].label
        st.selectbox(
            f"Values of the {label}",
            list(texts),
            index=None,
            format_func=lambda text: f"{text} ({widgets.count(counts[text], 'section')})",
            key=f"{key}:chosen",
            placeholder="Choose one to add",
            on_change=_chosen,
            args=(district, row.uid),
            width=380,
        )
        if len(texts) == LISTED_VALUES:
            st.caption(f"The {widgets.number(LISTED_VALUES)} most frequent ones.")


def field_values(roster: Roster, name: str) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """The texts that occur in a field, most frequent first and at most `LISTED_VALUES`, with their sections."""
    column = roster.text(name)
    sections = np.bincount(column.codes, minlength=len(column.values))
    most = np.argsort(-sections, kind="stable")[: LISTED_VALUES + 1]
    counts = {column.values[int(place)].as_py(): int(sections[place]) for place in most}
    counts.pop("", None)
    texts = tuple(counts)[:LISTED_VALUES]
    return texts, counts


def _foot(district: str, coverage: Coverage, card: Card, number: int, effect: RuleEffect | None) -> None:
    key = f"{district}:{card.uid}"
    rule = card.rule
    if not card.folded:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.button("Condition", icon=":material/add:", type="tertiary", key=f"{key}:row", on_click=_add_row,
                      args=(district, card.uid), help=f"Add a condition to rule {number}")  # fmt: skip
            _grades(district, coverage.roster, card, number)
            _note(district, card, number)
    if card.note:
        st.caption(f"Note: {widgets.plain(card.note)}")
    if rule is None or effect is None:
        st.caption("Not applied yet.")
        return
    obstacles = rule.district_obstacles()
    where = "" if card.folded else " · works on our side only" if obstacles else " · the district can type this"
    st.caption(effect_text(rule, effect) + where, help="; ".join(obstacles) + "." if obstacles and where else None)
    if warning := effect_warning(effect):
        st.markdown(f":orange-background[:material/warning: {warning}]")


def _grades(district: str, roster: Roster, card: Card, number: int) -> None:
    key = f"{district}:{card.uid}:grades"
    said = f"For {widgets.grades_text(card.student_grades)}"
    popover = st.popover(said, type="tertiary", key=f"{key}:open", on_change="rerun",
                         help=f"Student grades of rule {number}")  # fmt: skip
    if popover.open:
        present = [grade for grade in ordered_grades(roster.students["grade"]) if grade]
        present += [grade for grade in card.student_grades if grade not in present]
        popover.multiselect(
            "Only for students in these grades (none chosen: every grade)",
            present,
            default=list(card.student_grades),
            format_func=widgets.grade_label,
            key=key,
            on_change=_changed_grades,
            args=(district, card.uid),
        )


def _note(district: str, card: Card, number: int) -> None:
    key = f"{district}:{card.uid}:note"
    popover = st.popover("Note", type="tertiary", key=f"{key}:open", on_change="rerun",
                         help=f"Why rule {number} is there")  # fmt: skip
    if popover.open:
        popover.text_input("Why this rule is there", card.note, key=key, on_change=_changed_note,
                           args=(district, card.uid))  # fmt: skip


def _icon(key: str, icon: str, name: str, action: object, *args: object, disabled: bool = False) -> None:
    st.button("", icon=icon, key=key, help=name, type="tertiary", on_click=action, args=args, disabled=disabled)


def _width(text: str, place: int) -> int:
    return max(150 if text or not place else 80, min(28 + 8 * len(text), 420))


def _add_card(district: str, do: str) -> None:
    _apply(district, rule_editor.add_card(_editor(district), do), f"add a {do} rule")


def _add_row(district: str, card: str) -> None:
    _apply(district, rule_editor.add_row(_editor(district), card), "add a condition")


def _remove_row(district: str, row: str) -> None:
    _apply(district, rule_editor.remove_row(_editor(district), row), "remove a condition")


def _remove_card(district: str, card: str) -> None:
    _apply(district, rule_editor.remove_card(_editor(district), card), "remove a rule")


def _move(district: str, card: str, by: int) -> None:
    _apply(district, rule_editor.move_card(_editor(district), card, by), "move a rule")


def _duplicate(district: str, card: str) -> None:
    _apply(district, rule_editor.duplicate_card(_editor(district), card), "duplicate a rule")


def _fold(district: str, card: str) -> None:
    editor = rule_editor.change_card(_editor(district), card, lambda held: replace(held, folded=not held.folded))
    state.select(f"editor:{district}", editor)


def _changed_do(district: str, card: str) -> None:
    do = state.widget(f"{district}:{card}:do")
    changed = rule_editor.change_card(_editor(district), card, lambda held: replace(held, do=do))
    _apply(district, changed, f"make a rule {do}")


def _changed_grades(district: str, card: str) -> None:
    grades = tuple(state.widget(f"{district}:{card}:grades"))
    changed = rule_editor.change_card(_editor(district), card, lambda held: replace(held, student_grades=grades))
    _apply(district, changed, "change a rule's grades")


def _changed_note(district: str, card: str) -> None:
    note = str(state.widget(f"{district}:{card}:note") or "").strip()
    changed = rule_editor.change_card(_editor(district), card, lambda held: replace(held, note=note))
    _apply(district, changed, "write a note")


def _typed(district: str, row_uid: str) -> None:
    """Takes over a row as its widgets show it; what is typed without a pause elsewhere is one step of undo."""
    key = f"{district}:{row_uid}"
    editor = _editor(district)
    row = _row_of(editor, row_uid)
    typed = [str(state.widget(f"{key}:value:{place}", text) or "") for place, text in enumerate((*row.texts, ""))]
    changed = rule_editor.change_row(
        editor,
        row_uid,
        field=state.widget(f"{key}:field"),
        op=state.widget(f"{key}:op"),
        texts=_without_empty_end(typed),
        match_case=bool(state.widget(f"{key}:case", row.match_case)),
    )
    _apply(district, changed, "type in a rule", typing=row_uid)


def _chosen(district: str, row_uid: str) -> None:
    key = f"{district}:{row_uid}"
    text = state.widget(f"{key}:chosen")
    state.set_widget(f"{key}:chosen", None)
    editor = _editor(district)
    texts = _row_of(editor, row_uid).texts
    if text and text not in texts:
        state.set_widget(f"{key}:value:{len(texts)}", text)
        _apply(district, rule_editor.change_row(editor, row_uid, texts=(*texts, text)), "choose a value")


def _row_of(editor: Editor, row_uid: str) -> Row:
    return next(row for card in editor.cards for row in card.rows if row.uid == row_uid)


def _without_empty_end(texts: Sequence[str]) -> tuple[str, ...]:
    filled = [place for place, text in enumerate(texts) if text.strip()]
    return tuple(texts[: filled[-1] + 1]) if filled else ()
