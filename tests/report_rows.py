"""Rows of the published tables as the report reads them: the printed tables that ship, and single rows for a test."""

import csv
from datetime import date
from typing import Any

from sc_pipeline.project import REPOSITORY
from sc_pipeline.report.inputs import REPORT_INPUTS

RELEASE = "trac-2017-11"
Row = dict[str, Any]
Tables = dict[str, list[Row]]


def month(text: str) -> date:
    """2015-08 -> its first day."""
    return date.fromisoformat(f"{text}-01")


def count(at: str, removals: int | None = 5, undetermined: int | None = 0, **other: Any) -> Row:
    """A row of monthly_removals; a silence has no number."""
    status = other.get("status", "reported")
    silent = status not in {"reported", "at_least", "partial"}
    row = {
        "month": month(at),
        "population": "sc",
        "subset": "all",
        "removals": None if silent else removals,
        "undetermined": None if silent else undetermined,
        "status": status,
        "origin": "records",
        "release_id": RELEASE,
        "level_basis": None,
        "likely_duplicates": 0,
    }
    return {**row, **other}


def share(at: str, linked: int, removals: int, **other: Any) -> Row:
    """A row of detainer_shares without anything undetermined."""
    row = {
        "span": "month",
        "population": "sc",
        "month": month(at),
        "fiscal_year": fiscal_year(month(at)),
        "months_held": 1,
        "detainer_linked": linked,
        "removals": removals,
        "ice": None,
        "share": linked / removals,
        "share_low": linked / removals,
        "share_high": linked / removals,
        "share_of_ice": None,
        "id_coverage_removals": None,
        "id_coverage_detainers": None,
        "sc": removals,
        "share_of_sc": linked / removals,
    }
    return {**row, **other}


def claim(verdict: str = "contradicted", low: int | None = 9688, high: int | None = 14101, **other: Any) -> Row:
    """A row of claim_checks: ICE's claim of 2017."""
    row = {
        "claim_id": "ice",
        "claimant": "ICE",
        "claim": "More than 43,300 removed",
        "claimed": 43300,
        "first_day": date(2017, 1, 25),
        "last_day": date(2017, 3, 31),
        "observed_low": low,
        "observed_high": high,
        "ratio_low": None,
        "ratio_high": None,
        "verdict": verdict,
        "citation": "ICE's website",
    }
    return {**row, **other}


def release(release_id: str = RELEASE, **other: Any) -> Row:
    """A row of releases."""
    row = {
        "release_id": release_id,
        "title": "Tables 1 and 2",
        "publisher": "TRAC, Syracuse University",
        "agency": "ICE",
        "foia_request": None,
        "received": date(2017, 11, 30),
        "population": None,
        "covers_from": None,
        "covers_to": None,
        "synthetic": False,
        "sha256": "0" * 64,
        "status": "ready",
        "problem": None,
        "inferred": None,
        "source_url": None,
        "caution": None,
        "scope_note": None,
    }
    return {**row, **other}


def empty() -> Tables:
    """Every table of the report without a row."""
    return {table: [] for table in REPORT_INPUTS}


def fiscal_year(at: date) -> int:
    """October starts the next one."""
    return at.year + (at.month > 9)


def shipped() -> Tables:
    """The tables as the pipeline makes them of the printed tables that ship."""
    folder = REPOSITORY / "raw" / RELEASE
    printed = list(csv.DictReader((folder / "table2_removals_by_source.csv").open(encoding="utf-8")))
    table1 = list(csv.DictReader((folder / "table1_convictions.csv").open(encoding="utf-8")))
    monthly = [row for line in printed for row in _by_source(line)]
    monthly += [row for line in table1 for row in _convicted(line)]
    averages = [_average(line, number) for number, line in enumerate(table1)]
    by_key = {(row["month"], row["population"], row["subset"]): row for row in monthly}
    return {
        **empty(),
        "monthly_removals": monthly,
        "convictions": averages,
        "running_averages": [
            {
                "month": month("2017-07"),
                "population": "sc",
                "subset": subset,
                "removals": None,
                "average_12m": average,
                "average_12m_low": average,
                "average_12m_high": average,
                "months_in_window": 12,
            }
            for subset, average in (("convicted", 5073.9), ("level1", 2184.1))
        ],
        "detainer_shares": _shares(by_key),
        "removals_by_month": [
            _wide(by_key, *key) for key in sorted({(row["month"], row["population"]) for row in monthly})
        ],
        "claim_checks": [claim(), claim("undecided", claimant="TRAC", claimed=10893, claim="10,893 removed")],
        "headline_figures": [
            {
                "figure": "total_ice",
                "value": 2882375.0,
                "unit": "removals",
                "first_month": month("2008-11"),
                "last_month": month("2017-06"),
                "method": "sum of months",
            },
            {
                "figure": "detainer_linked_share_of_sc",
                "value": 584 / 23580,
                "unit": "share",
                "first_month": month("2015-08"),
                "last_month": month("2015-12"),
                "method": "sum over sum",
            },
        ],
        "published_comparison": [
            compared("Table 1, 2016-08, Any Offense", 4894, "same_figure"),
            compared("Text, change in any offense", 296, "same"),
        ],
        "month_sources": [
            {
                "population": row["population"],
                "month": row["month"],
                "release_id": RELEASE,
                "origin": "published",
                "reason": "only release with this month",
            }
            for row in monthly
            if row["subset"] == "all"
        ],
        "releases": [release()],
        "source_files": [
            {
                "release_id": RELEASE,
                "file": "table1_convictions.csv",
                "kind": "monthly_counts",
                "production": "trac_2017_table1",
                "sha256": "6" * 64,
                "bytes": 500,
                "rows_read": 12,
                "rows_accepted": 12,
                "rows_quarantined": 0,
                "rows_left_out": 0,
                "left_out": None,
            }
        ],
    }


