"""The made-up district: deterministic, realistic in size and habits, and safe to show."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from roster_core.errors import InputError
from roster_core.sample import DISTRICT_NAME, sample_district


def test_the_same_arguments_give_the_same_fingerprint() -> None:
    """Two calls with equal arguments make equal tables; another seed makes others."""
    assert sample_district(600, 3).fingerprint == sample_district(600, 3).fingerprint
    assert sample_district(600, 3).fingerprint != sample_district(600, 4).fingerprint


def test_the_tables_do_not_change_from_one_version_to_the_next() -> None:
    """The default district is the same on every machine, so a receipt made from it stays current."""
    assert sample_district().fingerprint == "15996e7e0ce8ad35af90b36d097c401993d6876f4f94e0a3e5969bb11a55f227"


def test_only_the_school_year_of_the_date_matters() -> None:
    """A later day of the same school year gives the same tables; the next school year gives later birthdates."""
    autumn, spring, next_year = (datetime(*day, tzinfo=UTC) for day in ((2026, 9, 1), (2027, 5, 1), (2027, 9, 1)))

    first = sample_district(300, fetched_at=autumn)

    assert first.fetched_at == autumn
    assert first.fingerprint == sample_district(300, fetched_at=spring).fingerprint
    assert first.fingerprint != sample_district(300, fetched_at=next_year).fingerprint


@pytest.mark.parametrize("students", [1, 7, 40, 150, 399, 601, 1000, 2000, 5000])
def test_any_size_is_a_whole_district(students: int) -> None:
    """Every size has exactly that many students, no load findings, and names that join."""
    roster = sample_district(students, 1)

    assert len(roster.students) == students
    assert roster.findings.empty
    assert (roster.sections[["school_name", "teacher_name", "term_name", "course_name"]] != "").all(axis=None)
    assert (roster.students["grade"] != "").all()


def test_it_says_that_it_is_made_up() -> None:
    """The district's name and the source name it as sample data."""
    roster = sample_district(50)

    assert (roster.district.name, roster.source) == (DISTRICT_NAME, "sample")
    assert "made-up" in DISTRICT_NAME


def test_sizes_are_those_of_a_real_district() -> None:
    """About eight enrollments a student and three sections for ten students."""
    roster = sample_district(5000)

    assert 7.5 <= len(roster.enrollments) / 5000 <= 8.5
    assert 0.27 <= len(roster.sections) / 5000 <= 0.36


def test_faults_are_few_and_of_every_kind() -> None:
    """Of 2,000 students a handful have no birthdate, no section at all, or a second school."""
    roster = sample_district()
    sections = np.diff(roster.student_offsets)

    assert (roster.students["birthdate"] == "").sum() == 3
    assert (sections == 0).sum() == 3
    assert roster.students["school_ids"].str.contains("\x1f").any()
    assert (roster.teachers["email"] == "").any()
    assert (roster.sections["co_teacher_ids"] != "").any()


def test_names_show_several_habits_and_an_accidental_hit() -> None:
    """Homerooms are named in five ways, an intervention borrows the word, and a teacher is called Homer."""
    names = sample_district().sections["section_name"]

    for pattern in (r"^HR \dA$", r"^Homeroom - \w+ - HR$", r"^HOMEROOM [A-Z]+$", r"^Advisory 07 - ", r"^Grade 2 - "):
        assert names.str.contains(pattern).any(), pattern
    assert names.str.startswith("MTSS Homeroom Support").any()
    assert names.str.contains(" - Homer - ").any()


@pytest.mark.parametrize(("students", "seed"), [(0, 7), (-3, 7), (5_000_001, 7), (10, -1)])
def test_impossible_sizes_are_refused(students: int, seed: int) -> None:
    """A size or seed that cannot be is refused in words."""
    with pytest.raises(InputError, match="sample district"):
        sample_district(students, seed)
