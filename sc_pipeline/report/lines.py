"""Monthly series as lines in panels, with what they say in words: gaps, peaks, ends."""

from dataclasses import dataclass
from datetime import date

from sc_pipeline.report.rows import every_month, spans
from sc_pipeline.report.words import NOT_COVERED, STATUS_WORDS, capital, half_up, month_word, month_words, percent

# A silence shorter than this part of all months is told in a note; its hatching has no room for words.
_SHORT = 0.11


@dataclass(frozen=True)
class Point:
    """A month of a line: an interval, or the status that says why there is none."""

    month: date
    low: float | None
    high: float | None
    status: str | None
    printed: bool = False


@dataclass(frozen=True)
class Line:
    """A series as drawn: its name at the line, its color, and whether it is an average (thick) or monthly (thin)."""

    name: str
    color: int
    points: tuple[Point, ...]
    thick: bool = False

    @property
    def known(self) -> list[Point]:
        return [point for point in self.points if point.low is not None]

    @property
    def silences(self) -> list[tuple[date, date, str]]:
        """First month, last month and reason of each run of months without a number."""
        reasons: dict[str, list[date]] = {}
        for point in self.points:
            if point.low is None:
                words = NOT_COVERED if point.status is None else STATUS_WORDS[point.status]
                reasons.setdefault(words, []).append(point.month)
        return sorted((first, last, words) for words, months in reasons.items() for first, last in spans(months))


@dataclass(frozen=True)
class Panel:
    """One plot: a heading and its lines, all counts or all shares."""

    heading: str
    lines: tuple[Line, ...]
    is_share: bool = False


def short_silences(panels: tuple[Panel, ...]) -> list[str]:
    """The silences that have no room for words in the picture, or may have none where lines share it, as notes."""
    total = len(every_month(month for panel in panels for month in months_of(panel)))
    return [
        f"{capital(line.name if len(panel.lines) > 1 else panel.heading.removesuffix(', by month'))}: {words}, "
        f"{month_words(first, last)}."
        for panel in panels
        for line in panel.lines
        for first, last, words in line.silences
        if len(panel.lines) > 1 or not has_room(first, last, total)
    ]


def alt_words(line: Line, is_share: bool) -> str:
    """A line for those who do not see it: where it starts, its peak, where it ends, its gaps."""
    write = percent if is_share else lambda value: f"{half_up(value):,}"
    known = [(point.month, point.low) for point in line.known if point.low is not None]
    if not known:
        return f"{capital(line.name)}: no month has a number."
    (first, start), (last, end) = known[0], known[-1]
    peak_month, peak = max(known, key=lambda found: found[1])
    gaps = "; ".join(f"{words}, {month_words(*ends)}" for *ends, words in line.silences)
    return (
        f"{capital(line.name)}: {write(start)} in {month_word(first)}, highest {write(peak)} in "
        f"{month_word(peak_month)}, {write(end)} in {month_word(last)}{f'. No number: {gaps}' if gaps else ''}."
    )


def months_of(panel: Panel) -> list[date]:
    return [point.month for line in panel.lines for point in line.points]


def has_room(first: date, last: date, total: int) -> bool:
    return len(every_month([first, last])) >= max(_SHORT * total, 2)
