"""A small district as Clever writes it, and a client to fetch it with, for tests."""

from __future__ import annotations

import random
from typing import Any

from roster_core.adapters.clever import CleverClient
from roster_core.roster import Roster
from tests.adapters.awkward_clever import AwkwardClever, FakeClock, Lists

OAK = "token-of-oak-never-shown"


def a_district(name: str = "Oak", *, students: int = 30, sections: int = 8, seed: int = 1) -> Lists:
    """Lists of records by path: made up, the same for the same seed; ids of different names differ."""
    chosen = random.Random(seed)
    mark = name.lower()
    pupils = [f"{mark}-student-{number:05}" for number in range(students)]
    teachers = [f"{mark}-teacher-{number}" for number in range(5)]
    return {
        "districts": [
            {"id": f"{mark}-district", "name": name, "state": "running", "last_sync": "2026-11-20T08:00:00Z"}
        ],
        "schools": [{"id": f"{mark}-school-{n}", "name": f"School {n}", "school_number": str(n)} for n in range(2)],
        "terms": [{"id": f"{mark}-term", "name": "S1", "start_date": "2026-08-01", "end_date": "2026-12-18"}],
        "courses": [{"id": f"{mark}-course-{n}", "name": f"Course {n}", "number": f"C{n}"} for n in range(3)],
        "users": [
            *(a_student(mark, pupil, n, chosen.choice(["Kindergarten", "1", "13"])) for n, pupil in enumerate(pupils)),
            *(
                {"id": t, "name": {"first": "Tea", "last": f"Cher{n}"}, "email": "t@x.org", "roles": {"teacher": {}}}
                for n, t in enumerate(teachers)
            ),
        ],
        "sections": [a_section(mark, n, teachers, chosen.sample(pupils, min(12, students))) for n in range(sections)],
    }


def a_student(mark: str, student_id: str, number: int, grade: str) -> dict[str, Any]:
    """A user who is a student."""
    school = f"{mark}-school-{number % 2}"
    role = {"school": school, "schools": [school], "sis_id": f"S{number}", "student_number": f"{number:05}"}
    name = {"first": f"Given{number}", "last": f"Family{number}"}
    return {"id": student_id, "name": name, "roles": {"student": {**role, "grade": grade, "dob": "2/11/2017"}}}


def a_section(mark: str, number: int, teachers: list[str], students: list[str]) -> dict[str, Any]:
    """A section with a teacher and a co-teacher."""
    return {
        "id": f"{mark}-section-{number}",
        "name": f"Homeroom {number}",
        "course": f"{mark}-course-{number % 3}",
        "term_id": f"{mark}-term",
        "school": f"{mark}-school-{number % 2}",
        "subject": "homeroom/advisory",
        "period": str(number % 4),
        "grade": "2",
        "teacher": teachers[number % 5],
        "teachers": [teachers[number % 5], teachers[(number + 1) % 5]],
        "students": students,
    }


def a_client(server: AwkwardClever, clock: FakeClock, *, token: str = "") -> CleverClient:
    """A client whose time is the fake clock's."""
    return CleverClient(server.settings(token=token), sleep=clock.sleep, clock=clock.time, jitter=lambda: 0.0)


def calm_pull(lists: Lists) -> Roster:
    """The roster of these lists from a server that behaves."""
    clock = FakeClock()
    with AwkwardClever({OAK: lists}, clock=clock.time) as server:
        return a_client(server, clock).pull(server.district_id(OAK))
