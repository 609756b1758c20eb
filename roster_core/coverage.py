"""Coverage: for each student in scope, how many kept sections. The number everything else turns on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.contribution import Reason, RuleEffect, rule_effects, student_reasons
from roster_core.kept import counts_by_section, earliest_only, mask_of_grades, mask_of_scope, rows_kept, with_pins
from roster_core.matching import Verdicts, judge
from roster_core.roster import Roster, looked_up
from roster_core.rules import RuleSet
from roster_core.vocabulary import GRADE_ORDER, GRADES, text_array

OUT, NONE, ONE, SEVERAL, EXCUSED = -1, 0, 1, 2, 3
STATUS_NAMES: dict[int, str] = {NONE: "none", ONE: "one", SEVERAL: "several", EXCUSED: "excused"}


@dataclass(frozen=True, eq=False, repr=False)
class Coverage:
    """The answer of one rule set on one roster; more is made when it is asked for.

    status: int8[students], `OUT` for students out of scope. kept_counts: int32[students]. settled_mask:
    bool[students], in several before the order of the rules settled them to one. kept_rows: what `kept`
    gives, where it was needed to count.
    """

    roster: Roster
    rule_set: RuleSet
    verdicts: Verdicts
    scope_mask: np.ndarray
    status: np.ndarray
    kept_counts: np.ndarray
    settled_mask: np.ndarray
    kept_rows: np.ndarray | None = None

    @cached_property
    def kept(self) -> np.ndarray:
        """int64, ascending: rows of the enrollments kept for students in scope, after `resolve` and pins.

        The excused have none.
        """
        if self.kept_rows is not None:
            return self.kept_rows
        rows, _ = rows_kept(self.roster, self.verdicts, self.scope_mask)
        rows.setflags(write=False)
        return rows

    @property
    def none(self) -> int:
        """Students in scope with no kept section."""
        return int(self._totals[NONE])

    @property
    def one(self) -> int:
        """Students in scope with exactly one kept section."""
        return int(self._totals[ONE])

    @property
    def several(self) -> int:
        """Students in scope with two or more kept sections."""
        return int(self._totals[SEVERAL])

    @property
    def excused(self) -> int:
        """Students in scope excused by a pin."""
        return int(self._totals[EXCUSED])

    @property
    def in_scope(self) -> int:
        """Students whose grade and school are assessed: none + one + several + excused."""
        return int(self._totals.sum())

    @property
    def out_of_scope(self) -> int:
        """Students who are not counted."""
        return len(self.status) - self.in_scope

    @property
    def to_follow(self) -> int:
        """Of the excused, those who are to follow."""
        following = [pin.student_id for pin in self.rule_set.pins if pin.excuse_word == "to_follow"]
        ids = text_array(self.roster.students["student_id"])
        meant = pc.is_in(ids, value_set=pa.array(following, pa.large_string())).to_numpy(zero_copy_only=False)
        return int(np.count_nonzero(meant & (self.status == EXCUSED)))

    @property
    def sections_kept(self) -> int:
        """Sections with a kept enrollment."""
        return int(self.section_state().sum())

    @property
    def settled_by_order(self) -> int:
        """Students whom only the order of the rules brought from several sections to one."""
        return int(self.settled_mask.sum())

    def section_state(self) -> np.ndarray:
        """int8[sections]: 1 where a section has a kept enrollment."""
        state = np.zeros(len(self.roster.sections), dtype=np.int8)
        state[self.roster.enrollments.section[self.kept]] = 1
        return state

    def out_of_scope_reasons(self) -> dict[str, int]:
        """Why students are not counted: `no_usable_grade`, else `grade`, else `school`; each student once."""
        without = (self.roster.grade_codes < 0) & ~self.scope_mask
        by_grade = ~mask_of_grades(self.roster, self.rule_set) & ~without
        by_school = ~self.scope_mask & ~without & ~by_grade
        return {"no_usable_grade": int(without.sum()), "grade": int(by_grade.sum()), "school": int(by_school.sum())}

    def by_school_grade(self) -> pd.DataFrame:
        """Counts by primary school and grade: school_id, school_name, grade, in_scope, none, one, several, excused."""
        return self._counted(["school_id", "grade"])

    def by_school(self) -> pd.DataFrame:
        """Counts by primary school: school_id, school_name, in_scope, none, one, several, excused."""
        return self._counted(["school_id"])

    def by_grade(self) -> pd.DataFrame:
        """Counts by grade, in school order: grade, in_scope, none, one, several, excused."""
        return self._counted(["grade"])

    def students_frame(self, status: int | None = None) -> pd.DataFrame:
        """One row a student in scope (of one status): student_id, status in words, sorted section_ids joined by `;`."""
        chosen = np.flatnonzero(self.scope_mask if status is None else self.status == status)
        names = pa.array(STATUS_NAMES.values(), pa.large_string())
        return pd.DataFrame(
            {
                "student_id": self.roster.students["student_id"].to_numpy()[chosen],
                "status": pd.array(names.take(pa.array(self.status[chosen])), dtype="str"),
                "section_ids": self._joined_sections("section_id", ";", chosen),
            }
        )

    def kept_section_names(self, chosen: np.ndarray) -> np.ndarray:
        """Kept section names, joined by `, `, of the chosen student rows."""
        return self._joined_sections("section_name", ", ", chosen)

    def rule_effects(self) -> tuple[RuleEffect, ...]:
        """What each rule contributes, in the order of the rules."""
        return self._effects

    def why(self, student_id: str) -> tuple[Reason, ...]:
        """Each section of a student with what decided it; empty for a student without sections or unknown."""
        row = self.roster.student_row(student_id)
        return () if row < 0 else student_reasons(self.roster, self.rule_set, self.verdicts, self.kept, row)

    @cached_property
    def _totals(self) -> np.ndarray:
        return np.array([np.count_nonzero(self.status == status) for status in STATUS_NAMES])

    @cached_property
    def _effects(self) -> tuple[RuleEffect, ...]:
        counted = self.scope_mask & (self.status != EXCUSED)
        return rule_effects(self.roster, self.rule_set, self.verdicts, counted, self.kept, self.kept_counts)

    @cached_property
    def _cells(self) -> pd.DataFrame:
        """Students by school_id, grade, and a column for each status: the few rows that all counts are sums of."""
        rows = np.flatnonzero(self.scope_mask)
        cells = self.roster.students[["school_id", "grade"]].iloc[rows].reset_index(drop=True)
        status = self.status[rows]
        return cells.assign(**{name: status == code for code, name in STATUS_NAMES.items()}).groupby(
            ["school_id", "grade"], as_index=False
        ).sum()  # fmt: skip

    def _counted(self, keys: list[str]) -> pd.DataFrame:
        statuses = list(STATUS_NAMES.values())
        table = self._cells.groupby(keys)[statuses].sum().reset_index()
        table.insert(len(keys), "in_scope", table[statuses].sum(axis=1))
        table = table.sort_values(keys, key=_in_school_order, ignore_index=True)
        if "school_id" in keys:
            schools = self.roster.schools
            names = looked_up(table["school_id"], schools["school_id"], schools["school_name"])
            table.insert(1, "school_name", names)
        return table

    def _joined_sections(self, column: str, separator: str, chosen: np.ndarray) -> np.ndarray:
        """object: a text column of the kept sections of the chosen student rows, in the order of section ids."""
        counts = self.kept_counts[chosen].astype(np.int64)
        offsets = np.concatenate(([0], np.cumsum(counts)))
        first = (np.cumsum(self.kept_counts, dtype=np.int64) - self.kept_counts)[chosen]
        places = np.repeat(first - offsets[:-1], counts) + np.arange(offsets[-1])
        codes = self.roster.enrollments.section[self.kept[places]]
        texts = text_array(self.roster.sections[column]).take(pa.array(codes))
        lists = pa.LargeListArray.from_arrays(pa.array(offsets), texts)
        return pc.binary_join(lists, pa.scalar(separator, pa.large_string())).to_numpy(zero_copy_only=False)


def _in_school_order(column: pd.Series) -> pd.Series:
    return column.map(lambda grade: GRADE_ORDER.get(grade, len(GRADES))) if column.name == "grade" else column


def evaluate(roster: Roster, rule_set: RuleSet) -> Coverage:
    """The coverage of a rule set on a roster (DESIGN section 6).

    Costs a text pass a condition over the field's distinct texts, then a gather and a count over enrollments.
    """
    verdicts = judge(roster, rule_set)
    scope = mask_of_scope(roster, rule_set)
    settled = np.zeros(len(scope), dtype=bool)
    excused = np.zeros(len(scope), dtype=bool)
    rows, counts = None, counts_by_section(roster, rule_set, verdicts, scope)
    if counts is None:
        rows, keepers = rows_kept(roster, verdicts, scope)
        if rule_set.resolve == "first":
            rows, settled = earliest_only(roster, rows, keepers)
        if rule_set.pins:
            rows, pinned, excused = with_pins(roster, rule_set, rows, scope)
            settled &= ~pinned
        counts = np.bincount(roster.enrollments.student[rows], minlength=len(scope)).astype(np.int32)
        rows.setflags(write=False)
    status = np.minimum(counts, SEVERAL).astype(np.int8)
    status[~scope] = OUT
    status[excused] = EXCUSED
    for array in (status, counts, scope, settled):
        array.setflags(write=False)
    return Coverage(roster, rule_set, verdicts, scope, status, counts, settled, rows)
