"""Text frames into files laid out as the real ones: text under a preamble, or workbooks whose header is lower down."""

import gzip
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, cast

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from sc_pipeline.simulate.cells import Column

CREATED = datetime(2000, 1, 1)  # fixed: the same rows are the same bytes
EPOCH = date(1899, 12, 30)
SHEET_ROWS = 1_000_000  # a sheet holds 1,048,576
PREAMBLE = ("SIMULATED DATA: not a release by any agency", "Made to test with; every person and facility is invented")


class TextFile(AbstractContextManager["TextFile"]):
    """One delimited text file, gzipped when its name ends in .gz; `header_row` counts from 1."""

    def __init__(self, path: Path, columns: Sequence[Column], header_row: int, separator: str) -> None:
        self.separator = separator
        raw = path.open("wb")
        # No name and no time in the gzip header: the bytes depend on the rows only.
        self.file = cast(IO[bytes], gzip.GzipFile("", "wb", 6, raw, mtime=0)) if path.suffix == ".gz" else raw
        self.raw = raw
        self.file.write("".join(f"{line}\n" for line in _preamble(header_row)).encode())
        self.file.write(pl.DataFrame(schema=[c.name for c in columns]).write_csv(separator=separator).encode())

    def add(self, sheet: str, frame: pl.DataFrame) -> None:
        """Append the rows; text files have no sheets."""
        self.file.write(frame.write_csv(include_header=False, separator=self.separator).encode())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()
        self.raw.close()


class Workbook(AbstractContextManager["Workbook"]):
    """One workbook: a sheet for each name rows are added under, each below a preamble; dates are real date cells."""

    def __init__(self, path: Path, columns: Sequence[Column], header_row: int, notes: bool) -> None:
        self.columns, self.header_row = columns, header_row
        self.book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False})
        self.book.set_properties({"title": "Simulated data", "created": CREATED})
        self.date_format = self.book.add_format({"num_format": "m/d/yyyy"})
        self.name, self.sheets, self.next_row = "", 0, 0
        self.sheet: Worksheet | None = None
        if notes:
            notes_sheet = self.book.add_worksheet("Notes")
            for row, line in enumerate(PREAMBLE):
                notes_sheet.write_string(row, 0, line)

    def add(self, sheet: str, frame: pl.DataFrame) -> None:
        """Append the rows to the sheet, opening it (or its continuation) first."""
        for start in range(0, frame.height, SHEET_ROWS):
            for row in frame.slice(start, SHEET_ROWS).iter_rows():
                self._write(self._sheet(sheet), row)

    def _sheet(self, name: str) -> Worksheet:
        full = self.next_row >= self.header_row + SHEET_ROWS
        if self.sheet is not None and name == self.name and not full:
            return self.sheet
        self.sheets = self.sheets + 1 if name == self.name else 1
        self.name = name
        self.sheet = cast(Worksheet, self.book.add_worksheet(name if self.sheets == 1 else f"{name} ({self.sheets})"))
        for row, line in enumerate(_preamble(self.header_row)):
            if line:
                self.sheet.write_string(row, 0, line)
        for place, column in enumerate(self.columns):
            self.sheet.write_string(self.header_row - 1, place, column.name)
        self.next_row = self.header_row
        return self.sheet

    def _write(self, sheet: Worksheet, cells: Sequence[str | None]) -> None:
        for place, (column, cell) in enumerate(zip(self.columns, cells, strict=True)):
            if cell is None:
                continue
            serial = _serial(cell) if column.type == "date" else None
            if serial:
                sheet.write_number(self.next_row, place, serial, self.date_format)
            elif column.type != "text" and cell.isdigit():
                sheet.write_number(self.next_row, place, int(cell))
            else:
                sheet.write_string(self.next_row, place, cell)
        self.next_row += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.book.close()


def _serial(cell: str) -> int | None:
    """The number a workbook keeps for an ISO date; workbooks have no dates before 1900."""
    if len(cell) != 10 or cell[4] != "-" or cell < "1900-03-01":
        return None
    return (date.fromisoformat(cell) - EPOCH).days


def _preamble(header_row: int) -> list[str]:
    """The lines above the header: a title and a note, then blank ones."""
    return [*PREAMBLE, *[""] * header_row][: header_row - 1]
