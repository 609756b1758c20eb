"""commit on the command line where nobody would be rostered: a mistake at first, a large change later."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import HOMEROOMS, Run, runner, write_district, write_rules


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in an empty folder, with a rule file r.json and a clean district d."""
    write_rules(tmp_path / "r.json")
    write_district(tmp_path / "d")
    return runner(tmp_path, monkeypatch, capsys)


def test_a_first_roster_of_nobody_is_refused(run: Run, tmp_path: Path) -> None:
    """A scope that no student is in is a mistake: exit 1 with the next step, nothing committed; preflight says so."""
    write_rules(tmp_path / "nobody.json", {**HOMEROOMS, "assessed_grades": ["12"]})
    judged = run("preflight", "d", "--rules", "nobody.json")
    assert (judged.code, "Nothing to commit: 0 blockers, 1 warning." in judged.out) == (0, True)
    assert "No student would be rostered" in judged.out and "Ready to commit" not in judged.out
    (finding,) = run("preflight", "d", "--rules", "nobody.json", "--json").document["findings"]
    assert (finding["code"], finding["severity"], finding["owner"]) == ("expected-students-absent", "warning", "us")
    assert "is in a grade and school that are assessed" in finding["message"]
    refused = run("commit", "d", "--rules", "nobody.json", "--json")
    assert (refused.code, "Look at assessed_grades" in str(refused.document["reason"])) == (1, True)
    assert run("receipts", "--json").document == []


def test_a_roster_may_be_emptied_with_a_reason(run: Run, tmp_path: Path) -> None:
    """What is in force is taken away like any other large change: held, and done once somebody approves it."""
    assert run("commit", "d", "--rules", "r.json").code == 0
    write_rules(tmp_path / "nobody.json", {**HOMEROOMS, "assessed_grades": ["12"]})
    assert run("commit", "d", "--rules", "nobody.json").code == 1
    assert run("commit", "d", "--rules", "nobody.json", "--approve", "The district left").code == 0
