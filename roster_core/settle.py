"""Rules that would settle a group of students in `several` or `none`, each with its exact effect before it is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from roster_core.coverage import ONE, Coverage, evaluate
from roster_core.errors import InputError
from roster_core.families import Families
from roster_core.homerooms import section_likeness
from roster_core.matching import DROPPED, condition_mask, grade_groups_of
from roster_core.roster import Roster
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.vocabulary import GRADES
from roster_core.wording import counted

KINDS = ("several", "none")

#: Fields whose values may tell a family apart where its words do not.
_FIELDS = ("subject", "course_name", "period", "term_name", "class_type", "section_grade")
_MARKS = re.compile(r"<teacher>|#| - ")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
#: How much is tried: families and values of a group, new rules and changed rules judged exactly, rules narrowed to
#: the group's own place, and the schools one may name.
_FAMILIES, _VALUES, _JUDGED, _CHANGED, _NARROWED, _SCHOOLS = 8, 4, 14, 6, 4, 3


@dataclass(frozen=True, eq=False)
class DraftedRule:
    """One rule that would settle students, not yet taken, with its effect as `evaluate` counts it.

    rule: the rule to add, or, where `place` is given, to put in the place of that rule (None: that rule goes).
    rule_set: what taking it gives. settles: students of the whole district newly in exactly one; of_group: those of
    them in the group. breaks: students no longer in exactly one. one_after: students in exactly one with it.
    """

    rule: Rule | None
    place: int | None
    rule_set: RuleSet
    sentence: str
    settles: int
    breaks: int
    one_after: int
    of_group: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    rule: Rule | None
    place: int | None
    elsewhere: int  # sections beyond the family it is meant for that its conditions hit
    likeness: float = 0.5  # how homeroom-like the group's sections are that it hits

    @property
    def plainness(self) -> tuple[int, int, int, int]:
        """Less is plainer: sections of other families hit, conditions, very short words, words."""
        when = self.rule.when if self.rule else ()
        words = [value for condition in when for value in condition.values]
        short = sum(len(value) < 4 for value in words)
        return self.elsewhere, len(when), short, sum(value.count(" ") + 1 for value in words)


def drafts(
    coverage: Coverage,
    found: Families,
    group: np.ndarray,
    kind: str,
    *,
    limit: int = 5,
    likeness: np.ndarray | None = None,
) -> list[DraftedRule]:
    """Up to `limit` rules that would settle a group (bool[students], of `overlaps(...)`), best first; maybe none.

    `kind` several: drop rules for one of the families (or field values) the group is kept in. none: keep rules for
    one of those it has, or a drop rule narrowed or taken out. Conditions use words of the name or values of a field,
    never ids or teachers; words that hit other families of the group are told apart where a second condition can. A
    rule that breaks students elsewhere is also tried for the grades it does good in, for the group's grades, and for
    the group's schools where they are few.

    Maximises the students settled less twice those broken, over all students, weighted by how homeroom-like the
    sections are that stay; of equal outcomes the plainest rule stays. `likeness`: of every section, as
    `section_likeness` gives it, where the caller has it. Costs a match of the names for some dozen conditions and at
    most 40 evaluations. Raises InputError for another kind.
    """
    if kind not in KINDS:
        raise InputError(f'A group to settle is "several" or "none", not "{kind}".')
    judged: dict[bytes, tuple[_Candidate, Coverage]] = {}
    alike = section_likeness(coverage.roster) if likeness is None else likeness
    _judge(coverage, _likely(coverage, found, group, kind, alike), judged)
    breaking = [item for item in judged.values() if _lost(coverage, item[1]) and _gain(coverage, item[1], group)]
    breaking.sort(key=lambda item: -_gain(coverage, item[1], group))
    narrow = [to for item in breaking[:_NARROWED] for to in _narrowed(coverage, *item, group)]
    _judge(coverage, narrow, judged)
    made = [(candidate, _draft(coverage, candidate, after, group)) for candidate, after in judged.values()]
    useful = [item for item in made if item[1].of_group and item[1].settles > item[1].breaks]
    useful.sort(key=lambda item: (-_value(item[0], item[1], kind), item[0].plainness))
    return [draft for _, draft in useful[: max(limit, 0)]]


def _value(candidate: _Candidate, draft: DraftedRule, kind: str) -> float:
    """A student in order who is broken counts twice; a homeroom is rather kept, anything else rather dropped."""
    likeness = candidate.likeness if kind == "none" else 1.0 - candidate.likeness
    worth = draft.settles - 2.0 * draft.breaks
    return worth * (0.5 + likeness) if worth > 0 else worth


def _likely(
    coverage: Coverage, found: Families, group: np.ndarray, kind: str, alike: np.ndarray
) -> list[_Candidate]:
    """The candidates that would settle most of the group, judged by the group's own enrollments alone."""
    student = coverage.roster.enrollments.student
    if kind == "several":
        rows, narrower = coverage.kept[group[student[coverage.kept]]], []
        candidates = _rules(coverage.roster, found, rows, "drop")
    else:
        rows = np.flatnonzero(group[student])
        dropped = _verdicts(coverage, rows) == DROPPED
        candidates = _rules(coverage.roster, found, rows[~dropped], "keep")
        narrower = sorted(_narrower_drops(coverage, found, rows[dropped]), key=lambda item: item.plainness)
    likeness = alike[coverage.roster.enrollments.section[rows]]
    scored = [_scored(coverage.roster, candidate, rows, likeness, kind) for candidate in candidates]
    hopeful = [item for item in scored if item[0]]
    hopeful.sort(key=lambda item: (-item[0], item[1].plainness))
    return [*narrower[:_CHANGED], *(candidate for _, candidate in hopeful[:_JUDGED])]


