"""The section names a draft keeps, drops, or treats otherwise than the saved rules, each with the hit marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import rule_insights, state, widgets
from roster_core.coverage import Coverage
from roster_core.matching import condition_mask, highlights
from roster_core.roster import TextColumn, fold_text, lower_text
from roster_core.rule_words import OPERATORS
from roster_core.rules import Condition, RuleSet

#: Names shown at first, and how many more each time.
SHOWN_NAMES = 25
#: Names flagged as found inside a teacher's name that are told one by one.
SHOWN_FLAGGED = 3

_VIEWS = {"kept": "Kept", "dropped": "Dropped", "changed": "Changed"}


@dataclass(frozen=True, slots=True)
class Name:
    """One distinct section name: its sections, how many are kept now, and how many were under the saved rules."""

    text: str
    sections: int
    kept: int
    before: int


def draw(district: str, coverage: Coverage, saved: Coverage | None) -> DeltaGenerator:
    """Draws the list of names: which list, a box to find one, the names, and a way to see more.

    Gives the place for `flagged`, which takes longer and is drawn once the rest of the page stands.
    """
    st.markdown("**Section names**")
    place = st.container()
    views = _VIEWS if saved is not None else {key: _VIEWS[key] for key in ("kept", "dropped")}
    view = st.segmented_control(
        "Which section names", list(views), default="kept", required=True, key=f"{district}:names:view",
        format_func=lambda key: views[key], label_visibility="collapsed",
    )  # fmt: skip
    wanted = st.text_input(
        "Find a section name", key=f"{district}:names:find", live=True, placeholder="Find a name",
        label_visibility="collapsed", autocomplete="off", icon=":material/search:",
    )  # fmt: skip
    limit = state.selection(f"names:{district}", SHOWN_NAMES)
    names, found = section_names(coverage, saved, view or "kept", wanted or "", limit)
    if not found:
        st.caption(_nothing(view or "kept", bool(wanted)))
        return place
    conditions = _marking(coverage.rule_set, view or "kept")
    st.markdown("  \n".join(_lines(names, conditions, view or "kept")))
    if found > len(names):
        st.button(
            f"Show more of {widgets.count(found, 'name')}", type="tertiary", key=f"{district}:names:more",
            on_click=state.select, args=(f"names:{district}", limit + 4 * SHOWN_NAMES),
        )  # fmt: skip
    return place


def flagged(coverage: Coverage) -> None:
    """Draws the names that rules find only inside a teacher's name, such as `home` in `Homer`, with the hit marked."""
    found = by_teacher_name(coverage)
    if not found:
        return
    first = found[:SHOWN_FLAGGED]
    conditions = [part for rule in coverage.rule_set.rules for part in rule.when if part.field == "section_name"]
    hits = [highlights(first, condition) for condition in conditions]
    lines = [f":orange[:material/flag: {widgets.count(len(found), 'name')} found only inside a teacher's name]"]
    lines += [marked(name, [span for hit in hits for span in hit[at]]) for at, name in enumerate(first)]
    if len(found) > SHOWN_FLAGGED:
        lines.append(f":small[and {widgets.number(len(found) - SHOWN_FLAGGED)} more]")
    st.markdown("  \n".join(lines))


def by_teacher_name(coverage: Coverage) -> list[str]:
    """The section names that the rules' conditions find only inside the teacher's name, in the order of the alphabet.

    A name that another condition of a rule finds elsewhere too is none of them.
    """
    roster = coverage.roster
    conditions = [
        part for rule in coverage.rule_set.rules for part in rule.when
        if part.field == "section_name" and not OPERATORS[part.op].negative and part.values
    ]  # fmt: skip
    inside, outside = (np.zeros(len(roster.sections), dtype=bool) for _ in range(2))
    for condition in conditions:
        only = rule_insights.teacher_hits(roster, condition)
        inside |= only
        outside |= condition_mask(roster, condition) & ~only
    column = roster.text("section_name")
    return sorted(column.values.take(pa.array(np.unique(column.codes[inside & ~outside]))).to_pylist())


