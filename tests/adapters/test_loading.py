"""Which format files are in, told from their names."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roster_core.adapters.files import open_uploads
from roster_core.adapters.loading import detect_format, load, load_uploads
from roster_core.errors import InputError

CLEVER = {
    "students.csv": b"Student_id,First_name,Last_name\nU1,Ana,Diaz\n",
    "sections.csv": b"Section_id,Name\nS1,Homeroom\n",
    "enrollments.csv": b"Section_id,Student_id\nS1,U1\n",
}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["students.csv", "sections.csv", "enrollments.csv"], "Clever CSV"),
        (["Students.CSV", "notes.csv"], "Clever CSV"),
        (["schools.csv", "teachers.csv"], "Clever CSV"),
        (["users.csv", "classes.csv", "enrollments.csv"], "OneRoster CSV"),
        (["users.csv", "classes.csv", "schools.csv"], "OneRoster CSV"),
        (["manifest.csv"], "OneRoster CSV"),
        (["users.json", "sections.json"], "Clever API answers"),
        (["districts.json"], "Clever API answers"),
    ],
)
def test_the_format_is_told_from_the_names(names: list[str], expected: str) -> None:
    """Files that only one format has decide; then files that one format is likely to have."""
    assert expected == detect_format(open_uploads(dict.fromkeys(names, b""))).name


@pytest.mark.parametrize(
    "names",
    [
        ["students.csv", "users.csv"],
        ["sections.csv", "classes.csv", "enrollments.csv"],
        ["students.csv", "users.json"],
        ["schools.csv", "manifest.csv"],
    ],
)
def test_two_formats_at_once_are_refused(names: list[str]) -> None:
    """Two rosters in one place could be mixed up; the error names the files of both."""
    with pytest.raises(InputError, match="holds both") as caught:
        detect_format(open_uploads(dict.fromkeys(names, b"")))

    assert names[0] in str(caught.value)
    assert names[1] in str(caught.value)


@pytest.mark.parametrize("names", [["enrollments.csv"], ["roster.csv"], ["package.json", "data.csv"]])
def test_files_of_no_known_format_are_refused(names: list[str]) -> None:
    """The error names what is there and what each format would have."""
    with pytest.raises(InputError, match=r"no roster that can be read here") as caught:
        detect_format(open_uploads(dict.fromkeys(names, b"")))

    assert names[0] in str(caught.value)
    assert "students.csv, sections.csv" in str(caught.value)
    assert "users.json" in str(caught.value)


def test_folder_zip_and_upload_give_the_same_roster(tmp_path: Path) -> None:
    """However the same files arrive, the fingerprint is the same; their age counts from now."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    folder = tmp_path / "district"
    folder.mkdir()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in CLEVER.items():
            (folder / name).write_bytes(content)
            archive.writestr(f"district/{name}", content)
    (tmp_path / "district.zip").write_bytes(held.getvalue())

    rosters = [
        load(folder, now=now),
        load(str(tmp_path / "district.zip"), now=now),
        load_uploads(CLEVER, now=now),
        load_uploads({"district.zip": held.getvalue()}, now=now),
    ]

    assert len({roster.fingerprint for roster in rosters}) == 1
    assert {roster.fetched_at for roster in rosters} == {now}


def test_the_clock_is_asked_when_no_time_is_given() -> None:
    """Without a time the roster is as old as its loading."""
    before = datetime.now(UTC)

    assert before <= load_uploads(CLEVER).fetched_at <= datetime.now(UTC)


def test_the_published_api_answers_are_read(test_data: Path) -> None:
    """The folder of Clever's demo district holds 1,004 students and 378 sections."""
    roster = load(test_data / "clever-api-v3-demo")

    assert (roster.source, len(roster.students), len(roster.sections)) == ("clever-files", 1004, 378)
