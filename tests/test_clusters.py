"""Near families: found by the same words, the same letters, or a small edit distance, and only offered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster_core.clusters import edit_distance, near_families
from roster_core.families import Families
from roster_core.name_words import name_words
from tests.made_up import Maker


def _families(*keys: str) -> Families:
    frame = pd.DataFrame({"key": keys, "family": [key.title() for key in keys], "sections": range(len(keys), 0, -1)})
    return Families(np.arange(len(keys), dtype=np.int32), frame, name_words(Maker(0).roster()))


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (("grade homeroom", "homeroom grade"), "the same words"),
        (("home room", "homeroom"), "the same letters"),
        (("homeroom", "homerooom"), "the same letters"),
        (("advisory", "advisery"), "nearly the same spelling"),
    ],
)
def test_near_keys_are_one_cluster(keys: tuple[str, ...], reason: str) -> None:
    """Each kind of nearness makes one cluster that says why."""
    clusters = near_families(_families(*keys, "lunch"))

    assert [(cluster.keys, cluster.reason) for cluster in clusters] == [(keys, reason)]


@pytest.mark.parametrize("keys", [("art", "pe"), ("band", "hand"), ("math", "lunch"), ("science", "seance")])
def test_other_words_are_not_near(keys: tuple[str, ...]) -> None:
    """Short words and different words stay apart."""
    assert near_families(_families(*keys)) == []


def test_a_chain_is_one_cluster() -> None:
    """Keys near to a common neighbour are offered together, the biggest family first."""
    (cluster,) = near_families(_families("homeroom", "homerom", "home room"))

    assert cluster.keys == ("homeroom", "homerom", "home room")
    assert cluster.sections == 6


def _plain_distance(one: str, other: str) -> int:
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return _plain_distance(one[1:], other[1:])
    return 1 + min(
        _plain_distance(one[1:], other), _plain_distance(one, other[1:]), _plain_distance(one[1:], other[1:])
    )


@given(st.text("ab", max_size=5), st.text("ab", max_size=5), st.integers(0, 3))
def test_the_bounded_distance_is_the_plain_one(one: str, other: str, limit: int) -> None:
    """Up to its limit the distance equals the textbook recursion; beyond it is one more than the limit."""
    assert edit_distance(one, other, limit) == min(_plain_distance(one, other), limit + 1)


def test_many_long_names_are_compared_quickly() -> None:
    """The comparison is by shared remains, not by every pair, so many long keys are no burden."""
    keys = [f"family {chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)} of long names" for n in range(600)]

    assert near_families(_families(*keys))
