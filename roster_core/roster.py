"""One district's data at one moment: columnar, immutable, with a fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.text_blocks import LONG, TextBlocks, blocks_of
from roster_core.vocabulary import GRADE_ORDER, GRADES, text_array

#: Joins several ids inside one cell. The ASCII unit separator occurs in no id that a source can write.
ID_SEPARATOR = "\x1f"

#: Told of long work: (what, done so far, of how many or None). It may raise `Cancelled` to stop the work.
Progress = Callable[[str, int, int | None], None]

SCHOOL_COLUMNS = ("school_id", "school_name", "school_number")
TERM_COLUMNS = ("term_id", "term_name", "start_date", "end_date")
COURSE_COLUMNS = ("course_id", "course_name", "course_number")
TEACHER_COLUMNS = ("teacher_id", "first_name", "last_name", "email")
SECTION_COLUMNS = (
    "section_id",
    "section_sis_id",
    "section_name",
    "course_id",
    "course_name",
    "course_number",
    "subject",
    "period",
    "section_number",
    "section_grade",
    "section_grade_raw",
    "term_id",
    "term_name",
    "school_id",
    "school_name",
    "teacher_id",
    "teacher_name",
    "co_teacher_ids",
    "class_type",
)
STUDENT_COLUMNS = (
    "student_id",
    "student_number",
    "sis_id",
    "first_name",
    "last_name",
    "birthdate",
    "birthdate_raw",
    "grade",
    "grade_raw",
    "school_id",
    "school_ids",
)
FINDING_COLUMNS = ("code", "severity", "file", "row", "id", "student_id", "section_id", "message")

#: The frames of a roster, in the order the fingerprint takes them.
FRAMES: dict[str, tuple[str, ...]] = {
    "schools": SCHOOL_COLUMNS,
    "terms": TERM_COLUMNS,
    "courses": COURSE_COLUMNS,
    "teachers": TEACHER_COLUMNS,
    "sections": SECTION_COLUMNS,
    "students": STUDENT_COLUMNS,
}

# Every blank Unicode knows, so that folding agrees with what people see. RE2's \s is ASCII only.
BLANKS = r"[\s\x0b\x1c-\x1f\x{85}\p{Z}]+"


@dataclass(frozen=True, slots=True)
class District:
    """What the source said of the district; ISO texts, empty where it said nothing."""

    id: str = ""
    name: str = ""
    state: str = ""
    error: str = ""
    pause_start: str = ""
    pause_end: str = ""
    last_sync: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Enrollments:
    """Which student is in which section: two read-only int32 arrays of row positions.

    `student` counts into `Roster.students`, `section` into `Roster.sections`. Sorted by
    student, then section; no pair is repeated.
    """

    student: np.ndarray
    section: np.ndarray

    def __len__(self) -> int:
        return len(self.student)


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """One field of the sections, each distinct text once: `codes` int32 a section, into `values` and `lowered`.

    `blocks`: the lowered texts in order, for a search; None where there are few.
    """

    codes: np.ndarray
    values: pa.Array
    lowered: pa.Array
    blocks: TextBlocks | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Roster:
    """One district's data at one moment. Nobody changes its frames or arrays.

    Frames have a RangeIndex, the columns of `FRAMES`, dtype `str` with the empty text for
    nothing, and are sorted by id. `findings` are the load findings, columns `FINDING_COLUMNS`. withheld:
    bool[students], whose number, names and birthdate are not held, None where everybody's are;
    `source_fingerprint` is then that of the whole data (`roster_core.least`).
    """

    district: District
    source: str
    fetched_at: datetime
    schools: pd.DataFrame
    terms: pd.DataFrame
    courses: pd.DataFrame
    teachers: pd.DataFrame
    sections: pd.DataFrame
    students: pd.DataFrame
    enrollments: Enrollments
    findings: pd.DataFrame
    withheld: np.ndarray | None = None
    source_fingerprint: str = ""
    # Made anew with each roster: one that replaces the sections of another must not answer with that one's texts.
    _texts: dict[str, TextColumn] = field(default_factory=dict, init=False)

    def __repr__(self) -> str:
        """Counts only: a repr ends up in logs and tracebacks, and the frames hold children's data."""
        return f"<Roster {self.source}: {len(self.students)} students, {len(self.sections)} sections>"

    @property
    def by_files(self) -> bool:
        """Whether a person sends it: nothing reaches us by itself."""
        return self.source in ("clever-csv", "clever-files", "oneroster")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the canonical tables; the same data in another order of rows or files gives the same.

        A roster of which details are withheld has the fingerprint of the data it was made of.
        """
        if self.source_fingerprint:
            return self.source_fingerprint
        digest = hashlib.sha256(b"roster/1")
        for name, columns in FRAMES.items():
            frame = getattr(self, name)
            for column in columns:
                digest.update(f"\n{name}.{column} {len(frame)}\n".encode())
                _hash_text(digest, text_array(frame[column]))
        for name in ("student", "section"):
            codes = getattr(self.enrollments, name)
            digest.update(f"\nenrollments.{name} {len(codes)}\n".encode())
            digest.update(np.ascontiguousarray(codes, dtype="<i4").data)
        return digest.hexdigest()

    @cached_property
    def student_offsets(self) -> np.ndarray:
        """int64[students + 1]: the enrollments of student i are rows `offsets[i]:offsets[i + 1]`."""
        return np.searchsorted(self.enrollments.student, np.arange(len(self.students) + 1)).astype(np.int64)

    @cached_property
    def by_section(self) -> tuple[np.ndarray, np.ndarray]:
        """(int64[sections + 1], int32): the students of section i are `students[offsets[i]:offsets[i + 1]]`."""
        order = np.argsort(self.enrollments.section, kind="stable")
        sizes = np.bincount(self.enrollments.section, minlength=len(self.sections))
        return np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))), self.enrollments.student[order]

    @cached_property
    def grade_codes(self) -> np.ndarray:
        """int8[students]: the place of each student's grade in `GRADES`; -1 where there is no usable grade."""
        places = pc.index_in(text_array(self.students["grade"]), _GRADE_VALUES)
        return pc.fill_null(places, -1).to_numpy().astype(np.int8)

    @cached_property
    def school_codes(self) -> np.ndarray:
        """int32[students]: row of each student's primary school in `schools`; -1 where it is not among them."""
        return id_codes(self.students["school_id"], self.schools["school_id"])

    def text(self, name: str) -> TextColumn:
        """The distinct normalised texts of one section column, made once for the life of the roster."""
        if name not in self._texts:
            self._texts[name] = _text_column(self.sections[name])
        return self._texts[name]

    def student_row(self, student_id: str) -> int:
        """Row position of a student; -1 where the roster does not know the id."""
        return _row_of(student_id, self.students["student_id"])

    def section_row(self, section_id: str) -> int:
        """Row position of a section; -1 where the roster does not know the id."""
        return _row_of(section_id, self.sections["section_id"])

    def sections_of(self, student_row: int) -> np.ndarray:
        """int32: row positions of the sections one student is enrolled in."""
        start, stop = self.student_offsets[student_row : student_row + 2]
        return self.enrollments.section[start:stop]


