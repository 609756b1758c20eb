"""Suggestions in order: this, else that; proposed only where nothing else does it, and said."""

from __future__ import annotations

from dataclasses import replace

from roster_core.coverage import evaluate
from roster_core.suggest import suggest_rules
from tests.made_up import Maker
from tests.naming_habits import HABITS


def test_order_is_a_last_resort_and_said() -> None:
    """Where every student misses some subject, rules in order do it, and how many the order settles is said."""
    roster = HABITS["subjects in order"](0)
    best, *_ = suggest_rules(roster)
    settled = evaluate(roster, best.rule_set).settled_by_order

    assert (best.kind, best.rule_set.resolve) == ("order", "first")
    assert f"{settled:,} of these students are also in a section that a later rule keeps" in best.explanation
    assert "No name filter can do it" not in best.explanation
    assert "These rules work on our side only" in best.explanation
    assert all(item.rule_set.resolve == "all" for item in suggest_rules(HABITS["two levels"](0)))


def test_an_order_says_whom_each_of_its_rules_serves() -> None:
    """The first rule's students are counted, then whom each later one adds; together they are those in exactly one."""
    roster = HABITS["subjects in order"](0)
    best, *_ = suggest_rules(roster)
    rules = best.rule_set.rules
    keeps = [place for place, rule in enumerate(rules) if rule.do == "keep"]
    drops = [rule for rule in rules if rule.do == "drop"]
    served, before = [], 0
    for count in range(1, len(keeps) + 1):
        asked = replace(best.rule_set, rules=(*(rules[place] for place in keeps[:count]), *drops))
        served.append(evaluate(roster, asked).one - before)
        before += served[-1]

    assert sum(served) == best.one
    assert (
        f"In order: rule 1 puts {served[0]:,} students in exactly one section; of those for whom no earlier rule keeps "
        f"any section, rule 2 adds {served[1]:,}, rule 3 adds {served[2]:,}" in best.explanation
    )


def test_homerooms_stand_beside_the_order_that_fills_their_gaps() -> None:
    """Where an order only adds the few whom homerooms leave over, the homerooms alone are proposed as well."""
    maker = Maker(5)
    for room, members in maker.members:
        maker.add(room, members[1:], f"Homeroom {room.last}")
        for place, lesson in enumerate(("Math", "Reading", "Art"), 1):
            maker.add(room, members[:-place], f"{lesson} {room.last}")
    found = suggest_rules(maker.roster())

    assert (found[0].kind, found[0].rule_set.resolve) == ("order", "first")
    assert any(item.kind == "homeroom" and item.rule_set.resolve == "all" for item in found)
