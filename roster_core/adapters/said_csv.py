"""The product's own list of errors as CSV, whatever its columns are called."""

from __future__ import annotations

import csv
import io
import re

from roster_core.adapters.csv_text import as_utf8
from roster_core.errors import InputError
from roster_core.said import Said

#: A list of more rows or bytes than this is another file.
MOST_ROWS, MOST_BYTES = 50_000, 20 * 1024 * 1024

# A column's name, without blanks and marks, as different programs write it; the first that is there counts.
_COLUMNS = {
    "number": ("studentnumber", "studentid", "sisid", "studentsisid", "localid", "districtid", "stateid", "userid",
               "sourcedid", "studentsourcedid", "externalid", "student", "identifier", "id"),
    "message": ("message", "errormessage", "error", "errors", "description", "reason", "detail", "details", "problem",
                "issue", "finding", "note", "comment"),
    "code": ("code", "errorcode", "type", "errortype", "rule", "category"),
    "severity": ("severity", "level"),
}  # fmt: skip


def read_said(content: bytes, file: str = "The list") -> list[Said]:
    """The rows of the list that say anything; comma, semicolon or tab parts the cells.

    Raises InputError for a file that is no such list: too large, no CSV, or without a column of students or of what
    was said.
    """
    if len(content) > MOST_BYTES:
        raise InputError(f"{file} is larger than {MOST_BYTES // 2**20} MB; it is no list of errors.")
    text = as_utf8(content, file).decode()
    heading = text.split("\n", 1)[0]
    mark = max(",;\t", key=heading.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        advice = "Save it as CSV (UTF-8) and bring it in again."
        raise InputError(f"{file} cannot be read as CSV: {error}. {advice}") from error
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if len(filled) > MOST_ROWS:
        raise InputError(f"{file} has more than {MOST_ROWS:,} rows; it is no list of errors.")
    places = _places(filled[0] if filled else [], file)
    listed = [Said(**{name: _cell(row, place) for name, place in places.items()}) for row in filled[1:]]
    return [row for row in listed if row.number or row.message or row.code]


def _places(heading: list[str], file: str) -> dict[str, int]:
    keys = [re.sub(r"[^a-z]", "", name.casefold()) for name in heading]
    places = {"number": -1, "message": -1}
    for name, spellings in _COLUMNS.items():
        found = next((keys.index(spelling) for spelling in spellings if spelling in keys), -1)
        if found >= 0 and found not in places.values():
            places[name] = found
    if places["number"] < 0 or (places["message"] < 0 and "code" not in places):
        seen = ", ".join(name.strip()[:40] for name in heading[:12]) or "none"
        raise InputError(
            f"{file} has no column of students and of what was said of them. Expected a column like Student ID or "
            f"Student number, and one like Message, Error or Code; found: {seen}."
        )
    return places


def _cell(row: list[str], place: int) -> str:
    return " ".join(row[place].split()) if 0 <= place < len(row) else ""
