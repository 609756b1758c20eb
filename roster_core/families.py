"""Families of section names: alike but for teacher, number, period and term; and which of them students overlap in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.coverage import NONE, SEVERAL, Coverage
from roster_core.family_words import BETWEEN, NO_SECTIONS, NUMBER_MARK, TEACHER_MARK, TIMES
from roster_core.matching import condition_mask, text_mask
from roster_core.name_words import NUMBER, SEPARATOR, TEACHER, WORD, NameWords, distinct, name_words
from roster_core.roster import Roster
from roster_core.rules import Condition, describe_grades
from roster_core.vocabulary import GRADES, text_array

_NAMELESS = "(no name)"


@dataclass(frozen=True, eq=False)
class Families:
    """The families of one roster, biggest first.

    codes: int32[sections], into the rows of `frame`. frame: key (its words, lower case, accents off), family (a
    label such as `HR #` or `Homeroom - <teacher>`), sections, students, schools (counts), grades (in words),
    size (median enrollments a section, float), examples (up to three section names, joined by `; `).
    pieces: the names as they were cut for it.
    """

    codes: np.ndarray
    frame: pd.DataFrame
    pieces: NameWords


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Students with the same trouble, biggest group first.

    several: combination (labels joined by ` + `; `combination_words` says it), students. none: school_id, school_name,
    grade, combination, students. several_group, none_group: int32[students], row of the group in its frame, -1 for
    all others.
    """

    several: pd.DataFrame
    none: pd.DataFrame
    several_group: np.ndarray
    none_group: np.ndarray


def families(
    roster: Roster, *, merged: Sequence[Sequence[str]] = (), pieces: NameWords | None = None
) -> Families:
    """The families of a roster's sections; each group of keys in `merged` is taken as one (the reviewer's choice).

    The key of a name is its words in order: teacher's name, numbers, period, term, punctuation and case are set
    aside, so `Homeroom - Diaz - HR` and `HOMEROOM KELLY` are one family. A name without words goes by its shape.
    Costs one cut of each distinct name, where the `pieces` of other families of this roster are not given, and
    array work on pieces and enrollments.
    """
    pieces = name_words(roster) if pieces is None else pieces
    shapes = _shapes(pieces)
    words = pieces.joined(pieces.kind == WORD, pieces.words, pieces.word, " ")
    keys = pc.if_else(pc.equal(words, ""), pc.utf8_lower(shapes), words)
    encoded = keys.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    texts = np.asarray(encoded.dictionary.to_pylist(), object)
    for group in merged:
        members = np.flatnonzero(np.isin(texts, list(group)))
        codes[np.isin(codes, members[1:])] = members[0] if len(members) else -1
    used, codes = np.unique(codes, return_inverse=True)
    place, frame = _described(roster, codes.reshape(-1), texts[used], shapes)
    return Families(place, frame, pieces)


def teacher_name_hits(roster: Roster, condition: Condition, pieces: NameWords | None = None) -> np.ndarray:
    """bool[sections]: sections a condition on the name finds only inside the teacher's name (`home` in `Homer`).

    All False for conditions on other fields. Costs one match of the sections found, and one cut of the names where
    their `pieces` (of `name_words`) are not given.
    """
    only = np.zeros(len(roster.sections), dtype=bool)
    if condition.field != "section_name":
        return only
    found = condition_mask(roster, condition)
    pieces = name_words(roster) if pieces is None else pieces
    found &= np.bincount(pieces.section[pieces.kind == TEACHER], minlength=pieces.sections) > 0
    rows = np.flatnonzero(found)
    veiled = pa.concat_arrays([pieces.raws.cast(pa.string()), pa.array(["\ufffd"])])
    codes = np.where(pieces.kind == TEACHER, len(pieces.raws), pieces.raw)
    texts = pieces.joined(found[pieces.section], veiled, codes, "").take(pa.array(rows))
    only[rows] = ~text_mask(texts.to_pylist(), [condition]) if len(rows) else False
    return only


