"""A frame as compressed Arrow columns, in chunks a database can hold; and back. Nothing is ever unpickled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import pandas as pd
import pyarrow as pa

#: Bytes in one stored chunk at most.
CHUNK_BYTES = 16 * 1024 * 1024


class DamagedColumns(Exception):
    """Stored bytes are not what was written. Raised to the store's own modules, which say which roster it is."""


def pack(frame: pd.DataFrame) -> pa.Buffer:
    """The frame's columns, in order and without its index, as one compressed Arrow stream."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return sink.getvalue()


def chunks(packed: pa.Buffer) -> Iterator[tuple[bytes, str]]:
    """The bytes in pieces of `CHUNK_BYTES` at most, each with its SHA-256 (hex)."""
    for start in range(0, packed.size, CHUNK_BYTES):
        data = packed.slice(start, min(CHUNK_BYTES, packed.size - start)).to_pybytes()
        yield data, hashlib.sha256(data).hexdigest()


def unpack(stored: Iterable[tuple[bytes, str]], columns: tuple[str, ...]) -> pd.DataFrame:
    """The frame of those chunks, a `str` column wherever text was packed.

    Raises DamagedColumns when a chunk is missing or changed, or the columns are others.
    """
    pieces = []
    for data, sha256 in stored:
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedColumns
        pieces.append(data)
    try:
        with pa.ipc.open_stream(b"".join(pieces)) as reader:
            table = reader.read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise DamagedColumns from error
    if tuple(table.column_names) != columns:
        raise DamagedColumns
    return table.to_pandas()
