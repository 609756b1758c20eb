"""Rule examples: names the rules must keep or drop."""

from __future__ import annotations

import pytest

from roster_core.coverage import evaluate
from roster_core.examples import example_failures
from roster_core.rules import Condition, Example, Rule, RuleSet
from tests.strategies import roster_of

SECTIONS = [
    {"section_id": "s1", "section_name": "Homeroom - Diaz"},
    {"section_id": "s2", "section_name": "Advisory", "period": "1"},
    {"section_id": "s3", "section_name": "Advisory", "period": "0"},
]
RULES = (
    Rule("keep", (Condition("section_name", "contains", ("homeroom",)),)),
    Rule("keep", (Condition("section_name", "is", ("advisory",)), Condition("period", "is", ("1",))), ("2",)),
)


@pytest.mark.parametrize(
    ("name", "expect", "fails"),
    [
        ("Homeroom - Diaz", "keep", False),
        ("homeroom  - diaz", "keep", False),
        ("Homeroom - Diaz", "drop", True),
        ("Homeroom - New", "keep", False),
        ("Lunch", "drop", False),
        ("Lunch", "keep", True),
        ("Advisory", "keep", True),
        ("Advisory", "drop", True),
    ],
)
def test_examples_are_tried_on_the_roster_and_on_the_bare_name(name: str, expect: str, fails: bool) -> None:
    """A known name stands for all its sections, an unknown one for a section with a name only."""
    roster = roster_of([], SECTIONS, [])
    rule_set = RuleSet(rules=RULES, examples=(Example(name, expect),))
    failures = example_failures(roster, rule_set, evaluate(roster, rule_set).verdicts)
    assert [failure.index for failure in failures] == ([0] if fails else [])
    assert all(name in failure.message for failure in failures)


def test_only_assessed_grades_make_a_section_kept() -> None:
    """A rule for grades that are not assessed keeps no example."""
    roster = roster_of([], [], [])
    rule = Rule("keep", (Condition("section_name", "contains", ("hr",)),), ("2",))
    rule_set = RuleSet(assessed_grades=("1",), rules=(rule,), examples=(Example("HR", "keep"),))
    assert len(example_failures(roster, rule_set, evaluate(roster, rule_set).verdicts)) == 1
