"""The table of checks: each code with its usual severity, who can settle it, why it matters and what to do next."""

from __future__ import annotations

from functools import partial

import roster_core.section_checks as section
import roster_core.source_checks as source
import roster_core.student_checks as student
from roster_core.findings import Check

_US, _DISTRICT, _CLEVER = "us", "district", "Clever"
_BLOCKER, _WARNING = "blocker", "warning"


def load_check(code: str) -> Check:
    """The check for load findings of a code that the table does not name."""
    words = f"told as {code.replace('-', ' ')}"
    fix = "Look at the rows it names, and load the corrected data."
    return Check(code, _WARNING, _DISTRICT, "row", words, "", fix, partial(source.of_loading, code=code))


def _loading(code: str, severity: str, subject: str, phrase: str, meaning: str, fix: str) -> Check:
    return Check(code, severity, _DISTRICT, subject, phrase, meaning, fix, partial(source.of_loading, code=code))


_STUDENTS = (
    Check("student-in-several-sections", _BLOCKER, _US, "student", "in several kept sections",
          "Classroom reports need every student in exactly one section.",
          "Narrow the rules in Rules, choose for shared rooms under Twins in Sections, or pin students in Students.",
          student.in_several, by_cause="in {cause}"),
    Check("student-in-no-section", _BLOCKER, _US, "student", "in no kept section",
          "Classroom reports need every student in exactly one section.",
          "Widen the rules in Rules, or excuse the student in Students.",
          student.in_none, by_cause="{cause}",
          their_fix="Ask the district to enroll the students and share their sections, or excuse them."),
    Check("missing-student-number", _BLOCKER, _DISTRICT, "student", "without a student number",
          "The number is what a student is known by from year to year.",
          "Ask the district to share student numbers, or excuse the student.",
          student.without_number, requires="student_number"),
    Check("missing-first-name", _BLOCKER, _DISTRICT, "student", "without a first name",
          "Teachers find students by name.",
          "Ask the district to fill in the first name, or excuse the student.",
          student.without("first_name", "first name"), requires="first_name"),
    Check("missing-last-name", _BLOCKER, _DISTRICT, "student", "without a last name",
          "Teachers find students by name.",
          "Ask the district to fill in the last name, or excuse the student.",
          student.without("last_name", "last name"), requires="last_name"),
    Check("missing-birthdate", _BLOCKER, _DISTRICT, "student", "without a birthdate",
          "Scores are computed by age.",
          "Ask the district to share the birthdate, or excuse the student as to follow.",
          student.without_birthdate, requires="birthdate"),
    Check("unreadable-birthdate", _BLOCKER, _DISTRICT, "student", "with a birthdate nobody can read",
          "Scores are computed by age.",
          "Ask the district to write the birthdate as MM/DD/YYYY.", student.unreadable_birthdate),
    Check("missing-grade", _BLOCKER, _DISTRICT, "student", "without a usable grade",
          "Without a grade nobody can tell whether a student is to be assessed.",
          "Ask the district to fill in the grade (Kindergarten, 1, 2 and so on), or excuse the student.",
          student.without_grade, requires="grade"),
    Check("student-details-not-held", _BLOCKER, _US, "student", "assessed now, but stored without number and names",
          "Of students outside the scope only id, grade, schools and sections are kept.",
          "Refresh the district in Districts, or upload its files there again.", source.details_withheld),
    Check("duplicate-student-number", _BLOCKER, _DISTRICT, "student", "sharing a student number",
          "Two students of one number cannot be told apart.",
          "Ask the district which student the number belongs to.", student.repeated_number),
    Check("pin-not-enrolled", _BLOCKER, _US, "student", "pinned to a section they do not attend",
          "A pin chooses among a student's own sections.",
          "Pin the student to one of their sections, or remove the pin.", student.pin_elsewhere),
    Check("birthdate-implausible", _WARNING, _DISTRICT, "student", "with an age that does not fit the grade",
          "A wrong age gives a wrong norm.",
          "Ask the district to check birthdate and grade: a wrong age gives a wrong norm.",
          student.implausible_birthdate),
    Check("possible-duplicate-student", _WARNING, _DISTRICT, "student", "with the name and birthdate of another",
          "One child under two ids would be assessed twice.",
          "Ask the district whether the two records are one child.", student.same_person),
    Check("student-outside-section-school", _WARNING, _DISTRICT, "student",
          "in a section of a school they do not attend",
          "The section's school reports the student.",
          "Ask the district which school reports the student.", student.outside_school),
    Check("settled-by-order", _WARNING, _US, "student", "settled only by the order of the rules",
          "The rules keep several sections of these students and the first rule wins.",
          "Look whether one of them is really in two rooms.", student.settled),
    Check("student-stays", _WARNING, _US, "student", "who stay as committed",
          "The assessment window is open: a child who has begun must not lose their place by a slip.",
          "Approve the moves and removals that are right, in Commit.", student.staying,
          by_cause="who stay as committed ({cause} in the data)"),
    Check("pin-unknown-student", _WARNING, _US, "pin", "for a student who is not in the roster",
          "The student has left, or has a new id.",
          "Remove the pin in Students, or ask the district why the student has left.", student.pin_of_nobody),
)  # fmt: skip

