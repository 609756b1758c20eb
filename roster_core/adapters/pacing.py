"""When to ask a service again: decided by pure functions, so that a table can test them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Literal

#: How often a failed request is asked again. Clever: "after five retries, stop" (dev.clever.com, error messages).
MAX_FAILURES = 5
#: Seconds one request may wait for a limit, all waits together.
MAX_WAIT = 900.0
#: Seconds to wait where the service does not say how long. Clever counts requests by the minute.
USUAL_WAIT = 60.0

# What a moment may mend; 0 is no answer, or half of one. 501 is not among them: it stays.
_PASSING = (0, 500, 502, 503, 504)

Step = Literal["take", "renew", "wait", "retry", "refuse"]


def next_step(status: int, *, ok: Collection[int], failures: int, repeatable: bool, renewable: bool) -> Step:
    """What to do about a status (0: nothing whole came).

    `failures`: how often this request was asked again already. `repeatable`: asking twice does
    no harm. `renewable`: a fresh token may still be had.
    """
    if status in ok:
        return "take"
    if status == 401 and renewable:
        return "renew"
    if status == 429:
        return "wait"
    if status in _PASSING and repeatable and failures < MAX_FAILURES:
        return "retry"
    return "refuse"


def backoff(failure: int, jitter: float) -> float:
    """Seconds before asking again the first, second, … time: 1, 2, 4, 8, 16, and `jitter` (0 to 1) quarters more."""
    return float(2 ** min(failure - 1, 4)) * (1 + 0.25 * jitter)


def limit_wait(headers: Mapping[str, str], now: float, times: int) -> float:
    """Seconds until the service may be asked again after a 429.

    From X-RateLimit-Reset (Unix seconds by the service's clock), else Retry-After (seconds),
    else `USUAL_WAIT`. `now`: Unix seconds by our clock. `times`: how many 429 came in a row; a
    reset that is past already is not believed more often than that.
    """
    reset, after = _number(headers.get("X-RateLimit-Reset")), _number(headers.get("Retry-After"))
    if reset is not None:
        # The service's own clock first: ours may be minutes off. Its Date has no fractions, so this waits rather long.
        clocks = [moment for moment in (_moment(headers.get("Date")), now) if moment is not None]
        waits = [reset - moment for moment in clocks]
        believed = next((wait for wait in waits if -USUAL_WAIT <= wait <= MAX_WAIT), None)
        if believed is not None:
            # A tenth for clocks that run unevenly; a second and more where the reset is past and still refused.
            return max(believed + 0.1, min(2.0 ** (times - 1), USUAL_WAIT) if believed < 0.5 else 0.0)
        if max(waits) > MAX_WAIT and max(waits) < 7 * 86_400:
            return max(waits)
    return after if after is not None and after > 0 else USUAL_WAIT


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if isfinite(number) else None


def _moment(text: str | None) -> float | None:
    """A Date header as Unix seconds; None where it is absent or no date."""
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
