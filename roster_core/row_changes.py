"""Rostered rows: what changes between two rosters of them, and whose row stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.roster import id_codes
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

#: Of a student who keeps the row in force: that row's place, what would have become of it, and where it would be.
STAYED_COLUMNS = (*CHANGE_COLUMNS, "change", "to_section_id", "to_section_name")


@dataclass(frozen=True, eq=False)
class RowChanges:
    """Frames as at `CommitPlan`; false where nobody changes."""

    added: pd.DataFrame
    moved: pd.DataFrame
    updated: pd.DataFrame
    removed: pd.DataFrame

    def __bool__(self) -> bool:
        return any(len(frame) for frame in (self.added, self.moved, self.updated, self.removed))


def changes_between(rows: pd.DataFrame, before: pd.DataFrame) -> RowChanges:
    """What differs between rows as they would be and as they are (both `ROW_COLUMNS`). Costs joins on student ids."""
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
    return RowChanges(_chosen(rows, np.flatnonzero(place < 0)), moved, updated, _chosen(before, np.flatnonzero(gone)))


def _chosen(rows: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
    return rows[list(CHANGE_COLUMNS)].iloc[places].reset_index(drop=True)


def _words(differs: dict[str, np.ndarray], index: pd.Index) -> pd.Series:
    """The names of the columns that differ, joined for each row."""
    words = pd.Series("", index=index, dtype="str")
    for name, mask in differs.items():
        words = words.where(~mask, words + f"{name}, ")
    return words.str.removesuffix(", ")


def nobody_stays() -> pd.DataFrame:
    """No student: the columns of `STAYED_COLUMNS`."""
    return pd.DataFrame({name: pd.Series([], dtype="str") for name in STAYED_COLUMNS})


def staying(rows: pd.DataFrame, before: pd.DataFrame, stay: frozenset[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with those of `before` in place for the students who stay, and those of them who would change.

    The second frame has `STAYED_COLUMNS`, by student id; `change` is moved, removed or updated. Ids in `stay` that are
    not in `before` are passed over: nobody stays where they are not.
    """
    chosen = before["student_id"].isin(stay).to_numpy()
    mine = before[chosen]
    others = rows[~rows["student_id"].isin(mine["student_id"]).to_numpy()]
    whole = pd.concat([others, mine], ignore_index=True).sort_values("student_id", kind="stable", ignore_index=True)
    return whole, _would_change(changes_between(rows, before), mine)


def _would_change(changes: RowChanges, mine: pd.DataFrame) -> pd.DataFrame:
    told = []
    for word, frame in (("moved", changes.moved), ("removed", changes.removed), ("updated", changes.updated)):
        own = frame[frame["student_id"].isin(mine["student_id"]).to_numpy()]
        place = id_codes(own["student_id"], mine["student_id"])
        kept = _chosen(mine, place).assign(change=pd.array([word] * len(own), dtype="str"))
        for name in ("section_id", "section_name"):
            gone = word == "removed"
            kept[f"to_{name}"] = pd.array([""] * len(own) if gone else own[name].to_numpy(), dtype="str")
        told.append(kept)
    whole = pd.concat(told, ignore_index=True)[list(STAYED_COLUMNS)]
    return whole.sort_values("student_id", kind="stable", ignore_index=True)
