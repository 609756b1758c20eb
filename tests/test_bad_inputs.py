"""Bad rule files, data, arguments and settings: exit 2 and one clear message within seconds, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import HOMEROOMS, Run, Said, runner, write_district, write_rules

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in an empty folder."""
    return runner(tmp_path, monkeypatch, capsys)


def refuses(said: Said, *words: str) -> None:
    """Exit 2, nothing on standard output, and one message on standard error with these words."""
    assert said.code == 2, said
    assert said.out == ""
    assert said.err.startswith("Error: ") and said.err.count("Error: ") == 1
    assert "Traceback" not in said.err and len(said.err) < 2_000
    for word in words:
        assert word in said.err, said.err


def rule(**changes: Any) -> dict[str, Any]:
    """A rule file with one rule, some of its keys changed."""
    return {**HOMEROOMS, "rules": [{**HOMEROOMS["rules"][0], **changes}]}


def condition(**changes: Any) -> dict[str, Any]:
    """A rule file with one condition, some of its keys changed; a key set to None is left out."""
    whole = {**HOMEROOMS["rules"][0]["when"][0], **changes}
    return rule(when=[{key: value for key, value in whole.items() if value is not None}])


RULE_FILES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "not-json": ("{", ("line 1",)),
    "empty": ("", ("JSON",)),
    "not-utf-8": (b'{"format": "\xff"}', ("UTF-8",)),
    "nul": ("\x00" * 50, ("JSON",)),
    "a-list": ([], ("object",)),
    "no-format": ({"rules": []}, ("format",)),
    "another-format": ({"format": "roster-rules/2"}, ("roster-rules/1",)),
    "unknown-key": ({**HOMEROOMS, "grade": ["1"]}, ("grade",)),
    "unknown-rule-key": (rule(whn=[]), ("whn", "rules")),
    "unknown-field": (condition(field="section_nam"), ("section_nam", "section_name")),
    "unknown-operator": (condition(op="contain"), ("contain",)),
    "unknown-word": (rule(do="hold"), ("keep", "drop")),
    "unknown-resolve": ({**HOMEROOMS, "resolve": "last"}, ("resolve", "first")),
    "unknown-grade": (rule(student_grades=["K"]), ("Kindergarten",)),
    "unknown-assessed-grade": ({**HOMEROOMS, "assessed_grades": ["14"]}, ("assessed_grades",)),
    "no-condition": (rule(when=[]), ("when",)),
    "no-values": (condition(values=None), ("values",)),
    "empty-values": (condition(values=[]), ("values",)),
    "a-blank-value": (condition(values=["  "]), ("is_empty",)),
    "values-not-a-list": (condition(values="Homeroom"), ("values",)),
    "values-of-another-type": (condition(values=[1]), ("values",)),
    "values-where-none-belong": (condition(op="is_empty"), ("values",)),
    "match-case-not-a-boolean": (condition(match_case="yes"), ("match_case",)),
    "bad-expression": (condition(op="matches", values=["("]), ("expression",)),
    "look-ahead": (condition(op="matches", values=["(?!Lunch)"]), ("look-ahead",)),
    "back-reference": (condition(op="matches", values=[r"(a)\1"]), ("expression",)),
    "huge-repeat": (condition(op="matches", values=["((a{1000}){1000}){1000}"]), ("expression",)),
    "long-expression": (condition(op="matches", values=["a" * 100_000]), ("expression",)),
    "two-pins": (
        {**HOMEROOMS, "pins": [{"student_id": "S1", "section_id": "C1"}, {"student_id": "S1", "section_id": None}]},
        ("pins", "S1"),
    ),
    "a-pin-with-an-unknown-excuse": (
        {**HOMEROOMS, "pins": [{"student_id": "S1", "section_id": None, "excuse": "ill"}]},
        ("to_follow",),
    ),
    "a-pin-without-a-section-key": ({**HOMEROOMS, "pins": [{"student_id": "S1"}]}, ("section_id",)),
    "an-example-without-a-verdict": ({**HOMEROOMS, "examples": [{"section_name": "Lunch"}]}, ("expect",)),
    "a-key-twice": ('{"format": "roster-rules/1", "rules": [], "rules": []}', ("rules", "twice")),
    "a-number-of-5,000-digits": ('{"format": "roster-rules/1", "name": ' + "9" * 5_000 + "}", ("5,000 digits",)),
    "deep-nesting": ("[" * 200_000, ("nest",)),
    "huge": (b" " * 21_000_000, ("large",)),
}


