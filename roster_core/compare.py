"""What-if: two rule sets on the same roster side by side, student by student and section by section."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.coverage import EXCUSED, NONE, ONE, SEVERAL, STATUS_NAMES, Coverage
from roster_core.errors import InputError
from roster_core.roster import id_codes
from roster_core.vocabulary import GRADE_ORDER, GRADES, text_array
from roster_core.wording import agreeing, counted

#: What can change for a student, in the order people ask.
CHANGES: dict[str, str] = {
    "gained": "in exactly one after, not before",
    "lost": "in exactly one before, not after",
    "moved": "in exactly one before and after, but in another section",
    "still_broken": "in none or several before and after",
    "newly_broken": "in none or several after, not before",
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a second rule set changes against a first on the same roster. Frames are made when somebody asks.

    masks: for each key of `CHANGES`, bool[students]. A student who falls from one into none or several is both
    `lost` and `newly_broken`; all others are in one mask at most. So `gained - lost` is the change of the students
    in exactly one, and `still_broken + newly_broken` are all who are broken after. Nothing here holds a student's name.
    """

    before: Coverage
    after: Coverage
    masks: dict[str, np.ndarray]

    @property
    def counts(self) -> dict[str, int]:
        """Students by kind of change, and `sections_in`, `sections_out`."""
        students = {name: int(mask.sum()) for name, mask in self.masks.items()}
        return students | {"sections_in": int(self._entered.sum()), "sections_out": int(self._left.sum())}

    @property
    def same(self) -> bool:
        """Whether every student keeps the same sections, and is counted alike, under both rule sets."""
        return np.array_equal(self.before.kept, self.after.kept) and np.array_equal(
            self.before.status, self.after.status
        )

    @cached_property
    def sections_in(self) -> pd.DataFrame:
        """Sections kept after only: section_id, section_name, school_id, school_name, students (kept there after)."""
        return _sections(self.after, self._entered)

    @cached_property
    def sections_out(self) -> pd.DataFrame:
        """Sections kept before only: section_id, section_name, school_id, school_name, students (kept before)."""
        return _sections(self.before, self._left)

    def students(self, change: str) -> pd.DataFrame:
        """The students of one change, by id; raises InputError for a word that is not in `CHANGES`.

        Columns, all `str`: student_id, grade, school_id, school_name, was, now (none, one, several, excused or not
        assessed), from_section_ids, from_section_names, section_ids, section_names (joined by `; `).
        """
        if change not in CHANGES:
            raise InputError(f'There is no change "{change}"; choose {", ".join(CHANGES)}.')
        rows = np.flatnonzero(self.masks[change])
        roster = self.after.roster
        frame = roster.students[["student_id", "grade", "school_id"]].iloc[rows].reset_index(drop=True)
        columns = {
            "school_name": _school_names(self.after, frame["school_id"]),
            "was": _STATUS_WORDS.take(pa.array(self.before.status[rows] + 1)),
            "now": _STATUS_WORDS.take(pa.array(self.after.status[rows] + 1)),
            "from_section_ids": _kept_texts(self.before, rows, "section_id"),
            "from_section_names": _kept_texts(self.before, rows, "section_name"),
            "section_ids": _kept_texts(self.after, rows, "section_id"),
            "section_names": _kept_texts(self.after, rows, "section_name"),
        }
        return frame.assign(**{name: pd.array(texts, dtype="str") for name, texts in columns.items()})

    def by_school(self) -> pd.DataFrame:
        """Counts by primary school: school_id, school_name, in_scope (under either), one_before, one_after, changes."""
        return self._counted(["school_id"])

    def by_grade(self) -> pd.DataFrame:
        """Counts by grade, in school order: grade, in_scope (under either), one_before, one_after, changes."""
        return self._counted(["grade"])

    def by_school_grade(self) -> pd.DataFrame:
        """Counts by school and grade, the columns of both."""
        return self._counted(["school_id", "grade"])

    def sentences(self) -> list[str]:
        """What changes, a sentence each, the total first; one sentence where nothing does. Names no student."""
        before, after, counts = self.before, self.after, self.counts
        more = after.one - before.one
        moving = "as many as before" if not more else f"{abs(more):,} {'more' if more > 0 else 'fewer'} than before"
        told = [f"{after.one:,} of {after.in_scope:,} students are in exactly one kept section, {moving}."]
        if self.same:
            return [*told, "Nothing changes: every student keeps the same sections."]
        if before.in_scope != after.in_scope:
            told.append(f"The assessed students change from {before.in_scope:,} to {after.in_scope:,}.")
        told += [
            f"{_number(counts[name], 'student')} {words}."
            for name, words in (
                ("gained", "newly in exactly one"),
                ("lost", "no longer in exactly one"),
                ("moved", "in another section than before"),
                ("newly_broken", "newly in none or several"),
                ("still_broken", "still in none or several"),
            )
            if counts[name]
        ]
        told += [
            f"{_number(counts[name], 'section')} {words}."
            for name, words in (("sections_in", "newly kept"), ("sections_out", "no longer kept"))
            if counts[name]
        ]
        return told

    @cached_property
    def _entered(self) -> np.ndarray:
        return (self.after.section_state() == 1) & (self.before.section_state() == 0)

    @cached_property
    def _left(self) -> np.ndarray:
        return (self.before.section_state() == 1) & (self.after.section_state() == 0)

    def _counted(self, keys: list[str]) -> pd.DataFrame:
        scope = self.before.scope_mask | self.after.scope_mask
        rows = np.flatnonzero(scope)
        flags = {"in_scope": scope, "one_before": self.before.status == ONE, "one_after": self.after.status == ONE}
        cells = self.after.roster.students[keys].iloc[rows].reset_index(drop=True)
        flagged = pd.DataFrame({name: mask[rows] for name, mask in (flags | self.masks).items()})
        table = flagged.groupby([cells[key] for key in keys]).sum().reset_index()
        if "grade" in keys:
            place = table["grade"].map(lambda grade: GRADE_ORDER.get(grade, len(GRADES)))
            order = np.lexsort((place, table["school_id"])) if "school_id" in keys else np.argsort(place, kind="stable")
            table = table.iloc[order].reset_index(drop=True)
        if "school_id" in keys:
            table.insert(1, "school_name", pd.array(_school_names(self.after, table["school_id"]), dtype="str"))
        return table


