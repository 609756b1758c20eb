"""What a commit would do: the exact rows, the change against the roster in force, its digest, and any hold."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.coverage import ONE, Coverage, evaluate
from roster_core.errors import InputError
from roster_core.roster import ID_SEPARATOR, Roster, id_codes
from roster_core.rules import RuleSet
from roster_core.settings import Profile
from roster_core.vocabulary import text_array

#: The columns of a rostered row, all `str`. `student_number` is the SIS id where the source gives no number;
#: school and teachers are the section's; `co_teacher_ids` are joined by `ID_SEPARATOR`.
ROW_COLUMNS = (
    "student_id",
    "student_number",
    "first_name",
    "last_name",
    "birthdate",
    "grade",
    "school_id",
    "school_name",
    "section_id",
    "section_name",
    "teacher_id",
    "teacher_name",
    "co_teacher_ids",
)

#: The columns of a change, beside what is said at `CommitPlan`. No names and no birthdates of students.
CHANGE_COLUMNS = ("student_id", "grade", "school_id", "school_name", "section_id", "section_name")

_OF_STUDENT = ("student_id", "first_name", "last_name", "birthdate", "grade")
_OF_SECTION = ("school_id", "school_name", "section_id", "section_name", "teacher_id", "teacher_name", "co_teacher_ids")


@dataclass(frozen=True, eq=False, repr=False)
class CurrentRoster:
    """A committed roster: the one in force, or an earlier one to restore. `rows`: one a student, `ROW_COLUMNS`."""

    receipt_id: str
    rows: pd.DataFrame
    rule_set_json: str
    #: The digest its receipt is found by.
    digest: str = ""
    fingerprint: str = ""
    district_name: str = ""

    def __repr__(self) -> str:
        """Counts only: the rows hold children's data."""
        return f"<CurrentRoster {self.receipt_id}: {len(self.rows)} students>"


@dataclass(frozen=True, eq=False, repr=False)
class CommitPlan:
    """Everything a commit would do, before anything is done. Nobody changes its frames.

    rows: `ROW_COLUMNS`, one a student, by student id. added, moved, updated, removed: `CHANGE_COLUMNS`, by student
    id; moved (to another section) also from_section_id and from_section_name; updated (same section) also
    `changed`, the columns that differ, joined by `, `; removed as it was. already_current: rows and rule set
    both equal the roster in force.
    """

    kind: str
    district_id: str
    district_name: str
    target: str
    rows: pd.DataFrame
    rule_set_json: str
    fingerprint: str
    required: tuple[str, ...]
    current_receipt_id: str
    current_students: int
    added: pd.DataFrame
    moved: pd.DataFrame
    updated: pd.DataFrame
    removed: pd.DataFrame
    digest: str
    held: bool
    hold_reason: str
    already_current: bool = False

    def __repr__(self) -> str:
        """Counts only: the rows hold children's data."""
        return f"<CommitPlan {self.kind} {self.digest[:12]}: {len(self.rows)} students of {self.district_id}>"

    @property
    def has_change(self) -> bool:
        """Whether any student is added, moved, updated or removed."""
        return any(len(frame) for frame in (self.added, self.moved, self.updated, self.removed))


def plan_commit(
    roster: Roster,
    rule_set: RuleSet,
    *,
    district_id: str = "",
    target: str = "embedded",
    current: CurrentRoster | None = None,
    profile: Profile | None = None,
    coverage: Coverage | None = None,
) -> CommitPlan:
    """The plan that makes every student with exactly one kept section rostered there. Changes nothing.

    `district_id` is the roster's own when left out; files have none. `current` is the roster in force for that
    district and target, None where there is none. `coverage` spares the evaluation where the caller has it. Costs
    one `evaluate` and a join on student ids. Raises InputError without a district id.
    """
    identity = _Identity("commit", district_id or roster.district.id, target, roster.fingerprint, rule_set.to_json())
    rows = _rostered(coverage or evaluate(roster, rule_set))
    return _planned(identity, roster.district.name, rows, current, profile or Profile())


def plan_restore(
    earlier: CurrentRoster,
    *,
    district_id: str,
    target: str = "embedded",
    current: CurrentRoster | None = None,
    profile: Profile | None = None,
    district_name: str = "",
) -> CommitPlan:
    """The plan that makes the rows of an earlier receipt the roster in force again. Changes nothing.

    Raises InputError without a district id.
    """
    source = earlier.fingerprint or earlier.receipt_id
    identity = _Identity("restore", district_id, target, source, earlier.rule_set_json, earlier.receipt_id)
    return _planned(identity, district_name or earlier.district_name, earlier.rows, current, profile or Profile())


def plan_digest(
    roster: Roster, rule_set: RuleSet, *, district_id: str, target: str = "embedded", profile: Profile | None = None
) -> str:
    """The digest that `plan_commit` gives the same arguments where no roster is in force, without making the plan."""
    identity = _Identity("commit", district_id, target, roster.fingerprint, rule_set.to_json())
    return _digest(identity, (profile or Profile()).required, "")


def same_roster(plan: CommitPlan, current: CurrentRoster | None) -> bool:
    """Whether the plan's rows and rule set both equal those of a committed roster."""
    if current is None or current.rule_set_json != plan.rule_set_json:
        return False
    return not any(len(frame) for frame in _changes(plan.rows, current.rows))


