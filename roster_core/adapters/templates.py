"""Templates as files: those shipped, and over them those a team has reworded."""

from __future__ import annotations

from pathlib import Path

from roster_core.errors import InputError

SHIPPED = Path(__file__).resolve().parent.parent / "templates"

#: A template of more bytes than this is none.
LARGEST_TEMPLATE = 256 * 1024


def message_template(kind: str, reworded: Path | None = None) -> tuple[str, str]:
    """The text of a kind's template and what to call it: from the reworded folder where it is there, else as shipped.

    Raises InputError for a reworded file that cannot be read.
    """
    name = f"{kind}.txt"
    if reworded is not None and (reworded / name).exists():
        return _read(reworded / name), str(reworded / name)
    return _read(SHIPPED / "messages" / name), name


def report_template(name: str) -> str:
    """The text of a template of the report."""
    return _read(SHIPPED / "report" / name)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_TEMPLATE + 1)
        if len(content) <= LARGEST_TEMPLATE:
            return content.decode("utf-8")
    except OSError as error:
        raise InputError(f"The template {file} cannot be read: {error.strerror}. Mend or remove it.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The template {file} is not UTF-8 text. Save it as UTF-8, or remove it.") from error
    raise InputError(f"The template {file} is larger than {LARGEST_TEMPLATE // 1024} KB. Shorten or remove it.")
