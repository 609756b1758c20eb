"""The sharing request: their words and operators, every spelling, true counts, and what they cannot say."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from roster_core.coverage import evaluate
from roster_core.errors import InputError
from roster_core.roster import Roster
from roster_core.rules import Condition, Pin, Rule, RuleSet
from roster_core.sample import sample_district
from roster_core.sharing import PLATFORMS, sharing_request
from roster_core.spellings import spellings
from tests.made_up import Maker


def _keep(field: str, op: str, *values: str, grades: tuple[str, ...] = ()) -> Rule:
    return Rule("keep", (Condition(field, op, values),), grades)


@pytest.fixture(name="roster", scope="module")
def _roster() -> Roster:
    return sample_district(1200)


HOMEROOM = _keep("section_name", "contains", "homeroom")
MTSS = Rule("drop", (Condition("section_name", "contains", ("MTSS",)),))


def test_every_spelling_that_occurs_is_listed(roster: Roster) -> None:
    """A rule that ignores case asks for each letter case found in the names."""
    request = sharing_request(roster, RuleSet(rules=(HOMEROOM,)))

    assert request.rules == (("Section name contains any of: HOMEROOM; Homeroom",),)


def test_a_value_that_does_not_occur_is_kept_as_given(roster: Roster) -> None:
    """A word nobody uses yet stays in the request as it was typed."""
    assert spellings(roster, Condition("section_name", "contains", ("Zebra",))) == ("Zebra",)


def test_a_what_if_counts_from_the_request_in_force(roster: Roster) -> None:
    """What the district shares now is what the other rules' request shares; the letter says so."""
    advisory = _keep("section_name", "contains", "advisory")
    request = sharing_request(roster, RuleSet(rules=(HOMEROOM, advisory)), instead_of=RuleSet(rules=(HOMEROOM,)))
    before = sharing_request(roster, RuleSet(rules=(HOMEROOM,)))

    assert (request.sections_before, request.students_before) == (before.sections_after, before.students_after)
    assert request.sections_before < request.sections_after
    assert f"Sections shared: {request.sections_before:,} now, {request.sections_after:,} after." in request.text


def test_a_drop_rule_becomes_a_filter_of_each_keep_rule(roster: Roster) -> None:
    """Their rules only add, so what is dropped is excluded inside every rule."""
    advisory = _keep("course_name", "starts_with", "Advisory")
    request = sharing_request(roster, RuleSet(rules=(HOMEROOM, advisory, MTSS)))

    assert [lines[-1] for lines in request.rules] == ["Section name does not contain: MTSS"] * 2
    assert request.complete


def test_the_counts_are_those_of_the_asked_rules(roster: Roster) -> None:
    """Sections, students and the students in exactly one are counted on the roster, and appear in the letter."""
    rule_set = RuleSet(rules=(HOMEROOM, MTSS))
    request = sharing_request(roster, rule_set)
    coverage = evaluate(roster, rule_set)

    assert request.sections_before == len(roster.sections)
    assert request.sections_after == coverage.sections_kept
    assert request.students_after == coverage.one + coverage.several
    assert (request.one, request.in_scope, request.lost) == (coverage.one, coverage.in_scope, 0)
    assert f"{request.sections_before:,} now, {request.sections_after:,} after" in request.text


@pytest.mark.parametrize(
    ("rules", "extra", "said"),
    [
        ((replace(HOMEROOM, student_grades=("1", "2")),), {}, "whatever their grade"),
        ((_keep("period", "is", "0"),), {}, "do not know the period"),
        ((_keep("section_name", "matches", r"\bHR\b"),), {}, "no"),
        (
            (HOMEROOM, _keep("section_name", "contains", "Advisory")),
            {"resolve": "first"},
            "Which of a student's sections",
        ),
        ((HOMEROOM,), {"pins": (Pin("stu-0001", None),)}, "single students"),
        ((HOMEROOM, Rule("drop", (*MTSS.when, *HOMEROOM.when))), {}, "two conditions at once"),
        ((HOMEROOM, replace(MTSS, student_grades=("1",))), {}, "whatever their grade"),
    ],
    ids=["grades", "period", "expression", "resolve", "pins", "double drop", "graded drop"],
)
def test_what_their_side_cannot_say_is_named(
    roster: Roster, rules: tuple[Rule, ...], extra: dict[str, object], said: str
) -> None:
    """Each thing only our side can do is an obstacle in the letter, and no student loses a section by it."""
    request = sharing_request(roster, RuleSet(rules=rules, **extra))

    assert any(said in text for text in request.obstacles)
    assert not request.complete
    assert request.lost == 0
    assert request.obstacles[0] in request.text


