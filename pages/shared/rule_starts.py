"""Rules to start from: common rule sets, and those of other districts, each with how well it fits here first."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.shared import rule_insights, services, state, suggestions, widgets
from pages.shared.frame import OpenDistrict
from roster_core.library import FINDS, LIBRARY, Carried, Fit, carry_over
from roster_core.rules import RuleSet

_WHEN = {known.name: known.when for known in LIBRARY}


def panel(opened: OpenDistrict) -> None:
    """Draws the panel of rules to start from; how they fit is found only while it is open."""
    box = st.expander("Start from common rules or another district's", key=f"{opened.district_id}:starts",
                      on_change="rerun")  # fmt: skip
    if not box.open:
        return
    with box:
        _common(opened)
        _elsewhere(opened)


def carried(draft: RuleSet, theirs: RuleSet, opened: OpenDistrict) -> Carried:
    """Another district's rules as this one would take them: its own scope, pins and examples stay as they are."""
    ready = carry_over(theirs, opened.roster)
    notes = tuple(note for note in ready.notes if not note.startswith("The assessed schools"))
    return Carried(suggestions.taken(draft, ready.rule_set), notes)


def fit_table(fits: list[Fit]) -> str:
    """How rule sets fit, a row each, as a table in Markdown: students in exactly one, none and several, and the share.

    Markdown stands at once; a grid takes longer to arrive than all else in this panel.
    """
    lines = ["| Common rules | In one | In none | In several | Share |", "|:--|--:|--:|--:|--:|"]
    for item in fits:
        counts = (widgets.number(count) for count in (item.one, item.none, item.several))
        share = widgets.percent(item.one, item.in_scope).replace(" ", "\u00a0")
        lines.append(" | ".join(("", widgets.plain(item.rule_set.name), *counts, share, "")).strip())
    return "\n".join(lines)


def _common(opened: OpenDistrict) -> None:
    district = opened.district_id
    st.markdown("**Common rules**, best fitting first")
    fits = rule_insights.common_fits(opened.roster, opened.draft)
    st.markdown(fit_table(fits))
    names = [item.rule_set.name for item in fits]
    chosen = st.selectbox("Common rules to start from", names, key=f"{district}:starts:choice", width=320)
    item = fits[names.index(chosen)]
    st.caption(widgets.plain(_WHEN.get(chosen, "")))
    _told(item.rule_set, item, ())
    wanted = suggestions.taken(opened.draft, item.rule_set)
    _take(opened, wanted, f"start from {chosen}", f"Start from “{chosen}”", f"{district}:starts:take")


def _elsewhere(opened: OpenDistrict) -> None:
    district = opened.district_id
    st.markdown("**Another district's rules**")
    known = {
        info.district_id: info.district_name or info.district_id
        for info in services.rosters()
        if info.district_id != district and services.saved_rules(info.district_id) is not None
    }
    if not known:
        st.caption("No other district has saved rules yet.")
        return
    chosen = st.selectbox("Take the rules of", list(known), format_func=lambda key: known[key], width=320,
                          key=f"{district}:starts:district")  # fmt: skip
    saved = services.saved_rules(chosen)
    if saved is None:
        return
    ready = carried(opened.draft, saved.rule_set, opened)
    st.caption(f"{widgets.plain(saved.rule_set.name or 'Rules')} v{saved.version}, {widgets.clock(saved.saved_at)}")
    # Judged without this district's own decisions by hand, which would flatter the rules.
    _told(ready.rule_set, rule_insights.fit_of(opened.roster, replace(ready.rule_set, pins=())), ready.notes)
    _take(opened, ready.rule_set, f"take the rules of {known[chosen]}", f"Take the rules of {known[chosen]}",
          f"{district}:starts:carry")  # fmt: skip


def _told(rule_set: RuleSet, item: Fit, notes: tuple[str, ...]) -> None:
    """The rules in words, how they fit, and what to look at."""
    lines = [widgets.plain(rule.describe()) for rule in rule_set.rules]
    asked = [value for rule in rule_set.rules for part in rule.when if part.op == "matches" for value in part.values]
    known = [value for value in dict.fromkeys(asked) if value in FINDS]
    for value in known:
        which = "The expression" if len(known) == 1 else f'"{value}"'
        lines.append(widgets.plain(f"{which} {FINDS[value]}."))
    lines += [f"**{widgets.plain(item.sentences()[0])}**", *(widgets.plain(line) for line in item.sentences()[1:])]
    st.markdown("\n".join(f"- {line}" for line in (*lines, *(widgets.plain(note) for note in notes))))


def _take(opened: OpenDistrict, wanted: RuleSet, what: str, label: str, key: str) -> None:
    same = wanted == opened.draft
    st.button(
        widgets.plain(label), key=key, disabled=same, on_click=state.set_draft,
        args=(opened.district_id, wanted, what),
        help="These are the rules of the draft." if same else "They take the place of the draft's rules; decisions "
        "by hand, examples and who is assessed stay. Undo brings the draft's rules back.",
    )  # fmt: skip
