"""Codes and values of the tables -> the words a reader knows them by."""

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

from sc_pipeline.report.rows import spans

# Why a month has no number, as the end of "… is". Only `withheld` is the agency's doing.
STATUS_WORDS = {
    "withheld": "withheld by ICE",
    "unreadable": "could not be read",
    "ids_do_not_join": "identifiers do not join",
    "not_disclosed": "not disclosed",
    "not_in_release": "not in the release",
    "not_released": "not yet released",
    "at_least": "at least",
    "partial": "partial month",
}
NOT_COVERED = "in no release"
POPULATIONS = {"ice": "all ICE removals", "sc": "Secure Communities removals"}
_SUBSETS = {
    "all": "",
    "convicted": " of people convicted of any offense",
    "not_convicted": " of people not convicted of an offense",
    "level1": " of people convicted of a Level 1 offense",
    "detainer_linked": " with a prior detainer",
}
BASES = {
    "threat_level_2011": "the person's threat level as ICE stated it (definition of 2011)",
    "offense_2009": "the offense's level in a list based on ICE's 2009 procedures",
    "as_published": "the publisher's own count",
}
_MOST_RUNS = 3


def cell(value: Any) -> str:
    """A value as a reader writes it: thousands commas, days as July 1, 2017, a dash for nothing."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return day_word(value)
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def half_up(value: float) -> int:
    """Rounded as printed figures are: a half goes up."""
    return math.floor(value + 0.5)


def percent(share: float) -> str:
    """0.02476 -> 2.5%; what would round to nothing is less than 0.1%."""
    if 0 < share < 0.0005:
        return "less than 0.1%"
    tenths = half_up(round(share * 1000, 6))
    return f"{tenths / 10:,.1f}%"


def between(low: float, high: float | None, percents: bool = False) -> str:
    """An interval: 24, or 24 to 30; one end where both read the same; `at least` where the high end is not known."""
    write = percent if percents else lambda value: f"{half_up(value):,}"
    if high is None:
        return f"at least {write(low)}"
    return write(low) if write(low) == write(high) else f"{write(low)} to {write(high)}"


def worded(value: int | None, status: str | None, undetermined: int | None = 0) -> str:
    """A count with its status in words, where that is anything but `reported`."""
    if value is None:
        return NOT_COVERED if status is None else STATUS_WORDS[status]
    text = between(value, value + (undetermined or 0))
    if status == "at_least" and not undetermined:
        return f"at least {text}"
    return f"{text} (partial month)" if status == "partial" else text


def series_words(population: str, subset: str) -> str:
    """A monthly series: `sc`, `detainer_linked` -> Secure Communities removals with a prior detainer."""
    return POPULATIONS[population] + _SUBSETS[subset]


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(parts: Iterable[str]) -> str:
    """a; a and b; a, b and c."""
    *firsts, last = parts
    return f"{', '.join(firsts)} and {last}" if firsts else last


def month_word(month: date) -> str:
    """July 2017."""
    return f"{month:%B %Y}"


def month_words(first: date, last: date) -> str:
    """A span of months: August to December 2015, November 2008 to June 2017, July 2017."""
    if first == last:
        return month_word(last)
    return f"{first:%B} to {last:%B %Y}" if first.year == last.year else f"{first:%B %Y} to {last:%B %Y}"


def months_words(months: Iterable[date]) -> str:
    """Months in words: run by run where there are few runs, else how many between the first and the last."""
    known = sorted(set(months))
    runs = [month_words(first, last) for first, last in spans(known)]
    if len(runs) > _MOST_RUNS:
        return f"{len(known)} months between {month_word(known[0])} and {month_word(known[-1])}"
    return listed(runs)


def over(months: Iterable[date]) -> str:
    """The span of a sum: from A to B, or the months that have a number where some between have none."""
    known = sorted(set(months))
    runs = spans(known)
    if len(known) == 1:
        return f"in {month_word(known[0])}"
    if len(runs) == 1:
        return f"from {month_words(known[0], known[-1])}"
    return f"in the {len(known)} months with a number from {month_words(known[0], known[-1])}"


def day_word(day: date) -> str:
    """January 25, 2017."""
    return f"{day:%B} {day.day}, {day.year}"


def day_words(first: date | None, last: date) -> str:
    """A span of days: January 25 to March 31, 2017; without a first day: up to November 30, 2017."""
    if first is None:
        return f"up to {day_word(last)}"
    return (
        f"{first:%B} {first.day} to {day_word(last)}"
        if first.year == last.year
        else (f"{day_word(first)} to {day_word(last)}")
    )


def field_words(field: str) -> str:
    """detainers.lift_reason -> detainers: lift reason."""
    return field.replace(".", ": ").replace("_", " ")
