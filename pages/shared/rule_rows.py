"""One condition as a row of widgets, and how what is typed in it becomes the draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from pages.shared import fold_outs, icons, rule_editor, state, widgets
from pages.shared.rule_editor import Editor, Row
from roster_core.roster import Roster
from roster_core.rule_words import FIELDS, OPERATORS

#: A list to choose a value from is no longer than this.
LISTED_VALUES = 1_000


def current(district: str) -> Editor:
    """The editor of the draft as it stands; made anew where the draft was changed elsewhere, by undo or import."""
    editor = rule_editor.editor_for(state.draft(district).rules, state.selection(f"editor:{district}"))
    state.select(f"editor:{district}", editor)
    return editor


def apply(district: str, editor: Editor, what: str, typing: str = "") -> None:
    """Shows the editor from now on, and makes its complete rules those of the draft: one step of undo."""
    state.select(f"editor:{district}", editor)
    state.set_draft(district, replace(state.draft(district), rules=editor.rules), what, typing=typing)


def draw(district: str, roster: Roster, row: Row, name: str, *, first: bool) -> None:
    """Draws one row: field, operator, a box for each value and one more, and what is wrong with it below."""
    key = f"{district}:{row.uid}"
    with st.container(horizontal=True, vertical_alignment="top", gap="xxsmall"):
        if not first:
            st.caption("and", width=26)
        _choice(district, row.uid, f"Field of {name}", "field", row.field, {k: f.label for k, f in FIELDS.items()})
        _choice(district, row.uid, f"Operator of {name}", "op", row.op, {k: o.label for k, o in OPERATORS.items()})
        takes_values = OPERATORS[row.op].takes_values
        with st.container(horizontal=True, gap="xxsmall"):
            if takes_values:
                _values(district, row, name)
        label = "List · Aa" if row.match_case else "List"
        listed = takes_values and fold_outs.button(district, f"{key}:list", label)
        icon(f"{key}:remove", "close", f"Remove {name}", _remove, district, row.uid)
    if listed:
        _more(district, roster, row)
    if row.problem:
        until = f" Until then it counts as: {row.last.describe()}." if row.last else ""
        (st.error if any(row.texts) else st.caption)(widgets.plain(row.problem + until))


def icon(key: str, drawing: str, name: str, action: Callable[..., None], *args: object) -> None:
    """A quiet button with a drawing only; its name is read out and shown on hovering."""
    st.button(icons.label(drawing, name), key=key, type="tertiary", on_click=action, args=args)


def field_values(roster: Roster, name: str) -> Mapping[str, int]:
    """The texts that occur in a section field with their number of sections, most frequent first, not all if many."""
    column = roster.text(name)
    sections = np.bincount(column.codes, minlength=len(column.values))
    most = np.argsort(-sections, kind="stable")[: LISTED_VALUES + 1]
    counts = {column.values[int(place)].as_py(): int(sections[place]) for place in most}
    counts.pop("", None)
    return dict(list(counts.items())[:LISTED_VALUES])


def _choice(district: str, row_uid: str, name: str, part: str, chosen: str, labels: Mapping[str, str]) -> None:
    st.selectbox(
        name,
        list(labels),
        index=list(labels).index(chosen),
        format_func=lambda key: labels[key],
        key=f"{district}:{row_uid}:{part}",
        label_visibility="collapsed",
        width=138,
        on_change=_typed,
        args=(district, row_uid),
    )


def _values(district: str, row: Row, name: str) -> None:
    """A live box for each value, and an empty one after them: the next value is one Tab away."""
    for place, text in enumerate((*row.texts, "")):
        st.text_input(
            f"Value {place + 1} of {name}",
            text,
            key=f"{district}:{row.uid}:value:{place}",
            live=True,
            placeholder="or …" if place else "type here",
            autocomplete="off",
            label_visibility="collapsed",
            width=_box_width(text, first=place == 0),
            on_change=_typed,
            args=(district, row.uid),
        )


def _more(district: str, roster: Roster, row: Row) -> None:
    """Letter case, and a list of the texts that occur in the field; made only when it is opened."""
    key = f"{district}:{row.uid}"
    counts = field_values(roster, row.field)
    st.selectbox(
        f"Every {FIELDS[row.field].label} of this roster",
        list(counts),
        index=None,
        format_func=lambda text: f"{text} ({widgets.count(counts[text], 'section')})",
        key=f"{key}:chosen",
        placeholder="Choose one to add",
        width=380,
        on_change=_chosen,
        args=(district, row.uid),
    )
    if len(counts) == LISTED_VALUES:
        st.caption(f"The {widgets.number(LISTED_VALUES)} most frequent ones.")
    st.checkbox("Same letter case (Aa)", row.match_case, key=f"{key}:case", on_change=_typed,
                     args=(district, row.uid))  # fmt: skip


def _box_width(text: str, *, first: bool) -> int:
    return min(max(130 if text or first else 66, 30 + 8 * len(text)), 420)


def _typed(district: str, row_uid: str) -> None:
    """Takes a row over as its widgets show it; what is typed in one row without a pause is one step of undo."""
    key = f"{district}:{row_uid}"
    editor = current(district)
    row = _row_of(editor, row_uid)
    if row is None:
        return
    boxes = (*row.texts, "")
    typed = [str(state.widget(f"{key}:value:{place}", text) or "") for place, text in enumerate(boxes)]
    changed = rule_editor.change_row(
        editor,
        row_uid,
        field=state.widget(f"{key}:field", row.field),
        op=state.widget(f"{key}:op", row.op),
        texts=_without_empty_end(typed),
        match_case=bool(state.widget(f"{key}:case", row.match_case)),
    )
    apply(district, changed, "type in a rule", typing=row_uid)


def _chosen(district: str, row_uid: str) -> None:
    key = f"{district}:{row_uid}"
    text = state.widget(f"{key}:chosen")
    state.set_widget(f"{key}:chosen", None)
    editor = current(district)
    row = _row_of(editor, row_uid)
    if row is not None and text and text not in row.texts:
        state.set_widget(f"{key}:value:{len(row.texts)}", text)
        apply(district, rule_editor.change_row(editor, row_uid, texts=(*row.texts, text)), "choose a value")


def _remove(district: str, row_uid: str) -> None:
    apply(district, rule_editor.remove_row(current(district), row_uid), "remove a condition")


def _row_of(editor: Editor, row_uid: str) -> Row | None:
    """The row, or None: a box may tell of its letters when another click has taken its row away already."""
    return next((row for card in editor.cards for row in card.rows if row.uid == row_uid), None)


def _without_empty_end(texts: Sequence[str]) -> tuple[str, ...]:
    filled = [place for place, text in enumerate(texts) if text.strip()]
    return tuple(texts[: filled[-1] + 1]) if filled else ()
