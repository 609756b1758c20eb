"""What the browser may fetch, and the server read, while the first page is looked at."""

from __future__ import annotations

import threading
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

import streamlit as st

from pages import shared

_NOTHING = {"mark": "point", "data": {"values": []}, "width": 1, "height": 1}


def charts() -> None:
    """Has the browser fetch the library that draws charts, some 800 kB, before a page waits for it.

    Streamlit fetches it with the first chart of a tab; this one shows nothing, to nobody.
    """
    with st.container(key="warm_up_charts"):
        st.html("<style>.st-key-warm_up_charts {display: none}</style>")
        st.vega_lite_chart(_NOTHING, key="warm_up_chart", alt="Nothing")


@cache
def pages() -> None:
    """Has the server read the code of every page, once: a tenth of a second that the first visit of each would wait."""
    threading.Thread(target=_read, name="reading pages", daemon=True).start()


def _read() -> None:
    for module in walk_packages(shared.__path__, f"{shared.__name__}."):
        import_module(module.name)
