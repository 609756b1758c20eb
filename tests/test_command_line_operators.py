"""The command line once people sign in: who it acts for, what they may do, and a second person's approval."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from roster_core.__main__ import cli
from roster_core.adapters.configuration import read_settings
from roster_core.adapters.store import open_store
from roster_core.commands.operators import ROLE_OF_COMMAND
from roster_core.roles import ROLES, allows
from roster_core.rules import RuleSet
from tests.command_line import HOMEROOMS, Run, runner, write_district, write_rules

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
PEOPLE = {"viewer": "vic@example.org", "reviewer": "rae@example.org", "committer": "cam@example.org"}
PEOPLE |= {"admin": "ada@example.org"}
CAM, ADA = PEOPLE["committer"], PEOPLE["admin"]

#: The commands that only judge a district they are given.
JUDGES = [
    name for name, role in ROLE_OF_COMMAND.items() if role is None and cli.commands[name].params[0].name == "data"
]


def least(command: str) -> list[str]:
    """The command with no more than what it cannot be called without."""
    given = [command]
    for each in cli.commands[command].params:
        if each.required:
            value = each.type.choices[0] if isinstance(each.type, click.Choice) else "r.json"
            given += [value] if isinstance(each, click.Argument) else [each.opts[0], value]
    return given


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in a folder with rules r.json, a clean district d, and a person of each role."""
    write_rules(tmp_path / "r.json")
    write_district(tmp_path / "d")
    started = runner(tmp_path, monkeypatch, capsys)
    for role, email in PEOPLE.items():
        monkeypatch.setenv(f"ROSTER_{role.upper()}S", email)
    return started


def test_every_command_says_which_role_it_asks_for() -> None:
    """The table of roles has each command and no other."""
    assert set(ROLE_OF_COMMAND) == set(cli.commands)


@pytest.mark.parametrize("command", [name for name, role in ROLE_OF_COMMAND.items() if role])
def test_each_command_refuses_nobody_strangers_and_each_lesser_role(run: Run, command: str) -> None:
    """Nobody named is a wrong call; a stranger and a lesser role are a no; nothing is done."""
    arguments = least(command)
    nobody = run(*arguments)
    assert (nobody.code, "--as EMAIL" in nobody.err) == (2, True)
    stranger = run("--as", "eve@example.org", *arguments)
    assert (stranger.code, "is on no list" in stranger.err) == (1, True)
    for role in ROLES:
        if not allows(role, ROLE_OF_COMMAND[command]):
            said = run("--as", PEOPLE[role], *arguments)
            assert (said.code, f"is a {role}" in said.err) == (1, True)


def test_what_only_judges_asks_nobody(run: Run) -> None:
    """Looking at one's own files needs no name."""
    assert run("inspect", "d").code == run("coverage", "d", "--rules", "r.json").code == 0
    assert run("preflight", "d", "--rules", "r.json").code == 0


