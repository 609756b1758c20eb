"""Jobs of the whole server: one a kind and district, progress, cancel, and no failure that vanishes."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.jobs import Jobs
from roster_core.errors import Cancelled
from roster_core.roster import Progress
from tests.pages.conftest import finish_jobs


def test_a_job_gives_its_outcome() -> None:
    """Once the work is done, the job holds what it gave."""
    jobs = Jobs()
    jobs.start("load", "d1", lambda progress: 7)
    finish_jobs()
    assert (jobs.get("load", "d1").state, jobs.get("load", "d1").result) == ("done", 7)


def test_a_second_start_joins_the_running_one() -> None:
    """A district has one job of a kind at a time; another district, or kind, has its own."""
    jobs, go = Jobs(), threading.Event()
    first = jobs.start("commit", "d1", lambda progress: go.wait(30))
    assert jobs.start("commit", "d1", lambda progress: None).id == first.id
    assert jobs.start("commit", "d2", lambda progress: None).id != first.id
    go.set()
    finish_jobs()


def test_progress_is_told_while_it_runs() -> None:
    """Any session sees what is done so far, of how many."""
    jobs, told, go = Jobs(), threading.Event(), threading.Event()

    def work(progress: Progress) -> None:
        progress("users", 10_000, 25_000)
        told.set()
        go.wait(30)

    jobs.start("load", "d1", work)
    told.wait(30)
    job = jobs.get("load", "d1")
    assert (job.running, job.what, job.done, job.total) == (True, "users", 10_000, 25_000)
    go.set()
    finish_jobs()


def test_a_cancelled_job_stops_where_it_next_tells_its_progress() -> None:
    """Cancel is a wish until the work reaches a place where it can stop with nothing changed."""
    jobs, go = Jobs(), threading.Event()

    def work(progress: Progress) -> None:
        go.wait(30)
        progress("users", 1, None)

    jobs.start("load", "d1", work)
    jobs.cancel("load", "d1")
    assert jobs.get("load", "d1").cancelling
    go.set()
    finish_jobs()
    job = jobs.get("load", "d1")
    assert job.state == "cancelled" and isinstance(job.error, Cancelled)


@pytest.mark.parametrize("error", [ValueError("a bug"), Cancelled("stopped")], ids=["bug", "cancelled"])
def test_no_failure_vanishes(error: Exception) -> None:
    """Whatever ends a job early is held for the page that asks."""

    def work(progress: Progress) -> None:
        raise error

    jobs = Jobs()
    jobs.start("load", "d1", work)
    finish_jobs()
    assert jobs.get("load", "d1").error is error


def test_what_failed_holds_nothing_of_what_it_worked_on() -> None:
    """An error is kept until somebody has seen it; the roster or the upload that it arose from is not."""

    class Roster:
        """Stands for what holds names."""

    jobs = Jobs()

    def start() -> weakref.ref[Roster]:
        roster = Roster()

        def work(progress: Progress) -> None:
            read = roster
            try:
                raise KeyError("deep", type(read).__name__)
            except KeyError as error:
                raise ValueError("a bug") from error

        jobs.start("load", "d1", work)
        return weakref.ref(roster)

    held = start()
    finish_jobs()
    gc.collect()
    assert str(jobs.get("load", "d1").error) == "a bug"
    assert held() is None


def test_only_ended_jobs_are_put_away() -> None:
    """A running job cannot be forgotten; an ended one can."""
    jobs, go = Jobs(), threading.Event()
    jobs.start("load", "d1", lambda progress: go.wait(30))
    jobs.put_away("load", "d1")
    assert jobs.get("load", "d1") is not None
    go.set()
    finish_jobs()
    jobs.put_away("load", "d1")
    assert jobs.get("load", "d1") is None
    assert jobs.all("load") == []


def test_the_thread_of_a_job_is_waited_for_at_the_end() -> None:
    """A server told to stop lets a commit end: its thread is no daemon."""
    jobs, daemon = Jobs(), []
    jobs.start("commit", "d1", lambda progress: daemon.append(threading.current_thread().daemon))
    finish_jobs()
    assert daemon == [False]


def page_of_a_job() -> None:
    """A page whose job ends after its head was drawn."""
    import streamlit as st

    from pages.shared import job_views, services, state
    from tests.pages.conftest import finish_jobs

    state.begin_page()
    known = services.job("message", "d1")
    st.text("not sent" if known is None else known.state)
    if known is None:
        services.start_job("message", "d1", lambda progress: None)
        finish_jobs()
    job_views.latest("message", "d1")


@pytest.mark.usefixtures("data_dir")
def test_a_page_tells_one_time_from_its_head_to_its_foot() -> None:
    """A job that ends while a page is drawn has it drawn again, so that the head knows of it too."""
    page = AppTest.from_function(page_of_a_job, default_timeout=60).run()
    assert [text.value for text in page.text] == ["done"]
