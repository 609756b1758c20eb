"""Settings as frozen values: nothing secret is shown, the defaults are the published ones."""

from __future__ import annotations

import dataclasses
import logging
import traceback

import pytest

from roster_core.settings import REQUIRABLE_FIELDS, Clever, Profile, Secret, Settings


def test_a_secret_is_masked_wherever_it_could_be_printed() -> None:
    """repr, str, format, a settings repr, a log line and a traceback show asterisks; reveal alone gives the text."""
    settings = Settings(clever=Clever(client_id="app", client_secret=Secret("s3cret")), selweb_token=Secret("s3cret"))
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s %r", (settings.selweb_token, settings), None)
    try:
        raise ValueError(settings)
    except ValueError:
        told = traceback.format_exc()
    token = settings.selweb_token
    for text in (repr(settings), str(token), f"{token}", f"{token!r}", record.getMessage(), told):
        assert "s3cret" not in text and "********" in text
    assert token.reveal() == "s3cret"


def test_an_empty_secret_says_so_and_is_false() -> None:
    """An absent secret can be told from one that is set, without showing either."""
    assert (bool(Secret()), repr(Secret()), bool(Secret("x"))) == (False, "(empty)", True)
    assert Secret("a") == Secret("a") != Secret("b") and Secret("a") != "a"


def test_the_stores_address_is_in_no_repr() -> None:
    """A database address holds a password, so the settings do not show it."""
    assert "hunter2" not in repr(Settings(database_url="postgresql+psycopg://u:hunter2@h/d"))


def test_settings_cannot_be_changed() -> None:
    """Settings and profile are frozen."""
    for value, name in ((Settings(), "product_name"), (Profile(), "stale_hours"), (Clever(), "client_id")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, "x")


def test_the_default_profile_is_the_published_one() -> None:
    """All five fields required; 24 hours, 3 days, 40 students, 2 grades, 10 % and 75 %."""
    profile = Profile()
    assert profile.required == REQUIRABLE_FIELDS
    assert (profile.stale_hours, profile.sync_old_days) == (24, 3)
    assert (profile.section_large, profile.max_section_grades) == (40, 2)
    assert (profile.hold_removed, profile.hold_changed) == (0.10, 0.75)


@pytest.mark.parametrize(
    ("clever", "configured"),
    [
        (Clever(), False),
        (Clever(client_id="app"), False),
        (Clever(client_id="app", client_secret=Secret("x")), True),
        (Clever(district_token=Secret("x")), True),
    ],
    ids=["nothing", "half", "app", "district"],
)
def test_clever_is_configured_with_an_app_or_a_district_token(clever: Clever, configured: bool) -> None:
    """An id without its secret signs nobody in."""
    assert clever.configured is configured
