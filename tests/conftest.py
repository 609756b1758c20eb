"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of recorded answers, named by ROSTER_TEST_DATA; tests without it skip (and fail in CI)."""
    root = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("ROSTER_TEST_DATA", root / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        message = "the folder of recorded rosters is absent; set ROSTER_TEST_DATA to it"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder
