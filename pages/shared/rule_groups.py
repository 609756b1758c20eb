"""Why students are still in several sections or in none: groups of them, and the rule that would settle each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared import frame, rule_insights, services, state, student_groups, widgets
from pages.shared.frame import OpenDistrict
from pages.shared.held import SHOWN_GROUPS
from roster_core.family_words import NO_SECTIONS, TIMES, combination_words
from roster_core.rules import Rule, RuleSet
from roster_core.settle import DraftedRule

#: Families of a group that are named.
_NAMED = 3

_HEADINGS = {"several": "In several kept sections", "none": "In no kept section"}
_ALONE = {
    "several": "No one rule settles these; decide by hand on the Students page.",
    "none": "No one rule settles these; look at their sections on the Students page.",
}
_TWINS = "Their rooms are shared as several sections. Choose once for each room under Twins, at the foot of Sections."
_WORDING = (
    ("sections whose section name contains ", "names with "),
    ("sections whose section name starts with ", "names that start with "),
    ("sections whose section name ends with ", "names that end with "),
    ("sections whose section name is ", "names that are "),
)


def draw(opened: OpenDistrict) -> None:
    """Draws the panel of groups; they are found, and rules drafted for them, only while it is open."""
    coverage = opened.coverage
    if not coverage.in_scope or not (coverage.none or coverage.several):
        return
    panel = st.expander("Still in several or none: why", key=f"{opened.district_id}:groups", on_change="rerun")
    if not panel.open:
        return
    with panel:
        found = rule_insights.groups(coverage)
        offered: list[DraftedRule] = []
        for kind, table in (("several", found.several), ("none", found.none)):
            if len(table):
                _kind(opened, kind, table, offered)


def taken(draft: RuleSet, found: DraftedRule) -> RuleSet:
    """The draft with a rule that was found for it. Rules still being typed, which the search did not see, stay."""
    complete = [place for place, rule in enumerate(draft.rules) if frame.finished(RuleSet(rules=(rule,))).rules]
    if found.place is None:
        return draft if found.rule is None else draft.with_rule(found.rule)
    place = complete[found.place]
    return draft.without_rule(place) if found.rule is None else draft.replace_rule(place, found.rule)


def deed(found: DraftedRule) -> str:
    """What taking a found rule does to the rules, in few words: `Drop names with "Advisory"`."""
    if found.rule is None:
        return f"Remove rule {(found.place or 0) + 1}"
    said = _short(found.rule)
    return said if found.place is None else f"Change rule {found.place + 1}: {said[:1].lower()}{said[1:]}"


def _short(rule: Rule) -> str:
    said = rule.describe().removesuffix(".")
    for long, short in _WORDING:
        said = said.replace(long, short)
    return said


def _kind(opened: OpenDistrict, kind: str, table: pd.DataFrame, offered: list[DraftedRule]) -> None:
    limit_key = f"groups:{opened.district_id}:{kind}"
    limit = state.selection(limit_key, SHOWN_GROUPS)
    total = widgets.count(int(table["students"].sum()), "student")
    st.markdown(f"**{_HEADINGS[kind]}** :small[{total} in {widgets.count(len(table), 'group')}]")
    for place, row in enumerate(table.head(limit).to_dict("records")):
        _group(opened, kind, place, row, offered)
    if len(table) > limit:
        st.button(
            f"More groups {'in several' if kind == 'several' else 'in none'}", type="tertiary",
            key=f"{opened.district_id}:groups:{kind}:more", on_click=state.select,
            args=(limit_key, limit + 2 * SHOWN_GROUPS),
        )  # fmt: skip


def _group(opened: OpenDistrict, kind: str, place: int, row: dict, offered: list[DraftedRule]) -> None:
    key, coverage = f"{opened.district_id}:group:{kind}:{place}", opened.coverage
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{widgets.number(row['students'])}** in {_words(row)}")
        if row["combination"] == NO_SECTIONS:
            st.caption("The district shared no section for them. Ask it to.")
        else:
            # Whoever is kept in two sections of one family may sit in one room that is shared as both.
            twins = kind == "several" and TIMES in row["combination"] and rule_insights.share_rooms(coverage, place)
            if twins:
                st.caption(_TWINS)
                widgets.link("pages/sections.py", "Go to Sections →")
            _offers(opened, kind, place, row["students"], offered, key, twins=twins)
        _list(opened, kind, place, row, key)


def _offers(
    opened: OpenDistrict, kind: str, place: int, students: int, offered: list[DraftedRule], key: str, *, twins: bool
) -> None:
    """Draws the rules for a group, unless one offered above settles at least half of it."""
    too = rule_insights.settled_too(opened.coverage, offered, kind, place)
    if 2 * too >= students:
        st.caption(f"A rule above settles {'all' if too == students else widgets.number(too)} of these too.")
        return
    found = rule_insights.settling(opened.coverage, kind, place)
    if not found and not twins:
        st.caption(_ALONE[kind])
    offered += found
    for number, each in enumerate(found):
        _offer(opened, each, f"{key}:take:{number}")


def _offer(opened: OpenDistrict, found: DraftedRule, key: str) -> None:
    effect = f"settles {widgets.number(found.settles)}, breaks {widgets.number(found.breaks)}"
    st.button(
        f"{widgets.plain(deed(found))}: {effect}", key=key,
        help=f"{widgets.plain(found.sentence)} Undo takes it back.", on_click=state.set_draft,
        args=(opened.district_id, taken(opened.draft, found), deed(found)), disabled=not services.may("reviewer"),
    )  # fmt: skip


def _words(row: dict) -> str:
    """A group in words: what its students are in, and for those in none where they are."""
    families = widgets.plain(combination_words(row["combination"], _NAMED))
    if "grade" not in row:
        return families
    grade = f"grade {widgets.grade_label(row['grade'])}" if row["grade"] else "no usable grade"
    where = f"{grade} · {widgets.plain(row['school_name'] or row['school_id'])}"
    return where if row["combination"] == NO_SECTIONS else f"{where} :small[shared: {families}]"


def _list(opened: OpenDistrict, kind: str, place: int, row: dict, key: str) -> None:
    """A button that opens the Students page with the students of the group."""
    if st.button(
        "List students", type="tertiary", key=f"{key}:list", on_click=_bring, args=(opened, kind, place, row),
        help=f"Students of group {place + 1} {'in several' if kind == 'several' else 'in none'}, on the Students page",
    ):  # fmt: skip
        widgets.go("pages/students.py")


def _bring(opened: OpenDistrict, kind: str, place: int, row: dict) -> None:
    rows = np.flatnonzero(rule_insights.members(opened.coverage, kind, place))
    words = f"in {_words(row)}" if kind == "several" else f"in none: {_words(row)}"
    student_groups.bring(opened.district_id, opened.coverage, rows, words)
