"""Printed tables of other shapes -> months and cells: a year and a month in two cells, or months across the columns."""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from sc_pipeline.schemas.records import FIRST_DAY, LATEST
from sc_pipeline.staged.across import KEY, month_of
from sc_pipeline.staged.names import fold

if TYPE_CHECKING:
    from sc_pipeline.staged.sheet import StagedSheet
    from sc_pipeline.staged.vocabularies import Measure

_YEARS = ("fiscal_year", "year")
# Row, measure, month, column and cell of one figure.
Found = tuple[int, "Measure", date, str, str | None]


class Years:
    """The years of a table whose month and year are in two cells; a blank year is that of the row above."""

    def __init__(self, sheet: "StagedSheet") -> None:
        self.field = next((field for field in _YEARS if field in sheet.columns), None)
        self.column = sheet.columns[self.field][0] if self.field else ""
        self._text = ""

    def see(self, cells: dict[str, Any]) -> None:
        """Keep the year of a row, be it a figure or a heading, for the rows below."""
        self._text = " ".join((cells[self.column] or "").split()) or self._text if self.column else ""

    def month(self, text: str) -> date | None:
        """The month that a text without a year means in the year last seen; None where they are not both there."""
        named, year = month_of(text), read_year(self._text)
        if named is None and self.field == "year" and re.fullmatch("0?[1-9]|1[0-2]", text):
            named = None, int(text)  # of a fiscal year, 1 may be October
        if self.field is None or named is None or named[0] is not None or year is None:
            return None
        return month_in(self.field, year, named[1])


def read_year(text: str) -> int | None:
    """2016, FY2016, FY 16 -> 2016."""
    digits = text.upper().removeprefix("FY").strip().lstrip("'\u2019").removesuffix(".0")
    if not digits.isascii() or not digits.isdigit() or len(digits) not in (2, 4):
        return None
    year = int(digits) + (2000 if len(digits) == 2 else 0)
    return year if FIRST_DAY.year <= year < LATEST.year else None


def month_in(field: str, year: int, month: int) -> date:
    """The month of a calendar year, or of a fiscal year, which begins in October of the year before."""
    return date(year - (field == "fiscal_year" and month >= 10), month, 1)


def is_across(sheet: "StagedSheet") -> bool:
    """Whether the months of a table are its columns."""
    return any(field.startswith(KEY) for field in sheet.columns)


def month_columns(sheet: "StagedSheet") -> list[str]:
    """The columns of such a table that are months."""
    return [columns[0] for field, columns in sheet.columns.items() if field.startswith(KEY)]


def cells_across(sheet: "StagedSheet", row: int, cells: dict[str, Any]) -> Iterator[Found] | str:
    """The figures of one row of such a table, blank cells left out; or what is wrong with the row's first cell."""
    label_column = sheet.columns["month"][0]
    label = " ".join((cells[label_column] or "").split())
    field = next((field for field in _YEARS if field in sheet.columns), None)
    year = read_year(label) if field else None
    by_name = {fold(name): measure for measure in sheet.measures for name in measure.columns}
    measure = sheet.measures[0] if field else by_name.get(fold(label))
    if field and year is None:
        return f'"{label}" is not a year; expected one such as 2016'
    if measure is None:
        return f'"{label}" is not a figure that is known here; remove the row in a copy'
    return _row(sheet, row, cells, measure, field, year)


def _row(
    sheet: "StagedSheet", row: int, cells: dict[str, Any], measure: "Measure", field: str | None, year: int | None
) -> Iterator[Found]:
    for key, columns in sheet.columns.items():
        if key.startswith(KEY) and (cells[columns[0]] or "").strip():
            month = key.removeprefix(KEY)
            day = month_in(field, year, int(month)) if field and year else date.fromisoformat(f"{month}-01")
            yield row, measure, day, columns[0], cells[columns[0]]
