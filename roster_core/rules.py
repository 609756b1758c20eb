"""Rules over section fields, pins, examples, and the rule set that holds them: frozen values with their file format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

from roster_core.rule_file import expression_problem, find_problems, parse_rule_file
from roster_core.rule_words import EXCUSES, FIELDS, FORMAT, OPERATORS
from roster_core.vocabulary import GRADE_ORDER
from roster_core.wording import counted


@dataclass(frozen=True, slots=True)
class Condition:
    """One question to a section: several values mean any of them, none of them for the negative operators."""

    field: str
    op: str
    values: tuple[str, ...] = ()
    match_case: bool = False

    def describe(self) -> str:
        """In words: `section name contains "Homeroom" or "HR"`."""
        operator = OPERATORS[self.op]
        words = f"{FIELDS[self.field].label} {operator.phrase}"
        if operator.takes_values:
            words += " " + _any_of([f'"{value}"' for value in self.values])
        return words + (" (same letter case)" if self.match_case and operator.takes_values else "")


@dataclass(frozen=True, slots=True)
class Rule:
    """Keep or drop the enrollments whose section meets all conditions and whose student is in one of the grades."""

    do: str
    when: tuple[Condition, ...]
    student_grades: tuple[str, ...] = ()
    note: str = ""

    def describe(self) -> str:
        """In words: `Keep sections whose section name contains "HR", for students in grades 1 to 3.`"""
        words = f"{self.do.capitalize()} sections whose {' and '.join(c.describe() for c in self.when)}"
        return words + (f", for students in {describe_grades(self.student_grades)}." if self.student_grades else ".")

    def district_obstacles(self) -> tuple[str, ...]:
        """What keeps a district from typing this rule into Clever's sharing rules; empty where nothing does.

        Letter case is no obstacle by itself: a request spells the variants out that occur.
        """
        told: list[str] = []
        for condition in self.when:
            field, operator = FIELDS[condition.field], OPERATORS[condition.op]
            if not field.district:
                told.append(f"Clever's sharing rules do not know the {field.label}")
            if not operator.district:
                told.append(f'Clever\'s sharing rules have no "{operator.label}"')
        if self.student_grades:
            told.append("a section is shared with all its students, whatever their grade")
        return tuple(dict.fromkeys(told))


@dataclass(frozen=True, slots=True)
class Pin:
    """A reviewer's decision for one student: this section, or excused where `section_id` is None."""

    student_id: str
    section_id: str | None
    excuse: str = ""
    reason: str = ""
    owner: str = ""
    due: str = ""

    def describe(self) -> str:
        """In words, without the student: `Not assessed: family opted out`."""
        done = f"Pinned to section {self.section_id}" if self.section_id is not None else EXCUSES[self.excuse_word]
        until = f" ({', '.join(part for part in (self.owner, self.due) if part)})" if self.owner or self.due else ""
        return done + (f": {self.reason}" if self.reason else "") + until

    @property
    def excuse_word(self) -> str:
        """The excuse in force: empty for a pin to a section, `not_assessed` where none is named."""
        return "" if self.section_id is not None else self.excuse or "not_assessed"


@dataclass(frozen=True, slots=True)
class Example:
    """A section name the rule set must keep or must drop."""

    section_name: str
    expect: str


