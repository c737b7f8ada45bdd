"""Months -> places along a line, and its years."""

from collections.abc import Callable
from datetime import date

from sc_pipeline.report.svg import Size, element, text

Axis = Callable[[date], float]


def axis_of(months: list[date], left: float, right: float) -> Axis:
    width = (right - left) / len(months)
    first = months[0]
    return lambda month: left + width * ((month.year - first.year) * 12 + month.month - first.month)


def year_ticks(size: Size, axis: Axis, months: list[date], y: float) -> list[str]:
    """Ticks at each January; years named where there is room, and never one that has no month."""
    shapes: list[str] = []
    free = 0.0
    for month in [month for month in months if month.month == 1] or months[:1]:
        x = axis(month)
        shapes.append(element("path", d=f"M{x:.1f} {y:.1f}v4", class_="axis"))
        if x >= free and x < size.width - size.small * 2:
            shapes.append(text(x, y + size.small * 1.5, str(month.year), size.small, "m", "middle"))
            free = x + size.small * 3.6
    return shapes
