"""Who may see a page, and who may do what. Every page asks first, and so does every service and action.

A callback runs before its page does, so the checks in the services are the real ones; a page only hides or
switches off what would be refused.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

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
    "reviewer": "change rules and pins, load rosters and see names",
    "committer": "commit, approve and restore",
    "admin": "purge and delete",
}


def require_access(role: Role = "viewer") -> None:
    """Lets the script go on only for someone who has that role; else says why, and stops it.

    With `[auth]` in Streamlit's secrets a person must have signed in lately and be on a list of the settings.
    Without it only sessions from this computer are served, and none that came through a proxy.
    """
    auth = _auth()
    if auth is None:
        _require_this_computer()
        return
    person = _require_person(auth)
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
    if _auth() is None:
        return "admin" if _is_served_unsigned() else None
    person = _signed_in()
    if person is None or not is_current(person, now=datetime.now(UTC), hours=_settings().session_hours):
        return None
    return role_of(person, _settings().people)


def only(role: Role) -> str:
    """Why something is switched off for the person at the screen: `Only a committer can commit, ...; ask one.`"""
    return f"Only {'an' if role == 'admin' else 'a'} {role} can {ABLE[role]}; ask one of them."


def actor() -> str:
    """Who is at the screen, as receipts, drafts and the activity list name them."""
    person = _signed_in() if _auth() is not None else None
    return (person.email or "signed-in user") if person is not None else LOCAL_ACTOR


def while_signed_in(make: Callable[[], Made]) -> Callable[[], Made]:
    """`make` for a thread without a session, where nobody can be asked: it refuses once this sign-in has ended.

    A download is made when it is asked for, which may be long after its button was drawn.
    """
    person = _signed_in() if _auth() is not None else None
    hours = _settings().session_hours

    def made() -> Made:
        if person is not None and not is_current(person, now=datetime.now(UTC), hours=hours):
            raise Refusal("You signed in too long ago. Reload the page, sign in, and ask for the file again.")
        return make()

    return made


def sign_out() -> None:
    """Ends the session of whoever is at the screen, here and at the provider where it can be told."""
    st.logout()


def signs_in() -> bool:
    """Whether people sign in here at all."""
    return _auth() is not None


def is_loopback_host(host: str) -> bool:
    """Whether a Host header (with or without a port) names this computer itself."""
    name = host.strip().lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    return name == "localhost" or _is_loopback_address(name)


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
        st.error("\n".join(["These must be corrected first:", *(f"- {item}" for item in error.problems)]))
        st.stop()


def _signed_in() -> Person | None:
    claims = st.user.to_dict()
    return person_of(claims) if claims.get("is_logged_in") is True else None


def _require_person(auth: Mapping[str, Any]) -> Person:
    """Whoever signed in lately; for anybody else a page with the way in, and no further."""
    people, person = _settings().people, _signed_in()
    if not people:
        st.title("Nobody may come in yet")
        st.error(
            "Sign-in is set up, but no person is named. Set ROSTER_ADMINS (and ROSTER_COMMITTERS, ROSTER_REVIEWERS, "
            "ROSTER_VIEWERS) to e-mail addresses or @domain, then start the app again."
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


def _require_this_computer() -> None:
    if _settings().people:
        st.title("Sign-in is not finished")
        st.error(
            "People are named in the settings, but there is no [auth] in .streamlit/secrets.toml, so nobody can sign "
            "in. Set it up (docs/sign-in.md), or take the people out of the settings."
        )
        st.stop()
    if not _from_this_computer():
        st.title("Not open here")
        st.error(
            "Sign-in is not set up, so this app answers only on the computer it runs on. "
            "Open it there at http://127.0.0.1, or set up [auth] in .streamlit/secrets.toml."
        )
        st.stop()


def _is_served_unsigned() -> bool:
    return not _settings().people and _from_this_computer()


def _from_this_computer() -> bool:
    # Streamlit gives None for a session from the loopback (its test runner, which has no connection, gives
    # no text either). The Host header is looked at too, so that neither a tunnel nor a foreign name that
    # resolves to 127.0.0.1 opens the app.
    address = st.context.ip_address
    if isinstance(address, str) and not _is_loopback_address(address):
        return False
    headers = st.context.headers
    if any(headers.get(name) for name in _FORWARDED):
        return False
    host = headers.get("Host")
    return host is None or is_loopback_host(host)


def _is_loopback_address(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
