"""One CSV file as a table of texts: every cell exactly as written, every row with its number.

Nothing is guessed: leading zeros stay, `NA` and `null` are texts, an empty cell is the empty text.
A row with too few or too many cells is left out and told; a file that cannot be read safely is refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from roster_core.adapters.csv_scan import Records, scan
from roster_core.adapters.csv_text import BadRow, as_utf8, open_quote, requoted
from roster_core.adapters.files import Source
from roster_core.assembly import Table, load_findings
from roster_core.errors import InputError
from roster_core.roster import Progress
from roster_core.wording import counted

_EMPTY_EDGES = tuple(b',"')
_ROWS_A_BLOCK = 250_000  # Rows read between two calls of `progress`.
#: A cell of this many lines that holds as many commas as rows of the file would is a quote that was never closed.
_LINES_SUSPECTED = 4


@dataclass(frozen=True, slots=True, eq=False)
class CsvTable:
    """A file's rows under the asked-for column names, its findings, and which asked-for columns it has."""

    table: Table
    findings: pd.DataFrame
    present: frozenset[str]


def read_csv_table(
    source: Source,
    file: str,
    *,
    required: Sequence[str],
    optional: Sequence[str] = (),
    id_column: str = "",
    rows_needed: bool = False,
    progress: Progress | None = None,
) -> CsvTable:
    """The asked-for columns of one CSV file of a source, all `str`, under the names asked for.

    Headings are matched without regard to case, blanks, underscores and order. An optional
    column that is absent reads as empty texts; columns not asked for are not kept. The row
    number of a record is the physical line it starts on: the header is row 1, and blank lines
    and line breaks inside quotes count, so it is the number a text editor shows. Blank rows
    are skipped. A row with another number of cells than the header is left out and becomes an
    `unreadable-row` finding, with its value of `id_column`.

    Raises InputError: absent or empty file, no rows where `rows_needed`, text in no known
    encoding, a zero byte, a quote that is never closed, a missing or repeated column.
    """
    content = as_utf8(source.open(file), file)
    content, records, told = _records(content, file)
    if not len(records):
        raise InputError(f"{file} is empty. Its first row must name the columns: {', '.join(required)}.")
    heading = _cells(content, records.start[0], records.stop[0])
    places, present = _places(heading, file, required, optional)
    id_place = places.get(id_column, -1)
    body, records, bad = _regular(content, records, len(heading), file, id_place)
    if rows_needed and not len(records) and not bad:
        raise InputError(f"{file} has a header but no rows. Export it again with its rows.")
    columns = _read(body, records, len(heading), places, file, progress)
    frame = _frame(columns, [*required, *optional], len(records))
    return CsvTable(Table(file, frame, records.row), _findings(told + bad, file), present)


def _records(content: bytes, file: str) -> tuple[bytes, Records, list[BadRow]]:
    """The file's records; where its quotes are irregular, of a copy that was put right line by line."""
    records = scan(content)
    if records is not None:
        return content, records, []
    content, rows, bad = requoted(content, file)
    records = scan(content)
    if records is None or len(records) != len(rows):
        raise open_quote(file, 1)
    return content, Records(records.start, records.stop, rows, records.lines, records.cells, records.commas), bad


def _cells(content: bytes, start: int, stop: int) -> list[str]:
    """The cells of one record."""
    return next(csv.reader(io.StringIO(content[start:stop].decode(), newline="")))


def _places(
    heading: list[str], file: str, required: Sequence[str], optional: Sequence[str]
) -> tuple[dict[str, int], frozenset[str]]:
    """Where each asked-for column stands in the header."""
    keys = [_key(name) for name in heading]
    missing = [name for name in required if _key(name) not in keys]
    if missing:
        raise InputError(
            f"{file} has no column {' and no column '.join(missing)}; {_seen(heading, {*required, *optional})}"
        )
    repeated = [name.strip() for place, name in enumerate(heading) if keys[place] and keys[place] in keys[:place]]
    if repeated:
        raise InputError(f"{file} names the column {repeated[0]!r} twice. Remove or rename one of them.")
    places = {name: keys.index(_key(name)) for name in (*required, *optional) if _key(name) in keys}
    return places, frozenset(places)


def _key(name: str) -> str:
    return "".join(name.replace("_", " ").split()).lower()


def _seen(heading: list[str], known: set[str]) -> str:
    """What the header has instead. A first row that names nothing known may be a child's data: it is not shown."""
    if {_key(name) for name in heading} & {_key(name) for name in known}:
        listed = ", ".join(name.strip() for name in heading[:30] if name.strip())
        return f"it has {listed}. Add or rename the column and load again."
    if len(heading) == 1 and any(mark in heading[0] for mark in ";\t|"):
        return "its cells are not separated by commas. Save it as CSV with commas and load again."
    return "its first row names no column known here. The first row must name the columns; add it and load again."


