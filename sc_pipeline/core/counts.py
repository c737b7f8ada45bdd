"""Printed tables of a release -> one row for each figure; one bad cell, or a contradiction, refuses the release."""

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from sc_pipeline.core.footers import FOOTER_RULE, is_printed_footer
from sc_pipeline.core.printed import Figure, figures_of, footers, key_of, problem_at
from sc_pipeline.errors import FileProblem
from sc_pipeline.schemas.base import RowTable, polars_schema
from sc_pipeline.schemas.core import OtherCounts, PublishedYears
from sc_pipeline.schemas.facts import Quarantine
from sc_pipeline.schemas.records import PublishedCounts

if TYPE_CHECKING:
    from sc_pipeline.raw.release import Release
    from sc_pipeline.staged.sheet import StagedSheet

# Subset -> the subsets of the same people it lies in; sc lies in ice likewise.
_LIES_IN = {"convicted": ("all",), "level1": ("convicted", "all"), "detainer_linked": ("all",)}


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
    key = key_of(sheet)
    found: list[tuple[int, str | None]] = []
    if frame.height:
        found += frame.filter(footers(sheet, frame)).select("source_row", sheet.columns[key][0]).iter_rows()
    found += [(row, None) for row, _, _ in sheet.problems]  # they could not be split into cells
    rows = [
        (release.id, sheet.file, sheet.sheet, row, key, FOOTER_RULE, "structural", text) for row, text in sorted(found)
    ]
    return pl.DataFrame(rows, polars_schema(Quarantine), orient="row")


def _checked(printed: Sequence[Printed], key: str) -> list[Figure]:
    figures: list[Figure] = []
    for sheet, frame in printed:
        for row, what, text in sheet.problems:
            time, *rest = re.split(r"[,;|\t]", text)
            if not text.strip() or not is_printed_footer(time, rest):
                raise FileProblem(f"{sheet.place}, row {row}: {what}; remove or correct the row in a copy of the file")
        figures += figures_of(sheet, frame, key)
    _check_subsets(_by_what(figures))
    return figures


def _by_what(figures: list[Figure]) -> dict[_What, Figure]:
    """Each printed number by what it counts. Raises FileProblem where two tables print different ones of the same."""
    found: dict[_What, Figure] = {}
    for figure in figures:
        if figure.value is None:
            continue
        measure = figure.measure
        first = found.setdefault((figure.time, measure.measure, measure.population, measure.subset), figure)
        if first.value != figure.value:
            raise problem_at(
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
    if rows:
        model.to_schema().validate(table, lazy=True)
    return table


def _check_subsets(counts: dict[_What, Figure]) -> None:
    """No part is larger than the whole, wherever a release prints both for one month or year."""
    for (time, measure, population, subset), part in counts.items():
        wholes = [(population, larger) for larger in _LIES_IN.get(subset, ())]
        if population == "sc":
            wholes += [("ice", larger) for larger in (subset, *_LIES_IN.get(subset, ()))]
        for whole in (counts.get((time, measure, *key)) for key in wholes):
            if whole and (part.value or 0) > (whole.value or 0):
                raise problem_at(
                    part.sheet,
                    part.row,
                    part.column,
                    f"{part.value:,} is more than the {whole.value:,} it is part of ({whole.column}); "
                    "check it against the publication and correct a copy of the file",
                )
