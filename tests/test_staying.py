"""Students who keep their place in an open window: exactly their committed row, until somebody approves the change."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from roster_core.plan import CommitPlan, CurrentRoster, plan_commit, plan_restore
from roster_core.preflight import PreflightReport, run_preflight
from roster_core.roster import Roster
from roster_core.rules import Pin, RuleSet
from tests.builders import HOMEROOMS, district

OPEN = "until 20 Nov 2026"


def _as_committed(roster: Roster) -> CurrentRoster:
    plan = plan_commit(roster, HOMEROOMS)
    return CurrentRoster("R-1", plan.rows, plan.rule_set_json, plan.digest, plan.fingerprint, plan.district_name)


@cache
def _committed() -> CurrentRoster:
    return _as_committed(district())


def _planned(roster: Roster, stay: set[str], *, rules: RuleSet = HOMEROOMS, window: str = "") -> CommitPlan:
    return plan_commit(roster, rules, current=_committed(), stay=frozenset(stay), window=window)


def _row(frame: pd.DataFrame, student_id: str) -> dict[str, str]:
    return frame[frame["student_id"] == student_id].iloc[0].to_dict()


def _codes(report: PreflightReport) -> set[str]:
    return {finding.code for finding in report.findings}


MOVED = {"enrolled": [("u1", "h2")], "unenrolled": [("u1", "h1")]}
LEFT = {"unenrolled": [("u1", "h1"), ("u1", "m1")]}


@pytest.mark.parametrize(
    ("change", "word", "to"), [(MOVED, "moved", "h2"), (LEFT, "removed", "")], ids=["moved", "removed"]
)
def test_a_student_who_stays_keeps_the_committed_row(change: dict, word: str, to: str) -> None:
    """Nothing of the row differs, it counts as no change, and the plan says what would have become of it."""
    roster = district(**change)
    assert len(getattr(_planned(roster, set()), word)) == 1
    plan = _planned(roster, {"u1"})

    assert _row(plan.rows, "u1") == _row(_committed().rows, "u1")
    assert not plan.has_change
    told = _row(plan.stayed, "u1")
    assert (told["section_id"], told["change"], told["to_section_id"]) == ("h1", word, to)
    assert plan.rows["student_id"].tolist() == sorted(plan.rows["student_id"])


def test_the_rest_goes_through() -> None:
    """New students and updated details are in the plan beside those who stay."""
    new = {"student_id": "u9", "student_number": "1009", "first_name": "N", "last_name": "W", "grade_raw": "1",
           "birthdate_raw": "2019-05-05", "school_id": "A"}  # fmt: skip
    roster = district(
        added={"students": [new]},
        changed={"u2": {"first_name": "Other"}},
        enrolled=[("u9", "h1"), ("u1", "h2")],
        unenrolled=[("u1", "h1")],
    )
    plan = _planned(roster, {"u1"})

    assert (plan.added["student_id"].tolist(), plan.updated["student_id"].tolist()) == (["u9"], ["u2"])
    assert not len(plan.moved)


def test_the_digest_covers_who_stays_and_only_those() -> None:
    """Another list is another plan; a list that changes nothing, or names strangers, is the plan it always was."""
    roster = district(**MOVED)
    plain, staying = _planned(roster, set()), _planned(roster, {"u1"})

    assert plain.digest != staying.digest
    assert staying.digest == _planned(roster, {"u1", "stranger", "u2"}).digest
    assert plain.digest == plan_commit(roster, HOMEROOMS, current=_committed()).digest
    assert not len(_planned(roster, {"stranger", "u2"}).stayed)


def test_without_a_roster_in_force_nobody_stays() -> None:
    """There is no place to keep before the first commit."""
    plan = plan_commit(district(**MOVED), HOMEROOMS, stay=frozenset({"u1"}), window=OPEN)
    assert not len(plan.stayed) and not plan.held


def test_an_open_window_holds_moves_and_removals_and_nothing_else() -> None:
    """The reason names the window and counts; additions and updates are never held by it."""
    both = district(enrolled=[("u1", "h2")], unenrolled=[("u1", "h1"), ("u2", "h1"), ("u3", "h1")])
    plan = _planned(both, set(), window=OPEN)

    assert plan.held
    assert plan.hold_reason.startswith(
        f"The assessment window is open ({OPEN}): 1 student would move to another section and 2 students would be "
        "removed; each needs a person's approval."
    )
    assert not _planned(both, {"u1", "u2", "u3"}, window=OPEN).held
    assert not _planned(district(changed={"u2": {"first_name": "Other"}}), set(), window=OPEN).held
    assert _planned(both, set(), window=OPEN).digest == _planned(both, set()).digest


def test_a_restore_in_an_open_window_is_held_too() -> None:
    """An earlier roster moves children as well as a new one does."""
    earlier = _as_committed(district(**MOVED))
    plan = plan_restore(earlier, district_id="d1", current=_committed(), window=OPEN)
    assert plan.held and "The assessment window is open" in plan.hold_reason


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (LEFT, "student-in-no-section"),
        ({"enrolled": [("u1", "h2")]}, "student-in-several-sections"),
        ({"changed": {"u1": {"birthdate_raw": ""}}, **LEFT}, "missing-birthdate"),
        ({"changed": {"u1": {"grade_raw": ""}}}, "missing-grade"),
    ],
    ids=["none", "several", "birthdate", "grade"],
)
def test_who_stays_is_settled_by_staying(change: dict, code: str) -> None:
    """What the data says of the student now stops nothing, since the committed row is rostered; a warning tells it."""
    roster = district(**change)
    open_plan, staying = _planned(roster, set()), _planned(roster, {"u1"})
    before = run_preflight(roster, HOMEROOMS, plan=open_plan)
    report = run_preflight(roster, HOMEROOMS, plan=staying)

    assert code in _codes(before)
    assert _codes(report) == {"student-stays"}
    assert report.ready
    assert report.findings[0].student_ids == ("u1",)
    assert "Homeroom 1" in report.findings[0].message


def test_a_pin_elsewhere_stops_nothing_for_who_stays() -> None:
    """A pin to a section the student left is no blocker as long as the committed row stands."""
    rules = HOMEROOMS.with_pins(Pin("u1", "h1"))
    roster = district(**MOVED)
    plan = _planned(roster, {"u1"}, rules=rules)
    assert run_preflight(roster, rules, plan=plan).ready


def test_a_child_under_a_new_id_is_not_rostered_twice() -> None:
    """The old id stays as committed and the new one has its student number: that is a blocker."""
    new = {"student_id": "u1b", "student_number": "1001", "first_name": "N", "last_name": "W", "grade_raw": "1",
           "birthdate_raw": "2019-05-05", "school_id": "A"}  # fmt: skip
    roster = district(added={"students": [new]}, enrolled=[("u1b", "h1")], **LEFT)
    report = run_preflight(roster, HOMEROOMS, plan=_planned(roster, {"u1"}))
    told = [finding for finding in report.findings if finding.code == "duplicate-student-number"]

    assert not report.ready
    assert [set(finding.student_ids) for finding in told] == [{"u1", "u1b"}]


@hypothesis_settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_set_of_students_may_stay(data: st.DataObject) -> None:
    """Read slowly: who stays has the committed row, everybody else the row of a plan without anybody staying."""
    students = [f"u{number}" for number in range(1, 9)]
    pairs = [(student, section) for student in students for section in ("h1", "h2")]
    enrolled = data.draw(st.sets(st.sampled_from(pairs)))
    stay = data.draw(st.sets(st.sampled_from([*students, "stranger"])))
    roster = district(enrolled=sorted(enrolled), unenrolled=[(s, h) for s in students for h in ("h1", "h2")])
    current, plan, fresh = _committed(), _planned(roster, stay), _planned(roster, set())
    was = {row["student_id"]: row for row in current.rows.to_dict("records")}
    now = {row["student_id"]: row for row in fresh.rows.to_dict("records")}
    expected = {**{key: row for key, row in now.items() if key not in stay or key not in was},
                **{key: row for key, row in was.items() if key in stay}}  # fmt: skip

    assert {row["student_id"]: row for row in plan.rows.to_dict("records")} == expected
    assert set(plan.stayed["student_id"]) == {key for key in stay & set(was) if was[key] != now.get(key)}
