"""The rule file: what it may hold, every problem at its place, and the rules in plain English."""

from __future__ import annotations

import gc
import json
import weakref

import pytest
from hypothesis import given, settings

from roster_core.errors import RuleError
from roster_core.rule_words import FIELDS, OPERATORS
from roster_core.rules import Condition, Example, Pin, Rule, RuleSet, condition_problem, describe_grades
from tests.strategies import rule_sets

WHEN = [{"field": "section_name", "op": "contains", "values": ["HR"]}]


def file(**keys: object) -> str:
    return json.dumps({"format": "roster-rules/1"} | keys)


def condition(**keys: object) -> str:
    return file(rules=[{"do": "keep", "when": [WHEN[0] | keys]}])


def problems(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(RuleError) as caught:
        RuleSet.from_json(text)
    return [(problem.place, problem.message) for problem in caught.value.problems]


@settings(max_examples=200, deadline=None)
@given(rule_sets)
def test_a_rule_set_survives_its_file(rule_set: RuleSet) -> None:
    """What is written to a rule file is read back the same, and equal rule sets give equal files."""
    again = RuleSet.from_json(rule_set.to_json())
    assert again == rule_set
    assert again.to_json() == rule_set.to_json()
    assert rule_set.problems() == []


def test_a_file_read_again_is_the_rule_set_that_is_held() -> None:
    """The same text gives the same rule set as long as somebody holds it, and nothing keeps it alive after that."""
    text = file(name="held", rules=[{"do": "keep", "when": WHEN}])
    held = RuleSet.from_json(text)
    assert RuleSet.from_json(text) is held
    gone = weakref.ref(held)
    del held
    gc.collect()
    assert gone() is None
    assert RuleSet.from_json(text).name == "held"


def test_absent_keys_take_their_defaults() -> None:
    """A file that names only its format is the empty rule set."""
    assert RuleSet.from_json(file()) == RuleSet()
    rule = RuleSet.from_json(file(rules=[{"do": "keep", "when": WHEN}])).rules[0]
    assert rule == Rule("keep", (Condition("section_name", "contains", ("HR",), False),), (), "")


def test_an_excuse_is_not_assessed_unless_it_says_otherwise() -> None:
    """A pin without a section and without a word excuses as not assessed."""
    assert RuleSet.from_json(file(pins=[{"student_id": "u", "section_id": None}])).pins[0].excuse == "not_assessed"


def test_bytes_with_a_mark_at_the_front_are_read() -> None:
    """A file saved by an editor that writes a byte order mark opens."""
    assert RuleSet.from_json(b"\xef\xbb\xbf" + file(name="é").encode()).name == "é"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "line 1, column 1", "not JSON"),
        ("[]", "", "expected an object"),
        ("null", "", "expected an object"),
        ('{"format": "roster-rules/1", "format": "roster-rules/1"}', "", "stands twice"),
        ('{"format": "roster-rules/1", "name": NaN}', "", "NaN"),
        ("[" * 100_000, "", "nested too deeply"),
        (b"\xff\xfe", "byte 0", "UTF-8"),
        ("{}", "", "'format' is missing"),
        (json.dumps({"format": "roster-rules/2"}), "format", "expected roster-rules/1"),
        (file(rule=[]), "rule", "did you mean 'rules'"),
        (file(name=3), "name", "expected text, found 3"),
        (file(assessed_grades=["KG"]), "assessed_grades[0]", "Kindergarten"),
        (file(assessed_grades="1"), "assessed_grades", "expected a list"),
        (file(assessed_schools=[5]), "assessed_schools[0]", "expected text"),
        (file(assessed_schools=[" "]), "assessed_schools[0]", "empty"),
        (file(resolve="last"), "resolve", "expected all, first"),
        (file(rules={}), "rules", "expected a list"),
        (file(rules=["HR"]), "rules[0]", "expected an object"),
        (file(rules=[{"when": WHEN}]), "rules[0]", "'do' is missing"),
        (file(rules=[{"do": "kept", "when": WHEN}]), "rules[0].do", "expected keep, drop"),
        (file(rules=[{"do": "keep"}]), "rules[0]", "'when' is missing"),
        (file(rules=[{"do": "keep", "when": []}]), "rules[0].when", "at least one condition"),
        (file(rules=[{"do": "keep", "when": WHEN, "student_grades": ["K"]}]), "rules[0].student_grades[0]", "unknown"),
        (file(rules=[{"do": "keep", "when": WHEN, "note": None}]), "rules[0].note", "expected text"),
        (condition(field="name"), "rules[0].when[0].field", "section_name"),
        (condition(op="contain"), "rules[0].when[0].op", "did you mean 'contains'"),
        (condition(values=[]), "rules[0].when[0].values", "at least one value"),
        (condition(values="HR"), "rules[0].when[0].values", "expected a list"),
        (condition(values=[None]), "rules[0].when[0].values[0]", "expected text"),
        (condition(values=["\u00a0 "]), "rules[0].when[0].values[0]", "empty"),
        (condition(values=["\ud800"]), "rules[0].when[0].values[0]", "surrogate"),
        (condition(op="is_empty"), "rules[0].when[0].values", "takes no values"),
        (condition(match_case="yes"), "rules[0].when[0].match_case", "true or false"),
        (condition(match_case=1), "rules[0].when[0].match_case", "true or false"),
        (condition(matchcase=True), "rules[0].when[0].matchcase", "did you mean 'match_case'"),
        (condition(op="matches", values=["(HR"]), "rules[0].when[0].values[0]", "missing )"),
        (condition(op="matches", values=["HR(?!x)"]), "rules[0].when[0].values[0]", "look-ahead"),
        (condition(op="matches", values=[""]), "rules[0].when[0].values[0]", "an expression is needed"),
        (condition(op="matches", values=["(x{1000}){1000}"]), "rules[0].when[0].values[0]", "cannot be read"),
        (condition(op="matches", values=["x" * 5000]), "rules[0].when[0].values[0]", "5,000 characters"),
        (file(pins=[{"student_id": "u"}]), "pins[0]", "'section_id' is missing"),
        (file(pins=[{"student_id": "", "section_id": "s"}]), "pins[0].student_id", "empty"),
        (file(pins=[{"student_id": "u", "section_id": 7}]), "pins[0].section_id", "expected text"),
        (file(pins=[{"student_id": "u", "section_id": None, "excuse": "ill"}]), "pins[0].excuse", "to_follow"),
        (file(pins=[{"student_id": "u", "section_id": "s", "excuse": "to_follow"}]), "pins[0].excuse", "null"),
        (file(pins=[{"student_id": "u", "section_id": None, "due": "3 Nov"}]), "pins[0].due", "YYYY-MM-DD"),
        (file(pins=[{"student_id": "u", "section_id": None}] * 2), "pins[1]", "pins[0]"),
        (file(examples=[{"section_name": "x", "expect": "maybe"}]), "examples[0].expect", "expected keep, drop"),
        (file(examples=[{"section_name": "", "expect": "keep"}]), "examples[0].section_name", "empty"),
    ],
)
def test_a_wrong_file_says_where_and_what_was_expected(text: str | bytes, place: str, words: str) -> None:
    """Each fault is one problem with its place, the bad value and what was expected."""
    found = problems(text)
    assert len(found) == 1
    assert found[0][0] == place
    assert words in found[0][1]