def _scored(
    roster: Roster, candidate: _Candidate, rows: np.ndarray, likeness: np.ndarray, kind: str
) -> tuple[int, _Candidate]:
    """How many of the group a candidate would settle by its conditions on their enrollments `rows`; its likeness."""
    student = roster.enrollments.student[rows]
    conditions = candidate.rule.when if candidate.rule else ()
    hit = np.logical_and.reduce([condition_mask(roster, condition) for condition in conditions])
    hit = hit[roster.enrollments.section[rows]]
    _, left = np.unique(student[hit if kind == "none" else ~hit], return_counts=True)
    alike = float(likeness[hit].mean()) if hit.any() else 0.0
    return int((left == 1).sum()), replace(candidate, likeness=alike)


def _rules(roster: Roster, found: Families, rows: np.ndarray, do: str) -> Iterator[_Candidate]:
    """Rules for each family and each field value among the sections of some enrollments."""
    sections = roster.enrollments.section[rows]
    family, count = np.unique(found.codes[sections], return_counts=True)
    families = family[np.argsort(-count, kind="stable")][:_FAMILIES].tolist()
    for code in families:
        for when, elsewhere in _worded(roster, found, code, families):
            yield _Candidate(Rule(do, when), None, elsewhere)
    own = np.isin(found.codes, families)
    for condition in _valued(roster, sections):
        elsewhere = int((condition_mask(roster, condition) & ~own).sum())
        yield _Candidate(Rule(do, (condition,)), None, elsewhere)


def _narrower_drops(coverage: Coverage, found: Families, rows: np.ndarray) -> Iterator[_Candidate]:
    """For sections that a drop rule hits: that rule without one of its values, without it all, or with an exception."""
    sections = np.unique(coverage.roster.enrollments.section[rows])
    for place, rule in enumerate(coverage.rule_set.rules):
        caught = sections[coverage.verdicts.rule_masks[place][sections]]
        if rule.do != "drop" or not len(caught):
            continue
        yield _Candidate(None, place, 0)
        for at, condition in enumerate(rule.when):
            for value in condition.values if len(condition.values) > 1 else ():
                left = replace(condition, values=tuple(other for other in condition.values if other != value))
                yield _Candidate(replace(rule, when=(*rule.when[:at], left, *rule.when[at + 1 :])), place, 0)
        for code in np.unique(found.codes[caught])[:_FAMILIES].tolist():
            for text in _texts(found.frame["family"].iat[code]):
                unless = Condition("section_name", "not_contains", (text,))
                yield _Candidate(replace(rule, when=(*rule.when, unless)), place, 0)


def _worded(
    roster: Roster, found: Families, code: int, families: Iterable[int]
) -> Iterator[tuple[tuple[Condition, ...], int]]:
    """Conditions that hit one family by its words, with how many sections of other families they hit.

    A word that another family of the group has too is offered with a word of that family it must not have.
    """
    own = found.codes == code
    texts = _texts(found.frame["family"].iat[code])
    conditions = [Condition("section_name", "contains", (text,)) for text in texts]
    conditions += [Condition("section_name", "starts_with", (text,)) for text in texts[:1]]
    for condition in conditions:
        mask = condition_mask(roster, condition)
        yield (condition,), int((mask & ~own).sum())
        for other in families:
            if other == code or not mask[found.codes == other].any():
                continue
            for text in sorted(_texts(found.frame["family"].iat[other]), key=lambda text: text.count(" ")):
                unless = Condition("section_name", "not_contains", (text,))
                both = mask & condition_mask(roster, unless)
                if both[own].all() and not both[found.codes == other].any():
                    yield (condition, unless), int((both & ~own).sum())
                    break


