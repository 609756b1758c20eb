"""Settings of sign-in: who may come in, and what Streamlit's [auth] table must hold to be safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from roster_core.adapters.addresses import address_problem
from roster_core.adapters.setting_texts import SettingTexts, words
from roster_core.people import People, is_domain, plain_address
from roster_core.roles import ROLES, Role
from roster_core.wording import agreeing

#: The setting that lists the people of each role.
ROLE_SETTINGS: Final[Mapping[str, Role]] = {f"ROSTER_{role.upper()}S": role for role in reversed(ROLES)}

#: What a provider needs in [auth] or [auth.NAME].
_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
# Whoever guesses the secret writes cookies that name anybody.
_SHORTEST_SECRET = 32
_FEWEST_LETTERS = 10
# What secrets.toml.example says there: everybody can read it.
_EXAMPLE_SECRET = "at-least-32-letters-that-nobody-can-guess"
# Of an Entra tenant that is not named, anybody's own tenant may claim any address.
_ANY_TENANT = ("common", "organizations", "consumers")


def read_people(reading: SettingTexts) -> People:
    """The people of every role; problems of a list are noted at its setting."""
    domains = tuple(_domains(reading))
    roles: dict[str, Role] = {}
    for name, role in ROLE_SETTINGS.items():
        for written in words(reading.text(name)):
            entry = _entry(written)
            if not entry:
                shape = "write ada@example.org or @example.org."
                reading.say(name, f'"{written}" is neither an e-mail address nor a domain; {shape}')
            elif domains and entry.partition("@")[2] not in domains:
                reading.say(name, f'"{written}" is of a domain that ROSTER_ALLOWED_DOMAINS does not have.')
            elif roles.setdefault(entry, role) != role:
                reading.say(name, f'"{written}" is in ROSTER_{roles[entry].upper()}S too; a person has one role.')
    return People(MappingProxyType(roles), domains)


def note_auth_problems(reading: SettingTexts, auth: Any) -> None:
    """Notes what is wrong with the [auth] table (None where there is none); no message repeats a secret."""
    if auth is None:
        return
    if not isinstance(auth, Mapping):
        reading.say("[auth]", "must be a table; docs/sign-in.md shows one.")
        return
    problems = [*_shared_problems(auth)]
    providers = {name: table for name, table in auth.items() if isinstance(table, Mapping) and name != "client_kwargs"}
    if any(name in auth for name in _PROVIDER) or not providers:
        providers[""] = auth
    for name, table in providers.items():
        if "_" in name:
            problems.append((f"auth.{name}", "must have a name without an underscore; Streamlit takes none."))
        problems += [(f"auth.{name}" if name else "auth", text) for text in _provider_problems(table)]
    for place, text in problems:
        reading.say(f"[{place}]", text)


def _domains(reading: SettingTexts) -> Iterator[str]:
    for written in words(reading.text("ROSTER_ALLOWED_DOMAINS")):
        domain = written.removeprefix("@").lower()
        if is_domain(domain):
            yield domain
        else:
            reading.say("ROSTER_ALLOWED_DOMAINS", f'"{written}" is not a domain; write it like example.org.')


def _entry(written: str) -> str:
    """An entry of a people list as it is compared; '' where it is neither an address nor a domain."""
    if written.startswith("@"):
        return written.lower() if is_domain(written[1:]) else ""
    return plain_address(written)


def _shared_problems(auth: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    secret = str(auth.get("cookie_secret", ""))
    if len(secret) < _SHORTEST_SECRET or len(set(secret)) < _FEWEST_LETTERS or secret == _EXAMPLE_SECRET:
        yield "auth", (
            f"cookie_secret must have at least {_SHORTEST_SECRET} letters that nobody can guess; "
            'make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    redirect = str(auth.get("redirect_uri", ""))
    if not redirect:
        yield "auth", "redirect_uri is missing; write https://HOST/oauth2callback with the name people type."
    elif problem := address_problem(redirect.replace("{port}", "8501")):
        yield "auth", f"redirect_uri {problem}"
    elif not redirect.endswith("/oauth2callback"):
        yield "auth", "redirect_uri must end in /oauth2callback."


def _provider_problems(table: Mapping[str, Any]) -> Iterator[str]:
    missing = [name for name in _PROVIDER if not table.get(name)]
    if missing:
        yield f"{' and '.join(missing)} {agreeing(len(missing), 'are')} missing; the provider gives them."
    address = str(table.get("server_metadata_url", ""))
    if address and (problem := address_problem(address)):
        yield f"server_metadata_url {problem}"
    elif urlsplit(address).path.strip("/").partition("/")[0].lower() in _ANY_TENANT:
        yield "server_metadata_url names no tenant, so anybody's could claim any address; put your tenant's id there."
