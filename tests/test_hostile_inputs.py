"""Input made to do harm is read or refused with one message; nothing else comes out, and nothing takes long."""

from __future__ import annotations

import json
import time
import zipfile
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster_core.adapters.loading import load_uploads
from roster_core.coverage import evaluate
from roster_core.errors import InputError, RosterError
from roster_core.letter import to_letter
from roster_core.matching import condition_mask
from roster_core.messages import Message
from roster_core.rules import Condition, Rule, RuleSet, condition_problem
from tests.command_line import Run, runner
from tests.fuzz.targets import TARGETS, run, seeds

#: What breaks readers: quotes, separators, ends of lines, formulas, other alphabets, bytes that are no text.
PIECES = [
    b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"\t", b"\0", b"\x1f", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"=1+1",
    b"{", b"}", b"[", b"]", b":", b"null", b"NaN", b"1e999", b"-0", b"true", b"\\ud800", b"\\u0000", b"\xe2\x80\xae",
    b"../", b"/", b"C:\\", b"9" * 400, b"(" * 60, b"a{1000}", b"\\C", b"(?P<x>", b"roster-rules/1", "Ünïcödé".encode(),
]  # fmt: skip


@pytest.fixture
def run_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in an empty folder."""
    return runner(tmp_path, monkeypatch, capsys)


@st.composite
def damaged(draw: st.DrawFn, name: str) -> bytes:
    """A well-formed input of that target with pieces put in, taken out, or doubled."""
    content = bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        stop = min(len(content), start + draw(st.sampled_from([0, 0, 1, 3, 40])))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)))
        content[start:stop] = piece if draw(st.booleans()) else piece + bytes(content[start:stop])
    return bytes(content)


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_our_own_errors_comes_out(name: str) -> None:
    """However a file, zip, upload or expression is damaged, it is read, or refused by an error of ours."""

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(damaged(name))
    def check(content: bytes) -> None:
        run(name, content)

    check()
    assert all(run(name, seed) for seed in seeds(name)) or name in ("zip_members", "uploads", "expression")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(a*)*" * 30 + "b", id="nested"),
        pytest.param("(" * 5_000 + ")" * 5_000, id="deep"),
        pytest.param("(((a{100}){100}){100})", id="repeats"),
        pytest.param("(x+x+)+y", id="backtracking"),
        pytest.param("|".join(f"word{n}" for n in range(20_000)), id="many"),
        pytest.param(".*" * 500 + "z", id="wild"),
        pytest.param(r"[\x{10FFFF}-\x{0}]", id="range"),
        pytest.param(r"(?<=a)b", id="lookbehind"),
        pytest.param("a" * 1_000_000, id="long"),
    ],
)
def test_no_expression_holds_the_server_up(text: str) -> None:
    """An expression that takes other engines for ever is matched in linear time, or refused for its size or form."""
    began = time.process_time()
    condition = Condition("section_name", "matches", (text,))
    if not condition_problem(condition):
        rows = b"Section_id,Name\n" + b"".join(b"S%d,%s\n" % (n, b"x" * 200 + b"a" * 200) for n in range(500))
        files = {"sections.csv": rows, "students.csv": b"Student_id,First_name,Last_name\nU1,A,L\n"}
        roster = load_uploads({**files, "enrollments.csv": b"Section_id,Student_id\nS1,U1\n"})
        assert not condition_mask(roster, condition).all()
        evaluate(roster, RuleSet(rules=(Rule("keep", (condition,)),)))
    assert time.process_time() - began < 20


@pytest.mark.parametrize("quoted", [False, True])
def test_a_name_of_100_mb_is_read_or_refused_and_no_more(run_command: Run, tmp_path: Path, quoted: bool) -> None:
    """One huge cell is no traceback: the answer is a roster with it, or one short message; either is exit 0 or 2."""
    folder = tmp_path / "district"
    folder.mkdir()
    name = b"x" * 100_000_000
    cell = b'"' + name + b'"' if quoted else name
    (folder / "sections.csv").write_bytes(b"Section_id,Name\nS1," + cell + b"\n")
    (folder / "students.csv").write_bytes(b"Student_id,First_name,Last_name\nU1,Ada,Lane\n")
    (folder / "enrollments.csv").write_bytes(b"Section_id,Student_id\nS1,U1\n")
    said = run_command("inspect", str(folder))
    assert said.code in (0, 2) and "Traceback" not in said.err
    assert len(said.err) < 2_000


def test_a_rule_file_of_many_levels_or_digits_is_refused() -> None:
    """JSON nested a hundred thousand deep, and a number of a million digits, are one error each."""
    for text in ("[" * 100_000, '{"format": ' + "9" * 1_000_000 + "}", '{"a":' * 50_000 + "1" + "}" * 50_000):
        with pytest.raises(RosterError):
            RuleSet.from_json(text)


def test_a_zip_within_a_zip_is_not_opened() -> None:
    """Only the files of the first level are a roster's; a zip inside is left alone, however large it would be."""
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("students.csv", bytes(50_000_000))
    outer = BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("roster.zip", inner.getvalue())
    with pytest.raises(InputError, match="no CSV or JSON file"):
        load_uploads({"outer.zip": outer.getvalue()})


def test_answers_nested_without_end_are_refused() -> None:
    """A page of Clever's answers nested beyond reason is one error."""
    deep = b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(InputError):
        load_uploads({"users.json": deep, "sections.json": json.dumps({"data": []}).encode()})


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b"])
def test_a_name_in_a_subject_begins_no_header(end: str) -> None:
    """However a line is ended in a name, the letter has the headers it was to have and no recipient more."""
    message = Message(f"Ready: Elm{end}Bcc: eve@evil.example{end}{end}<b>", "Hello", "ready", to=("ana@d.example",))
    letter = message_from_bytes(bytes(to_letter(message, datetime(2026, 11, 23, tzinfo=UTC))), policy=SMTP)
    assert letter["Bcc"] is None and [str(each) for each in letter.get_all("To")] == ["ana@d.example"]
    assert "eve@evil.example" in letter["Subject"] and "Hello" in letter.get_body().get_content()
