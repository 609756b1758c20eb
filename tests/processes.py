"""Processes of a test's own, forked from one that has done the imports: each starts in milliseconds, not seconds.

What they run is as fresh as in a program started by hand; only the imports are shared.
"""

from __future__ import annotations

import multiprocessing
import os

#: Imported once, where there is a fork server; a module that is absent is left out.
PRELOADED = (
    "tests.adapters.committing",
    "streamlit.web.cli",
    "streamlit.web.bootstrap",
    "streamlit.web.server.server",
    "streamlit.testing.v1",
    "pages.shared.frame",
)

processes = multiprocessing.get_context("spawn" if os.name == "nt" else "forkserver")
if os.name != "nt":
    processes.set_forkserver_preload(list(PRELOADED))
