"""Files people take away: what they say of themselves, what keeps them harmless, and that somebody took them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.shared import services, widgets
from roster_core.spreadsheet import guarded

_WITH_NAMES = "Holds children's names. Keep it where this district's data belongs, and delete it after use."


@dataclass(frozen=True, slots=True)
class File:
    """A file somebody may take: its kind as the activity log names it, of which district, how many rows, and
    whether children's names are in it.
    """

    kind: str
    district_id: str
    rows: int = 0
    names: bool = False

    @property
    def stem(self) -> str:
        """The name it is saved under, which says what is in it and never whom it is about."""
        return f"{self.district_id}-{self.kind}-{'with-names' if self.names else 'without-names'}"


def csv_text(frame: pd.DataFrame) -> str:
    """A frame as CSV text with the columns named as people read them. No cell can act as a formula."""
    told = io.StringIO()
    guarded(frame).rename(columns=widgets.COLUMN_LABELS).to_csv(told, index=False, lineterminator="\n")
    return told.getvalue()


def csv_button(file: File, make: Callable[[], pd.DataFrame], label: str, *, key: str) -> None:
    """Draws the download of a frame; it is made, and the taking written down, when it is asked for."""
    button(file, lambda: csv_text(make()), label, ending="csv", mime="text/csv", key=key)


def button(file: File, make: Callable[[], str | bytes], label: str, *, ending: str, mime: str, key: str) -> None:
    """Draws a download; the file is made, and who took it written down, when it is asked for. Nothing is repainted."""
    st.download_button(
        label,
        data=services.recorded(file.district_id, file.kind, make, rows=file.rows, names=file.names),
        file_name=f"{file.stem}.{ending}",
        mime=mime,
        icon=":material/download:",
        key=key,
        on_click="ignore",
        help=_WITH_NAMES if file.names else None,
    )
