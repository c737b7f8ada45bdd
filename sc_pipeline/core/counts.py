"""staged -> core: the cells of printed tables -> one row per figure; one bad cell or contradiction refuses them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl

from sc_pipeline.core.across import Years, cells_across, is_across, month_columns
from sc_pipeline.core.dates import serial_day
from sc_pipeline.core.footers import FOOTER_RULE, is_printed_footer, printed_footers
from sc_pipeline.errors import FileProblem
from sc_pipeline.schemas.base import RowTable, polars_schema
from sc_pipeline.schemas.core import OtherCounts, PublishedYears
from sc_pipeline.schemas.records import FIRST_DAY, LATEST, PublishedCounts, Quarantine
from sc_pipeline.staged.names import fold

if TYPE_CHECKING:
    from sc_pipeline.raw.release import Release
    from sc_pipeline.staged.sheet import StagedSheet
    from sc_pipeline.staged.vocabularies import Measure

# What is in the place of a number, folded -> the status it means.
WITHHELD_MARKS = {"icewithheld": "withheld", "withheld": "withheld", "notyetreleased": "not_released"}
# Subset -> the subsets of the same people it lies in; sc lies in ice likewise.
_LIES_IN = {"convicted": ("all",), "level1": ("convicted", "all"), "detainer_linked": ("all",)}
_COUNT = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.0+)?")
_LARGEST = 2**63 - 1
_FISCAL_YEAR = re.compile(r"(?:FY\s*)?(\d{4}|\d{2})", re.IGNORECASE)


@dataclass(frozen=True)
class _Figure:
    """One cell of the table, read: its measure, its time, how many (None unless reported), and where it is."""

    sheet: "StagedSheet"
    measure: "Measure"
    time: date | int
    value: int | None
    status: str
    row: int
    column: str


Printed = tuple["StagedSheet", pl.DataFrame]
"""A printed table as staged: what was found of it, and the text of its cells."""

_What = tuple[date | int, str, str, str]
"""What a printed number counts: its month or year, measure, population and subset."""


def clean_counts(release: "Release", printed: Sequence[Printed]) -> pl.DataFrame:
    """The figures of a release's printed tables of months, table by table in the order of their rows.

    Raises FileProblem, naming row and column, where a row could not be split into cells, a month cannot be read or is
    twice in a table, a cell is neither a count nor a known mark, two tables print different counts of the same, or a
    subset is larger than what it lies in.
    """
    rows = [
        (
            release.id,
            f.sheet.table_name,
            f.time,
            f.measure.population,
            f.measure.subset,
            f.measure.measure,
            f.value,
            f.status,
            f.sheet.file,
            f.sheet.sheet,
            f.row,
            f.column,
        )
        for f in _checked(printed, "month")
        if f.measure.is_ours
    ]
    return _validated(rows, PublishedCounts)


def clean_years(release: "Release", printed: Sequence[Printed]) -> pl.DataFrame:
    """The same of its printed tables of fiscal years. Raises as `clean_counts` does."""
    rows = [
        (
            release.id,
            f.measure.population,
            f.measure.subset,
            f.time,
            f.value,
            f.status,
            f.sheet.file,
            f.sheet.sheet,
            f.row,
            f.column,
        )
        for f in _checked(printed, "fiscal_year")
        if f.measure.is_ours
    ]
    return _validated(rows, PublishedYears)


def clean_others(release: "Release", printed: Sequence[Printed], key: str) -> pl.DataFrame:
    """The figures of the same tables that are of another population, or not removals: kept apart. Raises likewise."""
    rows = [
        (
            release.id,
            f.sheet.table_name,
            f.measure.population,
            f.measure.subset,
            f.time if isinstance(f.time, date) else None,
            None if isinstance(f.time, date) else f.time,
            f.value,
            f.status,
            f.sheet.file,
            f.sheet.sheet,
            f.row,
            f.column,
        )
        for f in _checked(printed, key)
        if not f.measure.is_ours
    ]
    return _validated(rows, OtherCounts)


def refused_footers(release: "Release", printed: Printed) -> pl.DataFrame:
    """The rows of a printed table that are footers or totals, as entries of quarantine."""
    sheet, frame = printed
    key = _key(sheet)
    found: list[tuple[int, str | None]] = []
    if frame.height:
        found += frame.filter(_footers(sheet, frame)).select("source_row", sheet.columns[key][0]).iter_rows()
    found += [(row, None) for row, _, _ in sheet.problems]  # they could not be split into cells
    rows = [
        (release.id, sheet.file, sheet.sheet, row, key, FOOTER_RULE, "structural", text) for row, text in sorted(found)
    ]
    return pl.DataFrame(rows, polars_schema(Quarantine), orient="row")


def _footers(sheet: "StagedSheet", frame: pl.DataFrame) -> pl.Series:
    """Which rows are no figures: footers, totals, and headings such as a year alone above its months."""
    if not frame.height:
        return pl.Series(dtype=pl.Boolean)
    key = sheet.columns[_key(sheet)][0]
    if is_across(sheet):
        names = [fold(name) for measure in sheet.measures for name in measure.columns]
        is_known = frame[key].map_elements(lambda label: fold(label) in names, pl.Boolean, skip_nulls=True)
        return printed_footers(frame, key, month_columns(sheet)) & ~is_known.fill_null(False)
    figures = [sheet.columns[each.key][0] for each in sheet.measures if each.key in sheet.columns]
    found = printed_footers(frame, key, figures)
    if year := Years(sheet).column:  # the words may be beside the year: `FY 2016 total`
        both = pl.concat_str(year, key, separator=" ", ignore_nulls=True).alias(key)
        found |= printed_footers(frame.with_columns(both), key, figures)
    return found


def _key(sheet: "StagedSheet") -> str:
    return "month" if sheet.kind == "monthly_counts" else "fiscal_year"


def _checked(printed: Sequence[Printed], key: str) -> list[_Figure]:
    figures: list[_Figure] = []
    for sheet, frame in printed:
        for row, what, text in sheet.problems:
            time, *rest = re.split(r"[,;|\t]", text)
            if not text.strip() or not is_printed_footer(time, rest):
                raise FileProblem(f"{sheet.place}, row {row}: {what}; remove or correct the row in a copy of the file")
        figures += _figures(sheet, frame, key)
    _check_subsets(_by_what(figures))
    return figures


def _by_what(figures: list[_Figure]) -> dict[_What, _Figure]:
    """Each printed number by what it counts. Raises FileProblem where two tables print different ones of the same."""
    found: dict[_What, _Figure] = {}
    for figure in figures:
        if figure.value is None:
            continue
        measure = figure.measure
        first = found.setdefault((figure.time, measure.measure, measure.population, measure.subset), figure)
        if first.value != figure.value:
            raise _problem(
                figure.sheet,
                figure.row,
                figure.column,
                f"{figure.value:,} is not the {first.value:,} of {first.sheet.place}, row {first.row}, column "
                f"{first.column}, for the same time; leave one table out in release.toml (leave_out), or correct a "
                "copy of the file",
            )
    return found


def _validated(rows: Sequence[tuple[object, ...]], model: type[RowTable]) -> pl.DataFrame:
    table = pl.DataFrame(rows, polars_schema(model), orient="row")
    model.to_schema().validate(table, lazy=True)
    return table


def _figures(sheet: "StagedSheet", frame: pl.DataFrame, key: str) -> Iterator[_Figure]:
    if is_across(sheet):
        yield from _figures_across(sheet, frame.filter(~_footers(sheet, frame)))
        return
    key_column, years = _only_column(sheet, key), Years(sheet)
    measured = [(each, _only_column(sheet, each.key)) for each in sheet.measures if each.key in sheet.columns]
    first_at: dict[date | int, int] = {}
    for cells, is_footer in zip(frame.iter_rows(named=True), _footers(sheet, frame), strict=True):
        years.see(cells)
        if is_footer:
            continue
        row = cells["source_row"]
        text = " ".join((cells[key_column] or "").split())
        if fold(text) == fold(key_column):
            raise _problem(sheet, row, key_column, "the header is repeated here; remove the row in a copy")
        if key == "month":
            time = years.month(text) or _month(sheet, row, key_column, text)
        else:
            time = _year(sheet, row, key_column, text)
        if time in first_at:
            shown, word = (f"{time:%Y-%m}", "month") if isinstance(time, date) else (str(time), "year")
            raise _problem(
                sheet,
                row,
                key_column,
                f"{shown} is already in row {first_at[time]}; each {word} may appear once",
            )
        first_at[time] = row
        for measure, column in measured:
            value, status = _count(sheet, row, column, cells[column])
            yield _Figure(sheet, measure, time, value, status, row, column)


def _figures_across(sheet: "StagedSheet", frame: pl.DataFrame) -> Iterator[_Figure]:
    first_at: dict[tuple[date, str], int] = {}
    for cells in frame.iter_rows(named=True):
        row = cells["source_row"]
        found = cells_across(sheet, row, cells)
        if isinstance(found, str):
            raise _problem(sheet, row, sheet.columns["month"][0], found)
        figures = list(found)
        if not figures:
            raise _problem(
                sheet, row, sheet.columns["month"][0], "no month of the row has a figure; remove it in a copy"
            )
        for _, measure, month, column, cell in figures:
            value, status = _count(sheet, row, column, cell)
            first = first_at.setdefault((month, measure.key), row)
            if first != row:
                raise _problem(
                    sheet, row, column, f"{month:%Y-%m} is already in row {first}; each month may appear once"
                )
            yield _Figure(sheet, measure, month, value, status, row, column)


def _only_column(sheet: "StagedSheet", key: str) -> str:
    """The one column of a figure. Raises FileProblem where there are two: nobody can tell which one is meant."""
    first, *others = sheet.columns[key]
    if others:
        both = " and ".join(f"'{column}'" for column in (first, *others))
        raise FileProblem(f"{sheet.place}: the columns {both} hold the same figure; remove one in a copy")
    return first


def _month(sheet: "StagedSheet", row: int, column: str, text: str) -> date:
    for month_format in sheet.month_formats:
        day = serial_day(text, sheet.epoch_1904) if month_format == "excel" else _day(text, month_format)
        if day is None:
            continue
        # A table of months knows no days: 2016-08-15 would be something else.
        if day.day == 1 and FIRST_DAY <= day < LATEST:
            return day
    example = date(2016, 8, 1).strftime(sheet.month_formats[0])
    raise _problem(sheet, row, column, f"{_not_a(text, 'month')}; expected one such as {example}")


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
        raise _problem(sheet, row, column, f"{_not_a(text, 'fiscal year')}; expected one such as 2016")
    return year


def _count(sheet: "StagedSheet", row: int, column: str, cell: str | None) -> tuple[int | None, str]:
    text = " ".join((cell or "").split())
    if status := WITHHELD_MARKS.get(fold(text)):
        return None, status
    if _COUNT.fullmatch(text) and text.isascii():
        value = int(text.split(".")[0].replace(",", ""))
        if value <= _LARGEST:
            return value, "reported"
    raise _problem(
        sheet,
        row,
        column,
        f'{_not_a(text, "count")}; write a whole number, "ICE withheld" or "not yet released" in a corrected copy',
    )


def _not_a(text: str, what: str) -> str:
    return f'"{text}" is not a {what}' if text else f"the cell is empty; expected a {what}"


def _check_subsets(counts: dict[_What, _Figure]) -> None:
    """No part is larger than the whole, wherever a release prints both for one month or year."""
    for (time, measure, population, subset), part in counts.items():
        wholes = [(population, larger) for larger in _LIES_IN.get(subset, ())]
        if population == "sc":
            wholes += [("ice", larger) for larger in (subset, *_LIES_IN.get(subset, ()))]
        for whole in (counts.get((time, measure, *key)) for key in wholes):
            if whole and (part.value or 0) > (whole.value or 0):
                raise _problem(
                    part.sheet,
                    part.row,
                    part.column,
                    f"{part.value:,} is more than the {whole.value:,} it is part of ({whole.column}); "
                    "check it against the publication and correct a copy of the file",
                )


def _problem(sheet: "StagedSheet", row: int, column: str, what: str) -> FileProblem:
    place = sheet.file + (f", sheet {sheet.sheet}" if sheet.sheet else "")
    return FileProblem(f"{place}, row {row}, column {column}: {what}")
