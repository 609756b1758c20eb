"""Facets: counted against a plain reading, and rules that say a choice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from roster_core.coverage import SEVERAL, evaluate
from roster_core.facets import (
    FACETS,
    facet_counts,
    family_conditions,
    group_table,
    has_values,
    name_conditions,
    names_grouping,
    rules_for,
    section_reasons,
    shown_sections,
    with_rules,
)
from roster_core.families import families
from roster_core.matching import condition_mask, rule_mask
from roster_core.roster import Roster
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.sample import sample_district
from tests.builders import district

HOMEROOM = Condition("section_name", "contains", ("Homeroom",))


@pytest.fixture(scope="module")
def roster() -> Roster:
    """A made-up district of 300 students."""
    return sample_district(300)


def test_a_field_without_a_text_is_no_facet(roster: Roster) -> None:
    """A field is offered where some section says something in it."""
    sections = roster.sections.assign(subject="", period=["1", *[""] * (len(roster.sections) - 1)])
    changed = replace(roster, sections=sections)
    assert (has_values(changed, "subject"), has_values(changed, "period")) == (False, True)


def plain_counts(roster: Roster, name: str, shown: np.ndarray) -> dict[str, tuple[int, int]]:
    """Sections and distinct students of each value, one section after the other."""
    students: dict[str, set[int]] = defaultdict(set)
    sections: dict[str, int] = defaultdict(int)
    for row, value in enumerate(roster.sections[name]):
        if shown[row]:
            sections[value] += 1
            students[value] |= set(roster.enrollments.student[roster.enrollments.section == row])
    return {value: (sections[value], len(students[value])) for value in sections}


@pytest.mark.parametrize("name", FACETS)
def test_a_facet_counts_sections_and_distinct_students(roster: Roster, name: str) -> None:
    """Each value's counts equal a plain count, and every value of the roster is there."""
    counts = facet_counts(roster, {})[name]
    found = {v: (s, n) for v, s, n in zip(counts["value"], counts["sections"], counts["students"], strict=True)}
    assert found == plain_counts(roster, name, np.ones(len(roster.sections), dtype=bool))


def test_facets_recount_each_other_but_not_themselves(roster: Roster) -> None:
    """A choice in one facet narrows the others; its own values keep their counts, so that more can be chosen."""
    subject = roster.sections["subject"].iloc[0]
    before, after = facet_counts(roster, {}), facet_counts(roster, {"subject": (subject,)})
    assert after["subject"].equals(before["subject"])
    shown = (roster.sections["subject"] == subject).to_numpy()
    found = after["school_name"].set_index("value")
    for value, (sections, students) in plain_counts(roster, "school_name", shown).items():
        assert tuple(found.loc[value]) == (sections, students)


def test_a_value_keeps_its_place_while_counts_change(roster: Roster) -> None:
    """The order of values is that of the whole roster, whatever is chosen."""
    for name in FACETS:
        assert facet_counts(roster, {}, "home")[name]["value"].equals(facet_counts(roster, {})[name]["value"])


def test_search_ignores_case_and_blanks(roster: Roster) -> None:
    """Searching reads names as rules do."""
    found = shown_sections(roster, {}, "  hOmEroom ")
    assert found.any()
    assert (found == condition_mask(roster, HOMEROOM)).all()


def test_the_table_of_names_counts_what_is_shown(roster: Roster) -> None:
    """Each distinct name has its sections, students and schools, and how many of its sections are kept."""
    coverage = evaluate(roster, RuleSet(rules=(Rule("keep", (HOMEROOM,)),)))
    shown = shown_sections(roster, {}, "")
    table = group_table(coverage, shown, *names_grouping(roster)).set_index("label")
    for name, (sections, students) in plain_counts(roster, "section_name", shown).items():
        assert (table.loc[name, "sections"], table.loc[name, "students"]) == (sections, students)
        rows = (roster.sections["section_name"] == name).to_numpy()
        assert table.loc[name, "kept"] == coverage.section_state()[rows].sum()
        assert table.loc[name, "schools"] == roster.sections["school_id"][rows].nunique()


