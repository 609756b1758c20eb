"""Suggestions on recorded rosters whose answers are known."""

from __future__ import annotations

from pathlib import Path

from roster_core import load
from roster_core.suggest import suggest_rules


def test_known_answer_of_the_demo_district(test_data: Path) -> None:
    """Clever's demo district: names that contain "homeroom" put all 1,004 students in one section."""
    best, *_ = suggest_rules(load(test_data / "clever-api-v3-demo"))

    assert (best.one, best.none, best.several, best.rules) == (1004, 0, 0, 1)
    assert "Homeroom" in best.rule_set.rules[0].when[0].values


def test_known_answer_of_the_small_oneroster(test_data: Path) -> None:
    """Homerooms called like "Quixotic Quokka": no name filter can do it, other fields do."""
    best, *_ = suggest_rules(load(test_data / "oneroster-1.1-small"))

    assert (best.one, best.in_scope) == (248, 248)
    assert "No name filter can do it" in best.explanation
    assert "section_name" not in {condition.field for rule in best.rule_set.rules for condition in rule.when}


def test_the_recorded_answers_have_true_proposals(test_data: Path) -> None:
    """Clever's recorded answers, without teachers: rules in order reach nearly all, and no teacher is named."""
    roster = load(test_data / "clever-api-v3.0-recorded")
    best, *others = suggest_rules(roster)
    between = set(roster.sections["section_name"].str.split(" - ").str[-2])

    assert best.one >= 0.99 * best.reachable
    assert best.rules <= 6
    for condition in (c for item in (best, *others) for rule in item.rule_set.rules for c in rule.when):
        assert not set(condition.values) & between