@pytest.mark.parametrize("name", RULE_FILES)
def test_a_bad_rule_file_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    """The message names the file, the place in it, and what was expected there."""
    content, words = RULE_FILES[name]
    district, rules = write_district(tmp_path / "d"), write_rules(tmp_path / "r.json", content)
    start = time.perf_counter()
    refuses(run("coverage", district, "--rules", rules), "r.json", *words)
    assert time.perf_counter() - start < 5


def test_every_problem_of_a_rule_file_is_told_at_once(run: Run, tmp_path: Path) -> None:
    """Two bad conditions in two rules give two lines, each with its place."""
    rules = [condition(op="contain")["rules"][0], condition(field="name")["rules"][0]]
    said = run("coverage", "sample:10", "--rules", write_rules(tmp_path / "r.json", {**HOMEROOMS, "rules": rules}))
    refuses(said, "2 problems", "rules[0]", "rules[1]")


def _zip(file: Path, **entries: str) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in entries.items():
            opened.writestr(name.replace("__", "/").replace("UP", ".."), text)
    return file


def _without_column(folder: Path) -> Path:
    return write_district(folder, students="Student_id,First_name\nS1,Ann\n")


def _without_file(folder: Path) -> Path:
    write_district(folder)
    (folder / "enrollments.csv").unlink()
    return folder


def _bytes(file: Path, content: bytes) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return file


