"""The tables of the store -> plain rows, and the small questions the report asks of them."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from sc_pipeline.store import Store
from sc_pipeline.store.parts import read_part

Row = dict[str, Any]
Rows = list[Row]
Tables = Mapping[str, Rows]

# The statuses of a month that has a number.
NUMBERED = frozenset({"reported", "at_least", "partial"})
# Large tables are read as sums, so that the report costs the same however many rows there are:
# table -> what to group by, and what to do with the rest.
_GATHERED: dict[str, tuple[list[str], list[tuple[str, str]]]] = {
    "silences": (["release_id", "population", "field", "reason"], [("month", "distinct")]),
    "removals_by_place": (
        ["population", "state", "fiscal_year", "removals_status"],
        [("removals", "sum"), ("removals_undetermined", "sum"), ("month", "distinct")],
    ),
    "detainer_outcomes": (
        ["month", "facility_state", "departed_within_90_days_status", "departed_within_365_days_status"],
        [
            (name, "sum")
            for name in (
                "detainers",
                "departed_within_90_days",
                "departed_within_365_days",
                "lifted",
                "declined",
                "undetermined",
            )
        ],
    ),
    "level1_removals": (["release_id", "population", "msc_code"], [("source_row", "count")]),
}


def read_rows(store: Store, tables: Iterable[str]) -> dict[str, Rows]:
    """The rows of each table, in its order; a table that does not exist has none.

    `silences`, `removals_by_place`, `detainer_outcomes` and `level1_removals` come gathered: one row for each group,
    with `months` for its months and `rows` for their number.
    """
    return {table: _rows(table, [_read(table, path) for path in store.paths(table)]) for table in tables}


def _read(table: str, path: Path) -> pa.Table:
    keys, wanted = _GATHERED.get(table, ([], []))
    return read_part(path, [*keys, *(column for column, _ in wanted)] or None)


def _rows(table: str, parts: list[pa.Table]) -> Rows:
    if not parts:
        return []
    whole = pa.concat_tables(parts)
    return gathered(table, whole) if table in _GATHERED else whole.to_pylist()


def gathered(table: str, whole: pa.Table) -> Rows:
    """A large table as one row for each group, sums under the columns' own names."""
    keys, wanted = _GATHERED[table]
    if not whole.num_rows:
        return []
    found = whole.group_by(keys, use_threads=False).aggregate(wanted)
    other = {"distinct": "months", "count": "rows"}
    names = {f"{column}_{how}": other.get(how, column) for column, how in wanted}
    rows = found.rename_columns([names.get(name, name) for name in found.column_names]).to_pylist()
    rows.sort(key=lambda row: [str(row[key]) for key in keys])
    return [{**row, "months": sorted(row["months"])} if "months" in row else row for row in rows]


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
    """Months -> runs of consecutive ones, each as its first and its last month."""
    runs: list[tuple[date, date]] = []
    for month in sorted(set(months)):
        if runs and next_month(runs[-1][1]) == month:
            runs[-1] = (runs[-1][0], month)
        else:
            runs.append((month, month))
    return runs


def grouped(rows: Rows, *names: str) -> dict[tuple[Any, ...], Rows]:
    """Rows by what they hold under `names`, in that order."""
    groups: dict[tuple[Any, ...], Rows] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    return dict(sorted(groups.items()))


def series(tables: Tables, population: str, subset: str) -> Rows:
    """The rows of monthly_removals of one series, by month."""
    found = [row for row in tables["monthly_removals"] if (row["population"], row["subset"]) == (population, subset)]
    return sorted(found, key=lambda row: row["month"])


def numbers(rows: Rows) -> dict[date, tuple[int, int]]:
    """Month -> the interval of its count, of the months that have a number."""
    return {
        row["month"]: (row["removals"], row["removals"] + (row["undetermined"] or 0))
        for row in rows
        if row["status"] in NUMBERED and row["removals"] is not None
    }


def monthly_shares(tables: Tables, population: str) -> Rows:
    """The rows of detainer_shares of single months, by month; a month without a removal has no share."""
    found = [
        row
        for row in tables["detainer_shares"]
        if (row["span"], row["population"]) == ("month", population) and row["share_low"] is not None
    ]
    return sorted(found, key=lambda row: row["month"])


def year_shares(months: Rows) -> dict[int, tuple[float, float]]:
    """Calendar years whose twelve months all have a share -> the lowest and highest share of the year's removals."""
    years: dict[int, tuple[float, float]] = {}
    of_year: dict[int, Rows] = {}
    for row in months:
        of_year.setdefault(row["month"].year, []).append(row)
    for year, rows in of_year.items():
        removals = sum(row["removals"] for row in rows)
        if len(rows) == 12 and removals:
            low, high = (
                sum(row[end] * row["removals"] for row in rows) / removals for end in ("share_low", "share_high")
            )
            years[year] = low, high
    return years


def year_means(counts: Mapping[date, tuple[int, int]]) -> dict[int, tuple[float, float]]:
    """Calendar years whose twelve months all have a number -> the lowest and highest mean of a month."""
    of_year: dict[int, list[tuple[int, int]]] = {}
    for month, ends in counts.items():
        of_year.setdefault(month.year, []).append(ends)
    return {
        year: (sum(low for low, _ in found) / 12, sum(high for _, high in found) / 12)
        for year, found in of_year.items()
        if len(found) == 12
    }
