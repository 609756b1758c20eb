"""How a command says what it found: short aligned text for people, or exactly one JSON document for programs."""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pandas as pd

from roster_core.errors import InputError, ServiceError

# Often enough to be seen moving, seldom enough to cost nothing.
_REPAINT_SECONDS = 0.1
_WIDTH = 78

json_option = click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document.")


def say(lines: Iterable[str], document: Any, as_json: bool) -> None:
    """Prints the text, or the document alone; both go to standard output. Raises ServiceError where that is full."""
    try:
        # Escaped, the document reads the same whatever encoding the terminal or the pipe has.
        click.echo(json.dumps(document, indent=2) if as_json else "\n".join(lines))
    except BrokenPipeError:
        raise
    except OSError as error:
        silence()
        raise ServiceError(
            f"The answer cannot be written to standard output: {error.strerror}. The command itself ended; "
            "make room, and see receipts for what was committed."
        ) from error


def silence() -> None:
    """Lets nothing more be written to standard output, where Python's own last words would fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def aligned(rows: Sequence[Sequence[str | int]], indent: str = "  ") -> list[str]:
    """Rows as lines of equal columns; numbers are right-aligned, a last text is left as it is."""
    cells = [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))] if cells else []
    lines = []
    for row, written in zip(rows, cells, strict=True):
        padded = [
            text.rjust(width) if isinstance(cell, int) else text.ljust(width)
            for cell, text, width in zip(row, written, widths, strict=True)
        ]
        lines.append((indent + "  ".join(padded)).rstrip())
    return lines


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows as plain dicts, for JSON: numbers stay numbers, ids stay texts."""
    return frame.to_dict(orient="records")


def write_file(path: Path, content: bytes) -> None:
    """Writes a file whole. Raises InputError where it cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}. Give a path you can write to.") from error


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Writes a frame for programs: UTF-8, every cell as it is, so that an id reads back the same.

    A cell that begins like a formula is not changed: whoever opens the file in a spreadsheet
    imports its columns as text. Raises InputError where the file cannot be written.
    """
    try:
        frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    except OSError as error:
        reason = error.strerror or "its folder does not exist"
        raise InputError(f"{path} cannot be written: {reason}. Give a path you can write to.") from error


class TerminalProgress:
    """Long work, told on standard error where that is a terminal: one line, painted over."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._next = 0.0
        self._painted = False

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Paints `what`, how many are done, and of how many where that is known."""
        if not self._shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _REPAINT_SECONDS
        number = f"{done:,} of {total:,}" if total else f"{done:,}" if done else ""
        sys.stderr.write(f"\r{f'{what}  {number}'[:_WIDTH]:<{_WIDTH}}")
        sys.stderr.flush()
        self._painted = True

    def clear(self) -> None:
        """Takes the line away."""
        if self._painted:
            sys.stderr.write(f"\r{'':<{_WIDTH}}\r")
            sys.stderr.flush()
            self._painted = False


@contextmanager
def progress_line() -> Iterator[TerminalProgress]:
    """A progress to hand to long work; its line is gone when the work ends, however it ends."""
    progress = TerminalProgress()
    try:
        yield progress
    finally:
        progress.clear()
