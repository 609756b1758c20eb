"""What a check is, what it looks at and what it finds: findings as columns, so that many cost no more than few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.coverage import EXCUSED, NONE, Coverage
from roster_core.families import Families
from roster_core.plan import CommitPlan
from roster_core.roster import ID_SEPARATOR, Roster, id_codes
from roster_core.rules import RuleSet
from roster_core.settings import Profile
from roster_core.vocabulary import text_array
from roster_core.wording import counted

_TEXT = pa.large_string()

#: The columns of what a check finds. Ids are joined by `ID_SEPARATOR`; an empty owner or severity is the check's.
COLUMNS = ("student_ids", "section_ids", "message", "cause", "owner", "severity")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands between a roster and its commit, or that a person should know first."""

    code: str
    severity: str
    owner: str
    student_ids: tuple[str, ...]
    section_ids: tuple[str, ...]
    message: str


@dataclass(frozen=True, eq=False)
class Examined:
    """What the checks look at. `as_of`: an aware moment. `fresh`: the data was loaded for this very preflight."""

    roster: Roster
    rule_set: RuleSet
    coverage: Coverage
    plan: CommitPlan | None
    as_of: datetime
    profile: Profile
    approval: str = ""
    fresh: bool = False
    #: The families of the roster, where the caller has them.
    families: Families | None = None

    @cached_property
    def concerned(self) -> np.ndarray:
        """bool[students]: in scope, not excused, and not staying as committed, whatever the data says of them now."""
        return (self.coverage.status >= NONE) & (self.coverage.status != EXCUSED) & ~self.stays

    @cached_property
    def stays(self) -> np.ndarray:
        """bool[students]: keeps the row that is in force, so that the data of now is not what is rostered."""
        mask = np.zeros(len(self.roster.students), dtype=bool)
        if self.plan is not None and len(self.plan.stayed):
            rows = id_codes(self.plan.stayed["student_id"], self.roster.students["student_id"])
            mask[rows[rows >= 0]] = True
        return mask

    @cached_property
    def stayed_rows(self) -> pd.DataFrame:
        """The rows as committed of those who stay, also of those whom the data does not know any more."""
        if self.plan is None:
            return pd.DataFrame({"student_id": [], "student_number": []}, dtype="str")
        return self.plan.rows[self.plan.rows["student_id"].isin(self.plan.stayed["student_id"]).to_numpy()]

    @cached_property
    def excused(self) -> np.ndarray:
        """bool[students]: excused by a pin, whether in scope or not."""
        ids = [pin.student_id for pin in self.rule_set.pins if pin.section_id is None]
        mask = np.zeros(len(self.roster.students), dtype=bool)
        rows = id_codes(pd.Series(ids, dtype="str"), self.roster.students["student_id"])
        mask[rows[rows >= 0]] = True
        return mask

    @cached_property
    def withheld(self) -> np.ndarray:
        """bool[students]: concerned, but held without number, names and birthdate."""
        held_back = self.roster.withheld
        return np.zeros_like(self.concerned) if held_back is None else self.concerned & held_back

    @cached_property
    def detailed(self) -> np.ndarray:
        """bool[students]: concerned, and held with all that was shared of them."""
        return self.concerned & ~self.withheld

    @cached_property
    def kept_sections(self) -> np.ndarray:
        """int64, ascending: rows of the sections with a kept enrollment."""
        return np.flatnonzero(self.coverage.section_state())

    @cached_property
    def kept_student(self) -> np.ndarray:
        """int32[kept enrollments]: the student of each."""
        return self.roster.enrollments.student[self.coverage.kept]

    @cached_property
    def kept_section(self) -> np.ndarray:
        """int32[kept enrollments]: the section of each."""
        return self.roster.enrollments.section[self.coverage.kept]

    def students(self, column: str, rows: np.ndarray) -> pa.Array:
        """A text column of the students at some rows."""
        return text_array(self.roster.students[column]).take(pa.array(rows))

    def sections(self, column: str, rows: np.ndarray) -> pa.Array:
        """A text column of the sections at some rows."""
        return text_array(self.roster.sections[column]).take(pa.array(rows))

    def sections_of(self, students: np.ndarray, column: str, separator: str = ID_SEPARATOR) -> pa.Array:
        """For some student rows, a text column of their kept sections, joined."""
        offsets = np.concatenate(([0], np.cumsum(self.coverage.kept_counts, dtype=np.int64)))
        places, cuts = _ranges(offsets, students)
        return joined(self.sections(column, self.kept_section[places]), cuts, separator)

    def students_of(self, sections: np.ndarray) -> pa.Array:
        """For some section rows, the ids of their kept students, joined."""
        places, cuts = _ranges(self._section_offsets, sections)
        return joined(self.students("student_id", self.kept_student[self._by_section[places]]), cuts)

    @cached_property
    def _by_section(self) -> np.ndarray:
        return np.argsort(self.kept_section, kind="stable")

    @cached_property
    def _section_offsets(self) -> np.ndarray:
        counts = np.bincount(self.kept_section, minlength=len(self.roster.sections))
        return np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table of checks.

    severity: the usual one. owner: who can settle it. subject: what its findings are counted in, empty where there is
    one for the whole roster. phrase: what is said of the subject. meaning: why it matters. fix: the next step.
    by_cause: the phrase where findings have causes of their own, `{cause}` standing for one. requires: the student
    field without whose requirement the check rests. their_fix: the next step for those findings of one of our checks
    that are the district's to settle.
    """

    code: str
    severity: str
    owner: str
    subject: str
    phrase: str
    meaning: str
    fix: str
    find: Callable[[Examined], pa.Table]
    by_cause: str = ""
    requires: str = ""
    their_fix: str = ""

    def fix_by(self, owner: str) -> str:
        """The next step of a finding that this owner settles."""
        return self.their_fix if self.their_fix and owner != self.owner else self.fix

    @property
    def title(self) -> str:
        """What is found, as a heading: `Students without a birthdate`."""
        return f"{self.subject.capitalize()}s {self.phrase}" if self.subject else self.phrase

    def counted(self, count: int, cause: str) -> str:
        """What is found, counted: `3 students without a birthdate`."""
        if not self.subject:
            return self.phrase
        said = self.by_cause.format(cause=cause) if self.by_cause else self.phrase
        return f"{counted(count, self.subject)} {said}"


def found(
    message: Sequence[str | pa.Array],
    *,
    students: pa.Array | str = "",
    sections: pa.Array | str = "",
    cause: pa.Array | str = "",
    owner: pa.Array | str = "",
    severity: pa.Array | str = "",
) -> pa.Table:
    """Findings as columns: arrays give one finding an element, texts are the same for all; without an array, one."""
    given = [students, sections, cause, owner, severity, *message]
    count = next((len(part) for part in given if not isinstance(part, str)), 1)
    whole = concatenated(message, count)
    columns = [_spread(part, count) for part in (students, sections, whole, cause, owner, severity)]
    return pa.table(columns, names=list(COLUMNS))


def nothing() -> pa.Table:
    """No finding."""
    return pa.table([pa.array([], _TEXT) for _ in COLUMNS], names=list(COLUMNS))


def numbers(values: np.ndarray) -> pa.Array:
    """Whole numbers as texts."""
    return pa.array(values).cast(_TEXT)


def concatenated(parts: Sequence[str | pa.Array], count: int) -> pa.Array:
    """Texts and arrays of texts one after the other, element by element; large_string[count]."""
    scalars = [pa.scalar(part, _TEXT) if isinstance(part, str) else part.cast(_TEXT) for part in parts]
    text = pc.binary_join_element_wise(*scalars, pa.scalar("", _TEXT))
    return _spread(text.as_py() if isinstance(text, pa.Scalar) else text, count)


def either(mask: np.ndarray | pa.Array, yes: str | pa.Array, no: str | pa.Array) -> pa.Array:
    """For each element one text where the mask holds, the other where it does not; large_string."""
    texts = [pa.scalar(part, _TEXT) if isinstance(part, str) else part.cast(_TEXT) for part in (yes, no)]
    return pc.if_else(pa.array(mask) if isinstance(mask, np.ndarray) else mask, *texts)


def joined(texts: pa.Array, cuts: np.ndarray, separator: str = ID_SEPARATOR) -> pa.Array:
    """Texts joined within the ranges `cuts[i]:cuts[i + 1]`; large_string[len(cuts) - 1]."""
    lists = pa.LargeListArray.from_arrays(pa.array(cuts, pa.int64()), texts.cast(_TEXT))
    return pc.binary_join(lists, pa.scalar(separator, _TEXT))


def alike(rows: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Groups of two or more rows with equal keys: the rows, group by group, and the cuts between the groups."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(keys) else np.array([], int)
    sizes = np.diff(np.append(starts, len(keys)))
    chosen = np.repeat(sizes > 1, sizes)
    return rows[order[chosen]], np.concatenate(([0], np.cumsum(sizes[sizes > 1], dtype=np.int64)))


def without_birthdates(messages: pd.Series) -> pd.Series:
    """Messages of findings with the birthdates that nobody could read as `••••`, for people who see no names."""
    said, instead = 'has the birthdate "(?s:.*?)", which', 'has the birthdate "••••", which'
    hidden = pc.replace_substring_regex(text_array(messages), pattern=said, replacement=instead)
    return pd.Series(pd.array(hidden, dtype="str"), index=messages.index)


def text_codes(texts: pa.Array) -> np.ndarray:
    """int64: the same number for the same text."""
    return texts.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _spread(part: pa.Array | str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(part, _TEXT), count) if isinstance(part, str) else part.cast(_TEXT)


def _ranges(offsets: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The places `offsets[i]:offsets[i + 1]` of each chosen i in a row, and the cuts between them."""
    sizes = offsets[chosen + 1] - offsets[chosen]
    cuts = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    return np.repeat(offsets[chosen] - cuts[:-1], sizes) + np.arange(cuts[-1]), cuts
