"""Drawing pieces of the districts page: the list, what was found in a roster, and the ways to bring one in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from pages.shared import frame, job_views, loading, scope, services, state, widgets
from pages.shared.frame import OpenDistrict
from roster_core.errors import RosterError

_STANDING = "Nothing was changed: the roster from before, if there is one, is still in force."
_UPLOAD_TYPES = ["csv", "zip", "json", "txt"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one district stands: students assessed and in exactly one section, and what comes next."""

    info: services.RosterInfo
    in_scope: int
    one: int
    next_step: str


def loads() -> None:
    """Draws every load that runs or failed; one this session started and that is done makes its district the chosen."""
    for job in services.jobs(loading.KIND):
        name = widgets.plain(job.label)
        if job.running:
            job_views.running(job, f"Loading {name}")
        elif job.state == "done":
            if job.id in state.selection("started", ()):
                state.choose_district(job.result.district_id)
                state.select("loaded", job.result.message)
                services.put_away_job(job.kind, job.district_id)
        else:
            job_views.failed(job, f"{name} was not loaded", _STANDING)
    if told := state.selection("loaded"):
        st.success(f"Loaded {widgets.plain(told)}", icon=":material/check:")
        state.select("loaded", None)


def listing(chosen: str) -> None:
    """One row a district, the least settled first, with what comes next and a button to choose it."""
    standings = sorted(map(_standing, services.rosters()), key=lambda each: each.one / max(each.in_scope, 1))
    for each in standings:
        with st.container(border=True):
            name, numbers, next_step, choose = st.columns([2.6, 2.4, 2.2, 1], vertical_alignment="center")
            info = each.info
            source = widgets.SOURCES.get(info.source, info.source)
            name.markdown(
                f"**{widgets.plain(info.district_name or info.district_id)}**  \n"
                f":small[{source}, {widgets.age(info.fetched_at, services.now())}]"
            )
            numbers.progress(
                each.one / max(each.in_scope, 1),
                text=widgets.in_exactly_one(each.one, each.in_scope),
            )
            next_step.markdown(f":small[{each.next_step}]")
            choose.button(
                "Chosen" if info.district_id == chosen else "Choose",
                key=f"choose_{info.district_id}",
                disabled=info.district_id == chosen,
                on_click=state.choose_district,
                args=(info.district_id,),
                width="stretch",
            )


def found(here: OpenDistrict) -> None:
    """What the chosen district's roster holds, its load findings by code, and a way to refresh it."""
    info = services.roster_info(here.district_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(f"What {widgets.plain(here.name)} shared")
        _refresh(here)
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
    st.download_button(
        "Download what was found (CSV)",
        data=lambda: findings.to_csv(index=False).encode(),
        file_name=f"findings-{here.district_id}.csv",
        mime="text/csv",
        on_click="ignore",
    )


def bring_in() -> None:
    """The ways to a roster: files, Clever, the sample."""
    st.header("Add or refresh a district")
    if not widgets.allowed("reviewer"):
        return
    if wrong := state.selection("not_started"):
        widgets.show_error(wrong)
        state.select("not_started", None)
    clever, files, sample = st.tabs(["Connect Clever", "Upload roster files", "Look at a sample district"])
    with clever:
        _clever()
    with files:
        _upload()
    with sample:
        st.write("A made-up district of 2,000 students, with the habits and faults of real ones.")
        st.caption(frame.SAMPLE_NOTE)
        st.button("Load the sample district", key="load_sample", on_click=_started, args=(loading.start_sample,))


def _upload() -> None:
    turn = state.selection("upload_turn", 0)
    st.write("Clever CSV, OneRoster CSV, or Clever API answers: the files themselves, or one zip.")
    files = st.file_uploader("Roster files", type=_UPLOAD_TYPES, accept_multiple_files=True, key=f"upload_{turn}")
    named, made, go = st.columns([2, 1, 1], vertical_alignment="bottom")
    name = named.text_input("District name", key=f"upload_name_{turn}", help="The name of a known one refreshes it.")
    made_on = made.date_input("Files made on", max_value="today", key=f"upload_made_{turn}")
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
    if _started(lambda: loading.start_upload(files, name, made_on)):
        state.select("upload_turn", turn + 1)


def _clever() -> None:
    if not services.settings().clever.configured:
        st.write(
            "Put `CLEVER_CLIENT_ID` and `CLEVER_CLIENT_SECRET` (all connected districts) or `CLEVER_DISTRICT_TOKEN` "
            "(one district) into the environment or `.streamlit/secrets.toml`, and start the app again."
        )
        return
    job = services.job(loading.LISTING, "")
    if job is not None and job.running:
        job_views.running(job, "Asking Clever for its districts")
        return
    st.button("List connected districts", key="list_clever", on_click=_started, args=(loading.start_listing,))
    if job is not None and job.state != "done":
        job_views.failed(job, "Clever's districts could not be listed", _STANDING)
    elif job is not None:
        for district_id, name, error in job.result:
            line = st.container(horizontal=True, vertical_alignment="center")
            line.markdown(widgets.plain(name or district_id), width=320)
            start = (loading.start_clever, district_id, name)
            line.button("Load", key=f"pull_{district_id}", on_click=_started, args=start, disabled=bool(error))
            if error:
                line.markdown(f":small[{widgets.plain(error)}]")
        if not job.result:
            st.write("Clever connects no district to this app yet. A district must accept the app in Clever first.")


def _refresh(here: OpenDistrict) -> None:
    start = {"sample": loading.start_sample, "clever": lambda: loading.start_clever(here.district_id, here.name)}
    if act := start.get(here.roster.source):
        off = not services.may("reviewer")
        st.button("Refresh", key="refresh", icon=":material/refresh:", on_click=_started, args=(act,), disabled=off)


def _started(start: object, *args: object) -> bool:
    try:
        job = start(*args)
    except RosterError as error:
        state.select("not_started", error)
        return False
    state.select("started", (*state.selection("started", ()), job.id))
    return True


def _standing(info: services.RosterInfo) -> Standing:
    if not scope.answered(info.district_id):
        return Standing(info, info.students, 0, "Next: say who is assessed")
    here = frame.look(info.district_id)
    return Standing(info, here.coverage.in_scope, here.coverage.one, frame.next_step(here.coverage)[1])

