"""Each check finds its planted fault, with exactly its students and sections; a clean district is ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from roster_core.assembly import load_findings
from roster_core.plan import CurrentRoster, plan_commit
from roster_core.preflight import CHECKS, PreflightReport, run_preflight
from roster_core.roster import Roster
from roster_core.settings import Profile
from tests.builders import FETCHED, HOMEROOMS, district, schools
from tests.planted_faults import FAULTS, FIRST_GRADE, H2, PINNED, WITH_MATH, Fault, about, more_students


def named(report: PreflightReport, code: str, what: str) -> set[str]:
    """Every id that the findings of a code name."""
    return {key for finding in report.findings if finding.code == code for key in getattr(finding, what)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_a_planted_fault_is_found_with_exactly_its_ids(fault: Fault) -> None:
    """The check names the students and sections of the fault, and no check finds anything else."""
    report = run_preflight(fault.roster(), fault.rule_set, **fault.asked)

    assert {finding.code for finding in report.findings} == {fault.code, *fault.others}
    assert named(report, fault.code, "student_ids") == set(fault.students)
    assert named(report, fault.code, "section_ids") == set(fault.sections)
    told = next(finding for finding in report.findings if finding.code == fault.code)
    assert fault.says in told.message
    assert told.severity == CHECKS[fault.code].severity
    assert told.owner == (fault.owner or CHECKS[fault.code].owner)


def test_every_check_has_its_planted_fault() -> None:
    """No check of the table is without a test; those beside the faults here have tests of their own below."""
    elsewhere = {"mass-change", "pages-missing", "pull-straddled-sync", "student-stays"}

    assert {fault.code for fault in FAULTS} | elsewhere == set(CHECKS)


def test_a_clean_district_is_ready() -> None:
    """Nothing is found in it."""
    report = run_preflight(district(), HOMEROOMS)

    assert report.ready
    assert (report.blockers, report.warnings, report.findings, report.causes) == (0, 0, (), ())
    assert report.to_frame().empty


@pytest.mark.parametrize(
    "change",
    [{"birthdate_raw": ""}, {"birthdate_raw": "31/12/19"}, {"grade_raw": ""}, {"first_name": ""},
     {"student_number": "", "sis_id": ""}, {"student_number": "1008"}, {"birthdate_raw": "1/1/1950"},
     {"school_id": "B", "school_ids": "B"}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_the_excused_are_not_found(change: dict[str, str]) -> None:
    """A student excused by a pin stops nothing, whatever is wrong with the student."""
    report = run_preflight(district(changed={"u1": change}), HOMEROOMS.with_pins(PINNED["excused"]))

    assert report.findings == ()


def test_students_out_of_scope_are_not_found() -> None:
    """A student of a grade that is not assessed stops nothing."""
    roster = district(changed={"u2": {"birthdate_raw": "", "first_name": ""}}, unenrolled=[("u4", "h1")])

    assert run_preflight(roster, FIRST_GRADE).findings == ()


def test_a_grade_that_is_missing_counts_only_in_assessed_schools() -> None:
    """Without a grade nobody can tell the scope, but the school is known."""
    roster = district(changed={"u1": {"grade_raw": ""}})

    found = {school: run_preflight(roster, replace(FIRST_GRADE, assessed_schools=(school,))) for school in "AB"}

    assert named(found["A"], "missing-grade", "student_ids") == {"u1"}
    assert not named(found["B"], "missing-grade", "student_ids")


def test_a_repeated_student_whose_grade_differs_is_found_though_out_of_scope() -> None:
    """Which row is right decides whether the child counts; a row that only spells the name otherwise does not."""
    grade = district(added={"students": [{"student_id": "u2", "grade_raw": "1"}]})
    name = district(added={"students": [{"student_id": "u2", "last_name": "Other"}]})

    assert named(run_preflight(grade, FIRST_GRADE), "conflicting-student", "student_ids") == {"u2"}
    assert run_preflight(name, FIRST_GRADE).ready


def test_sections_that_are_not_kept_are_not_found() -> None:
    """What is wrong with a section of maths does not matter to homerooms."""
    roster = district(
        changed={"m1": {"teacher_id": "", "term_id": "old"}},
        added={"sections": [{"section_id": "m1", "section_name": "Maths"}]},
    )

    assert run_preflight(roster, HOMEROOMS).findings == ()


def test_a_student_of_several_schools_is_at_home_in_each() -> None:
    """A section at any of the student's schools is fine."""
    roster = district(changed={"u1": {"school_id": "B", "school_ids": schools("B", "A")}})

    assert run_preflight(roster, HOMEROOMS).findings == ()


