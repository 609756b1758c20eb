"""Settings read from the environment and the secrets file: precedence, every problem at once, no secret repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from roster_core.adapters.addresses import address_problem
from roster_core.adapters.configuration import SETTINGS, read_settings
from roster_core.errors import SettingsError
from roster_core.settings import Launch, Profile, Settings


def read(tmp_path: Path, secrets: str | None = None, **environ: str) -> Settings:
    """Settings from these variables and, if given, this secrets file."""
    file = tmp_path / "secrets.toml"
    if secrets is not None:
        file.write_text(secrets, encoding="utf-8")
    return read_settings(environ, file)


def problems(tmp_path: Path, secrets: str | None = None, **environ: str) -> dict[str, str]:
    """Message by place of the settings' problems."""
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, secrets, **environ)
    return {problem.place: problem.message for problem in caught.value.problems}


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    """Without any setting the app works on sample data: ./var, SQLite inside it, Clever's own addresses."""
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{Path('var').absolute() / 'roster.sqlite3'}"
    assert settings.profile == Profile()
    assert settings.clever.api_url == "https://api.clever.com" and not settings.clever.configured


def test_every_setting_arrives(tmp_path: Path) -> None:
    """Each setting of the table reaches its place."""
    settings = read(
        tmp_path,
        ROSTER_DATA_DIR=str(tmp_path),
        ROSTER_DATABASE_URL="postgres://u:p@db/x",
        ROSTER_RETENTION_DAYS="30",
        ROSTER_PRODUCT_NAME="Screener",
        ROSTER_REQUIRED_FIELDS="grade, birthdate",
        ROSTER_SEVERITIES="section-of-one=blocker, term-not-current = off",
        ROSTER_STALE_HOURS="36.5",
        ROSTER_SYNC_OLD_DAYS="5",
        ROSTER_SECTION_LARGE="30",
        ROSTER_SECTION_GRADES="3",
        ROSTER_HOLD_REMOVED="5%",
        ROSTER_HOLD_CHANGED="0.5",
        ROSTER_LAUNCH_LEAD_DAYS="4",
        ROSTER_CHASE_DAYS="2",
        CLEVER_CLIENT_ID="app",
        CLEVER_CLIENT_SECRET="hush",
        CLEVER_DISTRICT_TOKEN="one",
        CLEVER_API_URL="http://127.0.0.1:9/",
        CLEVER_OAUTH_URL="http://localhost:9",
        CLEVER_API_VERSION="v3.1",
        SELWEB_URL="https://selweb.example.org/",
        SELWEB_TOKEN="token",
    )
    assert settings.database_url == "postgresql+psycopg://u:p@db/x"
    assert (settings.retention_days, settings.product_name) == (30, "Screener")
    profile = settings.profile
    assert profile.required == ("birthdate", "grade")
    assert profile.severities == {"section-of-one": "blocker", "term-not-current": "off"}
    assert (profile.stale_hours, profile.sync_old_days, profile.section_large) == (36.5, 5, 30)
    assert (profile.max_section_grades, profile.hold_removed, profile.hold_changed) == (3, 0.05, 0.5)
    assert settings.launch == Launch(lead_days=4, chase_days=2)
    clever, local = settings.clever, ("http://127.0.0.1:9", "http://localhost:9", "v3.1")
    assert (clever.client_id, clever.client_secret.reveal(), clever.district_token.reveal()) == ("app", "hush", "one")
    assert (clever.api_url, clever.oauth_url, clever.api_version) == local
    assert (settings.selweb_url, settings.selweb_token.reveal()) == ("https://selweb.example.org", "token")


def test_the_environment_wins_over_the_secrets_file(tmp_path: Path) -> None:
    """A variable hides the file's value; an empty one counts as not set; numbers in the file need no quotes."""
    secrets = 'ROSTER_PRODUCT_NAME = "File"\nROSTER_RETENTION_DAYS = 7\n[other]\nROSTER_NO = "x"\n'
    settings = read(tmp_path, secrets, ROSTER_PRODUCT_NAME="Environment", ROSTER_RETENTION_DAYS="")
    assert (settings.product_name, settings.retention_days) == ("Environment", 7)


