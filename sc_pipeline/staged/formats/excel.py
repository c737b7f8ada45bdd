"""A workbook -> sheets of text cells: dates as ISO text, codes as written, true row numbers."""

# pyarrow.compute makes its functions when it is imported, out of a type checker's sight.
# pyright: reportAttributeAccessIssue=false

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.formats.sheet import HEAD_ROWS, Problem, Row, Sheet, drop_blank_rows, is_blank

_BATCH_ROWS = 50_000
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MIDNIGHT = " 00:00:00"
_DATE_AT_MIDNIGHT = r"^\d{4}-\d\d-\d\d 00:00:00$"
# calamine's names of the errors a formula can end in, and what Excel shows.
_ERRORS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!",
    "Num": "#NUM!", "Ref": "#REF!", "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip


def read_workbook(path: Path, name: str) -> Iterator[Sheet]:
    """Every sheet that holds anything. `name` is what messages and rows call the file. Raises FileProblem.

    A sheet is parsed once and held in memory while it is the current one (about 70 bytes a cell at its peak).
    """
    _refuse_other_formats(path, name)
    try:
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise _unreadable(name, error) from None
    found = 0
    for sheet in workbook.sheet_names:
        cells = _load(workbook, sheet, name)
        if cells is None or not (head := _head(cells)):
            continue
        found += 1
        yield Sheet(name, sheet, None, head, partial(_batches, cells))
    if not found:
        raise FileProblem(f"{name}: is empty: no sheet holds a cell")


def _refuse_other_formats(path: Path, name: str) -> None:
    with path.open("rb") as file:
        start = file.read(8)
    old = path.suffix.lower() == ".xls"
    if start.startswith(b"PK\x03\x04"):
        if old:
            raise FileProblem(f"{name}: is not an .xls workbook but a zip or .xlsx; give it its right ending")
    elif start != _OLE2:
        raise FileProblem(f"{name}: is no Excel workbook, whatever its ending says; give it its right ending")
    elif _is_encrypted(path):
        raise FileProblem(f"{name}: is encrypted; open it with its password, save it without one and add that")
    elif not old:
        raise FileProblem(f"{name}: is not an .xlsx workbook but an old .xls; give it its right ending")


def _is_encrypted(path: Path) -> bool:
    """An encrypted .xlsx is an OLE2 file with a stream of this name; the directory may stand anywhere in it."""
    mark = "EncryptedPackage".encode("utf-16-le")
    before = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if mark in before + block:
                return True
            before = block[-len(mark) :]
    return False


def _unreadable(place: str, error: Exception) -> FileProblem:
    reason = str(error).splitlines()[0]
    if "password" in reason.lower():
        return FileProblem(f"{place}: is encrypted; open it with its password, save it without one and add that")
    return FileProblem(f"{place}: cannot be read as a workbook (damaged, cut short or of another kind): {reason}")


def _load(workbook: fastexcel.ExcelReader, sheet: str, name: str) -> pa.RecordBatch | None:
    """All cells of a sheet as text, its first row being row 1; None where there are none."""
    try:
        # skip_rows=0 keeps blank rows at the top, so that positions are the sheet's own row numbers.
        loaded = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        if not loaded.width or not loaded.height:
            return None
        cells, errors = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise _unreadable(f"{name}, sheet '{sheet}'", error) from None
    return _restore_errors(cells, errors.errors) if errors else cells


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


def _head(cells: pa.RecordBatch) -> list[Row]:
    head: list[Row] = []
    for start in range(0, cells.num_rows, 2 * HEAD_ROWS):
        part = cells.slice(start, 2 * HEAD_ROWS)
        columns = [_as_dates(column).to_pylist() for column in part.columns]
        for row, values in enumerate(zip(*columns, strict=True), start + 1):
            if not is_blank(values):
                head.append((row, list(values)))
        if len(head) >= HEAD_ROWS:
            break
    return head[:HEAD_ROWS]


def _batches(
    cells: pa.RecordBatch, header_row: int, columns: Sequence[str], problems: list[Problem]
) -> Iterator[pa.RecordBatch]:
    del problems  # every row of a sheet has the sheet's width
    names = ["source_row", *columns]
    for start in range(header_row, cells.num_rows, _BATCH_ROWS):
        part = cells.slice(start, _BATCH_ROWS)
        source_row = pa.array(np.arange(start + 1, start + 1 + part.num_rows))
        texts = [_as_dates(column) for column in part.columns]
        yield drop_blank_rows(pa.RecordBatch.from_arrays([source_row, *texts], names=names))


def _as_dates(column: pa.Array) -> pa.Array:
    """`2012-05-03 00:00:00` -> `2012-05-03`: the parser writes every date cell with a time. Empty text -> null."""
    column = column.cast(pa.string())
    if pc.any(pc.ends_with(column, _MIDNIGHT)).as_py():
        pure = pc.match_substring_regex(column, _DATE_AT_MIDNIGHT)
        column = pc.if_else(pure, pc.utf8_slice_codeunits(column, 0, 10), column)
    empty = pc.equal(pc.binary_length(column), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), column) if pc.any(empty).as_py() else column