def test_without_a_table_of_teachers_there_is_one_warning() -> None:
    """A source that shares no teachers says so once; their ids are taken as they are."""
    found = run_preflight(district(without=["teachers"]), HOMEROOMS).findings

    assert [finding.code for finding in found] == ["absent-table"]


@pytest.mark.parametrize(
    ("code", "roster", "asked"),
    [
        ("roster-stale", district(), {"as_of": FETCHED + timedelta(hours=25), "fresh": True}),
        ("roster-stale", district(), {"as_of": FETCHED + timedelta(hours=24)}),
        ("roster-stale", district(source="sample"), {"as_of": FETCHED + timedelta(days=9)}),
        ("clever-sync-old", district(**about(last_sync="2020-01-01"), source="clever-csv"), {}),
        ("clever-sync-old", district(**about(last_sync="lately")), {}),
        ("district-paused", district(**about(pause_start="2026-11-24", pause_end="2026-11-30")), {}),
        ("district-error", district(**about(error="Something is wrong")), {}),
        ("section-large", district(**more_students(36, "h1")), {}),
    ],
)
def test_what_is_within_bounds_is_not_found(code: str, roster: Roster, asked: dict) -> None:
    """The limits themselves, other sources and dates nobody can read say nothing."""
    assert code not in {finding.code for finding in run_preflight(roster, HOMEROOMS, **asked).findings}


def test_a_field_that_is_not_required_may_be_missing() -> None:
    """The required fields are a setting."""
    roster = district(changed={"u1": {"birthdate_raw": "", "first_name": ""}})

    report = run_preflight(roster, HOMEROOMS, profile=Profile(required=("student_number", "first_name")))

    assert [finding.code for finding in report.findings] == ["missing-first-name"]


@pytest.mark.parametrize(("severity", "ready", "count"), [("warning", True, 1), ("off", True, 0)])
def test_a_severity_is_a_setting(severity: str, ready: bool, count: int) -> None:
    """A check can be made milder, stricter or silent by its code."""
    roster = district(changed={"u1": {"birthdate_raw": ""}})

    report = run_preflight(roster, HOMEROOMS, profile=Profile(severities={"missing-birthdate": severity}))

    assert (report.ready, len(report.findings)) == (ready, count)


def test_thresholds_are_settings() -> None:
    """Section size, grades a section, hours and days can be set."""
    profile = Profile(section_large=3, max_section_grades=1, stale_hours=1, sync_old_days=0.1)

    report = run_preflight(district(), HOMEROOMS, profile=profile, as_of=FETCHED + timedelta(hours=2))

    assert {finding.code for finding in report.findings} == {
        "section-large", "section-mixed-grades", "roster-stale", "clever-sync-old",
    }  # fmt: skip


def test_a_load_finding_nobody_knows_is_a_warning() -> None:
    """A source may tell more than the table of checks names."""
    told = load_findings("odd-thing", "warning", "odd.csv", [3], ["x"], ["Look here."])

    report = run_preflight(replace(district(), findings=told), HOMEROOMS)

    assert [(finding.code, finding.severity, finding.message) for finding in report.findings] == [
        ("odd-thing", "warning", "odd.csv, row 3: Look here.")
    ]
    assert report.causes[0].title == "1 row told as odd thing"


