"""Rules as cards of condition rows: OR between cards, AND inside. Every change is one undoable step of the draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from pages.shared import fold_outs, icons, rule_editor, rule_rows, state, widgets
from pages.shared.rule_editor import Card, Editor
from roster_core.contribution import RuleEffect
from roster_core.coverage import Coverage
from roster_core.roster import Roster, ordered_grades
from roster_core.rules import Rule

_DOINGS = {"keep": "Keep sections whose", "drop": "Drop sections whose"}

_OTHER = {"keep": "drop", "drop": "keep"}


def _turned(editor: Editor, card: str) -> Editor:
    return rule_editor.change_card(editor, card, lambda held: replace(held, do=_OTHER[held.do]))


#: What the menu of a card may offer, how it changes the editor, and what undo calls it.
_MENU: Mapping[str, tuple[Callable[[Editor, str], Editor], str]] = {
    "Turn into a keep rule": (_turned, "make a rule keep"),
    "Turn into a drop rule": (_turned, "make a rule drop"),
    "Move up": (lambda editor, card: rule_editor.move_card(editor, card, -1), "move a rule"),
    "Move down": (lambda editor, card: rule_editor.move_card(editor, card, 1), "move a rule"),
    "Duplicate": (rule_editor.duplicate_card, "duplicate a rule"),
}


def draw(district: str, coverage: Coverage) -> None:
    """Draws every rule of the draft as a card with its live numbers, and the buttons that add one."""
    editor = rule_rows.current(district)
    effects = coverage.rule_effects()
    places = editor.places()
    for number, card in enumerate(editor.cards, start=1):
        effect = effects[places[card.uid]] if card.uid in places else None
        with st.container(border=True, gap="xsmall"):
            if card.folded:
                _folded(district, coverage.roster, card, number, effect)
            else:
                _head(district, card, number, len(editor.cards))
                for place, row in enumerate(card.rows, start=1):
                    name = f"condition {place} of rule {number}"
                    rule_rows.draw(district, coverage.roster, row, name, first=place == 1)
                _foot(district, coverage.roster, card, number, effect)
    with st.container(horizontal=True):
        for do in _DOINGS:
            label, key = f"{do.capitalize()} rule", f"{district}:add:{do}"
            st.button(label, icon=":material/add:", key=key, on_click=_add, args=(district, do))


def effect_text(rule: Rule, effect: RuleEffect) -> str:
    """What a rule does now, as one line: its sections, and the students that depend on it."""
    parts = [widgets.count(effect.sections, "section")]
    if rule.do == "keep" and effect.only:
        parts.append(f"only this covers {widgets.count(effect.only, 'student')}")
    if rule.do == "keep" and effect.second:
        parts.append(f"puts {widgets.number(effect.second)} in a second section")
    if rule.do == "drop":
        parts.append(f"keeps {widgets.count(effect.freed, 'student')} out of a second section")
    if effect.stranded:
        parts.append(f"leaves {widgets.count(effect.stranded, 'student')} without any")
    return " · ".join(parts)


def _folded(district: str, roster: Roster, card: Card, number: int, effect: RuleEffect | None) -> None:
    rule = card.rule
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        st.markdown(f"**{number}**  {widgets.plain(rule.describe() if rule else 'Not complete yet.')}")
        rule_rows.icon(f"{district}:{card.uid}:fold", "unfold", f"Open rule {number}", _fold, district, card.uid)
    _numbers(roster, rule, effect)


def _head(district: str, card: Card, number: int, cards: int) -> None:
    key = f"{district}:{card.uid}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        st.markdown(f"**{number}**  {_DOINGS[card.do]}", width="stretch")
        menu = icons.label("more", f"Turn, move or copy: rule {number},")
        opened = fold_outs.button(district, f"{key}:menu", menu)
        rule_rows.icon(f"{key}:Fold", "fold", f"Fold: rule {number}", _fold, district, card.uid)
        rule_rows.icon(f"{key}:Remove", "delete", f"Remove: rule {number}", _remove, district, card.uid)
    if opened:
        _menu(district, card, number, cards)


def _menu(district: str, card: Card, number: int, cards: int) -> None:
    """What is done with a card more rarely."""
    offered = [f"Turn into a {_OTHER[card.do]} rule", *(["Move up"] if number > 1 else [])]
    offered += [*(["Move down"] if number < cards else []), "Duplicate"]
    with st.container(horizontal=True, gap="small"):
        for name in offered:
            key = f"{district}:{card.uid}:menu:{name}"
            st.button(name, key=key, on_click=_from_menu, args=(district, card.uid, name))


def _foot(district: str, roster: Roster, card: Card, number: int, effect: RuleEffect | None) -> None:
    key, of_rule = f"{district}:{card.uid}", f"Rule {number}:"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"{icons.mark('add', of_rule)} Condition",
            type="tertiary",
            key=f"{key}:row",
            on_click=_add_row,
            args=(district, card.uid),
        )
        grades = f"{icons.mark('people', of_rule)} For {widgets.grades_text(card.student_grades)}"
        grades_open = fold_outs.button(district, f"{key}:grades:open", grades)
        note_open = fold_outs.button(district, f"{key}:note:open", f"{icons.mark('note', of_rule)} Note")
    if grades_open:
        _grades(district, roster, card)
    if note_open:
        _note(district, card, number)
    if card.note:
        st.caption(f"Note: {widgets.plain(card.note)}")
    _numbers(roster, card.rule, effect)


def _numbers(roster: Roster, rule: Rule | None, effect: RuleEffect | None) -> None:
    if rule is None or effect is None:
        st.caption("Not applied yet.")
        return
    text = effect_text(rule, effect)
    if roster.by_files:
        # Who sends files has no sharing screen to type a rule into.
        st.caption(text)
    else:
        obstacles = rule.district_obstacles()
        where = "works on our side only" if obstacles else "the district can type this too"
        st.caption(f"{text} · {where}", help="; ".join(obstacles) + "." if obstacles else None)
    if effect.warning:
        st.markdown(f":orange-background[:material/warning: {effect.warning}]")


def _grades(district: str, roster: Roster, card: Card) -> None:
    present = [grade for grade in ordered_grades(roster.students["grade"]) if grade]
    st.multiselect(
        "Only for students in these grades (none chosen: every grade)",
        [*present, *(grade for grade in card.student_grades if grade not in present)],
        default=list(card.student_grades),
        format_func=widgets.grade_label,
        key=f"{district}:{card.uid}:grades",
        on_change=_changed_grades,
        args=(district, card.uid),
    )


def _note(district: str, card: Card, number: int) -> None:
    said, key = f"Why rule {number} is there", f"{district}:{card.uid}:note"
    st.text_input(said, card.note, key=key, on_change=_changed_note, args=(district, card.uid))


def _add(district: str, do: str) -> None:
    rule_rows.apply(district, rule_editor.add_card(rule_rows.current(district), do), f"add a {do} rule")


def _add_row(district: str, card: str) -> None:
    rule_rows.apply(district, rule_editor.add_row(rule_rows.current(district), card), "add a condition")


def _remove(district: str, card: str) -> None:
    rule_rows.apply(district, rule_editor.remove_card(rule_rows.current(district), card), "remove a rule")


def _from_menu(district: str, card: str, name: str) -> None:
    change, what = _MENU[name]
    rule_rows.apply(district, change(rule_rows.current(district), card), what)


def _fold(district: str, card: str) -> None:
    editor = rule_editor.change_card(
        rule_rows.current(district), card, lambda held: replace(held, folded=not held.folded)
    )
    rule_rows.apply(district, editor, "fold a rule")


def _changed_grades(district: str, card: str) -> None:
    grades = tuple(state.widget(f"{district}:{card}:grades"))
    _change(district, card, "change a rule's grades", student_grades=grades)


def _changed_note(district: str, card: str) -> None:
    _change(district, card, "write a note", note=str(state.widget(f"{district}:{card}:note") or "").strip())


def _change(district: str, card: str, what: str, **changes: object) -> None:
    editor = rule_editor.change_card(rule_rows.current(district), card, lambda held: replace(held, **changes))
    rule_rows.apply(district, editor, what)
