"""The rules as cards and rows on the screen: what a person is typing, complete or not.

A rule set holds complete rules only. The editor holds every row as it stands, so that a half-typed
expression is neither lost nor breaks the page: a row counts with the last complete condition it had,
and not at all before it had one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from roster_core.rule_words import OPERATORS
from roster_core.rules import Condition, Rule, condition_problem

#: So many cards start open; with more, each is one sentence until it is opened.
OPEN_CARDS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as typed. `texts` may hold empty ones; `last` is what it last was when complete."""

    uid: str
    field: str = "section_name"
    op: str = "contains"
    texts: tuple[str, ...] = ()
    match_case: bool = False
    last: Condition | None = None

    @property
    def condition(self) -> Condition:
        """The row as a condition, complete or not; empty value boxes do not count."""
        if not OPERATORS[self.op].takes_values:
            return Condition(self.field, self.op)
        values = tuple(text for text in self.texts if text.strip())
        return Condition(self.field, self.op, values, self.match_case)

    @property
    def problem(self) -> str:
        """What keeps the row from counting as typed, in words; empty where nothing does."""
        return condition_problem(self.condition)

    @property
    def counting(self) -> Condition | None:
        """The condition that counts now: the row itself, else what it last was when complete."""
        return self.last if self.problem else self.condition


@dataclass(frozen=True, slots=True)
class Card:
    """One rule as typed; folded, it is one sentence."""

    uid: str
    do: str = "keep"
    rows: tuple[Row, ...] = ()
    student_grades: tuple[str, ...] = ()
    note: str = ""
    folded: bool = False

    @property
    def rule(self) -> Rule | None:
        """The rule that counts now; None while no row of the card has ever been complete."""
        when = tuple(condition for row in self.rows if (condition := row.counting) is not None)
        return Rule(self.do, when, self.student_grades, self.note) if when else None


@dataclass(frozen=True, slots=True)
class Editor:
    """All cards, and the number the next card or row is named by, so that no name is used twice."""

    cards: tuple[Card, ...] = ()
    serial: int = 0

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that count now, in order."""
        return tuple(rule for card in self.cards if (rule := card.rule) is not None)

    def places(self) -> dict[str, int]:
        """Where each counting card's rule stands among `rules`."""
        counting = [card.uid for card in self.cards if card.rule is not None]
        return {uid: place for place, uid in enumerate(counting)}


def editor_for(rules: Sequence[Rule], before: Editor | None = None) -> Editor:
    """The editor that shows these rules: `before` where it does already, else new cards.

    New cards take new names, because a widget remembers what was typed under its name. Cards
    that were folded at the same place stay so.
    """
    if before is not None and before.rules == tuple(rules):
        return before
    editor = Editor(serial=0 if before is None else before.serial)
    for rule in rules:
        editor = _with_card(editor, rule, len(editor.cards), folded=len(rules) > OPEN_CARDS)
    if before is not None and len(before.cards) == len(editor.cards):
        pairs = zip(editor.cards, before.cards, strict=True)
        editor = replace(editor, cards=tuple(replace(card, folded=old.folded) for card, old in pairs))
    return editor


def add_card(editor: Editor, do: str) -> Editor:
    """One more card at the end, with one empty row."""
    row, card = f"r{editor.serial}", f"c{editor.serial + 1}"
    return replace(editor, cards=(*editor.cards, Card(card, do, (Row(row),))), serial=editor.serial + 2)


def add_row(editor: Editor, card_uid: str) -> Editor:
    """One more empty row in a card; it counts once a value is typed."""
    row = Row(f"r{editor.serial}")
    changed = change_card(editor, card_uid, lambda card: replace(card, rows=(*card.rows, row)))
    return replace(changed, serial=editor.serial + 1)


def remove_row(editor: Editor, row_uid: str) -> Editor:
    """The editor without a row; a card without rows goes too."""
    kept = (replace(card, rows=tuple(row for row in card.rows if row.uid != row_uid)) for card in editor.cards)
    return replace(editor, cards=tuple(card for card in kept if card.rows))


def remove_card(editor: Editor, card_uid: str) -> Editor:
    """The editor without a card."""
    return replace(editor, cards=tuple(card for card in editor.cards if card.uid != card_uid))


def move_card(editor: Editor, card_uid: str, by: int) -> Editor:
    """The editor with a card `by` places further down (up where negative), as far as there is room."""
    cards = list(editor.cards)
    place = _place(editor, card_uid)
    if place is None:
        return editor
    card = cards.pop(place)
    cards.insert(min(max(place + by, 0), len(cards)), card)
    return replace(editor, cards=tuple(cards))


def duplicate_card(editor: Editor, card_uid: str) -> Editor:
    """The editor with a copy of a card below it."""
    place = _place(editor, card_uid)
    if place is None:
        return editor
    card = editor.cards[place]
    rows = tuple(replace(row, uid=f"r{editor.serial + 1 + index}") for index, row in enumerate(card.rows))
    copy = replace(card, uid=f"c{editor.serial}", rows=rows, folded=False)
    cards = (*editor.cards[: place + 1], copy, *editor.cards[place + 1 :])
    return replace(editor, cards=cards, serial=editor.serial + 1 + len(rows))


def change_card(editor: Editor, card_uid: str, change: Callable[[Card], Card]) -> Editor:
    """The editor with one card changed."""
    cards = tuple(change(card) if card.uid == card_uid else card for card in editor.cards)
    return replace(editor, cards=cards)


def change_row(editor: Editor, row_uid: str, **typed: object) -> Editor:
    """The editor with one row as typed now; it keeps what it last was when complete."""

    def changed(row: Row) -> Row:
        if row.uid != row_uid:
            return row
        now = replace(row, **typed, last=row.counting)
        return now if now.problem else replace(now, last=now.condition)

    cards = tuple(replace(card, rows=tuple(changed(row) for row in card.rows)) for card in editor.cards)
    return replace(editor, cards=cards)


def _with_card(editor: Editor, rule: Rule, place: int, *, folded: bool) -> Editor:
    rows = tuple(
        Row(f"r{editor.serial + 1 + index}", item.field, item.op, item.values, item.match_case, item)
        for index, item in enumerate(rule.when)
    )
    card = Card(f"c{editor.serial}", rule.do, rows, rule.student_grades, rule.note, folded)
    cards = (*editor.cards[:place], card, *editor.cards[place:])
    return replace(editor, cards=cards, serial=editor.serial + 1 + len(rows))


def _place(editor: Editor, card_uid: str) -> int | None:
    """Where a card stands; None for one that another click has taken away already."""
    return next((index for index, card in enumerate(editor.cards) if card.uid == card_uid), None)