def section_names(
    coverage: Coverage, saved: Coverage | None, view: str, wanted: str, limit: int
) -> tuple[list[Name], int]:
    """The first `limit` names of a view in the order of the alphabet, and how many there are.

    `view`: `kept` (at least one section of the name), `dropped` (none), `changed` (another number of
    kept sections than under the saved rules). `wanted` narrows them to names that contain it.
    """
    column = coverage.roster.text("section_name")
    distinct = len(column.values)
    sections = np.bincount(column.codes, minlength=distinct)
    kept = np.bincount(column.codes[coverage.section_state() == 1], minlength=distinct)
    before = kept if saved is None else np.bincount(column.codes[saved.section_state() == 1], minlength=distinct)
    chosen = {"kept": kept > 0, "dropped": kept == 0, "changed": kept != before}[view] & _containing(column, wanted)
    places = np.flatnonzero(chosen)
    names = [
        Name(column.values[place].as_py(), int(sections[place]), int(kept[place]), int(before[place]))
        for place in _first(column, places, limit)
    ]
    return names, len(places)


def marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """A name as Markdown that shows it as written, with the spans (start, stop) on a tinted ground."""
    told, at = "", 0
    for start, stop in sorted(spans):
        if start >= at and text[start:stop].strip():
            told += f"{_plain(text[at:start])}:primary-background[{_plain(text[start:stop])}]"
            at = stop
    return told + _plain(text[at:])


def _plain(text: str) -> str:
    """Like `widgets.plain`, with the blanks at the ends kept: the marked part may begin after one."""
    lead, tail = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    return " " * bool(lead) + widgets.plain(text) + " " * bool(tail and text.strip())


def _containing(column: TextColumn, wanted: str) -> np.ndarray:
    folded = lower_text(fold_text(pa.array([wanted], pa.large_string())))[0].as_py()
    if not folded:
        return np.ones(len(column.values), dtype=bool)
    return pc.match_substring(column.lowered, pattern=folded).to_numpy(zero_copy_only=False)


def _first(column: TextColumn, places: np.ndarray, limit: int) -> list[int]:
    """The places of the first texts in the order of the alphabet; all of thirty thousand are not sorted for it."""
    texts = column.lowered.take(pa.array(places))
    count = min(limit, len(places))
    order = pc.select_k_unstable(texts, k=count, sort_keys=[("", "ascending")]) if count else pa.array([], pa.int64())
    return places[order.to_numpy()].tolist()


def _marking(rule_set: RuleSet, view: str) -> list[Condition]:
    """The conditions whose hits are marked: of keep rules among the kept, of drop rules among the dropped."""
    doings = {"kept": ("keep",), "dropped": ("drop",), "changed": ("keep", "drop")}[view]
    rules = [rule for rule in rule_set.rules if rule.do in doings]
    return [condition for rule in rules for condition in rule.when if condition.field == "section_name"]


def _lines(names: Sequence[Name], conditions: Sequence[Condition], view: str) -> list[str]:
    texts = [name.text for name in names]
    hits = [highlights(texts, condition) for condition in conditions]
    lines = []
    for place, name in enumerate(names):
        text = marked(name.text, [span for hit in hits for span in hit[place]]) or "(no name)"
        lines.append(f"{text}{_amount(name, view)}")
    return lines


def _amount(name: Name, view: str) -> str:
    if view == "changed":
        change = name.kept - name.before
        return f" :small[{'kept' if change > 0 else 'no longer kept'}: {widgets.count(abs(change), 'section')}]"
    if 0 < name.kept < name.sections:
        return f" :small[{widgets.number(name.kept)} of {widgets.count(name.sections, 'section')}]"
    return f" :small[{widgets.count(name.sections, 'section')}]" if name.sections > 1 else ""


def _nothing(view: str, searched: bool) -> str:
    if searched:
        return "No such name in this list."
    return {"kept": "No section is kept.", "dropped": "No section is dropped.", "changed": "Nothing changed."}[view]
