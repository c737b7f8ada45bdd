"""Rows of headline_figures -> their names in words, values, and how to trace each."""

from dataclasses import dataclass

from sc_pipeline.report.rows import Row, Rows, Tables, series
from sc_pipeline.report.words import capital, cell, month_words, percent, series_words

_SUFFIXES = ("_last_12_months", "_all")


@dataclass(frozen=True)
class Headline:
    """A headline figure as the page prints it."""

    id: str
    name: str
    value: str
    method: str
    releases: str
    trace: str


def headlines(tables: Tables) -> list[tuple[str, list[Headline]]]:
    """Headline figures that have a value, by the span of months they are about: no table mixes spans."""
    spans: dict[tuple[object, object], Rows] = {}
    for row in tables["headline_figures"]:
        if row["value"] is not None:
            spans.setdefault((row["first_month"], row["last_month"]), []).append(row)
    ordered = sorted(spans.values(), key=lambda rows: (rows[0]["first_month"], rows[0]["last_month"]))
    return [
        (month_words(rows[0]["first_month"], rows[0]["last_month"]), [_headline(row, tables) for row in rows])
        for rows in ordered
    ]


def _headline(row: Row, tables: Tables) -> Headline:
    figure, first, last = row["figure"], row["first_month"], row["last_month"]
    population, subset = _series(figure)
    used = {month["release_id"] for month in series(tables, population, subset) if first <= month["month"] <= last}
    return Headline(
        id=figure,
        name=_name(figure),
        value=_value(row),
        method=capital(row["method"]),
        releases=", ".join(sorted(used)) or "none",
        trace=f"sc-pipeline trace {last:%Y-%m} --population {population} --subset {subset}",
    )


def _series(figure: str) -> tuple[str, str]:
    """The series of monthly_removals that a figure rests on."""
    population = "ice" if figure.startswith("ice_") or figure.endswith("total_ice") or "total_ice_" in figure else "sc"
    for part, subset in (("any_offense", "convicted"), ("level1", "level1"), ("detainer_linked", "detainer_linked")):
        if part in figure:
            return population, subset
    return population, "all"


def _name(figure: str) -> str:
    """total_sc_detainer_linked -> Secure Communities removals with a prior detainer; an unknown name as it is."""
    population, subset = _series(figure)
    words = series_words(population, subset)
    base = figure
    for suffix in _SUFFIXES:
        base = base.removesuffix(suffix)
    if "total_" in base:
        return capital(words)
    if "detainer_linked_share_of_ice" in base:
        return f"{capital(words)}, as a share of all ICE removals"
    if "share" in base:
        return f"Share of {series_words(population, 'all')} with a prior detainer"
    if "change_" in base:
        return f"Change in {'the 12-month average of' if base.endswith('12m') else 'monthly'} {words}"
    if base.endswith("12m"):
        return f"12-month average of {words}"
    return figure.replace("_", " ")


def _value(row: Row) -> str:
    if row["unit"] == "share":
        return percent(row["value"])
    if "change_" in row["figure"]:
        return f"{row['value']:+,.0f}".replace("-", "\N{MINUS SIGN}")
    return cell(row["value"])
