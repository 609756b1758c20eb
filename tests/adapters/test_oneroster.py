"""OneRoster 1.1 and 1.2 exports as a roster: who counts, and what becomes which column."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from roster_core.adapters.files import open_source, open_uploads
from roster_core.adapters.oneroster import read_oneroster
from roster_core.errors import InputError
from roster_core.roster import ID_SEPARATOR, Roster

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.users,bulk\nfile.results,delta\n"
ORGS = "sourcedId,status,name,type,identifier\nD,,Oak District,district,1\nA,,North,school,10\nB,,South,school,20\n"
SESSIONS = (
    "sourcedId,status,title,type,startDate,endDate\n"
    "Y,,Year,schoolYear,2026-08-01,2027-06-30\nF,,Fall,term,2026-08-01,2026-12-20\nP,,Past,term,2025-08-01,2025-12-20\n"
)
COURSES = "sourcedId,status,title,courseCode\nC1,,Homeroom 3,HR3\n"
USERS = """\
sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,identifier,email,grades,metadata.x
U1,,true,"D,B,A",student,u1,Ana,Diaz,0099,,"03,04",m
U2,active,TRUE,A,Student,u2,Bo,Lee,,,KG,m
T1,,true,A,teacher,t1,Eva,Roe,,e@x.org,,m
T2,,true,A,teacher,t2,Ole,Moe,,,,m
AD,,true,A,administrator,ad,Pat,Poe,,,,m
PA,,true,A,parent,pa,Max,Lee,,,,m
"""
CLASSES = """\
sourcedId,status,title,grades,courseSourcedId,classCode,classType,schoolSourcedId,termSourcedIds,subjects,periods
K1,,Quixotic Quokka,03,C1,HR-3,homeroom,A,"P,F",Homeroom,"1,2"
K2,,Mixed,"03,04",,,scheduled,B,P,,
"""
ENROLLMENTS = """\
sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
E1,,K1,A,U1,student,,,
E2,,K1,A,U2,student,,,2026-12-20
E3,,K2,B,U1,student,,,
E4,,K1,A,T2,teacher,false,,
E5,,K1,A,T1,teacher,true,,
E6,,K1,A,AD,teacher,,,
E7,,K2,B,T2,teacher,,,
"""
DEMOGRAPHICS = "sourcedId,status,birthDate,sex\nU1,,2018-03-04,female\nU2,,2/11/2021,male\n"
FILES = {
    "manifest": MANIFEST,
    "orgs": ORGS,
    "academicSessions": SESSIONS,
    "courses": COURSES,
    "users": USERS,
    "classes": CLASSES,
    "enrollments": ENROLLMENTS,
    "demographics": DEMOGRAPHICS,
}
# What the first student and the first section of these files become.
STUDENT = {
    "student_id": "U1",
    "student_number": "0099",
    "sis_id": "U1",
    "first_name": "Ana",
    "last_name": "Diaz",
    "birthdate": "2018-03-04",
    "birthdate_raw": "2018-03-04",
    "grade": "3",
    "grade_raw": "03",
    "school_id": "B",
    "school_ids": ID_SEPARATOR.join(["B", "A"]),
}
SECTION = {
    "section_id": "K1",
    "section_sis_id": "K1",
    "section_name": "Quixotic Quokka",
    "course_id": "C1",
    "course_name": "Homeroom 3",
    "course_number": "HR3",
    "subject": "Homeroom",
    "period": "1,2",
    "section_number": "HR-3",
    "section_grade": "3",
    "section_grade_raw": "03",
    "term_id": "F",
    "term_name": "Fall",
    "school_id": "A",
    "school_name": "North",
    "teacher_id": "T1",
    "teacher_name": "Eva Roe",
    "co_teacher_ids": ID_SEPARATOR.join(["AD", "T2"]),
    "class_type": "homeroom",
}


def read(now: datetime = NOW, **changed: str | None) -> Roster:
    """The roster of the files above, some of them replaced (or, by None, left out)."""
    files = FILES | changed
    source = open_uploads({f"{name}.csv": text.encode() for name, text in files.items() if text is not None})
    return read_oneroster(source, fetched_at=now)


def pairs(roster: Roster) -> list[tuple[str, str]]:
    """Student and section id of each enrollment."""
    students = roster.students["student_id"].to_numpy()[roster.enrollments.student]
    sections = roster.sections["section_id"].to_numpy()[roster.enrollments.section]
    return list(zip(students, sections, strict=True))


def test_every_table_is_read() -> None:
    """Users, classes, organisations, sessions, courses and demographics come out under the roster's own names."""
    roster = read()

    assert roster.source == "oneroster"
    assert roster.district.name == "Oak District"
    assert roster.findings.empty
    assert roster.students.iloc[0].to_dict() == STUDENT
    assert roster.students.iloc[1][["student_number", "sis_id", "grade", "birthdate"]].tolist() == [
        "",
        "U2",
        "Kindergarten",
        "2021-02-11",
    ]
    assert roster.sections.iloc[0].to_dict() == SECTION
    second = roster.sections.iloc[1]
    assert second[["section_sis_id", "section_grade_raw", "term_id", "teacher_id", "co_teacher_ids"]].tolist() == [
        "K2",
        "",
        "P",
        "T2",
        "",
    ]
    assert roster.schools["school_id"].tolist() == ["A", "B"]
    assert roster.teachers["teacher_id"].tolist() == ["AD", "T1", "T2"]
    assert pairs(roster) == [("U1", "K1"), ("U1", "K2"), ("U2", "K1")]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        pytest.param("users", "U1,,true", "U1,tobedeleted,true", [("U2", "K1")], id="deleted-user"),
        pytest.param("users", "U1,,true", "U1,ToBeDeleted,true", [("U2", "K1")], id="deleted-user-in-other-case"),
        pytest.param("users", "U1,,true", "U1,,false", [("U2", "K1")], id="disabled-user"),
        pytest.param("users", "U1,,true", "U1,inactive,true", [("U2", "K1")], id="inactive-user"),
        pytest.param("classes", "K1,,", "K1,tobedeleted,", [("U1", "K2")], id="deleted-class"),
        pytest.param("enrollments", "E1,,", "E1,tobedeleted,", [("U1", "K2"), ("U2", "K1")], id="deleted-enrollment"),
        pytest.param("enrollments", "2026-12-20", "2026-11-22", [("U1", "K1"), ("U1", "K2")], id="ended-yesterday"),
        pytest.param(
            "enrollments", "2026-12-20", "11/22/2026", [("U1", "K1"), ("U1", "K2")], id="ended-as-excel-writes-it"
        ),
        pytest.param(
            "enrollments", "2026-12-20", "2026-11-23", [("U1", "K1"), ("U1", "K2"), ("U2", "K1")], id="ends-today"
        ),
    ],
)
def test_what_is_gone_does_not_count(file: str, old: str, new: str, expected: list[tuple[str, str]]) -> None:
    """Deleted, disabled and ended records leave no enrollment and no finding."""
    roster = read(**{file: FILES[file].replace(old, new)})

    assert expected == pairs(roster)
    assert roster.findings.empty


