"""A panel's months and numbers -> places on the drawing, and its axes."""

import math
from dataclasses import dataclass
from datetime import date

from sc_pipeline.report.lines import Panel
from sc_pipeline.report.svg import Size, element, text


@dataclass(frozen=True)
class Plot:
    size: Size
    months: tuple[date, ...]
    top: float
    highest: float
    is_share: bool

    @property
    def width(self) -> float:
        return self.size.width - self.size.left - self.size.right

    def x(self, month: date, part: float = 0.5) -> float:
        first = self.months[0]
        place = (month.year - first.year) * 12 + month.month - first.month
        return self.size.left + (place + part) * self.width / len(self.months)

    def y(self, value: float) -> float:
        return self.top + self.size.panel * (1 - value / self.highest)


def scale(panel: Panel) -> tuple[float, float]:
    """The highest number of the axis and the step between its ticks: at most five."""
    ends = [point.high or 0 for line in panel.lines for point in line.known]
    most = max(ends, default=0) or (0.01 if panel.is_share else 1)
    unit = 10.0 ** math.floor(math.log10(most / 5))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10, 20) if most / (unit * factor) <= 5)
    step = step if panel.is_share else max(step, 1)
    return step * math.ceil(most / step - 1e-9), step


def ticks(plot: Plot, step: float) -> list[str]:
    size, bottom = plot.size, plot.top + plot.size.panel
    shapes = []
    for tick in range(round(plot.highest / step) + 1):
        y = plot.y(tick * step)
        shapes.append(element("path", d=f"M{size.left} {y:.1f}h{plot.width:.1f}", class_="rule" if tick else "axis"))
        shapes.append(
            text(size.left - 6, y + size.small * 0.35, _tick(tick * step, plot.is_share), size.small, "m", "end")
        )
    years = [month for month in plot.months if month.month == 1]
    every = 1
    while len(years) / every * size.small * 3.4 > plot.width:
        every += 1
    if len(plot.months) <= 30 and len(years) < 3:
        return shapes + _month_ticks(plot, bottom)
    for month in years:
        x = plot.x(month, 0)
        shapes.append(element("path", d=f"M{x:.1f} {bottom:.1f}v5", class_="axis"))
        if month.year % every == 0 and x < size.left + plot.width - size.small * 0.5:
            shapes.append(text(x, bottom + size.small * 1.6, str(month.year), size.small, "m", "middle"))
    return shapes


def _month_ticks(plot: Plot, bottom: float) -> list[str]:
    """The axis of a short series: its months by name."""
    size, every = plot.size, 1
    while len(plot.months) / every * size.small * 5.4 > plot.width:
        every += 1
    return [
        text(plot.x(month), bottom + size.small * 1.6, f"{month:%b} {month.year}", size.small, "m", "middle")
        for month in plot.months[::every]
    ]


def _tick(value: float, is_share: bool) -> str:
    if is_share:
        return f"{value * 100:.10g}%"
    return f"{value:,.10g}"
