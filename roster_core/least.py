"""Least data: of students nobody assesses, what must stay so that everything still counts, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.roster import Roster
from roster_core.vocabulary import text_array

#: What is not kept of a student outside the scope. Id, grade, schools and enrollments are.
WITHHELD_COLUMNS = ("student_number", "sis_id", "first_name", "last_name", "birthdate", "birthdate_raw")


@dataclass(frozen=True, order=True, slots=True)
class Scope:
    """Who is assessed: grades in Clever's words and school ids; none named are all."""

    grades: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()

    @property
    def is_everybody(self) -> bool:
        """Whether nobody is outside of it."""
        return not self.grades and not self.schools


def outside(roster: Roster, scopes: Sequence[Scope]) -> np.ndarray:
    """bool[students]: who is in none of the scopes; nobody where there is no scope.

    A student of an assessed school without a usable grade counts as inside: only a person can tell, with the
    student's number at hand, whether that child is to be assessed.
    """
    mask = np.full(len(roster.students), bool(scopes))
    for scope in scopes:
        mask &= ~_inside(roster, scope)
    return mask


def without_details(roster: Roster, chosen: np.ndarray) -> Roster:
    """The roster without number, names and birthdate of the chosen students (bool[students]) and of those who lack
    them already. It keeps the fingerprint of the whole data. The same roster where nobody is to lose anything.
    """
    withheld = chosen if roster.withheld is None else chosen | roster.withheld
    if not chosen.any() or (roster.withheld is not None and not (chosen & ~roster.withheld).any()):
        return roster
    withheld.setflags(write=False)
    blank = pa.scalar("", pa.large_string())
    held = {
        name: pd.array(pc.if_else(pa.array(withheld), blank, text_array(roster.students[name])), dtype="str")
        for name in WITHHELD_COLUMNS
    }
    students = roster.students.assign(**held)
    return replace(roster, students=students, withheld=withheld, source_fingerprint=roster.fingerprint)


def distinct(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """The scopes once each, in a fixed order; none at all where one of them is everybody."""
    found = set(scopes)
    return () if any(scope.is_everybody for scope in found) else tuple(sorted(found))


def _inside(roster: Roster, scope: Scope) -> np.ndarray:
    inside = np.ones(len(roster.students), dtype=bool)
    if scope.grades:
        wanted = pa.array(scope.grades, pa.large_string())
        graded = pc.is_in(text_array(roster.students["grade"]), value_set=wanted).to_numpy(False)
        inside &= graded | (roster.grade_codes < 0)
    if scope.schools:
        wanted = pa.array(scope.schools, pa.large_string())
        inside &= pc.is_in(text_array(roster.students["school_id"]), value_set=wanted).to_numpy(False)
    return inside
