"""Which enrollments stay: those of students in scope that rules keep, then by the order of the rules, then by pins."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.matching import Verdicts, grade_groups_of
from roster_core.roster import Roster, id_codes
from roster_core.rules import RuleSet
from roster_core.vocabulary import GRADE_ORDER, GRADES, text_array


def mask_of_scope(roster: Roster, rule_set: RuleSet) -> np.ndarray:
    """bool[students]: grade and primary school are assessed."""
    mask = mask_of_grades(roster, rule_set)
    if rule_set.assessed_schools:
        schools = pa.array(rule_set.assessed_schools, pa.large_string())
        mask = mask & pc.is_in(text_array(roster.students["school_id"]), value_set=schools).to_numpy(False)
    return mask


def mask_of_grades(roster: Roster, rule_set: RuleSet) -> np.ndarray:
    """bool[students]: the grade is assessed; everybody where the rules name none."""
    if not rule_set.assessed_grades:
        return np.ones(len(roster.students), dtype=bool)
    assessed = np.zeros(len(GRADES) + 1, dtype=bool)
    assessed[[GRADE_ORDER[grade] for grade in rule_set.assessed_grades]] = True
    return assessed[roster.grade_codes]


def counts_by_section(roster: Roster, rule_set: RuleSet, verdicts: Verdicts, scope: np.ndarray) -> np.ndarray | None:
    """int32[students]: kept sections, counted over the students of the kept sections alone.

    None where the kept enrollments themselves are needed (pins, order, rules for grades), or where so many
    are kept that a pass over all enrollments is faster.
    """
    if rule_set.resolve == "first" or rule_set.pins or len(verdicts.keeper) > 1:
        return None
    offsets, students = roster.by_section
    kept = np.flatnonzero(verdicts.keeper[0] >= 0)
    sizes = offsets[kept + 1] - offsets[kept]
    stops = np.cumsum(sizes)
    if not len(kept) or stops[-1] > len(students) // 4:
        return None
    places = np.repeat(offsets[kept] - (stops - sizes), sizes) + np.arange(stops[-1])
    counts = np.bincount(students[places], minlength=len(scope)).astype(np.int32)
    if not scope.all():
        counts[~scope] = 0
    return counts


def rows_kept(roster: Roster, verdicts: Verdicts, scope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the enrollments that rules keep for students in scope, and the keep rule of each."""
    student, section = roster.enrollments.student, roster.enrollments.section
    if len(verdicts.keeper) == 1:
        rows = np.flatnonzero((verdicts.keeper[0] >= 0)[section])
        keepers = verdicts.keeper[0][section[rows]]
    else:
        groups = grade_groups_of(roster, verdicts).astype(np.int64) * verdicts.keeper.shape[1]
        keeper_of_row = verdicts.keeper.reshape(-1)[groups[student] + section]
        rows = np.flatnonzero(keeper_of_row >= 0)
        keepers = keeper_of_row[rows]
    if not scope.all():
        inside = scope[student[rows]]
        rows, keepers = rows[inside], keepers[inside]
    return rows, keepers


def earliest_only(roster: Roster, rows: np.ndarray, keepers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each student's kept rows those of the earliest keep rule; and whom that settled to one."""
    count = len(roster.students)
    student = roster.enrollments.student[rows]
    starts = np.flatnonzero(np.diff(student, prepend=-1))
    earliest = np.zeros(count, dtype=keepers.dtype)
    if len(starts):
        earliest[student[starts]] = np.minimum.reduceat(keepers, starts)
    remaining = rows[keepers == earliest[student]]
    before = np.bincount(student, minlength=count)
    after = np.bincount(roster.enrollments.student[remaining], minlength=count)
    return remaining, (before > 1) & (after == 1)


def with_pins(
    roster: Roster, rule_set: RuleSet, rows: np.ndarray, scope: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kept rows with the pins in force; masks of the pinned and of the excused students in scope."""
    pins = rule_set.pins
    of_pin = id_codes(pd.Series([pin.student_id for pin in pins], dtype="str"), roster.students["student_id"])
    wanted = pd.Series([pin.section_id or "" for pin in pins], dtype="str")
    sections = id_codes(wanted, roster.sections["section_id"])
    excuses = np.array([pin.section_id is None for pin in pins])
    known = of_pin >= 0
    section_of = np.full(len(scope), -2, dtype=np.int32)
    section_of[of_pin[known]] = sections[known]
    pinned = section_of != -2
    excused = np.zeros(len(scope), dtype=bool)
    excused[of_pin[known & excuses]] = True
    student, section = roster.enrollments.student, roster.enrollments.section
    # A pin to a section the student is not enrolled in keeps nothing: the preflight says so.
    chosen = np.flatnonzero(section == section_of[student])
    chosen = chosen[scope[student[chosen]] & ~excused[student[chosen]]]
    merged = np.sort(np.concatenate((rows[~pinned[student[rows]]], chosen)))
    return merged, pinned, excused & scope
