"""Monthly rows -> tables of spans, fiscal years and states."""

from collections.abc import Callable
from datetime import date

from sc_pipeline.report.grids import Grid, grid
from sc_pipeline.report.rows import NUMBERED, Row, Rows, Tables, grouped, monthly_shares
from sc_pipeline.report.titles import counted
from sc_pipeline.report.words import (
    STATUS_WORDS,
    between,
    month_word,
    month_words,
    percent,
)

_FIELDS = {
    "removals": "Removals",
    "detainer_linked": "With a prior detainer",
    "convicted": "Convicted",
    "level1": "Level 1",
}
_COVERAGE = {
    "id_coverage_removals": "Removals with an identifier",
    "id_coverage_detainers": "Detainers with an identifier",
}


def spans_of_share(tables: Tables) -> list[Grid]:
    """The share with a prior detainer over several spans, each with its months and counts, for each population."""
    by_population = ((population, _spans(tables, population)) for population in ("sc", "ice"))
    return [_span_grid(population, rows) for population, rows in by_population if rows]


def _spans(tables: Tables, population: str) -> Rows:
    months = [row["month"] for row in monthly_shares(tables, population)]
    of = [row for row in tables["detainer_shares"] if row["population"] == population]
    last = max((row["month"] for row in of if row["span"] == "last_12_months"), default=None)
    order = {"last_5": 0, "last_12_months": 1, "all": 2, "fiscal_year": 3}
    shown = [row for row in of if row["span"] in order and (row["span"] != "last_12_months" or row["month"] == last)]
    shown.sort(key=lambda row: (order[row["span"]], row["month"]))
    return [{"span_in_words": _span_words(row, months), **row} for row in shown]


def _span_words(row: Row, months: list[date]) -> str:
    if row["span"] == "fiscal_year":
        return f"Fiscal year {row['fiscal_year']}"
    first = months[-row["months_held"] :] if row["span"] != "last_12_months" else []
    return month_words(min(first), row["month"]) if first else f"12 months to {month_word(row['month'])}"


def _span_grid(population: str, rows: Rows) -> Grid:
    names = {
        "span_in_words": "Span",
        "population": "Of",
        "months_held": "Months held",
        "detainer_linked": "With a prior detainer",
        "removals": "Removals",
        "share": "Share",
    }
    coverage = {name: head for name, head in _COVERAGE.items() if any(row[name] is not None for row in rows)}
    return grid(
        f"share_spans_{population}",
        "Share with a prior detainer over several spans",
        rows,
        {**names, **coverage},
        {
            "share": lambda row: (
                percent(row["share"])
                if row["share"] is not None
                else between(row["share_low"], row["share_high"], percents=True)
            ),
            **{name: _percent_or_dash(name) for name in coverage},
        },
    )


def _percent_or_dash(name: str) -> Callable[[Row], str]:
    return lambda row: "—" if row[name] is None else percent(row[name])


def fiscal_years(rows: Rows) -> list[Grid]:
    """removals_by_month summed by fiscal year: only months with a number, and how many of twelve they are.

    A table for each population.
    """
    by_year = grouped(rows, "fiscal_year", "population")
    summed = [_year(year, population, months) for (year, population), months in by_year.items()]
    names = {"fiscal_year": "Fiscal year", "population": "Of", **_FIELDS}
    return [
        grid(
            f"fiscal_years_{population}",
            "Removals by fiscal year",
            of,
            names,
            {
                "fiscal_year": lambda row: str(row["fiscal_year"]),
                **{field: _year_words(field) for field in _FIELDS if any(row[field] is not None for row in summed)},
            },
        )
        for population in ("sc", "ice")
        if (of := [row for row in summed if row["population"] == population])
    ]


def _year(year: int, population: str, months: Rows) -> Row:
    row: Row = {"fiscal_year": year, "population": population}
    for field in _FIELDS:
        held = [month for month in months if month[f"{field}_status"] in NUMBERED and month[field] is not None]
        reasons = {month[f"{field}_status"] for month in months if month not in held}
        low = sum(month[field] for month in held)
        row |= {
            f"{field}_months": len(held),
            f"{field}_partial": sum(month[f"{field}_status"] == "partial" for month in held),
            f"{field}_reason": reasons.pop() if len(reasons) == 1 else None,
            field: low if held else None,
            f"{field}_high": low + sum(month[f"{field}_undetermined"] or 0 for month in held) if held else None,
        }
    return row


def _year_words(field: str) -> Callable[[Row], str]:
    """A year's sum with the months it rests on, or why it has none."""

    def said(row: Row) -> str:
        if row[field] is None:
            return STATUS_WORDS.get(row[f"{field}_reason"], "not known")
        text, held, cut = between(row[field], row[f"{field}_high"]), row[f"{field}_months"], row[f"{field}_partial"]
        notes = ([] if held == 12 else [counted(held, "month")]) + ([f"{cut} of them partial"] if cut else [])
        return f"{text} ({', '.join(notes)})" if notes else text

    return said


def places(rows: Rows) -> list[Grid]:
    """States in the latest fiscal year that holds the most months, a table for each population.

    `rows` are removals_by_place, gathered.
    """
    return [
        _places_of(population, of)
        for population in ("sc", "ice")
        if (of := [row for row in rows if row["population"] == population and row["removals"] is not None])
    ]


def _places_of(population: str, rows: Rows) -> Grid:
    held: dict[int, set[object]] = {}
    for row in rows:
        held.setdefault(row["fiscal_year"], set()).update(row["months"])
    year = max(held, key=lambda year: (len(held[year]), year))
    found: Rows = []
    for (state,), of_state in grouped([row for row in rows if row["fiscal_year"] == year], "state").items():
        low = sum(row["removals"] for row in of_state)
        found.append(
            {
                "population": population,
                "fiscal_year": year,
                "state": state or "not resolved",
                "months_held": len(held[year]),
                "removals": low,
                "removals_high": low + sum(row["removals_undetermined"] or 0 for row in of_state),
            }
        )
    found.sort(key=lambda row: (-row["removals"], row["state"]))
    months = "" if len(held[year]) == 12 else f" ({counted(len(held[year]), 'month')})"
    return grid(
        f"places_{population}",
        f"Removals by state in fiscal year {year}{months}",
        found,
        {"state": "State", "population": "Of", "removals": "Removals"},
        {"removals": lambda row: between(row["removals"], row["removals_high"])},
    )
