"""What Clever says of a district's sync, read for people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from roster_core.clever_states import CleverState, pause_ahead, paused, reading

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
CALM = CleverState("d1", "Oak", state="running", last_sync="2026-11-23T22:00:00.000Z", asked_at=NOW)


@pytest.mark.parametrize(
    ("change", "kind", "owner", "words"),
    [
        pytest.param({}, "fine", "us", "Clever syncs with the district, last on 23 Nov 2026", id="running"),
        pytest.param({"state": "success"}, "fine", "us", "Clever syncs", id="success"),
        pytest.param({"state": ""}, "fine", "us", "Clever syncs", id="no state"),
        pytest.param({"state": "resting"}, "fine", "us", 'the state "resting"', id="a word nobody knows"),
        pytest.param({"state": "pending", "error": "No file."}, "trouble", "district", 'says "No file."', id="pending"),
        pytest.param({"state": "error"}, "trouble", "Clever", "only Clever can mend", id="error"),
        pytest.param({"error": "Old words."}, "fine", "us", "Clever syncs", id="the error text decides nothing"),
        pytest.param({"state": "paused"}, "pause", "district", "is paused:", id="paused"),
        pytest.param(
            {"pause_start": "2026-11-20", "pause_end": "2026-12-01T00:00:00.000Z"},
            "pause",
            "district",
            "paused until 1 Dec 2026",
            id="paused by its dates",
        ),
        pytest.param({"pause_start": "2026-12-20", "pause_end": "2027-01-02"}, "fine", "us", "syncs", id="pause ahead"),
        pytest.param({"last_sync": "2026-11-19T22:00:00Z"}, "late", "district", "4 days ago", id="no sync for days"),
        pytest.param({"last_sync": "last Tuesday"}, "fine", "us", "Clever syncs", id="a date nobody can read"),
        pytest.param({"last_sync": ""}, "fine", "us", "Clever syncs", id="no date"),
        pytest.param({"trouble": "The token was refused."}, "trouble", "us", "token was refused", id="unreadable"),
        pytest.param({"listed": False}, "trouble", "district", "no longer lists", id="gone from the list"),
        pytest.param({"listed": False, "state": "paused"}, "trouble", "district", "no longer", id="gravest first"),
    ],
)
def test_each_state_says_what_it_means_and_who_acts(change: dict, kind: str, owner: str, words: str) -> None:
    """The kind, the owner of the next step and the sentence follow from what Clever said, the gravest first."""
    read = reading(replace(CALM, **change), NOW)
    assert (read.kind, read.owner) == (kind, owner)
    assert words in read.told
    assert bool(read.step) == (kind != "fine")


def test_a_pause_that_is_planned_is_told_before_it_begins() -> None:
    """A pause ahead is a sentence of its own; one that runs, or none, is not."""
    ahead = replace(CALM, pause_start="2026-12-20", pause_end="2027-01-02")
    assert pause_ahead(ahead, date(2026, 11, 24)) == (
        "Its sync into Clever pauses from 20 Dec 2026 to 2 Jan 2027: nothing changes then."
    )
    assert pause_ahead(ahead, date(2026, 12, 20)) == ""
    assert pause_ahead(CALM, date(2026, 11, 24)) == ""
    assert [paused(ahead, day) for day in (date(2026, 12, 19), date(2026, 12, 20), date(2027, 1, 3))] == [
        False,
        True,
        False,
    ]
