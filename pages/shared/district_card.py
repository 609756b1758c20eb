"""Drawing pieces of the districts page: what is behind one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.shared import district_loads, downloads, scope, services, state, widgets
from pages.shared.district_views import named, next_words
from pages.shared.frame import SAMPLE_NOTE, OpenDistrict
from roster_core.clever_states import pause_ahead, reading
from roster_core.errors import RosterError
from roster_core.overview import Row, nearest
from roster_core.wording import short_day

#: So much of what a refresh brought is told here; the card above the list has all of it.
_SENTENCES = 3

_BLOCKERS = {"us": "ours to mend", "district": "for the district", "Clever": "for Clever"}


def card(row: Row, here: OpenDistrict | None, rows: Sequence[Row]) -> None:
    """All about one district: why it is flagged, how it stands, what to do; its roster where it is open (`here`)."""
    facts = row.facts
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(widgets.plain(named(row)))
            _actions(row, rows)
        for call in row.calls:
            st.markdown(f"▲ **{call.flag}.** {widgets.plain(call.why)}")
        if here is not None and not scope.answered(here.district_id):
            scope.question(here.district_id, here.roster)
        if facts.source == "named":
            _link(row, rows)
        left, middle, right = st.columns(3)
        with left:
            _way(row)
        with middle:
            _students(row)
        with right:
            _source(row)
        if here is not None:
            with st.expander(f"What {widgets.plain(facts.name)} shared", expanded=len(rows) == 1):
                _shared(here)


def _actions(row: Row, rows: Sequence[Row]) -> None:
    facts = row.facts
    may, only = services.may("reviewer"), services.only("reviewer")
    off = {"disabled": not may, "help": None if may else only}
    if facts.source == "sample":
        st.button("Refresh", key="refresh", icon=":material/refresh:", on_click=district_loads.start_sample, **off)
        if any(other.facts.source in ("clever", "file") for other in rows):
            remove = {"on_click": _removed, "args": (services.remove_sample,)}
            st.button("Remove the sample", key="remove_sample", **remove, **off)
    elif facts.source == "named" and facts.roster_at is None:
        remove = {"on_click": _removed, "args": (services.remove_named, facts.district_id)}
        st.button("Take it out", key="remove_named", **remove, **off)
    elif facts.source == "clever" and services.settings().clever.configured:
        label = "Refresh" if facts.roster_at else "Load"
        start = {"on_click": district_loads.start_clever, "args": (facts.district_id, facts.name)}
        st.button(label, key="refresh" if facts.roster_at else "load", icon=":material/refresh:", **start, **off)


def _link(row: Row, rows: Sequence[Row]) -> None:
    """Offers the districts that Clever connects and nobody has loaded, those first that are called most like this."""
    facts = row.facts
    offered = {each.facts.district_id: each.facts.name for each in rows if _is_new(each)}
    with st.container(border=True):
        if not offered:
            st.write("Clever connects no new district that this one could be. It is offered here once it does.")
        else:
            chosen = st.selectbox(
                "This district is connected in Clever as",
                nearest(facts.name, offered),
                format_func=lambda key: offered[key],
                key=f"link_to_{facts.district_id}",
            )
            st.caption("Its rules, dates and notes move to the connected one; this row goes.")
            off = not services.may("reviewer")
            st.button("Link them", key="link", disabled=off, on_click=_linked, args=(facts.district_id, chosen))


def _is_new(row: Row) -> bool:
    facts = row.facts
    return facts.roster_at is None and facts.source == "clever" and facts.clever is not None and facts.clever.listed


def _linked(placeholder_id: str, district_id: str) -> None:
    try:
        services.link_district(placeholder_id, district_id)
    except RosterError as error:
        state.select("not_started", error)
    else:
        state.choose_district(district_id)


def _removed(remove: Callable[..., None], *args: object) -> None:
    try:
        remove(*args)
    except RosterError as error:
        state.select("not_started", error)


def _way(row: Row) -> None:
    facts = row.facts
    _fact("Next", next_words(row) or "Nothing")
    if facts.place not in ("", "Districts"):
        widgets.link(f"pages/{facts.place.lower()}.py", f"Go to {facts.place} →")
    if facts.step:
        _fact("Step", facts.step)
    if facts.opens:
        until = f" to {short_day(facts.closes)}" if facts.closes else ""
        _fact("Assessment window", f"{short_day(facts.opens)}{until}; {facts.left_words}")
    else:
        _fact("Assessment window", facts.left_words or "Not set yet")
    _fact("Looked after by", facts.colleague or "Nobody is named yet")


def _students(row: Row) -> None:
    facts, counted = row.facts, row.facts.counted
    if counted is None:
        _fact("Students", f"{facts.students:,}, not counted yet" if facts.roster_at else "Not known yet")
        return
    numbers = widgets.in_exactly_one(counted.one, counted.in_scope)
    rest = f"{counted.none:,} none · {counted.several:,} several · {counted.excused:,} excused"
    _fact("Students", f"{numbers}  \n{rest}", markdown=True)
    if counted.blockers is None:
        blockers = "Not checked yet"
    elif counted.blocking:
        shares = [f"{number:,} {_BLOCKERS[owner]}" for owner, number in counted.blockers.items() if number]
        blockers = f"{widgets.count(counted.blocking, 'cause')}: {', '.join(shares)}"
    else:
        blockers = "None found"
    _fact("Blockers", blockers)
    old = "" if facts.current else ", of an earlier roster or earlier rules"
    _fact("Counted", f"{_ago(widgets.age(counted.counted_at, services.now()))}{old}")


def _source(row: Row) -> None:
    facts = row.facts
    if facts.roster_at is not None:
        source = {"clever": "from Clever", "sample": "made up here"}.get(facts.source, "from files")
        age = _ago(widgets.age(facts.roster_at, services.now()))
        until = services.kept_until(facts.roster_at)
        kept = f"deleted on {short_day(until)} unless loaded again"
        _fact("Roster", f"Of {widgets.clock(facts.roster_at)}, {source}, {age}; {kept}")
    if facts.source == "sample":
        st.caption(SAMPLE_NOTE)
    if facts.changed is not None:
        told = " ".join(facts.changed.sentences[:_SENTENCES]) or "Nothing changed."
        more = len(facts.changed.sentences) - _SENTENCES
        told += f" {widgets.count(more, 'more thing')} above, under What changed." if more > 0 else ""
        _fact(f"Since the roster of {widgets.clock(facts.changed.since)}", told)
    _fact("Since the commit", _since_commit(row))
    if facts.clever is not None:
        limit = services.settings().profile.sync_old_days
        read = reading(facts.clever, services.now(), limit)
        parts = [read.told, pause_ahead(facts.clever, services.now().date())]
        parts.append(f"{read.step}." if read.step else "")
        asked = f"Asked {_ago(widgets.age(facts.clever.asked_at, services.now()))}."
        _fact("Clever", " ".join(part for part in (*parts, asked) if part))


def _since_commit(row: Row) -> str:
    facts = row.facts
    if facts.committed_at is None:
        return "Nothing is committed yet."
    committed = f"Committed {widgets.clock(facts.committed_at)}."
    if facts.drifted is None:
        return f"{committed} Not compared since."
    told = " ".join(facts.drifted.sentences) or "Nothing has changed."
    return f"{committed} {told}"


def _shared(here: OpenDistrict) -> None:
    info = services.roster_info(here.district_id)
    for column, noun in zip(st.columns(5), ("schools", "teachers", "sections", "students", "enrollments"), strict=True):
        column.metric(noun.title(), widgets.number(getattr(info, noun)), border=True)
    findings = here.roster.findings
    if findings.empty:
        st.caption("Every row was read; nothing in it was wrong.")
        return
    by_code = findings.groupby(["severity", "code"], sort=True).agg(Rows=("row", "size"), Example=("message", "first"))
    st.dataframe(
        by_code.reset_index().rename(columns={"severity": "Severity", "code": "Found"}),
        hide_index=True,
        height="content",
        alt="What was wrong with single rows, by code, with how many rows and an example",
    )
    file = downloads.File("findings", here.district_id, len(findings))
    downloads.csv_button(file, lambda: findings, "Download what was found (CSV)", key="download_load_findings")


def _fact(label: str, text: str, *, markdown: bool = False) -> None:
    st.markdown(f"**{label}**  \n{text if markdown else widgets.plain(text)}")


def _ago(age: str) -> str:
    return age if age == "just now" else f"{age} ago"
