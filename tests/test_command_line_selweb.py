"""The command line where the settings name SELweb's roster service."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.selweb_service import RosterService, a_finding
from tests.command_line import Run, runner, write_district, write_rules


@pytest.fixture
def service() -> Iterator[RosterService]:
    """The service, without any roster."""
    with RosterService() as running:
        yield running


@pytest.fixture
def run(
    service: RosterService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """The command line in an empty folder, with a rule file r.json, a clean district d, and the service named."""
    write_rules(tmp_path / "r.json")
    write_district(tmp_path / "d")
    run = runner(tmp_path, monkeypatch, capsys)
    monkeypatch.setenv("SELWEB_URL", service.url)
    monkeypatch.setenv("SELWEB_TOKEN", service.token)
    return run


def test_a_commit_goes_to_the_service_once(run: Run, service: RosterService, tmp_path: Path) -> None:
    """A second send gives the same receipt; current, receipts and restore know the roster."""
    first, second = (run("commit", "d", "--rules", "r.json", "--to", "http", "--json").document for _ in range(2))
    assert first == second and service.commits == 1 and service.in_force == {"d": first["digest"]}
    assert run("current", "d", "--to", "http", "--csv", tmp_path / "rows.csv").code == 0
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as opened:
        assert [row["student_id"] for row in csv.DictReader(opened)] == ["S1", "S2", "S3", "S4"]
    assert [receipt["target"] for receipt in run("receipts", "--json").document] == ["http"]
    students = (tmp_path / "d" / "students.csv").read_text(encoding="utf-8").replace("Di,Orr", "Dina,Orr")
    write_district(tmp_path / "d", students=students)
    assert run("commit", "d", "--rules", "r.json", "--to", "http", "--json").document["updated"] == 1
    restored = run("restore", first["receipt_id"], "--json").document
    assert (restored["updated"], service.commits, service.in_force) == (1, 3, {"d": restored["digest"]})


def test_current_asks_the_service(run: Run, service: RosterService) -> None:
    """What the service has no longer in force is not in force here either."""
    assert run("commit", "d", "--rules", "r.json", "--to", "http").code == 0
    service.rosters.clear()
    service.in_force.clear()
    said = run("current", "d", "--to", "http")
    assert said.code == 2 and "no roster in force" in said.err


def test_a_refusal_of_the_service_is_the_answer_no(run: Run, service: RosterService) -> None:
    """Exit 1, with the service's own words and what is in force."""
    service.objections = [a_finding("School 'A' is not licensed.")]
    said = run("commit", "d", "--rules", "r.json", "--to", "http")
    assert said.code == 1 and "School 'A' is not licensed. District d has no roster in force here." in said.err


def test_a_refused_token_is_a_failed_service(run: Run, service: RosterService, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 3 and one message, without the token."""
    monkeypatch.setenv("SELWEB_TOKEN", "wrong-token")
    said = run("commit", "d", "--rules", "r.json", "--to", "http")
    assert said.code == 3 and "status 401" in said.err and "wrong-token" not in said.err and "Traceback" not in said.err
    assert "the roster that was in force still is" in said.err
