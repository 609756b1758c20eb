"""Long work of the whole server: one job a kind and district, in a thread that outlives the tab that started it."""

from __future__ import annotations

import threading
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from roster_core.errors import Cancelled, RosterError
from roster_core.roster import Progress


@dataclass(frozen=True, slots=True)
class Job:
    """How one piece of work stands. A new value each time something moves; nobody changes one.

    ended: seconds of `time.monotonic()`; 0.0 while it runs.
    """

    id: str
    kind: str
    district_id: str
    label: str = ""
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    what: str = ""
    done: int = 0
    total: int | None = None
    cancelling: bool = False
    result: Any = None
    error: Exception | None = None
    ended: float = 0.0

    @property
    def running(self) -> bool:
        """Whether the work still goes on."""
        return self.state == "running"


class Jobs:
    """Every job of this process, behind one lock. Holds the last job of each kind and district."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[tuple[str, str], Job] = {}

    def start(self, kind: str, district_id: str, work: Callable[[Progress], object], label: str = "") -> Job:
        """Starts `work(progress)` in its own thread and gives its job; the running one where there is one already.

        `label` says for people what the work is for, such as the district's name.
        The thread is no daemon: a server that is told to stop waits for a commit to end.
        """
        with self._lock:
            held = self._jobs.get((kind, district_id))
            if held is not None and held.running:
                return held
            job = Job(uuid.uuid4().hex, kind, district_id, label)
            self._jobs[kind, district_id] = job
        threading.Thread(target=self._run, args=(job, work), name=f"job {kind}", daemon=False).start()
        return job

    def get(self, kind: str, district_id: str) -> Job | None:
        """The running or last job of this kind and district; None where there was none or it was put away."""
        with self._lock:
            return self._jobs.get((kind, district_id))

    def all(self, kind: str) -> list[Job]:
        """Every job of this kind, running or ended."""
        with self._lock:
            return [job for job in self._jobs.values() if job.kind == kind]

    def cancel(self, kind: str, district_id: str) -> None:
        """Asks a running job to stop; it does so where it next tells its progress."""
        with self._lock:
            held = self._jobs.get((kind, district_id))
            if held is not None and held.running:
                self._jobs[kind, district_id] = replace(held, cancelling=True)

    def at_work(self, district_id: str) -> bool:
        """Whether any work of this district still runs."""
        with self._lock:
            return any(job.running for job in self._jobs.values() if job.district_id == district_id)

    def forget(self, district_id: str) -> None:
        """Forgets every job of this district that has ended, seen or not."""
        with self._lock:
            gone = [key for key, job in self._jobs.items() if job.district_id == district_id and not job.running]
            for key in gone:
                del self._jobs[key]

    def put_away(self, kind: str, district_id: str) -> None:
        """Forgets a job that has ended, once its outcome was seen."""
        with self._lock:
            held = self._jobs.get((kind, district_id))
            if held is not None and not held.running:
                del self._jobs[kind, district_id]

    def _run(self, job: Job, work: Callable[[Progress], object]) -> None:
        def progress(what: str, done: int, total: int | None) -> None:
            with self._lock:
                current = self._jobs[job.kind, job.district_id]
                self._jobs[job.kind, job.district_id] = replace(current, what=what, done=done, total=total)
            if current.cancelling:
                raise Cancelled("Stopped. Nothing was changed.")

        outcome = _outcome(work, progress)
        if "error" in outcome:
            _let_go(outcome["error"])
        self._end(job, **outcome)

    def _end(self, job: Job, **outcome: object) -> None:
        with self._lock:
            current = self._jobs[job.kind, job.district_id]
            self._jobs[job.kind, job.district_id] = replace(current, ended=time.monotonic(), **outcome)


def _outcome(work: Callable[[Progress], object], progress: Progress) -> dict[str, Any]:
    try:
        return {"state": "done", "result": work(progress)}
    except Cancelled as stopped:
        return {"state": "cancelled", "error": stopped}
    except Exception as error:  # nothing is swallowed: the page that shows this job shows or raises it
        return {"state": "failed", "error": error}


def _let_go(error: Exception) -> None:
    """Takes the frames out of an error: the roster or upload in them would live as long as nobody has looked.

    Of a bug the way it took is kept as text, for the server's log.
    """
    if not isinstance(error, RosterError):
        error.add_note("".join(traceback.format_exception(error)))
    cause: BaseException | None = error
    while cause is not None:
        cause.__traceback__ = None
        cause = cause.__cause__ or cause.__context__
