"""The activity log and deletion on the command line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.command_line import Run, runner, write_district, write_rules


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in an empty folder, with a rule file r.json and a clean district d."""
    write_rules(tmp_path / "r.json")
    write_district(tmp_path / "d")
    return runner(tmp_path, monkeypatch, capsys)


def test_activity_says_who_did_what(run: Run) -> None:
    """What was done, in words, newest first; by district, and cut where asked for."""
    assert run("activity").out.strip() == "Nothing was done yet."
    run("commit", "d", "--rules", "r.json")
    run("purge")
    lines = run("activity").out.splitlines()
    assert "Purged what was older than" in lines[0]
    assert "Committed 4 students (4 new)" in lines[1] and "rules that were not saved" in lines[1]
    assert len(run("activity", "d").out.splitlines()) == len(run("activity", "--limit", "1").out.splitlines()) == 1
    (entry,) = run("activity", "d", "--json").document
    assert entry["action"] == "commit" and entry["detail"]["students"] == 4 and entry["sentence"] in lines[1]


def test_verify_prints_the_head_to_note_down(run: Run) -> None:
    """A whole log answers 0 with its head, which verifies when it is given back, also after more was done."""
    run("purge")
    said = run("activity", "--verify", "--json")
    assert (said.code, said.document["intact"], said.document["entries"]) == (0, True, 1)
    head = said.document["head"]
    run("purge")
    assert run("activity", "--verify", "--noted", head).code == 0
    assert f"Head {run('activity', '--verify', '--json').document['head']}" in run("activity", "--verify").out


def test_verify_answers_1_where_the_log_was_changed(run: Run) -> None:
    """Somebody who takes an entry out of the database is found, with the place."""
    for _ in range(3):
        run("purge")
    with sqlite3.connect("var/roster.sqlite3") as database:
        database.execute("DROP TRIGGER activity_no_delete")
        database.execute("DELETE FROM activity WHERE number = 2")
    said = run("activity", "--verify", "--json")
    assert (said.code, said.document["intact"]) == (1, False)
    assert [(found["number"], found["kind"]) for found in said.document["problems"]] == [(2, "missing")]
    assert "Entry 2 is missing." in run("activity", "--verify").out


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE activity SET detail = x'00ff' WHERE number = 2", "changed"),
        ("UPDATE activity SET actor = 7 WHERE number = 2", "changed"),
        ("UPDATE activity_head SET number = 'many'", "truncated"),
        ("UPDATE activity_head SET hash = x'00ff'", "replaced"),
    ],
)
def test_verify_answers_whatever_was_written_over_the_log(run: Run, change: str, kind: str) -> None:
    """Cells of another type than the log ever holds are a place where it is broken, not a crash."""
    for _ in range(3):
        run("purge")
    _by_hand(change)
    said = run("activity", "--verify", "--json")
    assert (said.code, [found["kind"] for found in said.document["problems"]]) == (1, [kind])


def test_a_log_emptied_with_its_count_is_found(run: Run) -> None:
    """Somebody who takes away every entry and the head beside them does not make it a log of nothing."""
    run("purge")
    _by_hand("DELETE FROM activity", "DELETE FROM activity_head")
    said = run("activity", "--verify", "--json")
    assert (said.code, said.document["problems"][0]["kind"]) == (1, "truncated")
    assert "nobody can tell how many" in said.document["problems"][0]["message"]


@pytest.mark.parametrize("change", ["detail = '{'", "detail = x'00ff'", "at = 'zzz'"])
def test_a_log_that_cannot_be_listed_says_which_entry_and_what_proves_it(run: Run, change: str) -> None:
    """An entry made unreadable from outside is one clear message."""
    run("purge")
    _by_hand(f"UPDATE activity SET {change}")
    said = run("activity", "--json")
    assert said.code == 3 and "Entry 1" in said.err and "activity --verify" in said.document["error"]


def _by_hand(*statements: str) -> None:
    """What somebody with the database file does to the log: first away with what forbids it."""
    with sqlite3.connect("var/roster.sqlite3") as database:
        for name in ("no_update", "no_delete", "head_no_update", "head_no_delete"):
            database.execute(f"DROP TRIGGER activity_{name}")
        for statement in statements:
            database.execute(statement)


def test_a_head_that_is_none_is_refused(run: Run) -> None:
    """A head with a typing error is an input error that says what one looks like."""
    said = run("activity", "--noted", "12:abc")
    assert said.code == 2 and "64 hexadecimal digits" in said.err


def test_a_district_is_deleted_when_its_name_is_given(run: Run) -> None:
    """Without the name nothing is deleted and the message says which; with it only the log is left."""
    run("commit", "d", "--rules", "r.json")
    said = run("delete", "d", "--confirm", "other")
    assert said.code == 2 and '--confirm "d"' in said.err and run("current", "d").code == 0
    said = run("delete", "d", "--confirm", " D ", "--json")
    assert (said.code, said.document["deleted"]) == (0, True)
    assert run("current", "d").code == 2 and run("receipts", "d", "--json").document == []
    assert [entry["action"] for entry in run("activity", "d", "--json").document] == ["delete-district", "commit"]
    assert run("activity", "--verify").code == 0
    assert "nothing of a district" in run("delete", "d", "--confirm", "d").err


def test_rows_with_names_that_are_taken_are_written_down(run: Run) -> None:
    """The roster in force as a file or document is in the log; its numbers alone are not."""
    run("commit", "d", "--rules", "r.json")
    run("current", "d")
    run("current", "d", "--csv", "out.csv")
    run("current", "d", "--json")
    taken = [entry for entry in run("activity", "d", "--json").document if entry["action"] == "download-rows"]
    assert [(entry["detail"]["as"], entry["detail"]["rows"]) for entry in taken] == [("json", 4), ("csv", 4)]
    assert "as JSON, 4 rows, with names" in taken[0]["sentence"]
