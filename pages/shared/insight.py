"""What is said beyond counts, made when asked for and held beside the roster: near families, twins, answers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pages.shared import services, widgets
from roster_core.answer import Answer, Remedy, answer, what_it_takes
from roster_core.clusters import Cluster
from roster_core.coverage import Coverage
from roster_core.families import Families
from roster_core.lookup import ids_of_number
from roster_core.roster import Roster
from roster_core.twins import Twins

Keys = tuple[str, ...]


def merged(district: str) -> tuple[Keys, ...]:
    """The families that reviewers take as one, each group by its keys."""
    return tuple(keys for keys, one in services.family_choices(district).items() if one)


def families(roster: Roster) -> Families:
    """The families of the roster, those taken as one by a reviewer as one."""
    return services.made().families(roster, merged(roster.district.id))


def clusters(roster: Roster) -> list[Cluster]:
    """Families whose names are nearly alike, whatever the reviewer said of them."""
    return services.made().clusters(roster)


def twin_rooms(coverage: Coverage) -> Twins:
    """Rooms whose students are kept in several sections with (nearly) the same students."""
    return services.made().twins(coverage)


def in_twins(coverage: Coverage, student_id: str) -> bool:
    """Whether a student is kept in two sections of one twin room."""
    rooms = twin_rooms(coverage).sections.set_index("section_id")["group"]
    kept = [reason.section_id for reason in coverage.why(student_id) if reason.kept and reason.section_id in rooms]
    return bool(rooms.loc[kept].duplicated().any())


def odd_rooms(coverage: Coverage) -> pd.DataFrame:
    """Kept rooms that span both editions, or half of whose students are not assessed."""
    return services.made().odd_rooms(coverage)


def student_answer(coverage: Coverage, student_id: str) -> Answer:
    """The one answer about a student, known or not. Raises `RosterError` where the roster in force cannot be read."""
    roster = coverage.roster
    committed = services.roster_in_force(roster)
    receipt = services.receipt_in_force(roster.district.id)
    return answer(
        coverage,
        student_id,
        committed=committed,
        committed_at="" if receipt is None else widgets.clock(receipt.committed_at),
        shared_on=widgets.clock(roster.fetched_at),
    )


def remedies(coverage: Coverage, student_id: str) -> tuple[Remedy, ...]:
    """What it would take to bring a student to exactly one section, the smallest change first."""
    roster = coverage.roster
    return services.beside(
        roster,
        ("remedies", coverage.rule_set, student_id),
        lambda: what_it_takes(coverage, student_id, names=services.made().families(roster)),
    )


def first_seen(roster: Roster, section_ids: Sequence[str]) -> dict[str, str]:
    """For sections, when each came into this district, as people read it; as far back as rosters are kept.

    Raises `RosterError` where an earlier roster cannot be read.
    """
    seen = services.first_seen(roster, tuple(section_ids))
    return {section: widgets.clock(moment) for section, moment in seen.items()}


def committed_id(coverage: Coverage, number: str) -> str:
    """The id a number stands for in the roster in force, where the data shared now has no such student; else itself.

    Leading zeros that a spreadsheet dropped do not count where they leave one student; several are nobody.
    """
    committed = services.roster_in_force(coverage.roster)
    if committed is not None:
        held = ids_of_number(number, committed.rows["student_number"], committed.rows["student_id"])
        if len(held) == 1:
            return held[0]
    return number
