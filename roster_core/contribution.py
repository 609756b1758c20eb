"""What each rule contributes, and why each of a student's sections is kept or dropped: made when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.matching import DROPPED, Verdicts, grade_groups_of
from roster_core.roster import Roster
from roster_core.rules import RuleSet
from roster_core.vocabulary import text_array
from roster_core.wording import agreeing


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """One rule's share in the answer; students and enrollments are those in scope.

    sections: sections it matches. enrollments: enrollments it matches. only: students with a kept section
    whom no other keep rule and no pin covers. second: students in several, at least one of whose
    sections this rule alone keeps. freed: students in one who would be in several without this drop
    rule. stranded: students in none who would be in one or several without it. dead: it matches no enrollment.
    shadowed: it matches, but earlier rules (or, for a keep rule, drop rules) decide every one of its enrollments
    already: kept_by and dropped_by are then the places of the rules that do, and a drop rule is unkept where no keep
    rule matches some of them.
    """

    index: int
    do: str
    sections: int
    enrollments: int
    only: int
    second: int
    freed: int
    dead: bool
    shadowed: bool
    kept_by: tuple[int, ...] = ()
    dropped_by: tuple[int, ...] = ()
    unkept: bool = False
    stranded: int = 0

    @property
    def warning(self) -> str:
        """Why the rule changes nothing, as a sentence that names the rules that decide instead; empty where it does."""
        if self.dead:
            return "Matches nothing in this roster."
        by = [f"{_rules(self.kept_by)} {agreeing(len(self.kept_by), 'keep')}"] if self.kept_by else []
        by += [f"{_rules(self.dropped_by)} {agreeing(len(self.dropped_by), 'drop')}"] if self.dropped_by else []
        by += ["no keep rule keeps"] if self.unkept else []
        parted = "some of what it matches, and " if len(by) > 1 else ""
        said = f" {parted}".join(by)
        rest = "the rest" if parted else "what it matches" if self.unkept else "all that it matches"
        # The only keep rule keeps everything else away, even where it keeps nothing itself.
        does = "Keeps" if self.do == "keep" and not self.kept_by else "Changes"
        return f"{does} nothing: {said} {rest}." if self.shadowed else ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One of a student's sections, whether it is kept, and what decided it (`rule`: place in the list, or None)."""

    section_id: str
    section_name: str
    kept: bool
    rule: int | None
    text: str


def rule_effects(
    roster: Roster, rule_set: RuleSet, verdicts: Verdicts, scope: np.ndarray, kept: np.ndarray, counts: np.ndarray
) -> tuple[RuleEffect, ...]:
    """The effect of every rule. Costs a few passes over the enrollments for each rule.

    `scope`: bool[students]. `kept`: int64 rows of the kept enrollments. `counts`: int32[students], kept sections.
    """
    cells = _Cells(roster, rule_set, verdicts, scope)
    by_keep = cells.matching(rule_set, "keep")
    by_drop = cells.matching(rule_set, "drop")
    return tuple(
        _keep_effect(cells, rule_set, index, by_keep, by_drop, kept, counts)
        if rule.do == "keep"
        else _drop_effect(cells, rule_set, index, by_drop, kept, counts)
        for index, rule in enumerate(rule_set.rules)
    )


def dead_rules(roster: Roster, rule_set: RuleSet, verdicts: Verdicts, scope: np.ndarray) -> tuple[int, ...]:
    """The places of the rules that match no enrollment in scope (bool[students]). One pass over the enrollments."""
    sections = verdicts.rule_masks.shape[1]
    rows = scope[roster.enrollments.student]
    groups = grade_groups_of(roster, verdicts).astype(np.int64)
    cells = groups[roster.enrollments.student[rows]] * sections + roster.enrollments.section[rows]
    held = (np.bincount(cells, minlength=verdicts.keeper.size) > 0).reshape(-1, sections)
    hit = [held[verdicts.graded[place]][:, verdicts.rule_masks[place]].any() for place in range(len(rule_set.rules))]
    return tuple(int(place) for place in np.flatnonzero(~np.array(hit, dtype=bool)))


