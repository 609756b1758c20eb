"""What a district shared, counted: facets that recount each other, the table of names, and rules made from a choice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.contribution import section_decision
from roster_core.coverage import SEVERAL, Coverage
from roster_core.families import Families
from roster_core.matching import condition_mask, grade_groups_of
from roster_core.roster import Roster, TextColumn, fold_text, lower_text
from roster_core.rules import Condition, Rule, RuleSet, describe_grades
from roster_core.vocabulary import GRADES

#: The section fields people narrow by, in the order they are shown.
FACETS: tuple[str, ...] = ("subject", "period", "school_name", "course_name", "term_name", "section_grade")

# What a family's label shows in place of a teacher's name or a number.
_MARKS = re.compile(r"<teacher>|#")

# Up to here a table of student x value (bool) is quicker than hashing pairs; beyond it would not fit.
_DENSE_CELLS = 50_000_000

Chosen = Mapping[str, Sequence[str]]


def facet_counts(
    roster: Roster, chosen: Chosen, search: str = "", names: Sequence[str] = FACETS
) -> dict[str, pd.DataFrame]:
    """Each facet's values with their sections and distinct students, counted under the other facets' choices.

    Gives for each of `names`, out of `FACETS`, a frame of `value` (`str`), `sections`, `students` (int64), every value
    of the roster in it, most sections first (of the whole roster, so that a value keeps its place).
    """
    found = _search_mask(roster, search)
    masks = {name: _chosen_mask(roster, name, chosen.get(name, ())) for name in FACETS}
    return {
        name: _counts(roster, name, found & _all_but(masks, name, len(roster.sections)))
        for name in names
    }  # fmt: skip


def has_values(roster: Roster, name: str) -> bool:
    """Whether the sections of a roster say anything in that field."""
    values = roster.text(name).values
    return len(values) > 1 or (len(values) == 1 and bool(values[0].as_py()))


def shown_sections(roster: Roster, chosen: Chosen, search: str = "") -> np.ndarray:
    """bool[sections]: the sections that meet every facet's choice and whose name holds the searched text."""
    masks = {name: _chosen_mask(roster, name, chosen.get(name, ())) for name in FACETS}
    return _search_mask(roster, search) & _all_but(masks, "", len(roster.sections))


def names_grouping(roster: Roster) -> tuple[np.ndarray, pd.Series]:
    """Sections by their distinct names: (int32[sections] codes, `str` names the codes count into)."""
    column = roster.text("section_name")
    return column.codes, pd.Series(pd.array(column.values, dtype="str"))


def group_table(coverage: Coverage, shown: np.ndarray, codes: np.ndarray, labels: pd.Series) -> pd.DataFrame:
    """One row a group (name or family) that has a shown section, most students first; counted over the shown ones.

    `codes` int[sections] counts into `labels`. Columns: `group` (the code), `label` (`str`), `sections`,
    `students` (distinct), `schools`, `kept` (sections that are kept), `second` (students in scope it helps
    put into several sections) as int64, `size` (students a section, float64), `grades` (tuple of grade
    words of its students, in school order).
    """
    roster, count = coverage.roster, len(labels)
    section_of, student_of = roster.enrollments.section, roster.enrollments.student
    rows = np.flatnonzero(shown[section_of])
    student, group = student_of[rows], codes[section_of[rows]]
    kept_rows = coverage.kept[shown[section_of[coverage.kept]]]
    several = kept_rows[coverage.status[student_of[kept_rows]] == SEVERAL]
    members = len(roster.students)
    table = pd.DataFrame({
        "group": np.arange(count),
        "label": labels.to_numpy(),
        "sections": np.bincount(codes[shown], minlength=count),
        "students": _distinct(group, student, count, members),
        "schools": _distinct(codes[shown], _school_codes(roster)[shown], count, len(roster.sections)),
        "size": np.bincount(group, minlength=count),
        "grades": _grades(group, roster.grade_codes[student], count),
        "kept": np.bincount(codes[shown & coverage.section_state().astype(bool)], minlength=count),
        "second": _distinct(codes[section_of[several]], student_of[several], count, members),
    })  # fmt: skip
    table["size"] = table["size"] / table["sections"].clip(lower=1)
    present = table[table["sections"] > 0]
    return present.sort_values(["students", "label"], ascending=[False, True], ignore_index=True)


