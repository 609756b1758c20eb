"""Coverage equals a plain reading of the rules, student by student."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from roster_core.adapters.loading import load
from roster_core.coverage import NONE, ONE, SEVERAL, STATUS_NAMES, evaluate
from roster_core.roster import Roster
from roster_core.rules import Condition, Pin, Rule, RuleSet
from tests.plain_reading import student_answer
from tests.strategies import MOMENT, districts, roster_of, rule_sets


def keep(*values: str, field: str = "section_name", grades: tuple[str, ...] = ()) -> Rule:
    return Rule("keep", (Condition(field, "contains", values),), grades)


def drop(*values: str, field: str = "section_name", grades: tuple[str, ...] = ()) -> Rule:
    return Rule("drop", (Condition(field, "contains", values),), grades)


@pytest.fixture(name="small", scope="module")
def _small() -> Roster:
    """Five students: Ada in a homeroom, Ben in two, Cyd in none kept, Dot in nothing, Eli in grade 9."""
    students = [
        {"student_id": "ada", "grade_raw": "1", "school_id": "A"},
        {"student_id": "ben", "grade_raw": "2", "school_id": "A"},
        {"student_id": "cyd", "grade_raw": "2", "school_id": "B"},
        {"student_id": "dot", "grade_raw": "", "school_id": "B"},
        {"student_id": "eli", "grade_raw": "9", "school_id": "B"},
    ]
    sections = [
        {"section_id": "s1", "section_name": "Homeroom 1"},
        {"section_id": "s2", "section_name": "Homeroom 2"},
        {"section_id": "s3", "section_name": "Math"},
        {"section_id": "s4", "section_name": "Advisory"},
    ]
    pairs = ["ada s1", "ada s3", "ben s1", "ben s2", "ben s4", "cyd s3", "eli s4"]
    return roster_of(students, sections, [tuple(pair.split()) for pair in pairs])


def answers(roster: Roster, rule_set: RuleSet) -> dict[str, tuple[str, str]]:
    frame = evaluate(roster, rule_set).students_frame()
    return {row.student_id: (row.status, row.section_ids) for row in frame.itertuples()}


@settings(max_examples=150, deadline=None)
@given(districts(), rule_sets)
def test_every_student_comes_out_as_in_the_plain_reading(district: tuple, rule_set: RuleSet) -> None:
    """For any district and rule set, status and kept sections equal the plain reading of section 5."""
    students, sections, pairs = district
    roster = roster_of(students, sections, pairs)
    by_id = {section["section_id"]: section for section in sections}
    expected = {}
    for student in students:
        attended = [by_id[section] for name, section in pairs if name == student["student_id"]]
        answer = student_answer(rule_set, student | {"grade": student["grade_raw"]}, attended)
        if answer is not None:
            expected[student["student_id"]] = (answer[0], ";".join(sorted(answer[1])))
    coverage = evaluate(roster, rule_set)
    assert answers(roster, rule_set) == expected
    assert coverage.none + coverage.one + coverage.several + coverage.excused == coverage.in_scope == len(expected)
    assert coverage.out_of_scope == len(students) - len(expected)
    assert coverage.sections_kept == len({s for _, ids in expected.values() for s in ids.split(";") if s})


@settings(max_examples=60, deadline=None)
@given(districts(), rule_sets)
def test_tables_by_school_and_grade_add_up_to_the_whole(district: tuple, rule_set: RuleSet) -> None:
    """Each table of counts adds up to the coverage's totals, and each of its rows to its students in scope."""
    coverage = evaluate(roster_of(*district), rule_set)
    for table in (coverage.by_school_grade(), coverage.by_school(), coverage.by_grade()):
        for name in STATUS_NAMES.values():
            assert table[name].sum() == getattr(coverage, name)
        assert (table[list(STATUS_NAMES.values())].sum(axis=1) == table["in_scope"]).all()