def test_a_gone_teacher_does_not_lead_a_section() -> None:
    """The next teacher leads when the primary one is to be deleted."""
    roster = read(users=USERS.replace("T1,,true", "T1,tobedeleted,true"))

    assert roster.sections["teacher_id"].tolist() == ["AD", "T2"]
    assert "T1" not in roster.teachers["teacher_id"].tolist()


def test_last_years_export_is_read_as_of_its_last_day() -> None:
    """Where every enrollment has ended, those of the last day count and those that ended before do not."""
    past = ENROLLMENTS.replace("E1,,K1,A,U1,student,,,", "E1,,K1,A,U1,student,,,2026-06-10")
    past = past.replace("2026-12-20", "2026-06-10").replace(
        "E3,,K2,B,U1,student,,,", "E3,,K2,B,U1,student,,,2026-01-15"
    )

    assert pairs(read(enrollments=past)) == [("U1", "K1"), ("U2", "K1")]


def test_unknown_students_and_sections_are_told() -> None:
    """An enrollment of nobody, or in no class, is a finding with its row."""
    roster = read(enrollments=ENROLLMENTS + "E8,,K1,A,U9,student,,,\nE9,,K9,A,U1,student,,,\n")

    assert roster.findings[["code", "row", "student_id", "section_id"]].values.tolist() == [
        ["unknown-section", 10, "U1", "K9"],
        ["unknown-student-in-section", 9, "U9", "K1"],
    ]