def _row_of(sought: str, ids: pd.Series) -> int:
    # A scan: to look one id up among many, `id_codes` would make a table of them all.
    return int(pc.index(text_array(ids), pa.scalar(sought, pa.large_string())).as_py())


def id_codes(ids: pd.Series, known: pd.Series) -> np.ndarray:
    """int32: where each id stands among the known ones; -1 for an id that is not there."""
    places = pc.index_in(text_array(ids), value_set=text_array(known))
    return pc.fill_null(places, -1).to_numpy().astype(np.int32)


def looked_up(keys: pd.Series, known: pd.Series, values: pd.Series) -> pd.Series:
    """The value beside each key (`str`, indexed as the keys); the empty text where the key is not known."""
    places = pc.index_in(text_array(keys), value_set=text_array(known))
    found = pc.fill_null(text_array(values).take(places), "")
    return pd.Series(pd.array(found, dtype="str"), index=keys.index)


def fold_text(values: pa.Array) -> pa.Array:
    """Texts as rules compare them: Unicode NFC, runs of blanks folded to one, trimmed (DESIGN section 5)."""
    composed = pc.utf8_normalize(values, form="NFC")
    return pc.utf8_trim(pc.replace_substring_regex(composed, pattern=BLANKS, replacement=" "), characters=" ")


def lower_text(values: pa.Array) -> pa.Array:
    """Texts in lower case.

    Arrow lowers letter by letter; the few texts beyond ASCII go through Python, which also
    knows the letters whose lower case depends on their neighbours or takes two.
    """
    lowered = pc.utf8_lower(values)
    plain = pc.string_is_ascii(values).to_numpy(zero_copy_only=False)
    if plain.all():
        return lowered
    special = [text.lower() for text in values.filter(pa.array(~plain)).to_pylist()]
    return pc.replace_with_mask(lowered, pa.array(~plain), pa.array(special, lowered.type))


def ordered_grades(grades: pd.Series) -> list[str]:
    """The distinct grades of a series in school order, the empty text last."""
    return sorted(grades.unique(), key=lambda grade: GRADE_ORDER.get(grade, len(GRADES)))


_GRADE_VALUES = pa.array(GRADES, pa.large_string())


def _text_column(column: pd.Series) -> TextColumn:
    raw = text_array(column).dictionary_encode()
    folded = fold_text(raw.dictionary)
    # In alphabetical order, so that names of one habit stand in the same blocks.
    distinct = pc.unique(folded).take(pc.sort_indices(pc.unique(folded)))
    codes = pc.index_in(folded, value_set=distinct).take(raw.indices).to_numpy().astype(np.int32)
    codes.setflags(write=False)
    lowered = lower_text(distinct)
    return TextColumn(codes, distinct, lowered, blocks_of(lowered) if len(lowered) > LONG else None)


def _hash_text(digest: hashlib._Hash, column: pa.LargeStringArray) -> None:
    """Add one column: its lengths, then its bytes, so that no two columns of texts read the same."""
    if not len(column):
        return
    digest.update(pc.binary_length(column).cast(pa.int64()).to_numpy().data)
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    if offsets[-1] > offsets[0]:
        digest.update(memoryview(column.buffers()[2])[offsets[0] : offsets[-1]])
