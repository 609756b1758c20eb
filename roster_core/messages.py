"""The messages of a launch: their kinds, and how a template becomes subject and text. Nothing here reads or sends.

A template is a Jinja text whose first line is its subject. It sees plain values only, in a sandbox; a name it does not
know is an error that says so, never a gap in a letter to a district.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from roster_core.errors import InputError, ServiceError
from roster_core.wording import counted

_SUBJECT = "Subject:"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message. variables: what its template may name beside `COMMON`."""

    key: str
    label: str
    variables: tuple[str, ...]


#: What every template may name.
COMMON: tuple[str, ...] = ("product", "team", "platform", "district")

#: The kinds by key, in the order of the steps.
KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("connect", "Request to connect", ("link",)),
        Kind("sharing", "Sharing request", ("chase",)),
        Kind("revision", "Sharing-rule revision request", ("request",)),
        Kind("errors", "Errors to fix", ("blockers", "warnings", "other", "by_files")),
        Kind("launch", "Launch date", ("launch", "opens", "closes", "students", "by_files")),
        Kind("ready", "Ready To Assess", ("students", "schools", "receipt", "opens", "closes", "follow")),
        Kind("drift", "What changed since the commit", ("subject", "text", "districts")),
    )
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message before it is sent, as a person may still change it. Addresses are `Name <address>` or an address."""

    subject: str
    body: str
    kind: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    sender: str = ""
    reply_to: str = ""


class DeliveryUnknown(ServiceError):
    """A letter was handed over, but the server's answer was lost: it may have arrived. Never sent again by itself."""


@dataclass(frozen=True, slots=True)
class Posted:
    """How a message ended, as a code and a sentence. `before`: it had left already, and was not sent this time."""

    outcome: str
    sentence: str
    before: bool = False


def known_kind(key: str) -> Kind:
    """The kind of that key. Raises InputError that lists the kinds."""
    if key not in KINDS:
        raise InputError(f'"{key}" is not a kind of message; expected one of {", ".join(KINDS)}.')
    return KINDS[key]


def render(kind: str, source: str, facts: Mapping[str, object], *, name: str = "") -> tuple[str, str]:
    """Subject (one line) and text of a message of that kind, from its template's text and plain values.

    `name`: what an error calls the template. Raises InputError where the template has no subject, is no Jinja, or
    names what the message does not know; the error names the template and the variable.
    """
    told, known = name or f"{kind}.txt", (*COMMON, *known_kind(kind).variables)
    subject, _, body = source.lstrip("\ufeff").replace("\r\n", "\n").partition("\n")
    if not subject.startswith(_SUBJECT):
        raise InputError(f'The message template {told} must begin with a line like "{_SUBJECT} ...".')
    line = _filled(subject.removeprefix(_SUBJECT), facts, known, told)
    text = _filled(body.strip("\n"), facts, known, told, first=body[: len(body) - len(body.lstrip("\n"))].count("\n"))
    # What a template leaves out leaves no hole: two paragraphs have one empty line between them.
    return " ".join(line.split()), re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def day(when: date | None) -> str:
    """A day as a letter writes it: `Monday, 30 November 2026`; empty for none. Templates have it as the filter."""
    return f"{when:%A}, {when.day} {when:%B %Y}" if when else ""


def _filled(source: str, facts: Mapping[str, object], known: tuple[str, ...], told: str, first: int = -1) -> str:
    try:
        unknown = meta.find_undeclared_variables(_environment().parse(source)) - set(known)
        if unknown:
            listed = ", ".join(known)
            raise InputError(f'The message template {told} names "{min(unknown)}"; this message knows {listed}.')
        return _environment().from_string(source).render(dict(facts))
    except TemplateSyntaxError as error:
        raise InputError(f"The message template {told}, line {error.lineno + first + 1}: {error.message}.") from error
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise InputError(f"The message template {told} cannot be filled in: {str(error).rstrip('.')}.") from error


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    # Plain text: there is no markup to escape. The sandbox keeps a reworded template to the values it is given.
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"count": counted, "day": day}
    return made
