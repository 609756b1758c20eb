"""Settings from the environment, then from Streamlit's secrets file; every problem is told at once."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from roster_core.adapters.addresses import address_problem
from roster_core.errors import Problem, SettingsError
from roster_core.preflight import CHECKS
from roster_core.settings import REQUIRABLE_FIELDS, SEVERITIES, Clever, Profile, Secret, Settings, Severity

SECRETS_FILE = Path(".streamlit") / "secrets.toml"

#: Every setting and what it is for, as the README lists them.
SETTINGS: dict[str, str] = {
    "ROSTER_DATA_DIR": "Folder of the app's own data.",
    "ROSTER_DATABASE_URL": "The store: SQLite, or PostgreSQL for a team.",
    "ROSTER_RETENTION_DAYS": "Days a fetched roster is kept.",
    "ROSTER_PRODUCT_NAME": "What the pages call the product the roster goes to.",
    "ROSTER_REQUIRED_FIELDS": "Student fields that must be there, comma between them, or `none`.",
    "ROSTER_SEVERITIES": "Preflight checks made stricter, milder or silent: `code=blocker`, `warning` or `off`, ...",
    "ROSTER_STALE_HOURS": "Hours after which a fetched roster is too old to commit.",
    "ROSTER_SYNC_OLD_DAYS": "Days after which Clever's last sync from the district is old.",
    "ROSTER_SECTION_LARGE": "Students above which a section is large.",
    "ROSTER_SECTION_GRADES": "Grades above which a section is mixed.",
    "ROSTER_HOLD_REMOVED": "Share of the current students that may go before a person must approve.",
    "ROSTER_HOLD_CHANGED": "Share of the current students that may move or change before a person must approve.",
    "CLEVER_CLIENT_ID": "Clever app: all connected districts. Needs the secret.",
    "CLEVER_CLIENT_SECRET": "Clever app: its secret.",
    "CLEVER_DISTRICT_TOKEN": "One district's token, where there is no id and secret.",
    "CLEVER_API_URL": "Clever's data API.",
    "CLEVER_OAUTH_URL": "Clever's token listing.",
    "CLEVER_API_VERSION": "Version of Clever's data API.",
    "SELWEB_URL": "SELweb's roster service. Needs the token.",
    "SELWEB_TOKEN": "SELweb's roster service: its token.",
}

# Ours too, but read by the tests alone.
_TEST_NAMES = frozenset({"ROSTER_TEST_DATA"})
_PREFIXES = ("ROSTER_", "CLEVER_", "SELWEB_")
_DATABASES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")


def read_settings(environ: Mapping[str, str] | None = None, secrets_file: Path = SECRETS_FILE) -> Settings:
    """The settings in force. `environ` is the process's own where it is not given; an empty value counts as not set.

    Raises `SettingsError` with every problem, each with the name of its setting; no message holds a secret.
    """
    reading = _Reading.of(os.environ if environ is None else environ, secrets_file)
    data_dir = _data_dir(reading)
    settings = Settings(
        data_dir=data_dir,
        database_url=_database_url(reading, data_dir),
        clever=_clever(reading),
        selweb_url=reading.address("SELWEB_URL", Settings().selweb_url),
        selweb_token=Secret(reading.text("SELWEB_TOKEN")),
        retention_days=int(reading.number("ROSTER_RETENTION_DAYS", Settings().retention_days, low=1, whole=True)),
        product_name=reading.text("ROSTER_PRODUCT_NAME", Settings().product_name),
        profile=_profile(reading),
    )
    reading.both_or_neither("CLEVER_CLIENT_ID", "CLEVER_CLIENT_SECRET")
    reading.both_or_neither("SELWEB_URL", "SELWEB_TOKEN")
    if reading.problems:
        raise SettingsError(reading.problems)
    return settings


@dataclass
class _Reading:
    """The texts as they were set, where each came from, and the problems found so far."""

    texts: dict[str, str]
    places: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, environ: Mapping[str, str], secrets_file: Path) -> _Reading:
        reading = cls({}, {})
        for name, value in _secrets(secrets_file, reading.problems).items():
            reading._take(name, value, f"{name} in {secrets_file}")
        for name, value in environ.items():
            if name.startswith("ROSTER_") or name in SETTINGS:
                reading._take(name, value, name)
        return reading

    def _take(self, name: str, value: str, place: str) -> None:
        if name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, 1)
            hint = f"; do you mean {near[0]}?" if near else "; the README lists the settings."
            self.problems.append(Problem(place, f"no setting has this name{hint}"))
        elif value.strip():
            self.texts[name], self.places[name] = value.strip(), place

    def text(self, name: str, default: str = "") -> str:
        return self.texts.get(name, default)

    def say(self, name: str, message: str) -> None:
        self.problems.append(Problem(self.places.get(name, name), message))

    def number(self, name: str, default: float, *, low: float, whole: bool = False) -> float:
        text = self.text(name)
        if not text:
            return default
        if not re.fullmatch(r"\d{1,9}" if whole else r"\d{1,9}(\.\d{1,9})?", text) or float(text) < low:
            self.say(name, f'"{text}" is not a {"whole " if whole else ""}number of at least {low:g}.')
            return default
        return float(text)

    def share(self, name: str, default: float) -> float:
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
        text = self.text(name, default)
        if text and (problem := address_problem(text)):
            self.say(name, problem)
        return text.rstrip("/")

    def both_or_neither(self, one: str, other: str) -> None:
        for here, absent in ((one, other), (other, one)):
            if self.text(here) and not self.text(absent):
                self.say(absent, f"is not set, but {here} is; set both or neither.")


def _secrets(file: Path, problems: list[Problem]) -> dict[str, str]:
    """Our names in Streamlit's secrets file, as texts; the file's tables (sign-in) are Streamlit's business."""
    try:
        content = tomllib.loads(file.read_bytes().decode("utf-8"))
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
    texts: dict[str, str] = {}
    for name, value in content.items():
        if not name.startswith(_PREFIXES) or name in _TEST_NAMES:
            continue
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            texts[name] = str(value)
        else:
            problems.append(Problem(f"{name} in {file}", 'must be a text in quotes, like "value".'))
    return texts