def _regular(
    content: bytes, records: Records, width: int, file: str, id_place: int
) -> tuple[bytes, Records, list[BadRow]]:
    """The text and records of the rows as wide as the header; the others, unless blank, are told."""
    body = records.where(slice(1, None))
    glued = (body.lines >= _LINES_SUSPECTED) & (width > 2) & (body.commas == body.lines * (width - 1))
    odd = (body.cells != width) | _hollow(content, body, width)
    suspect = np.flatnonzero(glued | ((body.lines > 1) & (body.cells != width)))
    if len(suspect):
        raise open_quote(file, int(body.row[suspect[0]]))
    if not odd.any():
        return content, body, []
    pieces: list[bytes] = []
    bad: list[BadRow] = []
    kept = np.ones(len(body), dtype=bool)
    position = int(records.stop[0])
    for place in np.flatnonzero(odd):
        start, stop, row = int(body.start[place]), int(body.stop[place]), int(body.row[place])
        cells = _cells(content, start, stop)
        pieces.append(content[position:start])
        position = stop
        if not "".join(cells).strip(" \t" if len(cells) != width else ""):
            kept[place] = False
        elif len(cells) >= width and not any(cells[width:]):
            pieces.append(_written(cells[:width]))
        else:
            kept[place] = False
            bad.append((row, _id(cells, id_place), _wrong_width(row, len(cells), width)))
    pieces.append(content[position:])
    return *_rescanned(b"".join(pieces), body.row[kept], file), bad


def _hollow(content: bytes, body: Records, width: int) -> np.ndarray:
    """Which rows may have no text at all, only commas and quotes. Excel leaves such rows at the end."""
    buffer = np.frombuffer(content, dtype=np.uint8)
    hollow = body.stop - body.start <= 3 * width - 1
    for edge in (body.start, body.stop - 1):
        hollow[hollow] = np.isin(buffer[edge[hollow]], _EMPTY_EDGES)
    return hollow


def _rescanned(content: bytes, rows: np.ndarray, file: str) -> tuple[bytes, Records]:
    records = scan(content)
    if records is None or len(records) != len(rows):
        raise InputError(f"{file} cannot be read as CSV. Export it again with commas between the cells.")
    return content, Records(records.start, records.stop, rows, records.lines, records.cells, records.commas)


def _written(cells: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="").writerow(cells)
    return text.getvalue().encode()


def _id(cells: list[str], id_place: int) -> str:
    return cells[id_place].strip() if 0 <= id_place < len(cells) else ""


def _wrong_width(row: int, cells: int, width: int) -> str:
    has = counted(cells, "cell")
    return f"Row {row} has {has}, the header has {width}; the row was left out. Correct it and load again."


def _read(
    content: bytes, records: Records, width: int, places: dict[str, int], file: str, progress: Progress | None
) -> dict[str, pa.ChunkedArray]:
    """The cells of the asked-for columns, as Arrow texts, a block of rows at a time."""
    names = [str(place) for place in range(width)]
    wanted = [str(place) for place in places.values()]
    convert = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(wanted, pa.large_string()), include_columns=wanted, check_utf8=False
    )
    parse = pa.csv.ParseOptions(newlines_in_values=bool((records.lines > 1).any()))
    view, total = memoryview(content), len(records)
    blocks = []
    for first in range(0, total, _ROWS_A_BLOCK):
        last = min(first + _ROWS_A_BLOCK, total)
        longest = int((records.stop[first:last] - records.start[first:last]).max())
        read = pa.csv.ReadOptions(column_names=names, block_size=max(1 << 22, 2 * longest + 16))
        # From the line end before it: Arrow would take U+FEFF at the very start for a byte order mark.
        text = pa.py_buffer(view[records.start[first] - 1 : records.stop[last - 1]])
        try:
            block = pa.csv.read_csv(text, read_options=read, parse_options=parse, convert_options=convert)
        except pa.ArrowInvalid:
            # Not chained: Arrow's words quote the row, which may be a child's.
            raise InputError(f"{file} cannot be read as CSV near row {records.row[first]}. Export it again.") from None
        if len(block) != last - first:
            raise InputError(f"{file} cannot be read as CSV after row {records.row[first]}. Export it again.")
        blocks.append(block)
        if progress:
            progress(file, last, total)
    if not blocks:
        return {}
    whole = pa.concat_tables(blocks)
    return {name: whole.column(str(place)) for name, place in places.items()}


def _frame(columns: dict[str, pa.ChunkedArray], names: Sequence[str], rows: int) -> pd.DataFrame:
    index = pd.RangeIndex(rows)
    empty = pd.Series("", index=index, dtype="str")
    return pd.DataFrame(
        {name: pd.array(columns[name], dtype="str") if name in columns else empty for name in names}, index=index
    )


def _findings(bad: list[BadRow], file: str) -> pd.DataFrame:
    rows, ids, messages = zip(*sorted(bad), strict=True) if bad else ((), (), ())
    return load_findings("unreadable-row", "blocker", file, rows, ids, messages)
