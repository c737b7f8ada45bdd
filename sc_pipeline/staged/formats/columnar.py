"""A Parquet or Feather file -> one sheet of text cells; its row numbers count from 1 below a header in row 0."""

# pyarrow.compute makes its functions when it is imported, out of a type checker's sight.
# pyright: reportAttributeAccessIssue=false

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather as feather
import pyarrow.parquet as pq

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.formats.content import PARQUET
from sc_pipeline.staged.formats.sheet import HEADER_ROWS, Problem, Row, Sheet, drop_blank_rows

_BATCH_ROWS = 65_536
_SECONDS = "%Y-%m-%d %H:%M:%S"


def read_columnar(path: Path, name: str, form: str) -> Iterator[Sheet]:
    """The one sheet of a Parquet or Feather file. `name` is what messages and rows call it. Raises FileProblem."""
    try:
        schema = pq.read_schema(path) if form == PARQUET else feather.read_table(path, memory_map=True).schema
        first = next(_record_batches(path, form), None)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(name, form, error) from None
    names: list[str | None] = list(schema.names)
    head: list[Row] = [(0, names)]
    if first is not None:
        cells = [_column(column) for column in first.slice(0, HEADER_ROWS).columns]
        head += [(row, list(values)) for row, values in
                 enumerate(zip(*(column.to_pylist() for column in cells), strict=True), 1)]  # fmt: skip
    yield Sheet(name, None, None, head, partial(_batches, path, name, form))


def _record_batches(path: Path, form: str) -> Iterator[pa.RecordBatch]:
    if form == PARQUET:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH_ROWS)
    else:
        yield from feather.read_table(path, memory_map=True).to_batches(_BATCH_ROWS)


def _batches(
    path: Path, name: str, form: str, header_row: int, columns: Sequence[str], problems: list[Problem]
) -> Iterator[pa.RecordBatch]:
    del problems  # every row has the width of the schema
    start = 0
    try:
        for batch in _record_batches(path, form):
            rows = pa.array(np.arange(start + 1, start + 1 + batch.num_rows))
            cells = pa.RecordBatch.from_arrays([rows, *map(_column, batch.columns)], ["source_row", *columns])
            yield drop_blank_rows(cells.slice(max(0, header_row - start)))
            start += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(name, form, error) from None


def _column(column: pa.Array) -> pa.Array:
    """Dates and times as ISO text, whole numbers without a point; a time of midnight is left out."""
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        text = pc.strftime(column.cast(pa.timestamp("s"), safe=False), format=_SECONDS)
        column = pc.replace_substring_regex(text, pattern=" 00:00:00$", replacement="")
    elif pa.types.is_floating(column.type):
        column = pc.replace_substring_regex(column.cast(pa.string()), pattern=r"^(-?\d+)\.0$", replacement=r"\1")
    column = _cast(column)
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _cast(column: pa.Array) -> pa.Array:
    """Any values as text. Lists, shapes and bytes feed no field that is known, but nothing may be lost."""
    kind = column.type
    if not (pa.types.is_nested(kind) or pa.types.is_duration(kind) or "binary" in str(kind)):
        return column.cast(pa.string())
    texts = [None if value is None else value.hex() if isinstance(value, bytes) else str(value)
             for value in column.to_pylist()]  # fmt: skip
    return pa.array(texts, pa.string())


def _unreadable(name: str, form: str, error: Exception) -> FileProblem:
    reason = (str(error).splitlines() or ["no reason given"])[0]
    return FileProblem(f"{name}: cannot be read as {form.title()} (damaged or cut short): {reason}; fetch it again")
