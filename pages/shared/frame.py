"""What every page of a district begins with: the district picker, the status strip, and who is assessed."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from pages.shared import insight, scope, services, standing, state, widgets
from roster_core.coverage import Coverage
from roster_core.errors import RosterError, SettingsError
from roster_core.roster import Roster
from roster_core.rules import RuleSet, condition_problem

#: The pages in the order of the work, each with its icon.
PAGES = {
    "Districts": "domain",
    "Sections": "view_list",
    "Rules": "tune",
    "Students": "group",
    "Commit": "task_alt",
    "Launch": "rocket_launch",
    "Activity": "history",
}
#: Pixels: wide enough for the names of most districts, and no wider, for tables need the room.
_SIDEBAR = 252
SAMPLE_NOTE = "Sample data: no real child is in it."


@dataclass(frozen=True, slots=True, eq=False)
class OpenDistrict:
    """A district with a roster, as a page works on it: the draft of this session and what it does."""

    district_id: str
    name: str
    roster: Roster
    draft: RuleSet
    coverage: Coverage
    saved: services.SavedRuleSet | None

    @property
    def saved_version(self) -> int:
        """The number of the newest saved rules; 0 where none were saved."""
        return 0 if self.saved is None else self.saved.version


def set_page() -> None:
    """Page settings and the product's name above the list of pages. Each page calls it, for a first visit by a link."""
    state.begin_page()
    st.set_page_config(page_title="Roster review", page_icon="🧾", layout="wide", initial_sidebar_state=_SIDEBAR)
    services.present()
    try:
        product = services.settings().product_name
    except SettingsError as error:
        widgets.show_error(error)
        st.stop()
    st.logo(_wordmark(f"{product} rosters"), size="large")
    with st.sidebar:
        for name, icon in PAGES.items():
            widgets.link(f"pages/{name.lower()}.py", name, icon=f":material/{icon}:", coloured=False)
        _who()


def open_district() -> OpenDistrict:
    """The district every page looks at, with its roster, draft and coverage.

    Draws the picker into the sidebar. Where there is no roster, or nobody has said yet who is
    assessed, it shows what to do next and stops the page.
    """
    district = pick_district()
    if not district:
        widgets.empty("No roster is loaded yet", "Load one on the Districts page, or look at the sample there.")
        widgets.link("pages/districts.py", "Go to Districts")
        st.stop()
    if district not in {info.district_id for info in services.rosters()}:
        widgets.empty("This district has no roster yet", "Load one on the Districts page; Launch tells how far it is.")
        widgets.link("pages/districts.py", "Go to Districts")
        widgets.link("pages/launch.py", "Go to Launch")
        st.stop()
    opened = look(district)
    if not scope.answered(district):
        strip_title(opened)
        scope.question(district, opened.roster)
        st.stop()
    standing.look_again(opened.coverage)
    return opened


def look(district: str) -> OpenDistrict:
    """The district as it stands now; a fragment asks again after each change. Shows an error and stops on one."""
    try:
        state.catch_up(district)
        draft = state.draft(district)
        roster = services.roster(district)
        assert roster is not None  # the picker offers only districts with a roster
        coverage = services.coverage(roster, finished(draft))
        services.remember(coverage)
        services.make_ahead(coverage, insight.merged(district))
    except RosterError as error:
        widgets.show_error(error)
        st.stop()
    name = roster.district.name or district
    return OpenDistrict(district, name, roster, draft, coverage, services.saved_rules(district))


def pick_district() -> str:
    """Draws the district picker into the sidebar and gives the chosen district's id; '' where there is none.

    It offers those with a roster, and the chosen one without: another in its place would go unnoticed.
    """
    try:
        names = {info.district_id: info.district_name or info.district_id for info in services.rosters()}
        if bare := set(state.wanted_districts()) - set(names):
            names |= {key: name for key, name in services.district_names().items() if key in bare}
        chosen = state.chosen_among(list(names))
    except RosterError as error:
        widgets.show_error(error)
        st.stop()
    draw_picker(names, chosen)
    return chosen


def draw_picker(names: Mapping[str, str], chosen: str) -> None:
    """Draws the district picker into the sidebar: district id -> name, and the chosen one; nothing for no districts."""
    if not names:
        return
    with st.sidebar:
        st.selectbox(
            "District",
            list(names),
            index=list(names).index(chosen),
            format_func=names.__getitem__,
            key=f"pick_district_{chosen}",
            on_change=_picked,
            args=(chosen,),
        )


def strip(opened: OpenDistrict) -> None:
    """The status strip: what is looked at, how many students are in exactly one section, who is left out."""
    if trouble := state.not_kept():
        st.warning(f"Your last edit is in this tab only, and not kept yet. {widgets.plain(trouble)}")
    _colleague(opened)
    with st.container(border=True, gap="small"):
        strip_title(opened)
        _numbers(opened.coverage)
        _next_and_scope(opened)


