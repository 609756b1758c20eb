"""What a OneRoster export says: every file as OneRoster 1.1 wants it, and the same rows when it is loaded again."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd

from roster_core.adapters.loading import load
from roster_core.adapters.oneroster_tables import oneroster_zip
from roster_core.plan import ROW_COLUMNS, CommitPlan, plan_commit
from roster_core.roster import ID_SEPARATOR
from tests.adapters.committing import HOMEROOMS, NOW, a_receipt, a_roster


def a_plan(students: int = 60) -> CommitPlan:
    """A plan of a made-up district."""
    return plan_commit(a_roster(students, 7), HOMEROOMS, district_id="d1", target="oneroster")


def rows_of(*people: dict[str, str]) -> pd.DataFrame:
    """Rows as a commit has them; what is not given is made up."""
    usual = {"first_name": "Ann", "last_name": "Lee", "birthdate": "2017-03-04", "grade": "2", "school_id": "A"}
    usual |= {"school_name": "Adams", "section_id": "C1", "section_name": "Homeroom 1"}
    usual |= {"teacher_id": "T1", "teacher_name": "Ada Reed"}
    rows = [{**dict.fromkeys(ROW_COLUMNS, ""), **usual, **person} for person in people]
    return pd.DataFrame(rows, columns=list(ROW_COLUMNS)).astype("str")


def tables(content: bytes) -> dict[str, list[dict[str, str]]]:
    """The records of each file of a zip, by its name without the ending, as any CSV reader has them."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        texts = {name: opened.read(name).decode("utf-8") for name in opened.namelist()}
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in texts.items()
    }


def written(rows: pd.DataFrame, plan: CommitPlan) -> dict[str, list[dict[str, str]]]:
    """The files for these rows."""
    return tables(oneroster_zip(a_receipt(plan), rows))


def test_what_was_written_loads_again_with_the_same_rows(tmp_path: Path) -> None:
    """Students, sections and enrollments of the loaded zip are those of the plan, teachers and co-teachers too."""
    plan = a_plan(300)
    (tmp_path / "out.zip").write_bytes(oneroster_zip(a_receipt(plan), plan.rows))
    again = load(tmp_path / "out.zip", now=NOW)
    assert again.source == "oneroster" and len(again.findings) == 0
    both = again.students.iloc[again.enrollments.student].reset_index(drop=True).drop(columns="school_id")
    sections = again.sections.iloc[again.enrollments.section].reset_index(drop=True)
    loaded = pd.concat([both, sections], axis=1)[list(ROW_COLUMNS)]
    pd.testing.assert_frame_equal(loaded, plan.rows)
    assert len(again.sections) == plan.rows["section_id"].nunique()
    assert (plan.rows["co_teacher_ids"] != "").any()


def test_it_is_a_oneroster_1_1_bulk_export() -> None:
    """The manifest names the version and every file; status and dateLastModified are blank; references resolve."""
    plan = a_plan()
    files = written(plan.rows, plan)
    manifest = {row["propertyName"]: row["value"] for row in files["manifest"]}
    assert (manifest["manifest.version"], manifest["oneroster.version"]) == ("1.0", "1.1")
    assert {f"file.{name}" for name in files if name != "manifest"} == {n for n, v in manifest.items() if v == "bulk"}
    records = {name: rows for name, rows in files.items() if name != "manifest"}
    assert {row[blank] for rows in records.values() for row in rows for blank in ("status", "dateLastModified")} == {""}
    ids = {name: [row["sourcedId"] for row in rows] for name, rows in records.items()}
    assert all(len(set(found)) == len(found) for found in ids.values())
    for name, column, other in (
        ("enrollments", "userSourcedId", "users"),
        ("enrollments", "classSourcedId", "classes"),
        ("enrollments", "schoolSourcedId", "orgs"),
        ("classes", "courseSourcedId", "courses"),
        ("classes", "termSourcedIds", "academicSessions"),
        ("users", "orgSourcedIds", "orgs"),
        ("demographics", "sourcedId", "users"),
        ("courses", "schoolYearSourcedId", "academicSessions"),
        ("courses", "orgSourcedId", "orgs"),
    ):
        assert {one for row in records[name] for one in row[column].split(",")} <= set(ids[other]), (name, column)


def test_required_cells_are_filled() -> None:
    """What OneRoster requires is there, though rows say nothing of courses, terms and some teachers' names."""
    plan = a_plan()
    rows = rows_of(
        {"student_id": "S1", "teacher_name": "Ana Maria Ruiz", "co_teacher_ids": f"T8{ID_SEPARATOR}T9"},
        {
            "student_id": "S2",
            "section_id": "C2",
            "teacher_id": "T9",
            "teacher_name": "Cher",
            "school_id": "",
            "grade": "10",
        },
    )
    files = written(rows, plan)
    names = {row["sourcedId"]: (row["givenName"], row["familyName"]) for row in files["users"]}
    assert names["T1"] == ("Ana Maria", "Ruiz")
    assert (names["T8"], names["T9"]) == (("Teacher", "T8"), ("Teacher", "Cher"))
    assert [row["schoolSourcedId"] for row in files["classes"]] == ["A", "district-d1"]
    assert [row["grades"] for row in files["classes"]] == ["02", "10"]
    session = files["academicSessions"][0]
    assert (session["title"], session["schoolYear"], session["startDate"]) == ("2026-2027", "2027", "2026-07-01")
    assert {row["username"] for row in files["users"]} == set(names)


def test_a_student_and_a_teacher_may_have_the_same_number() -> None:
    """In the one file of users the teacher's id gives way, everywhere; the student's stays."""
    files = written(rows_of({"student_id": "7", "teacher_id": "7"}), a_plan())
    assert [(row["sourcedId"], row["role"]) for row in files["users"]] == [("7", "student"), ("teacher-7", "teacher")]
    roles = {row["userSourcedId"]: row["role"] for row in files["enrollments"]}
    assert roles == {"7": "student", "teacher-7": "teacher"}


def test_odd_cells_are_kept(tmp_path: Path) -> None:
    """Commas, quotes, line ends and letters of any alphabet read back as they were."""
    odd = {
        "first_name": 'Zoë "Zo"',
        "last_name": "O'Neil, Jr.",
        "section_name": "Homeroom;\n1,2 =SUM(A1)",
        "student_number": "007",
    }
    rows = rows_of({"student_id": "S,1", **odd}, {"student_id": "S2", **odd, "first_name": "李"})
    (tmp_path / "odd.zip").write_bytes(oneroster_zip(a_receipt(a_plan()), rows))
    again = load(tmp_path / "odd.zip", now=NOW)
    assert again.students["first_name"].tolist() == ['Zoë "Zo"', "李"]
    assert again.students["student_id"].tolist() == ["S,1", "S2"]
    assert again.sections["section_name"].tolist() == [odd["section_name"]]
    assert set(again.students["student_number"]) == {"007"}


def test_the_same_roster_is_the_same_bytes() -> None:
    """No clock is in the zip; its comment is the digest, by which the file is known."""
    plan = a_plan()
    first, second = (oneroster_zip(a_receipt(plan), plan.rows) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as opened:
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert opened.comment == plan.digest.encode()


def test_a_roster_without_students_is_written() -> None:
    """Every file is there with its header."""
    plan = a_plan()
    files = written(plan.rows.iloc[:0], plan)
    assert files["users"] == files["enrollments"] == [] and len(files["orgs"]) == 1
