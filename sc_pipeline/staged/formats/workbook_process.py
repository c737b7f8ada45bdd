"""A workbook -> one Arrow file of text cells per sheet, in a process of its own: a workbook may kill its reader.

Run as `python -m sc_pipeline.staged.formats.workbook_process BOOK FOLDER BYTES`; prints one line of JSON per sheet.
"""

# pyarrow.compute makes its functions when it is imported, out of a type checker's sight.
# pyright: reportAttributeAccessIssue=false

import json
import re
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sc_pipeline.staged.formats.repair import is_1904, repaired, stray_cell

_BATCH_ROWS = 50_000
_CPU_SECONDS = 3600
_MIDNIGHT = " 00:00:00"
_DATE_AT_MIDNIGHT = r"^\d{4}-\d\d-\d\d 00:00:00$"
# calamine's names of the errors a formula can end in, and what Excel shows.
_ERRORS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!",
    "Num": "#NUM!", "Ref": "#REF!", "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip


def main(book: Path, folder: Path, limit_bytes: int) -> None:
    """Write every sheet of a workbook that holds a cell into `folder`, and tell of each when it is there."""
    resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    for sheet, cell in stray_cell(book).items():
        _tell(stray=cell, sheet=sheet)
        return
    try:
        workbook = fastexcel.read_excel(repaired(book, folder))
        epoch = is_1904(book)
        for number, sheet in enumerate(workbook.sheet_names):
            loaded = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
            hidden = loaded.visible != "visible"
            if not loaded.width or not loaded.height:
                _tell(sheet=sheet, hidden=hidden, file=None, epoch_1904=epoch)
                continue
            file = folder / f"{number:04}.arrow"
            _write(_cells(loaded), file)
            _tell(sheet=sheet, hidden=hidden, file=file.name, epoch_1904=epoch)
    except fastexcel.FastExcelError as error:
        _tell(problem=str(error).splitlines()[0])


def _tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def _cells(loaded: fastexcel.ExcelSheet) -> pa.RecordBatch:
    """All cells of a sheet as text, its first row being row 1."""
    cells, errors = loaded.to_arrow_with_errors()
    return _restore_errors(cells, errors.errors) if errors else cells


def _write(cells: pa.RecordBatch, file: Path) -> None:
    schema = pa.schema([(f"column {number}", pa.string()) for number in range(1, cells.num_columns + 1)])
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for start in range(0, cells.num_rows, _BATCH_ROWS):
            part = cells.slice(start, _BATCH_ROWS)
            writer.write_batch(
                pa.RecordBatch.from_arrays([_as_dates(column) for column in part.columns], schema=schema)
            )


def _restore_errors(cells: pa.RecordBatch, errors: Sequence[fastexcel.CellError]) -> pa.RecordBatch:
    """Formula errors and numbers too large for a date read as nothing; put them back, since nothing may be lost."""
    columns = [column.cast(pa.string()) for column in cells.columns]
    by_column: dict[int, dict[int, str]] = {}
    for error in errors:
        row, column = error.offset_position
        by_column.setdefault(column, {})[row] = _shown(error.detail)
    for column, texts in by_column.items():
        mask = np.zeros(cells.num_rows, dtype=bool)
        mask[list(texts)] = True
        shown = pa.array([texts[row] for row in sorted(texts)], pa.string())
        columns[column] = pc.replace_with_mask(columns[column], mask, shown)
    return pa.RecordBatch.from_arrays(columns, names=cells.schema.names)


def _shown(detail: str) -> str:
    """The parser's words for a cell it could not read as text -> the cell."""
    if number := re.search(r"value: (-?[\d.]+)", detail):
        return number[1].removesuffix(".0")
    kind = re.search(r"Error\((\w+)\)", detail)
    return _ERRORS.get(kind[1] if kind else "", "#ERROR!")


def _as_dates(column: pa.Array) -> pa.Array:
    """`2012-05-03 00:00:00` -> `2012-05-03`: the parser writes every date cell with a time. Empty text -> null."""
    column = column.cast(pa.string())
    if pc.any(pc.ends_with(column, _MIDNIGHT)).as_py():
        pure = pc.match_substring_regex(column, _DATE_AT_MIDNIGHT)
        column = pc.if_else(pure, pc.utf8_slice_codeunits(column, 0, 10), column)
    empty = pc.equal(pc.binary_length(column), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), column) if pc.any(empty).as_py() else column


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
