"""The tables of the store -> plain rows, and the small questions the report asks of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.parquet as pq

from sc_pipeline.store import Store

Row = dict[str, Any]
Rows = list[Row]
Tables = Mapping[str, Rows]


@dataclass(frozen=True)
class Picture:
    """A picture as a page shows it: the bare SVG and the words around it."""

    bare: str
    title: str
    caption: str


# The averages of convictions, and the subset each is of.
AVERAGES = {"any_offense_12m": "convicted", "level1_12m": "level1"}
_USED = {"ready", "kept"}


def read_rows(store: Store, tables: Iterable[str]) -> dict[str, Rows]:
    """Every row of each table, in its order; a table that does not stand has none."""
    return {table: [row for path in store.paths(table) for row in pq.read_table(path).to_pylist()] for table in tables}


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def every_month(months: Iterable[date]) -> list[date]:
    """Every calendar month from the first of `months` to the last; empty where there are none."""
    known = sorted(months)
    found = known[:1]
    while found and found[-1] < known[-1]:
        found.append(next_month(found[-1]))
    return found


def spans(months: Iterable[date]) -> list[tuple[date, date]]:
    """Months -> runs of consecutive ones, each as its first month and the month after its last."""
    runs: list[tuple[date, date]] = []
    for month in sorted(set(months)):
        if runs and runs[-1][1] == month:
            runs[-1] = (runs[-1][0], next_month(month))
        else:
            runs.append((month, next_month(month)))
    return runs


def grouped(rows: Rows, *names: str) -> dict[tuple[Any, ...], Rows]:
    """Rows by what they say under `names`, in that order."""
    groups: dict[tuple[Any, ...], Rows] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    return dict(sorted(groups.items()))


def filled_averages(tables: Tables) -> Rows:
    """The rows of convictions; an average that cannot be computed is the printed one, of the release received last.

    `any_offense_12m_printed_in` and `level1_12m_printed_in` name that release, and are null where the average was
    computed.
    """
    received = {row["release_id"]: str(row["received"] or "") for row in tables["releases"] if row["status"] in _USED}
    printed = [row for row in tables["published_counts"] if (row["measure"], row["population"], row["status"]) ==
               ("average_12m", "sc", "reported") and row["release_id"] in received]  # fmt: skip
    printed.sort(key=lambda row: row["release_id"], reverse=True)
    printed.sort(key=lambda row: received[row["release_id"]])
    found = {(row["subset"], row["month"]): row for row in printed}
    filled = []
    for row in tables["convictions"]:
        full = dict(row)
        for name, subset in AVERAGES.items():
            stand_in = found.get((subset, row["month"])) if row[name] is None else None
            full[name] = stand_in["value"] if stand_in else row[name]
            full[f"{name}_printed_in"] = stand_in["release_id"] if stand_in else None
        filled.append(full)
    return filled
