"""Families whose names are nearly alike, offered to the reviewer to be taken as one; nothing is merged by itself.

As OpenRefine clusters: key collision first (the same words in another order, the same letter pairs), then nearest
neighbours by edit distance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from roster_core.families import Families

#: Only the biggest families are compared by edit distance, and only keys of at least this many letters.
MOST_COMPARED, SHORTEST, LONG = 1000, 5, 9
#: Of many keys that share a remainder each is compared with the next few only; a chain still joins them.
NEXT_COMPARED = 6


@dataclass(frozen=True, slots=True)
class Cluster:
    """Families that may be one: their keys and labels, biggest first, the sections in all, and why they are near."""

    keys: tuple[str, ...]
    families: tuple[str, ...]
    sections: int
    reason: str


def near_families(found: Families) -> list[Cluster]:
    """Clusters of near families, the most sections first.

    Two keys are near when they have the same words in any order, the same letter pairs, or an edit distance of 1
    (2 from nine letters on) between keys of at least five letters. The distance is bounded: each key is filed under
    the texts left when up to two letters are taken out, so only keys that share one are compared; about k² texts for
    a key of k letters, of the 1,000 biggest families.
    """
    keys = found.frame["key"].to_list()
    labels = found.frame["family"].to_list()
    sections = found.frame["sections"].to_numpy()
    parent = list(range(len(keys)))
    reasons: dict[int, str] = {}
    for reason, pairs in (
        ("the same words", _collisions(keys, lambda key: " ".join(sorted(set(key.split()))))),
        ("the same letters", _collisions(keys, _letter_pairs)),
        ("nearly the same spelling", _neighbours(keys[:MOST_COMPARED])),
    ):
        for one, other in pairs:
            root, leaf = sorted((_root(parent, one), _root(parent, other)))
            if root != leaf:
                parent[leaf] = root
                reasons[root] = reasons.get(root, reasons.pop(leaf, reason))
    groups: dict[int, list[int]] = defaultdict(list)
    for place in range(len(keys)):
        groups[_root(parent, place)].append(place)
    clusters = [
        Cluster(
            keys=tuple(keys[place] for place in group),
            families=tuple(labels[place] for place in group),
            sections=int(sections[group].sum()),
            reason=reasons[root],
        )
        for root, group in groups.items()
        if len(group) > 1
    ]
    return sorted(clusters, key=lambda cluster: (-cluster.sections, cluster.keys))


def edit_distance(one: str, other: str, limit: int) -> int:
    """Letters to change, add or leave out to make one text the other; `limit` + 1 where it takes more than `limit`."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, against in enumerate(other, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (letter != against)))
        if min(now) > limit:
            return limit + 1
        before = now
    return min(before[-1], limit + 1)


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


def _collisions(keys: list[str], fingerprint: Callable[[str], str]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for place, key in enumerate(keys):
        mark = fingerprint(key)
        if not mark:
            continue
        if mark in first:
            yield first[mark], place
        else:
            first[mark] = place


def _letter_pairs(key: str) -> str:
    """The different pairs of neighbouring letters, blanks left out, in order of the alphabet."""
    letters = "".join(letter for letter in key if letter.isalnum())
    return "".join(sorted({letters[at : at + 2] for at in range(len(letters) - 1)}))


def _neighbours(keys: list[str]) -> Iterator[tuple[int, int]]:
    filed: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        if len(key) >= SHORTEST and any(letter.isalpha() for letter in key):
            for rest in _shortened(key, 2 if len(key) >= LONG else 1):
                filed[rest].append(place)
    seen: set[tuple[int, int]] = set()
    for places in filed.values():
        for at, one in enumerate(places):
            for other in places[at + 1 : at + 1 + NEXT_COMPARED]:
                if (one, other) not in seen:
                    seen.add((one, other))
                    limit = 2 if min(len(keys[one]), len(keys[other])) >= LONG else 1
                    if edit_distance(keys[one], keys[other], limit) <= limit:
                        yield one, other


def _shortened(key: str, letters: int) -> set[str]:
    """The key and what is left when up to so many letters are taken out; keys over 40 letters lose one at most."""
    found, edge = {key}, {key}
    for _ in range(letters if len(key) <= 40 else 1):
        edge = {text[:at] + text[at + 1 :] for text in edge for at in range(len(text))}
        found |= edge
    return found
