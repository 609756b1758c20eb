"""Who signed in, for how long that counts, and what they may do here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from roster_core.roles import Role, allows

#: How far the provider's clock may be ahead of ours.
_CLOCKS_APART: Final = timedelta(minutes=5)

_DOMAIN_SIGNS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the provider names them. `since` is when they signed in, None where it does not say."""

    email: str
    verified: bool = True
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Who may come in, and as what.

    `roles`: address or `@domain` in lower case -> role. An address counts more than its domain.
    `domains`: if any, nobody of another one comes in, whatever `roles` says.
    """

    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    domains: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.roles)

    @property
    def committers(self) -> frozenset[str]:
        """The addresses and `@domain`s that may commit."""
        return frozenset(entry for entry, role in self.roles.items() if allows(role, "committer"))

    @property
    def several_committers(self) -> bool:
        """Whether more than one person may commit; a whole domain counts as several."""
        return len(self.committers) > 1 or any(entry.startswith("@") for entry in self.committers)


def role_of(person: Person, people: People) -> Role | None:
    """The role of somebody who signed in; None where they may not come in.

    Case is ignored, a domain is matched whole, and an address the provider has not verified is nobody's.
    """
    email = plain_address(person.email)
    if not email or not person.verified:
        return None
    domain = email.partition("@")[2]
    if people.domains and domain not in people.domains:
        return None
    return people.roles.get(email) or people.roles.get(f"@{domain}")


def plain_address(text: str) -> str:
    """An e-mail address in lower case; '' where the text is none, or one that could be taken for another.

    Only ASCII: letters that lower-case to an ASCII one (the Kelvin sign) must not open a domain.
    """
    email = text.strip()
    name, at, domain = email.partition("@")
    if not (email.isascii() and email.isprintable() and name and at) or set(email) & set(' ,;<>()"'):
        return ""
    return email.lower() if is_domain(domain) else ""


def is_domain(text: str) -> bool:
    """Whether the text is a host name with a dot in it, in ASCII, as an address has it after its @."""
    parts = text.lower().split(".")
    return set(text.lower()) <= _DOMAIN_SIGNS and len(parts) > 1 and all(parts)


def person_of(claims: Mapping[str, object]) -> Person:
    """The person an OpenID provider's claims describe.

    `email_verified` counts as given where it is missing (Entra has none). Entra's `xms_edov` says the same of the
    address's domain.
    """
    told = [claims[name] for name in ("email_verified", "xms_edov") if name in claims]
    return Person(plain_address(str(claims.get("email") or "")), all(map(_is_yes, told)), _moment(claims.get("iat")))


def is_current(person: Person, *, now: datetime, hours: float) -> bool:
    """Whether it is at most so many hours since the person signed in. False where that is unknown or still to come."""
    return person.since is not None and person.since - _CLOCKS_APART <= now < person.since + timedelta(hours=hours)


def _is_yes(value: object) -> bool:
    return value is True or str(value).lower() in ("true", "1")


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