@dataclass(frozen=True)
class RuleSet:
    """Everything a reviewer decided for one district: scope, rules, pins, examples (DESIGN section 5)."""

    name: str = ""
    assessed_grades: tuple[str, ...] = ()
    assessed_schools: tuple[str, ...] = ()
    resolve: str = "all"
    rules: tuple[Rule, ...] = ()
    pins: tuple[Pin, ...] = ()
    examples: tuple[Example, ...] = ()

    @classmethod
    def from_json(cls, text: str | bytes) -> RuleSet:
        """A rule set from a rule file's text. Raises `RuleError` with every problem and its place."""
        known = _LIVING.get(text)
        if known is None:
            known = _LIVING[text] = cls._from_content(parse_rule_file(text))
        return known

    def to_json(self, *, pins: bool = True) -> str:
        """The rule file; equal rule sets give equal texts. `pins=False` leaves the pins at home."""
        return self._text if pins else _written(self._content(pins=False))

    def problems(self) -> list[Any]:
        """What keeps this rule set, made by hand, from being a valid rule file; empty where it is one."""
        return find_problems(self._content(pins=True))

    def describe(self) -> str:
        """The rule set in plain English, a sentence a line."""
        keeps = [rule.describe() for rule in self.rules if rule.do == "keep"]
        drops = [rule.describe() for rule in self.rules if rule.do == "drop"]
        told = keeps or ["Keep every section."]
        told += drops
        if self.resolve == "first" and len(keeps) > 1:
            told.append("A student left in several keeps those of the earliest keep rule only.")
        if self.assessed_grades:
            told.append(f"Assessed: students in {describe_grades(self.assessed_grades)}.")
        if self.assessed_schools:
            count = len(self.assessed_schools)
            told.append(f"Assessed: students of {counted(count, 'chosen school')}.")
        if self.pins:
            pinned = sum(pin.section_id is not None for pin in self.pins)
            told.append(f"By hand: {pinned} pinned to a section, {len(self.pins) - pinned} excused.")
        return "\n".join(told)

    def with_rule(self, rule: Rule, at: int | None = None) -> RuleSet:
        """This rule set with one more rule, at a place or at the end."""
        place = len(self.rules) if at is None else at
        return replace(self, rules=(*self.rules[:place], rule, *self.rules[place:]))

    def without_rule(self, index: int) -> RuleSet:
        """This rule set without the rule at a place."""
        return replace(self, rules=(*self.rules[:index], *self.rules[index + 1 :]))

    def replace_rule(self, index: int, rule: Rule) -> RuleSet:
        """This rule set with another rule at a place."""
        return replace(self, rules=(*self.rules[:index], rule, *self.rules[index + 1 :]))

    def with_pins(self, *pins: Pin) -> RuleSet:
        """This rule set with these pins; they take the place of earlier ones of the same students."""
        kept = self.without_pins(*(pin.student_id for pin in pins)).pins
        return replace(self, pins=(*kept, *pins))

    def without_pins(self, *student_ids: str) -> RuleSet:
        """This rule set without the pins of these students."""
        gone = set(student_ids)
        return replace(self, pins=tuple(pin for pin in self.pins if pin.student_id not in gone))

    @cached_property
    def _text(self) -> str:
        return _written(self._content(pins=True))

    @classmethod
    def _from_content(cls, content: dict[str, Any]) -> RuleSet:
        return cls(
            name=content["name"],
            assessed_grades=tuple(content["assessed_grades"]),
            assessed_schools=tuple(content["assessed_schools"]),
            resolve=content["resolve"],
            rules=tuple(_rule(rule) for rule in content["rules"]),
            pins=tuple(_pin(pin) for pin in content["pins"]),
            examples=tuple(Example(item["section_name"], item["expect"]) for item in content["examples"]),
        )

    def _content(self, *, pins: bool) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "name": self.name,
            "assessed_grades": list(self.assessed_grades),
            "assessed_schools": list(self.assessed_schools),
            "resolve": self.resolve,
            "rules": [_rule_content(rule) for rule in self.rules],
            "pins": [_pin_content(pin) for pin in self.pins] if pins else [],
            "examples": [{"section_name": item.section_name, "expect": item.expect} for item in self.examples],
        }


# Rule sets by the text they were read from, as long as somebody holds them: a page asks for the same one many times,
# and a large district has hundreds of pins to check. Of one that nobody holds any more nothing stays.
_LIVING: WeakValueDictionary[str | bytes, RuleSet] = WeakValueDictionary()


def condition_problem(condition: Condition) -> str:
    """What is wrong with one condition, in words for the person typing it; the empty text where it is complete."""
    operator = OPERATORS[condition.op]
    if not operator.takes_values:
        return ""
    if not any(value.strip() for value in condition.values):
        return f"Type what the {FIELDS[condition.field].label} {operator.phrase}."
    if condition.op == "matches":
        wrong = next((told for value in condition.values if (told := expression_problem(value))), "")
        return wrong[:1].upper() + wrong[1:] + "." if wrong else ""
    if any(not value.strip() for value in condition.values):
        return 'A value is empty; to find sections without a text choose "is empty".'
    return ""


def _written(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def describe_grades(grades: Sequence[str]) -> str:
    """Grades in words, runs folded: `grades Kindergarten to 5 and 8`."""
    ordered = sorted(grades, key=lambda grade: GRADE_ORDER.get(grade, 99))
    runs: list[list[str]] = []
    for grade in ordered:
        if runs and GRADE_ORDER.get(grade, 99) == GRADE_ORDER.get(runs[-1][-1], 99) + 1:
            runs[-1].append(grade)
        else:
            runs.append([grade])
    # Two in a row are said one by one, as people list them: `1, 2 and 6 to 8`.
    said = [part for run in runs for part in (run if len(run) < 3 else [f"{run[0]} to {run[-1]}"])]
    return f"grade{'' if len(ordered) == 1 else 's'} {_and(said)}"


def _rule(content: dict[str, Any]) -> Rule:
    when = tuple(
        Condition(item["field"], item["op"], tuple(item["values"]), item["match_case"]) for item in content["when"]
    )
    return Rule(content["do"], when, tuple(content["student_grades"]), content["note"])


def _pin(content: dict[str, Any]) -> Pin:
    excuse = content["excuse"] or ("" if content["section_id"] is not None else "not_assessed")
    words = (content["reason"], content["owner"], content["due"])
    return Pin(content["student_id"], content["section_id"], excuse, *words)


def _rule_content(rule: Rule) -> dict[str, Any]:
    when: list[dict[str, Any]] = []
    for condition in rule.when:
        item: dict[str, Any] = {"field": condition.field, "op": condition.op}
        item |= {"values": list(condition.values)} if condition.values else {}
        item |= {"match_case": True} if condition.match_case else {}
        when.append(item)
    content: dict[str, Any] = {"do": rule.do, "when": when}
    content |= {"student_grades": list(rule.student_grades)} if rule.student_grades else {}
    return content | ({"note": rule.note} if rule.note else {})


def _pin_content(pin: Pin) -> dict[str, Any]:
    content: dict[str, Any] = {"student_id": pin.student_id, "section_id": pin.section_id}
    content |= {"excuse": pin.excuse_word} if pin.excuse_word else {}
    return content | {key: word for key in ("reason", "owner", "due") if (word := getattr(pin, key))}


def _any_of(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