def section_reasons(coverage: Coverage, sections: np.ndarray) -> pd.DataFrame:
    """Why sections (int rows of `roster.sections`) are kept or dropped, each with the rule that decides.

    Columns: section_id, section_name, school_name, teacher_name, students (enrolled), kept (students kept there),
    second (of them, those kept elsewhere too), why; where rules decide by the student's grade, `why` says for which.
    Costs a pass over the enrollments for each section: meant for the few a person has chosen.
    """
    roster, count = coverage.roster, len(coverage.roster.sections)
    student, section = roster.enrollments.student, roster.enrollments.section
    kept_student, kept_section = student[coverage.kept], section[coverage.kept]
    several = coverage.status[kept_student] == SEVERAL
    columns = ["section_id", "section_name", "school_name", "teacher_name"]
    frame = roster.sections[columns].iloc[sections].reset_index(drop=True)
    return frame.assign(
        students=np.bincount(section, minlength=count)[sections],
        kept=np.bincount(kept_section, minlength=count)[sections],
        second=np.bincount(kept_section[several], minlength=count)[sections],
        why=pd.array([_decision(coverage, place) for place in sections.tolist()], dtype="str"),
    )


def family_conditions(roster: Roster, found: Families, rows: Sequence[int]) -> tuple[Condition, ...]:
    """Readable conditions that between them find the sections of these families (rows of `found.frame`).

    A family is said by the words its names share (`contains`, else `starts_with`) where these find all of its sections
    and few others; a family that no words tell from the rest, by its names.
    """
    said: dict[str, list[str]] = {}
    for row in rows:
        condition = _family_condition(roster, found, row)
        said.setdefault(condition.op, []).extend(condition.values)
    return tuple(Condition("section_name", op, tuple(dict.fromkeys(values))) for op, values in said.items())


def name_conditions(names: Sequence[str], search: str = "") -> tuple[Condition, ...]:
    """Conditions, any of them, that find these section names; the searched text where no name is given; else none."""
    if names:
        return _conditions("section_name", names)
    text = " ".join(search.split())
    return (Condition("section_name", "contains", (text,)),) if text else ()


def rules_for(do: str, names: Sequence[Condition], chosen: Chosen) -> tuple[Rule, ...]:
    """The rules that say a choice: any of the conditions on the name, within the chosen facets.

    One rule, or several where one condition cannot say it, for example the empty value of a
    facet beside others. None where nothing is chosen at all.
    """
    first = [list(names)] if names else []
    parts = first + [list(_conditions(name, chosen[name])) for name in FACETS if chosen.get(name)]
    return tuple(Rule(do, when) for when in product(*parts)) if parts else ()


def with_rules(rule_set: RuleSet, rules: Sequence[Rule]) -> RuleSet:
    """The rule set with these rules added; one that differs from a present rule only in its names joins that rule."""
    for rule in rules:
        at = next((index for index, present in enumerate(rule_set.rules) if _alike(present, rule)), None)
        if at is None:
            rule_set = rule_set.with_rule(rule)
        else:
            present = rule_set.rules[at]
            values = tuple(dict.fromkeys((*present.when[0].values, *rule.when[0].values)))
            joined = (replace(present.when[0], values=values), *present.when[1:])
            rule_set = rule_set.replace_rule(at, replace(present, when=joined))
    return rule_set


def _family_condition(roster: Roster, found: Families, row: int) -> Condition:
    wanted = found.codes == row
    fragments = [part.strip(" -") for part in _MARKS.split(found.frame["family"].iloc[row])]
    tried = [
        Condition("section_name", op, (fragment,))
        for fragment in sorted({part for part in fragments if len(part) > 1}, key=lambda part: (-len(part), part))
        for op in ("contains", "starts_with")
    ]
    best, fewest = None, int(wanted.sum()) + 1
    for condition in tried:
        mask = condition_mask(roster, condition)
        others = int((mask & ~wanted).sum())
        if bool(mask[wanted].all()) and others < fewest:
            best, fewest = condition, others
    if best is not None:
        return best
    column = roster.text("section_name")
    names = column.values.take(pa.array(np.unique(column.codes[wanted]))).to_pylist()
    return Condition("section_name", "is", tuple(name for name in names if name))


