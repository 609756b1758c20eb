"""Sections of one school with (nearly) the same students, as co-teaching makes them; and kept rooms that look wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.coverage import SEVERAL, Coverage
from roster_core.errors import InputError
from roster_core.roster import Enrollments, Roster, id_codes
from roster_core.rules import Pin, RuleSet
from roster_core.vocabulary import GRADE_ORDER, text_array

#: Twins share at least this part of all their students (Jaccard), and each has at least so many of them.
LIKENESS, LEAST = 0.8, 3

#: The grades of the two editions of the assessment.
EARLY = ("Kindergarten", "1", "2", "3")
LATE = ("4", "5", "6", "7", "8")

_HALF, _ASTRIDE = "half or more of its students are not assessed", "spans K-3 and 4-8"
# 0.8 has no exact double: what is just enough must not fall below it by rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Twins:
    """Rooms that are shared as several sections, the most students first.

    groups: school_id, school_name, sections, students (in any of them), shared (in two or more), likeness (the least
    Jaccard of the pairs found, 1.0 where all are equal), section_names, teacher_names (joined by `; `); its row is
    the group. sections: group, section_id, section_name, teacher_id, teacher_name, course_name, period, term_name,
    students; by group and id.
    """

    groups: pd.DataFrame
    sections: pd.DataFrame

    def section_ids(self, group: int) -> tuple[str, ...]:
        """The sections of one group."""
        return tuple(self.sections.loc[self.sections["group"] == group, "section_id"])


def twins(roster: Roster, coverage: Coverage | None = None) -> Twins:
    """Groups of sections of one school whose students are the same, or nearly (Jaccard of at least `LIKENESS`).

    With a coverage only kept enrollments count: what competes for the same students under its rules, and nothing
    that a pin has settled. Without, all sections do: a class that stays together all day is then one big group.

    Exact: equal sets of students are found by a 64-bit sum, near ones by prefix filtering (two sets that are near
    share one of the few rarest students of each), and every pair is then counted. Nearness is passed on: the ends of a
    chain may be less alike. Costs one pass and one sort of the enrollments, then the students of the pairs that
    share a rare one.
    """
    rows = np.arange(len(roster.enrollments)) if coverage is None else coverage.kept
    student = roster.enrollments.student[rows].astype(np.int64)
    section = roster.enrollments.section[rows].astype(np.int64)
    size = np.bincount(section, minlength=len(roster.sections))
    label, pairs, likeness = _rooms(roster, student, section, size, _codes(roster.sections["school_id"]))
    members = np.flatnonzero(size >= LEAST)
    _, group, count = np.unique(label[members], return_inverse=True, return_counts=True)
    several = count[group] > 1
    members = members[several]
    group_of = np.full(len(roster.sections), -1, dtype=np.int64)
    group_of[members] = np.unique(group[several], return_inverse=True)[1]
    return _described(roster, (student, section), size, group_of, (pairs, likeness))


def once_each(roster: Roster, kinds: np.ndarray) -> Roster:
    """The roster with each student once in a room that is shared as several sections of one kind (int64[sections]).

    The same roster where there is none. Kinds are of one school each. Costs what `twins` does.
    """
    student = roster.enrollments.student.astype(np.int64)
    section = roster.enrollments.section.astype(np.int64)
    size = np.bincount(section, minlength=len(roster.sections))
    room, *_ = _rooms(roster, student, section, size, kinds)
    _, rows = np.unique(student * np.int64(len(roster.sections) + 1) + room[section], return_index=True)
    if len(rows) == len(student):
        return roster
    rows.sort()
    return replace(roster, enrollments=Enrollments(roster.enrollments.student[rows], roster.enrollments.section[rows]))


def settled_by_choices(coverage: Coverage, found: Twins) -> tuple[int, int]:
    """(rooms, students): what `choose_twin` settles where the fullest section of each room of `found` is chosen."""
    roster = coverage.roster
    room_of = np.full(len(roster.sections), -1, dtype=np.int64)
    room_of[id_codes(found.sections["section_id"], roster.sections["section_id"])] = found.sections["group"].to_numpy()
    student, section = roster.enrollments.student[coverage.kept], roster.enrollments.section[coverage.kept]
    room = room_of[section]
    first = np.full(len(roster.students), -1, dtype=np.int64)
    first[student] = room
    elsewhere = np.bincount(student[(room != first[student]) | (room < 0)], minlength=len(roster.students))
    chosen = ((coverage.status == SEVERAL) & (elsewhere == 0))[student]
    most = np.zeros(len(found.groups), dtype=np.int64)
    np.maximum.at(most, room_of[section[chosen]], np.bincount(section[chosen], minlength=len(room_of))[section[chosen]])
    return int((most > 0).sum()), int(most.sum())


def choose_twin(
    rule_set: RuleSet, coverage: Coverage, group: Sequence[str], section_id: str, reason: str
) -> RuleSet:
    """The rule set with a whole room's students pinned to the one section chosen for it.

    `group`: ids of twin sections. Pinned are the students in several whose kept sections all belong to the group and
    include the chosen one; who is kept elsewhere too is left alone, so that no other double is hidden, and so is who
    is not in the chosen section. The plan rosters the section with the teachers of those not chosen as co-teachers
    (`co_teachers`). Raises InputError for a section outside the group or no reason.
    """
    if section_id not in group:
        raise InputError(f'Section "{section_id}" is not one of the group; choose one of {", ".join(group)}.')
    if not reason.strip():
        raise InputError("Give the reason why the room is kept as this section.")
    roster = coverage.roster
    rows = id_codes(pd.Series(list(group), dtype="str"), roster.sections["section_id"])
    student, section = roster.enrollments.student[coverage.kept], roster.enrollments.section[coverage.kept]
    inside = np.bincount(student[np.isin(section, rows)], minlength=len(roster.students))
    chosen = np.zeros(len(roster.students), dtype=bool)
    chosen[student[section == roster.section_row(section_id)]] = True
    settled = chosen & (coverage.status == SEVERAL) & (inside == coverage.kept_counts)
    ids = roster.students["student_id"].to_numpy()[settled].tolist()
    return rule_set.with_pins(*(Pin(student_id, section_id, reason=reason) for student_id in ids))


def rooms_astride(coverage: Coverage) -> pd.DataFrame:
    """Kept rooms half of whose students are out of scope, or whose kept students span K-3 and 4-8; biggest first.

    Columns: section_id, section_name, school_id, school_name, students (enrolled), out_of_scope, early (kept, K-3),
    late (kept, 4-8), reason (in words). Costs a few counts over the enrollments.
    """
    roster, count = coverage.roster, len(coverage.roster.sections)
    student, section = roster.enrollments.student, roster.enrollments.section
    enrolled = np.bincount(section, minlength=count)
    outside = np.bincount(section[~coverage.scope_mask[student]], minlength=count)
    grade = roster.grade_codes[student[coverage.kept]]
    kept = section[coverage.kept]
    early, late = (
        np.bincount(kept[np.isin(grade, [GRADE_ORDER[word] for word in words])], minlength=count)
        for words in (EARLY, LATE)
    )
    half, astride = (outside * 2 >= enrolled) & (outside > 0), (early > 0) & (late > 0)
    wrong = np.flatnonzero((coverage.section_state() == 1) & (half | astride))
    words = np.select([half & astride, half], [f"{_HALF}; {_ASTRIDE}", _HALF], _ASTRIDE)
    frame = roster.sections[["section_id", "section_name", "school_id", "school_name"]].iloc[wrong]
    frame = frame.assign(
        students=enrolled[wrong],
        out_of_scope=outside[wrong],
        early=early[wrong],
        late=late[wrong],
        reason=pd.array(words[wrong].astype(object), dtype="str"),
    )
    return frame.sort_values("students", ascending=False, kind="stable", ignore_index=True)


def _rooms(
    roster: Roster, student: np.ndarray, section: np.ndarray, size: np.ndarray, place: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(int64[sections] the first section of its room, int64[2, pairs] near ones, float64[pairs] how near).

    Sections are compared where they have one place (int64[sections]).
    """
    alike = _equal_sets(roster, student, section, size, place)
    pairs, likeness = _near_pairs(student, section, size, place, alike)
    return _joined(alike, pairs), pairs, likeness


