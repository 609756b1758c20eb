"""Who may see a page. Every page asks first, and so does every service that hands out children's data."""

from __future__ import annotations

import ipaddress

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from roster_core.roles import Role

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")

#: What receipts and drafts say of a person when nobody signs in: this computer serves only itself then.
LOCAL_ACTOR = "local user"


def require_access(role: Role = "viewer") -> None:
    """Lets the script go on only for someone who may see children's data and has that role; else says why and stops it.

    With `[auth]` in Streamlit's secrets a person must have signed in. Without it only sessions
    from this computer are served, and none that came through a proxy.
    """
    if _sign_in_configured():
        if not st.user.is_logged_in:
            st.title("Sign in")
            st.write("This app holds children's data. Sign in to go on.")
            st.button("Sign in", type="primary", on_click=st.login)
            st.stop()
    elif not _from_this_computer():
        st.title("Not open here")
        st.error(
            "Sign-in is not set up, so this app answers only on the computer it runs on. "
            "Open it there at http://127.0.0.1, or set up [auth] in .streamlit/secrets.toml."
        )
        st.stop()


def actor() -> str:
    """Who is at the screen, as receipts, drafts and the activity list name them."""
    if _sign_in_configured() and st.user.is_logged_in:
        return str(st.user.get("email") or st.user.get("name") or "signed-in user")
    return LOCAL_ACTOR


def is_loopback_host(host: str) -> bool:
    """Whether a Host header (with or without a port) names this computer itself."""
    name = host.strip().lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    return name == "localhost" or _is_loopback_address(name)


def _sign_in_configured() -> bool:
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


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
