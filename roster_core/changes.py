"""What a refresh brought, against the roster that was being worked on: names, sections, students and how they stand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.coverage import EXCUSED, NONE, ONE, OUT, SEVERAL, Coverage, evaluate
from roster_core.roster import Roster, fold_text, id_codes, lower_text
from roster_core.rules import RuleSet
from roster_core.vocabulary import GRADE_ORDER, GRADES, text_array
from roster_core.wording import counted

#: How a student stands under the rules, in words.
STANDS = {OUT: "not assessed", NONE: "in none", ONE: "in exactly one", SEVERAL: "in several", EXCUSED: "excused"}

#: Which turns are told first: students who lose their one section, then those who get one, then the rest.
_GRAVEST = ((ONE, NONE), (ONE, SEVERAL), (ONE, OUT), (ONE, EXCUSED))


@dataclass(frozen=True, eq=False)
class Changes:
    """What differs between two rosters of a district under one rule set. Frames hold no child's name or birthdate.

    new_names: section names never seen before (section_name, sections, students, kept: sections the rules keep).
    gone_sections: sections that are not there any more (section_id, section_name, school_id, school_name, students, and
    kept: whether the rules kept it). turned: students of both rosters who stand otherwise now (student_id, grade,
    school_id, school_name, before, after, as in `STANDS`). moved: students in exactly one section before and now, and
    in another (student_id, grade, school_id, school_name, from_section_name, section_name). arrived, left: students of
    one roster only (student_id, grade, school_id, school_name, stands). by_school_grade: how many arrived and left
    (school_id, school_name, grade, arrived, left), in school order of the grades.
    """

    new_names: pd.DataFrame
    gone_sections: pd.DataFrame
    turned: pd.DataFrame
    moved: pd.DataFrame
    arrived: pd.DataFrame
    left: pd.DataFrame
    by_school_grade: pd.DataFrame
    same: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many of each, by the names of the frames."""
        names = ("new_names", "gone_sections", "turned", "moved", "arrived", "left")
        return {name: len(getattr(self, name)) for name in names}

    def sentences(self) -> list[str]:
        """What changed, a sentence each, what may cost a student their section first."""
        if self.same:
            return ["Nothing changed: the data is the same as before."]
        moved = "student is in another section than before", "students are in other sections than before"
        told = [*self._turns(), _count(self.moved, *moved), self._gone(), self._names()]
        told.append(_count(self.arrived, "student is new", "students are new"))
        told.append(_count(self.left, "student is no longer there", "students are no longer there"))
        said = [text for text in told if text]
        return said or ["No name, section or student changed that these rules look at; only details did."]

    def _turns(self) -> list[str]:
        pairs = self.turned.groupby(["before", "after"], sort=False).size()
        grave = [(STANDS[was], STANDS[now]) for was, now in _GRAVEST]
        order = sorted(pairs.index, key=lambda pair: (pair not in grave, pair[1] != STANDS[ONE], -pairs[pair]))
        return [_turn(pairs[pair], *pair) for pair in order]

    def _gone(self) -> str:
        kept = int(self.gone_sections["kept"].sum())
        return _with_kept(_count(self.gone_sections, "section is gone", "sections are gone"), kept, "the rules kept")

    def _names(self) -> str:
        kept = int((self.new_names["kept"] > 0).sum())
        new = "section name was never seen before", "section names were never seen before"
        return _with_kept(_count(self.new_names, *new), kept, "the rules keep")


def changes(before: Roster, after: Roster, rule_set: RuleSet, *, seen: Collection[str] = ()) -> Changes:
    """What differs from `before` to `after` under the rules.

    `seen`: section names of still earlier rosters, so that a name that comes back is not called new. Costs one
    `evaluate` of each roster and joins on student and section ids; the same data costs nothing.
    """
    if before.fingerprint == after.fingerprint:
        return _nothing(after)
    was, now = evaluate(before, rule_set), evaluate(after, rule_set)
    arrived, left = _only(now, before), _only(was, after)
    return Changes(
        new_names=_new_names(now, before, seen),
        gone_sections=_gone_sections(was, after),
        turned=_turned(was, now),
        moved=_moved(was, now),
        arrived=arrived,
        left=left,
        by_school_grade=_by_school_grade(arrived, left),
        same=False,
    )


def _new_names(now: Coverage, before: Roster, seen: Collection[str]) -> pd.DataFrame:
    """Names are the same where they differ in blanks and case only."""
    column = now.roster.text("section_name")
    earlier = lower_text(fold_text(pa.array(list(seen), pa.large_string())))
    known = pa.concat_arrays([before.text("section_name").lowered.cast(pa.large_string()), earlier])
    is_new = ~pc.is_in(column.lowered, value_set=known).to_numpy(False)
    rows = np.flatnonzero(is_new[column.codes])
    frame = pd.DataFrame(
        {
            "section_name": pd.array(column.values.take(pa.array(column.codes[rows])), dtype="str"),
            "students": _sizes(now)[rows],
            "kept": now.section_state()[rows].astype(np.int64),
        }
    )
    grouped = frame.groupby("section_name", sort=False).agg(
        sections=("students", "size"), students=("students", "sum"), kept=("kept", "sum")
    )
    ordered = grouped.reset_index().sort_values(["students", "section_name"], ascending=[False, True])
    return ordered.astype({"section_name": "str"}).reset_index(drop=True)


def _gone_sections(was: Coverage, after: Roster) -> pd.DataFrame:
    sections = was.roster.sections
    rows = np.flatnonzero(id_codes(sections["section_id"], after.sections["section_id"]) < 0)
    frame = sections[["section_id", "section_name", "school_id", "school_name"]].iloc[rows].reset_index(drop=True)
    whole = frame.assign(students=_sizes(was)[rows], kept=was.section_state()[rows] > 0)
    return whole.sort_values(["kept", "students"], ascending=False, kind="stable", ignore_index=True)


