"""What a commit would do: the exact rows, the change against the roster in force, its digest, and any hold."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.co_teachers import co_teachers
from roster_core.coverage import ONE, Coverage, evaluate
from roster_core.errors import InputError
from roster_core.roster import ID_SEPARATOR, Roster
from roster_core.row_changes import CHANGE_COLUMNS, ROW_COLUMNS, RowChanges, changes_between, nobody_stays, staying
from roster_core.rules import RuleSet
from roster_core.settings import Profile
from roster_core.vocabulary import text_array
from roster_core.wording import counted

__all__ = [
    "CHANGE_COLUMNS",
    "ROW_COLUMNS",
    "CommitPlan",
    "CurrentRoster",
    "effective_numbers",
    "plan_commit",
    "plan_digest",
    "plan_restore",
    "same_roster",
    "written_rows",
]

_OF_STUDENT = ("student_id", "first_name", "last_name", "birthdate", "grade")
_OF_SECTION = ("school_id", "school_name", "section_id", "section_name", "teacher_id", "teacher_name")


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
    both equal the roster in force. stayed: students who keep the row in force because nobody approved their change
    (`STAYED_COLUMNS`): they are in `rows` as committed, and in none of the changes.
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
    stayed: pd.DataFrame = field(default_factory=nobody_stays)

    def __repr__(self) -> str:
        """Counts only: the rows hold children's data."""
        return f"<CommitPlan {self.kind} {self.digest[:12]}: {len(self.rows)} students of {self.district_id}>"

    @property
    def rosters_nobody(self) -> bool:
        """Whether it would be a district's first roster, and without a student: a scope or rules nobody meant."""
        return self.kind == "commit" and not len(self.rows) and not self.current_students

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
    stay: frozenset[str] = frozenset(),
    window: str = "",
) -> CommitPlan:
    """The plan that makes every student with exactly one kept section rostered there. Changes nothing.

    `district_id` is the roster's own when left out; files have none. `current` is the roster in force for that
    district and target, None where there is none. `coverage` spares the evaluation where the caller has it. `stay`:
    ids of students in force who keep their row exactly as committed, wherever the data has them now; the digest
    covers those who would change otherwise. `window` says in words that an assessment window is open (`until 20 Nov
    2026`): then moves and removals are held. Costs one `evaluate` and a join on student ids. Raises InputError
    without a district id.
    """
    identity = _Identity("commit", district_id or roster.district.id, target, roster.fingerprint, rule_set.to_json())
    rows = _rostered(coverage or evaluate(roster, rule_set))
    stayed = nobody_stays()
    if stay and current is not None:
        rows, stayed = staying(rows, current.rows, stay)
        identity = replace(identity, stayed=tuple(stayed["student_id"]))
    planned = _planned(identity, roster.district.name, rows, current, profile or Profile(), window)
    return replace(planned, stayed=stayed)


def plan_restore(
    earlier: CurrentRoster,
    *,
    district_id: str,
    target: str = "embedded",
    current: CurrentRoster | None = None,
    profile: Profile | None = None,
    district_name: str = "",
    window: str = "",
) -> CommitPlan:
    """The plan that makes the rows of an earlier receipt the roster in force again. Changes nothing.

    `window` as for `plan_commit`. Raises InputError without a district id.
    """
    source = earlier.fingerprint or earlier.receipt_id
    identity = _Identity("restore", district_id, target, source, earlier.rule_set_json, earlier.receipt_id)
    name = district_name or earlier.district_name
    return _planned(identity, name, earlier.rows, current, profile or Profile(), window)


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
    return not changes_between(plan.rows, current.rows)


@dataclass(frozen=True, slots=True)
class _Identity:
    kind: str
    district_id: str
    target: str
    fingerprint: str
    rule_set_json: str
    restores: str = ""
    stayed: tuple[str, ...] = ()


def written_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rostered rows (`ROW_COLUMNS`) as a file or document tells them: the co-teachers joined by `;`."""
    return rows.assign(co_teacher_ids=rows["co_teacher_ids"].str.replace(ID_SEPARATOR, ";", regex=False))


def _planned(
    identity: _Identity,
    district_name: str,
    rows: pd.DataFrame,
    current: CurrentRoster | None,
    profile: Profile,
    window: str,
) -> CommitPlan:
    if not identity.district_id:
        raise InputError("The plan names no district. Give the id of the district it is for.")
    before = rows.iloc[:0] if current is None else current.rows
    changes = changes_between(rows, before)
    receipt_id = "" if current is None else current.receipt_id
    reason = " ".join(filter(None, (_window_reason(changes, window), _hold_reason(len(before), changes, profile))))
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
        added=changes.added,
        moved=changes.moved,
        updated=changes.updated,
        removed=changes.removed,
        digest=_digest(identity, profile.required, receipt_id),
        held=bool(reason),
        hold_reason=reason,
        already_current=same_rules and not changes,
    )


def _rostered(coverage: Coverage) -> pd.DataFrame:
    roster = coverage.roster
    kept = coverage.kept[coverage.status[roster.enrollments.student[coverage.kept]] == ONE]
    student, section = pa.array(roster.enrollments.student[kept]), pa.array(roster.enrollments.section[kept])
    columns = {name: text_array(roster.students[name]).take(student) for name in _OF_STUDENT}
    columns |= {name: text_array(roster.sections[name]).take(section) for name in _OF_SECTION}
    columns["co_teacher_ids"] = text_array(co_teachers(coverage)).take(section)
    columns["student_number"] = effective_numbers(roster).take(student)
    return pd.DataFrame({name: pd.array(columns[name], dtype="str") for name in ROW_COLUMNS})


def effective_numbers(roster: Roster) -> pa.Array:
    """The number each student goes by, trimmed: the student number, else the SIS id; large_string[students]."""
    number = pc.utf8_trim_whitespace(text_array(roster.students["student_number"]))
    return pc.if_else(pc.equal(number, ""), pc.utf8_trim_whitespace(text_array(roster.students["sis_id"])), number)


def _digest(identity: _Identity, required: tuple[str, ...], current_receipt_id: str) -> str:
    content = {
        "fingerprint": identity.fingerprint,
        "rule_set": identity.rule_set_json,
        "required": sorted(required),
        "current_receipt_id": current_receipt_id,
        "district_id": identity.district_id,
        "target": identity.target,
        "kind": identity.kind,
        # Only where there is something to say, so that the digests of other plans are what they were.
    } | {name: said for name, said in (("restores", identity.restores), ("stayed", identity.stayed)) if said}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _window_reason(changes: RowChanges, window: str) -> str:
    """Why an open window holds the change, or the empty text: a child who has begun must not lose their place."""
    sizes = (len(changes.moved), "move to another section"), (len(changes.removed), "be removed")
    said = [f"{counted(size, 'student')} would {what}" for size, what in sizes if size]
    if not window or not said:
        return ""
    return f"The assessment window is open ({window}): {' and '.join(said)}; each needs a person's approval."


def _hold_reason(current: int, changes: RowChanges, profile: Profile) -> str:
    """Why a person must approve, or the empty text. Without students in force there is nothing to lose."""
    reasons = [
        f"{part:,} of {current:,} students ({_percent(part / current)}) would {what}; "
        f"more than {_percent(limit)} needs a person's approval."
        for part, what, limit in (
            (len(changes.removed), "be removed", profile.hold_removed),
            (len(changes.moved) + len(changes.updated), "move or change", profile.hold_changed),
        )
        if current and part / current > limit
    ]
    return " ".join(reasons)


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + " %"
