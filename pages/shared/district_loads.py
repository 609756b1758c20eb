"""Drawing pieces of the districts page: loads, refreshing all, what runs in the background, and the ways to add one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import change_views, frame, job_views, loading, services, state, widgets
from roster_core.errors import RosterError
from roster_core.glance import RefreshOutcome
from roster_core.overview import Row
from roster_core.vocabulary import US_STATES

_STANDING = "Nothing was changed: the roster from before, if there is one, is still in force."
_UPLOAD_TYPES = ["csv", "zip", "json", "txt"]

#: How many districts that changed are told one by one before they are folded away.
_TOLD = 6


def in_the_background() -> None:
    """Asks Clever for its districts, and counts those whose numbers are not known, where a visit finds it due."""
    if services.clever_is_due():
        try:
            loading.start_listing()
        except RosterError as error:
            widgets.show_error(error)
    services.count_uncounted()
    for kind, running, failed in (
        (loading.LISTING, "Asking Clever which districts are connected …", "Clever's districts could not be listed"),
        (services.COUNTING, "Counting students …", "A district could not be counted"),
    ):
        job = services.job(kind, "")
        if job is None:
            continue
        if job.running:
            job_views.quietly(job, running)
        elif job.state != "done":
            job_views.failed(job, failed, _STANDING)


def loads() -> None:
    """Draws every load that runs or failed; one this session started and that is done makes its district the chosen."""
    if wrong := state.selection("not_started"):
        widgets.show_error(wrong)
        state.select("not_started", None)
    for job in services.jobs(loading.KIND):
        name = widgets.plain(job.label)
        if job.running:
            job_views.running(job, f"Loading {name}")
        elif job.state == "done":
            if job.id in state.selection("started", ()):
                state.choose_district(job.result.district_id)
                state.select("loaded", job.result)
                if job.result.changed is not None:
                    change_views.open_after_load(job.result.district_id)
                services.put_away_job(job.kind, job.district_id)
        else:
            job_views.failed(job, f"{name} was not loaded", _STANDING)
    told = state.selection("loaded")
    if told is not None:
        changed = " ".join(told.changed.sentences) or "Nothing changed." if told.changed else ""
        st.success(f"Loaded {widgets.plain(f'{told.message} {changed}')}", icon=":material/check:")
        state.select("loaded", None)


def refresh_all_button(head: DeltaGenerator, rows: Sequence[Row]) -> None:
    """The button that fetches every district again from Clever, beside the title; progress while it runs."""
    loaded = [row for row in rows if row.facts.source == "clever" and row.facts.roster_at]
    job = services.job(loading.REFRESHING, "")
    if loaded and services.settings().clever.configured:
        may = services.may("reviewer")
        head.button(
            "Refresh all",
            key="refresh_all",
            icon=":material/refresh:",
            type="primary",
            disabled=not may or (job is not None and job.running),
            help=f"Fetch {widgets.count(len(loaded), 'district')} from Clever" if may else services.only("reviewer"),
            on_click=started,
            args=(loading.start_refresh_all, rows),
        )


def refreshed() -> None:
    """Refreshing all: its progress, then what changed in each district, those that failed first."""
    job = job_views.latest(loading.REFRESHING, "")
    if job is None:
        return
    if job.running:
        job_views.running(job, "Refreshing every district")
    elif job.state != "done":
        job_views.failed(job, "The districts were not refreshed", "What was fetched until then is in force.")
    else:
        _outcomes(job)


def start_clever(district_id: str, name: str) -> None:
    """Starts the load of one district from Clever, from a callback."""
    started(loading.start_clever, district_id, name)


def start_sample() -> None:
    """Starts making the sample anew, from a callback."""
    started(loading.start_sample)


def started(start: Callable[..., services.Job], *args: object) -> bool:
    """Starts a job from a callback and remembers it as this session's; where it cannot start the page says why."""
    try:
        job = start(*args)
    except RosterError as error:
        state.select("not_started", error)
        return False
    state.select("started", (*state.selection("started", ()), job.id))
    return True


def bring_in(rows: Sequence[Row]) -> None:
    """The ways to a district: Clever, files, the sample. Folded away once real districts are there."""
    real = any(row.facts.source in ("clever", "file") and row.facts.roster_at for row in rows)
    if not widgets.allowed("reviewer"):
        return
    with st.expander("Add a district", expanded=not real, icon=":material/add:"):
        ways = ["Connect Clever", "Upload roster files", "Look at a sample district", "Add one by its name"]
        clever, files, sample, named = st.tabs(ways)
        with clever:
            _clever(rows)
        with files:
            _upload()
        with sample:
            st.write("A made-up district of 2,000 students, with the habits and faults of real ones.")
            st.caption(frame.SAMPLE_NOTE)
            st.button("Load the sample district", key="load_sample", on_click=start_sample)
        with named:
            _by_name()


