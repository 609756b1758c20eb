"""The text of a CSV file before its cells are looked at: its encoding, and quotes that break the rules."""

from __future__ import annotations

import codecs
import csv
import io

import numpy as np

from roster_core.errors import InputError
from roster_core.roster import ID_SEPARATOR

#: A row nobody can read: its number, its id or the empty text, and the message.
BadRow = tuple[int, str, str]

# Zero bytes come from spreadsheets and UTF-16 without its mark; the other byte parts ids inside our own cells.
_NO_TEXT = (b"\0", ID_SEPARATOR.encode())


def as_utf8(content: bytes, file: str) -> bytes:
    """A file's bytes as UTF-8 without a byte order mark.

    Reads UTF-8, UTF-16 with its mark, and Windows-1252 (which Excel writes) where the bytes are
    no UTF-8. Raises InputError: bytes that are text in none of them, a zero byte, or the unit separator.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _recoded(content, file, "utf-16")
    content = content.removeprefix(codecs.BOM_UTF8)
    if any(mark in content for mark in _NO_TEXT):
        place = min(found for mark in _NO_TEXT if (found := content.find(mark)) >= 0)
        raise _no_text(file, f"row {_line_of(content, place)}")
    return content if _is_utf8(content) else _recoded(content, file, "cp1252")


def requoted(content: bytes, file: str) -> tuple[bytes, np.ndarray, list[BadRow]]:
    """The same rows written as RFC 4180 asks, the row number of each, and the rows nobody can read.

    A quote inside an unquoted cell is a letter like any other (5'10"). Text after a closing quote
    costs that row, when the row is one line; when it spans lines, nobody can say where it ends.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    reader = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    rows: list[int] = []
    bad: list[BadRow] = []
    while True:
        first_line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            if reader.line_num != first_line or "unexpected end" in str(error) or not rows:
                raise open_quote(file, first_line) from error
            message = f"Row {first_line} has a quote that does not close its cell; the row was left out. Correct it."
            bad.append((first_line, "", message))
            continue
        if cells:
            rows.append(first_line)
            writer.writerow(cells)
    return written.getvalue().encode(), np.array(rows, dtype=np.int64), bad


def open_quote(file: str, row: int) -> InputError:
    """The refusal of a file in which nobody can say where a record ends."""
    return InputError(
        f"{file} has a quote that is never closed, in the record that begins in row {row}. Close it (a quote inside a"
        ' quoted cell is written twice: "") and load again.'
    )


def _recoded(content: bytes, file: str, encoding: str) -> bytes:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        # Not chained: the decoder's error holds the whole file.
        raise InputError(
            f"{file} holds bytes that are no text in UTF-8, UTF-16 or Windows-1252, first in row"
            f" {_line_of(content, error.start)}. Save it as CSV (UTF-8) and load again."
        ) from None
    if any(mark.decode() in text for mark in _NO_TEXT):
        raise _no_text(file, "it")
    return text.encode()


def _no_text(file: str, where: str) -> InputError:
    return InputError(
        f"{file} is not plain text: {where} holds a zero byte or a control character."
        " Save it as CSV (UTF-8) and load again."
    )


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    view, step = memoryview(content), 1 << 20
    try:
        for start in range(0, len(content), step):
            decoder.decode(view[start : start + step], final=start + step >= len(content))
    except UnicodeDecodeError:
        return False
    return True


def _line_of(content: bytes, position: int) -> int:
    before = content[:position]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