def test_a_district_is_no_school() -> None:
    """A student who belongs to the district alone has no school."""
    roster = read(users=USERS.replace('"D,B,A"', "D"))

    assert roster.students[["school_id", "school_ids"]].iloc[0].tolist() == ["", ""]


@pytest.mark.parametrize(
    "demographics",
    [
        "userSourcedId,status,birthdate\nU1,,2018-03-04\n",
        "sourcedId,userSourcedId,status,birthDate\nX1,U1,,2018-03-04\n",
        "sourcedId,birthDate\nU1,2018-03-04\n",
    ],
)
def test_demographics_are_read_in_older_spellings(demographics: str) -> None:
    """The user's id may be in either column, and headings in any case."""
    assert read(demographics=demographics).students["birthdate"].tolist() == ["2018-03-04", ""]


def test_optional_files_may_be_absent() -> None:
    """Users, classes and enrollments make a roster; each absent table is one warning."""
    roster = read(manifest=None, orgs=None, academicSessions=None, courses=None, demographics=None)

    assert sorted(roster.findings["file"]) == ["courses", "schools", "terms"]
    assert set(roster.findings["severity"]) == {"warning"}
    assert roster.sections["term_id"].tolist() == ["P", "P"]
    assert roster.students["school_id"].tolist() == ["D", "A"]


def test_the_order_of_rows_does_not_matter() -> None:
    """The same rows in another order have the same fingerprint."""

    def upside_down(text: str) -> str:
        header, *rows = text.splitlines()
        return "\n".join([header, *reversed(rows)]) + "\n"

    assert read().fingerprint == read(**{name: upside_down(text) for name, text in FILES.items()}).fingerprint


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"users": None}, "has no users.csv"),
        ({"classes": None}, "has no classes.csv"),
        ({"enrollments": None}, "has no enrollments.csv"),
        ({"users": USERS.replace(",role,", ",rolle,")}, "users.csv has no column role and there is no roles.csv"),
        ({"users": USERS.replace("givenName", "name")}, "users.csv has no column givenName"),
        ({"classes": CLASSES.replace("title", "name")}, "classes.csv has no column title"),
        ({"demographics": "status,birthDate\n,2018-03-04\n"}, "demographics.csv has no column sourcedId"),
        ({"manifest": MANIFEST.replace("users,bulk", "users,delta")}, "manifest.csv says file.users = delta"),
        ({"manifest": MANIFEST.replace("users,bulk", "Enrollments, Delta")}, "file.Enrollments = delta"),
        ({"classes": CLASSES.splitlines()[0]}, "classes.csv has a header but no rows"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(changed: dict[str, str | None], words: str) -> None:
    """A missing file or column and a delta are told by name."""
    with pytest.raises(InputError) as caught:
        read(**changed)

    assert words in str(caught.value)


def test_a_published_export_is_read_whole(test_data: Path) -> None:
    """The small published set has 248 students, 119 classes, 17 of them homerooms, and no finding."""
    roster = read_oneroster(open_source(test_data / "oneroster-1.1-small"), fetched_at=NOW)

    assert (len(roster.students), len(roster.sections), len(roster.schools)) == (248, 119, 3)
    assert (roster.sections["class_type"] == "homeroom").sum() == 17
    assert roster.findings.empty
    for column in ("birthdate", "grade", "student_number", "school_id"):
        assert not (roster.students[column] == "").any()
    homeroom = (roster.sections["class_type"] == "homeroom").to_numpy()[roster.enrollments.section]
    assert sorted(roster.enrollments.student[homeroom]) == list(range(248))