def compare(before: Coverage, after: Coverage) -> Comparison:
    """What changes from one rule set to another on the same roster.

    Raises InputError where the two are not of the same roster. Costs a few passes over arrays as long as the students;
    a frame costs the texts of its own rows.
    """
    if before.roster is not after.roster and before.roster.fingerprint != after.roster.fingerprint:
        raise InputError(
            "The two rule sets were applied to different rosters. Apply both to the same roster, then compare; "
            "what changed between two rosters is told by drift."
        )
    was, now = before.status == ONE, after.status == ONE
    was_broken, broken = (np.isin(coverage.status, (NONE, SEVERAL)) for coverage in (before, after))
    elsewhere = _single_section(before) != _single_section(after)
    masks = {
        "gained": now & ~was,
        "lost": was & ~now,
        "moved": was & now & elsewhere,
        "still_broken": was_broken & broken,
        "newly_broken": broken & ~was_broken,
    }
    return Comparison(before, after, masks)


# Status codes run from -1 (out of scope), hence one place on.
_STATUS_WORDS = pa.array(
    ["not assessed", *(STATUS_NAMES[code] for code in (NONE, ONE, SEVERAL, EXCUSED))], pa.large_string()
)


def _single_section(coverage: Coverage) -> np.ndarray:
    """int32[students]: the section row of each student in exactly one, -1 for all others."""
    enrollments = coverage.roster.enrollments
    alone = coverage.kept[coverage.status[enrollments.student[coverage.kept]] == ONE]
    section = np.full(len(coverage.status), -1, dtype=np.int32)
    section[enrollments.student[alone]] = enrollments.section[alone]
    return section


def _kept_texts(coverage: Coverage, rows: np.ndarray, column: str) -> pa.Array:
    """A text column of the kept sections of some student rows (ascending), joined by `; `."""
    chosen = np.zeros(len(coverage.status), dtype=bool)
    chosen[rows] = True
    enrollments = coverage.roster.enrollments
    kept = coverage.kept[chosen[enrollments.student[coverage.kept]]]
    offsets = np.concatenate(([0], np.cumsum(coverage.kept_counts[rows], dtype=np.int64)))
    texts = text_array(coverage.roster.sections[column]).take(pa.array(enrollments.section[kept]))
    return pc.binary_join(pa.LargeListArray.from_arrays(pa.array(offsets), texts), pa.scalar("; ", pa.large_string()))


def _sections(coverage: Coverage, chosen: np.ndarray) -> pd.DataFrame:
    roster = coverage.roster
    columns = ["section_id", "section_name", "school_id", "school_name"]
    held = np.bincount(roster.enrollments.section[coverage.kept], minlength=len(roster.sections))
    return roster.sections[columns][chosen].reset_index(drop=True).assign(students=held[chosen])


def _school_names(coverage: Coverage, school_ids: pd.Series) -> pa.Array:
    schools = coverage.roster.schools
    places = pa.array(id_codes(school_ids, schools["school_id"]))
    known = pc.if_else(pc.less(places, 0), pa.scalar(None, pa.int32()), places)
    return pc.fill_null(text_array(schools["school_name"]).take(known), "")


def _number(count: int, noun: str) -> str:
    return f"{counted(count, noun)} {agreeing(count, 'are')}"
