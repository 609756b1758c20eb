"""Homeroom-like sections: told from whole-grade lists, and by the number of the section where names say lessons."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from roster_core.coverage import evaluate
from roster_core.homerooms import section_likeness
from roster_core.suggest import Suggestion, suggest_rules
from tests.made_up import Maker, Room


def _kept(maker: Maker, best: Suggestion) -> set[str]:
    """The ids of the sections a suggestion keeps."""
    roster = maker.roster()
    return set(roster.sections["section_id"][evaluate(roster, best.rule_set).section_state() == 1])


def _homerooms(maker: Maker, habit: Callable[[Room], dict[str, str]]) -> set[str]:
    """Adds homerooms and gives their ids."""
    before = len(maker.sections)
    maker.homerooms(habit)
    return {row["section_id"] for row in maker.sections[before:]}


def _grade_lists(maker: Maker, word: str) -> None:
    cells: dict[tuple[int, int], list[tuple[Room, list[str]]]] = {}
    for room, members in maker.members:
        cells.setdefault((room.school, room.grade), []).append((room, members))
    for (_, grade), rooms in cells.items():
        everyone = [member for _, members in rooms for member in members]
        maker.add(rooms[0][0], everyone, f"{word} {grade or 'K'}")


@pytest.mark.parametrize("word", ["All Grade", "Grade", "Class of 203", "Homeroom All Grade"])
@pytest.mark.parametrize(
    "habit", [lambda room: room.last, lambda room: f"{room.grade or 'K'}{room.letter}"], ids=["teacher", "room"]
)
def test_a_list_of_a_whole_grade_is_no_homeroom(word: str, habit: Callable[[Room], str]) -> None:
    """Where each grade has rooms, a list of all its students is not proposed first, plain as its word may be."""
    maker = Maker(20, rooms_a_grade=3, size=16).subjects()
    rooms = _homerooms(maker, lambda room: {"section_name": habit(room)})
    _grade_lists(maker, word)
    best, *_ = suggest_rules(maker.roster())

    assert best.one == best.reachable
    assert _kept(maker, best) == rooms


def test_the_only_room_of_a_grade_is_a_homeroom() -> None:
    """A small school has one room a grade, which holds the whole grade: it is as much a homeroom as any."""
    one, three = Maker(21, rooms_a_grade=1), Maker(21, rooms_a_grade=3)
    for maker in (one, three):
        maker.subjects().homerooms(lambda room: {"section_name": f"Homeroom {room.last}"})
    likeness = [section_likeness(maker.roster()).max() for maker in (one, three)]

    assert likeness[0] == likeness[1] == 0.9


def test_the_only_room_of_a_grade_taught_in_halves_is_a_homeroom() -> None:
    """Lessons half as large as the room do not make it a list of the grade: nothing else could be the homeroom."""
    maker = Maker(25, schools=2, rooms_a_grade=1, size=36)
    for room, members in maker.members:
        for lesson in ("Math", "Science", "Art"):
            for half in (members[::2], members[1::2]):
                maker.add(room, half, f"{lesson} {room.grade} - {room.last}")
    rooms = _homerooms(maker, lambda room: {"section_name": f"{room.last} {room.grade}"})
    best, *_ = suggest_rules(maker.roster())

    assert _kept(maker, best) == rooms


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        (lambda room: f"HR-0{room.grade}", ("section_number", "starts_with", ("HR",))),
        (lambda room: "000", ("section_number", "is", ("000",))),
        (lambda room: f"H{room.grade}1", ("section_number", "starts_with", ("H",))),
        (lambda room: f"{room.grade}{room.letter}", ("section_number", "matches", ("[A-Za-z]",))),
        (
            lambda room: f"{room.school + 1}{room.grade}{ord(room.letter) - 64}",
            ("section_number", "matches", (r"^\d{3}",)),
        ),
    ],
    ids=["a code", "zeros", "a letter before the room", "a letter after it", "three digits"],
)
def test_the_section_number_tells_homerooms_called_like_lessons(
    number: Callable[[Room], str], asked: tuple[str, str, tuple[str, ...]]
) -> None:
    """Homerooms bear the names of lessons, each of which would do it; the code in their section number comes first."""
    maker = Maker(22, rooms_a_grade=3).subjects(subject_field=False)
    for place, row in enumerate(maker.sections):
        row["section_number"] = f"{1 + place % 3}"
    lessons = {"A": "Math", "B": "Science", "C": "ELA"}

    def called(room: Room) -> dict[str, str]:
        return {"section_name": f"{lessons[room.letter]} {room.grade}", "section_number": number(room)}

    rooms = _homerooms(maker, called)
    best, *_ = suggest_rules(maker.roster())
    conditions = [condition for rule in best.rule_set.rules for condition in rule.when]

    assert [(condition.field, condition.op, condition.values) for condition in conditions] == [asked]
    assert _kept(maker, best) == rooms
    assert (asked[1] == "matches") == ("finds section numbers" in best.explanation)


def test_a_code_that_most_sections_bear_marks_none() -> None:
    """Periods from 01 to 07 are no homerooms for their zeros, and neither is a number that all sections share."""
    maker = Maker(23).subjects(subject_field=False)
    for row in maker.sections:
        row["period"], row["section_number"] = f"0{row['period']}", "0"

    assert section_likeness(maker.roster()).max() < 0.2


def test_a_word_glued_to_the_room_is_one_word_for_all_rooms() -> None:
    """`3AHR` and `4BHR` are kept by one word that holds for a room D too, not by one for each letter."""
    maker = Maker(24, rooms_a_grade=3)
    for lesson in ("MA", "AR", "SC"):
        maker.homerooms(lambda room, lesson=lesson: {"section_name": f"{room.grade}{room.letter} {lesson} Three"})  # type: ignore[misc]
    rooms = _homerooms(maker, lambda room: {"section_name": f"{room.grade}{room.letter}HR"})
    best, *_ = suggest_rules(maker.roster())

    assert _kept(maker, best) == rooms
    assert [condition.values for rule in best.rule_set.rules for condition in rule.when] == [("HR",)]
