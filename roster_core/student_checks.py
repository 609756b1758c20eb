"""Checks of students: in scope and not excused, unless a check says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.coverage import NONE, SEVERAL
from roster_core.families import families, overlaps
from roster_core.family_words import combination_words
from roster_core.findings import Examined, alike, concatenated, either, found, joined, nothing, numbers, text_codes
from roster_core.plan import effective_numbers
from roster_core.roster import ID_SEPARATOR, fold_text, id_codes, lower_text
from roster_core.vocabulary import GRADES, text_array

#: Ages in whole years that are plausible for a grade; from grade 1 on, four to nine years above it.
_AGES: dict[str, tuple[int, int]] = {
    "InfantToddler": (0, 4),
    "Preschool": (2, 6),
    "PreKindergarten": (3, 6),
    "TransitionalKindergarten": (3, 7),
    "Kindergarten": (4, 8),
    **{str(grade): (grade + 4, grade + 9) for grade in range(1, 14)},
    "PostGraduate": (16, 26),
    "Ungraded": (2, 23),
    "Other": (2, 23),
}
# One more than there are grades: the last is for students without a usable one, of whom no age is odd.
_YOUNGEST = np.array([*(_AGES[grade][0] for grade in GRADES), 0])
_OLDEST = np.array([*(_AGES[grade][1] for grade in GRADES), 130])
_EARLIEST_YEAR = 1900


def in_several(examined: Examined) -> pa.Table:
    """Students in two or more kept sections; their cause is the combination of families they are in."""
    coverage = examined.coverage
    rows = np.flatnonzero((coverage.status == SEVERAL) & ~examined.stays)
    if not len(rows):
        return nothing()
    groups = overlaps(coverage, examined.families or families(examined.roster))
    words = pa.array([combination_words(each) for each in groups.several["combination"]], pa.string())
    ids, names = examined.students("student_id", rows), examined.sections_of(rows, "section_name", ", ")
    return found(
        ["Student ", ids, " is in ", numbers(coverage.kept_counts[rows]), " kept sections (", names,
         "); exactly one is expected. Drop the others by a rule, or pin the student to one."],
        students=ids,
        sections=examined.sections_of(rows, "section_id"),
        cause=words.take(pa.array(groups.several_group[rows])),
    )  # fmt: skip


def in_none(examined: Examined) -> pa.Table:
    """Students in no kept section; those without any enrollment are the district's to mend."""
    roster = examined.roster
    rows = np.flatnonzero((examined.coverage.status == NONE) & ~examined.stays)
    enrolled = np.diff(roster.student_offsets)[rows]
    ids, grades = examined.students("student_id", rows), examined.students("grade", rows)
    lost = enrolled == 0
    grade = either(pc.equal(grades, ""), "no usable grade", concatenated(["grade ", grades], len(rows)))
    what = either(lost, "enrolled in no section at all", "in sections that no rule keeps")
    step = either(
        lost,
        "Ask the district to enroll the student, or excuse the student.",
        "Keep one of them by a rule, pin the student to one, or excuse the student.",
    )
    many = concatenated([numbers(enrolled), " sections, none of which is kept"], len(rows))
    where = either(lost, "no section", either(enrolled == 1, "1 section, which is not kept", many))
    return found(
        ["Student ", ids, " is enrolled in ", where, "; exactly one is expected. ", step],
        students=ids,
        # What is the district's is told to the district, who keeps nothing and has no rules.
        cause=concatenated([either(lost, "of ", "in no kept section: "), grade, ", ", what], len(rows)),
        owner=either(lost, "district", "us"),
    )  # fmt: skip


def staying(examined: Examined) -> pa.Table:
    """Students who keep the row in force because nobody approved their move or removal."""
    if examined.plan is None or not len(examined.plan.stayed):
        return nothing()
    stayed = examined.plan.stayed
    ids, where = text_array(stayed["student_id"]), text_array(stayed["section_name"])
    words = {"moved": "in another section", "removed": "in none that is to be rostered", "updated": "other details"}
    change = text_array(stayed["change"])
    now = text_array(stayed["change"].map(words).astype("str"))
    return found(
        ["Student ", ids, ' stays in section "', where, '" as committed; the data now has ', now, ". "
         "Approve the change in Commit once it is known to be right."],
        students=ids,
        sections=text_array(stayed["section_id"]),
        cause=change,
    )  # fmt: skip


def settled(examined: Examined) -> pa.Table:
    """Students whom only the order of the rules brought to one section."""
    rows = np.flatnonzero(examined.coverage.settled_mask & examined.concerned)
    ids, names = examined.students("student_id", rows), examined.sections_of(rows, "section_name", ", ")
    return found(
        ["Student ", ids, " was in several kept sections; the order of the rules left ", names, ". Look at a few."],
        students=ids,
        sections=examined.sections_of(rows, "section_id"),
    )


def without(column: str, words: str) -> Callable[[Examined], pa.Table]:
    """The check of a student column that must be filled in."""
    def find(examined: Examined) -> pa.Table:
        empty = _blank(text_array(examined.roster.students[column]))
        return _told(examined, np.flatnonzero(empty & examined.detailed), f" has no {words}. Ask the district for it.")

    return find


