"""Drift: what a fresh roster, under the committed rules, would change or break against what was committed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from roster_core.coverage import NONE, ONE, OUT, SEVERAL, Coverage, evaluate
from roster_core.glance import Drifted
from roster_core.plan import CurrentRoster, plan_commit
from roster_core.roster import Roster, id_codes
from roster_core.rules import RuleSet


@dataclass(frozen=True, eq=False)
class Drift:
    """What changed since a commit. Frames hold ids, grades, schools and section names; no child's name or birthdate.

    new: students in scope who were not committed (student_id, grade, school_id, school_name, status in words).
    gone: committed students who are no longer there or no longer in scope (student_id, grade, school_id, school_name,
    section_id, section_name as committed, reason). moved: in one section, but another than committed (student_id,
    grade, school_id, school_name, section_id, section_name, from_section_id, from_section_name). in_none, in_several:
    committed students whom the rules now leave in none or several (student_id, grade, school_id, school_name).
    renamed: committed sections that are still shared but that the rules no longer keep (section_id, section_name as
    it is now, from_section_name, students as committed). updated: same section, other details (student_id, grade,
    school_id, school_name, section_id, section_name, changed). unshared: sections that are no longer shared
    (section_id, section_name, students: how many were committed in it). shared: sections that were not shared before
    (section_id, section_name, school_id, school_name, students in scope, kept: whether the rules keep it); nobody can
    tell them where the roster that was committed from is not there to compare with.
    """

    receipt_id: str
    committed: int
    new: pd.DataFrame
    gone: pd.DataFrame
    moved: pd.DataFrame
    in_none: pd.DataFrame
    in_several: pd.DataFrame
    renamed: pd.DataFrame
    updated: pd.DataFrame
    unshared: pd.DataFrame
    shared: pd.DataFrame

    @property
    def needs_person(self) -> bool:
        """Whether somebody must look: a student gone, moved, in none or in several, or a committed section lost.

        New students in exactly one section and updated details can be committed as they are, and sections that come
        or go without one committed student in them change nothing.
        """
        new_trouble = len(self.new) - self.new_in_one
        broken = (self.gone, self.moved, self.in_none, self.in_several, self.renamed)
        return new_trouble > 0 or self.unshared_committed > 0 or any(len(frame) for frame in broken)

    @property
    def unshared_committed(self) -> int:
        """Of the sections that are no longer shared, those in which students were committed."""
        return int((self.unshared["students"] > 0).sum())

    @property
    def new_in_one(self) -> int:
        """New students who are in exactly one kept section."""
        return int((self.new["status"] == "one").sum())

    @property
    def counts(self) -> dict[str, int]:
        """How many of each, by the names of the frames."""
        names = ("new", "gone", "moved", "in_none", "in_several", "renamed", "updated", "unshared", "shared")
        return {name: len(getattr(self, name)) for name in names}

    def sentences(self) -> list[str]:
        """What changed, a sentence each, the gravest first; one sentence where nothing did."""
        lost = len(self.new) - self.new_in_one
        other = len(self.unshared) - self.unshared_committed
        kept = int(self.shared["kept"].sum())
        told = [
            _told(self.unshared_committed, "section", "was committed and is no longer shared"),
            _told(len(self.renamed), "section", "was committed and is still shared, but the rules no longer keep it"),
            _told(len(self.in_none), "committed student", "is now in no kept section"),
            _told(len(self.in_several), "committed student", "is now in several kept sections"),
            _told(len(self.gone), "committed student", "is no longer in the data or no longer assessed"),
            _told(len(self.moved), "student", "is now in another section"),
            _told(lost, "new student", "is in no kept section or in several"),
            _told(self.new_in_one, "new student", "is in exactly one kept section and can be committed"),
            _told(len(self.updated), "student", "has updated details"),
            _told(other, "section", "is no longer shared; no student was committed there"),
            _told(kept, "section", "is newly shared and kept by the rules"),
            _told(len(self.shared) - kept, "section", "is newly shared and not kept"),
        ]
        return [text for text in told if text] or [f"Nothing changed for the {self.committed:,} committed students."]


def drift(committed: CurrentRoster, fresh: Roster, rule_set: RuleSet, *, before: Roster | None = None) -> Drift:
    """What `fresh` under `rule_set` (the committed one) changes against the committed rows. Changes nothing.

    `before` is the roster the commit was made from, to tell which sections were shared then; without it only the
    committed sections are known. Costs one `evaluate` and joins on student and section ids.
    """
    coverage = evaluate(fresh, rule_set)
    plan = plan_commit(fresh, rule_set, district_id=fresh.district.id or "drift", current=committed, coverage=coverage)
    row = id_codes(committed.rows["student_id"], fresh.students["student_id"])
    status = np.where(row >= 0, coverage.status[row], OUT) if len(coverage.status) else np.full(len(row), OUT)
    return Drift(
        receipt_id=committed.receipt_id,
        committed=len(committed.rows),
        new=_new(committed, coverage),
        gone=_gone(committed, row, status),
        moved=plan.moved,
        in_none=_students(fresh, row[status == NONE]),
        in_several=_students(fresh, row[status == SEVERAL]),
        renamed=_renamed(committed, coverage),
        updated=plan.updated,
        unshared=_unshared(committed, fresh, before),
        shared=_shared(coverage, before),
    )


def drifted(found: Drift, fingerprint: str, at: datetime) -> Drifted:
    """The drift at a glance, for the list of districts; `fingerprint` is of the roster it was found in."""
    told = () if not sum(found.counts.values()) else tuple(found.sentences())
    return Drifted(found.receipt_id, fingerprint, at, sum(found.counts.values()), found.needs_person, told)


def _students(roster: Roster, rows: np.ndarray) -> pd.DataFrame:
    chosen = roster.students[["student_id", "grade", "school_id"]].iloc[rows].reset_index(drop=True)
    names = np.append(roster.schools["school_name"].to_numpy(dtype=object), "")
    place = id_codes(chosen["school_id"], roster.schools["school_id"])
    return chosen.assign(school_name=pd.array(names[place], dtype="str"))


def _new(committed: CurrentRoster, coverage: Coverage) -> pd.DataFrame:
    known = id_codes(coverage.roster.students["student_id"], committed.rows["student_id"]) >= 0
    rows = np.flatnonzero(np.isin(coverage.status, (NONE, ONE, SEVERAL)) & ~known)
    words = np.array(["none", "one", "several"], dtype=object)
    return _students(coverage.roster, rows).assign(status=pd.array(words[coverage.status[rows]], dtype="str"))


def _gone(committed: CurrentRoster, row: np.ndarray, status: np.ndarray) -> pd.DataFrame:
    """Committed students who would be taken off the roster, excused ones included."""
    lost = ~np.isin(status, (NONE, ONE, SEVERAL))
    columns = ["student_id", "grade", "school_id", "school_name", "section_id", "section_name"]
    reason = np.select([row < 0, status == OUT], ["not in the data", "not assessed: grade or school"], "excused")
    return (
        committed.rows[columns][lost]
        .reset_index(drop=True)
        .assign(reason=pd.array(reason[lost].astype(object), dtype="str"))
    )


def _renamed(committed: CurrentRoster, coverage: Coverage) -> pd.DataFrame:
    """Committed sections that still hold students in scope, none of whose enrollments is kept any more."""
    roster = coverage.roster
    was = committed.rows.groupby("section_id", sort=True)["section_name"].agg(["first", "size"])
    ids = pd.Series(was.index.to_numpy(), dtype="str")
    row = id_codes(ids, roster.sections["section_id"])
    scope = coverage.scope_mask[roster.enrollments.student]
    filled = np.bincount(roster.enrollments.section[scope], minlength=len(roster.sections)) > 0
    there = row >= 0
    out = there.copy()
    out[there] = filled[row[there]] & (coverage.section_state()[row[there]] == 0)
    return pd.DataFrame(
        {
            "section_id": ids[out].to_numpy(),
            "section_name": roster.sections["section_name"].to_numpy()[row[out]],
            "from_section_name": was["first"].to_numpy()[out],
            "students": was["size"].to_numpy()[out],
        }
    ).astype({"section_id": "str", "section_name": "str", "from_section_name": "str"})


def _unshared(committed: CurrentRoster, fresh: Roster, before: Roster | None) -> pd.DataFrame:
    """Sections of the roster committed from, or else of the committed rows, that are not in the fresh one."""
    was = committed.rows.groupby("section_id", sort=True)["section_name"].agg(["first", "size"])
    ids, names = pd.Series(was.index.to_numpy(), dtype="str"), was["first"].reset_index(drop=True)
    if before is not None:
        others = id_codes(before.sections["section_id"], ids) < 0
        ids = pd.concat([ids, before.sections["section_id"][others]], ignore_index=True)
        names = pd.concat([names, before.sections["section_name"][others]], ignore_index=True)
    students = np.append(was["size"].to_numpy(), np.zeros(len(ids) - len(was), dtype=np.int64))
    lost = id_codes(ids, fresh.sections["section_id"]) < 0
    frame = pd.DataFrame({"section_id": ids, "section_name": names, "students": students}, copy=False)
    return frame[lost].astype({"section_id": "str", "section_name": "str"}).reset_index(drop=True)


def _shared(coverage: Coverage, before: Roster | None) -> pd.DataFrame:
    """Sections of the fresh roster that the one committed from did not have; none where there is nothing to compare."""
    roster = coverage.roster
    known = roster.sections["section_id"] if before is None else before.sections["section_id"]
    rows = np.flatnonzero(id_codes(roster.sections["section_id"], known) < 0)
    scope = coverage.scope_mask[roster.enrollments.student]
    sizes = np.bincount(roster.enrollments.section[scope], minlength=len(roster.sections))
    frame = roster.sections[["section_id", "section_name", "school_id", "school_name"]].iloc[rows]
    kept = coverage.section_state()[rows] > 0
    return frame.reset_index(drop=True).assign(students=sizes[rows], kept=kept)


def _told(count: int, noun: str, what: str) -> str:
    """`1 student is ...`, `3 students are ...`; empty for none."""
    if not count:
        return ""
    if count == 1:
        return f"1 {noun} {what}."
    plural = what.replace("was ", "were ", 1) if what.startswith("was ") else what
    plural = plural.replace("is ", "are ", 1).replace("has ", "have ", 1).replace("keep it", "keep them")
    return f"{count:,} {noun}s {plural}."
