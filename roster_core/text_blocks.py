"""Many short texts as a few long ones, with an index that says in which of those a word may stand.

A search for part of a name looks at the blocks that hold every three-byte run of the word, and at no other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: Texts in one block, and how many texts are worth blocks at all.
BLOCK = 64
LONG = 1 << 15

# Runs of three bytes share this many lines of the index: few enough to stay small (12 MB for 190,000 names), enough
# that a block of names fills a tenth of them. The multiplier is Knuth's, for hashing by multiplication.
_LINES_BITS = 12
_MULTIPLIER = np.uint32(2654435761)
_RUN = 3


@dataclass(frozen=True, slots=True, eq=False)
class TextBlocks:
    """`texts`: many texts, `BLOCK` of them in one, a line each. `index`: bool[lines, blocks], which hashed three-byte
    runs stand in which block.
    """

    texts: pa.LargeStringArray
    index: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)

    def near(self, word: str) -> np.ndarray | None:
        """bool[blocks]: where the word may stand, and nowhere else; None for a word too short to say."""
        letters = np.frombuffer(word.encode(), dtype=np.uint8)
        return self.index[_lines(letters)].all(axis=0) if len(letters) >= _RUN else None

    def sliced(self, first: int, count: int) -> TextBlocks:
        """`count` blocks from the one numbered `first`."""
        return TextBlocks(self.texts.slice(first, count), self.index[:, first : first + count])


def blocks_of(texts: pa.LargeStringArray) -> TextBlocks:
    """Texts in blocks, with their index; folded texts hold no line break of their own. Costs a pass over the bytes."""
    cuts = np.append(np.arange(0, len(texts), BLOCK, dtype=np.int64), len(texts))
    joined = pc.binary_join(pa.LargeListArray.from_arrays(cuts, texts), pa.scalar("\n", pa.large_string()))
    return TextBlocks(joined, _index_of(joined))


def rows_of(blocks: np.ndarray, count: int) -> np.ndarray:
    """int64: the rows of the chosen blocks (bool[blocks]) of `count` texts, ascending."""
    rows = (np.flatnonzero(blocks)[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    return rows[: np.searchsorted(rows, count)]


def _lines(letters: np.ndarray) -> np.ndarray:
    """uint32: the line of the index for each run of three bytes."""
    wide = letters.astype(np.uint32)
    runs = (wide[:-2] << np.uint32(16)) | (wide[1:-1] << np.uint32(8)) | wide[2:]
    return (runs * _MULTIPLIER) >> np.uint32(32 - _LINES_BITS)


def _index_of(blocks: pa.LargeStringArray) -> np.ndarray:
    offsets = np.frombuffer(blocks.buffers()[1], dtype=np.int64)[blocks.offset : blocks.offset + len(blocks) + 1]
    letters = np.frombuffer(blocks.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    block = np.repeat(np.arange(len(blocks), dtype=np.int32), np.diff(offsets))
    index = np.zeros((1 << _LINES_BITS, len(blocks)), dtype=bool)
    lines = _lines(letters)
    # A run that begins in one block and ends in the next marks the first: a search may look at it in vain.
    index[lines, block[: len(lines)]] = True
    return index