def without_number(examined: Examined) -> pa.Table:
    """Students with neither student number nor SIS id."""
    empty = _blank(effective_numbers(examined.roster))
    rows = np.flatnonzero(empty & examined.detailed)
    return _told(examined, rows, " has neither a student number nor an SIS id. Ask the district for one of them.")


def without_birthdate(examined: Examined) -> pa.Table:
    """Students without a birthdate."""
    students = examined.roster.students
    empty = _blank(text_array(students["birthdate"])) & _blank(text_array(students["birthdate_raw"]))
    rows = np.flatnonzero(empty & examined.detailed)
    return _told(examined, rows, " has no birthdate. Ask the district for it, or excuse the student.")


def unreadable_birthdate(examined: Examined) -> pa.Table:
    """Students whose birthdate is written, but is no date."""
    students = examined.roster.students
    written = ~_blank(text_array(students["birthdate_raw"])) & _blank(text_array(students["birthdate"]))
    rows = np.flatnonzero(written & examined.concerned)
    ids, raw = examined.students("student_id", rows), examined.students("birthdate_raw", rows)
    expected = '", which is no date; expected month/day/year or year-month-day. Ask the district to mend it.'
    return found(["Student ", ids, ' has the birthdate "', raw, expected], students=ids)


def without_grade(examined: Examined) -> pa.Table:
    """Also students out of scope only because nobody can tell their grade: a child must not vanish."""
    roster, schools = examined.roster, examined.rule_set.assessed_schools
    mask = (roster.grade_codes < 0) & ~examined.excused & ~examined.stays
    if schools:
        wanted = pa.array(schools, pa.large_string())
        mask &= pc.is_in(text_array(roster.students["school_id"]), value_set=wanted).to_numpy(False)
    rows = np.flatnonzero(mask)
    ids, raw = examined.students("student_id", rows), pc.utf8_trim_whitespace(examined.students("grade_raw", rows))
    written = concatenated(['the grade "', raw, '", which is no grade we know'], len(rows))
    said = either(pc.equal(raw, ""), "no grade", written)
    step = "; expected Kindergarten, 1, 2 and so on. Ask the district for it, or excuse the student."
    return found(["Student ", ids, " has ", said, step], students=ids)


def repeated_number(examined: Examined) -> pa.Table:
    """Student numbers that two or more students have; of those who stay as committed, the committed one.

    A child who comes back under a new id has the number of the old one, who may be staying.
    """
    concerned, staying = np.flatnonzero(examined.concerned), examined.stayed_rows
    every = effective_numbers(examined.roster).take(pa.array(concerned))
    every = pa.concat_arrays([every, text_array(staying["student_number"])])
    ids = pa.concat_arrays([examined.students("student_id", concerned), text_array(staying["student_id"])])
    rows = np.flatnonzero(~_blank(every))
    members, cuts = alike(rows, text_codes(every.take(pa.array(rows))))
    number, counted = every.take(pa.array(members[cuts[:-1]])), numbers(np.diff(cuts))
    return found(
        ['Student number "', number, '" belongs to ', counted, " students; expected one. "
         "Ask the district which of them has it, or excuse the others."],
        students=joined(ids.take(pa.array(members)), cuts),
    )  # fmt: skip


def same_person(examined: Examined) -> pa.Table:
    """Students who share name and birthdate with another."""
    students = examined.roster.students
    rows = np.flatnonzero(examined.concerned & ~_blank(text_array(students["birthdate"])))
    keys, named = np.zeros(len(rows), dtype=np.int64), np.ones(len(rows), dtype=bool)
    for column in ("birthdate", "first_name", "last_name"):
        distinct = examined.students(column, rows).dictionary_encode()
        folded = lower_text(fold_text(distinct.dictionary)).dictionary_encode()
        codes = folded.indices.take(distinct.indices).to_numpy(zero_copy_only=False).astype(np.int64)
        named &= ~_blank(folded.dictionary)[codes] if len(rows) else named
        # Renumbered after each column, so that the product never outgrows 64 bits.
        keys = np.unique(keys * max(len(folded.dictionary), 1) + codes, return_inverse=True)[1].reshape(-1)
    members, cuts = alike(rows[named], keys[named])
    ids = joined(examined.students("student_id", members), cuts, ", ")
    return found(
        ["Students ", ids, " have the same name and birthdate. Ask the district whether they are one child."],
        students=joined(examined.students("student_id", members), cuts),
    )


