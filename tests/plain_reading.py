"""DESIGN section 5 read plainly: one student, one section, one rule at a time. Slow, and meant to be obvious."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

from roster_core.rules import Condition, Pin, Rule, RuleSet

NEGATIVE = {"is_not": "is", "not_contains": "contains", "is_not_empty": "is_empty"}


def folded(text: str, match_case: bool) -> str:
    """NFC, blanks folded and trimmed; lower case unless letter case matters."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return plain if match_case else plain.lower()


def found(expression: str, text: str, match_case: bool) -> bool:
    """Whether RE2 finds the expression anywhere in one text."""
    hit = pc.match_substring_regex(pa.array([text]), pattern=expression, ignore_case=not match_case)
    return bool(hit[0].as_py())


def meets(section: dict[str, str], condition: Condition) -> bool:
    """Whether one section meets one condition."""
    if condition.op in NEGATIVE:
        positive = Condition(condition.field, NEGATIVE[condition.op], condition.values, condition.match_case)
        return not meets(section, positive)
    raw = section.get(condition.field, "")
    if condition.op == "matches":
        return any(found(expression, folded(raw, True), condition.match_case) for expression in condition.values)
    text = folded(raw, condition.match_case)
    if condition.op == "is_empty":
        return text == ""
    values = [folded(value, condition.match_case) for value in condition.values]
    compare = {
        "is": lambda value: text == value,
        "contains": lambda value: value in text,
        "starts_with": text.startswith,
        "ends_with": text.endswith,
    }[condition.op]
    return any(compare(value) for value in values)


def matches(rule: Rule, section: dict[str, str], grade: str) -> bool:
    """Whether a rule matches the enrollment of a student of a grade in a section."""
    if rule.student_grades and grade not in rule.student_grades:
        return False
    return all(meets(section, condition) for condition in rule.when)


def kept_by_rules(rule_set: RuleSet, sections: list[dict[str, str]], grade: str) -> list[str]:
    """Ids of the sections that the rules keep for one student."""
    keeps = [rule for rule in rule_set.rules if rule.do == "keep"]
    drops = [rule for rule in rule_set.rules if rule.do == "drop"]
    kept = {}
    for section in sections:
        if any(matches(rule, section, grade) for rule in drops):
            continue
        first = next((place for place, rule in enumerate(keeps) if matches(rule, section, grade)), None)
        if keeps and first is None:
            continue
        kept[section["section_id"]] = first or 0
    if rule_set.resolve == "first" and kept:
        earliest = min(kept.values())
        kept = {section: place for section, place in kept.items() if place == earliest}
    return sorted(kept)


def student_answer(
    rule_set: RuleSet, student: dict[str, str], sections: list[dict[str, str]]
) -> tuple[str, list[str]] | None:
    """(status, kept section ids) of one student; None out of scope."""
    if rule_set.assessed_grades and student["grade"] not in rule_set.assessed_grades:
        return None
    if rule_set.assessed_schools and student["school_id"] not in rule_set.assessed_schools:
        return None
    kept = kept_by_rules(rule_set, sections, student["grade"])
    pin = next((pin for pin in rule_set.pins if pin.student_id == student["student_id"]), None)
    if isinstance(pin, Pin):
        if pin.section_id is None:
            return "excused", []
        kept = [pin.section_id] if pin.section_id in {section["section_id"] for section in sections} else []
    return ("none", "one", "several")[min(len(kept), 2)], kept
