"""The sections of a made-up district: who sits together, and how each school names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


class _Course(NamedTuple):
    """One section of it is made for each class."""

    name: str
    subject: str  # Clever's word
    specialist: bool = False  # taught by a specialist of the school, else by the teacher of the class
    regrouped: bool = False  # the students of the grade are dealt into its sections anew


GRADE_WORDS = np.array(["Kindergarten", *(str(grade) for grade in range(1, 9))], object)
_SHORT = np.array(["K", *(str(grade) for grade in range(1, 9))], object)
_PADDED = np.array([f"{grade:02d}" for grade in range(9)], object)
_ELEMENTARY_COURSES = (
    _Course("Reading", "english/language arts"),
    _Course("Math", "math"),
    _Course("Science", "science"),
    _Course("Social Studies", "social studies"),
    _Course("Music", "arts and music", specialist=True),
    _Course("PE", "PE and health", specialist=True),
)
_MIDDLE_COURSES = (
    _Course("Math", "math", regrouped=True),
    _Course("English", "english/language arts"),
    _Course("Science", "science"),
    _Course("Social Studies", "social studies"),
    _Course("PE", "PE and health", specialist=True),
    _Course("Spanish", "language", specialist=True, regrouped=True),
)
# (name, Clever's subject word, share of the students, from grade, to grade)
_EXTRAS = (
    ("MTSS Homeroom Support", "homeroom/advisory", 0.06, 0, 8),
    ("Speech", "other", 0.03, 0, 8),
    ("ELD Newcomers", "english/language arts", 0.04, 0, 8),
    ("Band", "arts and music", 0.12, 4, 8),
)


@dataclass(frozen=True, eq=False)
class Layout:
    """Who sits where: int64 arrays over students, classes (a grade's rooms) and schools."""

    student_school: np.ndarray
    student_grade: np.ndarray
    student_class: np.ndarray
    student_regrouped: np.ndarray
    class_school: np.ndarray
    class_grade: np.ndarray
    class_letter: np.ndarray
    school_kind: np.ndarray
    school_style: np.ndarray
    last_name: np.ndarray  # of every teacher: one for each class, then three specialists for each school


@dataclass(frozen=True, eq=False)
class Block:
    """Some sections and the students in them; `section` points into this block's own frame."""

    sections: pd.DataFrame
    student: np.ndarray
    section: np.ndarray


def class_blocks(layout: Layout) -> list[Block]:
    """The homerooms of all classes first (section n is class n's), then one section of each course for each class."""
    everyone = np.arange(len(layout.student_school))
    blocks = [Block(_homerooms(layout), everyone, layout.student_class)]
    middle = layout.class_grade >= 6
    for courses, chosen in ((_ELEMENTARY_COURSES, ~middle), (_MIDDLE_COURSES, middle)):
        classes = np.flatnonzero(chosen)
        local = np.cumsum(chosen) - 1
        for number, course in enumerate(courses):
            room = layout.student_regrouped if course.regrouped else layout.student_class
            members = everyone[chosen[room]]
            frame = _course_sections(layout, classes, number, course)
            blocks.append(Block(frame, members, local[room[members]]))
    return blocks


def _homerooms(layout: Layout) -> pd.DataFrame:
    grade = layout.class_grade
    teacher, short, padded = layout.last_name[: len(grade)], _SHORT[grade], _PADDED[grade]
    letter = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), object)[layout.class_letter % 26]
    style = np.where(grade >= 6, "advisory", layout.school_style[layout.class_school])
    words = {  # habit -> section name, course name, course number, period
        "short": ("HR " + short + letter, np.full(len(grade), "HR", object), "HR" + padded, "0"),
        "generated": ("Homeroom - " + teacher + " - HR", np.full(len(grade), "Homeroom", object), "0100", "HR"),
        "plain": ("HOMEROOM " + _upper(teacher), "Homeroom " + short, "", ""),
        "grade": ("Grade " + short + " - " + teacher, "Grade " + short + " Class", "", ""),
        "advisory": ("Advisory " + padded + " - " + teacher, "Advisory " + short, "ADV" + padded, "0"),
    }
    habits = [style == habit for habit in words]
    name, course, number, period = (np.select(habits, list(column), "") for column in zip(*words.values(), strict=True))
    return pd.DataFrame(
        {
            "section_name": name,
            "course_name": course,
            "course_number": number,
            "subject": np.where(np.isin(style, ["short", "grade"]), "other", "homeroom/advisory"),
            "period": period,
            "section_number": letter,
            "section_grade_raw": GRADE_WORDS[grade],
            "school": layout.class_school,
            "teacher": np.arange(len(grade)),
        }
    )


