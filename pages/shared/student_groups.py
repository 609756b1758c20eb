"""A group of students brought along from another page: what the Students page shows until the group is let go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.shared import state, widgets
from roster_core.coverage import STATUS_NAMES, Coverage

_STANDS = {"one": "in exactly one", "several": "in several", "none": "in none", "excused": "excused"}


@dataclass(frozen=True, eq=False)
class Group:
    """Students (int64 rows of the roster with this fingerprint), what they have in common, in words, and from where."""

    words: str
    fingerprint: str
    rows: np.ndarray
    page: str


def bring(district: str, coverage: Coverage, rows: np.ndarray, words: str, page: str = "pages/rules.py") -> None:
    """Makes these students the ones the Students page shows. The same students stay, whatever the rules become.

    `page`: where they were listed, to go back to.
    """
    state.select(_key(district), Group(words, coverage.roster.fingerprint, rows, page))
    state.forget_widget(f"{district}:find")


def brought(district: str, coverage: Coverage) -> np.ndarray | None:
    """Draws which group is shown, where its students stand now, and how to let it go; None where there is none.

    A group of an earlier roster is let go by itself: its rows are other students now.
    """
    group: Group | None = state.selection(_key(district))
    if group is None or group.fingerprint != coverage.roster.fingerprint:
        return None
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/filter_alt: **{widgets.count(len(group.rows), 'student')}** {group.words} "
            f":small[· {_standings(coverage, group.rows)}]",
            width="stretch",
        )
        widgets.link(group.page, f"Back to {group.page.removeprefix('pages/').removesuffix('.py').capitalize()}")
        st.button("Show everybody", key=f"{district}:group:off", icon=":material/close:", on_click=state.select,
                  args=(_key(district), None), help="Takes this filter away")  # fmt: skip
    return group.rows


def _standings(coverage: Coverage, rows: np.ndarray) -> str:
    """Where the group stands under the rules as they are now: `10 in exactly one, 4 in several`."""
    counts = {name: int((coverage.status[rows] == code).sum()) for code, name in STATUS_NAMES.items()}
    told = [f"{widgets.number(counts[name])} {words}" for name, words in _STANDS.items() if counts.get(name)]
    return f"now {', '.join(told)}" if told else "now not assessed"


def _key(district: str) -> str:
    return f"group:{district}"
