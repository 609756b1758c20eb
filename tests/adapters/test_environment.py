"""What a process was started with, though Streamlit wrote its secrets file over the environment since."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from roster_core.adapters.environment import as_started, first_environment


def test_what_was_copied_from_the_file_is_as_it_was_before() -> None:
    """A copy gives way to the first value, or goes; what is no copy stays as it is."""
    environ = {"A": "file", "B": "file", "C": " file ", "D": "own", "E": "set later"}
    found = as_started(environ, {"A": "first", "D": "older"}, {"A": "file", "B": "file", "D": "file"}, {"C": "file"})
    assert found == {"A": "first", "D": "own", "E": "set later"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps it")
def test_linux_tells_what_a_process_was_started_with() -> None:
    """Also after the process itself changed it, and with letters and line ends of every kind in it."""
    code = (
        "import os; from roster_core.adapters.environment import first_environment; "
        "os.environ['ROSTER_TEAM_NAME'] = 'after'; print(ascii(first_environment()['ROSTER_TEAM_NAME']))"
    )
    value = "Zo\u00eb = one\\ntwo"
    started = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "ROSTER_TEAM_NAME": value}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert started.stdout.strip() == ascii(value)


def test_where_nobody_keeps_it_nothing_is_known(tmp_path: Path) -> None:
    """Other systems have no such file; the environment then counts as it is."""
    assert first_environment(tmp_path / "none") == {}
