"""A first look at the few columns that decide -> what every row is then read by: silences, links, twins."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from sc_pipeline.core.cells import REDACTED, UNREADABLE, VALUE
from sc_pipeline.core.membership import CONVICTION_FIELDS, OFFENSE, THREAT_LEVEL, Basis, DetainerSpan
from sc_pipeline.core.records import Cells, refused_rows
from sc_pipeline.core.silences import MonthCounts, silent_months
from sc_pipeline.core.tables import CaseTable
from sc_pipeline.raw.release import Release

DECISIVE = {
    "removals": ("departed_date", "person_id", "detainer_prepare_date", *CONVICTION_FIELDS),
    "detainers": ("detainer_prepare_date", "person_id"),
}
_STATES = {"disclosed": VALUE, "redacted": REDACTED, "unreadable": UNREADABLE}


@dataclass
class Disclosure:
    """Counts of accepted rows by population, month and field, added up over batches."""

    _sums: dict[tuple[str, str, tuple[str, ...], tuple[str, ...]], list[pl.DataFrame]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(
        self, table: CaseTable, months: pl.Series, states: Mapping[str, pl.Series], fields: tuple[str, ...]
    ) -> None:
        """Count the states of a batch's accepted rows; a field that the table lacks counts its rows alone."""
        sums = [
            (pl.col(name) == state).sum().cast(pl.Int64).alias(f"{name} {word}")
            for name in states
            for word, state in _STATES.items()
        ]
        counts = (
            pl.DataFrame({"month": months, **states})
            .group_by("month")
            .agg(pl.len().cast(pl.Int64).alias("rows"), *sums)
        )
        self._sums[table.population or "", table.prefix, tuple(states), fields].append(counts)

    def counts(self) -> pl.DataFrame:
        """One row per population, month and field; `rows_there` are those whose own table has the column."""
        names = {"population": pl.String, "month": pl.Date, "field": pl.String}
        numbers = dict.fromkeys(("rows", "rows_there", *_STATES), pl.Int64)
        parts = [pl.DataFrame(schema={**names, **numbers, "column_present": pl.Boolean})]
        for (population, prefix, there, fields), batches in self._sums.items():
            wide = pl.concat(batches).group_by("month").sum()
            for name in fields:
                given = {word: pl.col(f"{name} {word}") if name in there else pl.lit(0, pl.Int64) for word in _STATES}
                parts.append(
                    wide.select(
                        population=pl.lit(population),
                        month="month",
                        field=pl.lit(prefix + name),
                        rows="rows",
                        rows_there=pl.col("rows") if name in there else pl.lit(0, pl.Int64),
                        **given,
                        column_present=pl.lit(name in there),
                    )
                )
        summed = pl.concat(parts).group_by("population", "month", "field")
        counts = summed.agg(pl.col("rows", "rows_there", *_STATES).sum(), pl.col("column_present").any())
        return counts.sort("population", "month", "field")

    def months(self) -> dict[tuple[str, str], dict[date, MonthCounts]]:
        """(population, field) -> month -> its counts, of the rows whose own table has the field's column."""
        found: dict[tuple[str, str], dict[date, MonthCounts]] = defaultdict(dict)
        for population, month, name, *numbers in self.counts().drop("column_present", "rows").iter_rows():
            found[population, name][month] = MonthCounts(*numbers)
        return found


@dataclass(frozen=True)
class Surveyed:
    """What the survey found: the basis of memberships for each population, what it knows of each table's rows.

    `rows` holds, table by table and row by row, `duplicate_likely` and of removals `joined_day` and `has_undated`.
    """

    bases: Mapping[str, Basis]
    rows: Mapping[int, pl.DataFrame]
    detainers: DetainerSpan | None
    removal_ids: int
    detainer_ids: int
    matched_ids: int
    has_detainers_table: bool


