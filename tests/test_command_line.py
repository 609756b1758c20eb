"""The command line: what each command says to a person, to a program, and by its exit code."""

from __future__ import annotations

import csv
import json
import os
import signal
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from roster_core.__main__ import cli
from roster_core.rules import RuleSet
from tests.command_line import HOMEROOMS, Run, runner, write_district, write_rules

STUDENT_ROWS = "School_id,Student_id,Student_number,First_name,Last_name,Grade,DOB\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in an empty folder, with a rule file r.json and a clean district d."""
    write_rules(tmp_path / "r.json")
    write_district(tmp_path / "d")
    return runner(tmp_path, monkeypatch, capsys)


def without_a_birthdate(folder: Path) -> Path:
    """The clean district with one birthdate taken away."""
    students = (folder / "students.csv").read_text(encoding="utf-8")
    return write_district(folder, students=students.replace("01/02/2019", ""))


def test_inspect_counts_what_is_there(run: Run) -> None:
    """Counts, fingerprint and load findings; nothing else."""
    said = run("inspect", "d", "--json")
    assert said.code == 0
    document = said.document
    assert len(document.pop("fingerprint")) == 64
    counts = {"schools": 1, "sections": 3, "students": 4, "teachers": 2, "enrollments": 6}
    assert {name: document[name] for name in counts} == counts
    assert set(document) == {*counts, "findings"}


def test_inspect_names_the_row_of_a_finding(run: Run, tmp_path: Path) -> None:
    """A load finding is told with file, row and id, to people and to programs."""
    write_district(tmp_path / "d", enrollments="Section_id,Student_id\nC1,S1\nC9,S2\n")
    assert "enrollments.csv row 3: unknown-section" in run("inspect", "d").out
    found = [f for f in run("inspect", "d", "--json").document["findings"] if f["code"] == "unknown-section"]
    assert [(f["file"], f["row"], f["severity"]) for f in found] == [("enrollments.csv", 3, "warning")]


def test_coverage_counts_add_up(run: Run) -> None:
    """none + one + several + excused is in_scope, and so it is by school and grade."""
    said = run("coverage", "sample:600", "--rules", "r.json", "--json")
    document = said.document
    words = ("none", "one", "several", "excused")
    assert (said.code, sum(document[word] for word in words)) == (0, document["in_scope"])
    for cell in document["by_school_grade"]:
        assert sum(cell[word] for word in words) == cell["in_scope"]
    assert sum(cell["one"] for cell in document["by_school_grade"]) == document["one"]
    assert document["in_scope"] + document["out_of_scope"] == 600
    assert [rule["sections"] for rule in document["rules"]] == [document["sections_kept"]]


def test_coverage_says_it_in_words(run: Run) -> None:
    """A person reads the four counts, what is kept, and what to do next."""
    said = run("coverage", "d", "--rules", "r.json")
    assert said.out.startswith("4 of 4 students in scope are in exactly one kept section.\n")
    assert "Kept: 2 of 3 sections." in said.out and said.out.endswith("Next: preflight.\n")


def test_coverage_lists_each_student_in_scope(run: Run, tmp_path: Path) -> None:
    """The CSV has one row a student in scope, ids joined by ; and sorted, every id as it is."""
    enrolled = "Section_id,Student_id\n007,=1+1\nC1,=1+1\nC1,001\n"
    write_district(
        tmp_path / "d",
        students=STUDENT_ROWS + "A,=1+1,N1,Ann,Lee,1,\nA,001,N2,Ben,Ray,1,\nA,-S,N3,Cy,Fox,2,\nA,out,N4,Di,Orr,9,\n",
        sections="Section_id,Name\nC1,Homeroom\n007,Homeroom\n",
        enrollments=enrolled,
    )
    grades = {**HOMEROOMS, "assessed_grades": ["1", "2"]}
    said = run("coverage", "d", "--rules", write_rules(tmp_path / "g.json", grades), "--students", "out.csv")
    assert said.code == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as opened:
        rows = sorted(map(tuple, csv.reader(opened)))
    head = ("student_id", "status", "section_ids")
    assert rows == sorted([head, ("=1+1", "several", "007;C1"), ("001", "one", "C1"), ("-S", "none", "")])