def test_every_problem_of_a_file_is_told_at_once() -> None:
    """A file with faults in several places is read to its end."""
    text = file(resolve="x", rules=[{"do": "kep", "when": [{"field": "f", "op": "o", "values": [1]}]}], extra=1)
    assert [place for place, _ in problems(text)] == [
        "extra", "resolve", "rules[0].do", "rules[0].when[0].field", "rules[0].when[0].op",
        "rules[0].when[0].values[0]",
    ]  # fmt: skip


def test_the_error_is_one_readable_text() -> None:
    """The error's text lists each problem on a line of its own."""
    with pytest.raises(RuleError, match=r"The rule file has 2 problems to correct:\n  name: .*\n  resolve: "):
        RuleSet.from_json(file(name=1, resolve=2))


def test_pins_stay_at_home_unless_asked_for() -> None:
    """A rule file can be written without its pins."""
    rule_set = RuleSet(pins=(Pin("u", "s"),))
    assert RuleSet.from_json(rule_set.to_json(pins=False)).pins == ()


def test_changes_give_new_rule_sets() -> None:
    """Adding, replacing and removing rules and pins leaves the first rule set as it was."""
    one, two = (Rule("keep", (Condition("period", "is", (value,)),)) for value in ("1", "2"))
    empty = RuleSet()
    both = empty.with_rule(one).with_rule(two)
    assert both.without_rule(0).rules == (two,)
    assert both.replace_rule(0, two).rules == (two, two)
    assert both.with_rule(one, at=0).rules == (one, one, two)
    pinned = both.with_pins(Pin("u", "s"), Pin("v", "s")).with_pins(Pin("u", None, "to_follow"))
    assert {pin.student_id: pin.section_id for pin in pinned.pins} == {"v": "s", "u": None}
    assert pinned.without_pins("u", "v").pins == ()
    assert empty == RuleSet()


