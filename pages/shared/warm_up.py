"""What a browser may fetch while the first page is read."""

from __future__ import annotations

import streamlit as st

_NOTHING = {"mark": "point", "data": {"values": []}, "width": 1, "height": 1}


def charts() -> None:
    """Has the browser fetch the library that draws charts, some 800 kB, before a page waits for it.

    Streamlit fetches it with the first chart of a tab; this one shows nothing, to nobody.
    """
    with st.container(key="warm_up_charts"):
        st.html("<style>.st-key-warm_up_charts {display: none}</style>")
        st.vega_lite_chart(_NOTHING, key="warm_up_chart", alt="Nothing")