def test_the_operator_is_in_receipt_and_log(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """By --as or by the setting; case does not matter; --as wins."""
    monkeypatch.setenv("ROSTER_OPERATOR", "Cam@Example.org")
    assert run("commit", "d", "--rules", "r.json").code == 0
    receipt = run("--as", ADA, "receipts", "--json").document[0]
    assert receipt["committed_by"] == "cam@example.org (command line)"
    assert run("--as", ADA, "purge", "--json").code == 0
    actors = [entry["actor"] for entry in run("activity", "--json").document]
    assert actors[0] == "ada@example.org (command line)"


def test_nobody_is_named_where_nobody_signs_in(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without people the command line is as it always was, and a name given to it is an error."""
    for role in PEOPLE:
        monkeypatch.delenv(f"ROSTER_{role.upper()}S")
    assert run("commit", "d", "--rules", "r.json").code == 0
    said = run("--as", CAM, "receipts")
    assert (said.code, "Nobody signs in here" in said.err) == (2, True)


def test_a_table_for_sign_in_alone_asks_for_a_name(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[auth] without people lets nobody in, here as on the pages."""
    for role in PEOPLE:
        monkeypatch.delenv(f"ROSTER_{role.upper()}S")
    (tmp_path / ".streamlit").mkdir()
    provider = 'client_id = "a"\nclient_secret = "b"\nserver_metadata_url = "https://id.example.org"\n'
    shared = f'redirect_uri = "https://a.example/oauth2callback"\ncookie_secret = "{"0123456789abcdef" * 2}"\n'
    (tmp_path / ".streamlit" / "secrets.toml").write_text(f"[auth]\n{shared}{provider}", encoding="utf-8")
    assert run("receipts").code == 2
    assert run("--as", ADA, "receipts").code == 1


def test_a_second_person_approves_a_held_change_by_the_same_command(run: Run, tmp_path: Path) -> None:
    """The first to commit asks; they cannot approve it themselves; the second does, and the receipt says so."""
    assert run("--as", CAM, "commit", "d", "--rules", "r.json").code == 0
    half = {**HOMEROOMS, "assessed_grades": ["1"]}
    write_rules(tmp_path / "half.json", half)
    command = ("commit", "d", "--rules", "half.json")
    first = run("--as", CAM, *command, "--json")
    assert first.code == 1 and first.document["held"]
    alone = run("--as", CAM, *command, "--approve", "I say so")
    assert (alone.code, "You asked for it, so somebody else approves it." in alone.err) == (1, True)
    second = run("--as", ADA, *command, "--approve", "Grade 2 moved")
    assert second.code == 0
    receipt = run("--as", ADA, "receipts", "--json").document[0]
    assert receipt["approval"] == "Grade 2 moved (ada@example.org (command line))"


def test_an_earlier_version_of_a_colleague_is_approved_by_somebody_else(run: Run, tmp_path: Path) -> None:
    """Whoever goes back to rules that a colleague saved once, and somebody replaced, does not approve that alone."""
    assert run("--as", CAM, "commit", "d", "--rules", "r.json").code == 0
    half = {**HOMEROOMS, "assessed_grades": ["1"]}
    write_rules(tmp_path / "half.json", half)
    with closing(open_store(read_settings().database_url)) as store:
        for number, (rules, by) in enumerate(((half, ADA), (HOMEROOMS, CAM))):
            rule_set = RuleSet.from_json(json.dumps(rules))
            store.rule_sets.save("d", rule_set, expected_version=number, actor=by, now=NOW)
    command = ("commit", "d", "--rules", "half.json")
    assert run("--as", CAM, *command).code == 1
    alone = run("--as", CAM, *command, "--approve", "I say so")
    assert (alone.code, "You asked for it, so somebody else approves it." in alone.err) == (1, True)
    assert run("--as", ADA, *command, "--approve", "Back to grade 1").code == 0


def test_who_made_the_rules_approves_them_nowhere(run: Run, tmp_path: Path) -> None:
    """A colleague who only saved what somebody made is not their author, also when the maker went on with the draft."""
    assert run("--as", CAM, "commit", "d", "--rules", "r.json").code == 0
    half = {**HOMEROOMS, "assessed_grades": ["1"]}
    write_rules(tmp_path / "half.json", half)
    with closing(open_store(read_settings().database_url)) as store:
        made = RuleSet.from_json(json.dumps(half))
        store.rule_sets.save_draft("d", made.to_json(), expected_revision=0, actor=CAM, now=NOW)
        store.rule_sets.save("d", made, expected_version=0, actor=ADA, now=NOW)
        store.rule_sets.save_draft("d", RuleSet().to_json(), expected_revision=1, actor=CAM, now=NOW)
    command = ("commit", "d", "--rules", "half.json")
    assert run("--as", CAM, *command).code == 1
    alone = run("--as", CAM, *command, "--approve", "I say so")
    assert (alone.code, "You changed these rules, so somebody else approves it." in alone.err) == (1, True)
    assert run("--as", ADA, *command, "--approve", "Grade 2 is not shared yet").code == 0


@pytest.mark.parametrize("command", JUDGES)
def test_what_comes_from_clever_asks_for_a_reviewer(run: Run, command: str) -> None:
    """A command that only judges files still asks who wants a district fetched with this app's token."""
    arguments = ["clever:d1" if word == "r.json" and place == 1 else word for place, word in enumerate(least(command))]
    assert (run(*arguments).code, "--as EMAIL" in run(*arguments).err) == (2, True)
    viewer = run("--as", PEOPLE["viewer"], *arguments)
    assert (viewer.code, "needs a reviewer" in viewer.err) == (1, True)
    assert "is a viewer" not in run("--as", PEOPLE["reviewer"], *arguments).err


def test_a_restore_needs_a_second_person(run: Run, tmp_path: Path) -> None:
    """Also a small one; whoever asked commits it after the other approved."""
    run("--as", CAM, "commit", "d", "--rules", "r.json")
    earlier = run("--as", CAM, "receipts", "--json").document[0]["receipt_id"]
    write_rules(tmp_path / "named.json", {**HOMEROOMS, "name": "Other"})
    assert run("--as", CAM, "commit", "d", "--rules", "named.json").code == 0
    said = run("--as", CAM, "restore", earlier)
    assert (said.code, "A second person must approve this first" in said.err) == (1, True)
    assert run("--as", ADA, "restore", earlier, "--approve", "A mistake", "--json").code == 0
    assert json.loads(run("--as", ADA, "current", "d", "--json").out)["kind"] == "restore"


def test_one_committer_alone_commits_as_ever(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody else may commit, a held change takes one person's reason."""
    monkeypatch.delenv("ROSTER_ADMINS")
    run("--as", CAM, "commit", "d", "--rules", "r.json")
    write_rules(tmp_path / "half.json", {**HOMEROOMS, "assessed_grades": ["1"]})
    said = run("--as", CAM, "commit", "d", "--rules", "half.json", "--approve", "Grade 2 moved")
    assert said.code == 0
