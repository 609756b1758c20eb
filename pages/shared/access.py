"""Who may see a page, and who may do what. Every page asks first, and so does every service and action.

A callback runs before its page does, so the checks in the services are the real ones; a page only hides or
switches off what would be refused.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.runtime.scriptrunner import get_script_run_ctx

from roster_core.errors import Refusal, SettingsError
from roster_core.people import Person, is_current, person_of, role_of
from roster_core.roles import Role, allows
from roster_core.settings import Settings

Made = TypeVar("Made")

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")

#: What receipts and drafts say of a person when nobody signs in: this computer serves only itself then.
LOCAL_ACTOR = "local user"

#: What each role may do beyond the one before it, as a refusal says it.
ABLE: Mapping[Role, str] = {
    "viewer": "look at districts",
    "reviewer": "change rules and pins, load rosters, keep launches and see names",
    "committer": "commit, approve and restore",
    "admin": "purge and delete",
}


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is known of the person at the screen: the [auth] table, None for none, who signed in, and from where."""

    run: object
    at: float
    auth: Mapping[str, Any] | None
    person: Person | None
    from_here: bool


_RUN = threading.local()


def require_access(role: Role = "viewer") -> None:
    """Lets the script go on only for someone who has that role; else says why, and stops it.

    With `[auth]` in Streamlit's secrets a person must have signed in lately and be on a list of the settings.
    Without it only sessions from this computer are served, and none that came through a proxy.
    """
    standing = _standing()
    if standing.auth is None:
        _require_this_computer(standing)
        return
    person = _require_person(standing.auth, standing.person)
    held = role_of(person, _settings().people)
    if held is None:
        _refuse_stranger(person)
    elif not allows(held, role):
        st.error(f"{only(role)} Nothing was changed.", icon=":material/lock:")
        st.stop()


def may(role: Role) -> bool:
    """Whether the person at the screen may do what asks for that role. Draws nothing."""
    held = current_role()
    return held is not None and allows(held, role)


def current_role() -> Role | None:
    """The role of the person at the screen; None for whom `require_access` stops. Draws nothing."""
    standing = _standing()
    if standing.auth is None:
        return "admin" if standing.from_here and not _settings().people else None
    person = standing.person
    if person is None or not is_current(person, now=datetime.now(UTC), hours=_settings().session_hours):
        return None
    return role_of(person, _settings().people)


def only(role: Role) -> str:
    """Why something is switched off for the person at the screen: `Only a committer can commit, ...; ask one.`"""
    return f"Only {'an' if role == 'admin' else 'a'} {role} can {ABLE[role]}; ask one of them."


def actor() -> str:
    """Who is at the screen, as receipts, drafts and the activity list name them."""
    person = _standing().person
    return (person.email or "signed-in user") if person is not None else LOCAL_ACTOR


def while_signed_in(make: Callable[[], Made]) -> Callable[[], Made]:
    """`make` for a thread without a session, where nobody can be asked: it refuses once this sign-in has ended.

    A download is made when it is asked for, which may be long after its button was drawn.
    """
    person = _standing().person
    hours = _settings().session_hours

    def made() -> Made:
        if person is not None and not is_current(person, now=datetime.now(UTC), hours=hours):
            raise Refusal("You signed in too long ago. Reload the page, sign in, and ask for the file again.")
        return make()

    return made


def sign_out() -> None:
    """Ends the session of whoever is at the screen, here and at the provider where it can be told."""
    st.logout()
    _RUN.standing = None


def signs_in() -> bool:
    """Whether people sign in here at all."""
    return _standing().auth is not None


def is_loopback_host(host: str) -> bool:
    """Whether a Host header (with or without a port) names this computer itself."""
    name = host.strip().lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    return name == "localhost" or _is_loopback_address(name)


def is_from_here(address: object, headers: Mapping[str, str]) -> bool:
    """Whether a session with this address (no text for the loopback) and headers comes from this computer itself."""
    if isinstance(address, str) and not _is_loopback_address(address):
        return False
    if any(headers.get(name) for name in _FORWARDED):
        return False
    # The Host header is looked at too, so that neither a tunnel nor a foreign name that resolves to 127.0.0.1 opens
    # the app; and the Origin, which is the name people typed where a proxy neither passes their host on nor says it.
    host, origin = headers.get("Host"), headers.get("Origin")
    return (host is None or is_loopback_host(host)) and (origin is None or _is_loopback_origin(origin))


