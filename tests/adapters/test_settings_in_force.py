"""A running server follows the lists of people in its secrets file, and nothing else of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from roster_core.adapters.settings_in_force import SettingsInForce
from roster_core.errors import SettingsError

ADA = 'ROSTER_ADMINS = "ada@example.org"\n'
BO = 'ROSTER_COMMITTERS = "bo@example.org"\n'


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A secrets file that names one admin."""
    file = tmp_path / "secrets.toml"
    file.write_text(ADA, encoding="utf-8")
    return file


def roles(settings: SettingsInForce) -> dict[str, str]:
    """Who may come in now, and as what."""
    return dict(settings.get().people.roles)


def test_a_change_of_the_lists_counts_at_once(secrets: Path) -> None:
    """Somebody added, somebody taken out, and the file gone: each is so with the next question."""
    settings = SettingsInForce({}, secrets, {})
    assert roles(settings) == {"ada@example.org": "admin"}
    secrets.write_text(ADA + BO, encoding="utf-8")
    assert roles(settings) == {"ada@example.org": "admin", "bo@example.org": "committer"}
    secrets.write_text(BO, encoding="utf-8")
    assert roles(settings) == {"bo@example.org": "committer"}
    secrets.unlink()
    assert roles(settings) == {}


def test_other_settings_wait_for_the_next_start(secrets: Path) -> None:
    """They are as they were, also where what stands there now is wrong."""
    settings = SettingsInForce({}, secrets, {})
    for text in ("ROSTER_RETENTION_DAYS = 7\n", 'ROSTER_RETENTION_DAYS = "never"\nNO_SUCH_SETTING = 1\n'):
        secrets.write_text(BO + text, encoding="utf-8")
        assert settings.get().retention_days == 400
        assert roles(settings) == {"bo@example.org": "committer"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('ROSTER_ADMINS = "ada"', "ROSTER_ADMINS"),
        ('ROSTER_ADMINS = ["ada@example.org"]', "ROSTER_ADMINS"),
        ('ROSTER_ADMINS = "ada@example.org', "secrets.toml"),
    ],
    ids=["no address", "no text", "no TOML"],
)
def test_a_list_that_cannot_be_read_lets_nobody_in(secrets: Path, text: str, place: str) -> None:
    """Every question says what is wrong until it is mended."""
    settings = SettingsInForce({}, secrets, {})
    secrets.write_text(text, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(SettingsError, match=place):
            settings.get()
    secrets.write_text(BO, encoding="utf-8")
    assert roles(settings) == {"bo@example.org": "committer"}


def test_a_list_of_the_environment_stays(secrets: Path) -> None:
    """What only the environment sets is that, whatever the file says later."""
    environ = {"ROSTER_REVIEWERS": "dee@example.org"}
    settings = SettingsInForce(environ, secrets, environ)
    secrets.write_text(BO, encoding="utf-8")
    assert roles(settings) == {"dee@example.org": "reviewer", "bo@example.org": "committer"}


def test_what_streamlit_copies_into_the_environment_is_the_files(secrets: Path) -> None:
    """It does so at the start and some seconds after a change: before and after that the file's own list counts."""
    environ = {"ROSTER_ADMINS": "ada@example.org"}
    settings = SettingsInForce(environ, secrets, {})
    secrets.write_text('ROSTER_ADMINS = "dee@example.org"\n', encoding="utf-8")
    assert roles(settings) == {"dee@example.org": "admin"}
    environ["ROSTER_ADMINS"] = "dee@example.org"
    assert roles(settings) == {"dee@example.org": "admin"}
    secrets.write_text(BO, encoding="utf-8")
    assert roles(settings) == {"bo@example.org": "committer"}
    del environ["ROSTER_ADMINS"]
    assert roles(settings) == {"bo@example.org": "committer"}


def test_the_environment_counts_before_the_file_though_streamlit_wrote_over_it(secrets: Path) -> None:
    """What the process was started with is that list, at the start and after a change of the file."""
    settings = SettingsInForce({"ROSTER_ADMINS": "ada@example.org"}, secrets, {"ROSTER_ADMINS": "eve@example.org"})
    assert roles(settings) == {"eve@example.org": "admin"}
    secrets.write_text(ADA + BO, encoding="utf-8")
    assert roles(settings) == {"eve@example.org": "admin", "bo@example.org": "committer"}
