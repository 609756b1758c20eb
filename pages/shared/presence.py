"""Whether anybody has the app open: what is in memory for them must not outlive them for long."""

from __future__ import annotations

import threading
from collections.abc import Callable

#: Seconds that a server without a session keeps children's data in memory: a reload or a lost connection is shorter.
GRACE = 600.0


class Presence:
    """Counts the sessions of one server; some time after the last has gone it calls `emptied`."""

    def __init__(
        self, emptied: Callable[[], None], later: Callable[[Callable[[], None]], object] | None = None
    ) -> None:
        self._emptied = emptied
        self._later = later or _after_grace
        self._lock = threading.Lock()
        self._present: set[object] = set()

    def arrive(self) -> object:
        """A session has come; gives what it is to leave with."""
        token = object()
        with self._lock:
            self._present.add(token)
        return token

    def leave(self, token: object) -> None:
        """That session has gone; where it was the last, `emptied` is called later, if nobody has come until then."""
        with self._lock:
            self._present.discard(token)
            alone = not self._present
        if alone:
            self._later(self._look)

    def _look(self) -> None:
        with self._lock:
            alone = not self._present
        if alone:
            self._emptied()


def _after_grace(work: Callable[[], None]) -> None:
    timer = threading.Timer(GRACE, work)
    timer.daemon = True
    timer.start()