def test_a_large_change_is_held_until_a_person_approves() -> None:
    """The blocker names the students who would go; a reason takes it away."""
    small = district(unenrolled=[(u, "h2") for u in H2])
    rules = replace(HOMEROOMS, assessed_schools=("A",))
    before = plan_commit(district(), HOMEROOMS, district_id="d1")
    current = CurrentRoster("R-1", before.rows, before.rule_set_json)
    plan = plan_commit(small, rules, district_id="d1", current=current)

    held = run_preflight(small, rules, plan=plan)
    approved = run_preflight(small, rules, plan=plan, approval="school B left")

    assert [finding.code for finding in held.findings] == ["mass-change"]
    assert "4 of 8 students (50 %)" in held.findings[0].message
    assert named(held, "mass-change", "student_ids") == set(H2)
    assert approved.ready and approved.digest == plan.digest == held.digest


def test_the_digest_without_a_plan_is_that_of_a_first_commit() -> None:
    """A report made without a plan fits the plan of the district's first commit."""
    assert run_preflight(district(), HOMEROOMS).digest == plan_commit(district(), HOMEROOMS, district_id="d1").digest


def test_findings_are_grouped_by_root_cause_biggest_first() -> None:
    """Students in several are grouped by the families of their sections; blockers stand before warnings."""
    roster = district(changed={"u3": {"birthdate_raw": ""}, "t1": {"email": ""}}, unenrolled=[("u8", "m1")])

    causes = run_preflight(roster, WITH_MATH).causes

    assert [(cause.title, cause.students) for cause in causes] == [
        ("7 students in Homeroom # and Math", 7),
        ("1 student without a birthdate", 1),
        ("3 students in a section of a school they do not attend", 3),
        ("1 teacher of kept sections without an e-mail address", 0),
    ]
    assert causes[0].student_ids == ("u1", "u2", "u3", "u4", "u5", "u6", "u7")
    assert causes[0].section_ids == ("h1", "h2", "m1")
    assert causes[0].next_step == CHECKS["student-in-several-sections"].fix
    assert causes[0].message.endswith("And 6 more like it.")


def test_who_is_enrolled_in_nothing_is_the_district_s_to_enroll() -> None:
    """No rule reaches them, so the next step is another than for those whom the rules leave out."""
    roster = district(unenrolled=[("u1", "h1"), ("u1", "m1"), ("u2", "h1")])
    causes = {cause.owner: cause for cause in run_preflight(roster, HOMEROOMS).causes
              if cause.code == "student-in-no-section"}  # fmt: skip
    theirs, ours = causes["district"], causes["us"]
    assert theirs.next_step.startswith("Ask the district to enroll") and ours.next_step.startswith("Widen the rules")
    assert theirs.title == "1 student of grade 1, enrolled in no section at all"
    assert ours.title == "1 student in no kept section: grade 2, in sections that no rule keeps"


def test_no_message_holds_a_name_or_a_birthdate() -> None:
    """Ids, section names and unreadable texts are told; names and dates of birth are not."""
    students = [{"student_id": "u2", "last_name": "Secretname"}, {"student_id": "u3", "birthdate_raw": "2018-07-09"}]
    roster = district(
        changed={"u1": {"first_name": "Secretname", "birthdate_raw": "1990-07-08"}, "u4": {"last_name": ""}},
        added={"students": students},
    )

    told = " ".join(finding.message for finding in run_preflight(roster, HOMEROOMS).findings)

    secrets = ("Secretname", "First1", "Last2", "1990", "07-08", "2018-07-09", "2019-")
    assert not [word for word in secrets if word in told]


def test_a_moment_without_offset_is_taken_as_utc() -> None:
    """A plain date of a command line is a moment too."""
    late = datetime(2026, 11, 25)

    assert [f.code for f in run_preflight(district(), HOMEROOMS, as_of=late).findings] == ["roster-stale"]
    assert run_preflight(district(), HOMEROOMS, as_of=late.replace(tzinfo=UTC), fresh=True).ready


def test_an_empty_district_is_examined_too() -> None:
    """No student, no section: nothing is found, nothing breaks."""
    roster = district()
    none = replace(roster.enrollments, student=roster.enrollments.student[:0], section=roster.enrollments.section[:0])
    bare = replace(roster, students=roster.students[:0], sections=roster.sections[:0], enrollments=none)

    assert run_preflight(bare, HOMEROOMS).ready
