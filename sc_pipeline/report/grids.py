"""Rows -> a table of the page: heads in words, cells as a reader writes them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sc_pipeline.report.rows import Rows
from sc_pipeline.report.words import cell


@dataclass(frozen=True)
class Grid:
    """A table of the page: heads, whether the column below each holds numbers, and rows of texts."""

    heads: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def grid(rows: Rows, names: Mapping[str, str] | Sequence[str], numbers: Collection[str] = ()) -> Grid:
    """The columns `names`, under the heads they map to, but those without a value; `numbers` are already in words."""
    said = names if isinstance(names, Mapping) else {name: name.replace("_", " ") for name in names}
    heads = {name: head for name, head in said.items() if any(row[name] is not None for row in rows)}
    is_number = tuple(name in numbers or _is_number([row[name] for row in rows]) for name in heads)
    texts = tuple(tuple(cell(row[name])[:7] if "month" in name and isinstance(row[name], date) else cell(row[name])
                        for name in heads) for row in rows)  # fmt: skip
    return Grid(tuple(heads.values()), is_number, texts)


def _is_number(values: list[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