def _auth() -> Mapping[str, Any] | None:
    try:
        return st.secrets.get("auth")
    except StreamlitSecretNotFoundError:
        return None


def _settings() -> Settings:
    # Imported here, because the services themselves import this module for their checks.
    from pages.shared import services

    try:
        return services.settings()
    except SettingsError as error:
        st.title("The settings are wrong")
        # Nobody can be asked to sign in yet, so away from this computer no value is shown, such as an address.
        told = error.problems if _from_this_computer() else dict.fromkeys(item.place for item in error.problems)
        st.error("\n".join(["These must be corrected first:", *(f"- {item}" for item in told)]))
        st.stop()


def _signed_in() -> Person | None:
    claims = st.user.to_dict()
    return person_of(claims) if claims.get("is_logged_in") is True else None


def _standing() -> _Standing:
    """Who is at the screen in this run of the script, looked up once a run: a page asks some thirty times."""
    run, held = get_script_run_ctx(suppress_warning=True), getattr(_RUN, "standing", None)
    # Streamlit may use one context for several runs in a row, so it is no more than a second old.
    if held is None or run is None or held.run is not run or time.monotonic() - held.at > 1:
        auth = _auth()
        held = _Standing(run, time.monotonic(), auth, None if auth is None else _signed_in(), _from_this_computer())
        _RUN.standing = held
    return held


def _require_person(auth: Mapping[str, Any], person: Person | None) -> Person:
    """Whoever signed in lately; for anybody else a page with the way in, and no further."""
    people = _settings().people
    if not people:
        st.title("Nobody may come in yet")
        st.error(
            "Sign-in is set up, but no person is named. Set ROSTER_ADMINS (and ROSTER_COMMITTERS, ROSTER_REVIEWERS, "
            "ROSTER_VIEWERS) to e-mail addresses or @domain in .streamlit/secrets.toml, then reload this page."
        )
        st.stop()
    if person is None:
        st.title("Sign in")
        st.write("This app holds children's data. Sign in to go on.")
    elif not is_current(person, now=datetime.now(UTC), hours=_settings().session_hours):
        st.title("Sign in again")
        st.write("You signed in too long ago. Nothing is lost: sign in to go on.")
    else:
        return person
    named = [name for name, table in auth.items() if isinstance(table, Mapping) and name != "client_kwargs"]
    # A table of providers has a button each; one that is a provider itself has one.
    for name in (named if "client_id" not in auth else []) or [""]:
        label = f"Sign in with {name.title()}" if name else "Sign in"
        st.button(label, type="primary", on_click=st.login, args=(name,) if name else (), key=f"sign_in_{name}")
    st.stop()


def _refuse_stranger(person: Person) -> None:
    st.title("Not on the list")
    who = f"`{person.email.replace('`', '')}`" if person.email else "somebody without an e-mail address"
    st.error(f"You are signed in as {who}, who may not use this app.")
    if not person.email or not person.verified:
        st.write("Your provider gives no e-mail address that it has verified. Ask whoever set sign-in up for this app.")
    else:
        st.write("Ask an admin of this app to add your address to its settings, or sign out and use another account.")
    st.button("Sign out", type="primary", on_click=sign_out, key="sign_out_stranger")
    st.stop()


def _require_this_computer(standing: _Standing) -> None:
    if _settings().people:
        st.title("Sign-in is not finished")
        st.error(
            "People are named in the settings, but there is no [auth] in .streamlit/secrets.toml, so nobody can sign "
            "in. Set it up (docs/sign-in.md), or take the people out of the settings."
        )
        st.stop()
    if not standing.from_here:
        st.title("Not open here")
        st.error(
            "Sign-in is not set up, so this app answers only on the computer it runs on. "
            "Open it there at http://127.0.0.1, or set up [auth] in .streamlit/secrets.toml."
        )
        st.stop()


def _from_this_computer() -> bool:
    # Streamlit gives None for a session from the loopback; its test runner, which has no connection, gives no text.
    return is_from_here(st.context.ip_address, st.context.headers)


def _is_loopback_origin(origin: str) -> bool:
    try:
        name = urlsplit(origin).hostname or ""
    except ValueError:
        return False
    return name == "localhost" or _is_loopback_address(name)


def _is_loopback_address(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
