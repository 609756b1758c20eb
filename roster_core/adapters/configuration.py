"""Settings from the environment, then from Streamlit's secrets file; every problem is told at once."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from roster_core.adapters.environment import as_started, first_environment
from roster_core.adapters.mail_settings import read_mail, read_messages
from roster_core.adapters.setting_texts import SettingTexts, words
from roster_core.adapters.sign_in import note_auth_problems, read_people
from roster_core.checks import ALWAYS_BLOCKERS, CHECKS
from roster_core.errors import SettingsError
from roster_core.people import plain_address
from roster_core.settings import (
    REQUIRABLE_FIELDS,
    SECOND_PERSON,
    SEVERITIES,
    Clever,
    Launch,
    Profile,
    SecondPerson,
    Secret,
    Settings,
    Severity,
)

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
    "ROSTER_ADMINS": "Who may purge and delete too: e-mail addresses or `@domain`, comma between them.",
    "ROSTER_COMMITTERS": "Who may commit, restore and approve too.",
    "ROSTER_REVIEWERS": "Who may change rules and pins, load rosters and reveal names.",
    "ROSTER_VIEWERS": "Who may look, with names masked.",
    "ROSTER_ALLOWED_DOMAINS": "Domains of those who may sign in at all, comma between them.",
    "ROSTER_SESSION_HOURS": "Hours after which somebody must sign in again.",
    "ROSTER_SECOND_PERSON": "What a second person approves: `held` changes and restores, `every` commit, or `off`.",
    "ROSTER_OPERATOR": "Who the command line acts for: the e-mail address of one of those above.",
    "ROSTER_LAUNCH_LEAD_DAYS": "Business days before the window opens on which a launch is proposed.",
    "ROSTER_CHASE_DAYS": "Business days after which a request to a district is chased.",
    "CLEVER_CLIENT_ID": "Clever app: all connected districts. Needs the secret.",
    "CLEVER_CLIENT_SECRET": "Clever app: its secret.",
    "CLEVER_DISTRICT_TOKEN": "One district's token, where there is no id and secret.",
    "CLEVER_API_URL": "Clever's data API.",
    "CLEVER_OAUTH_URL": "Clever's token listing.",
    "CLEVER_API_VERSION": "Version of Clever's data API.",
    "SELWEB_URL": "SELweb's roster service. Needs the token.",
    "SELWEB_TOKEN": "SELweb's roster service: its token.",
    "ROSTER_TEAM_NAME": "Who signs messages.",
    "ROSTER_REPLY_TO": "Where answers to messages go.",
    "ROSTER_READY_RECIPIENTS": "Addresses that get every Ready To Assess message, comma between them.",
    "ROSTER_CONNECT_LINK": "The link with which a district requests to connect.",
    "ROSTER_TEMPLATES_DIR": "Folder of reworded message templates.",
    "SMTP_HOST": "Mail server messages are sent through. Needs the sender.",
    "SMTP_PORT": "Mail server: its port.",
    "SMTP_USER": "Mail server: user name. Needs the password.",
    "SMTP_PASSWORD": "Mail server: its password.",
    "SMTP_FROM": "Sender of messages, like `SEL team <sel@team.example>`.",
    "SMTP_SECURITY": "Mail server: `starttls`, `tls` or, on this computer only, `none`.",
}

_DATABASES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")


def read_settings(environ: Mapping[str, str] | None = None, secrets_file: Path = SECRETS_FILE) -> Settings:
    """The settings in force. `environ` is that the process was started with where it is not given; an empty value
    counts as not set.

    Raises `SettingsError` with every problem, each with the name of its setting; no message holds a secret.
    """
    if environ is None:
        environ = as_started(os.environ, first_environment(), texts_in(secrets_file))
    reading = SettingTexts.of(environ, secrets_file, SETTINGS)
    data_dir = _data_dir(reading)
    settings = Settings(
        database_url=_database_url(reading, data_dir),
        clever=_clever(reading),
        selweb_url=reading.address("SELWEB_URL", Settings().selweb_url),
        selweb_token=Secret(reading.text("SELWEB_TOKEN")),
        retention_days=int(reading.number("ROSTER_RETENTION_DAYS", Settings().retention_days, low=1, whole=True)),
        product_name=reading.text("ROSTER_PRODUCT_NAME", Settings().product_name),
        sign_in=reading.auth is not None,
        people=read_people(reading),
        session_hours=reading.number("ROSTER_SESSION_HOURS", Settings().session_hours, low=0.1),
        second_person=_second_person(reading),
        operator=_operator(reading),
        profile=_profile(reading),
        mail=read_mail(reading),
        messages=read_messages(reading),
        launch=_launch(reading),
    )
    note_auth_problems(reading, reading.auth)
    reading.both_or_neither("CLEVER_CLIENT_ID", "CLEVER_CLIENT_SECRET")
    reading.both_or_neither("SELWEB_URL", "SELWEB_TOKEN")
    if reading.problems:
        raise SettingsError(reading.problems)
    return settings


def texts_in(secrets_file: Path) -> Mapping[str, str]:
    """What the secrets file alone sets, by name; nothing where it cannot be read, which `read_settings` tells."""
    return SettingTexts.of({}, secrets_file, SETTINGS).texts


def _data_dir(reading: SettingTexts) -> Path:
    folder = Path(reading.text("ROSTER_DATA_DIR", "var")).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        reading.say("ROSTER_DATA_DIR", f"{folder} is a file; name a folder.")
    return folder


def _database_url(reading: SettingTexts, data_dir: Path) -> str:
    """The store's address. It may hold a password: no message repeats it."""
    text = reading.text("ROSTER_DATABASE_URL")
    if not text:
        return f"sqlite:///{data_dir / 'roster.sqlite3'}"
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in _DATABASES or not rest:
        reading.say(
            "ROSTER_DATABASE_URL", "must begin with sqlite:/// or postgresql+psycopg://user:password@host/name."
        )
    # The plain word stands for whatever driver is installed; ours is psycopg.
    return text if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def _second_person(reading: SettingTexts) -> SecondPerson:
    text = reading.text("ROSTER_SECOND_PERSON", Settings().second_person).lower()
    for known in SECOND_PERSON:
        if known == text:
            return known
    reading.say("ROSTER_SECOND_PERSON", f'"{text}" must be {", ".join(SECOND_PERSON[:-1])} or {SECOND_PERSON[-1]}.')
    return Settings().second_person


