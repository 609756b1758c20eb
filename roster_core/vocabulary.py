"""The trade's own words: grades as Clever writes them, and dates as text.

Source: Clever's grade enumeration, as its users and sections pages list it, and the
OneRoster (CEDS) grade codes that districts write into files.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

#: Clever's grade words, youngest first.
GRADES: tuple[str, ...] = (
    "InfantToddler",
    "Preschool",
    "PreKindergarten",
    "TransitionalKindergarten",
    "Kindergarten",
    *(str(number) for number in range(1, 14)),
    "PostGraduate",
    "Ungraded",
    "Other",
)

GRADE_ORDER: dict[str, int] = {grade: place for place, grade in enumerate(GRADES)}

_WRITTEN_AS = {
    "infant": "InfantToddler",
    "it": "InfantToddler",
    "ps": "Preschool",
    "pr": "Preschool",
    "pk": "PreKindergarten",
    "prek": "PreKindergarten",
    "pre-k": "PreKindergarten",
    "pre k": "PreKindergarten",
    "-1": "PreKindergarten",
    "tk": "TransitionalKindergarten",
    "k": "Kindergarten",
    "kg": "Kindergarten",
    "kn": "Kindergarten",
    "kdg": "Kindergarten",
    "0": "Kindergarten",
    "00": "Kindergarten",
    "ug": "Ungraded",
    "pg": "PostGraduate",
    **{grade.lower(): grade for grade in GRADES},
    **{f"0{number}": str(number) for number in range(1, 10)},
    **{f"{number}{end}": str(number) for number, end in ((1, "st"), (2, "nd"), (3, "rd"))},
    **{f"{number}th": str(number) for number in range(4, 14)},
}


def text_array(column: pd.Series) -> pa.LargeStringArray:
    """A `str` series as one Arrow array, without a copy where pandas holds it as one already."""
    array = pa.array(column, pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def normalise_grade(raw: pd.Series) -> pd.Series:
    """Clever's grade word for each written grade; the empty text where there is none.

    Takes and gives a `str` series of equal length. `KG`, `K`, `0`, `00`, `01`, `PK` and the
    like become Clever's words. A word that is neither Clever's nor a known spelling of one
    gives the empty text: the raw value is kept beside it for the message.
    """
    codes, distinct = pd.factorize(raw)
    words = pc.utf8_lower(pc.utf8_trim_whitespace(pa.array(distinct, pa.large_string()))).to_pylist()
    known = np.array([_WRITTEN_AS.get(word, "") for word in words], dtype=object)
    return _spread(known, codes, raw.index)


def normalise_birthdate(raw: pd.Series) -> pd.Series:
    """Each written date as `YYYY-MM-DD`; the empty text where it is no real date.

    Takes and gives a `str` series of equal length. Reads `M/D/YYYY`, padded or not (Clever's
    documents and recordings show both), and ISO dates with or without a time of day.
    """
    codes, distinct = pd.factorize(raw)
    text = pc.utf8_trim_whitespace(pa.array(distinct, pa.large_string()))
    american = pc.extract_regex(text, r"^(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})$")
    iso = pc.extract_regex(text, r"^(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ].*)?$")
    both = [
        pc.fill_null(pc.coalesce(pc.struct_field(american, part), pc.struct_field(iso, part)), "")
        for part in ("year", "month", "day")
    ]
    year, month, day = (pc.utf8_lpad(part, width, "0") for part, width in zip(both, (4, 2, 2), strict=True))
    written = pc.binary_join_element_wise(year, month, day, pa.scalar("-", pa.large_string()))
    real = pd.to_datetime(pd.Series(written.to_pandas()), format="%Y-%m-%d", errors="coerce").notna().to_numpy()
    return _spread(np.where(real, written.to_numpy(zero_copy_only=False), ""), codes, raw.index)


def _spread(distinct: np.ndarray, codes: np.ndarray, index: pd.Index) -> pd.Series:
    """Distinct answers laid out over all rows again, as `str`."""
    values = pa.array(distinct, pa.large_string()).take(pa.array(codes))
    return pd.Series(pd.array(values, dtype="str"), index=index)

#: The states and territories a district can be in, as their post writes them.
US_STATES: tuple[str, ...] = tuple(
    """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
    PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI
    """.split()  # noqa: SIM905 - fifty-six words read better than fifty-six lines
)
