"""A folder of Clever's answers, in every form people save them in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from roster_core.adapters.clever_json import plain_name, read_clever_files
from roster_core.adapters.files import open_source, open_uploads
from roster_core.adapters.loading import load
from roster_core.errors import Cancelled, InputError
from roster_core.roster import ID_SEPARATOR, Roster
from tests.adapters.awkward_clever import Lists
from tests.adapters.clever_district import a_district, calm_pull

MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def read(files: dict[str, Any]) -> Roster:
    """The roster of files given as bytes, or as what their JSON says."""
    contents = {name: held if isinstance(held, bytes) else json.dumps(held).encode() for name, held in files.items()}
    return read_clever_files(open_uploads(contents), fetched_at=MOMENT)


def enveloped(records: list[dict[str, Any]], following: str = "") -> dict[str, Any]:
    """A list as Clever answers it."""
    links = [{"rel": "self", "uri": "/v3.0/x"}, *([{"rel": "next", "uri": following}] if following else [])]
    return {"data": [{"data": record, "uri": "/v3.0/x/1"} for record in records], "links": links}


def by_role(lists: Lists, role: str) -> list[dict[str, Any]]:
    """The users with a role."""
    return [user for user in lists["users"] if role in user["roles"]]


def codes(roster: Roster) -> dict[str, int]:
    """How many load findings of each code there are."""
    return roster.findings["code"].value_counts().to_dict()


def test_the_demo_district_has_its_known_sizes(test_data: Path) -> None:
    """Clever's demo district: 1,004 students, 378 sections, 89 teachers, 3 schools by id, one birthdate missing."""
    roster = load(test_data / "clever-api-v3-demo", now=MOMENT)
    assert (len(roster.students), len(roster.sections), len(roster.teachers), len(roster.schools)) == (1004, 378, 89, 3)
    assert (roster.students["birthdate"] == "").sum() == 1
    assert (roster.schools["school_name"] == "").all()
    assert (roster.district.name, roster.district.last_sync) == ("#DEMO_DISTRICT", "2021-03-02T22:25:23.709Z")
    assert roster.source == "clever-files" and roster.fetched_at == MOMENT
    assert codes(roster) == {"absent-table": 3}


def test_the_demo_districts_answers_are_as_documented(test_data: Path) -> None:
    """Keeping the sections with "homeroom" in their name keeps 39 and leaves each student exactly one."""
    roster = load(test_data / "clever-api-v3-demo", now=MOMENT)
    kept = roster.sections["section_name"].str.lower().str.count("homeroom").to_numpy() > 0
    counts = np.bincount(roster.enrollments.student[kept[roster.enrollments.section]], minlength=len(roster.students))
    assert kept.sum() == 39 and (counts == 1).all()


def test_the_recorded_pages_are_read(test_data: Path) -> None:
    """Recordings with the answer under "body", in numbered pages, are read; that later pages lack is told."""
    roster = load(test_data / "clever-api-v3.0-recorded", now=MOMENT)
    assert (len(roster.students), len(roster.sections), len(roster.schools)) == (200, 200, 4)
    assert codes(roster).pop("pages-missing") == 3


