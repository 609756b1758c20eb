"""The made-up districts the benchmarks measure on, and the rules they are measured with."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from roster_core.roster import Roster
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.sample import sample_district

#: Rules that leave nearly every student of the made-up district in one section.
HABITS = RuleSet(
    rules=(
        Rule("keep", (Condition("section_name", "starts_with", ("Homeroom", "Grade")),)),
        Rule("keep", (Condition("section_name", "contains", ("Advisory", "HR")),)),
        Rule("drop", (Condition("section_name", "contains", ("MTSS",)),)),
    )
)


def write_clever_csv(roster: Roster, folder: Path) -> None:
    """Writes a roster as the files Clever's SFTP takes; made-up people only."""
    students, sections, teachers, schools = roster.students, roster.sections, roster.teachers, roster.schools
    primary = students["school_id"]
    _write(folder / "students.csv", students, {
        "School_id": primary, "Student_id": "student_id", "Student_number": "student_number",
        "Last_name": "last_name", "First_name": "first_name", "Grade": "grade", "DOB": "birthdate",
    })  # fmt: skip
    _write(folder / "sections.csv", sections, {
        "School_id": "school_id", "Section_id": "section_id", "Teacher_id": "teacher_id", "Name": "section_name",
        "Section_number": "section_number", "Grade": "section_grade", "Course_name": "course_name",
        "Course_number": "course_number", "Period": "period", "Subject": "subject", "Term_name": "term_name",
    })  # fmt: skip
    _write(folder / "teachers.csv", teachers, {
        "Teacher_id": "teacher_id", "Last_name": "last_name", "First_name": "first_name", "Teacher_email": "email",
        "School_id": pd.Series([primary.iloc[0]] * len(teachers), dtype="str"),
    })  # fmt: skip
    _write(folder / "schools.csv", schools, {
        "School_id": "school_id", "School_name": "school_name", "School_number": "school_number",
    })  # fmt: skip
    enrolled = pd.DataFrame(
        {
            "section_id": sections["section_id"].take(roster.enrollments.section).to_numpy(),
            "student_id": students["student_id"].take(roster.enrollments.student).to_numpy(),
        }
    )
    enrolled["school_id"] = primary.take(roster.enrollments.student).to_numpy()
    columns = {"School_id": "school_id", "Section_id": "section_id", "Student_id": "student_id"}
    _write(folder / "enrollments.csv", enrolled, columns)


def million() -> Roster:
    """A million students whose section names are as Clever builds them: course, teacher, period; 40 % distinct."""
    roster = sample_district(1_000_000)
    rng = np.random.Generator(np.random.PCG64(11))
    count = len(roster.sections)
    # Four tenths get a number of their own, as a teacher's name keeps real ones apart; the rest repeat.
    own = np.where(rng.random(count) < 0.4, rng.integers(1000, 9_999_999, count), rng.integers(0, 9, count))
    names = roster.sections["section_name"] + " - T" + pd.Series(own).astype("str")
    return dataclasses.replace(roster, sections=roster.sections.assign(section_name=names))


def unseen_rules(number: int) -> RuleSet:
    """A two-rule set that was never evaluated before: each number gives other words."""
    keep = Rule("keep", (Condition("section_name", "contains", ("homeroom", f"hr {number}")),))
    drop = Rule("drop", (Condition("section_name", "contains", ("mtss", f"t{number}x")),))
    return RuleSet(rules=(keep, drop))


def _write(file: Path, frame: pd.DataFrame, columns: dict[str, str | pd.Series]) -> None:
    chosen = {header: frame[column] if isinstance(column, str) else column for header, column in columns.items()}
    table = pa.table({header: pa.array(column, pa.large_string()) for header, column in chosen.items()})
    pyarrow.csv.write_csv(table, file)
