"""The teachers of twin sections a reviewer did not choose: they stay with the room, as co-teachers of the chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from roster_core.coverage import Coverage, evaluate
from roster_core.roster import ID_SEPARATOR, id_codes
from roster_core.twins import twins


def co_teachers(coverage: Coverage) -> pd.Series:
    """str[sections]: the co-teachers of each, with the teachers of its twins that were not chosen.

    A twin was chosen by hand: students whom the rules alone keep in both sections are pinned to the one, and nobody of
    them stays in the other. A twin dropped by a rule brings nobody along: the same students sit in art and at lunch
    too, and their teachers must not come to see a room's answers because of that. Costs nothing without a pin to a
    section; else one evaluation without pins and the search for twins.
    """
    roster = coverage.roster
    own = roster.sections["co_teacher_ids"]
    chosen, other = _left_for(coverage)
    if not len(chosen):
        return own
    joined = own.to_numpy(dtype=object).copy()
    teachers = roster.sections["teacher_id"].to_numpy(dtype=object)
    for place in np.unique(chosen):  # rooms a reviewer chose one by one
        ids: list[str] = joined[place].split(ID_SEPARATOR)
        for left in other[chosen == place]:
            ids += [teachers[left], *own.iat[left].split(ID_SEPARATOR)]
        known = dict.fromkeys(each for each in ids if each and each != teachers[place])
        joined[place] = ID_SEPARATOR.join(known)
    return pd.Series(pd.array(joined, dtype="str"), index=own.index)


def _left_for(coverage: Coverage) -> tuple[np.ndarray, np.ndarray]:
    """(int64 chosen, int64 other): rows of sections chosen by pins, each with a twin its students were taken out of."""
    roster, width = coverage.roster, np.int64(len(coverage.roster.sections) + 1)
    nothing = np.zeros(0, dtype=np.int64)
    pins = [pin for pin in coverage.rule_set.pins if pin.section_id is not None]
    if not pins:
        return nothing, nothing
    target = _pinned_to(coverage, [(pin.student_id, pin.section_id or "") for pin in pins])
    if not (target >= 0).any():
        return nothing, nothing
    alone = evaluate(roster, replace(coverage.rule_set, pins=()))
    student = roster.enrollments.student[alone.kept]
    section = roster.enrollments.section[alone.kept].astype(np.int64)
    by_rules = np.zeros(len(roster.students), dtype=bool)
    by_rules[student[target[student] == section]] = True
    beside = by_rules[student] & (target[student] != section)
    pairs = np.unique(target[student[beside]] * width + section[beside])
    chosen, other = pairs // width, pairs % width
    rooms = twins(roster, alone).sections
    room = np.full(len(roster.sections), -1, dtype=np.int64)
    room[id_codes(rooms["section_id"], roster.sections["section_id"])] = rooms["group"].to_numpy()
    twin = (room[chosen] >= 0) & (room[chosen] == room[other])
    still = _still_kept(coverage, alone, chosen, other)
    return chosen[twin & ~still], other[twin & ~still]


def _pinned_to(coverage: Coverage, pins: list[tuple[str, str]]) -> np.ndarray:
    """int64[students]: the row of the section each student in scope is pinned to, -1 for all others."""
    roster = coverage.roster
    frame = pd.DataFrame(pins, columns=["student", "section"], dtype="str")
    student = id_codes(frame["student"], roster.students["student_id"])
    section = id_codes(frame["section"], roster.sections["section_id"])
    known = (student >= 0) & (section >= 0)
    target = np.full(len(roster.students), -1, dtype=np.int64)
    target[student[known]] = section[known]
    target[~coverage.scope_mask] = -1
    return target


def _still_kept(coverage: Coverage, alone: Coverage, chosen: np.ndarray, other: np.ndarray) -> np.ndarray:
    """bool[pairs]: whether a student whom the rules keep in both sections is in the other one in the end."""
    by_rules, finally_kept = (_memberships(each) for each in (alone, coverage))
    still = np.zeros(len(chosen), dtype=bool)
    for place, (one, left) in enumerate(zip(chosen, other, strict=True)):
        both = np.intersect1d(_members(by_rules, one), _members(by_rules, left))
        still[place] = np.isin(both, _members(finally_kept, left)).any()
    return still


def _memberships(coverage: Coverage) -> tuple[np.ndarray, np.ndarray]:
    """(section, student) of the kept enrollments, by section."""
    section = coverage.roster.enrollments.section[coverage.kept]
    order = np.argsort(section, kind="stable")
    return section[order], coverage.roster.enrollments.student[coverage.kept][order]


def _members(kept: tuple[np.ndarray, np.ndarray], section: int) -> np.ndarray:
    low, high = np.searchsorted(kept[0], (section, section + 1))
    return kept[1][low:high]