def _data_dir(reading: _Reading) -> Path:
    folder = Path(reading.text("ROSTER_DATA_DIR", "var")).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        reading.say("ROSTER_DATA_DIR", f"{folder} is a file; name a folder.")
    return folder


def _database_url(reading: _Reading, data_dir: Path) -> str:
    """The store's address. It may hold a password: no message repeats it."""
    text = reading.text("ROSTER_DATABASE_URL")
    if not text:
        return f"sqlite:///{data_dir / 'roster.sqlite3'}"
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in _DATABASES or not rest:
        reading.say("ROSTER_DATABASE_URL", "must begin with sqlite:/// or postgresql+psycopg://user:password@host/name.")
    # The plain word stands for whatever driver is installed; ours is psycopg.
    return text if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def _clever(reading: _Reading) -> Clever:
    usual = Clever()
    version = reading.text("CLEVER_API_VERSION", usual.api_version)
    if not re.fullmatch(r"v3\.\d{1,2}", version):
        reading.say("CLEVER_API_VERSION", f'"{version}" is not a version this app reads; use v3.0 or v3.1.')
    return Clever(
        client_id=reading.text("CLEVER_CLIENT_ID"),
        client_secret=Secret(reading.text("CLEVER_CLIENT_SECRET")),
        district_token=Secret(reading.text("CLEVER_DISTRICT_TOKEN")),
        api_url=reading.address("CLEVER_API_URL", usual.api_url),
        oauth_url=reading.address("CLEVER_OAUTH_URL", usual.oauth_url),
        api_version=version,
    )


def _profile(reading: _Reading) -> Profile:
    usual = Profile()
    return Profile(
        required=_required(reading),
        severities=_severities(reading),
        stale_hours=reading.number("ROSTER_STALE_HOURS", usual.stale_hours, low=0),
        sync_old_days=reading.number("ROSTER_SYNC_OLD_DAYS", usual.sync_old_days, low=0),
        section_large=int(reading.number("ROSTER_SECTION_LARGE", usual.section_large, low=1, whole=True)),
        max_section_grades=int(reading.number("ROSTER_SECTION_GRADES", usual.max_section_grades, low=1, whole=True)),
        hold_removed=reading.share("ROSTER_HOLD_REMOVED", usual.hold_removed),
        hold_changed=reading.share("ROSTER_HOLD_CHANGED", usual.hold_changed),
    )


def _required(reading: _Reading) -> tuple[str, ...]:
    text = reading.text("ROSTER_REQUIRED_FIELDS")
    if not text:
        return Profile().required
    words = [] if text.lower() == "none" else _words(text)
    for word in words:
        if word not in REQUIRABLE_FIELDS:
            expected = f"expected some of {', '.join(REQUIRABLE_FIELDS)}, or none."
            reading.say("ROSTER_REQUIRED_FIELDS", f'"{word}" is not a student field; {expected}')
    return tuple(name for name in REQUIRABLE_FIELDS if name in words)


def _severities(reading: _Reading) -> dict[str, Severity]:
    severities: dict[str, Severity] = {}
    for pair in _words(reading.text("ROSTER_SEVERITIES")):
        code, _, word = (part.strip() for part in pair.partition("="))
        severity = next((known for known in SEVERITIES if known == word), None)
        if code not in CHECKS:
            near = difflib.get_close_matches(code, CHECKS, 1)
            hint = f"; do you mean {near[0]}?" if near else "."
            reading.say("ROSTER_SEVERITIES", f'"{code}" is not a preflight check{hint}')
        elif severity is None:
            reading.say("ROSTER_SEVERITIES", f'"{pair}" must be {code}=blocker, {code}=warning or {code}=off.')
        elif code in severities:
            reading.say("ROSTER_SEVERITIES", f'"{code}" is set twice.')
        else:
            severities[code] = severity
    return severities


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
