"""An Arrow file of text cells that a process of its own wrote -> batches of rows, mapped and not read into memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from sc_pipeline.staged.formats.sheet import drop_blank_rows


def read_spooled(file: Path) -> pa.Table:
    """All cells of the file."""
    with pa.memory_map(str(file)) as source:
        return pa.ipc.open_file(source).read_all()


def batches_of(cells: pa.Table, start: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows from position `start`, numbered from `start` + 1, under the names of the columns."""
    for batch in cells.slice(start).to_batches():
        source_row = pa.array(np.arange(start + 1, start + 1 + batch.num_rows))
        yield drop_blank_rows(pa.RecordBatch.from_arrays([source_row, *batch.columns], names=["source_row", *columns]))
        start += batch.num_rows
