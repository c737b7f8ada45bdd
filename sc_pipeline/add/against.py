"""Files to be added, against the published releases -> where they overlap, what changed, what they would serve."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from sc_pipeline import reference, sql
from sc_pipeline.add.addition import Addition
from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.trace.written import ask

Row = dict[str, Any]
_DETAINERS = "detainers"
_MOST_SHOWN = 3


@dataclass(frozen=True)
class _Months:
    """Whom a release counts (a population, or `detainers`), and of each month its rows, or the number it prints."""

    release: str
    group: str
    origin: str  # records or published
    rows: Mapping[date, int]

    @property
    def unit(self) -> str:
        """What its numbers are."""
        return "rows" if self.origin == "records" else "removals as printed"


def against_published(project: Project, addition: Addition) -> list[str]:
    """What a person is told of an addition beside the releases that are published; one line where nothing is."""
    new = _new_months(addition)
    if not project.published.exists():
        return ["nothing is published yet to compare with"] if new else []
    try:
        with open_published(project) as connection:
            tables = {name: ask(connection, query) for name, query in _QUERIES.items()}
    except UserError as problem:
        return [f"not compared with what is published: {problem}"]
    except duckdb.Error:
        return ["not compared with what is published: another version built it; run: sc-pipeline build"]
    lines = list(_overlaps(new, _old_months(tables)))
    others = {name: [row for row in rows if row["release_id"] != addition.release_id] for name, rows in tables.items()}
    return lines + list(_served(addition, new, others))


def _new_months(addition: Addition) -> list[_Months]:
    """The numbers of each month in the files, by whom they count."""
    counted: dict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for table in (table for file in addition.files for table in file.tables if table.counted):
        origin = "published" if table.sheet.kind == "monthly_counts" else "records"
        for group, months in table.counted.months.items() if table.counted else ():
            if origin == "published":
                counted[group, origin] |= Counter(months)  # two tables of a release may print the same month
            else:
                counted[group, origin].update(months)
    return [
        _Months(addition.release_id, group, origin, dict(sorted(rows.items())))
        for (group, origin), rows in sorted(counted.items())
    ]


def _old_months(tables: Mapping[str, Sequence[Row]]) -> list[_Months]:
    found: dict[tuple[str, str, str], dict[date, int]] = defaultdict(dict)
    for row in tables["release_months"]:
        if row["removals"] is not None:
            found[row["release_id"], row["population"], row["origin"]][row["month"]] = row["removals"]
    for row in tables["detainers_by_release"]:
        found[row["release_id"], _DETAINERS, "records"][row["month"]] = row["rows"]
    return [_Months(*whose, rows) for whose, rows in sorted(found.items())]


def _overlaps(new: Sequence[_Months], old: Sequence[_Months]) -> Iterator[str]:
    """Each release that has months of these files, and what changed against it."""
    for here in new:
        for there in old:
            shared = sorted(here.rows.keys() & there.rows.keys())
            if there.group != here.group or not shared:
                continue
            is_old = there.release == here.release
            what = "replaces its own" if is_old else f"overlaps {there.release} in"
            mine, its = (sum(of.rows[month] for month in shared) for of in (here, there))
            yield (
                f"{here.group}: {what} {_span(shared)}: {mine:,} {here.unit} here, "
                f"{its:,}{_unit(here, there)} there; {_changes(here, there, shared)}"
            )


def _unit(here: _Months, there: _Months) -> str:
    return "" if here.origin == there.origin else f" {there.unit}"


def _changes(here: _Months, there: _Months, shared: Sequence[date]) -> str:
    differing = [month for month in shared if here.rows[month] != there.rows[month]]
    if not differing:
        return "every month has as many"
    largest = sorted(differing, key=lambda month: -abs(here.rows[month] - there.rows[month]))[:_MOST_SHOWN]
    shown = ", ".join(f"{month:%Y-%m} {there.rows[month]:,} -> {here.rows[month]:,}" for month in sorted(largest))
    return f"{len(differing)} of {len(shared)} months differ, most: {shown}"


def _span(months: Sequence[date]) -> str:
    return f"{len(months)} months, {months[0]:%Y-%m} to {months[-1]:%Y-%m}" if len(months) > 1 else f"{months[0]:%Y-%m}"


def _served(addition: Addition, new: Sequence[_Months], tables: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """The months that each release would serve, by the SQL that decides it in a build."""
    manifest = addition.manifest
    first, last = manifest.covers or (None, None)
    release = {
        "release_id": addition.release_id,
        "status": "ready",
        "received": manifest.received,
        "covers_from": first,
        "covers_to": last,
    }
    windows = [
        {"release_id": addition.release_id, "first_month": w.first, "last_month": w.last, "kind": w.kind}
        for w in manifest.serves
    ]
    views = {
        "releases": _table("releases", [*tables["releases"], release]),
        "release_windows": _table("release_windows", [*tables["release_windows"], *windows]),
    }
    months = [row for of in new if of.group != _DETAINERS for row in _release_months(of, manifest.covers)]
    views["release_months"] = _table("release_months", [*tables["release_months"], *months])
    days = [*tables["detainers_by_release"], *_detainer_days(new, addition)]
    spans = [{**row, "detainer_prepare_date": row[end]} for row in days for end in ("first_day", "last_day")]
    views["detainers_by_release"] = _table("detainers_by_release", spans)
    for name, group in (("month_sources", None), ("detainer_sources", _DETAINERS)):
        if any((of.group == _DETAINERS) == (group is not None) for of in new):
            rows = sql.run(sql.sql_tables()[name], views).read_all().to_pylist()
            yield from _in_words(rows, group, addition.release_id, new)


def _in_words(rows: Iterable[Row], group: str | None, release_id: str, new: Sequence[_Months]) -> Iterator[str]:
    of_files = {(of.group, month) for of in new for month in of.rows}
    mine = [(group or row["population"], row) for row in rows]
    asked = [
        (name, row["release_id"], row["reason"], row["month"]) for name, row in mine if (name, row["month"]) in of_files
    ]
    asked.sort(key=lambda each: (each[0], each[3]))
    for (name, release, reason), found in groupby(asked, lambda each: each[:3]):
        months = [month for *_, month in found]
        verb = "would serve" if release == release_id else f"leaves to {release}"
        yield f"{name}: {verb} {_span(months)} ({reason})"


def _release_months(of: _Months, covers: tuple[date, date] | None) -> Iterator[Row]:
    """The rows that release_months would have, as far as the sources of months ask for them."""
    for month, rows in of.rows.items():
        yield {
            "release_id": of.release,
            "population": of.group,
            "month": month,
            "subset": "all",
            "removals": rows,
            "origin": of.origin,
            "status": "partial" if of.origin == "records" and _is_cut(of, month, covers) else "reported",
        }


def _is_cut(of: _Months, month: date, covers: tuple[date, date] | None) -> bool:
    """Whether the coverage does not hold all of a month of case records."""
    end = _end(month)
    if covers:
        return month < covers[0] or end > covers[1]
    late = next(row["value"] for row in reference.load("constants").to_pylist() if row["name"] == "late_days")
    return (_end(max(of.rows)) - end).days < late


def _detainer_days(new: Sequence[_Months], addition: Addition) -> Iterator[Row]:
    for of in new:
        for month in of.rows if of.group == _DETAINERS else ():
            yield {"release_id": addition.release_id, "month": month, "first_day": month, "last_day": _end(month)}


def _end(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _table(name: str, rows: Iterable[Row]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), arrow_schema(MODELS[name]))


_QUERIES = {
    "release_months": "select release_id, population, month, subset, removals, status, origin from release_months "
    "where subset = 'all'",
    "detainers_by_release": "select release_id, month, count(*) as rows, min(detainer_prepare_date) as first_day, "
    "max(detainer_prepare_date) as last_day from detainers_by_release group by release_id, month",
    "releases": "select * from releases",
    "release_windows": "select * from release_windows",
}
