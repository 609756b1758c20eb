"""Operators by table, hostile expressions, and where a hit stands in a name."""

from __future__ import annotations

import time

import pytest

from roster_core.matching import condition_mask, highlights, rule_mask, text_mask
from roster_core.rules import Condition, Rule
from roster_core.text_blocks import LONG
from tests.strategies import roster_of


@pytest.mark.parametrize(
    ("name", "op", "values", "match_case", "met"),
    [
        ("Homeroom 3A", "contains", ("homeroom",), False, True),
        ("Homeroom 3A", "contains", ("homeroom",), True, False),
        ("Homeroom 3A", "contains", ("x", "3a"), False, True),
        ("Homeroom  3A", "contains", ("room 3",), False, True),
        ("Homeroom\u00a03A", "is", ("homeroom 3a",), False, True),
        (" HR ", "is", ("hr",), False, True),
        ("HR", "is", ("H",), False, False),
        ("HR", "is_not", ("hr", "x"), False, False),
        ("HR", "is_not", ("x", "y"), False, True),
        ("HR 1", "not_contains", ("x", "1"), False, False),
        ("HR 1", "not_contains", ("x", "y"), False, True),
        ("HR 1", "starts_with", ("hr",), False, True),
        ("HR 1", "starts_with", ("1",), False, False),
        ("HR 1", "ends_with", ("1",), False, True),
        ("Étude", "contains", ("e\u0301t",), False, True),
        ("ΟΔΟΣ", "is", ("οδος",), False, True),
        ("a.b", "contains", ("a.b",), False, True),
        ("axb", "contains", ("a.b",), False, False),
        ("axb", "matches", ("a.b",), False, True),
        ("HR 12", "matches", (r"\d{2}$",), False, True),
        ("hr", "matches", ("HR",), False, True),
        ("hr", "matches", ("HR",), True, False),
        ("", "is_empty", (), False, True),
        ("  ", "is_empty", (), False, True),
        ("", "is_not_empty", (), False, False),
        ("", "contains", ("x",), False, False),
        ("", "not_contains", ("x",), False, True),
        ("", "matches", ("^$",), False, True),
    ],
)
def test_operators(name: str, op: str, values: tuple[str, ...], match_case: bool, met: bool) -> None:
    """Each operator answers as the rule file's text says, folding and letter case included."""
    roster = roster_of([], [{"section_id": "s", "section_name": name}], [])
    assert condition_mask(roster, Condition("section_name", op, values, match_case)).tolist() == [met]


def test_all_conditions_of_a_rule_must_be_met() -> None:
    """A rule matches a section that meets every one of its conditions."""
    pairs = [("HR", "0"), ("HR", "1"), ("X", "2")]
    sections = [{"section_id": period, "section_name": name, "period": period} for name, period in pairs]
    rule = Rule("keep", (Condition("section_name", "is", ("hr",)), Condition("period", "is_not", ("0",))))
    assert rule_mask(roster_of([], sections, []), rule).tolist() == [False, True, False]


def test_an_hostile_expression_does_not_hang() -> None:
    """Expressions that stop backtracking engines run in linear time."""
    sections = [{"section_id": f"s{n}", "section_name": "a" * 60 + f"b{n}"} for n in range(2_000)]
    roster = roster_of([], sections, [])
    began = time.perf_counter()
    for expression in ("(a+)+$", "(.*)*x$", "(a|aa)+$", "([a-z]?){200}$"):
        condition_mask(roster, Condition("section_name", "matches", (expression,)))
    # A backtracking engine needs longer than the age of the universe; a slow machine needs well under this.
    assert time.perf_counter() - began < 30


@pytest.mark.parametrize(
    ("name", "condition", "spans"),
    [
        ("Homeroom - Diaz", Condition("section_name", "contains", ("home",)), [(0, 4)]),
        ("Élan HR", Condition("section_name", "contains", ("hr", "é")), [(5, 7), (0, 1)]),
        ("HR  3", Condition("section_name", "contains", ("hr 3",)), [(0, 5)]),
        ("x (HR)", Condition("section_name", "contains", ("(hr)",)), [(2, 6)]),
        ("HR", Condition("section_name", "contains", ("hr",), True), []),
        ("Art HR", Condition("section_name", "starts_with", ("hr",)), []),
        ("Art HR", Condition("section_name", "ends_with", ("hr",)), [(4, 6)]),
        ("Art HR", Condition("section_name", "not_contains", ("x",)), []),
        ("Room 12", Condition("section_name", "matches", ("[0-9]+",)), [(5, 7)]),
        ("x HR 3", Condition("section_name", "matches", ("(HR|AM) (?P<hit>[0-9(])",)), [(2, 6)]),
        ("x (HR)", Condition("section_name", "matches", (r"\(HR[)]",)), [(2, 6)]),
        ("x (HR)", Condition("section_name", "matches", (r"\Q(HR\E",)), [(2, 5)]),
        ("x (HR", Condition("section_name", "matches", (r"\Q(HR",)), [(2, 5)]),
        ("é", Condition("section_name", "matches", (r"\C",)), [(0, 0)]),
    ],
)
def test_hits_are_marked_inside_the_name(name: str, condition: Condition, spans: list[tuple[int, int]]) -> None:
    """The marked letters are those of the value, counted in characters of the name as written."""
    assert highlights([name], condition) == [spans]


def test_free_texts_can_be_tried() -> None:
    """Names that no roster has can be tried against conditions."""
    told = text_mask(["HR 1", "Lunch"], [Condition("section_name", "contains", ("hr",))])
    assert told.tolist() == [True, False]


@pytest.mark.parametrize("values", [("homeroom",), ("HR 7", "advisory 12"), ("absent",), ("m",), ("\\", "é 3")])
@pytest.mark.parametrize("op", ["contains", "not_contains"])
def test_a_long_column_gives_the_same_answers(op: str, values: tuple[str, ...]) -> None:
    """Where names are so many that they are searched in blocks, each still gets its own answer."""
    words = ["Homeroom", "HR", "Advisory", "Math", "é", "a\\b"]
    names = [f"{words[place % 6]} {place % 50_001} - {words[place // 6 % 6]}" for place in range(LONG + 5_000)]
    sections = [{"section_id": str(place), "section_name": name} for place, name in enumerate(names)]
    roster = roster_of([], sections, [])
    mask = condition_mask(roster, Condition("section_name", op, values))
    expected = [any(value.lower() in name.lower() for value in values) for name in roster.sections["section_name"]]
    assert (mask == expected).all() if op == "contains" else (mask != expected).all()
