"""Rows -> a table of the page: heads in words, cells as a reader writes them, and the same rows as CSV."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sc_pipeline.report.rows import Row, Rows
from sc_pipeline.report.words import POPULATIONS, cell, month_word


@dataclass(frozen=True)
class Cell:
    """A cell in words, and what it sorts by."""

    text: str
    sort: str


@dataclass(frozen=True)
class Grid:
    """A table: its id and caption, heads, whether the column below each holds numbers, rows of cells, and CSV text."""

    id: str
    caption: str
    heads: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]
    csv: str


def grid(
    id: str, caption: str, rows: Rows, names: Mapping[str, str], texts: Mapping[str, Callable[[Row], str]] | None = None
) -> Grid:
    """The columns `names`, under the heads they map to, but those without a value; `texts` says some in other words.

    Where all rows are of one population the caption names it instead of a column.
    The CSV holds every column of the rows as it is: months as 2017-07-01, nothing for an unknown.
    """
    said = texts or {}
    of = {row["population"] for row in rows} if "population" in names else set()
    if len(of) == 1 and (population := of.pop()) in POPULATIONS:
        caption = f"{caption}: {POPULATIONS[population]}"
        names = {name: head for name, head in names.items() if name != "population"}
    heads = {
        name: head for name, head in names.items() if name in said or any(row.get(name) is not None for row in rows)
    }
    cells = tuple(tuple(_cell(row, name, said.get(name)) for name in heads) for row in rows)
    is_number = tuple(_is_number([row.get(name) for row in rows]) for name in heads)
    return Grid(id, caption, tuple(heads.values()), is_number, cells, csv_text(rows))


def csv_text(rows: Rows) -> str:
    """Rows as CSV with a header; empty where there are none."""
    text = io.StringIO()
    if rows:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows([_raw(value) for value in row.values()] for row in rows)
    return text.getvalue()


def _raw(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(_raw(part) for part in value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _cell(row: Row, name: str, words: Callable[[Row], str] | None) -> Cell:
    value = row.get(name)
    if words is not None:
        return Cell(words(row), "" if value is None else _raw(value))
    if isinstance(value, date) and "month" in name:
        return Cell(month_word(value), value.isoformat())
    return Cell(cell(value), "" if value is None else _raw(value))


def _is_number(values: list[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
