"""The maker of small made-up districts, for the tests of suggestions and families."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from roster_core.assembly import Table, Tables, assemble
from roster_core.roster import District, Roster

_LAST = (
    "Abbot Baker Cruz Diaz Ellis Fox Garza Hale Ito Jain Kelly Lopez Moss Novak Ortiz Patel Quist Ramos Sato Tran Vega "
    "Wong Young Zamora Bell Cole Dunn Evans Gill Haas Khan Lara Marsh Neal Owens Perez Ross Silva Stone Wade"
)
_FIRST = "Ada Ben Cal Dara Eli Finn Gia Hugo Iris Jada Kai Lea Max Nia Omar Pia Raj Sara Theo Uma Vera Wes Yara Zane"
SUBJECTS = {
    "Math": "math",
    "ELA": "english/language arts",
    "Science": "science",
    "PE": "PE and health",
    "Art": "arts and music",
}


@dataclass
class Room:
    """A class of one grade in one school: what a habit may use to name its homeroom."""

    school: int
    grade: int
    letter: str
    teacher: int
    last: str
    random: random.Random


@dataclass
class Maker:
    """Collects sections and enrollments; `roster()` assembles them."""

    seed: int = 0
    schools: int = 3
    rooms_a_grade: int = 2
    size: int = 12
    grades: tuple[int, ...] = tuple(range(9))
    sections: list[dict[str, str]] = field(default_factory=list)
    enrollments: list[tuple[str, str]] = field(default_factory=list)
    students: list[dict[str, str]] = field(default_factory=list)
    teachers: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.rooms: dict[Room, list[str]] = {}
        self.members: list[tuple[Room, list[str]]] = []
        for school in range(self.schools):
            for grade in self.grades:
                for letter in "ABCDEFG"[: self.rooms_a_grade]:
                    self._room(school, grade, letter)

    def _room(self, school: int, grade: int, letter: str) -> None:
        last, first = self.random.choice(_LAST.split()), self.random.choice(_FIRST.split())
        teacher = len(self.teachers)
        self.teachers.append(
            {"teacher_id": f"T{teacher}", "first_name": first, "last_name": last, "email": "x@x.example"}
        )
        room = Room(school, grade, letter, teacher, last, self.random)
        members = []
        for _ in range(self.size + self.random.randrange(-3, 4)):
            number = f"U{len(self.students):05d}"
            grade_text = "Kindergarten" if grade == 0 else str(grade)
            self.students.append(
                {
                    "student_id": number,
                    "first_name": "A",
                    "last_name": "B",
                    "grade_raw": grade_text,
                    "school_id": f"H{school}",
                }
            )
            members.append(number)
        self.members.append((room, members))

    def add(self, room: Room, members: list[str], name: str, **fields: str) -> None:
        """One section of a room's school and teacher with these students."""
        number = f"S{len(self.sections):05d}"
        row = {
            "section_id": number,
            "section_name": name,
            "school_id": f"H{room.school}",
            "teacher_id": f"T{room.teacher}",
        }
        self.sections.append(row | {"section_grade_raw": str(room.grade)} | fields)
        self.enrollments += [(number, member) for member in members]

    def subjects(self, *, subject_field: bool = True) -> Maker:
        """Five subject sections for each room, named as Clever does, the upper grades regrouped by subject."""
        by_cell: dict[tuple[int, int], list[tuple[Room, list[str]]]] = {}
        for room, members in self.members:
            by_cell.setdefault((room.school, room.grade), []).append((room, members))
        for (_, grade), rooms in by_cell.items():
            for period, (course, subject) in enumerate(SUBJECTS.items(), 1):
                everyone = [member for _, members in rooms for member in members]
                if grade >= 6:
                    self.random.shuffle(everyone)
                for place, (room, _) in enumerate(rooms):
                    part = np.array_split(everyone, len(rooms))[place].tolist()
                    other = {"subject": subject} if subject_field else {}
                    name = f"{course} {grade or 'K'} - {room.last} - {period}"
                    self.add(room, part, name, course_name=f"{course} {grade or 'K'}", period=str(period), **other)
        return self

    def homerooms(self, habit: Callable[[Room], dict[str, str] | None]) -> Maker:
        """A homeroom for each room, as the habit names it (None: this room has none)."""
        for room, members in self.members:
            fields = habit(room)
            if fields is not None:
                rest = dict(fields)
                self.add(room, members, rest.pop("section_name"), **rest)
        return self

    def some(self, name: str, share: float, **fields: str) -> Maker:
        """A section here and there that holds some of a room's students."""
        for room, members in self.members:
            chosen = [member for member in members if self.random.random() < share]
            if chosen:
                self.add(room, chosen, f"{name} {room.grade}{room.letter}", **fields)
        return self

    def roster(self) -> Roster:
        """The district as the product sees it."""

        def table(name: str, rows: list[dict[str, str]]) -> Table:
            frame = pd.DataFrame(rows).fillna("").astype("str")
            return Table(name, frame, np.arange(1, len(frame) + 1))

        names = ["Cedar", "Maple", "Willow", "Aspen", "Hazel", "Laurel", "Rowan", "Linden"]
        tables = Tables(
            students=table("students", self.students),
            sections=table("sections", self.sections),
            enrollments=table("enrollments", [{"section_id": s, "student_id": u} for s, u in self.enrollments]),
            schools=table(
                "schools", [{"school_id": f"H{n}", "school_name": f"{names[n]} School"} for n in range(self.schools)]
            ),
            teachers=table("teachers", self.teachers),
        )
        return assemble(
            tables, district=District("made-up"), source="sample", fetched_at=datetime(2026, 11, 2, tzinfo=UTC)
        )
