"""A folder or zip of Clever's answers: users.json, sections.json, and what else was saved with them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.adapters.clever_records import Page, read_page
from roster_core.adapters.clever_tables import Collected, district_of
from roster_core.adapters.columns import as_text
from roster_core.adapters.files import Source
from roster_core.assembly import Table, Tables, assemble, load_findings
from roster_core.errors import InputError
from roster_core.roster import District, Progress, Roster
from roster_core.vocabulary import text_array

# sections.json, or one of several pages: sections_1.json, sections-2.json, sections_p3.json, sections_p3_last.json
_PAGE = re.compile(
    r"(districts|schools|terms|courses|users|students|teachers|sections)"
    r"(?:[-_. ]?(?:p|page)?[-_. ]?(\d{1,6})(?:[-_. ].*)?)?\.json"
)
# What each file fills. Users of other roles (contacts, staff, administrators) are in no table.
_FILLS = {"users": ("students", "teachers")}


def plain_name(name: str) -> str:
    """The file a page belongs to: "sections.json" for "sections_2.json"; other names as they are, in lower case."""
    found = _PAGE.fullmatch(name.lower())
    return f"{found[1]}.json" if found else name.lower()


def read_clever_files(source: Source, *, fetched_at: datetime, progress: Progress | None = None) -> Roster:
    """A roster from files that hold Clever's answers, each whole or in numbered pages.

    sections.json is needed, and users.json or students.json (with teachers.json). A file holds
    the answer as it came, its records alone, or a recording with the answer under "body".
    Without schools.json the schools are known by their ids alone. `progress` is called for each
    file.

    Raises InputError: a needed file is absent, holds nothing, or is not such an answer; with the place.
    """
    files = _files(source)
    collected, district, findings = Collected(), District(), []
    for kind, names in files.items():
        page = Page([], "")
        for name in names:
            if progress:
                progress(f"Reading {name}", 0, None)
            page = _read(source, name)
            if kind == "districts":
                district = district_of(page.records[0]) if page.records else district
                continue
            for table in _FILLS.get(kind, (kind,)):
                count = collected.add(table, page.records, asked=kind != "users")
                if progress:
                    progress(f"Reading {name}: {table}", count, None)
        if page.next:
            findings.append(_unfinished(names[-1]))
    called = {table: _called(files[kind]) for kind in files for table in _FILLS.get(kind, (kind,))}
    tables, repeated = collected.tables(called)
    _check_filled(tables)
    tables, unnamed = _with_schools(tables)
    findings = pd.concat([*findings, repeated, *unnamed], ignore_index=True)
    return assemble(tables, district=district, source="clever-files", fetched_at=fetched_at, findings=findings)


def _files(source: Source) -> dict[str, list[str]]:
    """The files of each kind in the order of their pages. Raises InputError where a needed one is absent."""
    pages: dict[str, list[tuple[int, str]]] = {}
    for name in source.names():
        if found := _PAGE.fullmatch(name):
            pages.setdefault(found[1], []).append((int(found[2] or 0), name))
    if "sections" not in pages:
        source.open("sections.json")
    if not pages.keys() & {"users", "students"}:
        source.open("users.json")
    return {kind: [name for _, name in sorted(listed)] for kind, listed in pages.items()}


def _read(source: Source, name: str) -> Page:
    body = source.open(name)
    if not body.strip():
        raise InputError(f"{name} in {source.place} is empty. Save Clever's answer again and load it.")
    try:
        return read_page(body)
    except ValueError as error:
        # Not chained: what a decoder raises may hold the whole file.
        problem = _problem(body, error)
    raise InputError(f"{name} in {source.place} cannot be read: {problem}. Save Clever's answer again and load it.")


def _problem(body: bytes, error: ValueError) -> str:
    """What is wrong with a file, and at which line: decoders count bytes, people count lines."""
    text = str(error)
    place = re.search(r"\(byte (\d+)\)", text)
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        return f"line {_line(body, wrong.start)} holds a character that is not UTF-8"
    if place:
        reason = text[: place.start()].strip().lower()
        return (
            f"line {_line(body, int(place[1]))} (byte {int(place[1]):,}): {reason.removeprefix('json is malformed: ')}"
        )
    if "truncated" in text:
        return f"it ends too early, at line {_line(body, len(body))} (byte {len(body):,})"
    return text if text.startswith("it ") else "it is not an answer of Clever"


def _line(body: bytes, place: int) -> str:
    lines = body.count(b"\n", 0, place) + 1
    return f"{lines:,}"


def _called(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _unfinished(name: str) -> pd.DataFrame:
    message = f"{name} is not the last page: it links to another. Records are missing; save the other pages too."
    return load_findings("pages-missing", "warning", name, [0], [""], [message])


def _check_filled(tables: Tables) -> None:
    for table, noun in ((tables.students, "student"), (tables.sections, "section")):
        if not len(table.frame):
            raise InputError(f"{table.file} holds no {noun}. Save Clever's answer again and load it.")


def _with_schools(tables: Tables) -> tuple[Tables, list[pd.DataFrame]]:
    """The schools by their ids, with a finding, where there is no file of them: those that students count to."""
    if tables.schools is not None:
        return tables, []
    every = pa.concat_arrays([text_array(table.frame["school_id"]) for table in (tables.students, tables.sections)])
    ids = pc.unique(every.filter(pc.not_equal(every, "")))
    frame = pd.DataFrame({"school_id": as_text(ids)})
    found = Table("schools", frame, frame.index.to_numpy() + 1)
    message = "There is no schools.json; schools are known by their ids, and their names read as empty."
    finding = load_findings("absent-table", "warning", "schools", [0], [""], [message])
    return replace(tables, schools=found), [finding]
