"""The bars by grade beside the rules: the numbers of the coverage, readable without seeing them."""

from __future__ import annotations

import re

import pandas as pd
from streamlit.testing.v1 import AppTest

_COUNTS = {"in_scope": 0, "none": 0, "one": 0, "several": 0, "excused": 0}


def _drawn(*rows: dict[str, object]) -> str:
    def script(counts: object) -> None:
        from pages.shared import grade_bars

        grade_bars.draw(counts)

    page = AppTest.from_function(script, args=(pd.DataFrame([_COUNTS | row for row in rows]),)).run()
    assert not page.exception
    return page.get("html")[0].proto.body


def test_each_grade_says_its_numbers() -> None:
    """In school order, `one of all` stands beside each bar and every standing is in its description."""
    first = {"grade": "1", "in_scope": 1_200, "one": 1_000, "several": 150, "none": 40, "excused": 10}
    drawn = _drawn(first, {"grade": "Kindergarten", "in_scope": 600, "one": 600})
    assert re.findall(r'scope="row"[^>]*>([^<]*)<', drawn) == ["K", "1"]
    assert re.findall(r"[\d,]+ of [\d,]+", drawn) == ["600 of 600", "1,000 of 1,200"]
    assert 'aria-label="1,000 exactly one, 150 several, 40 none, 10 excused"' in drawn


def test_bars_share_one_scale() -> None:
    """The longest bar is the largest grade, and a piece of another is as long as its students are many."""
    drawn = _drawn({"grade": "1", "in_scope": 200, "one": 200}, {"grade": "2", "in_scope": 50, "none": 50})
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%;background", drawn)]
    assert widths == [100, 0, 0, 0, 0, 0, 25, 0]


def test_a_grade_from_the_data_is_text() -> None:
    """What a source calls a grade cannot become a tag, and nobody assessed divides nothing."""
    assert "&lt;b&gt;9&lt;/b&gt;" in _drawn({"grade": "<b>9</b>"})