def _operator(reading: SettingTexts) -> str:
    text = reading.text("ROSTER_OPERATOR")
    if text and not plain_address(text):
        reading.say("ROSTER_OPERATOR", f'"{text}" is not an e-mail address; write it like ada@example.org.')
    return plain_address(text)


def _clever(reading: SettingTexts) -> Clever:
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


def _profile(reading: SettingTexts) -> Profile:
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


def _launch(reading: SettingTexts) -> Launch:
    usual = Launch()
    return Launch(
        lead_days=int(reading.number("ROSTER_LAUNCH_LEAD_DAYS", usual.lead_days, low=1, whole=True)),
        chase_days=int(reading.number("ROSTER_CHASE_DAYS", usual.chase_days, low=1, whole=True)),
    )


def _required(reading: SettingTexts) -> tuple[str, ...]:
    text = reading.text("ROSTER_REQUIRED_FIELDS")
    if not text:
        return Profile().required
    listed = [] if text.lower() == "none" else words(text)
    for word in listed:
        if word not in REQUIRABLE_FIELDS:
            expected = f"expected some of {', '.join(REQUIRABLE_FIELDS)}, or none."
            reading.say("ROSTER_REQUIRED_FIELDS", f'"{word}" is not a student field; {expected}')
    return tuple(name for name in REQUIRABLE_FIELDS if name in listed)


def _severities(reading: SettingTexts) -> dict[str, Severity]:
    severities: dict[str, Severity] = {}
    for pair in words(reading.text("ROSTER_SEVERITIES")):
        code, _, word = (part.strip() for part in pair.partition("="))
        severity = next((known for known in SEVERITIES if known == word), None)
        if code not in CHECKS:
            near = difflib.get_close_matches(code, CHECKS, 1)
            hint = f"; do you mean {near[0]}?" if near else "."
            reading.say("ROSTER_SEVERITIES", f'"{code}" is not a preflight check{hint}')
        elif severity is None:
            reading.say("ROSTER_SEVERITIES", f'"{pair}" must be {code}=blocker, {code}=warning or {code}=off.')
        elif code in ALWAYS_BLOCKERS and severity != "blocker":
            reading.say("ROSTER_SEVERITIES", f'"{code}" is always a blocker; leave it out.')
        elif code in severities:
            reading.say("ROSTER_SEVERITIES", f'"{code}" is set twice.')
        else:
            severities[code] = severity
    return severities
