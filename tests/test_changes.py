"""What changed from one roster to the next: names, sections, students by school and grade, and who stands otherwise."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from roster_core.changes import STANDS, changes
from roster_core.coverage import evaluate
from roster_core.roster import Roster
from roster_core.rules import Pin
from tests.builders import HOMEROOMS, district

NEW = {"student_id": "u9", "student_number": "1009", "first_name": "Nia", "last_name": "New", "grade_raw": "1",
       "birthdate_raw": "2020-05-05", "school_id": "A"}  # fmt: skip
ROOM = {"section_id": "h3", "section_name": "Homeroom 3", "school_id": "A", "teacher_id": "t1"}


def _rows(frame: pd.DataFrame, *columns: str) -> list[list[object]]:
    return frame[list(columns)].to_numpy().tolist()


def test_the_same_data_is_no_change() -> None:
    """Also when its rows came in another order or at another hour; one sentence says so."""
    found = changes(district(), district(), HOMEROOMS)
    assert found.same and not any(found.counts.values())
    assert found.sentences() == ["Nothing changed: the data is the same as before."]


def test_a_new_student_is_told_by_school_and_grade() -> None:
    """With how the student stands under the rules."""
    found = changes(district(), district(added={"students": [NEW]}, enrolled=[("u9", "h1")]), HOMEROOMS)

    assert _rows(found.arrived, "student_id", "school_name", "stands") == [["u9", "School A", "in exactly one"]]
    assert _rows(found.by_school_grade, "school_id", "grade", "arrived", "left") == [["A", "1", 1, 0]]
    assert found.sentences() == ["1 student is new."]


def test_a_student_who_left_is_told_too() -> None:
    """The same comparison the other way round."""
    found = changes(district(added={"students": [NEW]}), district(), HOMEROOMS)
    assert _rows(found.left, "student_id", "stands") == [["u9", "in none"]]
    assert found.sentences() == ["1 student is no longer there."]


def test_a_renamed_section_is_a_new_name_and_turns_its_students() -> None:
    """Out of the filter: its students lose their one section, which is told first."""
    found = changes(district(), district(changed={"h1": {"section_name": "Room 12"}}), HOMEROOMS)

    assert _rows(found.new_names, "section_name", "sections", "students", "kept") == [["Room 12", 1, 4, 0]]
    assert set(found.turned["student_id"]) == {"u1", "u2", "u3", "u4"}
    assert set(map(tuple, _rows(found.turned, "before", "after"))) == {("in exactly one", "in none")}
    assert found.sentences() == [
        "4 students who were in exactly one section are now in none.",
        "1 section name was never seen before.",
    ]


def test_a_section_that_is_gone_is_told_with_whether_it_was_kept() -> None:
    """And a section that is back under its old name is no new name."""
    grown = district(added={"sections": [ROOM]})
    gone, back = changes(grown, district(), HOMEROOMS), changes(district(), grown, HOMEROOMS, seen=["HOMEROOM  3"])

    assert _rows(gone.gone_sections, "section_id", "kept") == [["h3", False]]
    assert gone.sentences() == ["1 section is gone."]
    assert not len(back.new_names)
    filled = district(added={"sections": [ROOM]}, enrolled=[("u1", "h3")])
    assert changes(filled, district(), HOMEROOMS).sentences() == [
        "1 student who was in several is now in exactly one section.",
        "1 section is gone; the rules kept 1 of them.",
    ]


def test_a_student_in_another_section_is_told_with_both() -> None:
    """In exactly one before and now, but not in the same: their state is what it was, their place is not."""
    found = changes(district(), district(enrolled=[("u1", "h2")], unenrolled=[("u1", "h1")]), HOMEROOMS)
    assert _rows(found.moved, "student_id", "from_section_name", "section_name") == [
        ["u1", "Homeroom 1", "Homeroom 2"]
    ]
    assert found.sentences() == ["1 student is in another section than before."]


def test_a_detail_that_no_rule_looks_at_is_said_to_be_one() -> None:
    """The data differs, and nobody stands otherwise."""
    found = changes(district(), district(changed={"u1": {"first_name": "Other"}}), HOMEROOMS)
    assert not found.same
    assert found.sentences() == ["No name, section or student changed that these rules look at; only details did."]


def test_no_frame_holds_a_childs_name() -> None:
    """Lists go to pages and files."""
    found = changes(district(), district(added={"students": [NEW]}, without=["terms"]), HOMEROOMS)
    for name in (*found.counts, "by_school_grade"):
        assert not set(getattr(found, name).columns) & {"first_name", "last_name", "birthdate"}


@pytest.mark.parametrize("turned", [True, False])
def test_every_frame_has_the_same_columns_and_types_when_it_is_empty(turned: bool) -> None:
    """A page draws an empty list like a full one."""
    other = district(added={"students": [NEW], "sections": [ROOM]}, enrolled=[("u9", "h3")], unenrolled=[("u1", "h1")])
    full = changes(other, district(), HOMEROOMS) if turned else changes(district(), other, HOMEROOMS)
    empty = changes(district(), district(), HOMEROOMS)
    for name in (*full.counts, "by_school_grade"):
        assert getattr(full, name).dtypes.to_dict() == getattr(empty, name).dtypes.to_dict(), name


def _slow(before: Roster, after: Roster, pins: tuple[Pin, ...]) -> Counter[tuple[str, str]]:
    """Each turn of state, read one student at a time."""
    stands = []
    for roster in (before, after):
        coverage = evaluate(roster, HOMEROOMS.with_pins(*pins))
        ids = roster.students["student_id"].tolist()
        stands.append({key: STANDS[int(code)] for key, code in zip(ids, coverage.status, strict=True)})
    was, now = stands
    return Counter((was[key], now[key]) for key in was.keys() & now.keys() if was[key] != now[key])


@hypothesis_settings(max_examples=25, deadline=None)
@given(st.data())
def test_turns_are_those_of_a_slow_reading(data: st.DataObject) -> None:
    """Whatever the enrollments of the two rosters, every student who stands otherwise is told, and no other."""
    students, sections = [f"u{number}" for number in range(1, 9)], ["h1", "h2"]
    pairs = [(student, section) for student in students for section in sections]
    drawn = [sorted(data.draw(st.sets(st.sampled_from(pairs)))) for _ in range(2)]
    before, after = (district(enrolled=each, unenrolled=pairs) for each in drawn)
    pins = tuple(Pin(student, None) for student in data.draw(st.sets(st.sampled_from(students), max_size=2)))
    found = changes(before, replace(after, source="other"), HOMEROOMS.with_pins(*pins))

    assert Counter(map(tuple, _rows(found.turned, "before", "after"))) == _slow(before, after, pins)
