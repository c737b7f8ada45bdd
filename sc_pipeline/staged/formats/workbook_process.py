"""A workbook -> one Arrow file of text cells per sheet, in a process of its own: a workbook may kill its reader.

Run as `python -m sc_pipeline.staged.formats.workbook_process BOOK FOLDER`; prints one line of JSON per sheet.
"""

# pyarrow.compute makes its functions when it is imported, out of a type checker's sight.
# pyright: reportAttributeAccessIssue=false

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sc_pipeline.errors import FileProblem
from sc_pipeline.limits import CELL, CELLS, SHEETS
from sc_pipeline.staged.formats.apart import confine, tell
from sc_pipeline.staged.formats.repair import is_1904, repaired, stray_cell
from sc_pipeline.staged.formats.sheet import longest_cell
from sc_pipeline.staged.formats.unpack import DAMAGED
from sc_pipeline.staged.formats.weigh import weigh

_BATCH_ROWS = 50_000
_MIDNIGHT = " 00:00:00"
_DATE_AT_MIDNIGHT = r"^\d{4}-\d\d-\d\d 00:00:00$"
# calamine's names of the errors a formula can end in, and what Excel shows.
_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}


def main(book: Path, folder: Path) -> None:
    """Write every sheet of a workbook that holds a cell into `folder`, and tell of each when it is there."""
    confine(book)
    try:
        weigh(book)
        for sheet, cell in _stray(book).items():
            tell(
                refused=f" ({sheet}): holds a cell at {cell}, far away from its table; delete the rows and columns "
                "after the table in a copy and save it, or save the sheet as .csv"
            )
            return
        _write_sheets(book, folder)
    except FileProblem as problem:
        tell(refused=str(problem))
    except fastexcel.FastExcelError as error:
        tell(refused=_unread(str(error).splitlines()[0]))


def _stray(book: Path) -> dict[str, str]:
    try:
        return stray_cell(book)
    except DAMAGED:
        return {}  # its parser says what is wrong


def _write_sheets(book: Path, folder: Path) -> None:
    try:
        taken, epoch = repaired(book, folder), is_1904(book)
    except DAMAGED:
        taken, epoch = book, False
    workbook = fastexcel.read_excel(taken)
    SHEETS.hold(len(workbook.sheet_names), "")
    for number, sheet in enumerate(workbook.sheet_names):
        loaded = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        hidden = loaded.visible != "visible"
        if not loaded.width or not loaded.height:
            tell(sheet=sheet, hidden=hidden, file=None, epoch_1904=epoch)
            continue
        CELLS.hold(loaded.width * loaded.height, f", sheet '{sheet}'")
        file = folder / f"{number:04}.arrow"
        _write(_cells(loaded), file, f", sheet '{sheet}'")
        tell(sheet=sheet, hidden=hidden, file=file.name, epoch_1904=epoch)


def _unread(reason: str) -> str:
    if "password" in reason.lower() or "encrypt" in reason.lower():
        return ": is encrypted; open it with its password, save it without one and add that"
    return f": cannot be read as a workbook (damaged, cut short or of another kind): {reason}"


def _cells(loaded: fastexcel.ExcelSheet) -> pa.RecordBatch:
    """All cells of a sheet as text, its first row being row 1."""
    cells, errors = loaded.to_arrow_with_errors()
    return _restore_errors(cells, errors.errors) if errors else cells


def _write(cells: pa.RecordBatch, file: Path, place: str) -> None:
    schema = pa.schema([(f"column {number}", pa.string()) for number in range(1, cells.num_columns + 1)])
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for start in range(0, cells.num_rows, _BATCH_ROWS):
            part = cells.slice(start, _BATCH_ROWS)
            for column in part.columns:
                CELL.hold(longest_cell(column), place)
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
    main(Path(sys.argv[1]), Path(sys.argv[2]))