def overlaps(coverage: Coverage, found: Families) -> Overlaps:
    """The students in `several` by the families of their kept sections, and those in `none` by school, grade and
    the families of all their sections.

    A family that occurs twice reads `HR # ×2`. Costs a hash of each enrollment concerned and one sort of students.
    """
    roster, enrollments = coverage.roster, coverage.roster.enrollments
    kept = coverage.kept[coverage.status[enrollments.student[coverage.kept]] == SEVERAL]
    several, several_group = _grouped(coverage, found, kept, coverage.status == SEVERAL, by_place=False)
    without = np.flatnonzero((coverage.status == NONE)[enrollments.student])
    none, none_group = _grouped(coverage, found, without, coverage.status == NONE, by_place=True)
    first = none.pop("student").to_numpy()
    schools = roster.school_codes[first]
    names = np.append(roster.schools["school_name"].to_numpy(dtype=object), "")
    none.insert(0, "school_id", roster.students["school_id"].to_numpy()[first])
    none.insert(1, "school_name", pd.array(names[schools], dtype="str"))
    none.insert(2, "grade", roster.students["grade"].to_numpy()[first])
    return Overlaps(several.drop(columns="student"), none, several_group, none_group)


def _shapes(pieces: NameWords) -> pa.Array:
    """How each name is built: words as written, `<teacher>`, `#`, and dashes; period and term words left out."""
    marks = pa.array([TEACHER_MARK, NUMBER_MARK, " - ", " "])
    texts = pa.concat_arrays([pieces.raws.cast(pa.string()), marks])
    start = len(pieces.raws)
    codes = np.select(
        [pieces.kind == WORD, pieces.kind == TEACHER, pieces.kind == NUMBER, pieces.dashes],
        [pieces.raw, start, start + 1, start + 2],
        start + 3,
    )
    shown = np.isin(pieces.kind, (WORD, TEACHER, NUMBER, SEPARATOR))
    # Few distinct shapes stand for all names, once teacher and numbers are marks.
    encoded = pieces.joined(shown, texts, codes, "").dictionary_encode()
    shapes = encoded.dictionary
    for pattern, replacement in (
        (rf"{TEACHER_MARK}( *{TEACHER_MARK})*", TEACHER_MARK),
        (r"#[# ]*#", NUMBER_MARK),
        (r"( *- )+", " - "),
        (r"^[ -]+|[ -]+$", ""),
        (r" +", " "),
    ):
        shapes = pc.replace_substring_regex(shapes, pattern=pattern, replacement=replacement)
    return shapes.take(encoded.indices)