def strip_title(opened: OpenDistrict) -> None:
    """The first line of the strip: district, roster with age and source, rules with version and unsaved edits."""
    roster = opened.roster
    source = widgets.SOURCES.get(roster.source, roster.source)
    parts = [
        f"roster of {widgets.clock(roster.fetched_at)}, {source} ({widgets.age(roster.fetched_at, services.now())})",
        _rules_text(opened),
    ]
    if roster.source == "sample":
        parts.append(SAMPLE_NOTE)
    st.markdown(f"**{widgets.plain(opened.name)}**  ·  :small[{'  ·  '.join(parts)}]")


def finished(rule_set: RuleSet) -> RuleSet:
    """The rule set without the rules somebody is still typing: they count once they are complete."""
    rules = tuple(
        rule for rule in rule_set.rules if rule.when and not any(condition_problem(part) for part in rule.when)
    )
    return rule_set if rules == rule_set.rules else replace(rule_set, rules=rules)


def edits_between(before: RuleSet, after: RuleSet) -> int:
    """How many things differ between two rule sets: rules, pins, examples, and each setting; order counts as one."""
    if before == after:
        return 0
    edits = sum(
        max(len(set(old) - set(new)), len(set(new) - set(old)))
        for old, new in ((before.rules, after.rules), (before.pins, after.pins), (before.examples, after.examples))
    )
    for name in ("name", "resolve", "assessed_grades", "assessed_schools"):
        edits += getattr(before, name) != getattr(after, name)
    return max(1, edits)


def _who() -> None:
    """Who is signed in, as what, and the way out; nothing where nobody signs in."""
    role = services.current_role() if services.signs_in() else None
    if role is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="who"):
            with st.container(gap="xxsmall"):
                st.text(services.actor())
                st.caption(role)
            st.button("Sign out", key="sign_out", type="tertiary", on_click=services.sign_out)


def _picked(drawn_for: str) -> None:
    # When a district is added, the browser tells the picker's unchanged choice once more; that is no choice.
    wanted = state.widget(f"pick_district_{drawn_for}")
    if wanted and wanted != drawn_for:
        state.choose_district(wanted)


def _wordmark(text: str) -> str:
    width = 12 * len(text) + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="32" viewBox="0 0 {width} 32">'
        f'<text x="0" y="23" font-family="Source Sans, Arial, sans-serif" font-size="21" font-weight="600" '
        f'fill="#14171a">{html.escape(text)}</text></svg>'
    )


def _rules_text(opened: OpenDistrict) -> str:
    base = opened.saved.rule_set if opened.saved is not None else RuleSet()
    edits = edits_between(base, opened.draft)
    label = f'rules "{widgets.plain(opened.draft.name)}"' if opened.draft.name else "rules"
    if opened.saved is None:
        return f"{label} not saved yet{_taken_over(opened.district_id)}"
    if not edits:
        return f"{label} v{opened.saved_version}"
    unsaved = widgets.count(edits, "unsaved edit")
    return f"{label} v{opened.saved_version}, {unsaved}{_taken_over(opened.district_id)}"


def _taken_over(district: str) -> str:
    """Whose draft this session goes on from, as long as it has changed nothing itself."""
    kept = services.stored_draft(district)
    if kept is None or state.can_undo(district) or state.can_redo(district):
        return ""
    return f", draft of {widgets.clock(kept.edited_at)}, by {widgets.people(kept.edited_by)}"


def _colleague(opened: OpenDistrict) -> None:
    other = state.theirs(opened.district_id)
    if other is None:
        return
    theirs = services.coverage(opened.roster, finished(RuleSet.from_json(other.rule_set_json)))
    with st.container(border=True):
        st.warning(
            f"{widgets.people(other.edited_by)} changed this draft at {widgets.clock(other.edited_at)}, as you did. "
            "Yours is in this tab only until you choose."
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Go on from theirs", on_click=state.take_theirs, args=(opened.district_id,), key="take_theirs",
                      help="Undo brings yours back.")  # fmt: skip
            st.button("Keep mine", on_click=state.keep_mine, args=(opened.district_id,), key="keep_mine",
                      help="Theirs is replaced by yours, for both of you.")  # fmt: skip
            st.caption(f"Theirs: {widgets.in_exactly_one(theirs.one, theirs.in_scope)}", width="content")


def _numbers(coverage: Coverage) -> None:
    one, whole, since = coverage.one, coverage.in_scope, standing.in_force(coverage)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.progress(
            one / whole if whole else 0.0,
            text=widgets.in_exactly_one(one, whole),
        )
        st.markdown(
            f"{widgets.number(coverage.none)} none · {widgets.number(coverage.several)} several · "
            f"{widgets.number(coverage.excused)} excused{f'  ·  **{since}**' if since else ''}",
            width="content",
        )


def _next_and_scope(opened: OpenDistrict) -> None:
    """What comes next and who is assessed: side by side where both fit, else each on a line of its own."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        page, words = standing.next_step(opened.coverage)
        if page:
            widgets.link(page, words)
        to_change = scope.line(opened.district_id, opened.coverage)
    if to_change:
        scope.change(opened.district_id, opened.roster)