def test_every_problem_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    """One error names each wrong setting, and says of a file's that it stands there."""
    found = problems(
        tmp_path,
        "SELWEB_TOKEN = [1]\nROSTER_SECTION_LARGE = 'many'\n",
        ROSTER_STALE_HOURS="a day",
        CLEVER_CLIENT_ID="app",
        CLEVER_API_URL="http://api.clever.com",
        ROSTER_HOLD_REMOVED="10",
    )
    file = tmp_path / "secrets.toml"
    assert list(found) == [
        f"SELWEB_TOKEN in {file}",
        "CLEVER_API_URL",
        "ROSTER_STALE_HOURS",
        f"ROSTER_SECTION_LARGE in {file}",
        "ROSTER_HOLD_REMOVED",
        "CLEVER_CLIENT_SECRET",
    ]
    assert found["ROSTER_HOLD_REMOVED"] == '"10" is not a share between 0 and 1; write 0.10 or 10%.'
    assert found["CLEVER_CLIENT_SECRET"] == "is not set, but CLEVER_CLIENT_ID is; set both or neither."


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ROSTER_RETENTION_DAYS", "0", "whole number of at least 1"),
        ("ROSTER_RETENTION_DAYS", "1e3", "whole number"),
        ("ROSTER_STALE_HOURS", "-1", "number of at least 0"),
        ("ROSTER_STALE_HOURS", "nan", "number of at least 0"),
        ("ROSTER_HOLD_CHANGED", "150%", "share between 0 and 1"),
        ("ROSTER_REQUIRED_FIELDS", "grade,shoe_size", '"shoe_size" is not a student field'),
        ("ROSTER_SEVERITIES", "section-of-on=off", "do you mean section-of-one?"),
        ("ROSTER_SEVERITIES", "section-of-one=maybe", "section-of-one=blocker"),
        ("ROSTER_SEVERITIES", "student-details-not-held=off", "always a blocker"),
        ("ROSTER_SEVERITIES", "section-of-one=off,section-of-one=off", "set twice"),
        ("ROSTER_DATABASE_URL", "mysql://u:hunter2@h/d", "must begin with sqlite:///"),
        ("CLEVER_API_VERSION", "v2.1", "use v3.0 or v3.1"),
        ("ROSTER_RETENTION_DAY", "5", "do you mean ROSTER_RETENTION_DAYS?"),
        ("CLEVER_OAUTH_URL", "https://u:hunter2@clever.com", "leave both out"),
    ],
)
def test_a_wrong_value_says_what_was_expected(tmp_path: Path, name: str, value: str, words: str) -> None:
    """The message stands at the setting, says what to write, and repeats no password."""
    found = problems(tmp_path, **{name: value})
    assert words in found[name]
    assert "hunter2" not in str(found)


def test_a_file_that_is_not_toml_is_one_problem(tmp_path: Path) -> None:
    """The secrets file's own text is not repeated."""
    found = problems(tmp_path, "SELWEB_TOKEN = hunter2\n")
    assert "is not TOML" in found[str(tmp_path / "secrets.toml")] and "hunter2" not in str(found)


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """The folder of the app's data must not be a file."""
    (tmp_path / "var").write_text("", encoding="utf-8")
    assert "name a folder" in problems(tmp_path, ROSTER_DATA_DIR=str(tmp_path / "var"))["ROSTER_DATA_DIR"]


@pytest.mark.parametrize("url", ["https://a.example", "http://127.0.0.1:8", "http://[::1]:8", "http://localhost"])
def test_https_and_the_loopback_are_safe(url: str) -> None:
    """A token may go to these."""
    assert address_problem(url) == ""


@pytest.mark.parametrize(
    "url",
    ["http://a.example", "http://127.0.0.1.evil.example", "ftp://a", "a.example", "https://", "https://a b",
     "https://u@a", "https://a?x=1", "https://a#x", "https://a:port", "http://localhost@evil.example"],
)  # fmt: skip
def test_everything_else_is_refused(url: str) -> None:
    """A token may not go to these."""
    assert address_problem(url)


def test_none_requires_no_field(tmp_path: Path) -> None:
    """The word none turns every required field off."""
    assert read(tmp_path, ROSTER_REQUIRED_FIELDS="none").profile.required == ()


def test_the_example_file_names_settings_only(tmp_path: Path) -> None:
    """.streamlit/secrets.toml.example can be copied as it stands, and names no setting that does not exist."""
    example = (Path(__file__).parents[2] / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8")
    assert read(tmp_path, example).clever.configured
    ours, _, sign_in = example.partition("# [auth]\n")
    named = [line.lstrip("# ").split(" = ")[0] for line in ours.splitlines() if " = " in line]
    assert set(named) <= set(SETTINGS)
    uncommented = ours + "[auth]\n" + sign_in.replace("# ", "")
    found = problems(tmp_path, uncommented)
    assert list(found) == ["[auth]"] and "cookie_secret must have" in found["[auth]"]


@pytest.mark.parametrize("name", ["ROSTER_TEST_DATA", "ROSTER_OF_ANOTHER_PROGRAM", "CLEVER_HANS", "PATH"])
def test_the_environment_is_shared_with_other_programs(tmp_path: Path, name: str) -> None:
    """A variable that is none of ours, nor one of ours misspelt, is nobody's problem."""
    assert read(tmp_path, **{name: "x"}) == read(tmp_path)