def _described(
    roster: Roster, codes: np.ndarray, keys: np.ndarray, shapes: pa.Array
) -> tuple[np.ndarray, pd.DataFrame]:
    """(int32[sections], frame) of `Families`, for the family each section is in and the key of each."""
    count = len(keys)
    sizes = np.bincount(roster.enrollments.section, minlength=len(roster.sections))
    of_enrollment = codes[roster.enrollments.section]
    students = distinct(of_enrollment * np.int64(max(len(roster.students), 1)) + roster.enrollments.student)
    school = text_array(roster.sections["school_id"]).dictionary_encode()
    places = np.int64(max(len(school.dictionary), 1))
    schools = distinct(codes * places + school.indices.to_numpy(zero_copy_only=False))
    present = np.zeros((count, len(GRADES) + 1), dtype=bool)
    present[of_enrollment, roster.grade_codes[roster.enrollments.student]] = True
    frame = pd.DataFrame(
        {
            "key": pd.array(keys, dtype="str"),
            "family": pd.array(_labels(codes, shapes, count), dtype="str"),
            "sections": np.bincount(codes, minlength=count),
            "students": np.bincount(students // max(len(roster.students), 1), minlength=count),
            "schools": np.bincount(schools // places, minlength=count),
            "grades": pd.array(_grade_words(present), dtype="str"),
            "size": _medians(codes, sizes, count),
            "examples": pd.array(_examples(roster, codes, count), dtype="str"),
        }
    )
    order = np.lexsort((keys, -frame["students"].to_numpy(), -frame["sections"].to_numpy()))
    place = np.empty(count, dtype=np.int32)
    place[order] = np.arange(count)
    return place[codes], frame.iloc[order].reset_index(drop=True)


def _labels(codes: np.ndarray, shapes: pa.Array, count: int) -> np.ndarray:
    labels = _commonest(codes, shapes, count)
    return np.where(labels == "", _NAMELESS, labels)


def _commonest(codes: np.ndarray, shapes: pa.Array, count: int) -> np.ndarray:
    """The shape most sections of each family have; of equals the first in the alphabet."""
    encoded = shapes.dictionary_encode()
    texts = np.asarray(encoded.dictionary.to_pylist(), object)
    rank = np.argsort(np.argsort(texts, kind="stable"), kind="stable") if len(texts) else np.zeros(0, np.int64)
    shape = rank[encoded.indices.to_numpy(zero_copy_only=False)] if len(codes) else np.zeros(0, np.int64)
    pairs, sections = np.unique(codes * np.int64(max(len(texts), 1)) + shape, return_counts=True)
    order = np.lexsort((pairs, -sections, pairs // max(len(texts), 1)))
    family = (pairs // max(len(texts), 1))[order]
    first = order[np.r_[True, family[1:] != family[:-1]]] if len(family) else order
    return np.sort(texts)[pairs[first] % max(len(texts), 1)] if count else np.array([], object)


def _grade_words(present: np.ndarray) -> np.ndarray:
    rows, inverse = np.unique(present, axis=0, return_inverse=True)
    words = [
        describe_grades([GRADES[place] for place in np.flatnonzero(row[:-1])]) if row[:-1].any() else "" for row in rows
    ]
    said = [word.removeprefix("grades ").removeprefix("grade ") for word in words]
    return np.asarray(said, object)[inverse.reshape(-1)] if len(said) else np.array([], object)


def _medians(codes: np.ndarray, sizes: np.ndarray, count: int) -> np.ndarray:
    """float64: the middle size of the sections of each family."""
    order = np.lexsort((sizes, codes))
    number = np.bincount(codes, minlength=count)
    start = np.cumsum(number) - number
    ordered = sizes[order]
    return (ordered[start + (number - 1) // 2] + ordered[start + number // 2]) / 2


def _examples(roster: Roster, codes: np.ndarray, count: int) -> np.ndarray:
    """Up to three different section names of each family, the first in the alphabet."""
    names = roster.text("section_name")
    rank = pc.rank(names.values, sort_keys="ascending", tiebreaker="first").to_numpy().astype(np.int64)
    total = max(len(names.values), 1)
    pairs = np.unique(codes * np.int64(total) + rank[names.codes] - 1)
    family = pairs // total
    within = np.arange(len(pairs)) - np.searchsorted(family, family)
    chosen = pairs[within < 3]
    ordered = names.values.take(pa.array(np.argsort(rank))).cast(pa.string())
    offsets = np.searchsorted(chosen // total, np.arange(count + 1))
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), ordered.take(pa.array(chosen % total)))
    return np.asarray(pc.binary_join(lists, "; ").to_pylist(), object)


def _grouped(
    coverage: Coverage, found: Families, rows: np.ndarray, members: np.ndarray, *, by_place: bool
) -> tuple[pd.DataFrame, np.ndarray]:
    """Students (bool `members`) whose enrollments `rows` lie in the same families, and in the same place if asked."""
    roster = coverage.roster
    student, family = roster.enrollments.student[rows], found.codes[roster.enrollments.section[rows]]
    total = np.zeros(len(roster.students), dtype=np.uint64)
    # The sum of scrambled codes is the same for the same families, in whatever order they come.
    np.add.at(total, student, _scrambled(family.astype(np.uint64) + np.uint64(1)))
    if by_place:
        place = roster.school_codes.astype(np.int64) * (len(GRADES) + 1) + roster.grade_codes
        total += _scrambled(place.astype(np.uint64) + np.uint64(1 << 40))
    chosen = np.flatnonzero(members)
    _, first, group, students = np.unique(total[chosen], return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((chosen[first], -students))
    place_of = np.empty(len(order), dtype=np.int32)
    place_of[order] = np.arange(len(order))
    group_of = np.full(len(members), -1, dtype=np.int32)
    group_of[chosen] = place_of[group.reshape(-1)]
    exemplars = chosen[first[order]]
    words = _combinations(student, family, exemplars, found)
    return pd.DataFrame({"combination": words, "students": students[order], "student": exemplars}), group_of


def _combinations(student: np.ndarray, family: np.ndarray, exemplars: np.ndarray, found: Families) -> np.ndarray:
    """The families of each exemplar in words, biggest family first."""
    ordered = np.sort(exemplars)
    wanted = np.isin(student, ordered)
    count = np.int64(max(len(found.frame), 1))
    pairs, times = np.unique(np.searchsorted(ordered, student[wanted]) * count + family[wanted], return_counts=True)
    labels = found.frame["family"].to_numpy(dtype=object)[pairs % count]
    labels = labels + np.where(times > 1, np.char.add(TIMES, times.astype(str)), "").astype(object)
    offsets = np.searchsorted(pairs // count, np.arange(len(ordered) + 1))
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(labels, pa.string()))
    texts = np.asarray(pc.binary_join(lists, BETWEEN).to_pylist(), object)
    return pd.array(np.where(texts == "", NO_SECTIONS, texts)[np.searchsorted(ordered, exemplars)], dtype="str")


def _scrambled(values: np.ndarray) -> np.ndarray:
    """uint64: splitmix64 of each value, so that sums of different sets practically never agree."""
    mixed = values * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