def test_the_demo_district_gives_its_known_answers(run: Run, tmp_path: Path, test_data: Path) -> None:
    """1,004 students in several with everything kept, all in one with homeroom, 770 and 234 with advisory too."""
    answers = {(): (378, 0, 1004), ("homeroom",): (39, 1004, 0), ("homeroom", "advisory"): (48, 770, 234)}
    for words, expected in answers.items():
        condition = {"field": "section_name", "op": "contains", "values": list(words)}
        rules = {"format": "roster-rules/1", "rules": [{"do": "keep", "when": [condition]}] if words else []}
        file = write_rules(tmp_path / "demo.json", rules)
        document = run("coverage", test_data / "clever-api-v3-demo", "--rules", file, "--json").document
        assert (document["sections_kept"], document["one"], document["several"]) == expected


def test_suggestions_are_rule_files_with_true_numbers(run: Run, tmp_path: Path) -> None:
    """Each suggestion's rule set reads as a rule file, and coverage gives the numbers it told."""
    found = run("suggest", "sample:600", "--limit", "3", "--json").document
    assert 1 <= len(found) <= 3
    for suggestion in found:
        file = write_rules(tmp_path / "s.json", suggestion["rule_set"])
        assert RuleSet.from_json(file.read_text(encoding="utf-8"))
        counted = run("coverage", "sample:600", "--rules", file, "--json").document
        assert all(suggestion[word] == counted[word] for word in ("one", "none", "several", "in_scope"))
        assert suggestion["name"] and suggestion["explanation"]


def test_suggestions_keep_to_the_grades_asked_for(run: Run) -> None:
    """--grades becomes the scope of every suggestion."""
    found = run("suggest", "sample:600", "--grades", "1, 2", "--json").document
    assert all(suggestion["rule_set"]["assessed_grades"] == ["1", "2"] for suggestion in found)


def test_a_clean_district_is_ready(run: Run) -> None:
    """preflight answers 0 with no blocker, and commit's digest is the one it told."""
    said = run("preflight", "d", "--rules", "r.json", "--json")
    document = said.document
    assert (said.code, document["ready"], document["blockers"]) == (0, True, 0)
    assert {"ready", "digest", "blockers", "warnings", "findings", "causes"} <= set(document)
    assert run("commit", "d", "--rules", "r.json", "--json").document["digest"] == document["digest"]


def test_a_blocker_is_the_answer_no(run: Run, tmp_path: Path) -> None:
    """preflight answers 1; each finding names code, severity, owner and its students; nothing secret of them."""
    without_a_birthdate(tmp_path / "d")
    said = run("preflight", "d", "--rules", "r.json", "--json")
    found = [finding for finding in said.document["findings"] if finding["code"] == "missing-birthdate"]
    assert (said.code, said.document["ready"]) == (1, False)
    assert [(f["severity"], f["owner"], f["student_ids"]) for f in found] == [("blocker", "district", ["S1"])]
    assert "Not ready: 1 blocker" in run("preflight", "d", "--rules", "r.json").out


def test_as_of_moves_the_ages(run: Run) -> None:
    """Ages are counted to the date given; a file loaded by the same command is never stale."""
    document = run("preflight", "d", "--rules", "r.json", "--as-of", "2060-01-01", "--json").document
    codes = {finding["code"] for finding in document["findings"]}
    assert "birthdate-implausible" in codes and "roster-stale" not in codes


