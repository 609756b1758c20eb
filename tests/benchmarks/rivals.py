"""The same answer asked of Polars, DuckDB and pandas, each written as its own documentation would.

The work: keep the sections whose name contains one of two words, unless it contains one of two
others; then count, over all students, who has none, one or several kept enrollments. Names are
lower-cased and codes are integers beforehand for everybody.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from roster_core.coverage import evaluate
from roster_core.roster import Roster
from roster_core.rules import RuleSet

Counts = tuple[int, int, int]


def contenders(roster: Roster) -> dict[str, Callable[[RuleSet], Counts]]:
    """A function from a two-rule set to (none, one, several) for each contender, its data prepared."""
    names = roster.sections["section_name"].str.lower()
    section = np.arange(len(names), dtype=np.int32)
    enrolled = {"student": roster.enrollments.student, "section": roster.enrollments.section}
    students = len(roster.students)
    frames = pd.DataFrame({"section": section, "name": names}), pd.DataFrame(enrolled)
    return {
        "evaluate": _ours(roster),
        "Polars": _polars(pl.DataFrame({"section": section, "name": names.tolist()}), pl.DataFrame(enrolled), students),
        "DuckDB": _duckdb(*frames, students),
        "pandas": _pandas(*frames, students),
    }


def _ours(roster: Roster) -> Callable[[RuleSet], Counts]:
    def answer(rules: RuleSet) -> Counts:
        covered = evaluate(roster, rules)
        return covered.none, covered.one, covered.several

    return answer


def _words(rules: RuleSet) -> tuple[tuple[str, ...], tuple[str, ...]]:
    keep, drop = rules.rules
    return keep.when[0].values, drop.when[0].values


def _polars(sections: pl.DataFrame, enrolled: pl.DataFrame, students: int) -> Callable[[RuleSet], Counts]:
    def answer(rules: RuleSet) -> Counts:
        keep, drop = _words(rules)
        name = pl.col("name").str
        wanted = pl.any_horizontal(name.contains(word, literal=True) for word in keep)
        refused = pl.any_horizontal(name.contains(word, literal=True) for word in drop)
        kept = sections.lazy().filter(wanted & ~refused).select("section")
        held = enrolled.lazy().join(kept, on="section", how="semi").group_by("student").len().collect()
        one = int((held["len"] == 1).sum())
        return students - len(held), one, len(held) - one

    return answer


def _duckdb(sections: pd.DataFrame, enrolled: pd.DataFrame, students: int) -> Callable[[RuleSet], Counts]:
    connection = duckdb.connect()
    for name, frame in (("sections", sections), ("enrolled", enrolled)):
        connection.register("given", frame)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        connection.unregister("given")

    def answer(rules: RuleSet) -> Counts:
        keep, drop = _words(rules)
        asked = """
            SELECT count(*), count(*) FILTER (held = 1) FROM (
                SELECT student, count(*) AS held FROM enrolled JOIN sections USING (section)
                WHERE (contains(name, $1) OR contains(name, $2)) AND NOT (contains(name, $3) OR contains(name, $4))
                GROUP BY student)
        """
        some, one = connection.execute(asked, [*keep, *drop]).fetchone()
        return students - some, one, some - one

    return answer


def _pandas(sections: pd.DataFrame, enrolled: pd.DataFrame, students: int) -> Callable[[RuleSet], Counts]:
    def answer(rules: RuleSet) -> Counts:
        keep, drop = _words(rules)
        name = sections["name"].str
        wanted = name.contains(keep[0], regex=False) | name.contains(keep[1], regex=False)
        refused = name.contains(drop[0], regex=False) | name.contains(drop[1], regex=False)
        kept = sections.loc[wanted & ~refused, "section"]
        held = enrolled.loc[enrolled["section"].isin(kept), "student"].value_counts()
        one = int((held == 1).sum())
        return students - len(held), one, len(held) - one

    return answer
