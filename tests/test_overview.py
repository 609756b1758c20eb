"""Districts at a glance: what calls for attention, and in which order they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from roster_core.clever_states import CleverState
from roster_core.glance import Counted, DistrictFacts, Drifted
from roster_core.overview import CALLS, Filter, attention, days_to_opening, nearest, overview

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TODAY = NOW.date()
DONE = Counted("f", "r", 100, 100, 0, 0, 0, NOW, blockers={})
LEFT = replace(DONE, one=90, none=7, several=3)
CLEVER = CleverState("d", "Oak", state="running", asked_at=NOW)
CALM = DistrictFacts("d", "Oak", "clever", roster_at=NOW - timedelta(hours=2), counted=DONE, clever=CLEVER)
NEAR = {"opens": TODAY + timedelta(days=3), "closes": TODAY + timedelta(days=20)}
DRIFTED = Drifted("r1", "f", NOW, 4, True, ("2 committed students are now in no kept section.", "More."))


@pytest.mark.parametrize(
    ("change", "flag", "words"),
    [
        pytest.param({}, "", "", id="nothing"),
        pytest.param({"counted": LEFT}, "", "", id="unsettled, but in time"),
        pytest.param({**NEAR, "counted": LEFT}, "Window near", "opens in 3 days, and 10 students are not", id="near"),
        pytest.param(
            {**NEAR, "counted": replace(LEFT, one=99, none=1, several=0)},
            "Window near",
            "1 student is not",
            id="one student",
        ),
        pytest.param({**NEAR, "opens": TODAY}, "Window open", "is open, and nothing is committed yet", id="open"),
        pytest.param({**NEAR, "roster_at": None}, "Window near", "there is no roster yet", id="no roster"),
        pytest.param({**NEAR, "counted": None}, "Window near", "nobody has said who is assessed", id="no scope"),
        pytest.param(
            {**NEAR, "counted": replace(DONE, blockers={"us": 1})}, "Window near", "1 cause blocks the commit", id="one"
        ),
        pytest.param({**NEAR, "committed_at": NOW}, "", "", id="near and ready"),
        pytest.param({**NEAR, "opens": TODAY + timedelta(days=11)}, "", "", id="not near yet"),
        pytest.param({"opens": date(2026, 9, 1), "closes": date(2026, 9, 20), "counted": LEFT}, "", "", id="over"),
        pytest.param({"chase_on": TODAY}, "Chase", "chased today", id="chase today"),
        pytest.param({"chase_on": TODAY - timedelta(days=4)}, "Chase", "since 20 Nov", id="chase overdue"),
        pytest.param({"chase_on": TODAY + timedelta(days=1)}, "", "", id="chase later"),
        pytest.param({"drifted": DRIFTED}, "Drift", "2 committed students", id="drift"),
        pytest.param({"drifted": replace(DRIFTED, needs_person=False)}, "", "", id="drift that needs nobody"),
        pytest.param({"clever": replace(CLEVER, state="error")}, "Clever trouble", "Clever can mend", id="error"),
        pytest.param({"clever": replace(CLEVER, listed=False)}, "Clever trouble", "no longer lists", id="unlisted"),
        pytest.param({"roster_at": NOW - timedelta(hours=25)}, "Old roster", "25 hours old. Refresh it", id="stale"),
        pytest.param(
            {"source": "file", "clever": None, "roster_at": NOW - timedelta(days=5)},
            "Old roster",
            "5 days old. Ask for new files.",
            id="old files",
        ),
        pytest.param(
            {"source": "file", "clever": None, "roster_at": NOW - timedelta(days=5), "committed_at": NOW},
            "",
            "",
            id="old files, committed",
        ),
        pytest.param({"source": "sample", "roster_at": NOW - timedelta(days=90)}, "", "", id="the sample never ages"),
        pytest.param({"roster_at": None, "counted": None}, "New", "not loaded yet", id="connected, not loaded"),
        pytest.param({"roster_at": None, "counted": None, "clever": None}, "", "", id="known by name only"),
        pytest.param(
            {"counted": replace(DONE, blockers={"us": 2, "district": 1})},
            "Blocked",
            "3 causes block the commit: 2 ours to mend, 1 for the district.",
            id="blockers",
        ),
        pytest.param({"clever": replace(CLEVER, state="paused")}, "Paused", "is paused", id="paused"),
        pytest.param({"clever": replace(CLEVER, last_sync="2026-11-19")}, "Sync late", "5 days ago", id="late"),
    ],
)
def test_what_calls_for_attention_is_flagged_with_why(change: dict, flag: str, words: str) -> None:
    """The gravest call is the flag, in words; where nothing calls there is none."""
    row = attention(replace(CALM, **change), NOW)
    assert row.flag == flag
    assert words in (row.calls[0].why if row.calls else "")


def test_every_call_is_told_the_gravest_first() -> None:
    """A district with several reasons is flagged by the first of the order and tells the others too."""
    facts = replace(CALM, **NEAR, counted=LEFT, chase_on=TODAY, drifted=DRIFTED, roster_at=NOW - timedelta(days=3))
    flags = [call.flag for call in attention(facts, NOW).calls]
    assert flags == ["Window near", "Chase", "Drift", "Old roster"]
    assert flags == [flag for flag, _ in CALLS if flag in flags]


def test_what_wants_attention_stands_first_and_the_sample_last() -> None:
    """By call, then days left, then share in exactly one, then name; whatever order they came in."""
    wanted = [
        replace(CALM, district_id="open", **{**NEAR, "opens": TODAY}, counted=LEFT),
        replace(CALM, district_id="near", counted=LEFT, **NEAR),
        replace(CALM, district_id="drift", drifted=DRIFTED, committed_at=NOW, opens=TODAY + timedelta(days=2)),
        replace(CALM, district_id="blocked", counted=replace(LEFT, blockers={"us": 1})),
        replace(CALM, district_id="soon", opens=TODAY + timedelta(days=30)),
        replace(CALM, district_id="later", opens=TODAY + timedelta(days=60)),
        replace(CALM, district_id="nobody-counted", counted=None),
        replace(CALM, district_id="some-left", counted=LEFT),
        replace(CALM, district_id="ash", name="Ash"),
        replace(CALM, district_id="elm", name="Elm"),
        replace(CALM, district_id="sample", source="sample", counted=LEFT, **NEAR),
    ]
    ids = [facts.district_id for facts in wanted]
    for known in (wanted, wanted[::-1], sorted(wanted, key=lambda each: each.name)):
        assert [row.facts.district_id for row in overview(known, NOW)] == ids


@pytest.mark.parametrize(
    ("opens", "closes", "left"),
    [(None, None, None), (5, 9, 5), (0, 9, 0), (-3, 9, 0), (-3, None, 0), (-9, -1, None), (None, 4, None)],
)
def test_days_are_counted_to_the_opening(opens: int | None, closes: int | None, left: int | None) -> None:
    """0 while the window is open, none once it is over or where there is no window."""
    first, last = (None if days is None else TODAY + timedelta(days=days) for days in (opens, closes))
    assert days_to_opening(first, last, TODAY) == left


def test_rows_are_found_by_words_owner_flag_and_colleague() -> None:
    """Each part of the filter narrows; words are found in the name and in what comes next, in any order and case."""
    row = attention(replace(CALM, action="Settle 3 students", owner="us", colleague="dana", drifted=DRIFTED), NOW)
    fits = [
        Filter(),
        Filter(words="OAK"),
        Filter(words="students oak"),
        Filter(owner="us"),
        Filter(flag="Drift"),
        Filter(colleague="dana"),
    ]
    misses = [Filter(words="elm"), Filter(owner="district"), Filter(flag="New"), Filter(colleague="lee")]
    assert [each(row) for each in fits] == [True] * len(fits)
    assert [each(row) for each in misses] == [False] * len(misses)


def test_the_nearest_name_is_offered_first() -> None:
    """A district added as people call it finds the one Clever calls a little differently."""
    offered = {"a": "Springfield Township", "b": "Oak Park", "c": "School District of Springfield 186"}
    assert nearest("Springfield School District 186", offered)[0] == "c"
    assert nearest("oak park", offered)[0] == "b"
    assert nearest("x", {}) == []