def test_a_commit_makes_a_roster_current(run: Run, tmp_path: Path) -> None:
    """The receipt counts the students; current gives them back, as JSON and as CSV, ids as they were."""
    receipt = run("commit", "d", "--rules", "r.json", "--json")
    assert receipt.code == 0
    assert list(receipt.document) == ["receipt_id", "digest", "students", "added", "moved", "updated", "removed"]
    assert [receipt.document[name] for name in ("students", "added", "moved", "updated", "removed")] == [4, 4, 0, 0, 0]
    now = run("current", "d", "--csv", "now.csv", "--json").document
    assert (now["receipt_id"], now["students"], len(now["rows"])) == (receipt.document["receipt_id"], 4, 4)
    with (tmp_path / "now.csv").open(encoding="utf-8", newline="") as opened:
        rows = [(r["student_id"], r["section_id"], r["school_id"], r["teacher_id"]) for r in csv.DictReader(opened)]
    assert rows == [("S1", "C1", "A", "T1"), ("S2", "C1", "A", "T1"), ("S3", "C2", "A", "T2"), ("S4", "C2", "A", "T2")]


def test_a_repeated_commit_is_answered_with_its_receipt(run: Run) -> None:
    """Sent twice, a commit gives the same receipt and there is one in the list."""
    first, second = (run("commit", "d", "--rules", "r.json", "--json").document for _ in range(2))
    assert first == second
    assert [receipt["receipt_id"] for receipt in run("receipts", "d", "--json").document] == [first["receipt_id"]]


def test_a_blocked_commit_changes_nothing_and_says_why(run: Run, tmp_path: Path) -> None:
    """Exit 1, the causes on standard error, the whole report as the document, and no roster in force."""
    without_a_birthdate(tmp_path / "d")
    said = run("commit", "d", "--rules", "r.json", "--json")
    assert (said.code, said.document["ready"], said.document["blockers"]) == (1, False, 1)
    assert "Not committed" in said.err and "missing-birthdate" in said.err and "no roster in force" in said.err
    assert run("current", "d").code == 2
    assert run("commit", "d", "--rules", "r.json").out == ""


def test_a_large_change_is_held_until_somebody_approves(run: Run, tmp_path: Path) -> None:
    """With half the students gone a commit answers 1; a reason lets it through, and the earlier can be restored."""
    first = run("commit", "d", "--rules", "r.json", "--json").document
    students = STUDENT_ROWS + "A,S1,N1,Ann,Lee,1,01/02/2019\nA,S2,N2,Ben,Ray,1,03/04/2019\n"
    write_district(tmp_path / "d", students=students)
    held = run("commit", "d", "--rules", "r.json", "--json")
    assert (held.code, held.document["held"], held.document["in_force"]) == (1, True, first["receipt_id"])
    approved = run("commit", "d", "--rules", "r.json", "--approve", "a school closed", "--json")
    assert (approved.code, approved.document["removed"]) == (0, 2)
    restored = run("restore", first["receipt_id"], "--json")
    assert (restored.code, restored.document["added"]) == (0, 2)
    states = [(r["kind"], r["in_force"]) for r in run("receipts", "--json").document]
    assert states == [("restore", True), ("commit", False), ("commit", False)]


@pytest.mark.parametrize(
    ("data", "options", "district"),
    [
        ("d", (), "d"),
        ("d.zip", (), "d"),
        ("d", ("--district", "D-9"), "D-9"),
        (".", (), "folder"),
    ],
)
def test_a_district_is_named_by_the_person_or_by_its_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str, options: tuple[str, ...], district: str
) -> None:
    """--district wins; else the folder's name, or the file's without its ending."""
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as opened:
        for file in (tmp_path / "d").iterdir():
            opened.write(file, file.name)
    if data == ".":
        monkeypatch.chdir(write_district(tmp_path / "folder"))
    assert run("commit", data, "--rules", tmp_path / "r.json", *options).code == 0
    assert run("current", district).code == 0


