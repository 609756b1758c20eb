"""Buttons that open what belongs to them below themselves, as the next stop of Tab; one of a district at a time.

Streamlit's popovers are the last stops of the page, and its menu button cannot be used from the keyboard.
"""

from __future__ import annotations

import streamlit as st

from pages.shared import icons, state


def button(district: str, key: str, label: str, *, quiet: bool = True, icon: str | None = None) -> bool:
    """Draws the button; gives whether what it opens is to be drawn, below it."""
    held = _held(district)
    is_open = state.selection(held) == key
    mark = icons.mark("less", "open") if is_open else icons.mark("down", "closed")
    kind = "tertiary" if quiet else "secondary"
    turned = None if is_open else key
    st.button(f"{label} {mark}", key=key, type=kind, icon=icon, on_click=state.select, args=(held, turned))
    return is_open


def close(district: str) -> None:
    """Closes what is open in a district."""
    state.select(_held(district), None)


def _held(district: str) -> str:
    return f"fold-out:{district}"
