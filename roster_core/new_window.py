"""A new assessment window: what is carried over, who moved up a grade, and rules that name an ended term."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from roster_core.dates import WindowDates
from roster_core.matching import text_mask
from roster_core.onboarding_record import Onboarding
from roster_core.roster import Roster, id_codes, ordered_grades
from roster_core.rules import Condition, RuleSet
from roster_core.vocabulary import GRADES

#: The columns of `Promotion.by_grade`.
PROMOTION_COLUMNS = ("grade", "committed", "promoted", "stayed", "elsewhere", "left")

# Where a year has two ways on, both count as promoted. Grades without an order of their own promote nobody.
_NEXT = {
    "InfantToddler": ("Preschool", "PreKindergarten"),
    "Preschool": ("PreKindergarten",),
    "PreKindergarten": ("TransitionalKindergarten", "Kindergarten"),
    "TransitionalKindergarten": ("Kindergarten",),
    "Kindergarten": ("1",),
    **{str(grade): (str(grade + 1),) for grade in range(1, 12)},
    "12": ("13", "PostGraduate"),
}
_POSITIVE = ("is", "contains", "starts_with", "ends_with", "matches")


@dataclass(frozen=True, eq=False)
class Promotion:
    """Who was committed last window, and where they are now; counts only.

    by_grade: a row a grade as committed (`PROMOTION_COLUMNS`): now in the next grade, still in it, in another one,
    no longer in the data. new: students of the roster, by grade, who were not committed (grade, new).
    """

    by_grade: pd.DataFrame
    new: pd.DataFrame

    def total(self, column: str) -> int:
        """The sum of a column of `by_grade`."""
        return int(self.by_grade[column].sum())


@dataclass(frozen=True, slots=True)
class EndedTerm:
    """A condition of a rule that names terms which have all ended: the rule's place from 0, its words, the terms."""

    rule: int
    condition: str
    terms: tuple[str, ...]


def new_window(onboarding: Onboarding, name: str, *, today: date, receipt_id: str = "") -> Onboarding:
    """The next window of a district: without ticks, requests and dates; people, days off and headcounts stay.

    `receipt_id`: what is in force now, so that the new roster can be compared with it.
    """
    return replace(
        onboarding,
        number=onboarding.number + 1,
        window=name.strip(),
        dates=WindowDates(),
        ticks={},
        requests=(),
        started_on=today,
        previous_receipt_id=receipt_id,
    )


def carried_rules(rule_set: RuleSet) -> RuleSet:
    """The rules as a new window takes them: without pins, which were decisions about students of the last one."""
    return replace(rule_set, pins=())


def promotion(committed: pd.DataFrame, roster: Roster, assessed: RuleSet | None = None) -> Promotion:
    """How the students committed last window (columns student_id, grade) stand in a roster.

    Only grades that `assessed` assesses count as new, all where it names none. Costs two passes over the students.
    """
    row = id_codes(committed["student_id"], roster.students["student_id"])
    before = pd.Series(committed["grade"].to_numpy(), dtype="str")
    now = pd.Series("", index=before.index, dtype="str")
    now[row >= 0] = roster.students["grade"].to_numpy()[row[row >= 0]]
    up = pd.Series(False, index=before.index)
    for grade, following in _NEXT.items():
        up |= (before == grade) & now.isin(following)
    there = pd.Series(row >= 0, index=before.index)
    stayed = there & (now == before) & ~up
    marks = {"promoted": up, "stayed": stayed, "elsewhere": there & ~up & ~stayed, "left": ~there}
    counts = pd.DataFrame({"committed": pd.Series(True, index=before.index), **marks}).groupby(before).sum()
    counts = counts.reindex(ordered_grades(before)).rename_axis("grade").reset_index()
    return Promotion(counts[list(PROMOTION_COLUMNS)], _new_by_grade(committed, roster, assessed))


def ended_terms(rule_set: RuleSet, roster: Roster, today: date) -> list[EndedTerm]:
    """The conditions of rules that ask for terms by name and find only terms that have ended.

    A term that the roster does not date counts as going on; a name counts as ended once every term of it has.
    """
    terms = roster.terms
    ends = terms.loc[terms["term_name"] != "", ["term_name", "end_date"]]
    over = (ends["end_date"] != "") & (ends["end_date"].str.slice(0, 10) < today.isoformat())
    ended = over.groupby(ends["term_name"]).all()
    names = [str(name) for name in ended.index]
    found = []
    for place, rule in enumerate(rule_set.rules):
        for condition in rule.when:
            hit = _terms_of(condition, names)
            if hit.any() and ended.to_numpy()[hit].all():
                matched = tuple(name for name, meant in zip(names, hit, strict=True) if meant)
                found.append(EndedTerm(place, condition.describe(), matched))
    return found


def headcounts(roster: Roster, rule_set: RuleSet) -> tuple[dict[str, int], dict[str, int]]:
    """The students a roster shares of the assessed grades and schools: by school id, and by grade in school order."""
    from_grades = list(rule_set.assessed_grades) or list(GRADES)
    students = roster.students[roster.students["grade"].isin(from_grades)]
    if rule_set.assessed_schools:
        students = students[students["school_id"].isin(list(rule_set.assessed_schools))]
    schools = students.loc[students["school_id"] != "", "school_id"].value_counts()
    grades = students["grade"].value_counts()
    return (
        {str(key): int(number) for key, number in schools.sort_index().items()},
        {grade: int(grades[grade]) for grade in ordered_grades(students["grade"])},
    )


def _new_by_grade(committed: pd.DataFrame, roster: Roster, assessed: RuleSet | None) -> pd.DataFrame:
    students = roster.students
    new = id_codes(students["student_id"], committed["student_id"]) < 0
    grades = set(assessed.assessed_grades) if assessed is not None else set()
    if grades:
        new &= students["grade"].isin(grades).to_numpy()
    counts = students["grade"][new].value_counts()
    order = ordered_grades(students["grade"][new])
    return pd.DataFrame({"grade": pd.array(order, dtype="str"), "new": [int(counts[grade]) for grade in order]})


def _terms_of(condition: Condition, names: list[str]) -> np.ndarray:
    """bool[names]: the terms a condition asks for; none where it asks for something else, or leaves terms out."""
    if condition.field != "term_name" or condition.op not in _POSITIVE or not names:
        return np.zeros(len(names), dtype=bool)
    return np.asarray(text_mask(names, (condition,)), dtype=bool)
