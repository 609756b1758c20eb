"""Small districts with one naming habit each, for the tests of suggestions and families."""

from __future__ import annotations

from collections.abc import Callable

from roster_core.roster import Roster
from tests.made_up import SUBJECTS, Maker, Room

_ANIMALS = "Otter Lynx Heron Bison Gecko Koala Newt Puffin Stoat Tapir Wombat Marmot Ibis Egret Civet Dingo Quail Raven"
_ADJECTIVES = (
    "Quiet Bold Lucky Brave Merry Sunny Swift Gentle Clever Mighty Happy Nimble Proud Calm Eager Jolly Vivid Witty"
)


def fancy(room: Room) -> str:
    """A name that says nothing: `Quiet Otter`."""
    return f"{room.random.choice(_ADJECTIVES.split())} {room.random.choice(_ANIMALS.split())}"


def _levels(room: Room) -> dict[str, str]:
    if room.grade <= 5:
        return {"section_name": f"Homeroom - {room.last} - HR"}
    return {"section_name": f"Advisory {room.grade}{room.letter}"}


def _per_school(room: Room) -> dict[str, str]:
    words = (
        f"Homeroom {room.last}",
        f"HR {room.grade}{room.letter}",
        f"Crew - {room.last}",
        f"{room.grade} Advisory {room.last}",
    )
    return {"section_name": words[room.school % 4]}


def _spanish(room: Room) -> dict[str, str]:
    words = (f"Salón {room.grade}{room.letter} - {room.last}", f"Tutoría {room.last}", f"Classe d'accueil {room.last}")
    return {"section_name": words[room.school % 3]}


def _semesters(maker: Maker) -> Maker:
    for room, members in maker.members:
        for term in ("S1", "S2"):
            maker.add(room, members, f"HR {room.last} {term}", term_id=term, term_name=f"Semester {term[1]}")
    return maker


def _one_school_sixth(room: Room) -> dict[str, str]:
    homeroom = room.grade <= 5 or (room.grade == 6 and room.school == 0)
    return {"section_name": f"Homeroom {room.last}" if homeroom else f"Advisory {room.last}"}


