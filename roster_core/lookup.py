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
    """What a list of numbers stands for: the students' ids, the numbers nobody has, and those several have.

    zeros: the numbers that only one student has once leading zeros are set aside, as a spreadsheet drops them.
    """

    student_ids: tuple[str, ...]
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]
    zeros: tuple[str, ...] = ()


def find_students(roster: Roster, text: str) -> np.ndarray:
    """int64: rows of the students whose number, id or name holds every word of `text`; none for an empty text.

    Letter case, accents, and the comma of `Diaz, Ana` do not count, nor do the leading zeros of a whole number. Who
    has the number as typed comes first, or else who has it but for leading zeros. Costs a few passes over names and
    numbers a word.
    """
    words = re.split(_BETWEEN, _plain(pa.array([text], pa.large_string()))[0].as_py())
    words = [word for word in words if word]
    if not words:
        return np.array([], dtype=np.int64)
    columns = [_plain(text_array(roster.students[name])) for name in ("first_name", "last_name", *NUMBER_COLUMNS)]
    found = np.ones(len(roster.students), dtype=bool)
    for word in words:
        hits = [pc.match_substring(column, pattern=word).to_numpy(zero_copy_only=False) for column in columns]
        found &= np.logical_or.reduce(hits) | _numbered(columns[2:], word)
    rows = np.flatnonzero(found)
    first = _numbered(columns[2:], words[0])[rows]
    return np.concatenate([rows[first], rows[~first]]) if len(words) == 1 else rows


def _numbered(columns: Sequence[pa.Array], word: str) -> np.ndarray:
    """bool[students]: whose number (in any of the columns) the word is: as typed, else but for leading zeros."""
    exact = np.logical_or.reduce([pc.equal(column, word).to_numpy(zero_copy_only=False) for column in columns])
    return exact if exact.any() else np.logical_or.reduce([_same_but_zeros(column, word) for column in columns])


def numbers_but_for_zeros(roster: Roster, text: str) -> tuple[str, ...]:
    """The students' numbers that differ from a typed one by leading zeros alone, each once, in order.

    Empty for anything but digits. Costs one pass over the numbers.
    """
    typed, found = text.strip(), set()
    for name in NUMBER_COLUMNS:
        column = text_array(roster.students[name])
        found |= set(column.filter(pa.array(_same_but_zeros(column, typed))).to_pylist())
    return tuple(sorted(found - {typed}))


def said_of_zeros(roster: Roster, text: str) -> str:
    """What to know of a typed number that other numbers are like but for leading zeros; empty where none is."""
    others = numbers_but_for_zeros(roster, text)
    if not others:
        return ""
    typed = text.strip()
    held = match_numbers(roster, (typed,))
    also = "Numbers that differ" if len(others) > 1 else "A number that differs"
    as_typed = f"No student has the number {typed} as typed. " if typed in (*held.zeros, *held.unknown) else ""
    return f"{as_typed}{also} only by leading zeros, which spreadsheets drop: {', '.join(others)}."


def ids_of_number(number: str, numbers: pd.Series, ids: pd.Series) -> tuple[str, ...]:
    """The ids whose number this is, as typed, else but for leading zeros; each once. Both series in one order."""
    column = text_array(numbers)
    exact = (numbers == number).to_numpy()
    alike = exact if exact.any() else _same_but_zeros(column, number)
    return tuple(dict.fromkeys(ids[alike]))


def split_numbers(pasted: str) -> tuple[str, ...]:
    """The numbers of a pasted list, each once: parted by blanks, lines, commas or semicolons; quotes fall away."""
    return tuple(dict.fromkeys(number for part in re.split(r"[\s,;]+", pasted) if (number := part.strip("\"'"))))


def match_numbers(roster: Roster, numbers: Sequence[str]) -> Matched:
    """The students some numbers stand for, each looked for as student number, else SIS id, else student id.

    What nobody has as typed is looked for once more without its leading zeros, in all three at once.
    """
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
    missing = (student == "") & ~several
    holders = _by_digits(roster, wanted)
    student = student.mask(missing & (holders["count"] == 1), holders["student"])
    several |= missing & (holders["count"] > 1)
    known = (student != "") & ~several
    return Matched(
        student_ids=tuple(student[known].drop_duplicates()),
        unknown=tuple(wanted[(student == "") & ~several]),
        ambiguous=tuple(wanted[several]),
        zeros=tuple(wanted[missing & known]),
    )


def _by_digits(roster: Roster, numbers: pd.Series) -> pd.DataFrame:
    """For each number how many students have it but for leading zeros (`count`), and the id of one (`student`)."""
    wanted = pd.Series(pd.array(_bare(text_array(numbers)), dtype="str"))
    held = pd.concat([_held(roster, column, wanted) for column in NUMBER_COLUMNS]).drop_duplicates()
    held = held.groupby("number")["student"].agg(count="nunique", student="first").reindex(wanted)
    return held.fillna({"count": 0, "student": ""}).reset_index(drop=True)


def _held(roster: Roster, column: str, wanted: pd.Series) -> pd.DataFrame:
    bare = pd.array(_bare(text_array(roster.students[column])), dtype="str")
    held = pd.DataFrame({"number": bare, "student": roster.students["student_id"].array})
    return held[held["number"].isin(wanted) & (held["number"] != "")]


def _bare(texts: pa.Array) -> pa.Array:
    """Numbers without leading zeros; the empty text for what is no whole number."""
    digits = pc.match_substring_regex(texts, r"^[0-9]+$")
    bare = pc.replace_substring_regex(texts, r"^0+([0-9])", r"\1")
    return pc.if_else(digits, bare, pa.scalar("", texts.type))


def _same_but_zeros(column: pa.Array, number: str) -> np.ndarray:
    """bool: whether a text is the same whole number, whatever its leading zeros."""
    if not re.fullmatch(r"[0-9]+", number):
        return np.zeros(len(column), dtype=bool)
    alike = pc.match_substring_regex(column, f"^0*{number.lstrip('0') or '0'}$")
    return alike.to_numpy(zero_copy_only=False)


def _plain(texts: pa.Array) -> pa.Array:
    """Texts in lower case without accents: parted into letter and accent, the accents left away."""
    ascii_only = pc.all(pc.string_is_ascii(texts), min_count=0).as_py()
    if not ascii_only:
        texts = pc.replace_substring_regex(pc.utf8_normalize(texts, form="NFKD"), pattern=r"\p{Mn}", replacement="")
    return pc.utf8_lower(texts)
