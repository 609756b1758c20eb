"""The rules the app proposes: found in a job, shown as a sentence with its numbers, taken with one click."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

import streamlit as st

from pages.shared import frame, rule_differences, services, state, widgets
from pages.shared.frame import OpenDistrict
from roster_core.roster import Progress, Roster
from roster_core.rules import RuleSet
from roster_core.suggest import Suggestion, suggest_rules

_KIND = "suggest"


def wanted(opened: OpenDistrict) -> bool:
    """Whether the page should open on suggestions: nobody has made a rule yet, or somebody asked for them."""
    fresh = not opened.draft.rules and opened.saved is None
    return bool(state.selection(f"suggest:{opened.district_id}", fresh))


def ask(opened: OpenDistrict) -> None:
    """Draws the button that shows the suggestions."""
    district = opened.district_id
    st.button("Suggest …", icon=":material/lightbulb:", key=f"{district}:suggest:ask", on_click=_show,
              args=(district, True))  # fmt: skip


def found(opened: OpenDistrict) -> list[Suggestion]:
    """What the last search proposed for this roster and scope, best first; nothing where none has ended."""
    held = services.job(_KIND, opened.district_id)
    done = held is not None and held.state == "done" and held.result[0] == _scope(opened)
    return held.result[1] if held is not None and done else []


def taken(draft: RuleSet, rule_set: RuleSet) -> RuleSet:
    """The draft with the rules of another set; its name, who is assessed, pins and examples stay as they are."""
    return replace(draft, rules=rule_set.rules, resolve=rule_set.resolve)


def draw(opened: OpenDistrict) -> None:
    """Draws the search's progress, then the best suggestion; the others on request."""
    district, draft, scope = opened.district_id, opened.draft, _scope(opened)
    held = services.job(_KIND, district)
    if held is None or (held.state == "done" and held.result[0] != scope):
        services.put_away_job(_KIND, district)
        held = services.start_job(_KIND, district, _search(opened.roster, draft, scope))
    if held.running:
        with st.container(border=True):
            _watch(district)
            # Beside the part that repaints itself: a click on what is inside it could be lost when the search ends.
            with st.container(horizontal=True):
                st.button("Stop looking", key=f"{district}:suggest:stop", on_click=services.cancel_job,
                          args=(_KIND, district))  # fmt: skip
                _own(district)
    elif held.error is not None:
        widgets.show_error(held.error)
        with st.container(horizontal=True):
            st.button("Look again", key=f"{district}:suggest:again", on_click=services.put_away_job,
                      args=(_KIND, district))  # fmt: skip
            _own(district)
    else:
        _found(opened, held.result[1])


def _found(opened: OpenDistrict, proposed: list[Suggestion]) -> None:
    district = opened.district_id
    with st.container(border=True):
        if proposed:
            _best(opened, proposed)
        else:
            st.markdown("**No filter on these fields puts students in exactly one section.**")
            st.write("Build rules by hand, or ask the district which sections hold one class each.")
            _own(district, first=True)
    if not state.selection(f"suggest-others:{district}", False):
        return
    if len(proposed) > 1:
        st.caption("Rules that keep whole classes, as homerooms are, come before rules that keep lessons.")
    for place, suggestion in enumerate(proposed[1:], start=2):
        with st.container(border=True):
            _sentence(suggestion)
            with st.container(horizontal=True):
                st.button("Try", key=f"{district}:suggest:use:{place}", on_click=_use,
                          args=(district, suggestion.rule_set),
                          help=f"Suggestion {place} becomes the draft. Undo takes it back.")  # fmt: skip
                _compare(district, place)
            _compared(opened, suggestion, place)


@st.fragment(run_every=0.5)
def _watch(district: str) -> None:
    held = services.job(_KIND, district)
    if held is None or not held.running:
        st.rerun()
    share = held.done / held.total if held.total else 0.0
    st.progress(min(share, 1.0), text=f"{held.what or 'Looking for the best rules'} …")


