"""Families: names alike but for teacher, number, period and term; overlaps by family; hits inside a teacher's name."""

from __future__ import annotations

import numpy as np
import pytest

from roster_core.coverage import evaluate
from roster_core.families import families, overlaps, teacher_name_hits
from roster_core.family_words import combination_words
from roster_core.roster import Roster
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.sample import sample_district
from tests.made_up import Maker, Room


def _named(*names: str, teacher: tuple[str, str] = ("Maria", "Diaz"), **fields: str) -> Roster:
    """A district whose only teacher gives sections of these names to one student each."""
    maker = Maker(0, schools=1, rooms_a_grade=1, grades=(3,))
    room, members = maker.members[0]
    maker.teachers[0] |= {"first_name": teacher[0], "last_name": teacher[1]}
    for name in names:
        maker.add(room, members[:1], name, **fields)
    return maker.roster()


def _keys(roster: Roster) -> list[str]:
    found = families(roster)
    return found.frame["key"].to_numpy()[found.codes].tolist()


@pytest.mark.parametrize(
    ("names", "teacher", "key"),
    [
        (("HR 3A", "HR 4B", "hr 12", "HR - 5 C"), ("Maria", "Diaz"), "hr"),
        (("Homeroom - Diaz - HR", "HOMEROOM DIAZ", "homeroom, 3rd: Diaz"), ("Maria", "Diaz"), "homeroom"),
        (("Diaz Maria Homeroom", "Maria Diaz: Homeroom 2", "Homeroom Diaz, Maria"), ("Maria", "Diaz"), "homeroom"),
        (("Salón García 3A", "SALON - Garcia"), ("Ana", "García"), "salon"),
        (("Homeroom De La Cruz", "Homeroom - Cruz"), ("Eva", "De La Cruz"), "homeroom"),
        (("Band - O'Brien - 2", "Band OBrien"[:4]), ("Finn", "O'Brien"), "band"),
        (("Algebra II Sem 1", "Algebra 1 S2", "Algebra I - Diaz - 4"), ("Maria", "Diaz"), "algebra"),
        (("3AHR", "4BHR", "5-CHR", "HR3A", "HR 4"), ("Maria", "Diaz"), "hr"),
        (("班会 3", "班会 4"), ("Mei", "Lin"), "班会"),
        (("三年级二班", "四年级一班", "十二年级 3班"), ("Mei", "Lin"), "年级 班"),
        (("Homeroom Ms. Diaz", "Homeroom Mrs Diaz", "HOMEROOM - Sra. Diaz", "Homeroom"), ("Maria", "Diaz"), "homeroom"),
        (("Ms. Diaz", "Diaz", "Mrs Maria Diaz"), ("Maria", "Diaz"), "<teacher>"),
        (("Diaz's Class", "Ms. Diaz’s class", "Class 3 Diaz"), ("Maria", "Diaz"), "class"),
    ],
    ids=[
        "numbers",
        "teacher, case, punctuation",
        "both orders",
        "accents",
        "compound",
        "apostrophe",
        "terms",
        "glued to the room",
        "ideographs",
        "numbers among ideographs",
        "titles",
        "a title and a name alone",
        "whose class",
    ],
)
def test_alike_names_are_one_family(names: tuple[str, ...], teacher: tuple[str, str], key: str) -> None:
    """All of the names reduce to the same words."""
    assert set(_keys(_named(*names, teacher=teacher))) == {key}


def test_a_name_that_clever_built_tells_its_unknown_teacher() -> None:
    """Between the section's own course and period stands the teacher, though the source names none."""
    maker = Maker(schools=1, rooms_a_grade=1)
    maker.teachers = [row | {"first_name": "", "last_name": ""} for row in maker.teachers]
    room, members = maker.members[0]
    for name, course, period in (
        ("Drama - Wuckert - 6", "Drama", "6"),
        ("Drama - Van Hand - 2", "Drama", "2"),
        ("Drama - Senior - 6", "Theatre", "6"),
        ("Choir - Hand - 4", "", "4"),
    ):
        maker.add(room, members[:2], name, course_name=course, period=period)

    assert _keys(maker.roster()) == ["drama", "drama", "drama senior", "choir"]


def test_other_words_are_other_families() -> None:
    """Words tell families apart, and so does their order."""
    assert len(set(_keys(_named("Homeroom", "Advisory", "Math Lab", "Lab Math")))) == 4


def test_the_sections_own_period_is_set_aside() -> None:
    """A word that is the section's period is no part of what it is called, unless nothing else is left."""
    assert set(_keys(_named("Homeroom HR", "Homeroom", period="HR"))) == {"homeroom"}
    assert set(_keys(_named("HR 3", period="HR"))) == {"hr"}


def test_a_common_word_is_no_name_though_a_teacher_bears_it() -> None:
    """A teacher called Art who teaches among other art teachers does not make `Art` a name."""
    maker = Maker(0, schools=1, rooms_a_grade=1, grades=(1, 2, 3, 4))
    maker.teachers[0] |= {"first_name": "Art", "last_name": "Homer"}
    for room, members in maker.members:
        maker.add(room, members, f"Art {room.grade} - {maker.teachers[room.teacher]['last_name']}")

    assert set(_keys(maker.roster())) == {"art"}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("HR 3A", "HR #"),
        ("Homeroom - Diaz", "Homeroom - <teacher>"),
        ("Math 3 - Diaz - 2", "Math # - <teacher> - #"),
        ("Diaz", "<teacher>"),
        ("12-B", "# - #"),
    ],
)
def test_labels_show_how_a_name_is_built(name: str, label: str) -> None:
    """Words as written, the teacher and numbers as marks."""
    assert families(_named(name)).frame["family"].tolist() == [label]


