"""Where the records of a CSV file begin, how many cells they have, and whether its quotes can be trusted.

Arrow reads cells fast but keeps no row numbers and reads over a quote that is never closed.
This looks at the bytes first, with whole-array work, so that every row can be named in a finding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_QUOTE, _COMMA, _LF, _CR = b'",\n\r'
BLOCK = 1 << 24  # Bytes looked at in one go: bounds the memory of a file of any size.


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The records of a CSV file that are not blank; all arrays are int64 and as long as there are records.

    start, stop: byte positions of the record, its line end left out. row: the physical line it
    starts on, counted from 1 (a line break inside quotes counts, so this is the number a text
    editor shows). lines: how many physical lines it spans. cells: how many cells it has.
    commas: how many commas, those inside quotes included.
    """

    start: np.ndarray
    stop: np.ndarray
    row: np.ndarray
    lines: np.ndarray
    cells: np.ndarray
    commas: np.ndarray

    def __len__(self) -> int:
        return len(self.start)

    def where(self, chosen: np.ndarray | slice) -> Records:
        """The chosen records, by mask, positions or slice."""
        return Records(*(getattr(self, name)[chosen] for name in self.__slots__))


def scan(content: bytes) -> Records | None:
    """The records of a CSV file, or None where its quotes do not follow RFC 4180.

    Lines end with LF, CRLF or a bare CR, mixed as they come. None means that a quote stands
    inside an unquoted cell, that text follows a closing quote, or that a quote is never closed.
    """
    buffer = np.frombuffer(content, dtype=np.uint8)
    parts: list[tuple[np.ndarray, ...]] = []
    open_quote, lines, cells, commas = 0, 0, 0, 0
    for offset in range(0, len(buffer), BLOCK):
        block = buffer[offset : offset + BLOCK]
        inside = np.bitwise_xor.accumulate((block == _QUOTE).view(np.uint8)) ^ np.uint8(open_quote)
        if not _well_quoted(buffer, offset, block, inside):
            return None
        ends = _line_ends(buffer, offset, block)
        structural = ends[inside[ends] == 0]
        comma = np.flatnonzero(block == _COMMA)
        outside = comma[inside[comma] == 0]
        parts.append(
            (
                structural + offset,
                np.searchsorted(ends, structural, side="right") + lines,
                np.searchsorted(outside, structural) + cells,
                np.searchsorted(comma, structural) + commas,
            )
        )
        open_quote = int(inside[-1])
        lines, cells, commas = lines + len(ends), cells + len(outside), commas + len(comma)
    if open_quote:
        return None
    parts.append(tuple(np.array([total], dtype=np.int64) for total in (len(buffer), lines + 1, cells, commas)))
    return _records(buffer, *(np.concatenate(column) for column in zip(*parts, strict=True)))


def _well_quoted(buffer: np.ndarray, offset: int, block: np.ndarray, inside: np.ndarray) -> bool:
    """Whether each quote of a block opens a cell, closes one, or is half of a doubled quote."""
    quotes = np.flatnonzero(block == _QUOTE)
    if not len(quotes):
        return True
    opens = inside[quotes] == 1
    before = buffer[np.maximum(quotes[opens] + offset - 1, 0)]
    closing = quotes[~opens] + offset + 1
    after = buffer[closing[closing < len(buffer)]]
    before = before[quotes[opens] + offset > 0]
    return bool(np.isin(before, (_QUOTE, _COMMA, _LF, _CR)).all() and np.isin(after, (_QUOTE, _COMMA, _LF, _CR)).all())


def _line_ends(buffer: np.ndarray, offset: int, block: np.ndarray) -> np.ndarray:
    """Positions in a block of the last byte of each line end: LF, or a CR that no LF follows."""
    returns = np.flatnonzero(block == _CR)
    if not len(returns):
        return np.flatnonzero(block == _LF)
    following = returns + offset + 1
    followed = buffer[np.minimum(following, len(buffer) - 1)] == _LF
    bare = returns[~followed | (following == len(buffer))]
    return np.union1d(np.flatnonzero(block == _LF), bare) if len(bare) else np.flatnonzero(block == _LF)


def _records(buffer: np.ndarray, end: np.ndarray, line: np.ndarray, cells: np.ndarray, commas: np.ndarray) -> Records:
    """Records from running totals at each record's end; blank ones are left out."""
    start = np.concatenate(([0], end[:-1] + 1))
    stop = end.copy()
    # The CR of a CRLF is part of the line end.
    held = np.flatnonzero((stop > start) & (stop < len(buffer)))
    held = held[(buffer[stop[held]] == _LF) & (buffer[stop[held] - 1] == _CR)]
    stop[held] -= 1
    first_line = np.concatenate(([1], line[:-1] + 1))
    all_records = Records(
        start=start,
        stop=stop,
        row=first_line,
        lines=line - first_line + 1,
        cells=np.diff(cells, prepend=0) + 1,
        commas=np.diff(commas, prepend=0),
    )
    filled = stop > start
    return all_records if filled.all() else all_records.where(filled)
