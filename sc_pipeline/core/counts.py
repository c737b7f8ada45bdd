"""staged -> core: the cells of a published table -> one row per figure; a table with one bad cell is refused whole."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl

from sc_pipeline.errors import FileProblem
from sc_pipeline.schemas.base import polars_schema
from sc_pipeline.schemas.records import FIRST_DAY, LATEST, PublishedCounts
from sc_pipeline.staged.names import fold

if TYPE_CHECKING:
    from sc_pipeline.raw.release import Release
    from sc_pipeline.staged.stage import StagedSheet
    from sc_pipeline.staged.vocabularies import Measure

# What stands in the place of a number, folded -> the status it means.
WITHHELD_MARKS = {"icewithheld": "withheld", "withheld": "withheld", "notyetreleased": "not_released"}
# Subset -> the subsets of the same people it lies in; sc lies in ice likewise.
_LIES_IN = {"convicted": ("all",), "level1": ("convicted", "all"), "detainer_linked": ("all",)}
_COUNT = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.0+)?")
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class _Figure:
    """One cell of the table, read: its measure, its month, how many (None unless reported), and where it stands."""

    measure: "Measure"
    month: date
    value: int | None
    status: str
    row: int
    column: str


def clean_counts(release: "Release", sheet: "StagedSheet", frame: pl.DataFrame) -> pl.DataFrame:
    """The figures of one published table, in the order of its rows.

    Raises FileProblem, naming row and column, where a month cannot be read or stands twice, a cell is neither a count
    nor a known mark, or a subset is larger than what it lies in.
    """
    figures = list(_figures(sheet, frame))
    _check_subsets(sheet, figures)
    rows = [
        (release.id, sheet.table_name, f.month, f.measure.population, f.measure.subset, f.measure.measure, f.value,
         f.status, sheet.file, sheet.sheet, f.row, f.column)
        for f in figures
    ]  # fmt: skip
    table = pl.DataFrame(rows, polars_schema(PublishedCounts), orient="row")
    PublishedCounts.to_schema().validate(table, lazy=True)
    return table


def _figures(sheet: "StagedSheet", frame: pl.DataFrame) -> Iterator[_Figure]:
    (month_column,) = sheet.columns["month"]
    measured = [(measure, sheet.columns[measure.key][0]) for measure in sheet.measures if measure.key in sheet.columns]
    first_at: dict[date, int] = {}
    for cells in frame.iter_rows(named=True):
        row = cells["source_row"]
        month = _month(sheet, row, month_column, cells[month_column], sheet.month_formats)
        if month in first_at:
            raise _problem(
                sheet, row, month_column,
                f"{month:%Y-%m} stands in row {first_at[month]} already; a month may stand once",
            )  # fmt: skip
        first_at[month] = row
        for measure, column in measured:
            value, status = _count(sheet, row, column, cells[column])
            yield _Figure(measure, month, value, status, row, column)


def _month(sheet: "StagedSheet", row: int, column: str, cell: str | None, formats: tuple[str, ...]) -> date:
    text = " ".join((cell or "").split())
    if fold(text) == fold(column):
        raise _problem(sheet, row, column, "the header stands there again; remove the row in a copy")
    for month_format in formats:
        try:
            day = datetime.strptime(text, month_format).date()
        except ValueError:
            continue
        # A table of months knows no days: 2016-08-15 would be something else.
        if day.day == 1 and FIRST_DAY <= day < LATEST:
            return day
    shown = f'"{text}" is no month' if text else "no month stands there"
    raise _problem(sheet, row, column, f"{shown}; expected one such as {date(2016, 8, 1).strftime(formats[0])}")


def _count(sheet: "StagedSheet", row: int, column: str, cell: str | None) -> tuple[int | None, str]:
    text = " ".join((cell or "").split())
    if status := WITHHELD_MARKS.get(fold(text)):
        return None, status
    if _COUNT.fullmatch(text) and text.isascii():
        value = int(text.split(".")[0].replace(",", ""))
        if value <= _LARGEST:
            return value, "reported"
    shown = f'"{text}" is no count' if text else "no count stands there"
    raise _problem(
        sheet, row, column, f'{shown}; write a whole number, "ICE withheld" or "not yet released" in a corrected copy'
    )


def _check_subsets(sheet: "StagedSheet", figures: list[_Figure]) -> None:
    """No part is larger than the whole, wherever both stand in the table for one month."""
    counts = {(f.month, f.measure.measure, f.measure.population, f.measure.subset): f for f in figures}
    for (month, measure, population, subset), part in counts.items():
        wholes = [(population, larger) for larger in _LIES_IN.get(subset, ())]
        if population == "sc":
            wholes += [("ice", larger) for larger in (subset, *_LIES_IN.get(subset, ()))]
        for whole in (counts.get((month, measure, *key)) for key in wholes):
            if whole and whole.value is not None and part.value is not None and part.value > whole.value:
                raise _problem(
                    sheet, part.row, part.column,
                    f"{part.value:,} is more than the {whole.value:,} it is part of ({whole.column}); "
                    "compare with the publication and mend a copy",
                )  # fmt: skip


def _problem(sheet: "StagedSheet", row: int, column: str, what: str) -> FileProblem:
    place = sheet.file + (f", sheet {sheet.sheet}" if sheet.sheet else "")
    return FileProblem(f"{place}, row {row}, column {column}: {what}")
