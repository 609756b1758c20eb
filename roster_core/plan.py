"""The plan of a commit: the exact rows to be rostered, the change they make, and the digest that names both.

Making a plan reads; it changes nothing anywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from roster_core.coverage import ONE, Coverage, evaluate
from roster_core.roster import Roster, id_codes
from roster_core.rules import RuleSet
from roster_core.settings import Profile

#: One row a rostered student, all text. `co_teacher_ids` are joined by `ID_SEPARATOR`.
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
_FROM_STUDENT = ("student_id", "first_name", "last_name", "birthdate", "grade")
_FROM_SECTION = ("school_id", "school_name", "section_id", "section_name", "teacher_id", "teacher_name", "co_teacher_ids")
_PLACED = ("section_id", "section_name", "school_id", "school_name", "grade")


@dataclass(frozen=True, eq=False, repr=False)
class CurrentRoster:
    """A roster as committed: its receipt, its rows (`ROW_COLUMNS`), and the rule set that made it."""

    receipt_id: str
    rows: pd.DataFrame
    rule_set_json: str


@dataclass(frozen=True, eq=False, repr=False)
class CommitPlan:
    """What a commit would do, and nothing done yet.

    kind: `commit`, or `restore` of an earlier roster. rows: `ROW_COLUMNS`, sorted by student id. added,
    removed: student_id and where they are placed. moved, updated: also where they were (`from_section_id`,
    `from_section_name`) and which columns changed (`changed`). digest: SHA-256 (hex) over fingerprint, rule
    set, required fields, the receipt in force, district, target and kind. held: the change is so large that
    a person must approve it; hold_reason says why.
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
    already_current: bool
    hold_reason: str

    @property
    def held(self) -> bool:
        """Whether a person must approve the change first."""
        return bool(self.hold_reason)

    @cached_property
    def digest(self) -> str:
        """What a report, an approval and a receipt are for: this plan and no other."""
        facts = {
            "fingerprint": self.fingerprint,
            "rule_set": self.rule_set_json,
            "required": sorted(self.required),
            "current": self.current_receipt_id,
            "district": self.district_id,
            "target": self.target,
            "kind": self.kind,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def plan_commit(
    roster: Roster,
    rule_set: RuleSet,
    *,
    district_id: str,
    target: str = "embedded",
    current: CurrentRoster | None = None,
    profile: Profile | None = None,
    coverage: Coverage | None = None,
) -> CommitPlan:
    """The plan that makes the students in exactly one kept section the district's roster.

    `current` is what is in force for this district and target; None where nothing is. `coverage` spares
    an evaluation where the caller has it. Reads only.
    """
    rows = rostered_rows(coverage or evaluate(roster, rule_set))
    return _planned(
        "commit",
        rows,
        rule_set.to_json(),
        district_id=district_id,
        district_name=roster.district.name or district_id,
        fingerprint=roster.fingerprint,
        target=target,
        current=current,
        profile=profile or Profile(),
    )


def plan_restore(
    earlier: CurrentRoster,
    *,
    district_id: str,
    target: str = "embedded",
    current: CurrentRoster | None = None,
    profile: Profile | None = None,
    district_name: str = "",
) -> CommitPlan:
    """The plan that makes an earlier roster's stored rows current again. Reads only."""
    return _planned(
        "restore",
        earlier.rows[list(ROW_COLUMNS)],
        earlier.rule_set_json,
        district_id=district_id,
        district_name=district_name or district_id,
        fingerprint=rows_fingerprint(earlier.rows),
        target=target,
        current=current,
        profile=profile or Profile(),
    )


def rostered_rows(coverage: Coverage) -> pd.DataFrame:
    """One row (`ROW_COLUMNS`) for each student in exactly one kept section, sorted by student id."""
    roster = coverage.roster
    student = roster.enrollments.student[coverage.kept]
    settled = coverage.status[student] == ONE
    students = roster.students.iloc[student[settled]].reset_index(drop=True)
    sections = roster.sections.iloc[roster.enrollments.section[coverage.kept[settled]]].reset_index(drop=True)
    columns = {name: students[name] for name in _FROM_STUDENT} | {name: sections[name] for name in _FROM_SECTION}
    columns["student_number"] = effective_number(students)
    return pd.DataFrame(columns)[list(ROW_COLUMNS)]


def effective_number(students: pd.DataFrame) -> pd.Series:
    """The number SELweb knows a student by: the student number, else the SIS id."""
    return students["student_number"].where(students["student_number"] != "", students["sis_id"])


def rows_fingerprint(rows: pd.DataFrame) -> str:
    """SHA-256 (hex) of rostered rows, whatever their order."""
    ordered = rows[list(ROW_COLUMNS)].sort_values("student_id", ignore_index=True)
    return hashlib.sha256(ordered.to_json(orient="values", force_ascii=False).encode()).hexdigest()


def _planned(
    kind: str,
    rows: pd.DataFrame,
    rule_set_json: str,
    *,
    district_id: str,
    district_name: str,
    fingerprint: str,
    target: str,
    current: CurrentRoster | None,
    profile: Profile,
) -> CommitPlan:
    before = rows.iloc[:0] if current is None else current.rows[list(ROW_COLUMNS)].reset_index(drop=True)
    place = id_codes(rows["student_id"], before["student_id"])
    known = place >= 0
    now, was = rows[known].reset_index(drop=True), before.iloc[place[known]].reset_index(drop=True)
    moves = (now["section_id"] != was["section_id"]).to_numpy()
    differs = {name: (now[name] != was[name]).to_numpy() for name in ROW_COLUMNS}
    updates = np.logical_or.reduce(list(differs.values())) & ~moves
    gone = id_codes(before["student_id"], rows["student_id"]) < 0
    moved, updated = _changes(now, was, differs, moves), _changes(now, was, differs, updates)
    same = not (len(moved) or len(updated) or gone.any() or not known.all())
    return CommitPlan(
        kind=kind,
        district_id=district_id,
        district_name=district_name,
        target=target,
        rows=rows.sort_values("student_id", ignore_index=True),
        rule_set_json=rule_set_json,
        fingerprint=fingerprint,
        required=tuple(profile.required),
        current_receipt_id="" if current is None else current.receipt_id,
        current_students=len(before),
        added=_placements(rows[~known]),
        moved=moved,
        updated=updated,
        removed=_placements(before[gone]),
        already_current=current is not None and same and current.rule_set_json == rule_set_json,
        hold_reason=_hold_reason(len(before), int(gone.sum()), len(moved) + len(updated), profile),
    )


def _placements(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["student_id", *_PLACED]].reset_index(drop=True)


def _changes(
    now: pd.DataFrame, was: pd.DataFrame, differs: dict[str, np.ndarray], chosen: np.ndarray
) -> pd.DataFrame:
    """The chosen students with where they were and the names of the columns that changed."""
    table = _placements(now[chosen])
    table["from_section_id"] = was["section_id"][chosen].reset_index(drop=True)
    table["from_section_name"] = was["section_name"][chosen].reset_index(drop=True)
    table["changed"] = _names_of_changes({name: mask[chosen] for name, mask in differs.items()}, len(table))
    return table


def _names_of_changes(differs: dict[str, np.ndarray], count: int) -> pd.Series:
    words = pd.Series([""] * count, dtype="str")
    for name, mask in differs.items():
        words = words.where(~mask, words + f"{name}, ")
    return words.str.removesuffix(", ")


def _hold_reason(current: int, removed: int, changed: int, profile: Profile) -> str:
    """Why a person must approve the change; the empty text where nobody needs to."""
    if not current:
        return ""
    reasons = [
        _too_many(removed, current, profile.hold_removed, "removed"),
        _too_many(changed, current, profile.hold_changed, "moved or changed"),
    ]
    return " ".join(reason for reason in reasons if reason)


def _too_many(count: int, current: int, limit: float, what: str) -> str:
    if count <= limit * current:
        return ""
    return (
        f"{count:,} of {current:,} students ({count / current:.1%}) would be {what}; "
        f"more than {limit:.0%} needs a person's approval."
    )


def changed_students(plan: CommitPlan) -> Sequence[str]:
    """Ids of the students whom the hold is about: removed, moved and updated ones."""
    frames = (plan.removed, plan.moved, plan.updated)
    return pd.concat([frame["student_id"] for frame in frames], ignore_index=True).tolist()
