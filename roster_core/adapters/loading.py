"""Which format a folder, a zip or an upload is in, and the roster it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from roster_core.adapters.clever_csv import read_clever_csv
from roster_core.adapters.clever_json import plain_name, read_clever_files
from roster_core.adapters.files import Source, open_source, open_uploads
from roster_core.adapters.oneroster import read_oneroster
from roster_core.errors import InputError
from roster_core.roster import Progress, Roster


def load(path: str | Path, *, now: datetime | None = None, progress: Progress | None = None) -> Roster:
    """The roster in a folder or zip of Clever CSV, of OneRoster CSV, or of Clever API answers.

    The format is told from the names of the files. Its age counts from `now` (aware; the clock
    when left out), since files carry no date of their own. `progress` is told of each file as it
    is read. Raises InputError: nothing to read, no known format, two formats at once, or
    anything the format's own reader refuses.
    """
    return load_source(open_source(path), now=now, progress=progress)


def load_uploads(
    files: Mapping[str, bytes], *, now: datetime | None = None, progress: Progress | None = None
) -> Roster:
    """As `load`, for files chosen on a page: one zip, or the CSV or JSON files by name. Nothing goes to disk."""
    return load_source(open_uploads(files), now=now, progress=progress)


def load_source(source: Source, *, now: datetime | None = None, progress: Progress | None = None) -> Roster:
    """As `load`, for files that are open already."""
    chosen = detect_format(source)
    return chosen.read(source, fetched_at=now or datetime.now(UTC), progress=progress)


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of files: what people call it, the files only it has, its other files, and its reader."""

    name: str
    sure: tuple[str, ...]
    likely: tuple[str, ...]
    read: Callable[..., Roster]


def detect_format(source: Source) -> Format:
    """The format of a source's files. Raises InputError: none or two of the known ones."""
    names = {plain_name(name) for name in source.names()}
    for kind in ("sure", "likely"):
        found = [known for known in FORMATS if names & set(getattr(known, kind))]
        if len(found) > 1:
            both = " and ".join(f"{known.name} ({_listed(names, known)})" for known in found)
            raise InputError(f"{source.place} holds both {both}. Keep the files of one of them.")
        if found:
            return found[0]
    expected = ", or ".join(f"{known.name}: {', '.join(known.sure)}" for known in FORMATS)
    raise InputError(
        f"{source.place} holds {', '.join(sorted(names)[:12])}, which is no roster that can be read here."
        f" Expected are the files of {expected}."
    )


def _listed(names: set[str], known: Format) -> str:
    return ", ".join(sorted(names & {*known.sure, *known.likely}))


FORMATS = (
    Format(
        "Clever CSV",
        sure=("students.csv", "sections.csv"),
        likely=("schools.csv", "teachers.csv", "staff.csv"),
        read=read_clever_csv,
    ),
    Format(
        "OneRoster CSV",
        sure=("users.csv", "classes.csv"),
        likely=("manifest.csv", "orgs.csv", "academicsessions.csv", "roles.csv", "demographics.csv"),
        read=read_oneroster,
    ),
    Format(
        "Clever API answers",
        sure=("users.json", "students.json", "sections.json"),
        likely=("teachers.json", "districts.json", "schools.json", "terms.json", "courses.json"),
        read=read_clever_files,
    ),
)