def test_a_name_is_marked_when_it_puts_students_into_a_second_section(roster: Roster) -> None:
    """With every section kept, a name counts all of its students who are in several."""
    coverage = evaluate(roster, RuleSet())
    table = group_table(coverage, shown_sections(roster, {}, "lunch"), *names_grouping(roster))
    rows = np.isin(roster.enrollments.section, np.flatnonzero(shown_sections(roster, {}, "lunch")))
    students = np.unique(roster.enrollments.student[rows])
    assert table["second"].sum() == (coverage.status[students] == SEVERAL).sum()


def test_a_family_is_said_by_words_that_find_all_of_it(roster: Roster) -> None:
    """The conditions of each family find all of its sections, by their words and never by an id."""
    found = families(roster)
    for row in range(len(found.frame)):
        conditions = family_conditions(roster, found, [row])
        mask = np.logical_or.reduce([condition_mask(roster, condition) for condition in conditions])
        assert mask[found.codes == row].all()
        assert {condition.field for condition in conditions} == {"section_name"}


def test_a_choice_becomes_one_readable_rule(roster: Roster) -> None:
    """Names and facets become one rule whose conditions all hold, and which matches what was shown."""
    rules = rules_for("drop", name_conditions((), "home"), {"period": ("1", "2"), "term_name": ("Fall",)})
    assert rules == (
        Rule(
            "drop",
            (
                Condition("section_name", "contains", ("home",)),
                Condition("period", "is", ("1", "2")),
                Condition("term_name", "is", ("Fall",)),
            ),
        ),
    )


def test_an_empty_value_beside_others_becomes_two_rules() -> None:
    """One condition cannot say `1 or empty`, so there is a rule for each."""
    rules = rules_for("keep", (), {"period": ("1", "")})
    assert [rule.when[0].op for rule in rules] == ["is", "is_empty"]


def test_nothing_chosen_makes_no_rule() -> None:
    """Without names, search and facets there is nothing to say."""
    assert rules_for("keep", name_conditions((), "  "), {}) == ()


def test_a_choice_finds_exactly_what_was_shown(roster: Roster) -> None:
    """The rules of a facet choice match the sections it shows."""
    chosen = {"subject": ("math", ""), "period": ("1",)}
    masks = [rule_mask(roster, rule) for rule in rules_for("keep", (), chosen)]
    assert (np.logical_or.reduce(masks) == shown_sections(roster, chosen, "")).all()


def test_names_join_the_rule_they_differ_from_in_names_only() -> None:
    """Keeping a second name makes the first rule longer, not the list of rules; the old rule set stays as it was."""
    first = RuleSet(rules=rules_for("keep", name_conditions(("HR 1",)), {}))
    second = with_rules(first, rules_for("keep", name_conditions(("HR 2", "HR 1")), {}))
    assert [condition.values for condition in second.rules[0].when] == [("HR 1", "HR 2")]
    assert len(second.rules) == len(first.rules) == 1
    assert first.rules[0].when[0].values == ("HR 1",)


def test_other_deeds_and_conditions_stay_rules_of_their_own() -> None:
    """A drop never joins a keep, nor a name within a period one without."""
    kept = with_rules(RuleSet(), rules_for("keep", name_conditions(("HR 1",)), {}))
    both = with_rules(kept, rules_for("drop", name_conditions(("HR 1",)), {}))
    assert len(with_rules(both, rules_for("keep", name_conditions(("HR 2",)), {"period": ("1",)})).rules) == 3


def test_a_section_says_the_rule_that_decides() -> None:
    """Each section has its students, who is kept there, who elsewhere too, and the rule; by grade where it differs."""
    maths = Condition("section_name", "is", ("Math",))
    rules = (Rule("keep", (HOMEROOM,), student_grades=("1",)), Rule("drop", (maths,)))
    coverage = evaluate(district(), RuleSet(rules=rules))
    rows = np.array([coverage.roster.section_row(section) for section in ("h1", "m1")])
    told = section_reasons(coverage, rows)
    assert told[["section_id", "students", "kept", "second"]].to_numpy().tolist() == [["h1", 4, 2, 0], ["m1", 8, 0, 0]]
    assert told["why"].to_list() == [
        'grade 1: kept by rule 1: section name contains "Homeroom"; grade 2: no keep rule matches',
        'dropped by rule 2: section name is "Math"',
    ]
    nobody = evaluate(district(), RuleSet(rules=rules, assessed_grades=("8",)))
    assert set(section_reasons(nobody, rows)["why"]) == {"none of its students are assessed"}
