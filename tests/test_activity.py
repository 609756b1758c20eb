"""The chain of the activity log: what was changed, taken out, moved or cut off is found, and where."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from roster_core.activity import GENESIS, Head, Link, canonical, linked, parse_head, verify
from roster_core.errors import InputError

Chain = list[Link]


def chain(length: int, start: Head | None = None) -> Chain:
    """A whole log of that many entries, following on another where one is given."""
    links: Chain = []
    head = start or Head()
    for number in range(head.number + 1, head.number + length + 1):
        detail = f'{{"students": {number}}}'
        added = linked(Link(number, "2026-11-03T14:05:00+00:00", "dana", "d1", "load-roster", detail, head.hash))
        links.append(added)
        head = Head(number, added.hash)
    return links


def head_of(links: Chain) -> Head:
    """The head of a chain."""
    return Head(links[-1].number, links[-1].hash) if links else Head()


def test_a_whole_log_has_no_problem() -> None:
    """A log as it was written verifies, an empty one too, also against heads noted on the way."""
    links = chain(5)
    noted = [Head(), Head(3, links[2].hash), head_of(links)]
    assert verify(links, head_of(links), noted) == []
    assert verify([], Head()) == []


def test_what_is_hashed_is_fixed() -> None:
    """The canonical form is what the migration and every later version must agree on, so it stands here in full."""
    link = Link(1, "2026-11-03T14:05:00+00:00", "Zoë", "d1", "purge", "{}", GENESIS)
    told = (
        '{"action":"purge","actor":"Zo\\u00eb","at":"2026-11-03T14:05:00+00:00","detail":"{}","district_id":"d1",'
        f'"number":1,"previous_hash":"{GENESIS}"}}'
    )
    assert canonical(link) == told.encode()
    assert linked(link).hash == hashlib.sha256(told.encode()).hexdigest()


def rewritten(links: Chain) -> Chain:
    """An entry changed by somebody who knows how to hash."""
    return [*links[:2], linked(replace(links[2], actor="lee")), *links[3:]]


def swapped(links: Chain) -> Chain:
    """Two entries that changed places, each with the other's number."""
    second, third = replace(links[2], number=2), replace(links[1], number=3)
    return [links[0], second, third, *links[3:]]


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda links: [*links[:2], replace(links[2], detail="{}"), *links[3:]], [(3, "changed")]),
        (rewritten, [(4, "replaced")]),
        (lambda links: [*links[:2], *links[3:]], [(3, "missing")]),
        (lambda links: links[2:], [(1, "missing")]),
        (swapped, [(2, "changed"), (2, "replaced"), (3, "changed"), (3, "replaced"), (4, "replaced")]),
        (lambda links: links[:-2], [(4, "truncated")]),
        (lambda links: [], [(1, "truncated")]),
        (lambda links: links + chain(1, head_of(links)), [(6, "added")]),
        (lambda links: [*links[:-1], linked(replace(links[-1], actor="lee"))], [(5, "replaced")]),
    ],
    ids=["changed", "rehashed", "taken out", "beginning gone", "swapped", "end gone", "all gone", "put in", "newest"],
)
def test_every_break_is_told_with_its_place(spoil: Callable[[Chain], Chain], found: list[tuple[int, str]]) -> None:
    """What was done to the log is found, and the entries that are as they were are not accused."""
    links = chain(5)
    problems = verify(spoil(links), head_of(links))
    assert [(problem.number, problem.kind) for problem in problems] == found
    assert all(f"{problem.number}" in problem.message for problem in problems)


def test_only_a_head_noted_elsewhere_finds_a_log_written_anew() -> None:
    """Whoever can write everything can write a whole new log; the head noted before tells, nothing else does."""
    links = chain(5)
    anew = chain(2)
    anew += [linked(replace(link, actor="lee", previous_hash=anew[-1].hash)) for link in links[2:3]]
    assert verify(anew, head_of(anew)) == []
    problems = verify(anew, head_of(anew), [Head(3, links[2].hash), head_of(links)])
    assert [(problem.number, problem.kind) for problem in problems] == [(3, "not-as-noted"), (5, "not-as-noted")]


def test_a_noted_head_reads_back() -> None:
    """What is printed to be noted down can be given back; anything else is refused."""
    head = head_of(chain(12))
    assert parse_head(f" {head}\n") == head
    for wrong in ("", "12", "12:abc", f"x:{head.hash}", f"12:{head.hash.upper()}"):
        with pytest.raises(InputError, match="no head of the activity log"):
            parse_head(wrong)
