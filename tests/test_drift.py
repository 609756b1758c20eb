"""Drift: what a fresh roster changes or breaks under the committed rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from roster_core.coverage import evaluate
from roster_core.drift import drift
from roster_core.plan import CurrentRoster, plan_commit
from roster_core.roster import Enrollments, Roster
from roster_core.rules import Condition, Pin, Rule, RuleSet
from tests.made_up import Maker, Room

RULES = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),)),))


def _habit(room: Room) -> dict[str, str]:
    return {"section_name": f"Homeroom {room.last}"}


@pytest.fixture(name="roster", scope="module")
def _roster() -> Roster:
    return Maker(3).homerooms(_habit).subjects().roster()


def _committed(roster: Roster, rule_set: RuleSet = RULES) -> CurrentRoster:
    return CurrentRoster("R1", plan_commit(roster, rule_set, district_id="d").rows, rule_set.to_json())


def _with(roster: Roster, **frames: pd.DataFrame) -> Roster:
    return replace(roster, **frames)


def _without_enrollment(roster: Roster, drop: np.ndarray) -> Roster:
    left = Enrollments(roster.enrollments.student[~drop], roster.enrollments.section[~drop])
    return replace(roster, enrollments=left)


def test_the_same_data_is_no_drift(roster: Roster) -> None:
    """Nothing changed, nobody is needed, and one sentence says so."""
    found = drift(_committed(roster), roster, RULES)

    assert set(found.counts.values()) == {0}
    assert not found.needs_person
    assert found.sentences() == [f"Nothing changed for the {len(roster.students)} committed students."]


def test_a_renamed_section_is_told_with_its_students(roster: Roster) -> None:
    """A section renamed out of the filter is listed with both names, and its students are in none."""
    sections = roster.sections.copy()
    homeroom = int(np.flatnonzero(sections["section_name"].str.startswith("Homeroom"))[0])
    was = sections.loc[homeroom, "section_name"]
    sections.loc[homeroom, "section_name"] = "Room 12"
    found = drift(_committed(roster), _with(roster, sections=sections), RULES)

    size = int((roster.enrollments.section == homeroom).sum())
    assert found.renamed.to_dict("records") == [
        {
            "section_id": sections.loc[homeroom, "section_id"],
            "section_name": "Room 12",
            "from_section_name": was,
            "students": size,
        }
    ]
    assert len(found.in_none) == size
    assert found.needs_person
    assert found.sentences()[0] == "1 section was committed and is still shared, but the rules no longer keep it."


def test_a_moved_student_is_told_with_both_sections(roster: Roster) -> None:
    """A student in another homeroom than committed is moved."""
    homerooms = np.flatnonzero(roster.sections["section_name"].str.startswith("Homeroom"))
    section = roster.enrollments.section.copy()
    row = int(np.flatnonzero(section == homerooms[0])[0])
    section[row] = homerooms[1]
    fresh = replace(roster, enrollments=Enrollments(roster.enrollments.student, section))
    found = drift(_committed(roster), fresh, RULES)

    assert found.moved[["from_section_id", "section_id"]].values.tolist() == [
        roster.sections["section_id"].to_numpy()[homerooms[:2]].tolist()
    ]
    assert {name: size for name, size in found.counts.items() if size} == {"moved": 1}
    assert found.needs_person


def test_students_gone_new_and_in_none_are_apart(roster: Roster) -> None:
    """A committed student who left is gone, one without homeroom in none, one not committed before is new."""
    committed = _committed(roster)
    shorter = replace(committed, rows=committed.rows.iloc[1:].reset_index(drop=True))
    left = committed.rows.iloc[[0]].assign(student_id="LEFT")
    shorter = replace(shorter, rows=pd.concat([shorter.rows, left], ignore_index=True).astype("str"))
    student = int(roster.student_row(committed.rows["student_id"].iloc[5]))
    homeroom = roster.sections["section_name"].str.startswith("Homeroom").to_numpy()
    drop = (roster.enrollments.student == student) & homeroom[roster.enrollments.section]
    found = drift(shorter, _without_enrollment(roster, drop), RULES)

    assert found.gone["student_id"].tolist() == ["LEFT"]
    assert found.gone["reason"].tolist() == ["not in the data"]
    assert found.new[["student_id", "status"]].values.tolist() == [[committed.rows["student_id"].iloc[0], "one"]]
    assert found.in_none["student_id"].tolist() == [committed.rows["student_id"].iloc[5]]


def test_updated_details_and_new_students_in_one_need_nobody(roster: Roster) -> None:
    """A changed name is an update; with new students in one section it can be committed as it is."""
    committed = _committed(roster)
    rows = committed.rows.copy()
    rows.loc[3, "first_name"] = "Other"
    found = drift(replace(committed, rows=rows.iloc[1:].reset_index(drop=True)), roster, RULES)

    assert found.updated["changed"].tolist() == ["first_name"]
    assert found.new_in_one == 1
    assert not found.needs_person


def test_excused_and_unassessed_students_are_gone_with_the_reason(roster: Roster) -> None:
    """A committed student who is excused now, or no longer assessed, would leave the roster."""
    committed = _committed(roster)
    first = committed.rows["student_id"].iloc[0]
    excusing = drift(committed, roster, RULES.with_pins(Pin(first, None, reason="Family opted out")))
    fewer = replace(RULES, assessed_grades=("1", "2"))
    narrower = drift(committed, roster, fewer)

    assert excusing.gone[["student_id", "reason"]].values.tolist() == [[first, "excused"]]
    assert set(narrower.gone["reason"]) == {"not assessed: grade or school"}
    assert len(narrower.gone) == len(roster.students) - evaluate(roster, fewer).in_scope


def test_no_frame_holds_a_childs_name_or_birthdate(roster: Roster) -> None:
    """Frames go to pages and files, so they hold ids and section names only."""
    found = drift(_committed(roster), roster, RULES)

    for name in found.counts:
        columns = set(getattr(found, name).columns)
        assert not columns & {"first_name", "last_name", "birthdate"}


def _only_sections(roster: Roster, kept: np.ndarray) -> Roster:
    """The roster as it would be were only these sections shared."""
    there = kept[roster.enrollments.section]
    place = np.cumsum(kept) - 1
    left = Enrollments(roster.enrollments.student[there], place[roster.enrollments.section[there]].astype(np.int32))
    return _with(roster, sections=roster.sections[kept].reset_index(drop=True), enrollments=left)


def test_sections_no_longer_shared_are_told_committed_or_not(roster: Roster) -> None:
    """A committed section that is not shared any more needs a person; another one is only told."""
    homeroom = roster.sections["section_name"].str.startswith("Homeroom").to_numpy()
    kept = np.ones(len(homeroom), dtype=bool)
    kept[[np.flatnonzero(homeroom)[0], np.flatnonzero(~homeroom)[0]]] = False
    committed, fresh = _committed(roster), _only_sections(roster, kept)
    found = drift(committed, fresh, RULES, before=roster)

    assert sorted(found.unshared["section_id"]) == sorted(roster.sections["section_id"][~kept])
    assert found.unshared_committed == 1
    assert found.unshared["students"].max() == len(found.in_none)
    assert found.sentences()[0] == "1 section was committed and is no longer shared."
    assert "1 section is no longer shared; no student was committed there." in found.sentences()
    # Without the roster that was committed from, only the committed sections are known.
    assert len(drift(committed, fresh, RULES).unshared) == 1


def test_sections_newly_shared_alone_need_nobody(roster: Roster) -> None:
    """A section that was not shared before is told with whether the rules keep it."""
    homeroom = roster.sections["section_name"].str.startswith("Homeroom").to_numpy()
    kept = np.ones(len(homeroom), dtype=bool)
    kept[np.flatnonzero(~homeroom)[:2]] = False
    before = _only_sections(roster, kept)
    found = drift(_committed(before), roster, RULES, before=before)

    assert sorted(found.shared["section_id"]) == sorted(roster.sections["section_id"][~kept])
    assert not found.shared["kept"].any()
    assert found.sentences() == ["2 sections are newly shared and not kept."]
    assert not found.needs_person
