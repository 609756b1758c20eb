"""The command line as a person or a program calls it, inside this process and away from the machine's own settings."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from roster_core.__main__ import main

HOMEROOMS = {
    "format": "roster-rules/1",
    "rules": [{"do": "keep", "when": [{"field": "section_name", "op": "contains", "values": ["homeroom"]}]}],
}


@dataclass(frozen=True)
class Said:
    """What one call said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


Run = Callable[..., Said]


def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs one command in an empty folder, with no setting but a data folder of its own."""
    for name in (*_set_names(), "ROSTER_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ROSTER_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Said:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def write_district(folder: Path, **files: str) -> Path:
    """Writes a small clean Clever CSV district: two homerooms, three students, all in one; some files replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "schools": "School_id,School_name\nA,Adams\n",
        "teachers": "School_id,Teacher_id,First_name,Last_name,Teacher_email\nA,T1,Ada,Reed,t1@example.org\n"
        "A,T2,Bo,Nash,t2@example.org\n",
        "students": "School_id,Student_id,Student_number,First_name,Last_name,Grade,DOB\n"
        "A,S1,N1,Ann,Lee,1,01/02/2019\nA,S2,N2,Ben,Ray,1,03/04/2019\nA,S3,N3,Cy,Fox,2,05/06/2018\n"
        "A,S4,N4,Di,Orr,2,07/08/2018\n",
        "sections": "School_id,Section_id,Teacher_id,Name,Grade\nA,C1,T1,Homeroom 1,1\nA,C2,T2,Homeroom 2,2\n"
        "A,C3,T1,Art,1\n",
        "enrollments": "School_id,Section_id,Student_id\nA,C1,S1\nA,C1,S2\nA,C2,S3\nA,C2,S4\nA,C3,S1\nA,C3,S3\n",
    }
    for name, text in {**texts, **files}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def write_rules(file: Path, content: Any = HOMEROOMS) -> Path:
    """Writes a rule file: content as JSON, or a text or bytes as they are."""
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def _set_names() -> list[str]:
    return [name for name in os.environ if name.startswith(("ROSTER_", "CLEVER_", "SELWEB_", "SMTP_"))]
