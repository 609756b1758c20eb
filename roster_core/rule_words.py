"""The vocabulary of rules: one row a field, one row an operator, each with all it needs to be shown and judged.

What a district can type on its side follows Clever's help pages on sharing by rules: case-sensitive
conditions on name, course, subject, section grade, term and school.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMAT = "roster-rules/1"


@dataclass(frozen=True, slots=True)
class Field:
    """A section field a condition may ask about; `district`: whether Clever's own sharing rules know it."""

    key: str
    label: str
    district: bool


@dataclass(frozen=True, slots=True)
class Operator:
    """How a condition compares. `phrase` reads between the field and its values; `negative` means none of them."""

    key: str
    label: str
    phrase: str
    takes_values: bool
    negative: bool
    district: bool


FIELDS: dict[str, Field] = {
    field.key: field
    for field in (
        Field("section_name", "section name", True),
        Field("course_name", "course name", True),
        Field("course_number", "course number", False),
        Field("subject", "subject", True),
        Field("period", "period", False),
        Field("section_number", "section number", False),
        Field("section_grade", "section grade", True),
        Field("term_name", "term", True),
        Field("teacher_name", "teacher", False),
        Field("school_name", "school", True),
        Field("section_id", "section id", False),
        Field("section_sis_id", "section SIS id", False),
        Field("class_type", "class type", False),
    )
}

OPERATORS: dict[str, Operator] = {
    operator.key: operator
    for operator in (
        Operator("contains", "contains", "contains", True, False, True),
        Operator("not_contains", "does not contain", "does not contain", True, True, True),
        Operator("is", "is", "is", True, False, True),
        Operator("is_not", "is not", "is not", True, True, True),
        Operator("starts_with", "starts with", "starts with", True, False, True),
        Operator("ends_with", "ends with", "ends with", True, False, False),
        Operator("matches", "matches expression", "matches the expression", True, False, False),
        Operator("is_empty", "is empty", "is empty", False, False, False),
        Operator("is_not_empty", "is not empty", "is not empty", False, True, False),
    )
}

DOINGS = ("keep", "drop")
RESOLVES = ("all", "first")

EXCUSES: dict[str, str] = {"not_assessed": "Not assessed", "to_follow": "To follow"}

#: What a reviewer may give as the reason of a pin.
REASONS: tuple[str, ...] = (
    "Moved to another section",
    "Attends both sections; this one administers the assessment",
    "Left the district",
    "Family opted out",
    "Home-schooled or virtual",
    "Assessed elsewhere",
    "Birthdate missing",
    "Other information missing",
    "No section shared yet",
    "Section to be corrected by the district",
    "Not a real student (test record)",
)
