"""Suggestions where co-taught rooms are shared as several sections: no rule tells them apart, a person does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from roster_core.coverage import evaluate
from roster_core.roster import Enrollments, Roster
from roster_core.sample import sample_district
from roster_core.suggest import Suggestion, suggest_rules
from roster_core.twins import choose_twin, settled_by_choices, twins
from tests.made_up import Maker, Room


def _kept_names(maker: Maker, best: Suggestion) -> set[str]:
    roster = maker.roster()
    sections = np.flatnonzero(evaluate(roster, best.rule_set).section_state())
    return set(roster.sections["section_name"].iloc[sections])


def test_homerooms_shared_twice_are_proposed_beside_what_rules_can_do() -> None:
    """A third of the homerooms are co-taught as two sections: no rule settles them, so a lesson is best by rules; the
    homerooms are proposed next, with what settles them."""
    maker = Maker(13, rooms_a_grade=3).subjects()
    for room, members in maker.members:
        maker.add(room, members, f"Homeroom {room.grade}{room.letter} - {room.last}")
        if room.letter == "A":
            other = maker.random.choice(maker.teachers)
            name = f"Homeroom {room.grade}{room.letter} - {other['last_name']}"
            maker.add(room, members, name, teacher_id=other["teacher_id"])
    roster = maker.roster()
    best, second, *_ = suggest_rules(roster)

    assert best.one == best.reachable
    assert second.kind == "twins"
    kept = evaluate(roster, second.rule_set)
    rooms, settled = settled_by_choices(kept, twins(roster, kept))
    assert rooms == sum(room.letter == "A" for room, _ in maker.members)
    assert f"Homerooms alone are the next proposal: {rooms} rooms are shared" in best.explanation
    assert f"puts {second.one + settled:,} of {best.in_scope:,} students in exactly one" in best.explanation
    assert "the next proposal" not in second.explanation + suggest_rules(roster, limit=1)[0].explanation
    assert {name.split()[0] for name in _kept_names(maker, second)} == {"Homeroom"}
    assert "one choice for each under Twins, on Sections" in second.explanation


def _co_taught(maker: Maker, doubled: Callable[[Room], bool], word: Callable[[Room], str]) -> Maker:
    """Lessons that miss some students, and homerooms, some of them shared twice under one and the same name."""
    for room, members in maker.members:
        for lesson in ("Music", "Chess", "Garden"):
            maker.add(room, [member for member in members if maker.random.random() < 0.9], f"{lesson} {room.letter}")
        for _ in range(2 if doubled(room) else 1):
            maker.add(room, members, f"{word(room)} {room.grade}{room.letter}")
    return maker


@pytest.mark.parametrize(
    ("doubled", "word"),
    [
        (lambda room: True, lambda room: "Homeroom"),
        (lambda room: room.letter == "A", lambda room: "Homeroom" if room.grade < 6 else "Advisory"),
        (lambda room: room.grade in (1, 2), lambda room: ("Homeroom", "Crew", "Advisory")[room.school]),
        (lambda room: room.letter == "C" and room.school == 0, lambda room: "HR"),
    ],
    ids=["all rooms", "two words", "a word a school", "a few rooms"],
)
def test_rooms_shared_twice_under_one_name_need_one_choice_each(
    doubled: Callable[[Room], bool], word: Callable[[Room], str]
) -> None:
    """No rule tells two sections of one name apart: the homerooms come first or second, and the choices settle all."""
    maker = _co_taught(Maker(15, rooms_a_grade=3), doubled, word)
    roster = maker.roster()
    chosen = next(item for item in suggest_rules(roster)[:2] if "under Twins, on Sections" in item.explanation)
    rule_set = chosen.rule_set
    rooms = twins(roster, evaluate(roster, rule_set))
    for group in range(len(rooms.groups)):
        ids = rooms.section_ids(group)
        rule_set = choose_twin(rule_set, evaluate(roster, chosen.rule_set), ids, ids[0], "Co-taught")
    after = evaluate(roster, rule_set)

    assert _kept_names(maker, chosen) == {f"{word(room)} {room.grade}{room.letter}" for room, _ in maker.members}
    assert after.one == chosen.reachable == len(roster.students)
    assert f"{len(rooms.groups):,} rooms are shared as two sections or more" in chosen.explanation
    assert f"brings {chosen.several:,} students more to one, {after.one:,} of {after.in_scope:,}" in chosen.explanation


def test_nothing_but_homerooms_some_of_them_doubled_needs_no_rule() -> None:
    """Everything as shared is right but for the rooms that are shared twice; the district is not asked for a mark."""
    maker = Maker(16)
    for room, members in maker.members:
        for _ in range(2 if room.letter == "A" else 1):
            maker.add(room, members, f"{room.grade}{room.letter}")
    best, *_ = suggest_rules(maker.roster())

    assert (best.kind, best.rules) == ("everything", 0)
    assert f"brings {best.several:,} students more to one" in best.explanation
    assert "ask the district how it marks homerooms" not in best.explanation


def _doubled(roster: Roster, share: float) -> Roster:
    """The roster with a share of its homerooms shared once more under another id."""
    said = roster.sections["section_name"].str.contains("home|HR|advisory", case=False).to_numpy()
    rows = np.random.default_rng(0).permutation(np.flatnonzero(said))
    rows = np.sort(rows[: int(len(rows) * share)])
    copies = roster.sections.iloc[rows].assign(section_id=lambda frame: "z" + frame["section_id"])
    sections = pd.concat([roster.sections, copies.astype("str")], ignore_index=True)
    copy_of = np.full(len(roster.sections), -1)
    copy_of[rows] = np.arange(len(rows)) + len(roster.sections)
    student, section = roster.enrollments.student, roster.enrollments.section
    twice = copy_of[section] >= 0
    student, section = np.r_[student, student[twice]], np.r_[section, copy_of[section[twice]]]
    order = np.lexsort((section, student))
    pairs = (codes[order].astype(np.int32) for codes in (student, section))
    return replace(roster, sections=sections, enrollments=Enrollments(*pairs))


def test_lessons_do_not_pass_for_homerooms_where_those_are_doubled() -> None:
    """Conditions that homerooms and lessons meet, less the homerooms, keep lessons: they are called no homerooms."""
    second = suggest_rules(_doubled(sample_district(4000, seed=1), 0.3))[1]

    assert second.kind == "twins"
    assert "under Twins, on Sections, brings" in second.explanation
