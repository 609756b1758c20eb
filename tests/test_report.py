"""A district's report: its facts, and what is never in it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest

from roster_core.commit import Receipt, commit_plan
from roster_core.coverage import Coverage, evaluate
from roster_core.plan import plan_commit
from roster_core.preflight import PreflightReport, run_preflight
from roster_core.report import Report, make_report
from roster_core.report_picture import picture
from roster_core.roster import Roster
from roster_core.rules import Pin, RuleSet
from tests.builders import FETCHED, HOMEROOMS, district
from tests.fakes import FakeTarget

NOW = datetime(2026, 11, 30, 8, 10, tzinfo=UTC)
RULES = replace(
    HOMEROOMS, pins=(Pin("u8", None, "to_follow", "Birthdate missing", "district", "2026-12-04"),
                     Pin("u7", None, "not_assessed", "Family opted out")),
)  # fmt: skip


@pytest.fixture(scope="module")
def roster() -> Roster:
    """One student in two homerooms, one without a birthdate."""
    return district(enrolled=[("u1", "h2")], changed={"u2": {"birthdate_raw": ""}, "t2": {"email": ""}})


def judged(roster: Roster, rules: RuleSet = RULES) -> tuple[Coverage, PreflightReport]:
    """A roster under rules, with its preflight."""
    coverage = evaluate(roster, rules)
    return coverage, run_preflight(roster, rules, coverage=coverage)


def reported(roster: Roster, **options: object) -> Report:
    """The report on that roster."""
    return make_report(*judged(roster), made_at=NOW, **options)


def test_its_numbers_are_those_of_the_coverage(roster: Roster) -> None:
    """Counts, the share of those who are asked for, and bars whose sums agree."""
    told = reported(roster, product="Screener")
    assert (told.in_scope, told.one, told.several, told.none, told.excused, told.to_follow) == (8, 5, 1, 0, 2, 1)
    assert (told.share, told.ready, told.product, told.district) == ("83.3 %", False, "Screener", "Springfield USD")
    grades, schools = told.pictures
    assert [bar.label for bar in grades.rows] == ["1", "2"] and {bar.label for bar in schools.rows} == {
        "School A", "School B",
    }  # fmt: skip
    for bars in told.pictures:
        assert sum(bar.one for bar in bars.rows) == told.one
        assert all(bar.one + bar.several + bar.none + bar.excused == bar.in_scope for bar in bars.rows)
    assert told.rules == tuple(RULES.describe().splitlines())
    assert (told.fingerprint, told.made_at) == (roster.fingerprint, "30 November 2026, 08:10 UTC")
    assert told.follow == ("1 student, birthdate missing, owner: district, by Friday, 4 December 2026",)


def test_findings_stand_by_owner_and_by_what_settles_them(roster: Roster) -> None:
    """Each owner has the steps that settle its causes, in words for whom they are meant."""
    told = reported(roster)
    assert [(group.owner, group.steps[0].causes[0].title) for group in told.blockers] == [
        ("Ours to settle", "1 student in two sections of Homeroom #"),
        ("For the district", "1 student without a birthdate"),
    ]
    assert told.blockers[1].steps[0].next_step.startswith("Please fill in the birthdate")
    assert [group.owner for group in told.warnings] == ["For the district"]


def test_no_student_is_in_it_unless_asked_for(roster: Roster) -> None:
    """Without names it has no name, birthdate, number or id of a student; with names, those concerned."""
    students = roster.students
    personal = {word for name in ("student_id", "student_number", "sis_id", "first_name", "last_name", "birthdate")
                for word in students[name] if word}  # fmt: skip
    text = str(asdict(replace(reported(roster), fingerprint="", digest="")))
    assert not [word for word in personal if word in text]
    named = reported(roster, names=True)
    assert named.named and not reported(roster).named
    assert [one.name for group in named.blockers for step in group.steps for cause in step.causes
            for one in cause.students] == ["First1 Last1", "First2 Last2"]  # fmt: skip


def test_the_receipt_in_force_and_whether_it_is_of_the_same(roster: Roster) -> None:
    """A report on other data or rules than those committed says so."""
    clean = district(fetched_at=FETCHED)
    plan, target = plan_commit(clean, HOMEROOMS, district_id="d1"), FakeTarget()
    receipt: Receipt = commit_plan(plan, run_preflight(clean, HOMEROOMS, plan=plan), target, actor="ana", now=NOW)
    same = make_report(*judged(clean, HOMEROOMS), made_at=NOW, receipt=receipt).receipt
    other = make_report(*judged(roster), made_at=NOW, receipt=receipt).receipt
    assert same is not None and other is not None
    assert (same.receipt_id, same.students, same.same, other.same) == (receipt.receipt_id, 8, True, False)
    assert (same.committed_at, same.committed_by) == ("30 November 2026, 08:10 UTC", "ana")


def test_nobody_assessed_is_a_report_too() -> None:
    """An empty scope gives no share, and nothing to draw."""
    told = make_report(*judged(district(), replace(HOMEROOMS, assessed_grades=("8",))), made_at=NOW)
    assert (told.in_scope, told.share, told.pictures[0].rows) == (0, "–", ())
    assert picture(told.pictures[0]).startswith("<svg")


def test_the_picture_shows_every_student_and_no_markup(roster: Roster) -> None:
    """Each number above nothing has a piece that can be seen; a school's name is text, however it is written."""
    odd = district(changed={"A": {"school_name": "<script>alert(1)</script> & Söhne"}})
    drawn = picture(make_report(*judged(odd), made_at=NOW).pictures[1])
    assert "<script" not in drawn and "&lt;script&gt;" in drawn
    wide = replace(reported(roster).pictures[0].rows[0], label="9", in_scope=5000, one=4999, several=1)
    drawn = picture(replace(reported(roster).pictures[0], rows=(wide,)))
    assert drawn.count("<rect") == 4 + 3 and 'width="2.50"' in drawn


def test_what_is_left_out_is_counted(roster: Roster, monkeypatch: pytest.MonkeyPatch) -> None:
    """More schools, causes or students than a page holds are counted."""
    for name in ("MOST_SCHOOLS", "MOST_CAUSES", "MOST_STUDENTS"):
        monkeypatch.setattr(f"roster_core.report.{name}", 1)
    many = district(changed={key: {"birthdate_raw": "", "first_name": ""} for key in ("u2", "u3")})
    told = reported(many, names=True)
    assert told.pictures[1].more == 1
    assert (told.blockers[0].more, told.blockers[0].steps[0].causes[0].more) == (1, 1)
