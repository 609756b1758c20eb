"""What a source tells of children and nobody needs is never stored: addresses, phones, guardians, lunch and so on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from roster_core.adapters.loading import load
from roster_core.adapters.store import open_store
from roster_core.adapters.store.schema import roster_chunks, rosters
from roster_core.roster import District
from tests.command_line import write_district

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: Stands in every cell that is not needed, and nowhere else.
MARK = "Zebulonia"

#: What Clever CSV may hold of a student beyond what a roster needs.
CSV_EXTRAS = (
    "Middle_name", "Student_email", "Username", "Password", "Gender", "Race", "Hispanic_Latino", "Home_language",
    "Ell_status", "Frl_status", "IEP_status", "Student_street", "Student_city", "Student_zip", "Contact_name",
    "Contact_phone", "Contact_email", "Contact_relationship", "Weighted_gpa", "ext.locker",
)  # fmt: skip


def clever_csv(folder: Path) -> Path:
    """Clever CSV files with everything the format allows."""
    head = "School_id,Student_id,Student_number,First_name,Last_name,Grade,DOB"
    row = "A,S1,N1,Ann,Lee,1,01/02/2019"
    extras = ",".join(f"{MARK} {name}" for name in CSV_EXTRAS)
    return write_district(folder, students=f"{head},{','.join(CSV_EXTRAS)}\n{row},{extras}\n")


def clever_answers(folder: Path) -> Path:
    """Clever's API answers, with a student as Clever tells one, contacts and demographics too."""
    student = {
        "id": "U1", "name": {"first": "Ann", "last": "Lee", "middle": MARK}, "email": f"{MARK}@example.org",
        "roles": {"student": {
            "school": "A", "schools": ["A"], "grade": "1", "dob": "1/2/2019", "student_number": "N1", "gender": MARK,
            "location": {"address": MARK, "city": MARK, "zip": MARK}, "frl_status": MARK, "iep_status": MARK,
            "race": MARK, "home_language": MARK, "credentials": {"district_username": MARK}, "ext": {"locker": MARK},
        }},
    }  # fmt: skip
    contact = {"id": "C1", "name": {"first": MARK, "last": MARK}, "roles": {"contact": {"phone": MARK}}}
    section = {"id": "S1", "name": "Homeroom 1", "school": "A", "students": ["U1"], "teachers": []}
    folder.mkdir()
    for name, records in (("users", [student, contact]), ("sections", [section])):
        (folder / f"{name}.json").write_text(json.dumps({"data": [{"data": each} for each in records]}))
    return folder


def oneroster(folder: Path) -> Path:
    """OneRoster files with phones, guardians and demographics."""
    folder.mkdir()
    texts = {
        "manifest": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.users,bulk\n",
        "orgs": "sourcedId,status,name,type,identifier\nA,,North,school,10\n",
        "users": "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,middleName,identifier,"
        f"email,sms,phone,agentSourcedIds,grades,password\nU1,,true,A,student,{MARK},Ann,Lee,{MARK},N1,{MARK},{MARK},"
        f"{MARK},{MARK},01,{MARK}\nP1,,true,A,guardian,{MARK},{MARK},{MARK},{MARK},,{MARK},{MARK},{MARK},U1,,{MARK}\n",
        "classes": "sourcedId,status,title,classType,schoolSourcedId,courseSourcedId,termSourcedIds\n"
        "K1,,Homeroom 1,homeroom,A,,\n",
        "enrollments": "sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role,primary\n"
        "E1,,K1,A,U1,student,\n",
        "demographics": "sourcedId,status,birthDate,sex,americanIndianOrAlaskaNative,cityOfBirth\n"
        f"U1,,2019-01-02,{MARK},{MARK},{MARK}\n",
        "courses": "sourcedId,status,title,courseCode\n",
        "academicSessions": "sourcedId,status,title,type,startDate,endDate\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.mark.parametrize("source", [clever_csv, clever_answers, oneroster], ids=lambda made: made.__name__)
def test_what_is_not_needed_is_in_no_byte_of_the_store(source: object, tmp_path: Path) -> None:
    """A source full of what nobody needs is stored; unpacked or not, none of it is there, while the name is."""
    assert callable(source)
    roster = replace(load(source(tmp_path / "files"), now=NOW), district=District(id="d1"))
    assert roster.students["first_name"].tolist() == ["Ann"]
    data = tmp_path / "store"
    store = open_store(f"sqlite:///{data}/roster.sqlite3")
    info = store.rosters.save(roster)
    back = store.rosters.load(info.fingerprint, "d1")
    unpacked = "".join(
        getattr(back, name).to_csv()
        for name in ("schools", "terms", "courses", "teachers", "sections", "students", "findings")
    )
    assert "Ann" in unpacked and MARK not in unpacked
    with store._database.read() as connection:
        assert set(connection.execute(select(roster_chunks.c.part)).scalars()) == {
            "schools", "terms", "courses", "teachers", "sections", "students", "enrollments", "findings",
        }  # fmt: skip
        assert MARK not in str(connection.execute(select(rosters)).all())
    store.close()
    assert MARK.encode() not in b"".join(file.read_bytes() for file in data.iterdir())