def _texts(label: str) -> list[str]:
    """The words of a family as its names write them: whole stretches between teacher and numbers, then each word."""
    stretches = [text for part in _MARKS.split(label) if (text := _EDGES.sub("", part))]
    words = [text for stretch in stretches for part in stretch.split() if (text := _EDGES.sub("", part))]
    return [text for text in dict.fromkeys([*stretches, *words]) if len(text) > 1]


def _valued(roster: Roster, sections: np.ndarray) -> Iterator[Condition]:
    """`is` conditions for the commonest values of each field among some sections."""
    for name in _FIELDS:
        column = roster.text(name)
        codes, count = np.unique(column.codes[sections], return_counts=True)
        commonest = codes[np.argsort(-count, kind="stable")][:_VALUES]
        for value in column.values.take(pa.array(commonest)).to_pylist():
            if value and len(codes) > 1:
                yield Condition(name, "is", (value,))


def _narrowed(coverage: Coverage, candidate: _Candidate, after: Coverage, group: np.ndarray) -> Iterator[_Candidate]:
    """The rule for the grades it does good in, for the group's grades only, for its schools only, and for both."""
    rule, roster = candidate.rule, coverage.roster
    if rule is None or candidate.place is not None:
        return
    limited = [rule]
    if not rule.student_grades:
        change = (after.status == ONE).astype(np.int64) - (coverage.status == ONE)
        good = np.bincount(roster.grade_codes + 1, weights=change, minlength=len(GRADES) + 1)[1:] > 0
        own = np.unique(roster.grade_codes[group])
        chosen = [own] if len(own) and own[0] >= 0 else []
        chosen += [np.flatnonzero(good)] if good.any() else []
        limited += [replace(rule, student_grades=tuple(GRADES[code] for code in codes)) for codes in chosen]
    here = _school_condition(roster, group)
    if here is not None:
        limited += [replace(again, when=(*again.when, here)) for again in limited]
    yield from (replace(candidate, rule=again) for again in limited[1:])


def _school_condition(roster: Roster, group: np.ndarray) -> Condition | None:
    """The schools of a group by name, where they are few and their names are theirs alone."""
    codes = np.unique(roster.school_codes[group])
    if not 0 < len(codes) <= _SCHOOLS or codes[0] < 0:
        return None
    known = roster.schools["school_name"].iloc[codes]
    if roster.schools["school_name"].isin(known).sum() != len(codes) or (known == "").any():
        return None
    return Condition("school_name", "is", tuple(known))


def _judge(
    coverage: Coverage, candidates: Iterable[_Candidate], judged: dict[bytes, tuple[_Candidate, Coverage]]
) -> None:
    """Evaluates candidates; of those with one outcome the plainest stays."""
    for candidate in candidates:
        after = evaluate(coverage.roster, _taken(coverage.rule_set, candidate))
        outcome = after.status.tobytes() + (after.verdicts.keeper >= 0).any(axis=0).tobytes()
        if outcome not in judged or candidate.plainness < judged[outcome][0].plainness:
            judged[outcome] = (candidate, after)


def _taken(rule_set: RuleSet, candidate: _Candidate) -> RuleSet:
    if candidate.rule is None or candidate.place is None:
        return rule_set.with_rule(candidate.rule) if candidate.rule else rule_set.without_rule(candidate.place or 0)
    return rule_set.replace_rule(candidate.place, candidate.rule)


def _gain(before: Coverage, after: Coverage, group: np.ndarray) -> int:
    return int(((after.status == ONE) & (before.status != ONE) & group).sum())


def _lost(before: Coverage, after: Coverage) -> int:
    return int(((before.status == ONE) & (after.status != ONE)).sum())


def _draft(coverage: Coverage, candidate: _Candidate, after: Coverage, group: np.ndarray) -> DraftedRule:
    settles, breaks = _gain(coverage, after, np.ones_like(group)), _lost(coverage, after)
    said = candidate.rule.describe().removesuffix(".") if candidate.rule else "take it out"
    said = said if candidate.place is None else f"Change rule {candidate.place + 1}: {said[:1].lower()}{said[1:]}"
    sentence = (
        f"{said}. Settles {counted(settles, 'student')}, breaks {breaks:,}; "
        f"then {after.one:,} of {after.in_scope:,} are in exactly one kept section."
    )
    taken = _taken(coverage.rule_set, candidate)
    of_group = _gain(coverage, after, group)
    return DraftedRule(candidate.rule, candidate.place, taken, sentence, settles, breaks, after.one, of_group)


def _verdicts(coverage: Coverage, rows: np.ndarray) -> np.ndarray:
    """int16[rows]: what the rules say of some enrollments, as `Verdicts.keeper` does."""
    enrollments = coverage.roster.enrollments
    groups = grade_groups_of(coverage.roster, coverage.verdicts)
    return coverage.verdicts.keeper[groups[enrollments.student[rows]], enrollments.section[rows]]