def _sixth_decoy(maker: Maker) -> Maker:
    """The schools with advisory in grade 6 call their sixth-grade study hall a homeroom too."""
    for room, members in maker.members:
        if room.grade >= 6 and not (room.grade == 6 and room.school == 0):
            maker.add(room, members[: len(members) // 2], f"Homeroom study {room.last}")
    return maker


def _missing(maker: Maker, share: float = 0.75) -> Maker:
    """Nothing but subjects, of which every student misses some: `keep this, else that` is all that can do it."""
    for room, members in maker.members:
        for period, course in enumerate(SUBJECTS, 1):
            chosen = [member for member in members if maker.random.random() < share]
            if chosen:
                maker.add(room, chosen, f"{course} {room.grade or 'K'} - {room.last} - {period}", period=str(period))
    return maker


def _elementary_only(room: Room) -> dict[str, str] | None:
    return {"section_name": f"Homeroom {room.last}"} if room.grade <= 5 else None


def _upper_missing(maker: Maker) -> Maker:
    """Homerooms up to grade 5; above that only subjects, of which every student misses some."""
    everybody = maker.members
    maker.members = [(room, members) for room, members in everybody if room.grade >= 6]
    _missing(maker, 0.7)
    maker.members = everybody
    return maker


def _school_years(maker: Maker) -> Maker:
    for year in ("2025-26", "2026-27", "2027-28"):
        maker.homerooms(lambda room, year=year: {"section_name": f"Homeroom {room.last}", "term_name": year})  # type: ignore[misc]
    return maker


def _scattered(maker: Maker) -> Maker:
    """No field tells anything, and students are dealt at random, so no filter can be right."""
    students = [row["student_id"] for row in maker.students]
    for room, _ in maker.members:
        for _ in range(4):
            maker.add(room, maker.random.sample(students, maker.size), fancy(room), section_grade_raw="")
    return maker


#: habit -> a district in which at most six rules put 99 % of the reachable students in one section.
HABITS: dict[str, Callable[[int], Roster]] = {
    "one word": lambda seed: (
        Maker(seed).subjects().homerooms(lambda r: {"section_name": f"Homeroom {r.last}"}).roster()
    ),
    "two levels": lambda seed: Maker(seed).subjects().homerooms(_levels).roster(),
    "no subjects known": lambda seed: Maker(seed).subjects(subject_field=False).homerooms(_levels).roster(),
    "a word a school": lambda seed: Maker(seed, schools=4).subjects().homerooms(_per_school).roster(),
    "word used elsewhere": lambda seed: (
        Maker(seed, schools=4)
        .subjects()
        .homerooms(_per_school)
        .some("Crew Team", 0.2)
        .some("Three Rivers HR Lab", 0.1)
        .roster()
    ),
    "period": lambda seed: (
        Maker(seed).subjects().homerooms(lambda r: {"section_name": fancy(r), "period": "HR"}).roster()
    ),
    "spanish and french": lambda seed: Maker(seed).subjects(subject_field=False).homerooms(_spanish).roster(),
    "class type": lambda seed: (
        Maker(seed)
        .homerooms(lambda r: {"section_name": fancy(r), "class_type": "homeroom"})
        .homerooms(lambda r: {"section_name": fancy(r), "class_type": "scheduled"})
        .homerooms(lambda r: {"section_name": fancy(r), "class_type": "scheduled"})
        .roster()
    ),
    "support sections": lambda seed: (
        Maker(seed)
        .subjects()
        .homerooms(lambda r: {"section_name": f"Homeroom {r.last}"})
        .some("MTSS Homeroom Support", 0.3)
        .some("Homeroom Lunch Bunch", 0.2)
        .roster()
    ),
    "semesters": lambda seed: _semesters(Maker(seed).subjects()).roster(),
    "one school differs": lambda seed: _sixth_decoy(Maker(seed).subjects().homerooms(_one_school_sixth)).roster(),
    "course name": lambda seed: (
        Maker(seed).subjects().homerooms(lambda r: {"section_name": fancy(r), "course_name": "Homeroom Elem"}).roster()
    ),
    "section number": lambda seed: (
        Maker(seed)
        .homerooms(lambda r: {"section_name": fancy(r), "section_number": f"HR-{r.letter}"})
        .homerooms(lambda r: {"section_name": fancy(r), "section_number": f"MA-{r.letter}"})
        .homerooms(lambda r: {"section_name": fancy(r), "section_number": f"EN-{r.letter}"})
        .roster()
    ),
    "grade and teacher": lambda seed: (
        Maker(seed)
        .subjects(subject_field=False)
        .homerooms(lambda r: {"section_name": f"Grade {r.grade} - {r.last}"})
        .some("Grade Band Music", 0.3)
        .roster()
    ),
    "room codes": lambda seed: (
        Maker(seed).subjects(subject_field=False).homerooms(lambda r: {"section_name": f"{r.grade}{r.letter}"}).roster()
    ),
    "elementary homeroom, first period": lambda seed: (
        Maker(seed)
        .subjects(subject_field=False)
        .homerooms(lambda r: {"section_name": f"HOMEROOM {r.last.upper()}"} if r.grade <= 5 else None)
        .roster()
    ),
    "homeroom and advisory": lambda seed: (
        Maker(seed)
        .subjects()
        .homerooms(lambda r: {"section_name": f"Homeroom {r.last}"})
        .homerooms(lambda r: {"section_name": f"Advisory {r.last}"} if r.grade >= 6 else None)
        .roster()
    ),
    "subjects in order": lambda seed: _missing(Maker(seed, rooms_a_grade=3)).roster(),
    "homeroom, then subjects in order": lambda seed: (
        _upper_missing(Maker(seed, rooms_a_grade=3).homerooms(_elementary_only)).roster()
    ),
    "number plan": lambda seed: (
        Maker(seed)
        .homerooms(lambda r: {"section_name": f"00{r.grade}{r.teacher % 9}-{r.school}"})
        .homerooms(lambda r: {"section_name": f"10{r.grade}{r.teacher % 9}-{r.school}"})
        .homerooms(lambda r: {"section_name": f"20{r.grade}{r.teacher % 9}-{r.school}"})
        .roster()
    ),
    "alternate days": lambda seed: (
        Maker(seed)
        .subjects()
        .homerooms(_elementary_only)
        .homerooms(lambda r: {"section_name": f"Advisory {r.last} A Day"} if r.grade >= 6 else None)
        .homerooms(lambda r: {"section_name": f"Advisory {r.last} B Day"} if r.grade >= 6 else None)
        .roster()
    ),
    "school years": lambda seed: _school_years(Maker(seed).subjects()).roster(),
}

#: A district no filter can settle.
IMPOSSIBLE: Callable[[int], Roster] = lambda seed: _scattered(Maker(seed)).roster()  # noqa: E731