@settings(max_examples=150, deadline=None)
@given(districts(), rule_sets)
def test_rule_effects_equal_what_removing_the_rule_shows(district: tuple, rule_set: RuleSet) -> None:
    """A dead rule changes nothing when removed, and whom only one rule covers is in none when it is removed."""
    roster = roster_of(*district)
    coverage = evaluate(roster, rule_set)
    keeps = sum(rule.do == "keep" for rule in rule_set.rules)
    for effect in coverage.rule_effects():
        without = evaluate(roster, rule_set.without_rule(effect.index))
        is_last_keep = effect.do == "keep" and keeps == 1
        if effect.dead and not is_last_keep:
            assert np.array_equal(without.status, coverage.status)
        if effect.shadowed and rule_set.resolve == "all" and not is_last_keep:
            assert np.array_equal(without.status, coverage.status)
        if effect.do == "keep" and not is_last_keep:
            pinned = np.isin(roster.students["student_id"], [pin.student_id for pin in rule_set.pins])
            lost = (coverage.kept_counts > 0) & (without.kept_counts == 0) & ~pinned & (coverage.status >= 0)
            assert effect.only == lost.sum()
        if effect.do == "drop":
            freed = (coverage.status == ONE) & (without.status == SEVERAL)
            assert effect.freed == freed.sum()
            stranded = (coverage.status == NONE) & np.isin(without.status, (ONE, SEVERAL))
            assert effect.stranded == stranded.sum()


def test_without_rules_every_enrollment_is_kept(small: Roster) -> None:
    """No rule at all keeps everything; the student without enrollments is in none."""
    coverage = evaluate(small, RuleSet())
    assert (coverage.none, coverage.one, coverage.several, coverage.excused) == (1, 2, 2, 0)


def test_a_drop_wins_over_any_keep(small: Roster) -> None:
    """An enrollment that a drop rule matches is never kept."""
    assert answers(small, RuleSet(rules=(drop("2"), keep("Homeroom"))))["ben"] == ("one", "s1")


def test_rules_for_grades_speak_of_those_students_only(small: Roster) -> None:
    """A rule with student grades matches the enrollments of students in these grades only."""
    told = answers(small, RuleSet(rules=(keep("Homeroom", grades=("1",)), keep("Advisory", grades=("2", "9")))))
    assert told["ada"] == ("one", "s1")
    assert told["ben"] == ("one", "s4")
    assert told["dot"] == ("none", "")


def test_the_first_rule_wins_where_the_file_says_so(small: Roster) -> None:
    """With resolve first only the earliest keep rule's sections remain, and who was settled is counted."""
    rules = (keep("Advisory"), keep("Homeroom"))
    coverage = evaluate(small, RuleSet(rules=rules, resolve="first"))
    assert answers(small, coverage.rule_set)["ben"] == ("one", "s4")
    assert coverage.settled_by_order == 1
    assert evaluate(small, RuleSet(rules=rules[::-1], resolve="first")).several == 1


def test_a_pin_replaces_what_rules_keep(small: Roster) -> None:
    """A pin to an attended section leaves exactly that one; an excuse takes the student out of the three counts."""
    pins = (Pin("ben", "s2"), Pin("ada", None, "not_assessed"), Pin("cyd", None, "to_follow"))
    coverage = evaluate(small, RuleSet(rules=(keep("Homeroom"),), pins=pins))
    told = answers(small, coverage.rule_set)
    assert told["ben"] == ("one", "s2")
    assert told["ada"] == ("excused", "")
    assert (coverage.excused, coverage.to_follow) == (2, 1)


def test_a_pin_to_a_section_the_student_does_not_attend_keeps_nothing(small: Roster) -> None:
    """Such a student is in none, so that nobody takes the pin for an answer."""
    assert answers(small, RuleSet(rules=(keep("Homeroom"),), pins=(Pin("ada", "s2"),)))["ada"] == ("none", "")


def test_a_pin_of_an_unknown_student_changes_nothing(small: Roster) -> None:
    """A pin whose student has left leaves every answer as it was."""
    rules = (keep("Homeroom"),)
    assert answers(small, RuleSet(rules=rules, pins=(Pin("gone", "s1"),))) == answers(small, RuleSet(rules=rules))


def test_out_of_scope_is_counted_by_reason(small: Roster) -> None:
    """Students who are not counted are told by reason, those without a usable grade apart."""
    coverage = evaluate(small, RuleSet(assessed_grades=("1", "2"), assessed_schools=("A",)))
    assert coverage.in_scope == 2
    assert coverage.out_of_scope_reasons() == {"no_usable_grade": 1, "grade": 1, "school": 1}


def test_why_names_the_deciding_rule(small: Roster) -> None:
    """For each section of a student, the why says kept or dropped and by which rule."""
    coverage = evaluate(small, RuleSet(rules=(keep("Homeroom"), drop("2"))))
    told = {reason.section_id: (reason.kept, reason.rule) for reason in coverage.why("ben")}
    assert told == {"s1": (True, 0), "s2": (False, 1), "s4": (False, None)}
    assert coverage.why("nobody") == ()