def _best(opened: OpenDistrict, proposed: list[Suggestion]) -> None:
    district = opened.district_id
    _sentence(proposed[0])
    with st.container(horizontal=True):
        st.button("Use this", type="primary", key=f"{district}:suggest:use:1", on_click=_use,
                  args=(district, proposed[0].rule_set))  # fmt: skip
        shown = state.selection(f"suggest-others:{district}", False)
        if len(proposed) > 1:
            label = "Hide others" if shown else f"See {widgets.count(len(proposed) - 1, 'other')}"
            st.button(label, key=f"{district}:suggest:others", on_click=state.select,
                      args=(f"suggest-others:{district}", not shown))  # fmt: skip
        _own(district)
        _compare(district, 1)
    _compared(opened, proposed[0], 1)


def _compare(district: str, place: int) -> None:
    held = f"suggest-compare:{district}"
    shown = state.selection(held) == place
    st.button("Hide comparison" if shown else "Compare", key=f"{district}:suggest:compare:{place}",
              help=f"What suggestion {place} would change against your draft", on_click=state.select,
              args=(held, None if shown else place))  # fmt: skip


def _compared(opened: OpenDistrict, suggestion: Suggestion, place: int) -> None:
    if state.selection(f"suggest-compare:{opened.district_id}") != place:
        return
    after = services.coverage(opened.roster, frame.finished(taken(opened.draft, suggestion.rule_set)))
    rule_differences.draw(
        opened.district_id, ("Draft", opened.coverage), (f"Suggestion {place}", after),
        key=f"{opened.district_id}:suggest:compared:{place}",
    )  # fmt: skip


def _sentence(suggestion: Suggestion) -> None:
    one, whole = suggestion.one, suggestion.in_scope
    st.markdown(f"**{widgets.plain(suggestion.name)}**")
    st.progress(
        one / whole if whole else 0.0,
        text=f"**{widgets.number(one)} of {widgets.number(whole)}** students in exactly one kept section "
        f"({widgets.percent(one, whole)}) · {widgets.number(suggestion.none)} in none · "
        f"{widgets.number(suggestion.several)} in several · {widgets.count(len(suggestion.rule_set.rules), 'rule')}",
    )
    in_order = suggestion.rule_set.resolve == "first"
    lines = [widgets.plain(rule.describe()) for rule in suggestion.rule_set.rules]
    st.markdown("\n".join(f"{'1.' if in_order else '-'} {line}" for line in lines))
    if in_order:
        st.markdown("In this order: a student in several keeps the section of the earliest rule.")
    # The first sentence is the numbers, which stand above; the last tells whether the district can type the rules.
    st.caption("  \n".join(widgets.plain(sentence) for sentence in suggestion.sentences[1:]))


def _own(district: str, *, first: bool = False) -> None:
    label = "Back to my rules" if state.draft(district).rules else "Build my own"
    st.button(label, type="primary" if first else "secondary", key=f"{district}:suggest:own",
              on_click=_show, args=(district, False))  # fmt: skip


def _scope(opened: OpenDistrict) -> tuple[Hashable, ...]:
    draft = opened.draft
    return opened.roster.fingerprint, draft.assessed_grades, draft.assessed_schools


def _search(roster: Roster, draft: RuleSet, scope: Hashable) -> Callable[[Progress], object]:
    """The work of the job; its result names the scope it holds for, so that a later look knows it is out of date."""
    grades, schools = draft.assessed_grades, draft.assessed_schools

    def work(progress: Progress) -> tuple[Hashable, list[Suggestion]]:
        return scope, suggest_rules(roster, grades=grades, schools=schools, progress=progress)

    return work


def _show(district: str, shown: bool) -> None:
    state.select(f"suggest:{district}", shown)


def _use(district: str, rule_set: RuleSet) -> None:
    state.set_draft(district, taken(state.draft(district), rule_set), "use a suggestion")
    _show(district, False)
