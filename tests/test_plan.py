"""A plan: exact rows, the change against the roster in force, a digest of its own, and a hold on large changes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from roster_core.errors import InputError
from roster_core.plan import (
    CHANGE_COLUMNS,
    ROW_COLUMNS,
    CommitPlan,
    CurrentRoster,
    plan_commit,
    plan_digest,
    plan_restore,
    same_roster,
    written_rows,
)
from roster_core.roster import ID_SEPARATOR, District, Roster
from roster_core.rules import RuleSet
from roster_core.settings import Profile
from tests.builders import HOMEROOMS, district


def planned(
    roster: Roster | None = None,
    *,
    rule_set: RuleSet = HOMEROOMS,
    current: CurrentRoster | None = None,
    target: str = "embedded",
    profile: Profile | None = None,
) -> CommitPlan:
    """The plan of a roster, the clean district unless told."""
    return plan_commit(
        roster or district(), rule_set, district_id="d1", target=target, current=current, profile=profile
    )


def committed(plan: CommitPlan, receipt_id: str = "R-1") -> CurrentRoster:
    """A plan as if it had been committed."""
    return CurrentRoster(receipt_id, plan.rows, plan.rule_set_json, plan.digest, plan.fingerprint, plan.district_name)


def ids(frame: pd.DataFrame) -> list[str]:
    """The students of a change."""
    return frame["student_id"].tolist()


def test_a_row_holds_the_student_and_the_section() -> None:
    """School and teachers are those of the section, the number is the student's."""
    roster = district(changed={"u1": {"school_id": "B"}, "h1": {"co_teacher_ids": "t2"}})

    row = planned(roster).rows.iloc[0]

    assert dict(row) == {
        "student_id": "u1",
        "student_number": "1001",
        "first_name": "First1",
        "last_name": "Last1",
        "birthdate": "2020-03-01",
        "grade": "1",
        "school_id": "A",
        "school_name": "School A",
        "section_id": "h1",
        "section_name": "Homeroom 1",
        "teacher_id": "t1",
        "teacher_name": "Terry Lastt1",
        "co_teacher_ids": "t2",
    }
    assert tuple(row.index) == ROW_COLUMNS


def test_without_a_student_number_the_sis_id_stands_in() -> None:
    """What a student goes by is the number, else the SIS id, trimmed."""
    roster = district(changed={"u1": {"student_number": " "}, "u2": {"student_number": " 7 "}})

    assert planned(roster).rows["student_number"].tolist()[:2] == ["sis1", "7"]


def test_only_students_in_exactly_one_kept_section_are_rostered() -> None:
    """Students in none, in several, excused or out of scope have no row; each of the others has one."""
    roster = district(unenrolled=[("u1", "h1")], enrolled=[("u2", "h2")], changed={"u8": {"grade_raw": "9"}})
    rules = replace(HOMEROOMS, assessed_grades=("1", "2"))

    plan = plan_commit(roster, rules, district_id="d1")

    assert ids(plan.rows) == ["u3", "u4", "u5", "u6", "u7"]
    assert (plan.rows.dtypes == "str").all()


def test_a_first_plan_adds_everybody_and_is_never_held() -> None:
    """Without a roster in force there is nothing to lose."""
    plan = planned(profile=Profile(hold_removed=0, hold_changed=0))

    assert len(plan.added) == len(plan.rows) == 8
    assert (plan.current_receipt_id, plan.current_students, plan.held, plan.hold_reason) == ("", 0, False, "")
    assert not plan.already_current
    assert plan.has_change


def test_a_change_tells_added_moved_updated_and_removed_apart() -> None:
    """Moved is another section, updated the same section with other fields; each frame has its columns."""
    before = committed(planned(district(unenrolled=[("u8", "h2")])))
    roster = district(
        changed={"u2": {"last_name": "Other", "grade_raw": "1"}},
        unenrolled=[("u1", "h1"), ("u3", "h1")],
        enrolled=[("u3", "h2")],
    )

    plan = planned(roster, current=before)

    assert (ids(plan.added), ids(plan.removed)) == (["u8"], ["u1"])
    assert plan.moved[["student_id", "from_section_id", "from_section_name", "section_id"]].values.tolist() == [
        ["u3", "h1", "Homeroom 1", "h2"]
    ]
    assert plan.updated[["student_id", "changed"]].values.tolist() == [["u2", "last_name, grade"]]
    assert tuple(plan.added.columns) == tuple(plan.removed.columns) == CHANGE_COLUMNS
    assert plan.removed["section_name"].tolist() == ["Homeroom 1"]
    assert plan.current_students == 7


def test_equal_rows_under_equal_rules_are_already_current() -> None:
    """Rows and rule set both equal those in force; under other rules they are a plan without a change."""
    before = committed(planned())

    same, renamed = planned(current=before), planned(rule_set=replace(HOMEROOMS, name="Else"), current=before)

    assert same.already_current and not same.has_change and same_roster(same, before)
    assert not renamed.already_current and not renamed.has_change and not same_roster(renamed, before)


def test_rows_are_compared_by_student_not_by_place() -> None:
    """A current roster in another order is the same roster."""
    plan = planned()
    before = replace(committed(plan), rows=plan.rows.iloc[::-1].reset_index(drop=True))

    assert planned(current=before).already_current


DIGESTS = {
    "another roster": lambda: planned(district(changed={"m1": {"period": "7"}})),
    "another rule set": lambda: planned(rule_set=replace(HOMEROOMS, name="Else")),
    "other required fields": lambda: planned(profile=Profile(required=("grade",))),
    "another roster in force": lambda: planned(current=committed(planned())),
    "another target": lambda: planned(target="http"),
    "another district": lambda: plan_commit(district(), HOMEROOMS, district_id="d2"),
    "a restore": lambda: plan_restore(committed(planned()), district_id="d1"),
}


