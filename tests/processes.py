"""Processes of a test's own, forked from one that has done the imports: each starts in milliseconds, not seconds.

What they run is as fresh as in a program started by hand; only the imports are shared.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

_SHARED = Path(__file__).resolve().parents[1] / "pages" / "shared"

#: Imported once, where there is a fork server; a module that is absent is left out.
PRELOADED = (
    "tests.components",
    "tests.adapters.committing",
    "streamlit.web.cli",
    "streamlit.web.bootstrap",
    "streamlit.web.server.server",
    "roster_core.charts",
    *sorted(f"pages.shared.{file.stem}" for file in _SHARED.glob("[!_]*.py")),
)

processes = multiprocessing.get_context("spawn" if os.name == "nt" else "forkserver")
if os.name != "nt":
    processes.set_forkserver_preload(list(PRELOADED))


def start(action: Callable[..., None], *arguments: object) -> BaseProcess:
    """Begins the action in a process of its own."""
    process = processes.Process(target=action, args=arguments)
    # Streamlit's test runner leaves the last page behind as the main module, and a new process runs the main
    # module again.
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main
    return process
