"""Why is my student not rostered? One answer about one student, what it would take, and who must act.

Sentences say the student by number, never by name, so that every text can be copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roster_core.contribution import Reason
from roster_core.coverage import EXCUSED, NONE, ONE, OUT, SEVERAL, Coverage, evaluate
from roster_core.families import Families, families, overlaps
from roster_core.plan import CurrentRoster, effective_numbers
from roster_core.rules import Pin, Rule, describe_grades
from roster_core.settle import drafts
from roster_core.wording import counted

US, DISTRICT, NOBODY = "us", "district", "nobody"

#: So many sections are named in a sentence; the rest are counted.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one student.

    kind: rostered, not_assessed, excused, none, several, ready or not_shared. who: us, district or nobody.
    text_for_district: what to send to whoever asked, with the student's number only.
    """

    kind: str
    sentence: str
    who: str
    next_step: str
    text_for_district: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change that brings a student to exactly one section, or to who must act, with its effect on all students.

    kind: rule, pin, unpin, scope or ask. rule and place: as in `settle.Draft`. pin: without a reason, which
    the reviewer must give. settles, breaks: students newly, and no longer, in exactly one; one_after: the total then.
    """

    kind: str
    sentence: str
    who: str
    settles: int
    breaks: int
    one_after: int
    rule: Rule | None = None
    place: int | None = None
    pin: Pin | None = None


def answer(
    coverage: Coverage,
    student_id: str,
    *,
    committed: CurrentRoster | None = None,
    committed_at: str = "",
    shared_on: str,
) -> Answer:
    """The one answer about a student. `committed`: the roster in force; `committed_at`, `shared_on`: as people read it.

    A student in the committed roster is `rostered` whatever the draft says now; the sentence adds where the two differ.
    Costs one look-up of the id and the reasons of this student's sections.
    """
    row = coverage.roster.student_row(student_id)
    number = _number(coverage, row, student_id)
    status = int(coverage.status[row]) if row >= 0 else None
    if committed is not None:
        held = committed.rows[(committed.rows["student_id"] == student_id).to_numpy()]
        if len(held):
            section = (held["section_id"].iat[0], held["section_name"].iat[0])
            return _rostered(coverage, student_id, number, status, section, committed_at, shared_on)
    if status is None:
        return _not_shared(coverage, number, shared_on)
    if status == OUT:
        return _not_assessed(coverage, row, number)
    if status == EXCUSED:
        return _excused(coverage, student_id, number)
    if status == ONE:
        (name,) = _called(coverage, _kept(coverage, student_id))
        said = f"Student {number} is in exactly one kept section, {name}, but the roster is not committed yet."
        told = f"Student {number} will be rostered in {name} with the next update of the roster."
        return Answer("ready", said, US, "Commit the roster.", told)
    return _in_trouble(coverage, student_id, number, status)


def what_it_takes(coverage: Coverage, student_id: str, *, names: Families | None = None) -> tuple[Remedy, ...]:
    """What brings a student to exactly one section, the smallest change first; empty for one who is in one.

    A rule that also settles others and breaks nobody comes first, then a pin for this student alone, then rules that
    break somebody, then a word to the district. Effects are counted by `evaluate`. `names`: the roster's families
    where the caller has them. Costs the drafts of the student's group and an evaluation for each pin.
    """
    row = coverage.roster.student_row(student_id)
    number = _number(coverage, row, student_id)
    if row < 0:
        return (_ask(coverage, f"Ask the district whether student {number} is enrolled, and to share them."),)
    status = int(coverage.status[row])
    if status == ONE:
        return ()
    if status == OUT:
        return (_out_of_scope(coverage, row, number),)
    if status == EXCUSED:
        return (_unpin(coverage, student_id),)
    if not len(coverage.roster.sections_of(row)):
        return (_ask(coverage, f"Ask the district to put student {number} in a section; no rule can help."),)
    rules = _rules(coverage, row, names or families(coverage.roster))
    pins = [] if any(pin.student_id == student_id for pin in coverage.rule_set.pins) else _pins(coverage, student_id)
    safe = [remedy for remedy in rules if not remedy.breaks and remedy.settles > 1]
    told = "in several sections" if status == SEVERAL else "in none of the sections that count"
    last = _ask(coverage, f"Ask the district which section student {number} belongs to; they are {told}.")
    unsafe = [remedy for remedy in rules if remedy not in safe]
    stale = [_unpin(coverage, student_id)] if not pins else []
    return (*safe, *stale, *pins, *unsafe, last)


def _number(coverage: Coverage, row: int, student_id: str) -> str:
    """The number a student goes by; the id where the source gives none."""
    return (effective_numbers(coverage.roster)[row].as_py() if row >= 0 else "") or student_id


def _rostered(
    coverage: Coverage,
    student_id: str,
    number: str,
    status: int | None,
    held: tuple[str, str],
    committed_at: str,
    shared_on: str,
) -> Answer:
    """`held`: id and name of the section in the roster in force."""
    since = f" since {committed_at}" if committed_at else ""
    name = f'"{held[1]}"' if held[1].strip() else f"section {held[0]}"
    said = f"Student {number} is rostered in {name}{since}."
    now = _kept(coverage, student_id) if status is not None else []
    if status is None:
        more, who, step = f"They are not in the data shared on {shared_on}.", DISTRICT, "Ask whether they left."
    elif status == ONE and now[0].section_id == held[0]:
        return Answer("rostered", said, NOBODY, "Nothing to do.", said)
    elif status == ONE:
        other = "another section of that name, " if now[0].section_name == held[1] else ""
        (to,) = _called(coverage, now, with_id=bool(other))
        more, who, step = f"The rules now put them in {other}{to}.", US, "Commit the roster to move them."
    elif status == OUT:
        more, who, step = "They are no longer assessed: grade or school.", US, "Commit the roster to take them off."
    elif status == EXCUSED:
        more, who, step = "They are excused now.", US, "Commit the roster to take them off."
    else:
        place = "no kept section" if status == NONE else f"{len(now)} kept sections"
        more, who, step = f"The rules now leave them in {place}.", US, "Settle this before the next commit."
    return Answer("rostered", f"{said} {more}", who, step, said)


def _not_shared(coverage: Coverage, number: str, shared_on: str) -> Answer:
    said = f"Student {number} is not in the data shared on {shared_on}."
    if (withheld := coverage.roster.withheld) is not None:
        # Whom the scope leaves out is held without a number: nobody can say that it is not shared.
        said = (
            f"No assessed student in the data shared on {shared_on} has the number {number}. It may be one of the "
            f"{counted(int(withheld.sum()), 'student')} who are not assessed: their numbers are not kept."
        )
    step = "Ask the district whether the student is enrolled, and shared with us."
    told = f"{said} Please check that the student is enrolled and that their school, grade and sections are shared."
    return Answer("not_shared", said, DISTRICT, step, told)


def _not_assessed(coverage: Coverage, row: int, number: str) -> Answer:
    student = coverage.roster.students.iloc[row]
    if not student["grade"]:
        raw = f'; the grade shared is "{student["grade_raw"]}"' if student["grade_raw"] else ""
        said = f"Student {number} is not assessed because no usable grade is shared for them{raw}."
        told = f"{said} Please correct the grade in the student information system."
        return Answer("not_assessed", said, DISTRICT, "Ask the district to correct the grade.", told)
    grades, schools = coverage.rule_set.assessed_grades, coverage.rule_set.assessed_schools
    why = []
    if grades and student["grade"] not in grades:
        why.append(f"{describe_grades([student['grade']])} is not assessed (only {describe_grades(grades)})")
    if schools and student["school_id"] not in schools:
        why.append(f"the school {_school(coverage, student['school_id'])} is not assessed")
    said = f"Student {number} is not assessed: {' and '.join(why)}."
    return Answer("not_assessed", said, NOBODY, "Nothing to do, unless the scope is wrong.", said)


def _excused(coverage: Coverage, student_id: str, number: str) -> Answer:
    pin = next(pin for pin in coverage.rule_set.pins if pin.student_id == student_id)
    said = f"Student {number} is excused. {pin.describe()}."
    if pin.excuse_word == "to_follow":
        who = pin.owner or US
        until = f" by {pin.due}" if pin.due else ""
        return Answer("excused", said, who, f"The {who} completes what is missing{until}.", said)
    return Answer("excused", said, NOBODY, "Nothing to do, unless the excuse no longer holds.", said)


def _in_trouble(coverage: Coverage, student_id: str, number: str, status: int) -> Answer:
    reasons = coverage.why(student_id)
    if status == SEVERAL:
        kept = [reason for reason in reasons if reason.kept]
        many = f"Student {number} is in {len(kept)}"
        said = f"{many} kept sections: {_listed(coverage, kept, with_reason=True)}."
        told = f"{many} sections that count: {_listed(coverage, kept)}. Which one is theirs?"
        return Answer("several", said, US, "Settle it by a rule, or pin the student to one section.", told)
    if not reasons:
        said = f"Student {number} is in no section at all."
        told = f"{said} Please put them in a section; they will come with the next data."
        return Answer("none", said, DISTRICT, "Ask the district to put the student in a section.", told)
    said = f"Student {number} is in no kept section. {_listed(coverage, reasons, with_reason=True)}."
    step = "Settle it by a rule, or pin the student to one section."
    if any(pin.student_id == student_id for pin in coverage.rule_set.pins):
        said = f"Student {number} is pinned to a section they are not in, so they are in no kept section."
        step = "Take the pin back, or pin the student to a section of theirs."
    told = f"Student {number} is in none of the sections we take classes from, only in {_listed(coverage, reasons)}. "
    return Answer("none", said, US, step, told + "Which one is theirs?")


def _kept(coverage: Coverage, student_id: str) -> list[Reason]:
    return [reason for reason in coverage.why(student_id) if reason.kept]


def _listed(coverage: Coverage, reasons: Sequence[Reason], *, with_reason: bool = False) -> str:
    named = zip(_called(coverage, reasons), reasons[:_NAMED], strict=False)
    said = [name + (f" ({reason.text})" if with_reason else "") for name, reason in named]
    more = len(reasons) - len(said)
    return ", ".join(said) + (f" and {more} more" if more else "")


def _called(coverage: Coverage, reasons: Sequence[Reason], *, with_id: bool = False) -> list[str]:
    """What each section is called; with the district's own id where it has no name, or another is called so too."""
    names = [reason.section_name.strip() for reason in reasons]
    ids = coverage.roster.sections["section_sis_id"]
    called = []
    for name, reason in zip(names, reasons, strict=True):
        known = f"section {ids.iat[coverage.roster.section_row(reason.section_id)] or reason.section_id}"
        alone = names.count(name) == 1 and not with_id
        called.append(known if not name else f'"{name}"' if alone else f'"{name}" ({known})')
    return called


