"""Common rule sets to start from, how well a rule set fits a roster, and carrying one over to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roster_core.contribution import dead_rules
from roster_core.coverage import ONE, evaluate
from roster_core.matching import text_mask
from roster_core.roster import Roster
from roster_core.rule_words import OPERATORS
from roster_core.rules import Condition, Rule, RuleSet, describe_grades
from roster_core.vocabulary import GRADES
from roster_core.wording import agreeing, counted

_ASSERTED = {"is_not": "is", "not_contains": "contains"}
_K5 = ("Kindergarten", "1", "2", "3", "4", "5")
_6TO8 = ("6", "7", "8")

# Short words are looked for as whole words: `HR` alone would find "Three" and "Christopher".
_HOMEROOM = Condition("section_name", "matches", (r"home ?-?room|\bHR\b",))
_ADVISORY = Condition("section_name", "matches", (r"advisor|\bADV\b",))
_FIRST_PERIOD = r"^(p|per|period|hour|block)?[ .(]*0?1(st)?\)?( |$|\()"
_GRADE_FIRST = (
    r"^(grade|gr\.?) ?(k|[0-9]{1,2})\b",
    r"^(k|[0-9]{1,2})(st|nd|rd|th)? ?-?grade\b",
    r"^(kindergarten\b|(k|[1-8]) ?-?[a-h]$)",
)

#: What the expressions of the common rules find, in plain English.
FINDS: Mapping[str, str] = {
    r"home ?-?room|\bHR\b": 'finds "homeroom" however it is spaced, and "HR" as a word by itself',
    r"advisor|\bADV\b": 'finds "advisory", "advisor" and the like, and "ADV" as a word by itself',
    r"home ?-?room|advisor|\bHR\b": 'finds "homeroom", "advisory" and the like, and "HR" as a word by itself',
    _FIRST_PERIOD: 'finds the first period however it is written: "1", "01", "P1", "Period 1", "1st"',
    _GRADE_FIRST[0]: 'finds names that begin with "Grade 3" or "Gr. 3"',
    _GRADE_FIRST[1]: 'finds names that begin with "3rd Grade" or "3 Grade"',
    _GRADE_FIRST[2]: 'finds names that begin with "Kindergarten", and names such as "3A"',
}


@dataclass(frozen=True, slots=True)
class KnownRuleSet:
    """A common rule set, and when it is the one to try. Its scope is empty: every grade and school."""

    rule_set: RuleSet
    when: str

    @property
    def name(self) -> str:
        """What it is called."""
        return self.rule_set.name


def _known(name: str, when: str, *rules: Rule, resolve: str = "all") -> KnownRuleSet:
    return KnownRuleSet(RuleSet(name=name, resolve=resolve, rules=rules), when)


def _keep(*conditions: Condition, grades: tuple[str, ...] = ()) -> Rule:
    return Rule("keep", conditions, grades)


LIBRARY: tuple[KnownRuleSet, ...] = (
    _known("Homeroom by name", "Every class has a section called Homeroom or HR.", _keep(_HOMEROOM)),
    _known("Advisory by name", "Every class has a section called Advisory, as in many middle schools.",
           _keep(_ADVISORY)),
    _known("Homeroom K-5, advisory 6-8", "Elementary grades have a homeroom, middle grades an advisory.",
           _keep(_HOMEROOM, grades=_K5), _keep(_ADVISORY, grades=_6TO8)),
    _known("Homeroom, else advisory", "Some students have both a homeroom and an advisory; the homeroom counts.",
           _keep(_HOMEROOM), _keep(_ADVISORY), resolve="first"),
    _known("Homeroom course", "Homerooms are named freely but belong to a homeroom or advisory course.",
           _keep(Condition("course_name", "matches", (r"home ?-?room|advisor|\bHR\b",)))),
    _known("Subject homeroom/advisory", "The district marks homerooms by Clever's subject.",
           _keep(Condition("subject", "is", ("homeroom/advisory", "homeroom", "advisory")))),
    _known("Class type homeroom", "OneRoster data marks homerooms by class type.",
           _keep(Condition("class_type", "is", ("homeroom",)))),
    _known("Period homeroom", "Homerooms meet in a period of their own, such as HR, AM or 0.",
           _keep(Condition("period", "is", ("HR", "Homeroom", "ADV", "Advisory", "AM", "0", "00")))),
    _known("First period", "There is no homeroom; whoever teaches the first period gives the assessment.",
           _keep(Condition("period", "matches", (_FIRST_PERIOD,)))),
    _known("Grade-named rooms", "Classes are called by grade: Grade 3 - Diaz, 3rd Grade, 3A.",
           _keep(Condition("section_name", "matches", _GRADE_FIRST))),
    _known("Attendance", "Attendance is taken in sections of that name.",
           _keep(Condition("section_name", "contains", ("Attendance",)))),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Fit:
    """How a rule set does on a roster; students are those in scope.

    share: part of them in exactly one, 0.0 where nobody is in scope. dead_rules: places of the rules that match no
    enrollment. missing_grades, missing_schools (ids): named by the rule set, but no student of the roster is in them.
    uncovered_grades, uncovered_schools (ids): students in scope, none of whom is in exactly one.
    """

    rule_set: RuleSet
    in_scope: int
    none: int
    one: int
    several: int
    excused: int
    share: float
    dead_rules: tuple[int, ...]
    missing_grades: tuple[str, ...]
    missing_schools: tuple[str, ...]
    uncovered_grades: tuple[str, ...]
    uncovered_schools: tuple[str, ...]

    def sentences(self) -> list[str]:
        """The fit in plain English, the number first."""
        students = f"{counted(self.in_scope, 'student')} {agreeing(self.one, 'are')}"
        told = [f"{self.one:,} of {students} in exactly one kept section."]
        told += [f"Rule {place + 1} matches nothing here." for place in self.dead_rules]
        if self.missing_grades:
            told.append(f"No student here is in {describe_grades(self.missing_grades)}.")
        if self.missing_schools:
            told.append(f"No student here is of {counted(len(self.missing_schools), 'school')} the rule set names.")
        if self.uncovered_grades and self.one:
            told.append(f"Nobody in {describe_grades(self.uncovered_grades)} is in exactly one.")
        if self.uncovered_schools and self.one:
            told.append(f"Nobody is in exactly one in {counted(len(self.uncovered_schools), 'school')}.")
        return told


@dataclass(frozen=True, slots=True)
class Carried:
    """A rule set made ready for another roster, and what was left behind or needs a look, a sentence each."""

    rule_set: RuleSet
    notes: tuple[str, ...]


def in_scope_of(known: Iterable[KnownRuleSet], rule_set: RuleSet) -> tuple[RuleSet, ...]:
    """The rule sets of some entries with the assessed grades and schools of `rule_set`, to be judged on the same."""
    grades, schools = rule_set.assessed_grades, rule_set.assessed_schools
    return tuple(replace(item.rule_set, assessed_grades=grades, assessed_schools=schools) for item in known)


def fit(roster: Roster, rule_set: RuleSet) -> Fit:
    """How well a rule set does on a roster. Costs one evaluation and a few counts of students and enrollments."""
    coverage = evaluate(roster, rule_set)
    present = {GRADES[code] for code in np.unique(roster.grade_codes) if code >= 0}
    schools = set(roster.students["school_id"].unique()) if rule_set.assessed_schools else set()
    named = {*rule_set.assessed_grades, *(grade for rule in rule_set.rules for grade in rule.student_grades)}
    inside = coverage.scope_mask
    settled = coverage.status == ONE
    ids = [*roster.schools["school_id"], ""]  # the last is of students whose school nobody knows
    return Fit(
        rule_set=rule_set,
        in_scope=coverage.in_scope,
        none=coverage.none,
        one=coverage.one,
        several=coverage.several,
        excused=coverage.excused,
        share=coverage.one / max(coverage.in_scope, 1),
        dead_rules=dead_rules(roster, rule_set, coverage.verdicts, inside),
        missing_grades=tuple(grade for grade in GRADES if grade in named - present),
        missing_schools=tuple(school for school in rule_set.assessed_schools if school not in schools),
        uncovered_grades=tuple(GRADES[code] for code in _without(roster.grade_codes, inside, settled) if code >= 0),
        uncovered_schools=tuple(sorted(ids[code] for code in _without(roster.school_codes, inside, settled))),
    )


def fits(roster: Roster, rule_sets: Iterable[RuleSet]) -> list[Fit]:
    """The fit of each rule set, the most students in exactly one first; of equals the fewer rules, then as given."""
    found = [fit(roster, rule_set) for rule_set in rule_sets]
    return sorted(found, key=lambda item: (-item.share, len(item.rule_set.rules)))


def carry_over(rule_set: RuleSet, roster: Roster, *, pins: bool = False) -> Carried:
    """A rule set made ready for another district or the next term, with notes on what to look at.

    Pins stay behind unless asked for: they are decisions about single children of one district. Assessed schools stay
    only where the roster knows every one of them, for ids mean nothing elsewhere. Rules are never changed; those that
    name a term that has ended or is not there, or a school or section id that is not there, are pointed out. Costs a
    match of each such condition against the names of terms, schools or sections.
    """
    notes, carried = [], rule_set
    if rule_set.pins and not pins:
        carried = replace(carried, pins=())
        notes.append(f"{counted(len(rule_set.pins), 'decision')} made by hand stayed behind; they belong to students.")
    if rule_set.assessed_schools and not _known_here(roster.schools["school_id"], rule_set.assessed_schools):
        carried = replace(carried, assessed_schools=())
        notes.append("The assessed schools are not all here, so every school is assessed; choose them anew.")
    for place, rule in enumerate(rule_set.rules):
        notes += [f"Rule {place + 1} {told}" for condition in rule.when if (told := _foreign(roster, condition))]
    return Carried(carried, tuple(notes))


def _foreign(roster: Roster, condition: Condition) -> str:
    """What of a condition does not belong to this roster, in words; empty where all does."""
    if not condition.values:
        return ""
    if OPERATORS[condition.op].negative:
        if condition.field != "school_name":
            return ""
        # `Not at North Middle` says nothing where no school is called so: the rule then speaks of all.
        condition = replace(condition, op=_ASSERTED[condition.op])
    if condition.field == "term_name":
        return _term_words(roster, condition)
    values = ", ".join(f'"{value}"' for value in condition.values)
    if condition.field == "school_name" and not text_mask(_list(roster, "schools", "school_name"), [condition]).any():
        return f"names a school that is not here: {values}. Change or remove it."
    if condition.field in ("section_id", "section_sis_id"):
        return f"names single sections ({values}); ids do not carry over. Use words of the name instead."
    return ""


def _term_words(roster: Roster, condition: Condition) -> str:
    values = ", ".join(f'"{value}"' for value in condition.values)
    told = text_mask(_list(roster, "sections", "term_name"), [condition]).any()
    named = text_mask(_list(roster, "terms", "term_name"), [condition])
    if not named.any():
        return "" if told else f"names a term that is not here: {values}. Change or remove it."
    today = roster.fetched_at.date().isoformat()
    ends = np.array(_list(roster, "terms", "end_date"), dtype=object)[named]
    if all(end and end < today for end in ends):
        return f"names a term that has ended: {values}, on {max(ends)}. Change it to the term that runs."
    return ""


def _list(roster: Roster, frame: str, column: str) -> list[str]:
    values = getattr(roster, frame)[column]
    return (values.drop_duplicates() if frame == "sections" else values).to_list()


def _known_here(known: Iterable[str], ids: Sequence[str]) -> bool:
    return set(ids) <= set(known)


def _without(codes: np.ndarray, inside: np.ndarray, settled: np.ndarray) -> list[int]:
    """The grades or schools (int[students], codes) that have students in scope, none of whom is in exactly one."""
    return np.setdiff1d(codes[inside], codes[inside & settled]).tolist()