def test_why_says_that_order_decided(small: Roster) -> None:
    """Under resolve first a later rule's section is told as passed over."""
    coverage = evaluate(small, RuleSet(rules=(keep("Advisory"), keep("Homeroom")), resolve="first"))
    texts = {reason.section_id: reason.text for reason in coverage.why("ben")}
    assert "earlier keep rule wins" in texts["s1"]


def test_effects_tell_what_each_rule_does(small: Roster) -> None:
    """Only-this-covers, second sections, freed students, dead and shadowed rules are told per rule."""
    rules = (keep("Homeroom"), keep("Advisory"), keep("Homeroom 1"), keep("Gym"), drop("Homeroom 2"))
    effects = evaluate(small, RuleSet(rules=rules)).rule_effects()
    assert [effect.sections for effect in effects] == [2, 1, 1, 0, 1]
    assert effects[1].only == 1
    assert effects[1].second == 1
    assert effects[2].shadowed and not effects[0].shadowed
    assert effects[3].dead
    assert effects[4].freed == 0


@pytest.mark.parametrize(
    ("rules", "warning"),
    [
        ((keep("Homeroom"), drop("Homeroom")), "Keeps nothing: rule 2 drops all that it matches."),
        ((keep("Homeroom"), keep("Gym"), drop("Homeroom 1"), drop("Homeroom 2")),
         "Keeps nothing: rules 3 and 4 drop all that it matches."),
        ((keep("Homeroom"), drop("Advisory"), drop("Homeroom 1")), ""),
        ((keep("Gym"), drop("Advisory")), "Matches nothing in this roster."),
    ],
    ids=["all dropped", "by two rules", "some dropped", "dead"],
)  # fmt: skip
def test_a_first_rule_that_does_nothing_says_which_rules_decide(
    small: Roster, rules: tuple[Rule, ...], warning: str
) -> None:
    """Where drop rules take all that a keep rule matches, it is said, and which they are."""
    assert evaluate(small, RuleSet(rules=rules)).rule_effects()[0].warning == warning


@pytest.mark.parametrize(
    ("rules", "warning"),
    [
        ((keep("Homeroom"), keep("Homeroom 1")), "Changes nothing: rule 1 keeps all that it matches."),
        ((keep("Homeroom 1"), drop("Homeroom 2"), keep("Homeroom")),
         "Changes nothing: rule 1 keeps some of what it matches, and rule 2 drops the rest."),
        ((drop("Homeroom"), drop("Homeroom 1")), "Changes nothing: rule 1 drops all that it matches."),
        ((keep("Homeroom"), drop("Advisory")), "Changes nothing: no keep rule keeps what it matches."),
        ((keep("Homeroom"), drop("Homeroom 1"), drop("Homeroom 1", "Advisory")),
         "Changes nothing: rule 2 drops some of what it matches, and no keep rule keeps the rest."),
        ((keep("Homeroom"), keep("Advisory")), ""),
        ((drop("Homeroom"), drop("Advisory")), ""),
    ],
    ids=["kept before", "kept and dropped", "dropped before", "never kept", "dropped and never kept", "keeps", "drops"],
)  # fmt: skip
def test_a_last_rule_that_does_nothing_says_which_rules_decide(
    small: Roster, rules: tuple[Rule, ...], warning: str
) -> None:
    """What earlier rules decide, and what no rule keeps, is told apart."""
    assert evaluate(small, RuleSet(rules=rules)).rule_effects()[-1].warning == warning


def test_the_answer_cannot_be_changed(small: Roster) -> None:
    """The arrays of a coverage are read-only."""
    coverage = evaluate(small, RuleSet())
    with pytest.raises(ValueError, match="read-only"):
        coverage.status[0] = NONE


@pytest.mark.parametrize(
    ("rules", "kept", "one", "several"),
    [
        ((), 378, 0, 1004),
        ((keep("homeroom"),), 39, 1004, 0),
        ((keep("homeroom"), keep("advisory")), 48, 770, 234),
        ((Rule("keep", (Condition("subject", "is", ("homeroom/advisory",)),)),), 59, 587, 417),
    ],
)
def test_known_answers_of_the_demo_district(
    test_data: Path, rules: tuple[Rule, ...], kept: int, one: int, several: int
) -> None:
    """Clever's demo district gives the published numbers."""
    roster = load(test_data / "clever-api-v3-demo", now=MOMENT)
    coverage = evaluate(roster, RuleSet(rules=rules))
    assert (coverage.sections_kept, coverage.one, coverage.several) == (kept, one, several)
