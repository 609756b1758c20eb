"""Reading a rule file: every problem at once, each with its place and what was expected there."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from roster_core.errors import Problem, RuleError
from roster_core.rule_words import DOINGS, EXCUSES, FIELDS, FORMAT, OPERATORS, RESOLVES
from roster_core.vocabulary import GRADES

#: An expression longer than this is refused; nobody can read it, and RE2's tables grow with it.
LONGEST_EXPRESSION = 1_000
LARGEST_FILE = 20_000_000

_SHAPES: dict[type, str] = {dict: "an object", list: "a list", str: "text", bool: "true or false"}


def parse_rule_file(text: str | bytes) -> dict[str, Any]:
    """The checked content of a rule file, absent keys filled in.

    Raises `RuleError` with every problem of the file.
    """
    content = _decoded(text)
    problems = find_problems(content)
    if problems:
        raise RuleError(problems)
    return content


def find_problems(content: Any) -> list[Problem]:
    """Every problem of a rule file's decoded content; an empty list where it is a valid rule file."""
    reading = _Reading()
    reading.whole(content)
    return reading.problems


def expression_problem(expression: str) -> str:
    """What RE2 has against an expression and what to write instead; the empty text where it is fine."""
    if not expression:
        return "an expression is needed; to find sections without a text use is_empty"
    if len(expression) > LONGEST_EXPRESSION:
        return f"the expression has {len(expression):,} characters; at most {LONGEST_EXPRESSION:,} are read"
    try:
        # One row, because Arrow compiles nothing for an empty array.
        pc.match_substring_regex(pa.array([""]), pattern=expression, ignore_case=True)
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        told = str(error).removeprefix("Invalid regular expression: ").removeprefix("Invalid regex: ")
        hint = (
            "look-ahead, look-behind and back-references are not known; use a second condition instead"
            if any(mark in expression for mark in ("(?=", "(?!", "(?<=", "(?<!", "\\1", "(?P="))
            else 'correct it, or search for the text itself with "contains"'
        )
        return f"the expression {expression!r} cannot be read: {told}; {hint}"
    return ""


def _decoded(text: str | bytes) -> Any:
    if len(text) > LARGEST_FILE:
        raise RuleError([Problem("", f"the file is larger than {LARGEST_FILE:,} bytes; is it a rule file?")])
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        return json.loads(plain, object_pairs_hook=_no_repeats, parse_constant=_no_constant, parse_int=_number)
    except UnicodeDecodeError as error:
        raise RuleError([Problem(f"byte {error.start}", "not UTF-8 text; save the file as UTF-8")]) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise RuleError([Problem(place, f"not JSON: {error.msg}; a rule file is one JSON object")]) from error
    except RecursionError as error:
        raise RuleError([Problem("", "the file is nested too deeply; a rule file has four levels")]) from error
    except ValueError as error:
        raise RuleError([Problem("", str(error))]) from error


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object; keep one")
    return seen


def _number(digits: str) -> int:
    # Python reads no more digits than this, and says so in words for programmers.
    if len(digits) > 4_000:
        raise ValueError(f"a number of {len(digits):,} digits stands in the file; no key takes one")
    return int(digits)


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON; expected text, a list, an object, true, false or null")


