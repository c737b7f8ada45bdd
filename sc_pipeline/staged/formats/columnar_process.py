"""A Parquet or Feather file -> one Arrow file of text cells, in a process of its own: bytes may ask for gigabytes.

Run as `python -m sc_pipeline.staged.formats.columnar_process SOURCE FOLDER`; prints one line of JSON.
"""

# pyarrow.compute makes its functions when it is imported, out of a type checker's sight.
# pyright: reportAttributeAccessIssue=false

import errno
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather as feather
import pyarrow.parquet as pq

from sc_pipeline.errors import FileProblem
from sc_pipeline.limits import CELL, COLUMNS
from sc_pipeline.staged.formats.apart import confine, tell
from sc_pipeline.staged.formats.sheet import longest_cell

_BATCH_ROWS = 65_536
_SECONDS = "%Y-%m-%d %H:%M:%S"


def main(source: Path, folder: Path) -> None:
    """Write the rows of a file as text into `folder`, and tell the names of its columns."""
    confine(source)
    is_parquet = source.suffix == ".parquet"
    try:
        schema = pq.read_schema(source) if is_parquet else feather.read_table(source, memory_map=True).schema
        COLUMNS.hold(len(schema), "")
        if not schema.names:
            raise FileProblem(": has no columns; fetch it again")
        _write(_batches(source, is_parquet), len(schema), folder / "rows.arrow")
    except FileProblem as problem:
        tell(refused=str(problem))
    except pa.ArrowMemoryError:
        raise  # told by how this process ends
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise  # the disk's fault
        reason = (str(error).splitlines() or ["no reason given"])[0]
        form = "Parquet" if is_parquet else "Feather"
        tell(refused=f": cannot be read as {form} (damaged or cut short): {reason}; fetch it again")
    else:
        tell(file="rows.arrow", names=schema.names)


def _batches(source: Path, is_parquet: bool) -> Iterator[pa.RecordBatch]:
    if not is_parquet:
        yield from feather.read_table(source, memory_map=True).to_batches(_BATCH_ROWS)
        return
    with pq.ParquetFile(source) as file:
        yield from file.iter_batches(_BATCH_ROWS)


def _write(batches: Iterator[pa.RecordBatch], width: int, file: Path) -> None:
    schema = pa.schema([(f"column {number}", pa.string()) for number in range(1, width + 1)])
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            batch.validate(full=True)
            texts = [_column(column) for column in batch.columns]
            for column in texts:
                CELL.hold(longest_cell(column), "")
            writer.write_batch(pa.RecordBatch.from_arrays(texts, schema=schema))


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
    return pa.array([None if value is None else _text(value) for value in column.to_pylist()], pa.string())


def _text(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        text = value.decode()  # some writers do not say that their bytes are text
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() else value.hex()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
