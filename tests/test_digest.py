"""The message about every district: the worst first, counted, and without a child's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from roster_core.digest import Watched, digest, worst_first
from roster_core.drift import drift
from roster_core.plan import CurrentRoster, plan_commit
from tests.builders import HOMEROOMS, district

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def _watched(district_id: str, *, unenrolled: int = 0, **told: object) -> Watched:
    """A district of which some students lost their homeroom."""
    roster = district()
    rows = plan_commit(roster, HOMEROOMS, district_id=district_id).rows
    committed = CurrentRoster("R-1", rows, HOMEROOMS.to_json())
    lost = list(zip(rows["student_id"][:unenrolled], rows["section_id"][:unenrolled], strict=True))
    found = drift(committed, district(unenrolled=lost), HOMEROOMS, before=roster)
    return Watched(district_id, district_id.title(), "embedded", "R-1", drift=found, **told)


def _failed(district_id: str) -> Watched:
    return Watched(district_id, "", "embedded", "R-2", problem="Clever failed (status 500).", failed=True)


def _lost(district_id: str) -> Watched:
    return Watched(district_id, "Lost USD", "embedded", "R-3", problem="Not connected any more.", lost=True)


def test_the_worst_district_comes_first() -> None:
    """Lost before those with most to lose, before failures, before what was not compared and what is fine."""
    fine, little, much = _watched("fine"), _watched("little", unenrolled=1), _watched("much", unenrolled=3)
    unknown = Watched("unknown", "", "embedded", "R-4", problem="There is no newer roster to compare with.")
    ordered = worst_first([fine, unknown, _failed("down"), little, _lost("gone"), much])

    assert [one.district_id for one in ordered] == ["gone", "much", "little", "down", "unknown", "fine"]


def test_the_message_says_who_is_needed_where() -> None:
    """The subject counts, each district has its sentences and the receipt it was compared with."""
    told = digest([_watched("fine"), _watched("oak", unenrolled=2, source="fetched in full from Clever")], now=NOW)

    assert told.needs_person
    assert told.subject == "Rosters: 1 district needs a person"
    assert told.text == (
        "What changed since the rosters were committed, as of 2026-11-24 05:00 UTC.\n"
        "\n"
        "Oak (oak): NEEDS A PERSON\n"
        "  - 2 committed students are now in no kept section.\n"
        "  - Against receipt R-1 (embedded), fetched in full from Clever.\n"
        "\n"
        "Fine (fine): fine\n"
        "  - Nothing changed for the 8 committed students.\n"
        "  - Against receipt R-1 (embedded).\n"
    )


@pytest.mark.parametrize(
    ("watched", "subject", "needed"),
    [
        ([], "Rosters: nothing needs a person", False),
        ([_watched("a")], "Rosters: nothing needs a person", False),
        ([_failed("a")], "Rosters: 1 district could not be checked", True),
        (
            [_watched("a", unenrolled=1), _lost("b"), _failed("c"), _failed("d")],
            "Rosters: 2 districts need a person, 2 districts could not be checked",
            True,
        ),
    ],
    ids=["none", "fine", "failed", "mixed"],
)
def test_the_subject_counts_districts(watched: list[Watched], subject: str, needed: bool) -> None:
    """Singular and plural are right, and it is known whether the message is worth sending."""
    told = digest(watched, now=NOW)
    assert (told.subject, told.needs_person) == (subject, needed)


def test_no_child_is_named() -> None:
    """Neither a name, a birthdate nor an id of a student is in the message."""
    told = digest([_watched("oak", unenrolled=3)], now=NOW).text
    students = district().students
    for column in ("student_id", "last_name", "birthdate"):
        assert not [value for value in students[column] if len(value) > 2 and value in told]


def test_a_long_problem_is_wrapped() -> None:
    """Lines stay short enough for any mail program."""
    told = digest([replace(_failed("x"), problem="word " * 60)], now=NOW).text
    assert max(map(len, told.splitlines())) <= 78
