"""Common rule sets, how well they fit, and what is carried over to another district or term."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from roster_core.coverage import evaluate
from roster_core.library import FINDS, LIBRARY, KnownRuleSet, carry_over, fit, fits, in_scope_of
from roster_core.matching import text_mask
from roster_core.rules import Condition, Pin, Rule, RuleSet
from roster_core.sample import sample_district
from tests.builders import HOMEROOMS, district

KNOWN: Mapping[str, KnownRuleSet] = {known.name: known for known in LIBRARY}


def _where(field: str, *values: str, op: str = "is") -> RuleSet:
    return RuleSet(rules=(Rule("keep", (Condition(field, op, values),)),))


def test_the_library_is_made_of_valid_rule_files() -> None:
    """Each entry has a name of its own, says when to use it, has an empty scope, and is a valid rule file."""
    assert len(KNOWN) == len(LIBRARY) >= 8
    for known in LIBRARY:
        assert RuleSet.from_json(known.rule_set.to_json()) == known.rule_set
        assert known.when.endswith(".")
        assert not known.rule_set.assessed_grades + known.rule_set.assessed_schools + known.rule_set.pins


@pytest.mark.parametrize(
    ("name", "kept", "left"),
    [
        ("Homeroom by name", ["HOMEROOM DIAZ", "Home Room 3", "3-HR", "HR 3A"], ["Three Rivers Lab", "Christopher"]),
        ("Advisory by name", ["Advisory 06 - Lee", "Advisor Kim", "ADV 7"], ["Adventure Club"]),
        ("Grade-named rooms", ["Grade 3 - Diaz", "3rd Grade Kelly", "Gr. K", "3A", "K-B", "Kindergarten - Ito"],
         ["Lunch - Grade 3", "Math 3", "Band 1", "Period 3A"]),
        ("First period", ["1", "01", "P1", "Period 1", "1(A)", "1st"], ["10", "11", "2", "21", "HR", "A1B"]),
        ("Period homeroom", ["HR", "0", "am"], ["1", "HR Lab"]),
    ],
)  # fmt: skip
def test_what_the_library_finds(name: str, kept: list[str], left: list[str]) -> None:
    """The words it looks for are found as districts write them, and not inside other words."""
    rule = KNOWN[name].rule_set.rules[0]

    assert text_mask([*kept, *left], rule.when).tolist() == [True] * len(kept) + [False] * len(left)


def test_the_best_fit_comes_first_with_true_numbers() -> None:
    """Fits are sorted by the share in exactly one, and each number is the coverage's."""
    roster = sample_district(2000)
    found = fits(roster, in_scope_of(LIBRARY, RuleSet(assessed_grades=("3", "4"))))
    coverages = [evaluate(roster, item.rule_set) for item in found]

    assert [item.share for item in found] == sorted((item.share for item in found), reverse=True)
    assert [(item.one, item.none, item.several, item.in_scope) for item in found] == [
        (coverage.one, coverage.none, coverage.several, coverage.in_scope) for coverage in coverages
    ]
    assert {item.rule_set.assessed_grades for item in found} == {("3", "4")}


def test_a_fit_says_what_is_dead_missing_and_uncovered() -> None:
    """Dead rules, grades and schools nobody is in, and those where nobody is in exactly one, are told."""
    rule_set = RuleSet(
        assessed_schools=("A", "B", "Z"),
        rules=(
            Rule("keep", (Condition("section_name", "is", ("Homeroom 1",)),), ("1", "7")),
            Rule("keep", (Condition("section_name", "is", ("Crew",)),)),
        ),
    )
    found = fit(district(), rule_set)

    assert (found.dead_rules, found.missing_grades, found.missing_schools) == ((1,), ("7",), ("Z",))
    assert (found.uncovered_grades, found.uncovered_schools) == (("2",), ("B",))
    assert found.sentences() == [
        "2 of 8 students are in exactly one kept section.",
        "Rule 2 matches nothing here.",
        "No student here is in grade 7.",
        "No student here is of 1 school the rule set names.",
        "Nobody in grade 2 is in exactly one.",
        "Nobody is in exactly one in 1 school.",
    ]


def test_a_scope_without_students_fits_nothing() -> None:
    """Where nobody is in scope the share is nought, not an error."""
    assert fit(district(), RuleSet(assessed_grades=("12",))).share == 0.0


@pytest.mark.parametrize(
    ("rule_set", "note"),
    [
        (HOMEROOMS, ""),
        (HOMEROOMS.with_pins(Pin("u1", "h1"), Pin("u2", None)), "2 decisions made by hand stayed behind"),
        (_where("term_name", "Last year"), 'Rule 1 names a term that has ended: "Last year", on 2026-06-10.'),
        (_where("term_name", "year", op="contains"), ""),
        (_where("term_name", "Semester 9"), 'Rule 1 names a term that is not here: "Semester 9".'),
        (_where("term_name", "Last year", op="is_not"), ""),
        (_where("school_name", "School A"), ""),
        (_where("school_name", "Elsewhere"), 'Rule 1 names a school that is not here: "Elsewhere".'),
        (_where("school_name", "School A", op="is_not"), ""),
        (_where("school_name", "Elsewhere", op="is_not"), 'Rule 1 names a school that is not here: "Elsewhere".'),
        (_where("section_id", "h1"), 'Rule 1 names single sections ("h1")'),
    ],
    ids=["nothing", "pins", "ended", "one term runs", "no such term", "excluded", "school", "no school",
         "not a school", "not a school that is here", "ids"],
)
def test_what_is_pointed_out_when_carried_over(rule_set: RuleSet, note: str) -> None:
    """What does not belong to the new roster is said, place first; rules stay as they are."""
    carried = carry_over(rule_set, district())

    assert (carried.notes[0] if carried.notes else "").startswith(note)
    assert bool(carried.notes) == bool(note)
    assert carried.rule_set.rules == rule_set.rules
    assert carried.rule_set.pins == ()


def test_pins_and_schools_stay_where_they_mean_something() -> None:
    """Pins go along when asked for; assessed schools stay where the roster knows them all."""
    rule_set = RuleSet(assessed_schools=("A",)).with_pins(Pin("u1", None))
    same, other = carry_over(rule_set, district(), pins=True), carry_over(rule_set, sample_district(50))

    assert same.rule_set == rule_set
    assert same.notes == ()
    assert other.rule_set.assessed_schools == ()
    assert "every school is assessed" in other.notes[1]


def test_every_expression_of_a_common_rule_is_said_in_words() -> None:
    """Nobody has to read an expression to know what a common rule finds; no words are left of one that is gone."""
    rules = [rule for known in LIBRARY for rule in known.rule_set.rules]
    used = {value for rule in rules for part in rule.when if part.op == "matches" for value in part.values}
    assert used == set(FINDS)
