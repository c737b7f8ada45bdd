"""A Parquet or Feather file -> one sheet of text cells; its row numbers count from 1 below a header in row 0."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa

from sc_pipeline.staged.formats.apart import read_apart
from sc_pipeline.staged.formats.sheet import HEADER_ROWS, Problem, Row, Sheet
from sc_pipeline.staged.formats.spooled import batches_of, read_spooled

_PROCESS = "sc_pipeline.staged.formats.columnar_process"


def read_columnar(path: Path, name: str, form: str, scratch: Path) -> Iterator[Sheet]:
    """The one sheet of a Parquet or Feather file. `name` is what messages and rows call it. Raises FileProblem."""
    with read_apart(_PROCESS, path, name, f".{form}", scratch) as (folder, told):
        for facts in told:
            cells = read_spooled(folder / facts["file"])
            first = [column.to_pylist() for column in cells.slice(0, HEADER_ROWS).columns]
            head: list[Row] = [(0, facts["names"])]
            head += [(row, list(values)) for row, values in enumerate(zip(*first, strict=True), 1)]
            yield Sheet(name, None, None, head, partial(_batches, cells))


def _batches(
    cells: pa.Table, header_row: int, columns: Sequence[str], problems: list[Problem]
) -> Iterator[pa.RecordBatch]:
    del problems  # every row has the width of the schema
    # The header is row 0, so the rows below row n begin with the row at n.
    yield from batches_of(cells, header_row, columns)