def test_the_rule_set_reads_as_english() -> None:
    """Every rule is a sentence, and so are scope and pins."""
    rule_set = RuleSet(
        assessed_grades=("Kindergarten", "1", "2", "5"),
        resolve="first",
        rules=(
            Rule("keep", (Condition("section_name", "contains", ("Homeroom", "HR")),), ("1", "2")),
            Rule("keep", (Condition("course_name", "is", ("Advisory",), True), Condition("period", "is_not", ("0",)))),
            Rule("drop", (Condition("subject", "is_empty"),)),
        ),
        pins=(Pin("u", "s"), Pin("v", None)),
        examples=(Example("HR", "keep"),),
    )
    assert rule_set.describe().splitlines() == [
        'Keep sections whose section name contains "Homeroom" or "HR", for students in grades 1 and 2.',
        'Keep sections whose course name is "Advisory" (same letter case) and period is not "0".',
        "Drop sections whose subject is empty.",
        "A student left in several keeps those of the earliest keep rule only.",
        "Assessed: students in grades Kindergarten to 2 and 5.",
        "By hand: 1 pinned to a section, 1 excused.",
    ]
    assert RuleSet().describe() == "Keep every section."


@pytest.mark.parametrize(
    ("grades", "words"),
    [(("3",), "grade 3"), (("2", "1"), "grades 1 and 2"), (("1", "3", "5"), "grades 1, 3 and 5")],
)
def test_grades_read_as_runs(grades: tuple[str, ...], words: str) -> None:
    """Neighbouring grades fold to a run, in school order."""
    assert describe_grades(grades) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule("keep", (Condition("section_name", "contains", ("HR",)),)), ()),
        (Rule("keep", (Condition("period", "is", ("1",)),)), ("period",)),
        (Rule("keep", (Condition("section_name", "matches", ("HR",)),)), ("matches expression",)),
        (Rule("keep", (Condition("subject", "is", ("x",)),), ("1",)), ("grade",)),
    ],
)
def test_a_rule_says_what_a_district_cannot_type(rule: Rule, words: tuple[str, ...]) -> None:
    """Each obstacle names what Clever's sharing rules lack; none means the district can type it."""
    obstacles = rule.district_obstacles()
    assert len(obstacles) == len(words)
    assert all(word in obstacle for word, obstacle in zip(words, obstacles, strict=True))


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("field", FIELDS)
def test_every_field_and_operator_makes_a_sentence_and_a_file(field: str, op: str) -> None:
    """Any field with any operator can be written, read and described."""
    values = ("x",) if OPERATORS[op].takes_values else ()
    rule_set = RuleSet(rules=(Rule("keep", (Condition(field, op, values),)),))
    assert RuleSet.from_json(rule_set.to_json()) == rule_set
    assert FIELDS[field].label in rule_set.describe()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition("period", "is", ("1",)), ""),
        (Condition("period", "is_empty"), ""),
        (Condition("period", "contains", ()), "Type what the period contains."),
        (Condition("period", "contains", ("", "x")), "A value is empty"),
        (Condition("section_name", "matches", ("(HR",)), "missing )"),
    ],
)
def test_a_condition_being_typed_says_what_it_lacks(condition: Condition, words: str) -> None:
    """While typing, an incomplete condition says what is missing in words; a complete one says nothing."""
    told = condition_problem(condition)
    assert words in told if words else told == ""