def student_reasons(
    roster: Roster, rule_set: RuleSet, verdicts: Verdicts, kept: np.ndarray, student_row: int
) -> tuple[Reason, ...]:
    """For one student, each of their sections with the rule or pin that decided it."""
    group = int(grade_groups_of(roster, verdicts)[student_row])
    first = int(roster.student_offsets[student_row])
    student_id = roster.students["student_id"].iat[student_row]
    pin = next((pin for pin in rule_set.pins if pin.student_id == student_id), None)
    reasons = []
    sections = roster.sections_of(student_row).tolist()
    own_kept = set(kept[np.searchsorted(kept, first) : np.searchsorted(kept, first + len(sections))].tolist())
    for place, section in enumerate(sections):
        is_kept = first + place in own_kept
        rule, text = _decided(rule_set, verdicts, group, section, is_kept)
        if pin is not None:
            rule, text = None, pin.describe()
        names = roster.sections.iloc[section]
        reasons.append(Reason(names["section_id"], names["section_name"], is_kept, rule, text))
    return tuple(reasons)


def section_decision(rule_set: RuleSet, verdicts: Verdicts, group: int, section: int) -> tuple[bool, int | None, str]:
    """Whether rules keep a section for the students of a grade group, the deciding rule, and the words for it."""
    is_kept = bool(verdicts.keeper[group, section] >= 0)
    return is_kept, *_decided(rule_set, verdicts, group, section, is_kept)


class _Cells:
    """Enrollments seen as cells, grade group times section, so that rules are compared in small arrays."""

    def __init__(self, roster: Roster, rule_set: RuleSet, verdicts: Verdicts, scope: np.ndarray) -> None:
        sections = verdicts.rule_masks.shape[1]
        self.verdicts = verdicts
        self.students = roster.enrollments.student
        self.rows = np.flatnonzero(scope[self.students])
        groups = grade_groups_of(roster, verdicts).astype(np.int64)
        self.of_row = groups[self.students] * sections + roster.enrollments.section
        pins = pa.array([pin.student_id for pin in rule_set.pins], pa.large_string())
        self.unpinned = ~pc.is_in(text_array(roster.students["student_id"]), value_set=pins).to_numpy(False)
        self.held = np.bincount(self.of_row[self.rows], minlength=verdicts.keeper.size)

    def rule(self, index: int) -> np.ndarray:
        """bool[cells]: where one rule matches."""
        return np.outer(self.verdicts.graded[index], self.verdicts.rule_masks[index]).reshape(-1)

    def matching(self, rule_set: RuleSet, do: str) -> np.ndarray:
        """int16[cells]: how many keep (or drop) rules match; without any keep rule each cell counts as kept once."""
        total = np.zeros(self.verdicts.keeper.size, dtype=np.int16)
        chosen = [index for index, rule in enumerate(rule_set.rules) if rule.do == do]
        for index in chosen:
            total += self.rule(index)
        return total if chosen or do == "drop" else total + 1

    def first_keep(self, rule_set: RuleSet) -> np.ndarray:
        """int64[cells]: the place of the first keep rule that matches; 0 where none does."""
        first = np.zeros(self.verdicts.keeper.size, dtype=np.int64)
        for place in range(len(rule_set.rules) - 1, -1, -1):
            if rule_set.rules[place].do == "keep":
                first[self.rule(place)] = place
        return first

    def first_of(self, rule_set: RuleSet, do: str, chosen: np.ndarray) -> tuple[int, ...]:
        """The places of the rules of one kind that are the first of it to match one of the cells (bool) chosen."""
        found, left = [], chosen.copy()
        for place, rule in enumerate(rule_set.rules):
            mine = left & self.rule(place) if rule.do == do else np.zeros_like(left)
            found += [place] if mine.any() else []
            left &= ~mine
        return tuple(found)

    def earlier(self, rule_set: RuleSet, index: int) -> np.ndarray:
        """bool[cells]: where an earlier rule of the same kind matches."""
        found = np.zeros(self.verdicts.keeper.size, dtype=bool)
        for place, rule in enumerate(rule_set.rules[:index]):
            if rule.do == rule_set.rules[index].do:
                found |= self.rule(place)
        return found


