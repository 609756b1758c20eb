"""Least data: what a roster without the details of those outside the scope still tells, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from roster_core.coverage import evaluate
from roster_core.least import WITHHELD_COLUMNS, Scope, distinct, outside, without_details
from roster_core.plan import plan_commit
from roster_core.preflight import run_preflight
from roster_core.roster import STUDENT_COLUMNS, Roster
from roster_core.rules import RuleSet
from roster_core.sample import sample_district
from roster_core.settings import Profile
from tests.builders import HOMEROOMS, district
from tests.strategies import districts, roster_of, rule_sets


def scope(rule_set: RuleSet) -> Scope:
    """Who a rule set assesses."""
    return Scope(rule_set.assessed_grades, rule_set.assessed_schools)


def named(roster: Roster) -> Roster:
    """The roster with a name, number and birthdate for everybody."""
    ids = roster.students["student_id"]
    told = {name: f"{name} " + ids for name in ("first_name", "last_name", "student_number")}
    return replace(roster, students=roster.students.assign(**told, birthdate="2016-05-05", birthdate_raw="5/5/2016"))


@settings(max_examples=30, deadline=None)
@given(districts(), rule_sets, st.lists(rule_sets, max_size=1))
def test_nothing_in_the_scope_changes(parts: tuple, rule_set: RuleSet, others: list[RuleSet]) -> None:
    """Coverage, preflight and plan of the reduced roster equal those of the whole one, digest and fingerprint too."""
    whole = named(roster_of(*parts))
    kept = without_details(whole, outside(whole, distinct(map(scope, [rule_set, *others]))))
    assert kept.fingerprint == whole.fingerprint
    before, after = evaluate(whole, rule_set), evaluate(kept, rule_set)
    assert (before.status == after.status).all() and (before.kept == after.kept).all()
    assert before.out_of_scope_reasons() == after.out_of_scope_reasons()
    assert_frame_equal(before.by_school_grade(), after.by_school_grade())
    plans = [plan_commit(roster, rule_set, district_id="d") for roster in (whole, kept)]
    assert_frame_equal(plans[0].rows, plans[1].rows)
    assert plans[0].digest == plans[1].digest
    reports = [run_preflight(roster, rule_set, plan=plan) for roster, plan in zip((whole, kept), plans, strict=True)]
    assert_frame_equal(reports[0].frame, reports[1].frame)


def test_of_those_outside_only_what_counting_needs_is_left() -> None:
    """Number, SIS id, names and birthdate are gone; id, grade and schools stay, and all of the others does."""
    whole = sample_district(400)
    assessed = Scope(("1", "2"))
    chosen = outside(whole, [assessed])
    kept = without_details(whole, chosen)
    assert (kept.withheld == chosen).all()
    gone, stays = kept.students[chosen], kept.students[~chosen]
    assert len(gone) > 100 and (gone[list(WITHHELD_COLUMNS)] == "").all().all()
    counted = [name for name in STUDENT_COLUMNS if name not in WITHHELD_COLUMNS]
    assert_frame_equal(gone[counted], whole.students[chosen][counted])
    assert_frame_equal(stays, whole.students[~chosen])
    assert whole.withheld is None and (whole.students["first_name"] != "").any()


def test_a_student_without_a_grade_is_nobodys_to_forget() -> None:
    """Without a usable grade nobody can tell; of a school that is not assessed, everybody can."""
    roster = district(changed={"u1": {"grade_raw": ""}, "u8": {"grade_raw": "XQ"}})
    assert list(outside(roster, [Scope(("1",))])) == [False, True, False, True, False, True, False, False]
    assert list(outside(roster, [Scope(("1",), ("A",))])) == [False, True, False, True, True, True, True, True]


def test_what_is_gone_stays_gone() -> None:
    """Reducing again takes more away, never gives back; where nobody loses anything the roster is the same one."""
    whole = district()
    first = without_details(whole, outside(whole, [Scope(("1",))]))
    assert without_details(first, outside(first, [Scope(("1",))])) is first
    second = without_details(first, outside(first, [Scope(("2",))]))
    assert second.withheld.all() and second.fingerprint == whole.fingerprint
    assert without_details(whole, outside(whole, [])) is whole


def test_scopes_are_put_together() -> None:
    """The same scope counts once; one that is everybody leaves nobody outside."""
    assert distinct([Scope(("2",)), Scope(("1",)), Scope(("2",))]) == (Scope(("1",)), Scope(("2",)))
    assert distinct([Scope(("2",)), Scope()]) == distinct([]) == ()


def test_a_wider_scope_asks_for_a_refresh_and_for_nothing_else() -> None:
    """One blocker with the next step stands for everybody whose details are not held; no missing name is told."""
    whole = district()
    kept = without_details(whole, outside(whole, [Scope(("1",))]))
    report = run_preflight(kept, HOMEROOMS)
    assert [finding.code for finding in report.findings] == ["student-details-not-held"]
    assert report.causes[0].title == "4 students assessed now, but stored without number and names"
    assert "Refresh the district" in report.causes[0].next_step
    assert run_preflight(kept, replace(HOMEROOMS, assessed_grades=("1",))).ready


@pytest.mark.parametrize("milder", ["off", "warning"])
def test_no_setting_lets_nameless_children_through(milder: str) -> None:
    """The blocker stays one whatever a profile says."""
    whole = district()
    kept = without_details(whole, outside(whole, [Scope(("1",))]))
    report = run_preflight(kept, HOMEROOMS, profile=Profile(severities={"student-details-not-held": milder}))
    assert report.blockers == 1
