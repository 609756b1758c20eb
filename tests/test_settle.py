"""Rules drafted to settle a group in several or none, with the effect they really have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from roster_core.coverage import NONE, SEVERAL, Coverage, evaluate
from roster_core.errors import InputError
from roster_core.families import families, overlaps
from roster_core.roster import Roster
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.settle import DraftedRule, drafts
from tests.builders import district
from tests.made_up import Maker
from tests.strategies import districts, roster_of, rule_sets


def _names(do: str, *values: str) -> Rule:
    return Rule(do, (Condition("section_name", "contains", values),))


def _district() -> Roster:
    """Homerooms in every grade, advisory in grades 7 and 8 as well, and a support group that borrows the word."""
    return (
        Maker(3, schools=2)
        .subjects()
        .homerooms(lambda room: {"section_name": f"Homeroom {room.last}"})
        .homerooms(lambda room: {"section_name": f"Advisory {room.last}"} if room.grade >= 7 else None)
        .some("MTSS Homeroom Support", 0.1)
        .roster()
    )


def _first(coverage: Coverage, kind: str, place: int = 0) -> tuple[list[DraftedRule], np.ndarray]:
    found = families(coverage.roster)
    groups = overlaps(coverage, found)
    group = (groups.several_group if kind == "several" else groups.none_group) == place
    return drafts(coverage, found, group, kind), group


@pytest.mark.parametrize(
    ("rules", "kind", "place", "sentence"),
    [
        (
            (_names("keep", "Homeroom", "Advisory"), _names("drop", "MTSS")),
            "several",
            0,
            'Drop sections whose section name contains "Advisory".',
        ),
        ((_names("keep", "Homeroom"),), "several", 0, 'Drop sections whose section name contains "MTSS".'),
        (
            (_names("keep", "Advisory"),),
            "none",
            0,
            'Keep sections whose section name starts with "Homeroom", for students in grades Kindergarten to 6.',
        ),
        (
            (_names("keep", "Homeroom"), _names("drop", "MTSS", "room")),
            "none",
            0,
            'Change rule 2: drop sections whose section name contains "MTSS".',
        ),
        ((_names("drop", "a", "e"),), "none", 0, "Change rule 1: "),
    ],
    ids=["two habits", "borrowed word", "none", "dropped by a word too many", "all dropped"],
)
def test_the_best_draft(rules: tuple[Rule, ...], kind: str, place: int, sentence: str) -> None:
    """The rule a person would write comes first, in words."""
    found, _ = _first(evaluate(_district(), RuleSet(rules=rules)), kind, place)

    assert found[0].sentence.startswith(sentence)


def test_words_are_told_apart_from_the_other_families() -> None:
    """Keeping what contains "Homeroom" would take the support group along, so the draft does not say that."""
    coverage = evaluate(_district(), RuleSet(rules=(_names("keep", "Advisory"),)))
    found = families(coverage.roster)
    groups = overlaps(coverage, found)
    both = groups.none["combination"].str.count("Homeroom").eq(2).to_numpy()
    group = np.isin(groups.none_group, np.flatnonzero(both))
    best = drafts(coverage, found, group, "none")[0]

    assert best.of_group == group.sum()
    assert best.rule.when == (Condition("section_name", "starts_with", ("Homeroom",)),)


def test_a_word_of_two_families_is_offered_with_an_exception() -> None:
    """Where one family's only word is also another's, the draft names the word the section must not have."""
    maker = Maker(5, schools=1).homerooms(lambda room: {"section_name": f"{room.last} Homeroom"})
    roster = maker.homerooms(lambda room: {"section_name": f"{room.last} Homeroom Lunch"}).roster()
    found, _ = _first(evaluate(roster, RuleSet(rules=(_names("keep", "Homeroom"),))), "several")

    assert {draft.rule.describe() for draft in found} == {
        'Drop sections whose section name contains "Lunch".',
        'Drop sections whose section name contains "Homeroom" and section name does not contain "Lunch".',
    }


def test_a_rule_that_breaks_others_is_offered_for_the_groups_own_grades() -> None:
    """Where homeroom and advisory overlap in the upper grades only, dropping homeroom is right for those grades."""
    coverage = evaluate(_district(), RuleSet(rules=(_names("keep", "Homeroom", "Advisory"), _names("drop", "MTSS"))))
    found, group = _first(coverage, "several")
    graded = [draft for draft in found if draft.rule.student_grades]

    assert graded[0].rule.student_grades == ("7", "8")
    assert (graded[0].settles, graded[0].breaks, graded[0].of_group) == (group.sum(), 0, group.sum())


def test_same_family_twice_is_settled_by_another_field() -> None:
    """Two homerooms whose names are alike are told apart by their term."""
    roster = Maker(1, schools=1)
    for room, members in roster.members:
        for term in ("Fall", "Spring"):
            roster.add(room, members, f"HR {room.grade}{room.letter}", term_id=term, term_name=term)
    found, _ = _first(evaluate(roster.roster(), RuleSet(rules=(_names("keep", "HR"),))), "several")

    assert {draft.rule.when[0].field for draft in found} == {"term_name"}
    assert all(draft.breaks == 0 for draft in found)


def test_nothing_is_drafted_for_students_without_sections() -> None:
    """No rule can help a student in no section at all."""
    roster = district(unenrolled=[("u1", "h1"), ("u1", "m1")])
    coverage = evaluate(roster, RuleSet(rules=(_names("keep", "Homeroom"),)))
    found, group = _first(coverage, "none")

    assert group.sum() == 1
    assert found == []


def test_another_kind_is_refused() -> None:
    """A group is in several or in none."""
    coverage = evaluate(district(), RuleSet())
    with pytest.raises(InputError, match="excused"):
        drafts(coverage, families(coverage.roster), coverage.status == SEVERAL, "excused")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=districts(), rule_set=rule_sets)
def test_every_number_is_true(rows: tuple, rule_set: RuleSet) -> None:
    """Whatever the district and the rules: a draft is a valid rule file, asks no ids, and does what it says."""
    coverage = evaluate(roster_of(*rows), rule_set)
    found = families(coverage.roster)
    groups = overlaps(coverage, found)
    for kind, code, group_of in (("several", SEVERAL, groups.several_group), ("none", NONE, groups.none_group)):
        group = group_of == 0
        assert (coverage.status[group] == code).all()
        for draft in drafts(coverage, found, group, kind):
            after = evaluate(coverage.roster, RuleSet.from_json(draft.rule_set.to_json()))
            one, was = after.status == 1, coverage.status == 1
            assert (draft.settles, draft.breaks) == (int((one & ~was).sum()), int((was & ~one).sum()))
            assert (draft.one_after, draft.of_group) == (after.one, int((one & group).sum()))
            assert draft.settles > draft.breaks
            asked = {condition.field for condition in draft.rule.when} if draft.rule and draft.place is None else set()
            assert not asked & {"section_id", "section_sis_id", "teacher_name"}