def implausible_birthdate(examined: Examined) -> pa.Table:
    """Students whose age on the day does not fit their grade."""
    roster = examined.roster
    rows = np.flatnonzero(examined.concerned & ~_blank(text_array(roster.students["birthdate"])))
    born = pc.cast(examined.students("birthdate", rows), pa.date32())
    today = examined.as_of.astimezone(UTC).date()
    year, month, day = (part(born).to_numpy(zero_copy_only=False) for part in (pc.year, pc.month, pc.day))
    ages = today.year - year - ((month > today.month) | ((month == today.month) & (day > today.day)))
    ahead = pc.greater(born, pa.scalar(today, pa.date32())).to_numpy(False)
    grade = roster.grade_codes[rows]
    low, high = _YOUNGEST[grade], _OLDEST[grade]
    odd = np.flatnonzero(ahead | (year < _EARLIEST_YEAR) | (ages < low) | (ages > high))
    ids, grades = examined.students("student_id", rows[odd]), examined.students("grade", rows[odd])
    age = concatenated(["a student ", numbers(ages[odd]), " years old"], len(odd))
    said = either(ahead[odd], "a day still to come", age)
    said = either(year[odd] < _EARLIEST_YEAR, f"a year before {_EARLIEST_YEAR}", said)
    in_grade = either(pc.equal(grades, ""), "", concatenated([" in grade ", grades], len(odd)))
    between = concatenated([numbers(low[odd]), " to ", numbers(high[odd])], len(odd))
    step = " years are expected. Ask the district to check it: scores are by age."
    return found(["Student ", ids, " has a birthdate of ", said, in_grade, "; ", between, step], students=ids)


def outside_school(examined: Examined) -> pa.Table:
    """Students kept in a section of a school that is none of theirs."""
    roster = examined.roster
    students = text_array(roster.students["school_id"])
    schools = text_array(roster.sections["school_id"])
    theirs = schools.take(pa.array(examined.kept_section))
    other = pc.not_equal(students.take(pa.array(examined.kept_student)), theirs).to_numpy(False)
    rows = np.flatnonzero(other & ~_blank(theirs) & ~examined.stays[examined.kept_student])
    member, where = examined.kept_student[rows], examined.kept_section[rows]
    listed = pc.split_pattern(examined.students("school_ids", member), ID_SEPARATOR)
    each = pc.list_parent_indices(listed).to_numpy(zero_copy_only=False)
    named = pc.list_flatten(listed)
    at_home = pc.equal(named, theirs.take(pa.array(rows[each]))).to_numpy(False)
    unknown = _blank(examined.students("school_ids", member))
    outside = np.bincount(each[at_home], minlength=len(rows)) == 0
    chosen = np.flatnonzero(outside & ~unknown)
    ids, names = examined.students("student_id", member[chosen]), examined.sections("section_name", where[chosen])
    school = examined.sections("school_id", where[chosen])
    return found(
        ["Student ", ids, " does not attend school ", school, ', where section "', names, '" is. '
         "Check that the section is the right one."],
        students=ids,
        sections=examined.sections("section_id", where[chosen]),
    )  # fmt: skip


def pin_elsewhere(examined: Examined) -> pa.Table:
    """Pins to a section the student does not attend."""
    roster = examined.roster
    pins = [pin for pin in examined.rule_set.pins if pin.section_id is not None]
    wanted = pa.array([pin.section_id for pin in pins], pa.large_string())
    student = _rows_of([pin.student_id for pin in pins], examined)
    section = pc.fill_null(pc.index_in(wanted, value_set=text_array(roster.sections["section_id"])), -1).to_numpy()
    count = max(len(roster.sections), 1)
    pairs = roster.enrollments.student.astype(np.int64) * count + roster.enrollments.section
    asked = student.astype(np.int64) * count + section
    # Enrollments are sorted by student and section, so the pairs are too: no hash of all of them for a few pins.
    there = (np.searchsorted(pairs, asked, side="right") > np.searchsorted(pairs, asked)) & (section >= 0)
    concerned = np.append(examined.concerned, False)[student]
    rows = np.flatnonzero(concerned & ~there)
    ids, sections = examined.students("student_id", student[rows]), wanted.take(pa.array(rows))
    return found(
        ["Student ", ids, " is pinned to section ", sections, " and is not enrolled in it. "
         "Remove the pin, or pin the student to one of their own sections."],
        students=ids,
        sections=sections,
    )  # fmt: skip


def pin_of_nobody(examined: Examined) -> pa.Table:
    """Pins of students the roster does not know."""
    pinned = [pin.student_id for pin in examined.rule_set.pins]
    ids = pa.array(pinned, pa.large_string()).filter(pa.array(_rows_of(pinned, examined) < 0))
    return found(["Student ", ids, " is pinned, but no longer in the roster. Remove the pin."], students=ids)


def _told(examined: Examined, rows: np.ndarray, what: str) -> pa.Table:
    ids = examined.students("student_id", rows)
    return found(["Student ", ids, what], students=ids)


def _rows_of(ids: list[str], examined: Examined) -> np.ndarray:
    """int32: the row of each student id; -1 for a student the roster does not know."""
    return id_codes(pd.Series(ids, dtype="str"), examined.roster.students["student_id"])


def _blank(texts: pa.Array) -> np.ndarray:
    """bool: where nothing but blanks is written."""
    return pc.equal(pc.utf8_trim_whitespace(texts), "").to_numpy(zero_copy_only=False)
