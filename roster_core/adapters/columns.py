"""Whole-column steps that several file formats share: trimming, lists inside cells, and ids joined in one cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.assembly import Table
from roster_core.roster import ID_SEPARATOR, id_codes
from roster_core.vocabulary import text_array


def as_text(values: pa.Array | pa.ChunkedArray, index: pd.Index | None = None) -> pd.Series:
    """An Arrow text array as a `str` series; a null becomes the empty text."""
    return pd.Series(pd.array(pc.fill_null(values, ""), dtype="str"), index=index)


def trimmed(table: Table) -> Table:
    """The table without blanks around its cells: programs that pad cells mean the same id."""
    frame = table.frame
    cells = {name: as_text(pc.utf8_trim_whitespace(text_array(frame[name])), frame.index) for name in frame.columns}
    return Table(table.file, pd.DataFrame(cells, index=frame.index), table.row)


def chosen(table: Table, mask: np.ndarray | pd.Series) -> Table:
    """The rows of a table where the mask is true, renumbered from 0; `row` goes with them."""
    picked = np.asarray(mask, dtype=bool)
    return Table(table.file, table.frame[picked].reset_index(drop=True), table.row[picked])


def renamed(table: Table, names: dict[str, str]) -> Table:
    """The columns that are keys of `names`, under the names that are its values."""
    return Table(table.file, table.frame[list(names)].rename(columns=names), table.row)


def among(ids: pd.Series, known: pd.Series) -> np.ndarray:
    """bool: whether each id is one of the known."""
    return pc.is_in(text_array(ids), value_set=text_array(known)).to_numpy(zero_copy_only=False)


def list_items(cells: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """The items of comma-joined lists: the place of the cell each was in (int64, ascending), and the items, trimmed."""
    lists = pc.split_pattern(text_array(cells), ",")
    owner = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    items = as_text(pc.utf8_trim_whitespace(pc.list_flatten(lists)))
    filled = (items != "").to_numpy()
    return owner[filled], items[filled].reset_index(drop=True)


def first_items(owner: np.ndarray, items: pd.Series, count: int) -> pd.Series:
    """The first item of each owner 0 to `count` - 1, the empty text where it has none; `owner` ascends."""
    owners, places = np.unique(owner, return_index=True)
    spread = np.full(count, -1, dtype=np.int64)
    spread[owners] = places
    return as_text(text_array(items).take(pa.array(spread, mask=spread < 0)))


def joined_items(owner: np.ndarray, items: pd.Series, count: int) -> pd.Series:
    """The items of each owner 0 to `count` - 1, joined by `ID_SEPARATOR` as they come; `owner` ascends."""
    offsets = pa.array(np.searchsorted(owner, np.arange(count + 1)), pa.int64())
    lists = pa.LargeListArray.from_arrays(offsets, text_array(items))
    return as_text(pc.binary_join(lists, pa.scalar(ID_SEPARATOR, pa.large_string())))


def joined_schools(students: pd.Series, primary: pd.Series, member: pd.Series, school: pd.Series) -> pd.Series:
    """All schools of each student, joined by `ID_SEPARATOR`: the primary one, then the others sorted.

    `students` and `primary` go together, and so do `member` (a student id) and `school`, in
    which a student may stand any number of times. Where an id is repeated in `students`, its
    first row has them all.
    """
    owner = id_codes(member, students).astype(np.int64)
    count = len(students)
    names = pc.unique(pa.concat_arrays([text_array(primary), text_array(school)]))
    names = names.take(pc.sort_indices(names))
    first = pc.index_in(text_array(primary), value_set=names).to_numpy().astype(np.int64)
    other = pc.index_in(text_array(school), value_set=names).to_numpy().astype(np.int64)
    extra = (owner >= 0) & (school != "").to_numpy()
    extra[extra] = other[extra] != first[owner[extra]]
    # Sorted first: np.unique hashes, which takes ten times as long here.
    pairs = np.sort(owner[extra] * len(names) + other[extra])
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    named = np.flatnonzero(primary != "")
    owners = np.concatenate((named, pairs // max(len(names), 1)))
    schools = np.concatenate((first[named], pairs % max(len(names), 1)))
    # Stable: the primary school stands first among equals.
    order = np.argsort(owners, kind="stable")
    return joined_items(owners[order], as_text(names.take(pa.array(schools[order]))), count)