def _keep_effect(
    cells: _Cells,
    rule_set: RuleSet,
    index: int,
    by_keep: np.ndarray,
    by_drop: np.ndarray,
    kept: np.ndarray,
    counts: np.ndarray,
) -> RuleEffect:
    mine = cells.rule(index)
    alone = (mine & (by_keep == 1))[cells.of_row[kept]]
    per_student = np.bincount(cells.students[kept[alone]], minlength=len(counts))
    # Before the order of the rules settles anything: without this rule the next one would cover the student.
    others = cells.rows[((by_keep > mine) & (by_drop == 0))[cells.of_row[cells.rows]]]
    covered = np.bincount(cells.students[others], minlength=len(counts)) > 0
    undecided = mine & (by_drop == 0) & ~cells.earlier(rule_set, index)
    shadowed = bool(cells.held[mine].any()) and not cells.held[undecided].any()
    held = mine & (cells.held > 0)
    return RuleEffect(
        index=index,
        do="keep",
        sections=int(cells.verdicts.rule_masks[index].sum()),
        enrollments=int(cells.held[mine].sum()),
        only=int(((per_student > 0) & ~covered & cells.unpinned).sum()),
        second=int(((per_student > 0) & (counts > 1)).sum()),
        freed=0,
        dead=not cells.held[mine].any(),
        shadowed=shadowed,
        kept_by=cells.first_of(rule_set, "keep", held & (by_drop == 0)) if shadowed else (),
        dropped_by=cells.first_of(rule_set, "drop", held & (by_drop > 0)) if shadowed else (),
    )


def _drop_effect(
    cells: _Cells, rule_set: RuleSet, index: int, by_drop: np.ndarray, kept: np.ndarray, counts: np.ndarray
) -> RuleEffect:
    mine = cells.rule(index)
    by_keep = cells.matching(rule_set, "keep")
    returning = mine & (by_drop == 1) & (by_keep > 0)
    back = cells.rows[returning[cells.of_row[cells.rows]]]
    without = _counted_with(cells, rule_set, np.concatenate([kept, back]), len(counts))
    earlier = cells.earlier(rule_set, index)
    undecided = mine & (by_keep > 0) & ~earlier
    shadowed = bool(cells.held[mine].any()) and not cells.held[undecided].any()
    held = mine & (cells.held > 0)
    return RuleEffect(
        index=index,
        do="drop",
        sections=int(cells.verdicts.rule_masks[index].sum()),
        enrollments=int(cells.held[mine].sum()),
        only=0,
        second=0,
        freed=int(((counts == 1) & (without > 1) & cells.unpinned).sum()),
        dead=not cells.held[mine].any(),
        shadowed=shadowed,
        dropped_by=cells.first_of(rule_set, "drop", held & earlier) if shadowed else (),
        unkept=shadowed and bool((held & ~earlier).any()),
        stranded=int(((counts == 0) & (without > 0) & cells.unpinned).sum()),
    )


def _rules(places: tuple[int, ...]) -> str:
    """`rule 3`, or `rules 1 and 3`."""
    numbers = [str(place + 1) for place in places]
    return f"rule {numbers[0]}" if len(numbers) == 1 else f"rules {', '.join(numbers[:-1])} and {numbers[-1]}"


def _counted_with(cells: _Cells, rule_set: RuleSet, rows: np.ndarray, students: int) -> np.ndarray:
    """int64[students]: how many of some enrollments that keep rules match are kept, those of the earliest rule only
    where the rule set says so."""
    student = cells.students[rows]
    if rule_set.resolve == "first":
        place = cells.first_keep(rule_set)[cells.of_row[rows]]
        earliest = np.full(students, len(rule_set.rules), dtype=np.int64)
        np.minimum.at(earliest, student, place)
        student = student[place == earliest[student]]
    return np.bincount(student, minlength=students)


def _decided(rule_set: RuleSet, verdicts: Verdicts, group: int, section: int, is_kept: bool) -> tuple[int | None, str]:
    """The place of the deciding rule and the sentence that says so."""
    matched = [index for index in np.flatnonzero(verdicts.rule_masks[:, section]) if verdicts.graded[index, group]]
    drops = [int(index) for index in matched if rule_set.rules[index].do == "drop"]
    keeps = [int(index) for index in matched if rule_set.rules[index].do == "keep"]
    if verdicts.keeper[group, section] == DROPPED:
        return drops[0], f"dropped by rule {drops[0] + 1}: {_conditions(rule_set, drops[0])}"
    if keeps and is_kept:
        return keeps[0], f"kept by rule {keeps[0] + 1}: {_conditions(rule_set, keeps[0])}"
    if keeps:
        return keeps[0], f"matches rule {keeps[0] + 1}, but an earlier keep rule wins for this student"
    if is_kept:
        return None, "kept: there is no keep rule, and no drop rule matches"
    return None, "no keep rule matches" if verdicts.keeper[group, section] < 0 else "not counted for this student"


def _conditions(rule_set: RuleSet, index: int) -> str:
    return " and ".join(condition.describe() for condition in rule_set.rules[index].when)
