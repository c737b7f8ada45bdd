"""A workbook -> sheets of text cells: dates as ISO text, codes as written, true row numbers."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from sc_pipeline.staged.formats.apart import read_apart
from sc_pipeline.staged.formats.sheet import BESIDE, HEAD_ROWS, NOT_TAKEN_IN, Aside, Problem, Row, Sheet, is_blank
from sc_pipeline.staged.formats.spooled import batches_of, read_spooled

_PROCESS = "sc_pipeline.staged.formats.workbook_process"


def read_workbook(path: Path, name: str, form: str, scratch: Path) -> Iterator[Sheet | Aside]:
    """Every sheet of a workbook. `name` is what messages and rows call the file, `form` its format, such as .xlsx.

    It is parsed by a process of its own, with limits of memory and time. Raises FileProblem.
    """
    found = False
    with read_apart(_PROCESS, path, name, form, scratch) as (folder, told):
        for facts in told:
            found = True
            yield _sheet(facts, folder, name)
    if not found:
        yield Aside(name, None, f"{NOT_TAKEN_IN}is empty: no sheet holds a cell")


def _sheet(facts: dict[str, Any], folder: Path, name: str) -> Sheet | Aside:
    if facts["file"] is None:
        return Aside(name, facts["sheet"], f"{BESIDE}an empty sheet")
    cells = read_spooled(folder / facts["file"])
    head = _head(cells)
    if not head:
        return Aside(name, facts["sheet"], f"{BESIDE}an empty sheet")
    return Sheet(
        name,
        facts["sheet"],
        None,
        head,
        partial(_batches, cells),
        hidden=facts["hidden"],
        epoch_1904=facts["epoch_1904"],
    )


def _head(cells: pa.Table) -> list[Row]:
    head: list[Row] = []
    for start in range(0, cells.num_rows, 2 * HEAD_ROWS):
        part = cells.slice(start, 2 * HEAD_ROWS)
        columns = [column.to_pylist() for column in part.columns]
        for row, values in enumerate(zip(*columns, strict=True), start + 1):
            if not is_blank(values):
                head.append((row, list(values)))
        if len(head) >= HEAD_ROWS:
            break
    return head[:HEAD_ROWS]


def _batches(
    cells: pa.Table, header_row: int, columns: Sequence[str], problems: list[Problem]
) -> Iterator[pa.RecordBatch]:
    del problems  # every row of a sheet has the sheet's width
    yield from batches_of(cells, header_row, columns)
