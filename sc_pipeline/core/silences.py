"""How far each field was disclosed, month by month -> where it does not tell anything, and why."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

# A blank run counts as silence where this many values were to be expected: fewer may be missing by chance.
_EXPECTED = 7
_NEAREST = 12


@dataclass(frozen=True)
class MonthCounts:
    """Accepted rows of one month whose table has a field's column; in how many it is a value, a mark, unreadable."""

    rows: int = 0
    disclosed: int = 0
    redacted: int = 0
    unreadable: int = 0

    def __add__(self, other: "MonthCounts") -> "MonthCounts":
        return MonthCounts(
            self.rows + other.rows,
            self.disclosed + other.disclosed,
            self.redacted + other.redacted,
            self.unreadable + other.unreadable,
        )


def silent_months(
    counts: Mapping[date, MonthCounts],
    months: Iterable[date],
    is_present: bool,
    is_unrecognized: bool,
    withheld: Sequence[tuple[date, date | None]],
) -> dict[date, str]:
    """Month -> why a field does not tell anything in it; a month that is not there is told cell by cell.

    `counts` are those of the months with rows; `months` also holds those of a declared coverage without any.
    """
    found: dict[date, str] = {}
    total = sum(counts.values(), MonthCounts())
    runs = _runs(counts) if is_present and total.disclosed else {}
    for month in months:
        if any(first <= month and (last is None or month <= last) for first, last in withheld):
            found[month] = "withheld"
        elif not is_present or (month in counts and not counts[month].rows):
            # The column is in no table, or in none that has rows of this month.
            found[month] = "unreadable" if is_unrecognized else "not_in_release"
        elif reason := _reason(counts.get(month, MonthCounts()), total, runs.get(month)):
            found[month] = reason
    return found


def whole_release(total: MonthCounts) -> str | None:
    """Why a field of which the release has no readable value at all tells nothing; None where it has one."""
    return _reason(total, total, None)


def _reason(month: MonthCounts, total: MonthCounts, run: "_Run | None") -> str | None:
    if month.disclosed:
        return None
    for name, marks, others in (
        ("withheld", month.redacted, month.unreadable),
        ("unreadable", month.unreadable, month.redacted),
    ):
        if marks and not others and (not total.disclosed or (run and 2 * marks >= run.expected_of_month)):
            return name
    if not total.disclosed:
        return "not_disclosed"
    return "not_disclosed" if run and run.expected >= _EXPECTED else None


@dataclass(frozen=True)
class _Run:
    """How many values the months around lead one to expect: of this month, and of its whole run without any."""

    expected_of_month: float
    expected: float


def _runs(counts: Mapping[date, MonthCounts]) -> dict[date, _Run]:
    """Each month without a value -> what was to be expected of it and of the run of such months it lies in."""
    months = sorted(counts)
    told = [month for month in months if counts[month].disclosed]
    places = [month_number(month) for month in told]
    found: dict[date, _Run] = {}
    run: list[tuple[date, float]] = []
    for month in [*months, None]:
        if month is not None and not counts[month].disclosed:
            nearest = [counts[told[at]] for at in _nearest(places, month_number(month))]
            rate = sum(near.disclosed for near in nearest) / sum(near.rows for near in nearest)  # each has values
            run.append((month, counts[month].rows * rate))
            continue
        whole = sum(expected for _, expected in run)
        found |= {silent: _Run(expected, whole) for silent, expected in run}
        run = []
    return found


def _nearest(places: Sequence[int], place: int) -> Iterable[int]:
    """The positions of the twelve numbers nearest to one; of two equally near the earlier."""
    after = bisect_left(places, place)
    before = after - 1
    for _ in range(min(_NEAREST, len(places))):
        is_earlier = after == len(places) or (before >= 0 and place - places[before] <= places[after] - place)
        yield before if is_earlier else after
        before, after = (before - 1, after) if is_earlier else (before, after + 1)


def month_number(day: date) -> int:
    """The number of a day's month, counted from the year 0."""
    return day.year * 12 + day.month - 1
