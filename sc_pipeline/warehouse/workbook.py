"""Rows -> a typed workbook: what it is of, a sheet for each table, and what the columns mean."""

import datetime
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sc_pipeline.errors import UserError
from sc_pipeline.warehouse.about import About

ABOUT, DICTIONARY = "about", "data dictionary"
SHEET_ROWS = 1_048_576
_SHEET_NAME, _CELL = 31, 32_767
_WIDEST, _NARROWEST = 60, 9
# Whole numbers that are not counted: a comma in 2,015 or in a row's number would only be in the way.
_NUMBERED = ("fiscal_year", "birth_year", "source_row", "row")
_SHARES = ("share", "id_coverage")


@dataclass(frozen=True)
class Styles:
    """The formats that cells of a book are written in."""

    head: Format
    day: Format
    count: Format
    share: Format


class Book:
    """A workbook that is being written; rows go to disk as they come."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._styles = Styles(
            book.add_format({"bold": True}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
            book.add_format({"num_format": "#,##0"}),
            book.add_format({"num_format": "0.0%"}),
        )

    def add_about(self, about: About) -> None:
        """The sheet that says what the others are of."""
        self._write(ABOUT, ["about", "text"], ([label, text] for label, text in about.lines()), has_filter=False)

    def add_table(self, name: str, batches: pa.RecordBatchReader) -> None:
        """One sheet with a table's rows. Raises UserError where a text is longer than a cell holds."""
        self._write(name, batches.schema.names, _rows(batches))

    def add_dictionary(self, heads: list[str], rows: Iterable[list[Any]]) -> None:
        """The sheet that says what columns mean."""
        self._write(DICTIONARY, heads, iter(rows))

    def _write(self, name: str, heads: list[str], rows: Iterator[list[Any]], has_filter: bool = True) -> None:
        sheet = self._book.add_worksheet(name[:_SHEET_NAME])
        sheet.freeze_panes(1, 0)
        widths = [len(head) + 3 for head in heads]  # the filter's arrow covers the end of a head
        formats = [self._number_format(head) for head in heads]
        for at, text in enumerate(heads):
            sheet.write_string(0, at, text, self._styles.head)
        number = 0
        for number, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                widths[at] = max(widths[at], len(str(value)) + 2)
                self._write_cell(sheet, (number, at), value, formats[at], f"{name}, row {number}, column {heads[at]}")
        if has_filter:
            sheet.autofilter(0, 0, number, len(heads) - 1)
        for at, width in enumerate(widths):
            sheet.set_column(at, at, min(max(width, _NARROWEST), _WIDEST))

    def _number_format(self, head: str) -> Format | None:
        if head in _NUMBERED:
            return None
        return self._styles.share if head.startswith(_SHARES) else self._styles.count

    def _write_cell(
        self, sheet: Worksheet, at: tuple[int, int], value: Any, number_format: Format | None, place: str
    ) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(*at, value)
        elif isinstance(value, int) or (isinstance(value, Decimal) and value == int(value)):
            sheet.write_number(*at, int(value), number_format)
        elif isinstance(value, float | Decimal):
            # A share is a part of one; any other fraction is shown as it is.
            sheet.write_number(*at, float(value), number_format if number_format is self._styles.share else None)
        elif isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            sheet.write_datetime(*at, datetime.datetime(value.year, value.month, value.day), self._styles.day)
        elif len(str(value)) > _CELL:
            raise UserError(f"{place}: longer than a cell holds ({_CELL:,} characters); export it as csv or parquet")
        else:
            sheet.write_string(*at, str(value))


@contextmanager
def new_book(path: Path) -> Iterator[Book]:
    """A workbook at `path`, there as a whole when all went well."""
    unfinished = path.with_name(f".{path.name}.tmp")
    settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    try:
        with xlsxwriter.Workbook(str(unfinished), settings) as book:
            # The day is part of the file; a fixed one keeps two exports the same.
            book.set_properties({"created": datetime.datetime(2000, 1, 1)})
            yield Book(book)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _rows(batches: pa.RecordBatchReader) -> Iterator[list[Any]]:
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        yield from (list(row) for row in zip(*columns, strict=True))
