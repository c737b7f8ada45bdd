"""Rows -> what a table of the page says: heads in words, cells as a reader writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sc_pipeline.report.rows import Rows

STATUS_WORDS = {"withheld": "withheld by ICE", "not_released": "not yet released", "partial": "partial month"}


@dataclass(frozen=True)
class Grid:
    """A table of the page: heads, whether the column below each holds numbers, and rows of texts."""

    heads: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def grid(rows: Rows, names: Mapping[str, str] | Sequence[str], numbers: Sequence[str] = ()) -> Grid:
    """The columns `names`, under the heads they map to; columns in `numbers` hold numbers already put in words."""
    heads = names if isinstance(names, Mapping) else {name: name.replace("_", " ") for name in names}
    is_number = tuple(name in numbers or _is_number([row[name] for row in rows]) for name in heads)
    texts = tuple(tuple(cell(row[name])[:7] if "month" in name and isinstance(row[name], date) else cell(row[name])
                        for name in heads) for row in rows)  # fmt: skip
    return Grid(tuple(heads.values()), is_number, texts)


def cell(value: Any) -> str:
    """A value as a reader writes it: thousands commas, days as 2017-07-01, a dash for nothing."""
    if value is None:
        return "—"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def worded(value: int | None, status: str | None) -> str:
    """A count with its status in words, where that is anything but `reported`."""
    if status == "reported":
        return cell(value)
    words = "no release speaks of it" if status is None else STATUS_WORDS[status]
    return words if value is None else f"{value:,} ({words})"


def _is_number(values: list[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