def _answers(folder: Path, **files: bytes) -> Path:
    for name, content in files.items():
        _bytes(folder / f"{name}.json", content)
    return folder


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _cut(folder: Path) -> Path:
    whole = _zip(folder.with_suffix(".zip"), students="x" * 10_000).read_bytes()
    return _bytes(folder.with_suffix(".cut.zip"), whole[: len(whole) // 2])


def _two_formats(folder: Path) -> Path:
    write_district(folder)
    return write_district(folder, users="sourcedId\n", classes="sourcedId\n")


DATA: dict[str, tuple[Callable[[Path], Path | str], tuple[str, ...]]] = {
    "no-such-path": (lambda p: p, ("district",)),
    "an-empty-folder": (_empty, ("district",)),
    "a-text-file": (lambda p: _bytes(p.with_suffix(".txt"), b"hello"), ("district.txt",)),
    "a-missing-file": (_without_file, ("enrollments.csv",)),
    "a-missing-column": (_without_column, ("students.csv", "Last_name")),
    "an-empty-file": (lambda p: write_district(p, students=""), ("students.csv",)),
    "nul-bytes": (lambda p: write_district(p, sections="Section_id\n\x00\x00\x00\n"), ("sections.csv",)),
    "a-broken-zip": (lambda p: _bytes(p.with_suffix(".zip"), b"PK\x03\x04 not a zip"), ("district.zip",)),
    "a-cut-zip": (_cut, ("district.cut.zip",)),
    "a-climbing-zip": (lambda p: _zip(p.with_suffix(".zip"), **{"UP__UP__students.csv": "x"}), ("district.zip",)),
    "a-bomb": (lambda p: _zip(p.with_suffix(".zip"), **{"students.csv": "0" * 300_000_000}), ("students.csv",)),
    "an-empty-zip": (lambda p: _zip(p.with_suffix(".zip")), ("district.zip",)),
    "a-broken-answer": (lambda p: _answers(p, users=b"{", sections=b"{}"), ("json",)),
    "half-of-the-answers": (lambda p: _answers(p, users=b'{"data": []}'), ("sections.json",)),
    "two-formats": (_two_formats, ("Clever", "OneRoster")),
    "sample-of-a-word": (lambda p: "sample:many", ("sample:STUDENTS",)),
    "sample-of-none": (lambda p: "sample:0", ("1 to",)),
    "sample-of-too-many": (lambda p: "sample:999999999", ("5,000,000",)),
    "sample-with-a-bad-seed": (lambda p: "sample:10:-1", ("SEED",)),
    "clever-unconnected": (lambda p: "clever", ("CLEVER_CLIENT_ID", "CLEVER_DISTRICT_TOKEN")),
}


@pytest.mark.parametrize("name", DATA)
def test_bad_data_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    """The message names the file, and the column or what else is wrong with it."""
    make, words = DATA[name]
    data = make(tmp_path / "district")
    start = time.perf_counter()
    refuses(run("inspect", data), *words)
    assert time.perf_counter() - start < 5


ARGUMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no-command": ((), ("--help",)),
    "an-unknown-command": (("coverag",), ("coverage",)),
    "an-unknown-option": (("inspect", "sample:10", "--jso"), ("--json",)),
    "no-data": (("inspect",), ("DATA",)),
    "no-rules": (("coverage", "sample:10"), ("--rules",)),
    "no-such-rule-file": (("coverage", "sample:10", "--rules", "no.json"), ("no.json",)),
    "a-folder-as-rule-file": (("coverage", "sample:10", "--rules", "."), ("cannot be read",)),
    "an-unwritable-csv": (("coverage", "sample:10", "--rules", "r.json", "--students", "no/a.csv"), ("no/a.csv",)),
    "a-limit-of-none": (("suggest", "sample:10", "--limit", "0"), ("--limit",)),
    "an-unknown-grade": (("suggest", "sample:10", "--grades", "1,K"), ("--grades", "Kindergarten")),
    "no-date": (("preflight", "sample:10", "--rules", "r.json", "--as-of", "yesterday"), ("--as-of", "2026-09-01")),
    "an-unknown-place": (("commit", "sample:10", "--rules", "r.json", "--to", "mars"), ("--to", "oneroster:OUT.zip")),
    "selweb-unconnected": (("commit", "sample:10", "--rules", "r.json", "--to", "http"), ("SELWEB_URL",)),
    "an-unknown-district": (("current", "nowhere"), ("nowhere",)),
    "an-unknown-receipt": (("restore", "R-0"), ("R-0",)),
    "nothing-to-pull-from": (("pull",), ("CLEVER_CLIENT_ID",)),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_bad_arguments_are_refused(run: Run, tmp_path: Path, name: str) -> None:
    """The message names the argument, and what would do."""
    write_rules(tmp_path / "r.json")
    arguments, words = ARGUMENTS[name]
    refuses(run(*arguments), *words)


SETTINGS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "half-an-app": ({"CLEVER_CLIENT_ID": "app"}, ("CLEVER_CLIENT_SECRET",)),
    "a-secret-alone": ({"CLEVER_CLIENT_SECRET": "hunter2"}, ("CLEVER_CLIENT_ID",)),
    "an-open-address": ({"CLEVER_API_URL": "http://api.clever.com"}, ("CLEVER_API_URL", "https")),
    "no-address": ({"SELWEB_URL": "selweb", "SELWEB_TOKEN": "hunter2"}, ("SELWEB_URL", "https://")),
    "an-unknown-setting": ({"ROSTER_RETENTION": "5"}, ("ROSTER_RETENTION_DAYS",)),
    "an-unknown-database": ({"ROSTER_DATABASE_URL": "oracle://me:hunter2@db"}, ("ROSTER_DATABASE_URL", "sqlite:///")),
    "a-word-for-a-number": ({"ROSTER_RETENTION_DAYS": "month"}, ("ROSTER_RETENTION_DAYS", '"month"')),
    "an-unknown-check": ({"ROSTER_SEVERITIES": "no-such=off"}, ("ROSTER_SEVERITIES", "no-such")),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_bad_settings_are_refused(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The message names the setting, and never repeats a secret."""
    variables, words = SETTINGS[name]
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    said = run("receipts")
    refuses(said, *words)
    assert "hunter2" not in said.err


def test_under_json_the_error_is_the_document(run: Run) -> None:
    """With --json standard output still holds exactly one document, and standard error the same message."""
    said = run("inspect", "no-such-folder", "--json")
    assert said.code == 2 and said.document["error"] in said.err


@pytest.mark.parametrize("arguments", [("inspect", "no-such-folder"), ("nothing",)], ids=["data", "usage"])
def test_the_real_process_says_the_same(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Run as `python -m roster_core`, a bad input gives exit 2 and one line on standard error."""
    command = [sys.executable, "-m", "roster_core", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    refuses(Said(done.returncode, done.stdout, done.stderr))
    assert json.dumps(done.stdout) == '""'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to write to")
@pytest.mark.parametrize(("data", "code"), [("sample:20", 3), ("no-such-folder", 2)], ids=["answer", "error"])
def test_an_answer_that_cannot_be_written_is_no_no(data: str, code: int) -> None:
    """On a full standard output a command says so and exits with 3, never with the 1 that means no; an error stays."""
    command = [sys.executable, "-m", "roster_core", "inspect", data, "--json"]
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and "No space left" in done.stderr
