"""Made-up small districts and rule sets for hypothesis, and the builder that turns plain rows into a roster."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from roster_core.assembly import Table, Tables, assemble
from roster_core.roster import District, Roster
from roster_core.rule_words import FIELDS, OPERATORS
from roster_core.rules import Condition, Pin, Rule, RuleSet

GRADES = ["Kindergarten", "1", "2", "9", ""]
WORDS = [
    "HR", "hr", "Homeroom", "homeroom", "ÉTUDE", "étude", "e\u0301tude", "Straße", "STRASSE", "İstanbul", "ΟΔΟΣ",
    "3A", "a  b", " a b ", "a\u00a0b", "Period 1", "1", "(x)", "a.b", "", " ", "\u3000", "Math",
]  # fmt: skip
EXPRESSIONS = ["hr", "^HR", "room$", "[0-9]+", "a.b", r"\(x\)", "é", "o|m", "^$", "(?i)MATH"]
MOMENT = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)


def table(file: str, rows: list[dict[str, str]], columns: list[str] | None = None) -> Table:
    """Plain rows as a source's table; the first row of the file is row 2."""
    names = columns or sorted({name for row in rows for name in row})
    frame = pd.DataFrame({name: pd.Series([row.get(name, "") for row in rows], dtype="str") for name in names})
    return Table(file, frame, np.arange(2, len(rows) + 2, dtype=np.int64))


def roster_of(
    students: list[dict[str, str]], sections: list[dict[str, str]], enrollments: list[tuple[str, str]]
) -> Roster:
    """A roster from plain rows; enrollments are (student_id, section_id)."""
    pairs = [{"student_id": student, "section_id": section} for student, section in enrollments]
    tables = Tables(
        students=table("students.csv", students, ["student_id", "grade_raw", "school_id"]),
        sections=table("sections.csv", sections, ["section_id", *(set(FIELDS) - _DERIVED)]),
        enrollments=table("enrollments.csv", pairs, ["student_id", "section_id"]),
    )
    return assemble(tables, district=District("d"), source="clever-csv", fetched_at=MOMENT)


_DERIVED = {"section_id", "section_grade", "teacher_name", "school_name"}
_TEXT_FIELDS = sorted(set(FIELDS) - _DERIVED)

names = st.one_of(st.sampled_from(WORDS), st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join))


@st.composite
def districts(draw: st.DrawFn) -> tuple[list[dict[str, str]], list[dict[str, str]], list[tuple[str, str]]]:
    """Students, sections and enrollments of a small district, awkward texts included."""
    grade, school = st.sampled_from(GRADES), st.sampled_from("AB")
    students = [
        {"student_id": f"U{place}", "grade_raw": draw(grade), "school_id": draw(school)}
        for place in range(draw(st.integers(0, 8)))
    ]
    sections = [
        {"section_id": f"S{place}", **{field: draw(names) for field in draw(st.sets(st.sampled_from(_TEXT_FIELDS)))}}
        for place in range(draw(st.integers(0, 6)))
    ]
    pairs = [(student["student_id"], section["section_id"]) for student in students for section in sections]
    return students, sections, draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []


filled = names.filter(lambda text: text.strip() != "")


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Any condition a rule file may hold."""
    op = draw(st.sampled_from(sorted(OPERATORS)))
    values = st.sampled_from(EXPRESSIONS) if op == "matches" else filled
    wanted = draw(st.lists(values, min_size=1, max_size=3)) if OPERATORS[op].takes_values else []
    return Condition(draw(st.sampled_from([*_TEXT_FIELDS, "section_id"])), op, tuple(wanted), draw(st.booleans()))


rules = st.builds(
    Rule,
    do=st.sampled_from(["keep", "keep", "drop"]),
    when=st.lists(conditions(), min_size=1, max_size=2).map(tuple),
    student_grades=st.lists(st.sampled_from(GRADES[:-1]), unique=True, max_size=2).map(tuple),
    note=st.text(alphabet="abc é", max_size=5),
)
pins = st.builds(
    Pin, st.sampled_from([f"U{n}" for n in range(10)]), st.one_of(st.none(), st.sampled_from(["S0", "S1", "S9"]))
).map(lambda pin: Pin(pin.student_id, pin.section_id, "" if pin.section_id else "to_follow"))
rule_sets = st.builds(
    RuleSet,
    name=names,
    assessed_grades=st.lists(st.sampled_from(GRADES[:-1]), unique=True, max_size=3).map(tuple),
    assessed_schools=st.lists(st.sampled_from(["A", "B"]), unique=True, max_size=2).map(tuple),
    resolve=st.sampled_from(["all", "first"]),
    rules=st.lists(rules, max_size=4).map(tuple),
    pins=st.lists(pins, max_size=3, unique_by=lambda pin: pin.student_id).map(tuple),
)
