"""The settings of messages and of the mail server they go through."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from roster_core.adapters.addresses import is_loopback
from roster_core.adapters.setting_texts import SettingTexts
from roster_core.errors import InputError
from roster_core.letter import address_list, mailbox
from roster_core.messages import KINDS
from roster_core.settings import Mail, Messages, Secret

#: How a connection is secured, and the port that is usual for it.
SECURITY: dict[str, int] = {"starttls": 587, "tls": 465, "none": 25}


def read_mail(reading: SettingTexts) -> Mail:
    """The mail server; every problem is said to the reading."""
    host, security = reading.text("SMTP_HOST"), reading.text("SMTP_SECURITY", "starttls").lower()
    if host and not re.fullmatch(r"[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9])?", host):
        reading.say("SMTP_HOST", f'"{host[:60]}" is not a host; write its name alone, like smtp.example.org.')
    if security not in SECURITY:
        reading.say("SMTP_SECURITY", f'"{security[:60]}" is not known; use starttls, tls or none.')
    if security == "none" and host and not is_loopback(host):
        reading.say("SMTP_SECURITY", f"none is for this computer only, not for {host}; use starttls or tls.")
    port = int(reading.number("SMTP_PORT", SECURITY.get(security, 587), low=1, whole=True))
    if port > 65_535:
        reading.say("SMTP_PORT", f"{port} is not a port; ports go up to 65535.")
    if not host:
        for name in ("SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "SMTP_FROM", "SMTP_SECURITY"):
            if reading.text(name):
                reading.say("SMTP_HOST", f"is not set, but {name} is; set it too, or leave that out.")
                break
    elif not reading.text("SMTP_FROM"):
        reading.say("SMTP_FROM", "is not set, but SMTP_HOST is; write the sender like SEL team <sel@team.example>.")
    reading.both_or_neither("SMTP_USER", "SMTP_PASSWORD")
    sender, password = _one_address(reading, "SMTP_FROM"), Secret(reading.text("SMTP_PASSWORD"))
    return Mail(host, port, reading.text("SMTP_USER"), password, sender, security)


def read_messages(reading: SettingTexts) -> Messages:
    """What messages say of the team, and where reworded templates are; every problem is said to the reading."""
    usual = Messages()
    link = reading.text("ROSTER_CONNECT_LINK")
    if link and not re.fullmatch(r"https://[^\s<>\"]+", link):
        reading.say("ROSTER_CONNECT_LINK", "is not a web address; write it like https://clever.com/...")
    try:
        recipients = address_list(reading.text("ROSTER_READY_RECIPIENTS"))
    except InputError as error:
        recipients = ()
        reading.say("ROSTER_READY_RECIPIENTS", str(error))
    return Messages(
        team=reading.text("ROSTER_TEAM_NAME", usual.team),
        reply_to=_one_address(reading, "ROSTER_REPLY_TO"),
        ready_recipients=recipients,
        connect_link=link,
        templates_dir=_templates_dir(reading),
    )


def _one_address(reading: SettingTexts, name: str) -> str:
    written = reading.text(name)
    try:
        return written if not written or mailbox(written) else ""
    except InputError as error:
        reading.say(name, str(error))
        return ""


def _templates_dir(reading: SettingTexts) -> Path | None:
    text = reading.text("ROSTER_TEMPLATES_DIR")
    if not text:
        return None
    folder = Path(text).expanduser().absolute()
    if not folder.is_dir():
        reading.say("ROSTER_TEMPLATES_DIR", f"{folder} is not a folder; name one with templates like ready.txt.")
        return None
    for file in sorted(folder.glob("*.txt")):
        if file.stem not in KINDS:
            near = difflib.get_close_matches(file.stem, KINDS, 1)
            hint = f"do you mean {near[0]}.txt?" if near else f"expected some of {', '.join(KINDS)}."
            reading.say("ROSTER_TEMPLATES_DIR", f"{file.name} is no template of a message; {hint}")
    return folder