def _equal_sets(
    roster: Roster, student: np.ndarray, section: np.ndarray, size: np.ndarray, school: np.ndarray
) -> np.ndarray:
    """int64[sections]: for each the first section of its school with exactly its students; itself where small."""
    numbers = np.random.Generator(np.random.PCG64(0)).integers(0, 1 << 64, len(roster.students), dtype=np.uint64)
    total = np.zeros(len(size), dtype=np.uint64)
    np.add.at(total, section, numbers[student])
    first = np.arange(len(size))
    big = np.flatnonzero(size >= LEAST)
    order = big[np.lexsort((big, school[big], total[big]))]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (total[order[1:]] != total[order[:-1]]) | (school[order[1:]] != school[order[:-1]])
    first[order] = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))] if len(order) else order
    return first


def _near_pairs(
    student: np.ndarray, section: np.ndarray, size: np.ndarray, school: np.ndarray, alike: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(int64[2, pairs], float64[pairs]): different sets near each other, one section for all equal ones."""
    stands = (alike == np.arange(len(size))) & (size >= LEAST)
    chosen = stands[section]
    student, section = student[chosen], section[chosen]
    held = np.bincount(student) if len(student) else np.zeros(0, dtype=np.int64)
    order = np.lexsort((student, held[student], section))
    student, section = student[order], section[order]
    start = np.cumsum(np.where(stands, size, 0)) - np.where(stands, size, 0)
    within = np.arange(len(section)) - start[section]
    rare = within < (size - np.ceil(LIKENESS * size - _ROUNDING).astype(np.int64) + 1)[section]
    pairs = _sharing(student[rare], section[rare], school)
    small, large = np.sort(size[pairs], axis=0)
    pairs = pairs[:, small >= LIKENESS * large - _ROUNDING]
    keys = np.sort(section * np.int64(len(held) + 1) + student)
    both = _overlap(keys, len(held) + 1, student, start, size, pairs)
    likeness = both / (size[pairs].sum(axis=0) - both)
    near = likeness >= LIKENESS - _ROUNDING
    return pairs[:, near], likeness[near]


def _sharing(student: np.ndarray, section: np.ndarray, school: np.ndarray) -> np.ndarray:
    """int64[2, pairs]: pairs of sections of one school that share one of these students, each once."""
    order = np.lexsort((section, school[section], student))
    student, section = student[order], section[order]
    found, at, step = [np.empty((2, 0), dtype=np.int64)], np.arange(len(section)), 1
    while len(at := at[at + step < len(section)]):
        at = at[(student[at] == student[at + step]) & (school[section[at]] == school[section[at + step]])]
        found.append(np.stack([section[at], section[at + step]]))
        step += 1
    pairs = np.concatenate(found, axis=1)
    return np.unique(pairs, axis=1) if pairs.size else pairs


def _overlap(
    keys: np.ndarray, width: int, student: np.ndarray, start: np.ndarray, size: np.ndarray, pairs: np.ndarray
) -> np.ndarray:
    """int64[pairs]: students in both sections of each pair. `keys`: section * width + student, ascending."""
    one, other = pairs
    count = size[one]
    pair = np.repeat(np.arange(len(one)), count)
    place = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count) + start[one][pair]
    wanted = other[pair] * width + student[place]
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    return np.bincount(pair[keys[at] == wanted], minlength=len(one)) if len(pair) else np.zeros(len(one), np.int64)


def _joined(label: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """int64[sections]: the least section each is joined to, by equality or by a chain of pairs."""
    one, other = pairs
    label = label.copy()
    while (label[one] != label[other]).any():
        least = np.minimum(label[one], label[other])
        # The roots take the smaller label too, so that a chain shrinks by half each time.
        for ends in (one, other, label[one], label[other]):
            np.minimum.at(label, ends, least)
        label = label[label]
    return label[label]


def _described(
    roster: Roster,
    kept: tuple[np.ndarray, np.ndarray],
    size: np.ndarray,
    group_of: np.ndarray,
    near: tuple[np.ndarray, np.ndarray],
) -> Twins:
    student, section = kept
    count = int(group_of.max(initial=-1)) + 1
    inside = group_of[section] >= 0
    keys, times = np.unique(
        group_of[section[inside]] * np.int64(len(roster.students) + 1) + student[inside], return_counts=True
    )
    of_key = keys // (len(roster.students) + 1)
    students, shared = np.bincount(of_key, minlength=count), np.bincount(of_key[times > 1], minlength=count)
    likeness = np.ones(count)
    pairs, values = near
    np.minimum.at(likeness, group_of[pairs[0]], values)
    place = np.empty(count, dtype=np.int64)
    place[np.argsort(-students, kind="stable")] = np.arange(count)
    members = np.flatnonzero(group_of >= 0)
    members = members[np.argsort(place[group_of[members]], kind="stable")]
    columns = ["section_id", "section_name", "teacher_id", "teacher_name", "course_name", "period", "term_name"]
    sections = roster.sections[columns].iloc[members].reset_index(drop=True).assign(students=size[members])
    sections.insert(0, "group", place[group_of[members]])
    offsets = np.searchsorted(sections["group"], np.arange(count + 1))
    order = np.argsort(place)
    groups = roster.sections[["school_id", "school_name"]].iloc[members[offsets[:-1]]].reset_index(drop=True)
    groups = groups.assign(
        sections=np.diff(offsets), students=students[order], shared=shared[order], likeness=likeness[order]
    )
    for name in ("section_name", "teacher_name"):
        lists = pa.LargeListArray.from_arrays(pa.array(offsets.astype(np.int64)), text_array(sections[name]))
        groups[f"{name}s"] = pd.array(pc.binary_join(lists, pa.scalar("; ", pa.large_string())), dtype="str")
    return Twins(groups, sections)


def _codes(ids: pd.Series) -> np.ndarray:
    return pd.factorize(ids)[0].astype(np.int64)
