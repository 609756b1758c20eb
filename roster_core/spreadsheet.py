"""What keeps a cell of a downloaded table from acting as a formula in a spreadsheet."""

from __future__ import annotations

import pandas as pd

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as texts, with an apostrophe before each cell that a spreadsheet would take for a formula."""
    texts = frame.astype("str")
    return texts.apply(lambda column: column.mask(column.str.startswith(_FORMULA), "'" + column))