def _turned(was: Coverage, now: Coverage) -> pd.DataFrame:
    place = id_codes(now.roster.students["student_id"], was.roster.students["student_id"])
    both = np.flatnonzero(place >= 0)
    earlier, later = was.status[place[both]], now.status[both]
    differs = earlier != later
    frame = _students(now.roster, both[differs])
    return frame.assign(before=_words(earlier[differs]), after=_words(later[differs]))


def _moved(was: Coverage, now: Coverage) -> pd.DataFrame:
    place = id_codes(now.roster.students["student_id"], was.roster.students["student_id"])
    both = np.flatnonzero(place >= 0)
    earlier, later = _only_section(was)[place[both]], _only_section(now)[both]
    settled = (earlier >= 0) & (later >= 0)
    both, earlier, later = both[settled], earlier[settled], later[settled]
    ids = [_taken(each.roster, "section_id", rows) for each, rows in ((was, earlier), (now, later))]
    differs = pc.not_equal(*ids).to_numpy(False)
    names = [_taken(each.roster, "section_name", rows[differs]) for each, rows in ((was, earlier), (now, later))]
    frame = _students(now.roster, both[differs])
    return frame.assign(from_section_name=pd.array(names[0], "str"), section_name=pd.array(names[1], "str"))


def _only_section(coverage: Coverage) -> np.ndarray:
    """int64[students]: row of the one kept section; -1 for students in none or several."""
    enrollments, kept = coverage.roster.enrollments, coverage.kept
    section = np.full(len(coverage.status), -1, dtype=np.int64)
    section[enrollments.student[kept]] = enrollments.section[kept]
    return np.where(coverage.status == ONE, section, -1)


def _taken(roster: Roster, column: str, rows: np.ndarray) -> pa.Array:
    return text_array(roster.sections[column]).take(pa.array(rows))


def _only(coverage: Coverage, other: Roster) -> pd.DataFrame:
    """The students of one roster that the other does not have."""
    roster = coverage.roster
    rows = np.flatnonzero(id_codes(roster.students["student_id"], other.students["student_id"]) < 0)
    return _students(roster, rows).assign(stands=_words(coverage.status[rows]))


def _students(roster: Roster, rows: np.ndarray) -> pd.DataFrame:
    chosen = roster.students[["student_id", "grade", "school_id"]].iloc[rows].reset_index(drop=True)
    names = np.append(roster.schools["school_name"].to_numpy(dtype=object), "")
    return chosen.assign(school_name=pd.array(names[roster.school_codes[rows]], dtype="str"))


def _by_school_grade(arrived: pd.DataFrame, left: pd.DataFrame) -> pd.DataFrame:
    keys = ["school_id", "school_name", "grade"]
    told = pd.concat([arrived[keys].assign(arrived=1, left=0), left[keys].assign(arrived=0, left=1)])
    counted = told.groupby(keys, sort=True)[["arrived", "left"]].sum().reset_index()
    order = counted["grade"].map(GRADE_ORDER).fillna(len(GRADES))
    sorted_rows = counted.assign(order=order).sort_values(["school_name", "school_id", "order"], kind="stable")
    types = {**dict.fromkeys(keys, "str"), "arrived": "int64", "left": "int64"}
    return sorted_rows.drop(columns="order").astype(types).reset_index(drop=True)


def _sizes(coverage: Coverage) -> np.ndarray:
    """int64[sections]: students in scope in each."""
    enrollments = coverage.roster.enrollments
    scope = coverage.scope_mask[enrollments.student]
    return np.bincount(enrollments.section[scope], minlength=len(coverage.roster.sections))


def _words(status: np.ndarray) -> pd.api.extensions.ExtensionArray:
    words = pa.array([STANDS[code] for code in range(OUT, EXCUSED + 1)], pa.large_string())
    return pd.array(words.take(pa.array(status.astype(np.int64) - OUT)), dtype="str")


def _nothing(roster: Roster) -> Changes:
    """No row in any frame, without evaluating anything."""
    students = _students(roster, np.array([], dtype=np.int64))
    empty = pd.Series([], dtype="str")
    names = pd.DataFrame({"section_name": empty, "sections": [], "students": [], "kept": []})
    sections = roster.sections[["section_id", "section_name", "school_id", "school_name"]].iloc[:0]
    whole = pd.Series([], dtype="int64")
    stands = students.assign(stands=empty)
    return Changes(
        new_names=names.astype({"sections": "int64", "students": "int64", "kept": "int64"}),
        gone_sections=sections.assign(students=whole, kept=pd.Series([], dtype="bool")),
        turned=students.assign(before=empty, after=empty),
        moved=students.assign(from_section_name=empty, section_name=empty),
        arrived=stands,
        left=stands,
        by_school_grade=_by_school_grade(stands, stands),
        same=True,
    )


def _turn(count: int, was: str, now: str) -> str:
    was, now = (words.replace("exactly one", "exactly one section") for words in (was, now))
    if count == 1:
        return f"1 student who was {was} is now {now}."
    return f"{count:,} students who were {was} are now {now}."


def _count(frame: pd.DataFrame, one: str, many: str) -> str:
    """`1 section is gone.`; empty for none."""
    count = len(frame)
    return f"{counted(count, one, many)}." if count else ""


def _with_kept(sentence: str, kept: int, what: str) -> str:
    return f"{sentence.removesuffix('.')}; {what} {kept:,} of them." if sentence and kept else sentence
