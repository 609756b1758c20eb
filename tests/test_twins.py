"""Twins: sections of one school with nearly the same students; and kept rooms that span editions or scopes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster_core.assembly import Tables, assemble
from roster_core.coverage import evaluate
from roster_core.errors import InputError
from roster_core.roster import District, Roster
from roster_core.rules import Condition, Pin, Rule, RuleSet
from roster_core.sample import sample_district
from roster_core.twins import LEAST, LIKENESS, choose_twin, once_each, rooms_astride, settled_by_choices, twins
from tests.builders import HOMEROOMS, district
from tests.strategies import MOMENT, table

REASON = "Attends both sections; this one administers the assessment"
ROOMS = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Room",)),)),))


def _school(rooms: dict[str, tuple[str, range]], grades: dict[int, str] | None = None) -> Roster:
    """Rooms by id: their school and the numbers of their students; all students are of school A."""
    everyone = sorted({number for _, members in rooms.values() for number in members})
    grade = grades or {}
    students = [
        {"student_id": f"U{n:03d}", "school_id": "A", "grade_raw": grade.get(n, "2")} for n in everyone
    ]  # fmt: skip
    sections = [
        {"section_id": key, "section_name": f"Room {key}", "school_id": school} for key, (school, _) in rooms.items()
    ]
    pairs = [{"student_id": f"U{n:03d}", "section_id": key} for key, (_, members) in rooms.items() for n in members]
    tables = Tables(
        students=table("students.csv", students, ["student_id", "grade_raw", "school_id"]),
        sections=table("sections.csv", sections, ["section_id", "section_name", "school_id"]),
        enrollments=table("enrollments.csv", pairs, ["section_id", "student_id"]),
    )
    return assemble(tables, district=District("d"), source="clever-csv", fetched_at=MOMENT)


@pytest.mark.parametrize(
    ("rooms", "expected"),
    [
        ({"a": ("A", range(20)), "b": ("A", range(20))}, [("a", "b")]),
        ({"a": ("A", range(20)), "b": ("A", range(2, 21))}, [("a", "b")]),
        ({"a": ("A", range(20)), "b": ("A", range(5, 25))}, []),
        ({"a": ("A", range(20)), "b": ("B", range(20))}, []),
        ({"a": ("A", range(2)), "b": ("A", range(2))}, []),
        ({"a": ("A", range(20)), "b": ("A", range(20)), "c": ("A", range(1, 20))}, [("a", "b", "c")]),
        ({"a": ("A", range(20)), "b": ("A", range(20)), "c": ("A", range(20, 50)), "d": ("A", range(20, 49))},
         [("c", "d"), ("a", "b")]),
        ({"a": ("A", range(4)), "b": ("A", range(5))}, [("a", "b")]),
    ],
    ids=["equal", "near", "far", "other school", "too small", "three", "two rooms", "just enough"],
)  # fmt: skip
def test_rooms_shared_twice_are_found(rooms: dict, expected: list[tuple[str, ...]]) -> None:
    """Equal and nearly equal sections of one school are one group, the most students first."""
    found = twins(_school(rooms))

    assert [found.section_ids(group) for group in range(len(found.groups))] == expected


def test_a_group_is_described() -> None:
    """A group says how many students it has, how many are shared, and how alike its sections are."""
    found = twins(_school({"a": ("A", range(20)), "b": ("A", range(2, 21))}))

    assert found.groups.drop(columns=["school_name", "teacher_names"]).to_dict("records") == [
        {"school_id": "A", "sections": 2, "students": 21, "shared": 18, "likeness": 18 / 21,
         "section_names": "Room a; Room b"}
    ]  # fmt: skip
    assert found.sections[["section_id", "students"]].to_numpy().tolist() == [["a", 20], ["b", 19]]


def test_only_kept_sections_compete_under_a_coverage() -> None:
    """With a coverage, a section that its rules drop is no twin."""
    roster = _school({"a": ("A", range(20)), "b": ("A", range(20)), "c": ("A", range(20))})
    without_c = RuleSet(rules=(Rule("keep", (Condition("section_name", "is", ("Room a", "Room b")),)),))

    assert twins(roster, evaluate(roster, without_c)).section_ids(0) == ("a", "b")
    assert not len(twins(roster, evaluate(roster, RuleSet(rules=(Rule("drop", ROOMS.rules[0].when),)))).groups)


def test_the_choice_settles_the_whole_room_once() -> None:
    """All students of the room go to the chosen section, the twins are gone, and pins made before stay."""
    roster = _school({"a": ("A", range(20)), "b": ("A", range(20))})
    before = ROOMS.with_pins(Pin("U003", None, reason="Family opted out"))
    coverage = evaluate(roster, before)
    chosen = choose_twin(before, coverage, twins(roster, coverage).section_ids(0), "b", REASON)
    after = evaluate(roster, chosen)

    assert (after.one, after.several, after.excused) == (19, 0, 1)
    assert set(after.students_frame(1)["section_ids"]) == {"b"}
    assert not len(twins(roster, after).groups)


def test_the_choice_hides_no_other_double() -> None:
    """Who is kept in a third section, or not in the chosen one, is left alone."""
    rooms = {"a": ("A", range(20)), "b": ("A", range(1, 20)), "c": ("A", range(19, 24))}
    coverage = evaluate(_school(rooms), ROOMS)
    pinned = {pin.student_id for pin in choose_twin(ROOMS, coverage, ("a", "b"), "b", REASON).pins}

    assert pinned == {f"U{n:03d}" for n in range(1, 19)}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.just("A"), st.sets(st.integers(0, 9), max_size=10)), max_size=6))
def test_what_choices_settle_is_counted_as_if_they_were_made(rooms: list[tuple[str, set[int]]]) -> None:
    """Choosing in each room the section that settles most brings just the students to one who are counted before."""
    roster = _school({f"s{place}": room for place, room in enumerate(rooms)})
    coverage = evaluate(roster, ROOMS)
    found = twins(roster, coverage)
    pins, chosen_rooms = [], 0
    for group in range(len(found.groups)):
        ids = found.section_ids(group)
        choices = [choose_twin(ROOMS, coverage, ids, each, REASON).pins for each in ids]
        pins += max(choices, key=len)
        chosen_rooms += bool(max(choices, key=len))
    after = evaluate(roster, ROOMS.with_pins(*pins))

    assert settled_by_choices(coverage, found) == (chosen_rooms, after.one - coverage.one)


def test_once_each_leaves_each_student_once_in_a_room() -> None:
    """Of sections of one kind with nearly the same students each student keeps the first; other kinds are untouched."""
    rooms = {"a": ("A", range(20)), "b": ("A", range(1, 21)), "c": ("A", range(20)), "d": ("A", range(30, 40))}
    roster = _school(rooms)
    once = once_each(roster, np.array([0, 0, 1, 2]))
    sections = [set(once.enrollments.student[once.enrollments.section == row]) for row in range(4)]

    assert sections == [set(range(20)), {20}, set(range(20)), set(range(21, 31))]
    assert once_each(roster, np.arange(4)) is roster


@pytest.mark.parametrize(("section", "reason"), [("c", REASON), ("a", " ")], ids=["outside", "no reason"])
def test_a_choice_needs_a_section_of_the_group_and_a_reason(section: str, reason: str) -> None:
    """Neither a section outside the group nor an empty reason is taken."""
    roster = _school({"a": ("A", range(5)), "b": ("A", range(5))})
    with pytest.raises(InputError):
        choose_twin(ROOMS, evaluate(roster, ROOMS), ("a", "b"), section, reason)


def test_rooms_astride_two_editions_or_scopes() -> None:
    """A kept room that spans K-3 and 4-8, or half of which is not assessed, is pointed out, each with the reason."""
    grades = dict.fromkeys(range(5), "3") | dict.fromkeys(range(5, 10), "4") | dict.fromkeys(range(10, 16), "9")
    rooms = {"a": ("A", range(2, 8)), "b": ("A", range(8, 12)), "c": ("A", range(5)), "d": ("A", range(4, 13))}
    rules = RuleSet(assessed_grades=("3", "4"), rules=ROOMS.rules)
    found = rooms_astride(evaluate(_school(rooms, grades), rules))

    columns = ["section_id", "students", "out_of_scope", "early", "late", "reason"]
    assert found[columns].to_numpy().tolist() == [
        ["d", 9, 3, 1, 5, "spans K-3 and 4-8"],
        ["a", 6, 0, 3, 3, "spans K-3 and 4-8"],
        ["b", 4, 2, 0, 2, "half or more of its students are not assessed"],
    ]
    assert not len(rooms_astride(evaluate(district(), HOMEROOMS)))


def test_no_twins_in_an_empty_or_plain_district() -> None:
    """A district without enrollments, and homerooms alone, have none."""
    assert not len(twins(_school({"a": ("A", range(0))})).groups)
    roster = sample_district(800)
    homerooms = RuleSet(rules=(Rule("keep", (Condition("subject", "is", ("homeroom/advisory",)),)),))
    assert not len(twins(roster, evaluate(roster, homerooms)).groups)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sets(st.integers(0, 11), max_size=12)), max_size=9),
)
def test_no_pair_is_missed_and_none_invented(rooms: list[tuple[str, set[int]]]) -> None:
    """Two sections are in one group exactly where a chain of sections joins them, each like the next."""
    found = twins(_school({f"s{place}": room for place, room in enumerate(rooms)}))
    near = np.eye(len(rooms), dtype=bool)
    for (one, (school, mine)), (other, (there, theirs)) in combinations(enumerate(rooms), 2):
        big = min(len(mine), len(theirs)) >= LEAST and school == there
        near[one, other] = near[other, one] = big and len(mine & theirs) / len(mine | theirs) >= LIKENESS
    for _ in rooms:
        near = (near.astype(int) @ near.astype(int)) > 0
    expected = {tuple(f"s{other}" for other in np.flatnonzero(row)) for row in near if row.sum() > 1}

    assert {found.section_ids(group) for group in range(len(found.groups))} == expected