@pytest.mark.parametrize("make", DIGESTS.values(), ids=DIGESTS)
def test_a_digest_names_one_plan(make: object) -> None:
    """Whatever a plan depends on changes its digest."""
    assert make().digest != planned().digest  # type: ignore[operator]


def test_a_digest_is_the_same_for_the_same_plan() -> None:
    """Neither the order of the required fields nor thresholds nor the moment of fetching enter it."""
    backwards = Profile(required=tuple(reversed(Profile().required)), hold_removed=0.5)
    later = district(fetched_at=district().fetched_at.replace(year=2027))

    assert planned(later, profile=backwards).digest == planned().digest
    assert plan_digest(district(), HOMEROOMS, district_id="d1") == planned().digest


def test_two_restores_of_different_receipts_are_two_plans() -> None:
    """Also where rows and rules are equal, the receipt restored is part of the plan."""
    one, other = committed(planned(), "R-1"), committed(planned(), "R-2")

    assert plan_restore(one, district_id="d1").digest != plan_restore(other, district_id="d1").digest


def many(count: int, **changes: str) -> CurrentRoster:
    """A roster in force of that many students, made from one row."""
    row = planned().rows.iloc[:1].assign(**changes)
    rows = pd.concat([row] * count, ignore_index=True)
    return CurrentRoster("R-1", rows.assign(student_id=pd.Series(range(count)).astype("str")), HOMEROOMS.to_json())


def restored(before: CurrentRoster, rows: pd.DataFrame, profile: Profile | None = None) -> CommitPlan:
    """The plan that puts some rows in the place of a roster in force."""
    earlier = replace(before, rows=rows.reset_index(drop=True), receipt_id="R-0")
    return plan_restore(earlier, district_id="d1", current=before, profile=profile)


@pytest.mark.parametrize(
    ("removed", "reason"),
    [
        (20, ""),
        (21, "21 of 200 students (10.5 %) would be removed; more than 10 % needs a person's approval."),
        (200, "200 of 200 students (100 %) would be removed; more than 10 % needs a person's approval."),
    ],
)
def test_removing_more_than_the_threshold_is_held(removed: int, reason: str) -> None:
    """The threshold itself is not held; the reason tells the numbers."""
    before = many(200)

    plan = restored(before, before.rows.iloc[removed:])

    assert (plan.held, plan.hold_reason) == (bool(reason), reason)


@pytest.mark.parametrize(("moved", "updated", "held"), [(75, 75, False), (75, 76, True), (151, 0, True)])
def test_changing_more_than_the_threshold_is_held(moved: int, updated: int, held: bool) -> None:
    """Moved and updated students count together."""
    before = many(200)
    rows = before.rows.copy()
    rows.loc[: moved - 1, "section_id"] = "h9"
    rows.loc[moved : moved + updated - 1, "first_name"] = "Other"

    plan = restored(before, rows)

    assert (len(plan.moved), len(plan.updated)) == (moved, updated)
    assert plan.held == held
    assert ("would move or change" in plan.hold_reason) == held


def test_thresholds_are_settings() -> None:
    """A profile may allow more, or nothing."""
    before = many(200)
    rows = before.rows.iloc[30:]

    assert not restored(before, rows, Profile(hold_removed=0.15)).held
    assert restored(before, before.rows.iloc[1:], Profile(hold_removed=0)).held


def test_a_restore_takes_the_stored_rows_and_rules() -> None:
    """Rows, rule set, fingerprint and district name come from the earlier receipt."""
    earlier = committed(planned())

    plan = plan_restore(earlier, district_id="d1", target="http", current=many(8))

    assert plan.kind == "restore"
    assert plan.rows.equals(earlier.rows)
    assert (plan.rule_set_json, plan.fingerprint) == (earlier.rule_set_json, earlier.fingerprint)
    assert (plan.district_name, plan.target, plan.current_receipt_id) == ("Springfield USD", "http", "R-1")


def test_a_plan_needs_a_district() -> None:
    """Without a district id nobody could say whose roster it is."""
    with pytest.raises(InputError, match="names no district"):
        plan_commit(replace(district(), district=District()), HOMEROOMS)


def test_planning_changes_nothing() -> None:
    """Neither the roster nor the roster in force is touched."""
    roster, before = district(), committed(planned())
    fingerprint, rows = roster.fingerprint, before.rows.copy()

    planned(roster, current=before)

    assert district().fingerprint == fingerprint == replace(roster).fingerprint
    assert before.rows.equals(rows)


def test_a_repr_shows_no_student() -> None:
    """Plans and rosters in force end up in logs and tracebacks."""
    plan = planned()

    assert "First1" not in repr(plan) + repr(committed(plan))
    assert "8 students" in repr(plan)


def test_written_rows_join_co_teachers_by_semicolons() -> None:
    """No file or document carries the sign that joins ids inside a roster."""
    rows = planned().rows.assign(co_teacher_ids=f"t2{ID_SEPARATOR}t3")

    assert written_rows(rows)["co_teacher_ids"].unique().tolist() == ["t2;t3"]
    assert written_rows(rows).columns.tolist() == list(ROW_COLUMNS)


def test_a_first_roster_of_nobody_is_told() -> None:
    """No student in a first roster is a mistake; emptying what is in force is a change, and so is a restore."""
    nobody = replace(HOMEROOMS, assessed_grades=("12",))
    first = plan_commit(district(), nobody, district_id="d1")
    assert first.rosters_nobody and not plan_commit(district(), HOMEROOMS, district_id="d1").rosters_nobody
    assert not replace(first, current_students=8).rosters_nobody
    assert not replace(first, kind="restore").rosters_nobody
