"""What the documentation lists is what there is: settings, commands, fields, operators; nothing more, nothing less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from roster_core.__main__ import cli
from roster_core.adapters.configuration import SETTINGS
from roster_core.adapters.store.retention import RETENTION
from roster_core.onboarding import STEPS
from roster_core.preflight import CHECKS
from roster_core.rule_words import FIELDS, OPERATORS
from roster_core.rules import RuleSet
from roster_core.vocabulary import GRADES
from tests.command_line import runner

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LAUNCH = (ROOT / "docs" / "launch.md").read_text(encoding="utf-8")
RULE_FILE = (ROOT / "docs" / "rule-file.md").read_text(encoding="utf-8")


def first_cells(text: str, heading: str) -> list[str]:
    """The words in code of the first column of the table under a heading."""
    body = re.split(r"^#+ ", text.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^\| `([^` ]+)[^|]*\|", body, re.MULTILINE)


def documents() -> Iterator[Path]:
    """Everything people read."""
    yield from (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        (first_cells(README, "Settings"), list(SETTINGS)),
        (first_cells(README, "Command line"), list(cli.commands)),
        (first_cells(RULE_FILE, "Fields"), list(FIELDS)),
        (first_cells(RULE_FILE, "Operators"), list(OPERATORS)),
        (first_cells(LAUNCH, "The seven steps to Ready To Assess"), list(STEPS)),
    ],
    ids=["settings", "commands", "fields", "operators", "steps"],
)
def test_each_is_listed_once_and_no_other(listed: list[str], known: list[str]) -> None:
    """A table of the documentation has a row for each thing there is."""
    assert sorted(listed) == sorted(known)


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    """Every ROSTER_, CLEVER_, SELWEB_ or SMTP_ word in the documentation is a setting (or the tests' own)."""
    for document in documents():
        named = set(re.findall(r"\b(?:ROSTER|CLEVER|SELWEB|SMTP)_[A-Z_]+\b", document.read_text(encoding="utf-8")))
        assert named <= {*SETTINGS, "ROSTER_TEST_DATA"}, document.name


def test_every_option_of_a_command_is_in_the_readme() -> None:
    """A command's row names each of its own options."""
    rows = dict(re.findall(r"^\| `([a-z-]+)([^|]*)\|", README, re.MULTILINE))
    for name, command in cli.commands.items():
        options = {o for parameter in command.params for o in parameter.opts if o.startswith("--")} - {"--json"}
        assert options == set(re.findall(r"--[a-z-]+", rows[name])), name


def test_what_the_readme_shows_is_what_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its rule files and commands, tried one after the other in an empty folder, say what it shows."""
    run = runner(tmp_path, monkeypatch, capsys)
    for name, text in re.findall(r"\(`(\w+\.json)`\):\n\n```json\n(.*?)```", README, re.DOTALL):
        (tmp_path / name).write_text(text, encoding="utf-8")
    shown = re.findall(r"^\$ python -m roster_core (.+)\n((?:.+\n)*?)(?=\n|```)", README, re.MULTILINE)
    assert len(shown) == 3
    for command, output in shown:
        assert run(*command.split()).out == output


def test_the_example_rule_file_is_one() -> None:
    """The example of the documentation can be read as it stands."""
    example = re.search(r"```json\n(.*?)```", RULE_FILE, re.DOTALL)
    assert example and RuleSet.from_json(example[1]).name == "Homeroom in K-5, advisory in 6-8"


def test_the_grades_are_named() -> None:
    """The rule file's document names every grade that is not a number."""
    assert all(f"`{grade}`" in RULE_FILE for grade in GRADES if not grade.isdigit())


def test_every_preflight_check_is_listed_with_its_usual_severity() -> None:
    """docs/preflight.md has a row for each check, and no other."""
    text = (ROOT / "docs" / "preflight.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| ([a-z]+) \|", text, re.MULTILINE))
    assert rows == {check.code: check.severity for check in CHECKS.values()}


def test_no_cell_of_the_checks_begins_twice_with_a_word() -> None:
    """What a check finds is a phrase that can be read: `Students in no kept section`."""
    text = (ROOT / "docs" / "preflight.md").read_text(encoding="utf-8")
    assert not re.findall(r"\| (\w+) \1 ", text)


def test_links_between_documents_lead_somewhere() -> None:
    """A relative link names a file that is here."""
    for document in documents():
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_what_the_purge_does_with_each_table_is_told() -> None:
    """docs/data.md has the line of each table as the store has it."""
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", text, re.MULTILINE)) == dict(RETENTION)
