"""When a service is asked again, by table."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from roster_core.adapters.pacing import MAX_WAIT, USUAL_WAIT, backoff, limit_wait, next_step

NOW = 1_800_000_000.4


@pytest.mark.parametrize(
    ("status", "failures", "repeatable", "renewable", "expected"),
    [
        (200, 0, True, True, "take"),
        (0, 0, True, True, "retry"),
        (0, 4, True, True, "retry"),
        (0, 5, True, True, "refuse"),
        (0, 0, False, True, "refuse"),
        (500, 0, True, True, "retry"),
        (501, 0, True, True, "refuse"),
        (502, 0, True, True, "retry"),
        (503, 4, True, True, "retry"),
        (503, 5, True, True, "refuse"),
        (503, 0, False, True, "refuse"),
        (504, 0, True, True, "retry"),
        (429, 5, True, True, "wait"),
        (429, 0, False, False, "wait"),
        (401, 0, True, True, "renew"),
        (401, 0, False, True, "renew"),
        (401, 0, True, False, "refuse"),
        (400, 0, True, True, "refuse"),
        (403, 0, True, True, "refuse"),
        (404, 0, True, True, "refuse"),
        (413, 0, True, True, "refuse"),
        (302, 0, True, True, "refuse"),
    ],
)
def test_next_step(status: int, failures: int, repeatable: bool, renewable: bool, expected: str) -> None:
    """What a moment may mend is asked again five times, a limit is waited for, a token renewed once; the rest stays."""
    step = next_step(status, ok=(200,), failures=failures, repeatable=repeatable, renewable=renewable)
    assert step == expected


def test_a_status_that_is_expected_is_taken() -> None:
    """A caller that can use a 413 or a 503 gets it."""
    for status in (413, 503, 401):
        assert next_step(status, ok=(200, status), failures=0, repeatable=True, renewable=True) == "take"


def test_backoff_doubles_to_sixteen_seconds() -> None:
    """1, 2, 4, 8, 16 seconds, and up to a quarter more."""
    assert [backoff(failure, 0) for failure in range(1, 7)] == [1, 2, 4, 8, 16, 16]
    assert [backoff(failure, 1) for failure in (1, 5)] == [1.25, 20]


def at(seconds: float) -> str:
    """A Date header."""
    return formatdate(seconds, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"X-RateLimit-Reset": f"{NOW + 42}"}, 42, 42.2),
        ({"X-RateLimit-Reset": f"{NOW + 42}", "Date": at(NOW)}, 42, 43.2),
        # Their clock is an hour ahead of ours, or behind it.
        ({"X-RateLimit-Reset": f"{NOW + 3642}", "Date": at(NOW + 3600)}, 42, 43.2),
        ({"X-RateLimit-Reset": f"{NOW - 3558}", "Date": at(NOW - 3600)}, 42, 43.2),
        ({"X-RateLimit-Reset": f"{NOW + 42}", "Date": "yesterday"}, 42, 42.2),
        ({"X-RateLimit-Reset": f"{NOW + 42}", "Date": at(0)}, 42, 42.2),
        ({}, USUAL_WAIT, USUAL_WAIT),
        ({"X-RateLimit-Reset": "soon"}, USUAL_WAIT, USUAL_WAIT),
        ({"X-RateLimit-Reset": "nan"}, USUAL_WAIT, USUAL_WAIT),
        ({"X-RateLimit-Reset": "-1"}, USUAL_WAIT, USUAL_WAIT),
        # Milliseconds, by mistake.
        ({"X-RateLimit-Reset": f"{NOW * 1000:.0f}"}, USUAL_WAIT, USUAL_WAIT),
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": "0"}, USUAL_WAIT, USUAL_WAIT),
        ({"X-RateLimit-Reset": f"{NOW - 1}"}, 1, 1),
        # Further away than anybody waits: the caller gives up rather than ask too early.
        ({"X-RateLimit-Reset": f"{NOW + 7200}"}, 7200, 7201),
    ],
)
def test_limit_wait(headers: dict[str, str], low: float, high: float) -> None:
    """The wait reaches the reset by the service's own clock; a header that says nothing means a minute."""
    assert low <= limit_wait(headers, NOW, 1) <= high


def test_a_reset_that_is_past_is_believed_less_each_time() -> None:
    """A service that goes on refusing after its reset is asked ever more seldom."""
    headers = {"X-RateLimit-Reset": f"{NOW - 5}"}
    assert [limit_wait(headers, NOW, times) for times in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert MAX_WAIT < 20 * 60
