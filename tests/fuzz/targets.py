"""What hostile input may do: be read, or be refused with one of our own errors. One function a kind of input.

Each takes any bytes. Whatever is no `RosterError` is a finding, and so is a refusal of more than a screen.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from roster_core.adapters.files import open_uploads
from roster_core.adapters.loading import load_uploads
from roster_core.coverage import evaluate
from roster_core.errors import RosterError, RuleError
from roster_core.families import families
from roster_core.matching import highlights, text_mask
from roster_core.preflight import run_preflight
from roster_core.rules import Condition, RuleSet, condition_problem
from roster_core.sample import sample_district

NOW = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)
_SAMPLE = sample_district(40, 3)
_CSV = {
    "students.csv": b"Student_id,First_name,Last_name,Grade,DOB,School_id\nU1,Ada,Lane,2,2/3/2017,A\n",
    "sections.csv": b"Section_id,School_id,Name,Teacher_id,Period\nS1,A,HR 1,T1,1\n",
    "enrollments.csv": b"School_id,Section_id,Student_id\nA,S1,U1\n",
    "schools.csv": b"School_id,School_name\nA,Elm\n",
    "teachers.csv": b"Teacher_id,First_name,Last_name\nT1,Tea,Cher\n",
}
_ONEROSTER = {
    "manifest.csv": b"propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n",
    "orgs.csv": b"sourcedId,name,type,identifier,parentSourcedId\nO1,Elm,school,1,\n",
    "users.csv": b"sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName,grades\n"
    b"U1,true,O1,student,u1,Ada,Lane,02\nT1,true,O1,teacher,t1,Tea,Cher,\n",
    "classes.csv": b"sourcedId,title,grades,courseSourcedId,classType,schoolSourcedId,termSourcedIds\n"
    b"C1,HR 1,02,K1,homeroom,O1,A1\n",
    "enrollments.csv": b"sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary\n"
    b"E1,C1,O1,U1,student,false\nE2,C1,O1,T1,teacher,true\n",
    "courses.csv": b"sourcedId,title,courseCode,orgSourcedId\nK1,Homeroom,HR,O1\n",
    "academicSessions.csv": b"sourcedId,title,type,startDate,endDate,schoolYear\n"
    b"A1,S1,term,2026-08-01,2026-12-18,2027\n",
}
_ANSWERS = {
    "users.json": b'{"data": [{"data": {"id": "u1", "name": {"first": "A", "last": "L"}, "roles": {"student": {}}}}]}',
    "sections.json": b'{"data": [{"data": {"id": "s1", "name": "HR 1", "students": ["u1"]}}]}',
    "schools.json": b'{"data": [{"data": {"id": "a", "name": "Elm"}}]}',
}


def rule_file(content: bytes) -> None:
    """A rule file, and what is said and counted of it."""
    rule_set = RuleSet.from_json(content.decode("utf-8", errors="replace"))
    assert RuleSet.from_json(rule_set.to_json()) == rule_set
    rule_set.describe()
    evaluate(_SAMPLE, rule_set)


def clever_csv(content: bytes) -> None:
    """One of Clever's CSV files (the first byte says which) among whole ones."""
    _load(_CSV, content)


def oneroster(content: bytes) -> None:
    """One of OneRoster's CSV files (the first byte says which) among whole ones."""
    _load(_ONEROSTER, content)


def clever_answers(content: bytes) -> None:
    """One file of Clever's answers (the first byte says which) among whole ones."""
    _load(_ANSWERS, content)


def a_zip(content: bytes) -> None:
    """A whole zip of anybody's making."""
    load_uploads({"roster.zip": content}, now=NOW)


def zip_members(content: bytes) -> None:
    """A well-made zip whose names, and the bytes in its directory, are anything."""
    names, _, damage = content.partition(b"\n\n")
    held = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(held, "w") as archive:
        for name in names.split(b"\n")[:20]:
            archive.writestr(name.decode("utf-8", errors="replace").replace("\0", "")[:200] or "x", b"Student_id\n")
    packed = bytearray(held.getvalue())
    for place, value in zip(damage[::3], damage[1::3], strict=False):
        packed[-1 - (place * 7) % len(packed)] = value
    source = open_uploads({"roster.zip": bytes(packed)})
    for name in source.names():
        source.open(name)


def uploads(content: bytes) -> None:
    """Files under any names, as dropped on a page."""
    lines = content.decode("utf-8", errors="replace").split("\n")
    load_uploads({name or "x": text.encode() for name, text in zip(lines[::2], lines[1::2], strict=False)}, now=NOW)


def expression(content: bytes) -> None:
    """An expression as a reviewer types it: judged, matched and marked in names."""
    text = content.decode("utf-8", errors="replace")
    condition = Condition("section_name", "matches", (text,), bool(len(content) % 2))
    if condition_problem(condition):
        return
    names = ["HR 3A", "Homeroom - Díaz", "", "a" * 500, text[:100]]
    text_mask(names, [condition])
    highlights(names, condition)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "rule_file": rule_file,
    "clever_csv": clever_csv,
    "oneroster": oneroster,
    "clever_answers": clever_answers,
    "a_zip": a_zip,
    "zip_members": zip_members,
    "uploads": uploads,
    "expression": expression,
}


def run(name: str, content: bytes) -> bool:
    """Gives one target the input; whether it was read. Raises what is no `RosterError`, and for an endless message."""
    try:
        TARGETS[name](content)
    except RosterError as error:
        problems = len(error.problems) if isinstance(error, RuleError) else 1
        assert len(str(error)) < 4_000 * max(1, problems), f"a message of {len(str(error)):,} letters"
        assert str(error).strip(), "a message that says nothing"
        return False
    return True


def seeds(name: str) -> list[bytes]:
    """Well-formed inputs of a target, to begin from."""
    files = {"clever_csv": _CSV, "oneroster": _ONEROSTER, "clever_answers": _ANSWERS}.get(name)
    if files is not None:
        return [bytes([place]) + content for place, content in enumerate(files.values())]
    if name == "a_zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for file, content in _CSV.items():
                archive.writestr(file, content)
        return [held.getvalue()]
    return {
        "rule_file": [
            b'{"format": "roster-rules/1", "name": "n", "rules": [{"do": "keep", "when": [{"field": "section_name",'
            b' "op": "matches", "values": ["HR|Home"]}], "student_grades": ["1"]}], "pins": [{"student_id": "U1",'
            b' "section_id": null, "excuse": "to_follow", "due": "2026-12-01"}], "examples": []}'
        ],
        "zip_members": [b"students.csv\nsections.csv\n../x\n/etc/passwd\nC:\\x.csv\n\n\x01\x02\x03"],
        "uploads": [b"students.csv\nStudent_id\nsections.csv\nSection_id\n"],
        "expression": [rb"^(HR|Homeroom)\s+\d{1,2}[A-C]?$", b"(?i)a.b", b"((a*)*)*b"],
    }[name]


def _load(files: Mapping[str, bytes], content: bytes) -> None:
    chosen = list(files)[content[0] % len(files)] if content else next(iter(files))
    roster = load_uploads({**files, chosen: content[1:]}, now=NOW)
    rule_set = RuleSet()
    assert evaluate(roster, rule_set).in_scope <= len(roster.students)
    run_preflight(roster, rule_set, as_of=NOW)
    families(roster)
    assert len(roster.fingerprint) == 64
