"""Finding students as people name them: by number, by id, by name, one or a pasted list.

Texts are compared in lower case and without accents, by Arrow's kernels; nothing loops over students.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.roster import Roster
from roster_core.vocabulary import text_array

#: The columns a student is known by, the one people use first.
NUMBER_COLUMNS = ("student_number", "sis_id", "student_id")

# What stands between the words of a name as people write it: `Diaz, Ana`, `"Diaz"`.
_BETWEEN = r"[\s,;\"“”]+"


@dataclass(frozen=True, slots=True)
class Matched:
    """What a list of numbers stands for: the students' ids, the numbers nobody has, and those several have."""

    student_ids: tuple[str, ...]
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]


def find_students(roster: Roster, text: str) -> np.ndarray:
    """int64: rows of the students whose number, id or name holds every word of `text`; none for an empty text.

    Letter case, accents, and the comma of `Diaz, Ana` do not count. Costs one pass over names and numbers a word.
    """
    words = re.split(_BETWEEN, _plain(pa.array([text], pa.large_string()))[0].as_py())
    words = [word for word in words if word]
    if not words:
        return np.array([], dtype=np.int64)
    columns = [_plain(text_array(roster.students[name])) for name in ("first_name", "last_name", *NUMBER_COLUMNS)]
    found = np.ones(len(roster.students), dtype=bool)
    for word in words:
        hits = [pc.match_substring(column, pattern=word).to_numpy(zero_copy_only=False) for column in columns]
        found &= np.logical_or.reduce(hits)
    return np.flatnonzero(found)


def split_numbers(pasted: str) -> tuple[str, ...]:
    """The numbers of a pasted list, each once: parted by blanks, lines, commas or semicolons; quotes fall away."""
    return tuple(dict.fromkeys(number for part in re.split(r"[\s,;]+", pasted) if (number := part.strip("\"'"))))


def match_numbers(roster: Roster, numbers: Sequence[str]) -> Matched:
    """The students some numbers stand for, each looked for as student number, else SIS id, else student id."""
    wanted = pd.Series(list(numbers), dtype="str")
    student = pd.Series("", index=wanted.index, dtype="str")
    several = pd.Series(False, index=wanted.index)
    for column in NUMBER_COLUMNS:
        held = pd.DataFrame({"number": roster.students[column], "student": roster.students["student_id"]})
        held = held[held["number"].isin(wanted) & (held["number"] != "")]
        first = held.drop_duplicates("number").set_index("number")["student"]
        repeated = held.loc[held["number"].duplicated(), "number"]
        open_ = (student == "") & ~several
        student = student.mask(open_, pd.Series(first.reindex(wanted).fillna("").to_numpy(), dtype="str"))
        several |= open_ & wanted.isin(repeated)
    known = (student != "") & ~several
    return Matched(
        student_ids=tuple(student[known].drop_duplicates()),
        unknown=tuple(wanted[(student == "") & ~several]),
        ambiguous=tuple(wanted[several]),
    )


def _plain(texts: pa.Array) -> pa.Array:
    """Texts in lower case without accents: parted into letter and accent, the accents left away."""
    ascii_only = pc.all(pc.string_is_ascii(texts), min_count=0).as_py()
    if not ascii_only:
        texts = pc.replace_substring_regex(pc.utf8_normalize(texts, form="NFKD"), pattern=r"\p{Mn}", replacement="")
    return pc.utf8_lower(texts)
