"""Rows, files, values and source code -> the hashes that say whether two of them are the same."""

# pyarrow.compute makes its functions when it is imported, out of a type checker's sight.
# pyright: reportAttributeAccessIssue=false

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_PACKAGE = Path(__file__).parent
_CODE = {".py", ".toml", ".csv", ".sql"}


class RowHash:
    """The sha256 of a table's rows, fed batch by batch: the same whatever library wrote them, and in which batches.

    Over the column names and types, then each column's validity and values in a fixed encoding: numbers and days as
    little-endian integers or doubles, truth values as bytes, text as its length in bytes and its UTF-8; 0 for a null.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._columns = [(hashlib.sha256(), hashlib.sha256(), hashlib.sha256()) for _ in schema]
        self.rows = 0

    def update(self, table: pa.Table) -> None:
        """Add rows; their columns must be those of the schema."""
        self.rows += table.num_rows
        for (validity, lengths, values), column in zip(self._columns, table.columns, strict=True):
            for chunk in column.chunks:
                validity.update(_validity(chunk))
                if pa.types.is_string(chunk.type):
                    text = chunk.fill_null("") if chunk.null_count else chunk
                    lengths.update(_lengths(text))
                    values.update(_utf8(text))
                else:
                    values.update(_fixed(chunk))

    def hexdigest(self) -> str:
        """The hash of all rows so far, in hexadecimal."""
        whole = hashlib.sha256()
        whole.update(json.dumps([[field.name, str(field.type)] for field in self._schema]).encode())
        whole.update(self.rows.to_bytes(8, "little"))
        for parts in self._columns:
            for part in parts:
                whole.update(part.digest())
        return whole.hexdigest()


def _validity(chunk: pa.Array) -> bytes:
    if not chunk.null_count:
        return b"\x01" * len(chunk)
    return chunk.is_valid().cast(pa.uint8()).to_numpy().tobytes()


def _lengths(text: pa.Array) -> bytes:
    return pc.binary_length(text).to_numpy().astype("<i4", copy=False).tobytes()


def _utf8(text: pa.Array) -> memoryview | bytes:
    """The bytes of all texts one after the other, without copying them."""
    if not len(text):
        return b""
    _, offsets, data = text.buffers()
    if data is None or offsets is None:
        return b""
    ends = np.frombuffer(offsets, dtype=np.int32)[[text.offset, text.offset + len(text)]]
    return memoryview(data)[int(ends[0]) : int(ends[1])]


def _fixed(chunk: pa.Array) -> bytes:
    """Numbers, days and truth values; Arrow types of any other kind are an error of the caller (TypeError)."""
    if pa.types.is_boolean(chunk.type):
        chunk = chunk.cast(pa.uint8())
    elif pa.types.is_date32(chunk.type):
        chunk = chunk.cast(pa.int32())
    elif not (pa.types.is_int64(chunk.type) or pa.types.is_float64(chunk.type)):
        raise TypeError(f"rows of type {chunk.type} have no fixed encoding")
    filled = chunk.fill_null(0) if chunk.null_count else chunk
    numbers = filled.to_numpy(zero_copy_only=False)
    return numbers.astype(numbers.dtype.newbyteorder("<"), copy=False).tobytes()


def sha256_of(path: Path) -> str:
    """The sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_of(value: object) -> str:
    """A version for any JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def code_version(*sources: Path) -> str:
    """A version for code that is not SQL: changes with the text of the files it is made of."""
    texts = {source.relative_to(_PACKAGE).as_posix(): source.read_text(encoding="utf-8") for source in _files(sources)}
    return hash_of(texts)[:12]


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        yield from sorted(path for path in source.rglob("*") if path.suffix in _CODE) if source.is_dir() else [source]
