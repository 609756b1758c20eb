"""Frames as files that people open in a spreadsheet."""

from __future__ import annotations

import io

import pandas as pd
import streamlit as st

from pages.shared import widgets

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(frame: pd.DataFrame) -> str:
    """A frame as CSV text with the columns named as people read them. No cell can act as a formula."""
    texts = frame.astype("str")
    guarded = texts.apply(lambda column: column.mask(column.str.startswith(_FORMULA), "'" + column))
    told = io.StringIO()
    guarded.rename(columns=widgets.COLUMN_LABELS).to_csv(told, index=False, lineterminator="\n")
    return told.getvalue()


def csv_button(frame: pd.DataFrame, label: str, file_name: str, *, key: str) -> None:
    """Draws the download of a frame; the file is made when it is asked for, and nothing is repainted."""
    st.download_button(
        label, data=lambda: csv_text(frame), file_name=file_name, mime="text/csv", icon=":material/download:",
        key=key, on_click="ignore",
    )  # fmt: skip
