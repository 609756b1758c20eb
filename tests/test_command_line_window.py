"""Committing while an assessment window is open: moves and removals are held until a reason is given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from roster_core.adapters.store import open_store
from roster_core.dates import WindowDates
from roster_core.onboarding import Onboarding, with_dates
from tests.command_line import Run, runner, write_district, write_rules

MOVED = "School_id,Section_id,Student_id\nA,C1,S1\nA,C2,S2\nA,C2,S3\nA,C2,S4\nA,C3,S1\nA,C3,S3\n"
NEW = (
    "School_id,Student_id,Student_number,First_name,Last_name,Grade,DOB\n"
    "A,S1,N1,Ann,Lee,1,01/02/2019\nA,S2,N2,Benny,Ray,1,03/04/2019\nA,S3,N3,Cy,Fox,2,05/06/2018\n"
    "A,S4,N4,Di,Orr,2,07/08/2018\nA,S5,N5,Ed,New,2,07/08/2018\n"
)
ENROLLED = "School_id,Section_id,Student_id\nA,C1,S1\nA,C1,S2\nA,C2,S3\nA,C2,S4\nA,C3,S1\nA,C3,S3\nA,C2,S5\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line with district d committed."""
    write_rules(tmp_path / "r.json")
    write_district(tmp_path / "d")
    made = runner(tmp_path, monkeypatch, capsys)
    assert made("commit", "d", "--rules", "r.json").code == 0
    return made


def _open(tmp_path: Path, first: int, last: int) -> None:
    """Sets the window, in days from today."""
    today = datetime.now(UTC).date()
    days = [today + timedelta(days=day) for day in (first, last)]
    _set(tmp_path, WindowDates(*days))


def _set(tmp_path: Path, dates: WindowDates) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'var' / 'roster.sqlite3'}")
    now = datetime.now(UTC)
    store.onboarding.save(
        "d", with_dates(Onboarding(), dates, ""), expected_revision=0, actor="dana", now=now, action="set-dates"
    )
    store.close()


def test_a_move_in_an_open_window_is_held(run: Run, tmp_path: Path) -> None:
    """The reason says that the window is open and how many would move; nothing is committed, exit 1."""
    _open(tmp_path, -3, 10)
    write_district(tmp_path / "d", enrollments=MOVED)
    said = run("commit", "d", "--rules", "r.json", "--json")

    assert said.code == 1
    assert said.document["held"]
    assert said.document["hold_reason"].startswith("The assessment window is open (until ")
    assert "1 student would move to another section; each needs a person's approval." in said.document["hold_reason"]
    checked = run("preflight", "d", "--rules", "r.json", "--json")
    assert [found["code"] for found in checked.document["findings"] if found["severity"] == "blocker"] == [
        "mass-change"
    ]


def test_a_reason_lets_the_move_through(run: Run, tmp_path: Path) -> None:
    """--approve is the person's word."""
    _open(tmp_path, -3, 10)
    write_district(tmp_path / "d", enrollments=MOVED)
    said = run("commit", "d", "--rules", "r.json", "--approve", "Ben changed rooms", "--json")
    assert (said.code, said.document["moved"]) == (0, 1)


def test_additions_and_details_stay_easy(run: Run, tmp_path: Path) -> None:
    """A new student and a corrected name need nobody's approval while the window is open."""
    _open(tmp_path, -3, 10)
    write_district(tmp_path / "d", students=NEW, enrollments=ENROLLED)
    said = run("commit", "d", "--rules", "r.json", "--json")
    assert (said.code, said.document["added"], said.document["updated"]) == (0, 1, 1)


@pytest.mark.parametrize(("first", "last"), [(-30, -3), (3, 30)], ids=["over", "not yet"])
def test_outside_the_window_a_move_is_a_change_like_any_other(run: Run, tmp_path: Path, first: int, last: int) -> None:
    """Only a window that is open now holds anything."""
    _open(tmp_path, first, last)
    write_district(tmp_path / "d", enrollments=MOVED)
    assert run("commit", "d", "--rules", "r.json").code == 0


def test_a_restore_in_an_open_window_is_held(run: Run, tmp_path: Path) -> None:
    """Going back moves children too."""
    first = run("receipts", "d", "--json").document[0]["receipt_id"]
    write_district(tmp_path / "d", enrollments=MOVED)
    run("commit", "d", "--rules", "r.json")
    _set(tmp_path, WindowDates(opens=date(2020, 1, 1)))
    said = run("restore", first, "--json")
    assert said.code == 1 and "The assessment window is open (since Wed 1 Jan 2020)" in said.document["hold_reason"]
    assert run("restore", first, "--approve", "Wrong file").code == 0
