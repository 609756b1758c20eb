"""Charts: what they hold, what they do not hold, and the words beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from roster_core import charts
from roster_core.coverage import Coverage, evaluate
from roster_core.rules import Condition, Pin, Rule, RuleSet
from roster_core.sample import sample_district


@pytest.fixture(scope="module", name="coverage")
def _coverage() -> Coverage:
    roster = sample_district(students=400)
    rules = (Rule("keep", (Condition("section_name", "contains", ("Homeroom", "Math")),)),)
    return evaluate(roster, RuleSet(rules=rules, pins=(Pin(roster.students["student_id"][0], None),)))


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, as the contrast rules define it."""
    channels = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_colour_is_seen_on_white() -> None:
    """Each piece of a bar has a contrast of 3:1 or better with the page."""
    assert all(contrast(colour, "#ffffff") >= 3 for colour in charts.STATUS_COLOURS.values())


def test_the_axes_are_read_on_white(coverage: Coverage) -> None:
    """Axis labels have a contrast of 4.5:1 or better, which Streamlit's own grey has not."""
    picture = charts.stacked_bars(coverage.by_grade(), "grade").to_dict()
    assert contrast(picture["config"]["axis"]["labelColor"], "#ffffff") >= 4.5


@pytest.mark.parametrize("by", ["grade", "school_name"])
def test_bars_hold_the_counts(coverage: Coverage, by: str) -> None:
    """The pieces of all bars together are the students of each standing, and no row is a student."""
    counts = coverage.by_grade() if by == "grade" else coverage.by_school()
    rows = charts.stacked_bars(counts, by).data
    sums = rows.groupby("status")["students"].sum()
    assert {name: int(sums[name]) for name in charts.STATUS_COLOURS} == {
        name: int(counts[name].sum()) for name in charts.STATUS_COLOURS
    }
    assert len(rows) <= 4 * len(counts) + 1
    assert not {"student_id", "first_name", "last_name"} & set(rows.columns)


def test_pieces_of_a_bar_stand_side_by_side(coverage: Coverage) -> None:
    """Each piece begins where the last one ended, and the last ends at the bar's whole."""
    counts = coverage.by_grade()
    rows = charts.stacked_bars(counts, "grade").data.iloc[: 4 * len(counts)]
    assert (rows["stop"] - rows["start"] == rows["students"]).all()
    assert rows.groupby("grade")["stop"].max().sort_index().to_list() == (
        counts.set_index("grade")["in_scope"].sort_index().to_list()
    )


def test_only_the_unsettled_can_be_drawn(coverage: Coverage) -> None:
    """On request the bars hold none and several only, so that few among many are seen."""
    rows = charts.stacked_bars(coverage.by_grade(), "grade", only_unsettled=True).data
    assert set(rows["status"]) == {"none", "several"}


def test_a_click_tells_school_or_grade_and_standing(coverage: Coverage) -> None:
    """The bars carry a selection under the agreed name, over the raw grade and the status."""
    picture = charts.stacked_bars(coverage.by_grade(), "grade").to_dict()
    assert picture["params"][0]["name"] == charts.PICK
    assert picture["params"][0]["select"]["fields"] == ["grade", "status"]


def test_grades_stand_in_school_order() -> None:
    """Kindergarten comes before 1, 10 after 9, and no grade last."""
    zero = {"in_scope": 1, "none": 0, "one": 1, "several": 0, "excused": 0}
    counts = pd.DataFrame([{"grade": grade, **zero} for grade in ("10", "", "Kindergarten", "9", "1")])
    assert charts.worst_first(counts, "grade")["grade"].to_list() == ["Kindergarten", "1", "9", "10", ""]


def test_the_worst_schools_are_drawn() -> None:
    """Of many schools those with most unsettled students are drawn; the table beside has all."""
    counts = pd.DataFrame({"school_name": [f"S{n}" for n in range(100)], "none": range(100), "several": 0})
    assert charts.worst_first(counts, "school_name")["school_name"].to_list()[:2] == ["S99", "S98"]
    assert len(charts.worst_first(counts, "school_name")) == charts.BAR_LIMIT


def test_the_histogram_counts_who_is_in_scope_and_not_excused(coverage: Coverage) -> None:
    """Its columns add up to none, one and several."""
    counts = charts.section_counts(coverage)
    assert int(counts["students"].sum()) == coverage.none + coverage.one + coverage.several
    assert int(counts.loc[counts["sections"] == "1", "students"].iloc[0]) == coverage.one
    assert charts.section_histogram(counts).to_dict()["layer"]


def test_many_sections_share_the_last_column() -> None:
    """Eight and more are one column, under the name that chooses them."""
    assert charts.section_labels(np.array([0, 8, 30])).tolist() == ["0", "8 or more", "8 or more"]


def test_the_map_rounds_down() -> None:
    """A cell says 100 only where nobody is left over."""
    counts = pd.DataFrame(
        {"school_id": ["a"], "school_name": ["A"], "grade": ["1"], "in_scope": [1000], "none": [1], "one": [999],
         "several": [0], "excused": [0]}
    )  # fmt: skip
    assert charts.coverage_map(counts).data["text"].to_list() == [99]
    assert charts.coverage_map(counts).to_dict()["layer"]


def test_the_map_is_a_table_too() -> None:
    """A row a school, worst first, a column a grade; a cell with nobody to ask for is empty, also in the picture."""
    columns = ["school_id", "school_name", "grade", "in_scope", "none", "one", "several", "excused"]
    rows = [
        ("a", "A", "Kindergarten", 10, 0, 10, 0, 0),
        ("b", "B", "Kindergarten", 10, 0, 9, 0, 1),
        ("b", "B", "2", 1000, 1, 999, 0, 0),
        ("a", "A", "10", 2, 0, 0, 0, 2),
    ]
    counts = pd.DataFrame(rows, columns=columns)
    table = charts.map_table(counts)
    assert list(table.columns) == ["school_name", "K", "2", "10"]
    assert table.to_numpy().tolist() == [
        ["B", "100 % (9 of 9)", "99 % (999 of 1000)", ""],
        ["A", "100 % (10 of 10)", "", ""],
    ]
    assert len(charts.coverage_map(counts).data) == 3
    assert charts.map_table(counts.head(0)).empty


def test_every_picture_has_its_sentence(coverage: Coverage) -> None:
    """The words beside a picture give its whole and its worst part."""
    assert f"{coverage.one:,} of {coverage.in_scope:,} students" in charts.bars_text(coverage.by_grade(), "grade")
    assert "Most others are in grade" in charts.bars_text(coverage.by_grade(), "grade")
    assert "students" in charts.histogram_text(charts.section_counts(coverage)).lower()
    assert "cells are complete" in charts.map_text(coverage.by_school_grade())


def test_nobody_in_scope_is_an_empty_picture(coverage: Coverage) -> None:
    """A scope without students draws nothing and breaks nothing."""
    empty = evaluate(coverage.roster, RuleSet(assessed_schools=("nowhere",)))
    assert charts.stacked_bars(empty.by_grade(), "grade").to_dict()["layer"]
    assert charts.section_counts(empty)["students"].sum() == 0
    assert charts.coverage_map(empty.by_school_grade()).to_dict()["layer"]
    assert "0 of 0" in charts.bars_text(empty.by_grade(), "grade")