class _Reading:
    """One reading of a file: walks the content, notes problems, fills absent keys in."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message))

    def whole(self, content: Any) -> None:
        if not self.shape("", content, dict):
            return
        self.keys("", content, required=("format",), optional={
            "name": "", "assessed_grades": [], "assessed_schools": [], "resolve": "all",
            "rules": [], "pins": [], "examples": [],
        })  # fmt: skip
        if "format" in content:
            self.word("format", content["format"], (FORMAT,))
        self.text("name", content["name"])
        self.grades("assessed_grades", content["assessed_grades"])
        self.each("assessed_schools", content["assessed_schools"], self.filled)
        self.word("resolve", content["resolve"], RESOLVES)
        self.each("rules", content["rules"], self.rule)
        self.each("examples", content["examples"], self.example)
        self.each("pins", content["pins"], self.pin)
        self.pins_once(content["pins"])

    def rule(self, place: str, rule: Any) -> None:
        if not self.shape(place, rule, dict):
            return
        self.keys(place, rule, required=("do", "when"), optional={"student_grades": [], "note": ""})
        if "do" in rule:
            self.word(f"{place}.do", rule["do"], DOINGS)
        if "when" in rule:
            self.each(f"{place}.when", rule["when"], self.condition)
            if rule["when"] == []:
                self.note(f"{place}.when", "a rule needs at least one condition")
        self.grades(f"{place}.student_grades", rule["student_grades"])
        self.text(f"{place}.note", rule["note"])

    def condition(self, place: str, condition: Any) -> None:
        if not self.shape(place, condition, dict):
            return
        self.keys(place, condition, required=("field", "op"), optional={"values": [], "match_case": False})
        if "field" in condition:
            self.word(f"{place}.field", condition["field"], FIELDS)
        self.shape(f"{place}.match_case", condition["match_case"], bool)
        known = "op" in condition and self.word(f"{place}.op", condition["op"], OPERATORS)
        values = condition["values"]
        if not self.each(f"{place}.values", values, self.text) or not known:
            return
        if not OPERATORS[condition["op"]].takes_values:
            if values:
                self.note(f"{place}.values", f"{condition['op']} takes no values; expected none, found {len(values)}")
        elif not values:
            self.note(f"{place}.values", f"{condition['op']} needs at least one value")
        elif condition["op"] == "matches":
            self.each(f"{place}.values", values, self.expression)
        else:
            self.each(f"{place}.values", values, self.filled)

    def expression(self, place: str, value: Any) -> None:
        if isinstance(value, str) and _is_text(value) and (wrong := expression_problem(value)):
            self.note(place, wrong)

    def pin(self, place: str, pin: Any) -> None:
        if not self.shape(place, pin, dict):
            return
        self.keys(
            place,
            pin,
            required=("student_id", "section_id"),
            optional={"excuse": None, "reason": "", "owner": "", "due": ""},
        )
        if "student_id" in pin:
            self.filled(f"{place}.student_id", pin["student_id"])
        if pin.get("section_id") is not None:
            self.filled(f"{place}.section_id", pin["section_id"])
            if pin["excuse"] is not None:
                self.note(f"{place}.excuse", "a pin to a section excuses nobody; remove it, or set section_id to null")
        if pin["excuse"] is not None:
            self.word(f"{place}.excuse", pin["excuse"], EXCUSES)
        self.text(f"{place}.reason", pin["reason"])
        self.text(f"{place}.owner", pin["owner"])
        if self.text(f"{place}.due", pin["due"]) and pin["due"] and not _is_date(pin["due"]):
            self.note(f"{place}.due", f"{pin['due']!r} is not a date; expected YYYY-MM-DD")

    def pins_once(self, pins: Any) -> None:
        first: dict[str, int] = {}
        for index, pin in enumerate(pins if isinstance(pins, list) else []):
            student = pin.get("student_id") if isinstance(pin, dict) else None
            if isinstance(student, str) and first.setdefault(student, index) != index:
                self.note(f"pins[{index}]", f"student {student!r} has a pin already (pins[{first[student]}]); keep one")

    def example(self, place: str, example: Any) -> None:
        if not self.shape(place, example, dict):
            return
        self.keys(place, example, required=("section_name", "expect"), optional={})
        if "section_name" in example:
            self.filled(f"{place}.section_name", example["section_name"])
        if "expect" in example:
            self.word(f"{place}.expect", example["expect"], DOINGS)

    def grades(self, place: str, grades: Any) -> None:
        self.each(place, grades, lambda where, grade: self.word(where, grade, GRADES))

    def each(self, place: str, items: Any, check: Callable[[str, Any], Any]) -> bool:
        """Check a list's items one by one; whether it is a list and nothing new was noted."""
        before = len(self.problems)
        if self.shape(place, items, list):
            for index, item in enumerate(items):
                check(f"{place}[{index}]", item)
        return len(self.problems) == before

    def keys(self, place: str, found: dict[str, Any], *, required: tuple[str, ...], optional: dict[str, Any]) -> None:
        """Note missing and unknown keys; fill absent optional ones in."""
        for key in required:
            if key not in found:
                self.note(place, f"the key {key!r} is missing")
        for key in [key for key in found if key not in required and key not in optional]:
            self.note(_at(place, key), f"unknown key; expected {_one_of((*required, *optional), key)}")
        for key, default in optional.items():
            found.setdefault(key, default)

    def shape(self, place: str, value: Any, shape: type) -> bool:
        if isinstance(value, shape):
            return True
        self.note(place, f"expected {_SHAPES[shape]}, found {_shown(value)}")
        return False

    def text(self, place: str, value: Any) -> bool:
        if not self.shape(place, value, str):
            return False
        if not _is_text(value):
            self.note(place, "the text holds half a character (a lone surrogate); type it again")
            return False
        return True

    def filled(self, place: str, value: Any) -> None:
        if self.text(place, value) and not value.strip():
            self.note(place, "the text is empty; to find sections without a text use is_empty")

    def word(self, place: str, value: Any, known: Collection[str]) -> bool:
        if isinstance(value, str) and value in known:
            return True
        self.note(place, f"{_shown(value)} is unknown; expected {_one_of(known, value)}")
        return False


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _is_text(value: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _shown(value: Any) -> str:
    shown = json.dumps(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _one_of(known: Collection[str], value: Any) -> str:
    near = difflib.get_close_matches(str(value), known, n=1)
    return ", ".join(known) + (f" (did you mean {near[0]!r}?)" if near else "")
