"""Codes and values of the tables -> the words a reader knows them by."""

from datetime import date
from typing import Any

STATUS_WORDS = {"withheld": "withheld by ICE", "not_released": "not yet released", "partial": "partial month"}
POPULATIONS = {"ice": "all ICE removals", "sc": "Secure Communities removals"}
_SUBSETS = {
    "all": "",
    "convicted": " of people convicted of any offense",
    "level1": " of people convicted of a serious (Level 1) offense",
    "detainer_linked": " with a detainer",
}


def cell(value: Any) -> str:
    """A value as a reader writes it: thousands commas, days as 2017-07-01, a dash for nothing."""
    if value is None:
        return "—"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def percent(share: float) -> str:
    """0.02476 -> 2.48 %."""
    return f"{100 * share:.2f} %"


def worded(value: int | None, status: str | None) -> str:
    """A count with its status in words, where that is anything but `reported`."""
    if status == "reported":
        return cell(value)
    words = "no release speaks of it" if status is None else STATUS_WORDS[status]
    return words if value is None else f"{value:,} ({words})"


def series_words(population: str, subset: str) -> str:
    """A monthly series: `sc`, `detainer_linked` -> Secure Communities removals with a detainer."""
    return POPULATIONS[population] + _SUBSETS[subset]


def month_words(first: date, last: date) -> str:
    """A span of months: August to December 2015, November 2008 to June 2017, July 2017."""
    if first == last:
        return f"{last:%B %Y}"
    return f"{first:%B} to {last:%B %Y}" if first.year == last.year else f"{first:%B %Y} to {last:%B %Y}"


def day_words(first: date, last: date) -> str:
    """A span of days: January 25, 2017 to March 31, 2017."""
    return f"{first:%B} {first.day}, {first.year} to {last:%B} {last.day}, {last.year}"
