"""A row of headline_figures -> its name in words, its value, and where it comes from."""

from dataclasses import dataclass
from typing import Any

from sc_pipeline.report.rows import Tables
from sc_pipeline.report.words import cell, month_words, percent

# In the order a reader wants them: totals, shares, averages, changes.
_WORDS = {
    "total_ice": "All ICE removals",
    "total_sc": "Secure Communities removals",
    "total_sc_detainer_linked": "Secure Communities removals that a detainer led to",
    "detainer_linked_share_of_sc": "Share of Secure Communities removals that a detainer led to",
    "detainer_linked_share_of_ice": "Share of all ICE removals that a detainer led to",
    "latest_any_offense_12m": "12-month average of removals of people convicted of any offense",
    "latest_level1_12m": "12-month average of removals of people convicted of a serious (Level 1) offense",
    "change_any_offense": "Change in monthly removals of people convicted of any offense",
    "change_any_offense_12m": "Change in the 12-month average of removals of people convicted of any offense",
    "change_level1": "Change in monthly removals of people convicted of a serious (Level 1) offense",
    "change_level1_12m": "Change in the 12-month average of removals of people convicted of a serious (Level 1) "
    "offense",
}
# Part of a figure's name -> the series of monthly_removals it rests on, the one to trace first.
_SERIES = {
    "any_offense": (("sc", "convicted"),),
    "level1": (("sc", "level1"),),
    "linked_share_of_ice": (("sc", "detainer_linked"), ("ice", "all")),
    "linked_share_of_sc": (("sc", "detainer_linked"), ("sc", "all")),
    "detainer_linked": (("sc", "detainer_linked"),),
    "total_ice": (("ice", "all"),),
    "total_sc": (("sc", "all"),),
}


@dataclass(frozen=True)
class Headline:
    """A headline figure as the page says it."""

    id: str
    name: str
    value: str
    span: str
    method: str
    releases: str
    trace: str


def headlines(tables: Tables) -> list[Headline]:
    """Every headline figure in words; `tables` holds headline_figures and monthly_removals."""
    places = {figure: place for place, figure in enumerate(_WORDS)}
    rows = sorted(tables["headline_figures"], key=lambda row: places.get(row["figure"], len(places)))
    return [_headline(row, tables) for row in rows]


def _headline(row: dict[str, Any], tables: Tables) -> Headline:
    figure, first, last = row["figure"], row["first_month"], row["last_month"]
    series = next((found for part, found in _SERIES.items() if part in figure), (("sc", "all"),))
    used = {month["release_id"] for month in tables["monthly_removals"]
            if (month["population"], month["subset"]) in series and first <= month["month"] <= last}  # fmt: skip
    population, subset = series[0]
    return Headline(
        id=figure,
        name=_WORDS.get(figure) or str(figure).replace("_", " "),
        value=_value(row),
        span=month_words(first, last),
        method=row["method"],
        releases=", ".join(sorted(used)) or "none",
        trace=f"sc-pipeline trace {last:%Y-%m} --population {population} --subset {subset}",
    )


def _value(row: dict[str, Any]) -> str:
    value = row["value"]
    if value is None:
        return "not computable"
    if row["unit"] == "share":
        return percent(value)
    return f"{value:+,.0f}" if row["figure"].startswith("change_") else cell(value)
