"""The published tables into strata: how many removals of which kind to write for which days.

Table 2 gives each month's Secure Communities removals and, until the agency withheld them, the detainer-linked ones.
Table 1 gives convictions for its twelve months; those of the eleven months before follow from its running averages.
Before that nothing is published, and convictions are a smooth share of the total.
"""

import csv
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from sc_pipeline.errors import FileProblem

MEASURES = ("convicted", "level1")
CLAIM_FIRST_DAY = date(2017, 1, 25)  # ICE's claim runs from here to 2017-03-31
CLAIM_COUNTS = {"convicted": 10_893, "level1": 4_850}  # TRAC's count of the same days, from the records
CLAIM_WHOLE_MONTHS = (date(2017, 2, 1), date(2017, 3, 1))
CONVICTED_SHARE = (0.74, 0.95)  # in the first unpublished month and the last, rising evenly
LEVEL1_SHARE = (0.36, 0.44)  # of the convicted, likewise
# About how many people ICE removed in these fiscal years, from its annual reports: the level of months without a table.
YEARLY_REMOVALS = {2008: 369_000, 2021: 59_000, 2022: 72_000, 2023: 143_000}


@dataclass(frozen=True)
class Stratum:
    """Removals of some days of one month: `level1` of `convicted` of `rows`; `linked` of them had a detainer first."""

    first: date
    last: date
    rows: int
    convicted: int
    level1: int
    linked: int
    withheld: bool = False  # detainer fields are not released for these days
    detained_only: int = 0  # people with a detainer and no removal; only detainer files show them


@dataclass(frozen=True)
class Month:
    """What is known of one month's Secure Communities removals; `linked` is None where the agency withheld it."""

    total: int
    linked: int | None
    convicted: int
    level1: int


def published_months(folder: Path) -> dict[date, Month]:
    """Read both tables in `folder` and settle every month's counts; FileProblem where they cannot all hold."""
    totals, linked = _table2(folder / "table2_removals_by_source.csv")
    known, averages = _table1(folder / "table1_convictions.csv")
    for measure in MEASURES:
        known[measure] |= months_before(known[measure], averages[measure])
    months = sorted(totals)
    open_months = [month for month in months if month not in known["convicted"]]
    for month, (convicted, level1) in zip(open_months, _smooth_shares(len(open_months)), strict=True):
        known["convicted"][month] = round(totals[month] * convicted)
        known["level1"][month] = round(totals[month] * convicted * level1)
    settled = {m: Month(totals[m], linked[m], known["convicted"][m], known["level1"][m]) for m in months}
    for month, counts in settled.items():
        if not 0 <= counts.level1 <= counts.convicted <= counts.total:
            raise FileProblem(f"{folder}: the printed averages give impossible counts for {month:%Y-%m}: {counts}")
    return settled


def months_before(counts: Mapping[date, int], averages: Mapping[date, int]) -> dict[date, int]:
    """The eleven months before the first of twelve, so that each 12-month average rounds (half up) to the printed one.

    The sum over the last twelve months is known; taking every earlier sum as twelve times its printed average,
    the difference of two neighbouring sums is what one month has over the month a year before.
    """
    months = sorted(counts)
    sums = [12 * averages[month] for month in months[:-1]] + [sum(counts.values())]
    if not -6 <= sums[-1] - 12 * averages[months[-1]] <= 5:
        raise FileProblem(f"Table 1: the average printed for {months[-1]:%Y-%m} is not that of its twelve months")
    changes = (later - earlier for earlier, later in pairwise(sums))
    return {
        month.replace(year=month.year - 1): counts[month] - change
        for month, change in zip(months[1:], changes, strict=True)
    }


def strata(months: Mapping[date, Month], rows: int | None) -> list[Stratum]:
    """One stratum a month, the claim's first month cut at its first day; `rows` rescales the whole, None keeps it."""
    parts = [part for month in sorted(months) for part in _parts(month, months)]
    if rows is None:
        return parts
    shares = spread(rows, [part.rows for part in parts])
    return [_resized(part, size) for part, size in zip(parts, shares, strict=True)]


def monthly_volumes(first: date, last: date, scale: float) -> dict[date, int]:
    """ICE removals of each month, `scale` times as many as there were: by its days, on the lines between the middles
    of the years known. A year before the first of them or after the last has the volume of that one."""
    middles = [date(year, 4, 1).toordinal() for year in YEARLY_REMOVALS]
    daily = [removals / 365 for removals in YEARLY_REMOVALS.values()]
    found = {}
    for month in month_range(first, last):
        days = monthrange(month.year, month.month)[1]
        level = float(np.interp(month.toordinal() + days / 2, middles, daily))
        found[month] = max(1, round(level * days * scale))
    return found


