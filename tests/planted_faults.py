"""Faults to plant in the small clean district, one for each check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from roster_core.least import Scope, outside, without_details
from roster_core.roster import Roster
from roster_core.rules import Condition, Example, Pin, Rule, RuleSet
from roster_core.settings import Expected, Profile
from tests.builders import DISTRICT, FETCHED, HOMEROOMS, district

FIRST_GRADE = replace(HOMEROOMS, assessed_grades=("1",))
WITH_MATH = replace(HOMEROOMS, rules=(Rule("keep", (Condition("section_name", "matches", ("Homeroom|Math",)),)),))
SETTLED = replace(
    HOMEROOMS,
    resolve="first",
    rules=(*HOMEROOMS.rules, Rule("keep", (Condition("section_name", "is", ("Math",)),))),
)
PINNED = {
    "elsewhere": Pin("u1", "h2"),
    "nobody": Pin("gone", "h1"),
    "excused": Pin("u1", None),
}


def more_students(count: int, section: str, **cells: str) -> dict:
    """Keywords for `district` that put many more students of grade 1 into one section."""
    rows = [
        {"student_id": f"x{n}", "student_number": f"9{n}", "first_name": f"F{n}", "last_name": f"L{n}",
         "grade_raw": "1", "birthdate_raw": "2020-05-05", "school_id": "A", **cells}
        for n in range(count)
    ]  # fmt: skip
    return {"added": {"students": rows}, "enrolled": [(row["student_id"], section) for row in rows]}


def about(**cells: str) -> dict:
    """Keywords for `district` with another word of the source about it."""
    return {"about": replace(DISTRICT, **cells)}


@dataclass(frozen=True)
class Fault:
    """A fault: how to plant it, and which students and sections its findings name."""

    code: str
    roster: Callable[[], Roster]
    students: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    rule_set: RuleSet = HOMEROOMS
    says: str = ""
    owner: str = ""
    asked: dict = field(default_factory=dict)
    others: tuple[str, ...] = ()


def cells(key: str, **values: str) -> Callable[[], Roster]:
    """The clean district with some cells of one row changed."""
    return lambda: district(changed={key: values})


H1, H2 = ("u1", "u2", "u3", "u4"), ("u5", "u6", "u7", "u8")

FAULTS = [
    Fault("student-in-several-sections", lambda: district(enrolled=[("u1", "h2")]), ("u1",), ("h1", "h2"),
          says="Homeroom 1, Homeroom 2", owner="us", others=("student-outside-section-school",)),
    Fault("student-in-no-section", lambda: district(unenrolled=[("u1", "h1")]), ("u1",), owner="us"),
    Fault("student-in-no-section", lambda: district(unenrolled=[("u1", "h1"), ("u1", "m1")]), ("u1",),
          owner="district"),
    Fault("missing-student-number", cells("u1", student_number=" ", sis_id=""), ("u1",), owner="district"),
    Fault("missing-first-name", cells("u2", first_name=""), ("u2",)),
    Fault("missing-last-name", cells("u3", last_name=" "), ("u3",)),
    Fault("missing-birthdate", cells("u4", birthdate_raw=""), ("u4",)),
    Fault("unreadable-birthdate", cells("u5", birthdate_raw="31/12/2019"), ("u5",), says='"31/12/2019"'),
    Fault("missing-grade", cells("u6", grade_raw=""), ("u6",), says="no grade"),
    Fault("missing-grade", cells("u6", grade_raw="XQ"), ("u6",), rule_set=FIRST_GRADE, says='"XQ"'),
    Fault("student-details-not-held", lambda: without_details(district(), outside(district(), [Scope(("1",))])),
          ("u2", "u4", "u6", "u8"), says="4 students are stored here without number"),
    Fault("duplicate-student-number", cells("u1", student_number="1008"), ("u1", "u8"), says='"1008"'),
    Fault("duplicate-student-number", cells("u1", student_number="", sis_id="1008"), ("u1", "u8")),
    Fault("section-without-teacher", cells("h1", teacher_id=""), H1, ("h1",), says="names no teacher"),
    Fault("section-without-teacher", cells("h1", teacher_id="t9"), H1, ("h1",), says="teacher t9"),
    Fault("unreadable-row", lambda: district(added={"students": [{"student_id": ""}]}), says="students.csv, row 10"),
    Fault("conflicting-student", lambda: district(added={"students": [{"student_id": "u1", "last_name": "Other"}]}),
          ("u1",), says="students.csv, row 10"),
    Fault("conflicting-section", lambda: district(added={"sections": [{"section_id": "h1", "teacher_id": "t2"}]}),
          H1, ("h1",), says="sections.csv, row 5"),
    Fault("pin-not-enrolled", district, ("u1",), ("h2",), rule_set=HOMEROOMS.with_pins(PINNED["elsewhere"]),
          others=("student-in-no-section",)),
    Fault("rule-example-fails", district, rule_set=replace(HOMEROOMS, examples=(Example("Math", "keep"),)),
          says="Math"),
    Fault("roster-stale", district, asked={"as_of": FETCHED + timedelta(hours=25)}, says="25 hours"),
    Fault("district-error", lambda: district(**about(state="error", error="No SFTP file")), owner="Clever",
          says='"error" and says "No SFTP file"'),
    Fault("district-error", lambda: district(**about(state="pending")), owner="district", says='"pending"'),
    Fault("birthdate-implausible", cells("u1", birthdate_raw="3/1/1979"), ("u1",), says="47 years old in grade 1"),
    Fault("birthdate-implausible", cells("u1", birthdate_raw="2027-01-01"), ("u1",), says="a day still to come"),
    Fault("birthdate-implausible", cells("u1", birthdate_raw="1819-01-01"), ("u1",), says="before 1900"),
    Fault("possible-duplicate-student",
          cells("u1", first_name=" FIRST3 ", last_name="last3", birthdate_raw="3/3/2020"), ("u1", "u3")),
    Fault("section-of-one",
          lambda: district(unenrolled=[(u, "h2") for u in H2[1:]], enrolled=[(u, "h1") for u in H2[1:]]),
          ("u5",), ("h2",), others=("student-outside-section-school",)),
    Fault("section-large", lambda: district(**more_students(37, "h1")), (*H1, *(f"x{n}" for n in range(37))), ("h1",),
          says="41 students"),
    Fault("section-mixed-grades", cells("u1", grade_raw="3", birthdate_raw="2018-01-01"), H1, ("h1",), says="3 grades"),
    Fault("section-name-repeated", lambda: district(changed={"h2": {"section_name": "Homeroom  1", "school_id": "A"}}),
          (), ("h1", "h2"), says="2 kept sections", others=("student-outside-section-school",)),
    Fault("student-outside-section-school", cells("u1", school_id="B", school_ids="B"), ("u1",), ("h1",)),
    Fault("term-not-current", cells("h1", term_id="old"), H1, ("h1",), says="ended 2026-06-10"),
    Fault("district-paused", lambda: district(**about(state="paused"))),
    Fault("district-paused", lambda: district(**about(pause_start="2026-11-20", pause_end="2026-11-23")),
          says="until 2026-11-23"),
    Fault("clever-sync-old", lambda: district(**about(last_sync="2026-11-19T04:00:00.000Z")), says="on 2026-11-19"),
    Fault("settled-by-order", district, (*H1, *H2), ("h1", "h2"), rule_set=SETTLED),
    Fault("pin-unknown-student", district, ("gone",), rule_set=HOMEROOMS.with_pins(PINNED["nobody"])),
    Fault("expected-students-absent", district, asked={"profile": Profile(expected=Expected({"C": 90}))},
          says="School C"),
    Fault("expected-students-absent", district, asked={"profile": Profile(expected=Expected({"school a": 90}))},
          says="School A (A) shares 4 of 90"),
    Fault("expected-students-absent", district, asked={"profile": Profile(expected=Expected(grades={"1": 9}))},
          says="Grade 1 shares 4 of 9"),
    Fault("unknown-student-in-section", lambda: district(enrolled=[("u99", "h1")]), ("u99",), ("h1",)),
    Fault("unknown-section", lambda: district(enrolled=[("u1", "h99")]), ("u1",), ("h99",)),
    Fault("repeated-enrollment", lambda: district(enrolled=[("u1", "h1")]), ("u1",), ("h1",)),
    Fault("teacher-without-email", cells("t1", email=""), (), ("h1",), says="Teacher t1"),
    Fault("conflicting-record", lambda: district(added={"teachers": [{"teacher_id": "t1", "email": "b@x.example"}]})),
    Fault("absent-table", lambda: district(without=["courses"])),
]  # fmt: skip
