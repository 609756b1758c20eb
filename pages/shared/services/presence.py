"""Lets go of children's data in memory once nobody has the app open any more."""

from __future__ import annotations

import streamlit as st

from pages.shared.presence import Presence
from pages.shared.services.delivery import let_go_of_restores
from pages.shared.services.server import let_go_of_rosters


def present() -> None:
    """Counts this session among those that have the app open, once."""
    _visit()


def _let_go() -> None:
    let_go_of_rosters()
    let_go_of_restores()


@st.cache_resource(show_spinner=False, max_entries=1)
def _presence() -> Presence:
    return Presence(_let_go)


def _leave(token: object) -> None:
    _presence().leave(token)


@st.cache_resource(show_spinner=False, max_entries=1, scope="session", on_release=_leave)
def _visit() -> object:
    return _presence().arrive()