def test_a_oneroster_file_is_written_once(run: Run, tmp_path: Path) -> None:
    """Committed to a file, the roster is a zip that loads again with the same students."""
    first, second = (
        run("commit", "d", "--rules", "r.json", "--to", "oneroster:out.zip", "--json").document for _ in range(2)
    )
    assert first == second
    assert run("inspect", "out.zip", "--json").document["students"] == 4


def test_purge_says_what_it_deleted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A young store loses nothing."""
    monkeypatch.setenv("ROSTER_RETENTION_DAYS", "30")
    run("commit", "d", "--rules", "r.json")
    said = run("purge", "--json")
    assert (said.code, said.document["rosters"], said.document["rows"]) == (0, 0, 0)
    assert "Older than 30 days" in run("purge").out and run("current", "d").code == 0


def test_drift_says_when_a_person_is_needed(run: Run, tmp_path: Path) -> None:
    """Nothing committed has not drifted."""
    said = run("drift", "--json")
    assert (said.code, said.document) == (0, [])


def test_a_sharing_request_is_a_text_for_the_district(run: Run) -> None:
    """The rules are told in the words of Clever's own sharing rules."""
    said = run("sharing-request", "d", "--rules", "r.json", "--json")
    assert said.code == 0 and "omeroom" in json.dumps(said.document)
    assert "omeroom" in run("sharing-request", "d", "--rules", "r.json").out


def test_a_sharing_request_speaks_as_its_platform_and_becomes_a_letter(run: Run, tmp_path: Path) -> None:
    """ClassLink's words, as a letter in a file; instead of the same rules nothing changes at the district."""
    asked = ("sharing-request", "d", "--rules", "r.json", "--platform", "classlink")
    out = tmp_path / "request.eml"
    said = run(*asked, "--instead-of", "r.json", "--out", str(out), "--json")

    assert said.code == 0 and said.document["platform"] == "classlink" and "Query 1" in said.document["text"]
    assert said.document["sections_before"] == said.document["sections_after"]
    assert out.read_text(encoding="utf-8").count("Query 1") == 1
    assert run(*asked, "--out", str(tmp_path / "none" / "x.eml")).code == 2
    assert run("sharing-request", "d", "--rules", "r.json", "--platform", "paper").code == 2


def test_stopping_is_clean(run: Run, tmp_path: Path) -> None:
    """Ctrl-C while a command waits gives one sentence and no traceback."""
    os.mkfifo(tmp_path / "never.json")
    # Opening a pipe that nobody writes to waits for ever, so the signal always meets a waiting command.
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    said = run("coverage", "d", "--rules", "never.json")
    assert (said.code, said.out, said.err.strip()) == (2, "", "Error: Stopped. Nothing was changed.")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_explains_itself_and_takes_json(run: Run, name: str) -> None:
    """--help gives the command's sentence and its --json."""
    said = run(name, "--help")
    explained = " ".join(str(cli.commands[name].help).split())
    assert said.code == 0 and "--json" in said.out and explained in " ".join(said.out.split())


def test_ids_in_json_are_texts(run: Run) -> None:
    """An id that looks like a number stays a text in every document."""
    run("commit", "sample:50", "--rules", "r.json", "--district", "0042")
    documents: list[Any] = [run("preflight", "d", "--rules", "r.json", "--district", "0042", "--json").document]
    documents.append(run("commit", "d", "--rules", "r.json", "--district", "0042", "--json").document)
    documents.append(run("current", "0042", "--json").document)
    assert documents[2]["district_id"] == "0042" and isinstance(documents[1]["receipt_id"], str)


def test_a_blank_district_id_is_none(run: Run) -> None:
    """A --district of blanks alone, as an unset variable leaves it, is the folder's name; blanks around an id go."""
    run("commit", "d", "--rules", "r.json", "--district", " ")
    run("commit", "d", "--rules", "r.json", "--district", "oak ")
    assert sorted(receipt["district_id"] for receipt in run("receipts", "--json").document) == ["d", "oak"]