def spread(total: int, weights: Sequence[int | float]) -> list[int]:
    """`total` as whole numbers in proportion to `weights`; they sum to it exactly."""
    whole = sum(weights)
    ends = [0, *(round(total * part / whole) for part in accumulate(weights))]
    return [later - earlier for earlier, later in pairwise(ends)]


def last_day(month: date) -> date:
    """The last day of the month that `month` is in."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def month_range(first: date, last: date) -> list[date]:
    """The first days of the months from `first` to `last`, both included."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _parts(month: date, months: Mapping[date, Month]) -> list[Stratum]:
    counts, end = months[month], last_day(month)
    linked, withheld = counts.linked or 0, counts.linked is None
    if (month.year, month.month) != (CLAIM_FIRST_DAY.year, CLAIM_FIRST_DAY.month):
        return [Stratum(month, end, counts.total, counts.convicted, counts.level1, linked, withheld)]
    if not all(whole in months for whole in CLAIM_WHOLE_MONTHS):
        return [Stratum(month, end, counts.total, counts.convicted, counts.level1, linked, withheld)]
    later = {
        name: CLAIM_COUNTS[name] - sum(getattr(months[whole], name) for whole in CLAIM_WHOLE_MONTHS)
        for name in MEASURES
    }
    if not (0 <= later["level1"] <= counts.level1 and 0 <= later["convicted"] <= counts.convicted):
        raise FileProblem(
            f"Table 1: the months after {month:%Y-%m} leave no room for the claim's counts {CLAIM_COUNTS}"
        )
    rows = round(counts.total * later["convicted"] / counts.convicted)
    eve = CLAIM_FIRST_DAY.replace(day=CLAIM_FIRST_DAY.day - 1)
    convicted, level1 = counts.convicted - later["convicted"], counts.level1 - later["level1"]
    return [
        Stratum(month, eve, counts.total - rows, convicted, level1, linked, withheld),
        Stratum(CLAIM_FIRST_DAY, end, rows, later["convicted"], later["level1"], 0, withheld),
    ]


def _resized(part: Stratum, rows: int) -> Stratum:
    def scaled(count: int) -> int:
        return round(count * rows / part.rows)

    convicted, level1, linked = scaled(part.convicted), scaled(part.level1), scaled(part.linked)
    return Stratum(part.first, part.last, rows, convicted, level1, linked, part.withheld)


def _smooth_shares(count: int) -> list[tuple[float, float]]:
    steps = [i / max(count - 1, 1) for i in range(count)]
    pairs = (CONVICTED_SHARE, LEVEL1_SHARE)
    return [
        (pairs[0][0] + s * (pairs[0][1] - pairs[0][0]), pairs[1][0] + s * (pairs[1][1] - pairs[1][0])) for s in steps
    ]


def _table1(path: Path) -> tuple[dict[str, dict[date, int]], dict[str, dict[date, int]]]:
    counts: dict[str, dict[date, int]] = {measure: {} for measure in MEASURES}
    averages: dict[str, dict[date, int]] = {measure: {} for measure in MEASURES}
    for line, (month, *cells) in _cells(path, 5):
        values = [_number(path, line, cell) for cell in cells]
        for place, measure in enumerate(MEASURES):
            counts[measure][month], averages[measure][month] = values[place], values[place + 2]
    return counts, averages


def _table2(path: Path) -> tuple[dict[date, int], dict[date, int | None]]:
    totals: dict[date, int] = {}
    linked: dict[date, int | None] = {}
    for line, (month, _, total, detainers) in _cells(path, 4):
        totals[month] = _number(path, line, total)
        linked[month] = None if "withheld" in detainers.lower() else _number(path, line, detainers)
    return totals, linked


def _cells(path: Path, width: int) -> list[tuple[int, tuple]]:
    if not path.is_file():
        raise FileProblem(f"{path}: the published table to calibrate against is missing; name its folder")
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = list(enumerate(csv.reader(file), start=1))[1:]
    found = []
    for line, cells in lines:
        try:
            month = date.fromisoformat(f"{cells[0]}-01")
        except (ValueError, IndexError):
            raise FileProblem(f"{path}, row {line}: expected a month such as 2016-08 in the first column") from None
        if len(cells) != width:
            raise FileProblem(f"{path}, row {line}: expected {width} columns, found {len(cells)}")
        found.append((line, (month, *cells[1:])))
    return found


def _number(path: Path, line: int, cell: str) -> int:
    try:
        return int(cell.replace(",", ""))
    except ValueError:
        raise FileProblem(f"{path}, row {line}: expected a count such as 4,894, found {cell!r}") from None