def _school(coverage: Coverage, school_id: str) -> str:
    schools = coverage.roster.schools
    names = schools["school_name"][(schools["school_id"] == school_id).to_numpy()]
    return names.iat[0] if len(names) and names.iat[0] else school_id


def _rules(coverage: Coverage, row: int, names: Families) -> list[Remedy]:
    """The drafts for the student's group that settle this student too."""
    groups = overlaps(coverage, names)
    kind = "several" if coverage.status[row] == SEVERAL else "none"
    group_of = groups.several_group if kind == "several" else groups.none_group
    found = []
    for draft in drafts(coverage, names, group_of == group_of[row], kind):
        if evaluate(coverage.roster, draft.rule_set).status[row] == ONE:
            numbers = (draft.settles, draft.breaks, draft.one_after)
            found.append(Remedy("rule", draft.sentence, US, *numbers, rule=draft.rule, place=draft.place))
    return found


def _pins(coverage: Coverage, student_id: str) -> list[Remedy]:
    """A pin to each section that could be meant: the kept ones, or all where none is kept."""
    reasons = _kept(coverage, student_id) or list(coverage.why(student_id))
    found = []
    for name, reason in zip(_called(coverage, reasons)[:_NAMED], reasons[:_NAMED], strict=True):
        pin = Pin(student_id, reason.section_id)
        sentence = f"Pin the student to {name}: settles 1 student, breaks 0. Give the reason."
        found.append(Remedy("pin", sentence, US, *_effect(coverage, pin), pin=pin))
    return found


