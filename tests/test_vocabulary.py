"""Grades become Clever's words, and dates ISO texts."""

from __future__ import annotations

import pandas as pd
import pytest

from roster_core.vocabulary import GRADES, normalise_birthdate, normalise_grade


def text(*values: str) -> pd.Series:
    return pd.Series(values, dtype="str")


@pytest.mark.parametrize(
    ("written", "grade"),
    [
        ("KG", "Kindergarten"), ("K", "Kindergarten"), ("0", "Kindergarten"), ("00", "Kindergarten"),
        ("kindergarten", "Kindergarten"), ("PK", "PreKindergarten"), ("TK", "TransitionalKindergarten"),
        ("01", "1"), ("1", "1"), (" 9 ", "9"), ("09", "9"), ("12", "12"), ("13", "13"), ("3rd", "3"),
        ("UG", "Ungraded"), ("Other", "Other"), ("", ""), ("Year 5", ""), ("14", ""),
    ],
)  # fmt: skip
def test_written_grades_become_clevers_words(written: str, grade: str) -> None:
    """Every usual spelling becomes Clever's word; what is no grade becomes the empty text."""
    assert normalise_grade(text(written)).tolist() == [grade]


def test_clevers_own_words_stay() -> None:
    """Each of Clever's words is its own spelling."""
    assert normalise_grade(text(*GRADES)).tolist() == list(GRADES)


@pytest.mark.parametrize(
    ("written", "birthdate"),
    [
        ("2/11/2007", "2007-02-11"), ("02/11/2007", "2007-02-11"), ("2007-02-11", "2007-02-11"),
        ("2007-02-11T00:00:00.000Z", "2007-02-11"), (" 2/11/2007 ", "2007-02-11"), ("2/29/2016", "2016-02-29"),
        ("2/29/2015", ""), ("13/1/2015", ""), ("0/1/2015", ""), ("2/11/07", ""), ("unknown", ""), ("", ""),
        ("20150211", ""), ("11.2.2015", ""),
    ],
)  # fmt: skip
def test_dates_are_read_or_left_empty(written: str, birthdate: str) -> None:
    """American dates, padded or not, and ISO dates are read; a date that is none gives the empty text."""
    assert normalise_birthdate(text(written)).tolist() == [birthdate]


def test_no_rows_give_no_rows() -> None:
    """An empty series gives an empty `str` series."""
    assert normalise_grade(text()).dtype == normalise_birthdate(text()).dtype == "str"