FORMS = {
    "whole answers": enveloped,
    "unwrapped items": lambda records: {"data": records},
    "bare lists": lambda records: records,
    "bare lists of wrapped items": lambda records: enveloped(records)["data"],
    "recordings": lambda records: {"_status": 200, "body": enveloped(records)},
    "a list of pages": lambda records: [enveloped(records[:3], "/more"), enveloped(records[3:])],
    "with a mark before it": lambda records: b"\xef\xbb\xbf" + json.dumps(records).encode(),
    "UTF-16": lambda records: json.dumps(records).encode("utf-16"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_an_answer_gives_the_same_roster(form: Any) -> None:
    """However the records are wrapped, the roster is the one the API itself gives."""
    lists = a_district()
    roster = read({f"{name}.json": form(records) for name, records in lists.items()})
    assert roster.findings.empty and roster.fingerprint == calm_pull(lists).fingerprint
    assert roster.district.name == "Oak"


@pytest.mark.parametrize(
    "names", [("_1", "_2"), ("-1", "-2"), ("1", "2"), ("_p1", "_p2_last"), ("", "_2"), ("_9", "_10")]
)
def test_pages_in_several_files_are_one_list(names: tuple[str, str]) -> None:
    """Numbered files are read in the order of their numbers; a record on two pages counts once."""
    lists = a_district()
    files: dict[str, Any] = {f"{name}.json": enveloped(records) for name, records in lists.items()}
    sections = lists["sections"]
    del files["sections.json"]
    files |= {f"sections{names[0]}.json": enveloped(sections[:5], "/v3.0/sections?limit=5")}
    files |= {f"sections{names[1]}.json": enveloped(sections[3:])}
    roster = read(files)
    assert roster.findings.empty and roster.fingerprint == calm_pull(lists).fingerprint


def test_students_and_teachers_may_have_files_of_their_own() -> None:
    """students.json and teachers.json stand for users.json, with or without roles inside."""
    lists = a_district()
    files: dict[str, Any] = {f"{name}.json": records for name, records in lists.items() if name != "users"}
    pupils, teachers = by_role(lists, "student"), by_role(lists, "teacher")
    flat = [{"id": user["id"], "name": user["name"], **user["roles"]["student"]} for user in pupils]
    for written in (pupils, flat):
        roster = read({**files, "students.json": written, "teachers.json": teachers})
        assert roster.fingerprint == calm_pull(lists).fingerprint and roster.findings.empty


def test_only_students_and_teachers_are_taken_of_the_users() -> None:
    """Contacts, staff, administrators and users without a role are no students and no teachers."""
    lists = a_district()
    others = [{"id": f"u{n}", "roles": roles} for n, roles in enumerate(({"contact": {}}, {"staff": {}}, {}, None))]
    lists["users"] = [*others, *lists["users"], {"id": "both", "roles": {"teacher": {}, "staff": {}, "student": None}}]
    roster = read({f"{name}.json": records for name, records in lists.items()})
    assert len(roster.students) == 30 and len(roster.teachers) == 6


def test_absent_files_are_one_warning_each() -> None:
    """Without schools, terms and courses the roster is complete but for their names."""
    lists = a_district()
    roster = read({"users.json": lists["users"], "sections.json": lists["sections"]})
    assert codes(roster) == {"absent-table": 3} and set(roster.findings["severity"]) == {"warning"}
    assert roster.schools["school_id"].tolist() == ["oak-school-0", "oak-school-1"]
    assert (roster.sections[["course_name", "term_name", "school_name"]] == "").to_numpy().all()
    assert roster.district.id == ""


def test_schools_and_teachers_stand_in_order() -> None:
    """The primary school and teacher come first and once; schools are sorted after it, teachers keep their order."""
    lists = a_district(students=2, sections=2)
    lists["users"][0]["roles"]["student"] |= {"school": "m", "schools": ["z", "m", "a", None]}
    lists["users"][1]["roles"]["student"] |= {"school": None, "schools": ["z", "a"]}
    lists["sections"][0] |= {"teacher": "t3", "teachers": ["t9", "t3", "t1", "t9"]}
    lists["sections"][1] |= {"teacher": None, "teachers": ["t2", "t1"]}
    roster = read({f"{name}.json": records for name, records in lists.items()})
    assert roster.students["school_id"].tolist() == ["m", "z"]
    assert roster.students["school_ids"].str.split(ID_SEPARATOR).tolist() == [["m", "a", "z"], ["z", "a"]]
    assert roster.sections["teacher_id"].tolist() == ["t3", "t2"]
    assert roster.sections["co_teacher_ids"].str.split(ID_SEPARATOR).tolist() == [["t9", "t1"], ["t1"]]


@pytest.mark.parametrize(("students", "enrollments", "codes"), [(None, 0, []), ("U1", 1, []), ({}, 0, ["S1"])])
def test_what_stands_in_place_of_a_list_of_students_is_not_dropped(
    students: Any, enrollments: int, codes: list[str]
) -> None:
    """A single id is one student, nothing is none, and anything else an unreadable row with its section's id."""
    pupils = [{"id": "U1", "name": {"first": "Ana", "last": "Diaz"}, "roles": {"student": {}}}]
    roster = read({"sections.json": [{"id": "S1", "students": students}], "users.json": pupils})
    assert len(roster.enrollments) == enrollments
    assert roster.findings.query("code == 'unreadable-row'")["id"].tolist() == codes


def test_a_section_listed_twice_with_other_students_is_told() -> None:
    """The first list of students counts, and the contradiction is a blocker; the same list in another order is none."""
    lists = a_district()
    first, second = lists["sections"][:2]
    lists["sections"] += [{**first, "students": first["students"][::-1]}, {**second, "students": ["oak-student-00000"]}]
    roster = read({f"{name}.json": records for name, records in lists.items()})
    assert len(roster.enrollments) == 96
    told = roster.findings[["code", "severity", "row", "section_id"]].to_numpy().tolist()
    assert told == [["conflicting-section", "blocker", 10, second["id"]]]


BROKEN: dict[str, tuple[Any, str]] = {
    "empty": (b"  \n", "sections.json in .* is empty"),
    "cut off": (b'{"data": [\n{"id": "1"},\n', r"it ends too early, at line 3 \(byte 24\)"),
    "a comma too many": (b'{"data": [\n{"id": "1",}]}', r"line 2 \(byte 22\): "),
    "text after it": (b"[]\n[]", r"line 2 \(byte 4\): trailing characters"),
    "not UTF-8": (b'[{"id": "1"},\n{"id": "\xe9"}]', "line 2 holds a character that is not UTF-8"),
    "half a character": (b'[{"id": "\\ud800"}]', "line 1|too early|not an answer"),
    "no list": (b'{"message": "Not found"}', "it holds no list of records"),
    "a number": (b"7", "not an answer of Clever|holds a character"),
    "HTML": (b"<!DOCTYPE html>", "line 1"),
    "too deep": (b"[" * 200_000, "nested too deeply|too early"),
    "no section": (b'{"data": []}', "sections.json holds no section"),
    "CSV": (b"Section_id,Name\n1,Homeroom\n", "line 1"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_told_with_its_place(content: bytes, message: str) -> None:
    """Each kind of damage is one clear message with file and position, and shows none of the content."""
    with pytest.raises(InputError, match=message) as caught:
        read({"users.json": a_district()["users"], "sections.json": content})
    assert str(caught.value).startswith("sections.json") and "Homeroom" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_needed_files_are_asked_for() -> None:
    """Without sections or users there is no roster, and the message names the file."""
    lists = a_district()
    with pytest.raises(InputError, match=r"has no sections.json; it holds users.json"):
        read({"users.json": lists["users"]})
    with pytest.raises(InputError, match=r"has no users.json; it holds sections.json"):
        read({"sections.json": lists["sections"]})


def test_a_folder_of_pages_is_known_as_clevers(tmp_path: Path) -> None:
    """The format is told from numbered pages too, and from students.json."""
    lists = a_district()
    for name, records in {"students": by_role(lists, "student"), "sections_1": lists["sections"]}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(records))
    assert len(load(tmp_path, now=MOMENT).students) == 30
    assert plain_name("Sections_2.json") == "sections.json" and plain_name("section_users.json") == "section_users.json"


def test_progress_is_told_and_can_stop_the_reading(test_data: Path) -> None:
    """Each file is named with how many records it gave; a person's Cancelled ends it."""
    source = open_source(test_data / "clever-api-v3-demo")
    told: list[tuple[str, int]] = []
    read_clever_files(source, fetched_at=MOMENT, progress=lambda what, done, total: told.append((what, done)))
    assert ("Reading users.json: students", 1004) in told and ("Reading sections.json: sections", 378) in told

    def stop(what: str, done: int, total: int | None) -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        read_clever_files(source, fetched_at=MOMENT, progress=stop)
