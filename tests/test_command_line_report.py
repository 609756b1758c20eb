"""The command report: the file it writes, and what it writes down."""

from __future__ import annotations

from pathlib import Path

import pytest

from roster_core.adapters.configuration import read_settings
from roster_core.adapters.store import open_store
from tests.command_line import Run, runner, write_district, write_rules


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command away from the machine's own settings."""
    return runner(tmp_path, monkeypatch, capsys)


def downloads() -> list[dict[str, object]]:
    """What the activity log has of reports, the newest first."""
    store = open_store(read_settings().database_url)
    entries = [entry.detail for entry in store.activity.list() if entry.action == "download"]
    store.close()
    return entries


def test_a_report_without_and_with_names(run: Run, tmp_path: Path) -> None:
    """HTML and PDF by the file's ending; names only where they are asked for, and that is written down."""
    data, rules = write_district(tmp_path / "elm"), write_rules(tmp_path / "rules.json")
    said = run("report", data, "--rules", rules, "--out", "elm.html", "--json")
    assert (said.code, said.document["one"], said.document["names"]) == (0, 4, False)
    assert "Ann Lee" not in Path("elm.html").read_text(encoding="utf-8")
    write_district(tmp_path / "elm", enrollments="School_id,Section_id,Student_id\nA,C1,S1\nA,C1,S2\n")
    said = run("report", data, "--rules", rules, "--out", "elm2.html", "--names")
    assert said.code == 0 and "names students: keep it safe" in said.out
    assert "Cy Fox" in Path("elm2.html").read_text(encoding="utf-8")
    assert run("report", data, "--rules", rules, "--out", "elm.PDF", "--district", "d7").code == 0
    assert Path("elm.PDF").read_bytes().startswith(b"%PDF-")
    assert [entry["names"] for entry in downloads()] == [False, True, False]


def test_the_receipt_in_force_is_in_it(run: Run, tmp_path: Path) -> None:
    """After a commit the report names its receipt."""
    data, rules = write_district(tmp_path / "elm"), write_rules(tmp_path / "rules.json")
    receipt = run("commit", data, "--rules", rules, "--json").document["receipt_id"]
    run("report", data, "--rules", rules, "--out", "elm.html")
    assert receipt in Path("elm.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("out", "words"), [("elm.doc", "must end in .html or .pdf"), ("no/where.html", "cannot be")])
def test_a_file_that_cannot_be_is_one_error(run: Run, tmp_path: Path, out: str, words: str) -> None:
    """An ending that is none, or a folder that is not there, is told, and nothing is written down."""
    data, rules = write_district(tmp_path / "elm"), write_rules(tmp_path / "rules.json")
    said = run("report", data, "--rules", rules, "--out", out)
    assert said.code == 2 and words in said.err and not downloads()