def _decision(coverage: Coverage, section: int) -> str:
    """What decides about one section; one part for each kind of grade its students in scope have."""
    roster = coverage.roster
    students = roster.enrollments.student[roster.enrollments.section == section]
    students = students[coverage.scope_mask[students]]
    if not len(students):
        return "none of its students are assessed"
    groups = grade_groups_of(roster, coverage.verdicts)[students]
    told: dict[str, list[str]] = {}
    for group in np.unique(groups).tolist():
        _, _, text = section_decision(coverage.rule_set, coverage.verdicts, group, section)
        codes = np.unique(roster.grade_codes[students[groups == group]])
        told.setdefault(text, []).extend(GRADES[code] for code in codes.tolist() if code >= 0)
    if len(told) == 1:
        return next(iter(told))
    parts = sorted(told.items(), key=lambda part: GRADES.index(part[1][0]) if part[1] else len(GRADES))
    return "; ".join(f"{describe_grades(grades) if grades else 'no usable grade'}: {text}" for text, grades in parts)


def _conditions(name: str, values: Sequence[str]) -> tuple[Condition, ...]:
    named = tuple(value for value in values if value)
    said = (Condition(name, "is", named),) if named else ()
    return (*said, Condition(name, "is_empty")) if len(named) < len(values) else said


def _alike(present: Rule, rule: Rule) -> bool:
    a, b = present.when[0], rule.when[0]
    return (
        (present.do, present.student_grades, present.when[1:]) == (rule.do, rule.student_grades, rule.when[1:])
        and (a.field, a.op, a.match_case) == (b.field, b.op, b.match_case)
        and a.field == "section_name"
        and bool(a.values and b.values)
    )


def _search_mask(roster: Roster, search: str) -> np.ndarray:
    text = fold_text(pa.array([search], pa.large_string()))
    wanted = lower_text(text)[0].as_py()
    column = roster.text("section_name")
    if not wanted:
        return np.ones(len(roster.sections), dtype=bool)
    return pc.match_substring(column.lowered, wanted).to_numpy(zero_copy_only=False)[column.codes]


def _chosen_mask(roster: Roster, name: str, values: Sequence[str]) -> np.ndarray | None:
    if not values:
        return None
    column = roster.text(name)
    wanted = pa.array(list(values), column.values.type)
    return pc.is_in(column.values, value_set=wanted).to_numpy(zero_copy_only=False)[column.codes]


def _all_but(masks: Mapping[str, np.ndarray | None], left_out: str, size: int) -> np.ndarray:
    met = np.ones(size, dtype=bool)
    for name, mask in masks.items():
        if name != left_out and mask is not None:
            met &= mask
    return met


def _counts(roster: Roster, name: str, shown: np.ndarray) -> pd.DataFrame:
    column = roster.text(name)
    size = len(column.values)
    rows = shown[roster.enrollments.section]
    values = column.codes[roster.enrollments.section[rows]]
    students = _distinct(values, roster.enrollments.student[rows], size, len(roster.students))
    frame = pd.DataFrame({
        "value": pd.array(column.values, dtype="str"),
        "sections": np.bincount(column.codes[shown], minlength=size),
        "students": students,
    })  # fmt: skip
    return frame.iloc[_order(column)].reset_index(drop=True)


def _order(column: TextColumn) -> np.ndarray:
    """Codes of a column's values, the one of most sections in the whole roster first."""
    return np.argsort(-np.bincount(column.codes, minlength=len(column.values)), kind="stable")


def _distinct(group: np.ndarray, member: np.ndarray, groups: int, members: int) -> np.ndarray:
    """int64[groups]: how many different members (codes below `members`) each group has."""
    if groups * members <= _DENSE_CELLS:
        seen = np.zeros((groups, members), dtype=bool)
        seen[group, member] = True
        return np.count_nonzero(seen, axis=1).astype(np.int64)
    pairs = pd.unique(group.astype(np.int64) * members + member)
    return np.bincount(pairs // members, minlength=groups)


def _school_codes(roster: Roster) -> np.ndarray:
    return pd.factorize(roster.sections["school_id"])[0].astype(np.int32)


def _grades(name: np.ndarray, grade: np.ndarray, size: int) -> list[tuple[str, ...]]:
    seen = np.zeros((size, len(GRADES) + 1), dtype=bool)
    seen[name, grade] = True  # grade -1 (no usable grade) falls into the last column, which is not told
    kinds, kind_of = np.unique(seen[:, :-1], axis=0, return_inverse=True)
    words = [tuple(GRADES[place] for place in np.flatnonzero(kind)) for kind in kinds]
    return [words[kind] for kind in kind_of.reshape(-1)]