def compared(cell: str, published: float, verdict: str, computed: float | None = None) -> Row:
    """A row of published_comparison."""
    value = published if computed is None else computed
    value = None if verdict == "not_computable" else value
    return {
        "publication": RELEASE,
        "cell": cell,
        "published": published,
        "computed": value,
        "computed_low": value,
        "computed_high": value,
        "difference": None if value is None else value - published,
        "verdict": verdict,
        "origin": None if value is None else "published",
    }


def _by_source(line: dict[str, str]) -> list[Row]:
    at, *cells = line.values()
    series = (("ice", "all"), ("sc", "all"), ("sc", "detainer_linked"))
    words = {"ICE withheld": "withheld", "not yet released": "not_released"}
    return [
        count(
            at,
            None if cell in words else _number(cell),
            population=population,
            subset=subset,
            status=words.get(cell, "reported"),
            origin="published",
        )
        for (population, subset), cell in zip(series, cells, strict=True)
    ]


def _convicted(line: dict[str, str]) -> list[Row]:
    at, convicted, level1, *_ = line.values()
    return [
        count(at, _number(convicted), subset="convicted", origin="published"),
        count(at, _number(level1), subset="level1", origin="published", level_basis="as_published"),
    ]


def _average(line: dict[str, str], number: int) -> Row:
    at, convicted, level1, convicted_12m, level1_12m = line.values()
    return {
        "month": month(at),
        "population": "sc",
        "any_offense": _number(convicted),
        "level1": _number(level1),
        "any_offense_12m": _number(convicted_12m),
        "level1_12m": _number(level1_12m),
        "any_offense_12m_origin": "published",
        "level1_12m_origin": "published",
    }


def _shares(by_key: dict[tuple[date, str, str], Row]) -> list[Row]:
    rows = []
    for (at, population, subset), row in sorted(by_key.items()):
        if (population, subset) == ("sc", "detainer_linked") and row["removals"] is not None:
            sc, ice = (by_key[at, of, "all"]["removals"] for of in ("sc", "ice"))
            rows.append(share(f"{at:%Y-%m}", row["removals"], sc, ice=ice, share_of_ice=row["removals"] / ice))
    return [*rows, _summed(rows[-5:], "last_5"), _summed(rows[-12:], "last_12_months"), _summed(rows, "all")]


def _summed(rows: list[Row], span: str) -> Row:
    linked, removals, ice = (sum(row[name] for row in rows) for name in ("detainer_linked", "removals", "ice"))
    return share(
        f"{rows[-1]['month']:%Y-%m}",
        linked,
        removals,
        span=span,
        months_held=len(rows),
        ice=ice,
        share_of_ice=linked / ice,
    )


def _wide(by_key: dict[tuple[date, str, str], Row], at: date, population: str) -> Row:
    row: Row = {"month": at, "population": population, "fiscal_year": fiscal_year(at)}
    for name, subset in (
        ("removals", "all"),
        *((name, name) for name in ("convicted", "not_convicted", "level1", "detainer_linked")),
    ):
        found = by_key.get(
            (at, population, subset), {"removals": None, "undetermined": None, "status": "not_in_release"}
        )
        row |= {
            name: found["removals"],
            f"{name}_undetermined": found["undetermined"],
            f"{name}_status": found["status"],
        }
    return row


def _number(cell: str) -> int:
    return int(cell.replace(",", ""))
