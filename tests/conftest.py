"""What every test may ask for."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose tests take long come first, then those of many tests.

    Otherwise one of two workers has nothing to do at the end, while the other still walks through a last journey.
    """
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: ("browser" not in item.keywords, -tests[item.path]))


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
