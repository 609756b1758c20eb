"""Settings of messages and the mail server: what is usual, and every problem at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from roster_core.adapters.configuration import read_settings
from roster_core.errors import SettingsError
from roster_core.settings import Mail, Messages, Secret

NO_FILE = Path("nowhere") / "secrets.toml"
SERVER = {"SMTP_HOST": "mail.team.example", "SMTP_FROM": "sel@team.example"}


@pytest.mark.parametrize(
    ("given", "port", "security"),
    [({}, 587, "starttls"), ({"SMTP_SECURITY": "tls"}, 465, "tls"), ({"SMTP_PORT": "25"}, 25, "starttls"),
     ({"SMTP_HOST": "127.0.0.1", "SMTP_SECURITY": "none"}, 25, "none"),
     ({"SMTP_HOST": "::1", "SMTP_SECURITY": "none"}, 25, "none")],
)  # fmt: skip
def test_the_port_follows_the_security(given: dict[str, str], port: int, security: str) -> None:
    """What is not set takes what is usual for how the connection is secured."""
    mail = read_settings({**SERVER, **given}, NO_FILE).mail
    assert (mail.port, mail.security, mail.configured) == (port, security, True)


def test_every_setting_arrives(tmp_path: Path) -> None:
    """Each setting of messages and mail reaches its place, and the password stays masked."""
    settings = read_settings(
        {
            "ROSTER_TEAM_NAME": "Our team",
            "ROSTER_REPLY_TO": "answers@team.example",
            "ROSTER_READY_RECIPIENTS": "a@team.example, B <b@team.example>",
            "ROSTER_CONNECT_LINK": "https://clever.example/connect?app=1",
            "ROSTER_TEMPLATES_DIR": str(tmp_path),
            "SMTP_HOST": "mail.team.example",
            "SMTP_PORT": "2465",
            "SMTP_USER": "us",
            "SMTP_PASSWORD": "hush",
            "SMTP_FROM": "SEL team <sel@team.example>",
            "SMTP_SECURITY": "TLS",
        },
        NO_FILE,
    )
    recipients, link = ("a@team.example", "B <b@team.example>"), "https://clever.example/connect?app=1"
    assert settings.messages == Messages("Our team", "answers@team.example", recipients, link, tmp_path)
    wanted = ("mail.team.example", 2465, "us", Secret("hush"), "SEL team <sel@team.example>", "tls")
    assert settings.mail == Mail(*wanted) and "hush" not in repr(settings)


def test_nothing_set_sends_nothing() -> None:
    """Without a server messages can be downloaded only."""
    assert not read_settings({}, NO_FILE).mail.configured


@pytest.mark.parametrize(
    ("given", "place", "words"),
    [
        ({"SMTP_HOST": "mail.team.example"}, "SMTP_FROM", "is not set, but SMTP_HOST is"),
        ({"SMTP_FROM": "sel@team.example"}, "SMTP_HOST", "is not set, but SMTP_FROM is"),
        ({**SERVER, "SMTP_HOST": "https://mail.team.example"}, "SMTP_HOST", "write its name alone"),
        ({**SERVER, "SMTP_HOST": "a b"}, "SMTP_HOST", "write its name alone"),
        ({**SERVER, "SMTP_SECURITY": "ssl"}, "SMTP_SECURITY", "use starttls, tls or none"),
        ({**SERVER, "SMTP_SECURITY": "none"}, "SMTP_SECURITY", "for this computer only"),
        ({**SERVER, "SMTP_PORT": "70000"}, "SMTP_PORT", "up to 65535"),
        ({**SERVER, "SMTP_PORT": "0"}, "SMTP_PORT", "whole number of at least 1"),
        ({**SERVER, "SMTP_USER": "us"}, "SMTP_PASSWORD", "set both or neither"),
        ({**SERVER, "SMTP_FROM": "the team"}, "SMTP_FROM", "not an e-mail address"),
        ({"ROSTER_REPLY_TO": "a@b.example, c@d.example"}, "ROSTER_REPLY_TO", "not an e-mail address"),
        ({"ROSTER_READY_RECIPIENTS": "a@b.example, nobody"}, "ROSTER_READY_RECIPIENTS", '"nobody" is not'),
        ({"ROSTER_CONNECT_LINK": "javascript:alert(1)"}, "ROSTER_CONNECT_LINK", "write it like https://"),
        ({"ROSTER_TEMPLATES_DIR": "/nowhere/at/all"}, "ROSTER_TEMPLATES_DIR", "is not a folder"),
    ],
)
def test_a_wrong_setting_says_what_was_expected(given: dict[str, str], place: str, words: str) -> None:
    """The problem stands at its setting and says what to write."""
    with pytest.raises(SettingsError) as caught:
        read_settings(given, NO_FILE)
    found = {problem.place: problem.message for problem in caught.value.problems}
    assert words in found[place] and len(found) == 1


def test_a_password_is_never_repeated() -> None:
    """Neither the problems nor the settings show it."""
    with pytest.raises(SettingsError) as caught:
        read_settings({"SMTP_PASSWORD": "hunter2"}, NO_FILE)
    assert "hunter2" not in str(caught.value)


def test_a_template_of_another_name_is_pointed_out(tmp_path: Path) -> None:
    """A reworded template that would never be used is a problem, with the name that was meant."""
    (tmp_path / "redy.txt").write_text("Subject: x")
    (tmp_path / "notes.md").write_text("ours")
    with pytest.raises(SettingsError, match="do you mean ready.txt"):
        read_settings({"ROSTER_TEMPLATES_DIR": str(tmp_path)}, NO_FILE)
