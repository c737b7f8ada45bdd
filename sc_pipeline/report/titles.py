"""Numbers -> what a picture shows, in one line: what rose, what fell, from when to when."""

from collections.abc import Mapping
from datetime import date

from sc_pipeline.report.words import between, month_word, month_words

Ends = tuple[float, float]
# A change smaller than this part is none that a title should claim.
_NOTABLE = 0.05


def change(years: Mapping[int, Ends]) -> tuple[str | None, int, int]:
    """How a series went, from which year to the last: it `fell` from its highest, `rose` from its lowest, or neither.

    An interval counts as a change only where its nearer ends differ by a twentieth. Needs two years.
    """
    last = max(years)
    before = {year: ends for year, ends in years.items() if year < last}
    peak = max(before, key=lambda year: before[year][0])
    trough = min(before, key=lambda year: before[year][1])
    fall = 1 - years[last][1] / before[peak][0] if before[peak][0] else 0.0
    rise = 1 - before[trough][1] / years[last][0] if years[last][0] else 0.0
    if fall >= max(rise, _NOTABLE):
        return "fell", peak, last
    return ("rose", trough, last) if rise >= _NOTABLE else (None, min(years), last)


def trend(subject: str, years: Mapping[int, Ends], is_share: bool = False) -> str | None:
    """`subject` fell from its highest year to the last one, rose from its lowest, or stayed; None below two years."""
    if len(years) < 2:
        return None
    went, first, last = change(years)
    start, end = (f"{between(*years[year], percents=is_share)} in {year}" for year in (first, last))
    return f"{subject} {went} from {start} to {end}" if went else f"{subject}: {start}, {end}"


def first_and_last(subject: str, months: Mapping[date, Ends], is_share: bool = False) -> str:
    """`subject` from its first month to its last, for a series too short for a title of years."""
    if not months:
        return f"{subject}: no month has a number"
    first, last = min(months), max(months)

    def said(month: date) -> str:
        return f"{between(*months[month], percents=is_share)} in {month_word(month)}"

    if first == last:
        return f"{subject}: {said(first)}"
    if months[last][1] < months[first][0] * (1 - _NOTABLE):
        return f"{subject} fell from {said(first)} to {said(last)}"
    if months[last][0] * (1 - _NOTABLE) > months[first][1]:
        return f"{subject} rose from {said(first)} to {said(last)}"
    return f"{subject}: {said(first)}, {said(last)}"


def spanned(subject: str, months: list[date]) -> str:
    """`subject`, from its first month to its last."""
    return f"{subject}, {month_words(min(months), max(months))}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """1 month, 12 months."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_SPELLED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def spelled(number: int, one: str, many: str | None = None) -> str:
    """As `counted`, in running text: one month, nine months, 10 months."""
    figure = _SPELLED[number] if number < len(_SPELLED) else f"{number:,}"
    return f"{figure} {one if number == 1 else many or one + 's'}"
