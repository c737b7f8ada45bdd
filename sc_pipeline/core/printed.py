"""The cells of one printed table -> its figures; the rows that are none: footers, totals, headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl

from sc_pipeline.core.across import Years, cells_across, is_across, month_columns
from sc_pipeline.core.dates import serial_day
from sc_pipeline.core.footers import printed_footers
from sc_pipeline.errors import FileProblem
from sc_pipeline.schemas.records import FIRST_DAY, LATEST
from sc_pipeline.staged.across import month_of
from sc_pipeline.staged.names import fold

if TYPE_CHECKING:
    from sc_pipeline.staged.sheet import StagedSheet
    from sc_pipeline.staged.vocabularies import Measure

# What is in the place of a number, folded -> the status it means.
WITHHELD_MARKS = {"icewithheld": "withheld", "withheld": "withheld", "notyetreleased": "not_released"}
_COUNT = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.0+)?")
_YEAR_AMONG_MONTHS = r"(?i)^\W*(FY|fiscal year)\s*'?\d{2}(\d{2})?\W*$"
_LARGEST = 2**63 - 1
_FISCAL_YEAR = re.compile(r"(?:FY\s*)?['\u2019]?(\d{4}|\d{2})(?:\.0+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Figure:
    """One cell of the table, read: its measure, its time, how many (None unless reported), and where it is."""

    sheet: "StagedSheet"
    measure: "Measure"
    time: date | int
    value: int | None
    status: str
    row: int
    column: str


def footers(sheet: "StagedSheet", frame: pl.DataFrame) -> pl.Series:
    """Which rows are no figures: footers, totals, and headings such as a year alone above its months."""
    if not frame.height:
        return pl.Series(dtype=pl.Boolean)
    key = sheet.columns[key_of(sheet)][0]
    if is_across(sheet):
        names = [fold(name) for measure in sheet.measures for name in measure.columns]
        is_known = frame[key].map_elements(lambda label: fold(label) in names, pl.Boolean, skip_nulls=True)
        return printed_footers(frame, key, month_columns(sheet)) & ~is_known.fill_null(False)
    figures = [sheet.columns[each.key][0] for each in sheet.measures if each.key in sheet.columns]
    found = printed_footers(frame, key, figures)
    if key_of(sheet) == "month":  # the total of a year, among its months
        found |= frame[key].str.contains(_YEAR_AMONG_MONTHS).fill_null(False)
    if year := Years(sheet).column:  # the words may be beside the year: `FY 2016 total`
        both = pl.concat_str(year, key, separator=" ", ignore_nulls=True).alias(key)
        found |= printed_footers(frame.with_columns(both), key, figures)
    return found


def key_of(sheet: "StagedSheet") -> str:
    """The field that says the time of its figures."""
    return "month" if sheet.kind == "monthly_counts" else "fiscal_year"


def figures_of(sheet: "StagedSheet", frame: pl.DataFrame, key: str) -> Iterator[Figure]:
    """The figures of a table, in the order of its rows. Raises FileProblem that names row and column."""
    if is_across(sheet):
        yield from _figures_across(sheet, frame.filter(~footers(sheet, frame)))
        return
    key_column, years = _only_column(sheet, key), Years(sheet)
    measured = [(each, _only_column(sheet, each.key)) for each in sheet.measures if each.key in sheet.columns]
    first_at: dict[date | int, int] = {}
    for cells, is_footer in zip(frame.iter_rows(named=True), footers(sheet, frame), strict=True):
        years.see(cells)
        if is_footer:
            continue
        row = cells["source_row"]
        text = " ".join((cells[key_column] or "").split())
        if fold(text) == fold(key_column):
            raise problem_at(sheet, row, key_column, "the header is repeated here; remove the row in a copy")
        if key == "month":
            time = years.month(text) or _month(sheet, row, key_column, text)
        else:
            time = _year(sheet, row, key_column, text)
        if time in first_at:
            shown, word = (f"{time:%Y-%m}", "month") if isinstance(time, date) else (str(time), "year")
            raise problem_at(
                sheet,
                row,
                key_column,
                f"{shown} is already in row {first_at[time]}; each {word} may appear once",
            )
        first_at[time] = row
        for measure, column in measured:
            value, status = _count(sheet, row, column, cells[column])
            yield Figure(sheet, measure, time, value, status, row, column)


def _figures_across(sheet: "StagedSheet", frame: pl.DataFrame) -> Iterator[Figure]:
    first_at: dict[tuple[date, str], int] = {}
    for cells in frame.iter_rows(named=True):
        row = cells["source_row"]
        found = cells_across(sheet, row, cells)
        if isinstance(found, str):
            raise problem_at(sheet, row, sheet.columns["month"][0], found)
        figures = list(found)
        if not figures:
            raise problem_at(
                sheet, row, sheet.columns["month"][0], "no month of the row has a figure; remove it in a copy"
            )
        for _, measure, month, column, cell in figures:
            value, status = _count(sheet, row, column, cell)
            first = first_at.setdefault((month, measure.key), row)
            if first != row:
                raise problem_at(
                    sheet, row, column, f"{month:%Y-%m} is already in row {first}; each month may appear once"
                )
            yield Figure(sheet, measure, month, value, status, row, column)


def _only_column(sheet: "StagedSheet", key: str) -> str:
    """The one column of a figure. Raises FileProblem where there are two: nobody can tell which one is meant."""
    first, *others = sheet.columns[key]
    if others:
        both = " and ".join(f"'{column}'" for column in (first, *others))
        raise FileProblem(f"{sheet.place}: the columns {both} hold the same figure; remove one in a copy")
    return first


def _month(sheet: "StagedSheet", row: int, column: str, text: str) -> date:
    plain = re.sub("['\u2019]", "", text)  # Oct '15
    for month_format in sheet.month_formats:
        day = serial_day(text, sheet.epoch_1904) if month_format == "excel" else _day(plain, month_format)
        if day is None:
            continue
        # A table of months knows no days: 2016-08-15 would be something else.
        if day.day == 1 and FIRST_DAY <= day < LATEST:
            return day
    named = month_of(plain)  # Sept. 2016
    if named and named[0] is not None and FIRST_DAY.year <= named[0] < LATEST.year:
        return date(named[0], named[1], 1)
    example = date(2016, 8, 1).strftime(sheet.month_formats[0])
    raise problem_at(sheet, row, column, f"{_not_a(text, 'month')}; expected one such as {example}")


def _day(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None


def _year(sheet: "StagedSheet", row: int, column: str, text: str) -> int:
    """A fiscal year, written 2016, FY2016, FY 2016 or FY16."""
    found = _FISCAL_YEAR.fullmatch(text)
    year = int(found[1]) if found else 0
    year += 2000 if found and len(found[1]) == 2 else 0
    if not FIRST_DAY.year <= year < LATEST.year:
        raise problem_at(sheet, row, column, f"{_not_a(text, 'fiscal year')}; expected one such as 2016")
    return year


def _count(sheet: "StagedSheet", row: int, column: str, cell: str | None) -> tuple[int | None, str]:
    text = " ".join((cell or "").split())
    if status := WITHHELD_MARKS.get(fold(text)):
        return None, status
    if _COUNT.fullmatch(text) and text.isascii():
        value = int(text.split(".")[0].replace(",", ""))
        if value <= _LARGEST:
            return value, "reported"
    raise problem_at(
        sheet,
        row,
        column,
        f'{_not_a(text, "count")}; write a whole number, "ICE withheld" or "not yet released" in a corrected copy',
    )


def _not_a(text: str, what: str) -> str:
    return f'"{text}" is not a {what}' if text else f"the cell is empty; expected a {what}"


def problem_at(sheet: "StagedSheet", row: int, column: str, what: str) -> FileProblem:
    """What is wrong with a cell, and where it is."""
    place = sheet.file + (f", sheet {sheet.sheet}" if sheet.sheet else "")
    return FileProblem(f"{place}, row {row}, column {column}: {what}")