def _outcomes(job: services.Job) -> None:
    done: loading.Refreshed = job.result
    failed, changed, same, missed = (done.of(kind) for kind in ("failed", "changed", "same", "not reached"))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            counts = {"changed": changed, "as before": same, "failed": failed, "not reached": missed}
            words = [f"{len(found):,} {word}" for word, found in counts.items() if found]
            st.markdown(f"**Refreshed {widgets.clock(done.began)}: what changed** · {', '.join(words)}")
            off = not services.may("reviewer")
            put_away = {"on_click": services.put_away_job, "args": (job.kind, "")}
            st.button("Dismiss", key=f"dismiss_{job.id}", disabled=off, **put_away)
        for each in failed:
            st.error(f"**{widgets.plain(each.name)}** keeps its old roster. {widgets.plain(' '.join(each.sentences))}")
        if missed:
            st.warning(f"Stopped before these were reached: {_names(missed)}. Their rosters are the old ones.")
        for each in changed[:_TOLD]:
            _told(each)
        if len(changed) > _TOLD:
            with st.expander(f"{len(changed) - _TOLD:,} more that changed"):
                for each in changed[_TOLD:]:
                    _told(each)
        if same:
            st.markdown(f"**As before**: {_names(same)}")
        if done.by_files:
            st.markdown(f"**Ask for new files**: {widgets.plain(', '.join(done.by_files))}")


def _told(each: RefreshOutcome) -> None:
    st.markdown(f"**{widgets.plain(each.name)}**: {widgets.plain(' '.join(each.sentences))}")


def _names(outcomes: Sequence[RefreshOutcome]) -> str:
    return widgets.plain(", ".join(each.name for each in outcomes))


def _clever(rows: Sequence[Row]) -> None:
    if not services.settings().clever.configured:
        st.write(
            "Put `CLEVER_CLIENT_ID` and `CLEVER_CLIENT_SECRET` (all connected districts) or `CLEVER_DISTRICT_TOKEN` "
            "(one district) into the environment or `.streamlit/secrets.toml`, and start the app again."
        )
        return
    asked = services.clever_asked()
    listed = [row for row in rows if row.facts.clever is not None and row.facts.clever.listed]
    unloaded = [row for row in listed if row.facts.roster_at is None]
    if asked is None:
        st.write("Clever was not asked yet which districts it connects.")
    else:
        ago = widgets.age(asked[0], services.now())
        when = ago if ago == "just now" else f"{ago} ago"
        st.write(
            f"Clever connects {widgets.count(len(listed), 'district')} to this app, {len(unloaded):,} of them not "
            f"loaded yet; asked {when}. New ones appear in the list by themselves."
        )
        if asked[1]:
            st.warning(f"It gave no answer then. {widgets.plain(asked[1])}")
        elif not listed:
            st.write("A district must accept the app in Clever first.")
    st.button("Ask Clever again", key="list_clever", on_click=started, args=(loading.start_listing,))


def _by_name() -> None:
    turn = state.selection("named_turn", 0)
    st.write("Before Clever knows it: rules, dates and notes can begin, and are linked once the district connects.")
    called, where, go = st.columns([3, 1, 1], vertical_alignment="bottom")
    name = called.text_input("Name of the district", key=f"named_{turn}", live=True)
    where.selectbox("State", ["", *US_STATES], key=f"named_state_{turn}", format_func=lambda code: code or "–")
    ready = bool(name and name.strip())
    go.button("Add it", key="add_named", disabled=not ready, on_click=_add_named, args=(turn,), width="stretch")


def _add_named(turn: int) -> None:
    try:
        added = services.add_district(state.widget(f"named_{turn}", ""), state.widget(f"named_state_{turn}", ""))
    except RosterError as error:
        state.select("not_started", error)
        return
    state.select("named_turn", turn + 1)
    state.choose_district(added)


def _upload() -> None:
    turn = state.selection("upload_turn", 0)
    st.write("Clever CSV, OneRoster CSV, or Clever API answers: the files themselves, or one zip.")
    files = st.file_uploader("Roster files", type=_UPLOAD_TYPES, accept_multiple_files=True, key=f"upload_{turn}")
    named, made, go = st.columns([2, 1, 1], vertical_alignment="bottom")
    name = named.text_input("District name", key=f"upload_name_{turn}", help="The name of a known one refreshes it.")
    made_on = made.date_input("Files made on", max_value="today", key=f"upload_made_{turn}", format="MM/DD/YYYY")
    ready = bool(files and name and name.strip())
    go.button(
        "Load these files",
        type="primary",
        disabled=not ready,
        key="load_files",
        on_click=_load,
        args=(turn, made_on),
        width="stretch",
    )
    product = services.settings().product_name
    st.caption(f"{'' if ready else 'Drop the files and name the district first. '}Loading sends nothing to {product}.")


def _load(turn: int, made_on: date) -> None:
    files = {file.name: file.getvalue() for file in state.widget(f"upload_{turn}") or []}
    name = state.widget(f"upload_name_{turn}", "")
    if started(loading.start_upload, files, name, made_on):
        state.select("upload_turn", turn + 1)
