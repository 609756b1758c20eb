"""Drawing pieces of long work: progress that moves while the tab is open, and what to see when it has ended."""

from __future__ import annotations

import streamlit as st

from pages.shared import services, state, widgets


def latest(kind: str, district_id: str) -> services.Job | None:
    """The running or last job of this kind and district, for a page that has drawn what the job changes.

    Where it ended since the page began, the page is drawn again: what stands above would tell of before until a click.
    """
    job = services.job(kind, district_id)
    if job is not None and job.ended > state.page_began():
        st.rerun()
    return job


def running(job: services.Job, label: str, *, can_cancel: bool = True) -> None:
    """Draws the progress of running work, twice a second, until it ends; then the whole page is drawn again."""
    _watch(job.kind, job.district_id, label, can_cancel)


def quietly(job: services.Job, label: str) -> None:
    """One line about work nobody waits for, until it ends; then the whole page is drawn again."""
    _whisper(job.kind, job.district_id, label)


def failed(job: services.Job, label: str, standing: str) -> None:
    """Says why work ended without its outcome, and what stands now (`standing`). A bug is raised, to be seen."""
    with st.container(border=True):
        st.markdown(f"**{label}**")
        if job.error is not None:
            widgets.show_error(job.error)
        st.write(standing)
        st.button("Dismiss", key=f"dismiss_{job.id}", on_click=services.put_away_job, args=(job.kind, job.district_id))


@st.fragment(run_every=0.5)
def _watch(kind: str, district_id: str, label: str, can_cancel: bool) -> None:
    job = services.job(kind, district_id)
    if job is None or not job.running:
        st.rerun()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        share = job.done / job.total if job.total else 0.0
        st.progress(min(share, 1.0), text=f"{label}  ·  {_so_far(job)}")
        if can_cancel:
            st.button(
                "Stopping …" if job.cancelling else "Cancel",
                key=f"cancel_{job.id}",
                disabled=job.cancelling,
                on_click=services.cancel_job,
                args=(kind, district_id),
            )


@st.fragment(run_every=1.0)
def _whisper(kind: str, district_id: str, label: str) -> None:
    job = services.job(kind, district_id)
    if job is None or not job.running:
        st.rerun()
    st.caption(label)


def _so_far(job: services.Job) -> str:
    if not job.what:
        return "starting"
    told = widgets.plain(job.what)
    if job.total:
        return f"{told}: {job.done:,} of {job.total:,}"
    return f"{told}: {job.done:,}" if job.done else told
