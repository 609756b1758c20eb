"""The settings of a running server: read at its start, but for the lists of people, which follow the secrets file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from roster_core.adapters.configuration import SECRETS_FILE, SETTINGS, read_settings, texts_in
from roster_core.adapters.environment import as_started, first_environment
from roster_core.adapters.setting_texts import SettingTexts
from roster_core.adapters.sign_in import ROLE_SETTINGS, read_people
from roster_core.errors import SettingsError
from roster_core.people import People
from roster_core.settings import Settings

_ABOUT_PEOPLE = (*ROLE_SETTINGS, "ROSTER_ALLOWED_DOMAINS")

# What tells one state of the file, and of the environment, from another without reading the file.
_Mark = tuple[object, ...]


class SettingsInForce:
    """Who may come in is asked anew whenever the secrets file changes; everything else counts from the next start.

    Streamlit copies what the file holds into the environment at its start, and again some seconds after a change; what
    was copied is the file's, and what the environment itself says counts before it.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        secrets_file: Path = SECRETS_FILE,
        first: Mapping[str, str] | None = None,
    ) -> None:
        """Reads every setting. `first` is the environment at the start, where nothing had been copied into it yet.

        Both are the process's own where they are not given. Raises SettingsError with every problem.
        """
        self._environ = os.environ if environ is None else environ
        self._first = first_environment() if first is None else first
        self._file = secrets_file
        # Marked before it is read: a change in between is then read once more, and not missed.
        mark, self._copied = self._mark(), texts_in(secrets_file)
        self._read = read_settings(as_started(self._environ, self._first, self._copied), secrets_file)
        self._held: tuple[_Mark, Settings | SettingsError] = mark, self._read

    def get(self) -> Settings:
        """The settings, with the people of this moment; costs one look at the file's time and size.

        Raises SettingsError while the file, or a list of people in it, cannot be read: nobody comes in by a list that
        somebody has just taken back.
        """
        mark, told = self._held
        if (now := self._mark()) != mark:
            told = self._renewed()
            self._held = now, told
        if isinstance(told, SettingsError):
            raise SettingsError(told.problems)
        return told

    def _renewed(self) -> Settings | SettingsError:
        before, self._copied = self._copied, texts_in(self._file)
        own = as_started(self._environ, self._first, before, self._copied)
        try:
            return replace(self._read, people=_people(own, self._file))
        except SettingsError as error:
            return error

    def _mark(self) -> _Mark:
        named = tuple(self._environ.get(name) for name in _ABOUT_PEOPLE)
        try:
            found = self._file.stat()
        except OSError:
            return named
        return (*named, found.st_mtime_ns, found.st_size, found.st_ino)


def _people(environ: Mapping[str, str], file: Path) -> People:
    """The people as they are named now; problems of other settings wait for the next start."""
    reading = SettingTexts.of(environ, file, SETTINGS)
    reading.problems = [each for each in reading.problems if each.place.startswith((str(file), *_ABOUT_PEOPLE))]
    people = read_people(reading)
    if reading.problems:
        raise SettingsError(reading.problems)
    return people