@dataclass(frozen=True, slots=True)
class _Identity:
    kind: str
    district_id: str
    target: str
    fingerprint: str
    rule_set_json: str
    restores: str = ""


def written_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rostered rows (`ROW_COLUMNS`) as a file or document tells them: the co-teachers joined by `;`."""
    return rows.assign(co_teacher_ids=rows["co_teacher_ids"].str.replace(ID_SEPARATOR, ";", regex=False))


def _planned(
    identity: _Identity, district_name: str, rows: pd.DataFrame, current: CurrentRoster | None, profile: Profile
) -> CommitPlan:
    if not identity.district_id:
        raise InputError("The plan names no district. Give the id of the district it is for.")
    before = rows.iloc[:0] if current is None else current.rows
    added, moved, updated, removed = changes = _changes(rows, before)
    receipt_id = "" if current is None else current.receipt_id
    reason = _hold_reason(len(before), len(removed), len(moved) + len(updated), profile)
    same_rules = current is not None and current.rule_set_json == identity.rule_set_json
    return CommitPlan(
        kind=identity.kind,
        district_id=identity.district_id,
        district_name=district_name,
        target=identity.target,
        rows=rows,
        rule_set_json=identity.rule_set_json,
        fingerprint=identity.fingerprint,
        required=profile.required,
        current_receipt_id=receipt_id,
        current_students=len(before),
        added=added,
        moved=moved,
        updated=updated,
        removed=removed,
        digest=_digest(identity, profile.required, receipt_id),
        held=bool(reason),
        hold_reason=reason,
        already_current=same_rules and not any(len(frame) for frame in changes),
    )


def _rostered(coverage: Coverage) -> pd.DataFrame:
    roster = coverage.roster
    kept = coverage.kept[coverage.status[roster.enrollments.student[coverage.kept]] == ONE]
    student, section = pa.array(roster.enrollments.student[kept]), pa.array(roster.enrollments.section[kept])
    columns = {name: text_array(roster.students[name]).take(student) for name in _OF_STUDENT}
    columns |= {name: text_array(roster.sections[name]).take(section) for name in _OF_SECTION}
    columns["student_number"] = effective_numbers(roster).take(student)
    return pd.DataFrame({name: pd.array(columns[name], dtype="str") for name in ROW_COLUMNS})


def effective_numbers(roster: Roster) -> pa.Array:
    """The number each student goes by, trimmed: the student number, else the SIS id; large_string[students]."""
    number = pc.utf8_trim_whitespace(text_array(roster.students["student_number"]))
    return pc.if_else(pc.equal(number, ""), pc.utf8_trim_whitespace(text_array(roster.students["sis_id"])), number)


def _changes(rows: pd.DataFrame, before: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The frames added, moved, updated and removed, from rows as they would be and as they are."""
    place = id_codes(rows["student_id"], before["student_id"])
    gone = id_codes(before["student_id"], rows["student_id"]) < 0
    both = np.flatnonzero(place >= 0)
    now, was = pa.array(both), pa.array(place[both])
    differs = {
        name: pc.not_equal(text_array(rows[name]).take(now), text_array(before[name]).take(was)).to_numpy(False)
        for name in ROW_COLUMNS[1:]
    }
    elsewhere = differs["section_id"]
    altered = reduce(np.logical_or, differs.values()) & ~elsewhere
    moved = _chosen(rows, both[elsewhere])
    for name in ("section_id", "section_name"):
        old = text_array(before[name]).take(pa.array(place[both[elsewhere]]))
        moved[f"from_{name}"] = pd.Series(pd.array(old, dtype="str"), index=moved.index)
    updated = _chosen(rows, both[altered])
    updated["changed"] = _words({name: mask[altered] for name, mask in differs.items()}, updated.index)
    return _chosen(rows, np.flatnonzero(place < 0)), moved, updated, _chosen(before, np.flatnonzero(gone))


def _chosen(rows: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
    return rows[list(CHANGE_COLUMNS)].iloc[places].reset_index(drop=True)


def _words(differs: dict[str, np.ndarray], index: pd.Index) -> pd.Series:
    """The names of the columns that differ, joined for each row."""
    words = pd.Series("", index=index, dtype="str")
    for name, mask in differs.items():
        words = words.where(~mask, words + f"{name}, ")
    return words.str.removesuffix(", ")


def _digest(identity: _Identity, required: tuple[str, ...], current_receipt_id: str) -> str:
    content = {
        "fingerprint": identity.fingerprint,
        "rule_set": identity.rule_set_json,
        "required": sorted(required),
        "current_receipt_id": current_receipt_id,
        "district_id": identity.district_id,
        "target": identity.target,
        "kind": identity.kind,
    } | ({"restores": identity.restores} if identity.restores else {})
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _hold_reason(current: int, removed: int, changed: int, profile: Profile) -> str:
    """Why a person must approve, or the empty text. Without students in force there is nothing to lose."""
    reasons = [
        f"{part:,} of {current:,} students ({_percent(part / current)}) would {what}; "
        f"more than {_percent(limit)} needs a person's approval."
        for part, what, limit in (
            (removed, "be removed", profile.hold_removed),
            (changed, "move or change", profile.hold_changed),
        )
        if current and part / current > limit
    ]
    return " ".join(reasons)


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + " %"