def _unpin(coverage: Coverage, student_id: str) -> Remedy:
    without = evaluate(coverage.roster, coverage.rule_set.without_pins(student_id))
    now = int(without.status[coverage.roster.student_row(student_id)])
    words = {NONE: "no kept section", ONE: "exactly one kept section", SEVERAL: "several kept sections"}[now]
    sentence = f"Take back the decision made by hand: the student is then in {words}."
    return Remedy("unpin", sentence, US, int(now == ONE), 0, without.one)


def _effect(coverage: Coverage, pin: Pin) -> tuple[int, int, int]:
    after = evaluate(coverage.roster, coverage.rule_set.with_pins(pin))
    one, was = after.status == ONE, coverage.status == ONE
    return int(np.count_nonzero(one & ~was)), int(np.count_nonzero(was & ~one)), after.one


def _out_of_scope(coverage: Coverage, row: int, number: str) -> Remedy:
    told = _not_assessed(coverage, row, number)
    if told.who == DISTRICT:
        return _ask(coverage, told.next_step)
    return Remedy("scope", "Add the grade or school to those assessed, if it should be.", US, 0, 0, coverage.one)


def _ask(coverage: Coverage, sentence: str) -> Remedy:
    return Remedy("ask", sentence, DISTRICT, 0, 0, coverage.one)