class Survey:
    """Collects the decisive cells of every table of a release."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._disclosure = Disclosure()
        self._present: set[str] = set()
        self._keys: dict[tuple[str, int], list[pl.DataFrame]] = defaultdict(list)

    def add(self, number: int, cells: Cells) -> None:
        """Take in one batch of the table of this number."""
        table = cells.table
        self._present |= {table.prefix + name for name in table.columns}
        accepted = ~pl.int_range(cells.height, eager=True).is_in(refused_rows(cells)["position"].implode())
        day = cells.values[table.key]
        months = day.dt.month_start().filter(accepted)
        states = {name: states.filter(accepted) for name, states in cells.states.items()}
        self._disclosure.add(table, months, states, DECISIVE[table.kind])
        person = cells.values.get("person_id")
        if person is None:
            person = pl.repeat(None, cells.height, dtype=pl.String, eager=True)
        dropped = pl.int_range(cells.height, eager=True).is_in(list(cells.dropped))
        # 64 bits of a person's identifier: of ten million people, two share them once in 370,000 releases.
        frame = pl.DataFrame({"person": person, "day": day, "accepted": accepted, "dropped": dropped}).select(
            person=pl.when(pl.col("person").is_not_null()).then(pl.col("person").hash(1)),
            day=pl.when("accepted").then("day"),
            dropped="dropped",
        )
        self._keys[table.kind, number].append(frame)

    def finish(self) -> Surveyed:
        """What the whole release tells, once every batch is in."""
        removals = self._rows_of("removals")
        detainers = self._rows_of("detainers")
        people = _People.of(removals, detainers)
        span = _span(detainers, people.matched > 0)
        counts = self._disclosure.months()
        populations = sorted({population for population, name in counts if not name.startswith("detainers.")})
        level_basis = self._level_basis(counts)
        bases = {population: Basis(level_basis, self._silent(population, counts), span) for population in populations}
        rows = _aligned(detainers, _twins(detainers).to_frame("duplicate_likely"))
        rows |= _aligned(removals, _linked(removals, detainers))
        return Surveyed(
            bases,
            rows,
            span,
            people.removals,
            people.detainers,
            people.matched,
            any(kind == "detainers" for kind, _ in self._keys),
        )

    def _rows_of(self, kind: str) -> pl.DataFrame:
        parts = [
            part.with_columns(number=pl.lit(number, pl.Int64))
            for (of, number), found in sorted(self._keys.items())
            if of == kind
            for part in found
        ]
        schema = {"person": pl.UInt64, "day": pl.Date, "dropped": pl.Boolean, "number": pl.Int64}
        return pl.concat([pl.DataFrame(schema=schema), *parts], rechunk=True)

    def _level_basis(self, counts: Mapping[tuple[str, str], Mapping[date, MonthCounts]]) -> str | None:
        """One basis for the whole release: the stated levels where it states any, else the codes, readable or not."""
        told = {name for (_, name), months in counts.items() if any(month.disclosed for month in months.values())}
        if "reported_threat_level" in told:
            return THREAT_LEVEL
        return OFFENSE if "msc_code" in self._present else None

    def _silent(
        self, population: str, counts: Mapping[tuple[str, str], Mapping[date, MonthCounts]]
    ) -> dict[str, frozenset[date]]:
        silent = {}
        for name in (*CONVICTION_FIELDS, "detainer_prepare_date", "person_id"):
            months = counts.get((population, name), {})
            declared = declared_withheld(self._release, name)
            silent[name] = frozenset(silent_months(months, months, name in self._present, False, declared))
        return silent


def declared_withheld(release: Release, name: str) -> list[tuple[date, date | None]]:
    """The spans of months for which the manifest declares a field withheld."""
    return [(entry.first, entry.last) for entry in release.withheld if name in entry.fields]


@dataclass(frozen=True)
class _People:
    """Distinct identifiers of the accepted rows of both tables, and of both at once."""

    removals: int
    detainers: int
    matched: int

    @staticmethod
    def of(removals: pl.DataFrame, detainers: pl.DataFrame) -> "_People":
        left, right = (
            rows.filter(pl.col("day").is_not_null() & pl.col("person").is_not_null())["person"].unique()
            for rows in (removals, detainers)
        )
        return _People(len(left), len(right), int(left.is_in(right.implode()).sum()) if len(right) else 0)


def _span(detainers: pl.DataFrame, ids_join: bool) -> DetainerSpan | None:
    days = detainers["day"].drop_nulls()
    first, last = days.min(), days.max()
    if not isinstance(first, date) or not isinstance(last, date):
        return None
    return DetainerSpan(first, last, frozenset(days.dt.month_start().unique()), ids_join)


def _twins(rows: pl.DataFrame) -> pl.Series:
    """Which rows share person and day with another; null without a person."""
    has_key = rows["person"].is_not_null() & rows["day"].is_not_null()
    keys = rows.select(key=pl.struct("person", "day").hash(2))["key"]
    # Sorted hashes find the few that can be doubled; only those are compared whole.
    hashes = np.sort(keys.filter(has_key).to_numpy())
    suspects = pl.Series(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]), dtype=pl.UInt64)
    suspected = has_key & keys.is_in(suspects.implode()) if len(suspects) else has_key & False
    doubled = rows.filter(suspected).select(pl.struct("person", "day").is_duplicated()).to_series()
    flags = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).scatter(suspected.arg_true(), doubled)
    return pl.select(pl.when(has_key | rows["person"].is_not_null()).then(flags)).to_series()


def _linked(removals: pl.DataFrame, detainers: pl.DataFrame) -> pl.DataFrame:
    """Of each removal: whether it has a twin, the last detainer on or before it, whether one has no readable day."""
    known = detainers.filter(pl.col("person").is_not_null() & ~pl.col("dropped"))
    dated = known.filter(pl.col("day").is_not_null()).select("person", joined_day="day", day="day").unique()
    undated = known.filter(pl.col("day").is_null())["person"].unique()
    people = dated["person"].unique()
    at = (removals["day"].is_not_null() & removals["person"].is_in(people.implode())).fill_null(False).arg_true()
    days = pl.repeat(None, removals.height, dtype=pl.Date, eager=True)
    if len(at):
        asked = removals.select("person", "day")[at].with_columns(at=at).sort("day")
        found = asked.join_asof(dated.sort("day"), on="day", by="person", strategy="backward", check_sortedness=False)
        days = days.scatter(found["at"], found["joined_day"])
    has_undated = removals["person"].is_in(undated.implode()).fill_null(False)
    return pl.DataFrame({"duplicate_likely": _twins(removals), "joined_day": days, "has_undated": has_undated})


def _aligned(rows: pl.DataFrame, facts: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """The facts dealt back to their tables, in the order of their rows."""
    found, start = {}, 0
    for number, count in rows.group_by("number", maintain_order=True).len().iter_rows():
        found[int(number)] = facts.slice(start, count)
        start += count
    return found
