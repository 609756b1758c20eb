"""The index of many texts: where it says a word cannot stand, it does not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from roster_core.text_blocks import BLOCK, blocks_of, rows_of

LETTERS = st.text("abé 1-字", min_size=0, max_size=9)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 3 * BLOCK + 5), word=LETTERS)
def test_no_text_with_the_word_is_outside_the_blocks(seed: int, count: int, word: str) -> None:
    """Every text that contains the word is among the rows to look at, and a word of two bytes is not judged."""
    rng = np.random.default_rng(seed)
    names = ["".join(rng.choice(list("abé 1-字"), rng.integers(0, 12))) for _ in range(count)]
    blocks = blocks_of(pa.array(names, pa.large_string()))
    may = blocks.near(word)
    if len(word.encode()) < 3:
        assert may is None
        return
    assert may is not None
    rows = rows_of(may, count)
    assert {place for place, name in enumerate(names) if word in name} <= set(rows.tolist())
    assert len(blocks) == -(-count // BLOCK) and (rows < count).all()


def test_a_rare_word_leaves_few_blocks() -> None:
    """The index is worth its memory: a word that stands in one name of ten thousand leaves few blocks to search."""
    names = [f"math {place} - teacher{place * 7919 % 10_007}" for place in range(10_000)]
    names[5_000] = "homeroom"
    may = blocks_of(pa.array(names, pa.large_string())).near("homeroom")
    assert may is not None and may[5_000 // BLOCK] and may.mean() < 0.05