_SECTIONS = (
    Check("section-without-teacher", _BLOCKER, _DISTRICT, "section", "without a known teacher",
          "A classroom report goes to the section's teacher.",
          "Ask the district to name the section's teacher and to share them.", section.without_teacher),
    Check("section-of-one", _WARNING, _US, "section", "with one student",
          "It is often a service and not a room.",
          "Check that this is the room the student is assessed in.", section.of_one),
    Check("section-large", _WARNING, _US, "section", "with very many students",
          "It is often a whole grade and not a room.",
          "Check that this is one room and not a whole grade.", section.large),
    Check("section-mixed-grades", _WARNING, _US, "section", "with students of many grades",
          "It is often a service and not a room.",
          "Check that this is the room the students are assessed in.", section.of_many_grades),
    Check("section-name-repeated", _WARNING, _US, "name", "that several kept sections of a school have",
          "Teachers will see several reports of one name.",
          "Teachers will see two reports of one name; check that both are right.", section.of_one_name),
    Check("term-not-current", _WARNING, _US, "section", "of a term that is not running",
          "Its students may sit elsewhere now.",
          "Drop the term's sections by a rule, or refresh once the term has begun.", section.of_other_term),
    Check("teacher-without-email", _WARNING, _DISTRICT, "teacher", "of kept sections without an e-mail address",
          "Reports and invitations go by e-mail.",
          "Ask the district for the address if the teacher is to receive reports.", section.without_email),
)  # fmt: skip

_SOURCE = (
    _loading("unreadable-row", _BLOCKER, "row", "that could not be read",
             "A student or an enrollment may be missing.", "Correct the row in the file and load it again."),
    _loading("conflicting-student", _BLOCKER, "row", "listing a student again with other content",
             "Nobody can tell which row is right; the first was used.",
             "Ask the district which row is right, and load the corrected file."),
    _loading("conflicting-section", _BLOCKER, "row", "listing a section again with other content",
             "Nobody can tell which row is right; the first was used.",
             "Ask the district which row is right, and load the corrected file."),
    Check("rule-example-fails", _BLOCKER, _US, "example", "that the rules do not meet",
          "An example says what the rules are meant to do.",
          "Change the rules in Rules, or remove the example.", source.failing_examples),
    Check("roster-stale", _BLOCKER, _US, "", "The roster is too old",
          "Students may have moved since.",
          "Refresh the roster in Districts, or load newer files there.", source.stale),
    Check("district-error", _BLOCKER, _CLEVER, "", "The district's sync has an error in Clever",
          "What was fetched may be wrong or old.",
          "Wait until the sync is mended, then refresh the roster.", source.district_error),
    Check("mass-change", _BLOCKER, _US, "", "The change is held because it is so large",
          "It is more often a slip than a district that moved.",
          "Look at what changes; if it is right, approve it with a reason.", source.mass_change),
    Check("district-paused", _WARNING, _DISTRICT, "", "The district's sync is paused in Clever",
          "What changes in schools does not arrive.",
          "Changes by the district will not arrive until the pause ends.", source.paused),
    Check("clever-sync-old", _WARNING, _DISTRICT, "", "The district has not synced into Clever lately",
          "What changed in schools since has not arrived.",
          "Ask the district to sync Clever, then refresh the roster.", source.sync_old),
    Check("expected-students-absent", _WARNING, _DISTRICT, "school or grade", "missing students we expected",
          "A school or grade that is not shared will not be assessed.",
          "Ask the district whether the school or grade is shared.", source.absent_students,
          their_fix="Choose the grades and schools that are assessed."),
    _loading("unknown-student-in-section", _WARNING, "row", "naming a student who is not shared",
             "That student will not be assessed.",
             "Ask the district to share the student, if they are to be assessed."),
    _loading("unknown-section", _WARNING, "row", "naming a section that is not shared",
             "It may be the section a student is to be assessed in.",
             "Ask the district to share the section, if it is needed."),
    _loading("repeated-enrollment", _WARNING, "row", "that repeat an enrollment",
             "Each enrollment counts once.", "Nothing to do: each enrollment counts once."),
    _loading("conflicting-record", _WARNING, "row", "listing a school, term, course or teacher again",
             "The first row was used.", "Ask the district which row is right, if the name matters."),
    _loading("absent-table", _WARNING, "table", "that the source does not have",
             "Its names read as empty.", "Nothing to do, unless rules are to read those names."),
    _loading("pages-missing", _WARNING, "file", "that are not the last page",
             "Records are missing.", "Save the other pages too, and load them together."),
    _loading("pull-straddled-sync", _WARNING, "", "Clever synced while the roster was fetched",
             "Old and new records may be mixed.", "Refresh the roster in an hour."),
)  # fmt: skip

#: What no setting makes milder: children without a name and number would be rostered.
ALWAYS_BLOCKERS = ("student-details-not-held",)

#: Code -> check, blockers and warnings, in the order they are run.
CHECKS: dict[str, Check] = {check.code: check for check in (*_STUDENTS, *_SECTIONS, *_SOURCE)}
