"""Settings as they were written: from the environment, else from Streamlit's secrets file, with the problems found."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roster_core.adapters.addresses import address_problem
from roster_core.errors import Problem

# Ours too, but read by the tests alone.
_TEST_NAMES = frozenset({"ROSTER_TEST_DATA"})
# How alike (0 to 1) a name in the environment must be to one of ours to be taken for it.
_NEAR = 0.85
_PREFIXES = ("ROSTER_", "CLEVER_", "SELWEB_", "SMTP_")


@dataclass
class SettingTexts:
    """The texts as they were set, where each came from, and the problems found so far."""

    known: Collection[str]
    texts: dict[str, str]
    places: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    #: The [auth] table of the secrets file as it stands; None where there is none.
    auth: Any = field(default=None, repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str], secrets_file: Path, known: Collection[str]) -> SettingTexts:
        """The settings named in `known`, from the secrets file and over it the environment.

        Another name in the file is a problem; one in the environment, which other programs share, only where it
        looks like one of ours misspelt.
        """
        reading = cls(known, {}, {})
        content = _content(secrets_file, reading.problems)
        reading.auth = content.get("auth")
        for name, value in _secrets(content, secrets_file, reading.problems).items():
            reading._take(name, value, f"{name} in {secrets_file}")
        for name, value in environ.items():
            if name in known or _is_misspelt(name, known):
                reading._take(name, value, name)
        return reading

    def _take(self, name: str, value: str, place: str) -> None:
        if name not in self.known:
            near = difflib.get_close_matches(name, self.known, 1)
            hint = f"; do you mean {near[0]}?" if near else "; the README lists the settings."
            self.problems.append(Problem(place, f"no setting has this name{hint}"))
        elif value.strip():
            self.texts[name], self.places[name] = value.strip(), place

    def text(self, name: str, default: str = "") -> str:
        """The text that was set, else the default."""
        return self.texts.get(name, default)

    def say(self, name: str, message: str) -> None:
        """Notes a problem of that setting, with where it was set."""
        self.problems.append(Problem(self.places.get(name, name), message))

    def number(self, name: str, default: float, *, low: float, whole: bool = False) -> float:
        """A number of at least `low`; the default, and a problem, where the text is none."""
        text = self.text(name)
        if not text:
            return default
        if not re.fullmatch(r"\d{1,9}" if whole else r"\d{1,9}(\.\d{1,9})?", text) or float(text) < low:
            self.say(name, f'"{text}" is not a {"whole " if whole else ""}number of at least {low:g}.')
            return default
        return float(text)

    def share(self, name: str, default: float) -> float:
        """A share between 0 and 1, written 0.10 or 10%."""
        text = self.text(name)
        if not text:
            return default
        written = re.fullmatch(r"(\d{1,3}(?:\.\d{1,9})?)\s*(%?)", text)
        share = float(written[1]) / (100 if written[2] else 1) if written else 2
        if not 0 <= share <= 1:
            self.say(name, f'"{text}" is not a share between 0 and 1; write 0.10 or 10%.')
            return default
        return share

    def address(self, name: str, default: str) -> str:
        """An address without its last slash; a problem where it is neither https nor on this computer."""
        text = self.text(name, default)
        if text and (problem := address_problem(text)):
            self.say(name, problem)
        return text.rstrip("/")

    def both_or_neither(self, one: str, other: str) -> None:
        """A problem where one of the two is set without the other."""
        for here, absent in ((one, other), (other, one)):
            if self.text(here) and not self.text(absent):
                self.say(absent, f"is not set, but {here} is; set both or neither.")


def _content(file: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        problems.append(Problem(str(file), f"cannot be read: {error.strerror}."))
        return {}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # A TOML error names line and column only; the text, which may be a secret, is not repeated.
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        problems.append(Problem(str(file), f"is not TOML: {reason}."))
        return {}


def _secrets(content: Mapping[str, Any], file: Path, problems: list[Problem]) -> dict[str, str]:
    """Our names in Streamlit's secrets file, as texts."""
    texts: dict[str, str] = {}
    for name, value in content.items():
        if not name.startswith(_PREFIXES) or name in _TEST_NAMES:
            continue
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            texts[name] = str(value)
        else:
            problems.append(Problem(f"{name} in {file}", 'must be a text in quotes, like "value".'))
    return texts


def _is_misspelt(name: str, known: Collection[str]) -> bool:
    ours = name.startswith(_PREFIXES) and name not in _TEST_NAMES
    return ours and bool(difflib.get_close_matches(name, known, 1, _NEAR))


def words(text: str) -> list[str]:
    """The words of a list with commas between them."""
    return [word.strip() for word in text.split(",") if word.strip()]
