"""Co-teachers: the teachers of twin sections that a reviewer did not choose go along, and nobody else does."""

from __future__ import annotations

import pytest

from roster_core.assembly import Tables, assemble
from roster_core.co_teachers import co_teachers
from roster_core.coverage import evaluate
from roster_core.plan import plan_commit
from roster_core.roster import ID_SEPARATOR, District, Roster
from roster_core.rules import Condition, Pin, Rule, RuleSet
from roster_core.twins import choose_twin
from tests.strategies import MOMENT, table

REASON = "Attends both sections; this one administers the assessment"
ROOMS = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Room",)),)),))


def _school(rooms: dict[str, range], co_teachers_of: dict[str, str] | None = None) -> Roster:
    """One school's rooms by id with their students; `art` is called Art, all others Room; teachers are `t` + id."""
    everyone = sorted({number for members in rooms.values() for number in members})
    students = [{"student_id": f"U{n:03d}", "school_id": "A", "grade_raw": "2"} for n in everyone]
    sections = [
        {
            "section_id": key,
            "section_name": "Art" if key == "art" else f"Room {key}",
            "school_id": "A",
            "teacher_id": f"t{key}",
            "co_teacher_ids": (co_teachers_of or {}).get(key, ""),
        }
        for key in rooms
    ]
    pairs = [{"student_id": f"U{n:03d}", "section_id": key} for key, members in rooms.items() for n in members]
    teachers = [{"teacher_id": f"t{key}", "last_name": f"Last{key}"} for key in [*rooms, "x"]]
    tables = Tables(
        students=table("students.csv", students, ["student_id", "grade_raw", "school_id"]),
        sections=table(
            "sections.csv", sections, ["section_id", "section_name", "school_id", "teacher_id", "co_teacher_ids"]
        ),
        enrollments=table("enrollments.csv", pairs, ["section_id", "student_id"]),
        teachers=table("teachers.csv", teachers, ["teacher_id", "last_name"]),
    )
    return assemble(tables, district=District("d"), source="clever-csv", fetched_at=MOMENT)


def _chosen(roster: Roster, group: tuple[str, ...], section: str) -> RuleSet:
    return choose_twin(ROOMS, evaluate(roster, ROOMS), group, section, REASON)


def _co_teachers(roster: Roster, rule_set: RuleSet) -> dict[str, str]:
    rows = plan_commit(roster, rule_set).rows
    return dict(zip(rows["section_id"], rows["co_teacher_ids"], strict=True))


@pytest.mark.parametrize("other", [range(12), range(1, 13)], ids=["the same students", "nearly the same"])
def test_the_teacher_of_the_twin_not_chosen_goes_along(other: range) -> None:
    """Every row of the chosen section carries the other twin's teacher and co-teachers, each once; art's never."""
    roster = _school({"a": range(12), "b": other, "art": range(12)}, {"b": ID_SEPARATOR.join(("tx", "ta"))})
    rule_set = _chosen(roster, ("a", "b"), "a")

    assert _co_teachers(roster, rule_set)["a"] == ID_SEPARATOR.join(("tb", "tx"))
    assert set(plan_commit(roster, rule_set).rows["teacher_id"]) <= {"ta", "tb"}


def test_all_sections_of_a_room_go_along() -> None:
    """Of three twins the two not chosen bring their teachers."""
    roster = _school({"a": range(8), "b": range(8), "c": range(8)})

    assert _co_teachers(roster, _chosen(roster, ("a", "b", "c"), "b")) == {"b": ID_SEPARATOR.join(("ta", "tc"))}


def test_a_room_that_is_split_shares_no_teachers() -> None:
    """Where some are pinned to the one and some to the other, both are rostered, each with its own teacher."""
    roster = _school({"a": range(8), "b": range(8)})
    pins = [Pin(f"U{n:03d}", "a" if n < 4 else "b", reason=REASON) for n in range(8)]

    assert _co_teachers(roster, ROOMS.with_pins(*pins)) == {"a": "", "b": ""}


def test_sections_that_are_no_twins_share_no_teachers() -> None:
    """A student pinned to one of two rooms that have few students in common brings nobody along."""
    roster = _school({"a": range(8), "b": range(6, 14)})
    pins = [Pin(f"U{n:03d}", "a", reason=REASON) for n in (6, 7)]

    assert set(_co_teachers(roster, ROOMS.with_pins(*pins)).values()) == {""}


def test_a_twin_dropped_by_a_rule_brings_nobody() -> None:
    """The same students sit in art: dropping a section is no choice of its teacher."""
    roster = _school({"a": range(8), "b": range(8)})
    drop = ROOMS.with_rule(Rule("drop", (Condition("section_name", "is", ("Room b",)),)))

    assert _co_teachers(roster, drop) == {"a": ""}


def test_without_a_pin_the_sections_are_as_shared() -> None:
    """An ordinary district's co-teachers are those of its sections, nothing more."""
    roster = _school({"a": range(8)}, {"a": "tx"})
    excused = ROOMS.with_pins(Pin("U001", None), Pin("U002", "unknown"), Pin("U999", "a"))

    for rule_set in (ROOMS, excused):
        assert co_teachers(evaluate(roster, rule_set)).equals(roster.sections["co_teacher_ids"])