def test_a_rule_that_cannot_be_said_leaves_everything_shared(roster: Roster) -> None:
    """One rule on the period alone means that the others must not be asked for alone."""
    request = sharing_request(roster, RuleSet(rules=(HOMEROOM, _keep("period", "is", "0"))))

    assert request.rules == ()
    assert request.sections_after == request.sections_before
    assert "go on sharing all sections" in request.text
    assert "to these rules" not in request.text


@pytest.mark.parametrize("op", ["contains", "starts_with", "ends_with", "is", "is_not", "not_contains"])
def test_what_a_screen_does_not_see_past_is_spelt_out(op: str) -> None:
    """Letter case, runs of blanks, and accents stored apart: what rules see past, their screens do not."""
    written = ("Salón 3", "SALÓN 3", "salo\u0301n 3", "Salón  3", "Salón\u00a03", "Music 4")
    maker = Maker(1, schools=1, rooms_a_grade=1, grades=(3,))
    room, members = maker.members[0]
    for name in written:
        maker.add(room, members, name)
    roster = maker.roster()
    found = spellings(roster, Condition("section_name", op, ("salón 3",)))
    request = sharing_request(roster, RuleSet(rules=(_keep("section_name", "contains", "salón 3"),)))

    assert set(found) == set(written[:-1])
    exact = spellings(roster, Condition("section_name", op, ("Salón 3",), match_case=True))
    assert set(exact) == {"Salón 3", "Salón  3", "Salón\u00a03"}
    assert "Some spellings look alike" in request.text
    assert request.sections_after == 5


@pytest.mark.parametrize("platform", list(PLATFORMS))
@pytest.mark.parametrize(
    "values",
    [
        ("Art; Music", "Chess"),
        ("Art", "Music", "Chess"),
        ('"Art"; "Music"', "Chess"),
        ("Art; Music; Chess",),
        ("Art;", "Music"),
        ('"Art', "Music"),
    ],
    ids=["a semicolon", "none", "quotes and a semicolon", "one value", "at the end", "a quotation mark"],
)
def test_a_value_with_the_separator_in_it_reads_as_one(values: tuple[str, ...], platform: str) -> None:
    """Values that hold a semicolon stand in quotation marks, and the letter says so: what is typed has one reading."""
    maker = Maker(1, schools=1, rooms_a_grade=1, grades=(3,))
    for value in values:
        maker.add(*maker.members[0], value)
    request = sharing_request(
        maker.roster(), RuleSet(rules=(_keep("section_name", "is", *values),)), platform=platform
    )
    typed = [line.split(": ", 1)[1] for lines in request.rules for line in lines]
    read = [value for text in typed for value in next(csv.reader([text], delimiter=";", skipinitialspace=True))]
    marked = any(";" in value or value.startswith('"') for value in values)

    assert sorted(read) == sorted(values)
    assert ("Values in quotation marks are one value each" in request.text) == marked
    assert any(text.startswith('"') for text in typed) == marked


def test_a_platform_without_an_operator_is_asked_more_widely(roster: Roster) -> None:
    """ClassLink knows no "starts with", so the word is asked for anywhere in the name, one query a value."""
    rule_set = RuleSet(rules=(_keep("section_name", "starts_with", "Homeroom", "Advisory"),))
    request = sharing_request(roster, rule_set, platform="classlink")

    assert ("Section name contains: Advisory",) in request.rules
    assert all(len(lines) == 1 and "any of" not in lines[0] for lines in request.rules)
    assert not request.complete
    assert request.lost == 0


@pytest.mark.parametrize("platform", list(PLATFORMS))
def test_the_letter_names_no_student_and_asks_about_the_sync(roster: Roster, platform: str) -> None:
    """It is about sections only, asks the article's question, and says that rules follow new sections."""
    request = sharing_request(roster, RuleSet(rules=(HOMEROOM, MTSS)), platform=platform, sender="The SEL team")

    assert "sync settings let us receive and approve this change promptly" in request.text
    assert request.text.endswith("Thank you,\nThe SEL team\n")
    names = np.unique(roster.students["student_id"].to_numpy(dtype=object).astype(str))
    assert not any(name in request.text for name in names)


def test_an_unknown_platform_is_refused(roster: Roster) -> None:
    """The message lists the platforms there are."""
    with pytest.raises(InputError, match="clever, classlink, edlink"):
        sharing_request(roster, RuleSet(), platform="pigeon")