@pytest.mark.parametrize(
    ("combination", "most", "words"),
    [
        ("HR # + Advisory #", 0, "HR # and Advisory #"),
        ("HOMEROOM <teacher> ×2", 0, "two sections of HOMEROOM + a teacher's name"),
        ("HR # + <teacher> ×12", 0, "HR # and 12 sections of a teacher's name alone"),
        ("Homeroom - <teacher> - HR", 0, "Homeroom - (teacher) - HR"),
        ("HR # + Art # + Band #", 0, "HR #, Art # and Band #"),
        ("HR # + Art # + Band # + Math #", 2, "HR #, Art # and 2 more"),
        ("no sections", 3, "no sections"),
    ],
)
def test_combinations_are_said_in_plain_english(combination: str, most: int, words: str) -> None:
    """No mark, sign or multiplier of ours is left for a person to decode; many families are counted."""
    assert combination_words(combination, most) == words


def test_counts_of_a_family() -> None:
    """Sections, students, schools, grades, median size and examples are counted over the sections of the family."""
    roster = Maker(2, schools=2).homerooms(lambda room: {"section_name": f"Homeroom {room.last}"}).roster()
    (row,) = families(roster).frame.to_dict("records")

    sizes = np.bincount(roster.enrollments.section)
    assert (row["sections"], row["students"], row["schools"]) == (36, len(roster.students), 2)
    assert row["grades"] == "Kindergarten to 8"
    assert row["size"] == np.median(sizes)
    assert row["examples"].count("; ") == 2


def test_schools_that_no_file_names_are_counted_too() -> None:
    """Sections may be of schools the roster does not list; each counts once, for each family."""
    maker = Maker(0, schools=1, rooms_a_grade=1, grades=(3,))
    room, members = maker.members[0]
    for school in ("unheard-of", "unknown", "unlisted", "unlisted"):
        maker.add(room, members[:1], "Robotics", school_id=school)
    maker.add(room, members[:1], "Chess", school_id="unknown")
    frame = families(maker.roster()).frame.set_index("key")
    assert frame["schools"].to_dict() == {"robotics": 3, "chess": 1}


def test_families_are_merged_only_on_request() -> None:
    """The reviewer's groups of keys become one family each; nothing else does."""
    roster = _named("Homeroom 1", "Home Room 2", "Lunch")

    assert len(families(roster).frame) == 3
    assert len(families(roster, merged=[("homeroom", "home room")]).frame) == 2


def test_a_hit_inside_a_teachers_name_is_flagged() -> None:
    """`home` finds Homer: only where nothing else in the name is a hit."""
    roster = sample_district(1200)
    condition = Condition("section_name", "contains", ("home",))
    names = roster.sections["section_name"]
    only = teacher_name_hits(roster, condition)

    assert only.any()
    assert (names[only].str.contains("Homer") & ~names[only].str.contains("(?i)homeroom")).all()
    assert not teacher_name_hits(roster, Condition("course_name", "contains", ("home",))).any()
    assert not teacher_name_hits(roster, Condition("section_name", "contains", ("Math",))).any()


def _overlapping() -> Roster:
    maker = Maker(1, schools=2).subjects().homerooms(lambda room: {"section_name": f"HR {room.grade}{room.letter}"})

    def advisory(room: Room) -> dict[str, str] | None:
        return {"section_name": f"Advisory {room.last}"} if room.grade >= 7 else None

    return maker.homerooms(advisory).roster()


def test_several_are_grouped_by_their_families() -> None:
    """Students in two kept sections read as the families they overlap in, and can be listed by group."""
    roster = _overlapping()
    rule_set = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("HR", "Advisory")),)),))
    coverage = evaluate(roster, rule_set)
    found = overlaps(coverage, families(roster))

    assert found.several.to_dict("records") == [
        {"combination": "HR # + Advisory <teacher>", "students": coverage.several}
    ]
    assert (found.several_group == 0).sum() == coverage.several
    assert ((found.several_group >= 0) == (coverage.status == 2)).all()


def test_none_are_grouped_by_school_grade_and_families() -> None:
    """Students without a kept section are grouped with what they do have, biggest first."""
    roster = _overlapping()
    coverage = evaluate(roster, RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Advisory",)),)),)))
    none = overlaps(coverage, families(roster)).none

    assert none["students"].sum() == coverage.none
    assert none["students"].is_monotonic_decreasing
    assert set(none["grade"]) == {"Kindergarten", "1", "2", "3", "4", "5", "6"}
    assert none["combination"].str.contains("HR #").all()


def test_students_without_sections_say_so() -> None:
    """A student in no section at all is in a group of that name."""
    roster = sample_district(2000)
    found = overlaps(evaluate(roster, RuleSet()), families(roster))

    assert set(found.none["combination"]) == {"no sections"}
    assert found.none["students"].sum() == 3


@pytest.mark.parametrize("students", [1, 40])
def test_small_and_empty_rosters_have_families(students: int) -> None:
    """A handful of students, and nobody in trouble, are no errors."""
    roster = sample_district(students)
    coverage = evaluate(roster, RuleSet(rules=(Rule("drop", (Condition("section_name", "contains", ("a",)),)),)))

    assert len(families(roster).frame)
    assert len(overlaps(coverage, families(roster)).none_group) == students