def _course_sections(layout: Layout, classes: np.ndarray, number: int, course: _Course) -> pd.DataFrame:
    """One section of a course for each of these classes, named as Clever builds a name: course, teacher, period."""
    grade, school, letter = layout.class_grade[classes], layout.class_school[classes], layout.class_letter[classes]
    teacher = len(layout.class_grade) + 3 * school + number % 2 if course.specialist else classes
    # In a middle school the rooms of a grade take turns; a regrouped course meets for all of them at once.
    turning = (grade >= 6) & (not course.regrouped)
    period = np.where(turning, 2 + (number + letter) % 4, number + 1).astype(str).astype(object)
    course_name = course.name + " " + _SHORT[grade]
    return pd.DataFrame(
        {
            "section_name": course_name + " - " + layout.last_name[teacher] + " - " + period,
            "course_name": course_name,
            "course_number": course.name[:2].upper() + _PADDED[grade] + "0",
            "subject": course.subject,
            "period": period,
            "section_number": (letter + 1).astype(str),
            "section_grade_raw": GRADE_WORDS[grade],
            "school": school,
            "teacher": teacher,
        }
    )


def lunch(layout: Layout) -> Block:
    """One lunch for each grade of a school."""
    cells, section = np.unique(layout.student_school * 16 + layout.student_grade, return_inverse=True)
    name = "Lunch - Grade " + _SHORT[cells % 16]
    return Block(_group_sections(layout, name, "Lunch", "other", cells // 16), np.arange(len(section)), section)


def extras(layout: Layout, rng: np.random.Generator) -> list[Block]:
    """Interventions and band: up to twelve students of a school to a section, a few from another school."""
    blocks = []
    for name, subject, share, low, high in _EXTRAS:
        allowed = (layout.student_grade >= low) & (layout.student_grade <= high)
        members = np.flatnonzero((rng.random(len(allowed)) < share) & allowed)
        visiting = rng.random(len(members)) < (0.03 if name == "Band" else 0.0)
        school = (layout.student_school[members] + visiting) % len(layout.school_kind)
        order = np.argsort(school, kind="stable")
        members, school = members[order], school[order]
        groups, section = np.unique(school * 1_000_000 + position(school) // 12, return_inverse=True)
        names = f"{name} " + (groups % 1_000_000 + 1).astype(str).astype(object)
        blocks.append(Block(_group_sections(layout, names, name, subject, groups // 1_000_000), members, section))
    return blocks


def _group_sections(layout: Layout, name: np.ndarray, course: str, subject: str, school: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "section_name": name,
            "course_name": course,
            "course_number": "",
            "subject": subject,
            "period": "",
            "section_number": "",
            "section_grade_raw": "",
            "school": school,
            "teacher": len(layout.class_school) + 3 * school + 2,
        }
    )


def position(group: np.ndarray) -> np.ndarray:
    """The place of each item among those of its group; `group` is sorted."""
    new = np.r_[True, group[1:] != group[:-1]]
    return np.arange(len(group)) - np.maximum.accumulate(np.where(new, np.arange(len(group)), 0))


def _upper(names: np.ndarray) -> np.ndarray:
    return np.asarray(pc.utf8_upper(pa.array(names, pa.string())), object)
