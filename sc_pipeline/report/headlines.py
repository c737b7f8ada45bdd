"""A row of headline_figures -> its name in words, its value, and where it comes from."""

from dataclasses import dataclass
from typing import Any

from sc_pipeline.report.grids import cell
from sc_pipeline.report.rows import Tables

_WORDS = {
    "change_any_offense": "Change in monthly removals of people convicted of any offense",
    "change_any_offense_12m": "Change in the 12-month average of removals of people convicted of any offense",
    "change_level1": "Change in monthly removals of people convicted of a serious (Level 1) offense",
    "change_level1_12m": "Change in the 12-month average of removals of people convicted of a Level 1 offense",
    "detainer_linked_share_of_ice": "Share of all ICE removals that a detainer led to",
    "detainer_linked_share_of_sc": "Share of Secure Communities removals that a detainer led to",
    "latest_any_offense_12m": "12-month average of removals of people convicted of any offense",
    "latest_level1_12m": "12-month average of removals of people convicted of a serious (Level 1) offense",
    "total_ice": "All ICE removals",
    "total_sc": "Secure Communities removals",
    "total_sc_detainer_linked": "Secure Communities removals that a detainer led to",
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


def headline(row: dict[str, Any], tables: Tables) -> Headline:
    """The figure in words; `tables` holds monthly_removals."""
    figure, first, last = row["figure"], row["first_month"], row["last_month"]
    series = next((found for part, found in _SERIES.items() if part in figure), (("sc", "all"),))
    used = {month["release_id"] for month in tables["monthly_removals"]
            if (month["population"], month["subset"]) in series and first <= month["month"] <= last}  # fmt: skip
    population, subset = series[0]
    return Headline(
        id=figure,
        name=_WORDS.get(figure) or str(figure).replace("_", " "),
        value=_value(row["value"], row["unit"]),
        span=f"{first:%Y-%m} to {last:%Y-%m}",
        method=row["method"],
        releases=", ".join(sorted(used)) or "none",
        trace=f"sc-pipeline trace {last:%Y-%m} --population {population} --subset {subset}",
    )


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "not computable"
    return f"{100 * value:.2f} %" if unit == "share" else cell(value)
