"""Panels of lines -> their drawing: gaps hatched with their reason, intervals as bands, names at the lines."""

from datetime import date

from sc_pipeline.report.axes import Plot, scale, ticks
from sc_pipeline.report.lines import Line, Panel, Point, months_of
from sc_pipeline.report.rows import every_month, spans
from sc_pipeline.report.svg import Body, Size, element, hatched, paragraph, text, width_of, wrapped
from sc_pipeline.report.words import capital, half_up, month_words, percent


def panels_body(panels: tuple[Panel, ...]) -> Body:
    """The panels below each other over the same months."""
    months = tuple(every_month(month for panel in panels for month in months_of(panel)))

    def body(size: Size, y: float) -> tuple[list[str], float]:
        shapes: list[str] = []
        for panel in panels:
            heading, y = paragraph(14, y, panel.heading, size.width - 28, size.text, "t bold")
            highest, step = scale(panel)
            plot = Plot(size, months, y + size.text, highest, panel.is_share)
            shapes += [*heading, *ticks(plot, step), *_panel(plot, panel)]
            y = plot.top + size.panel + size.small * 3.2
        return shapes, y

    return body


def _panel(plot: Plot, panel: Panel) -> list[str]:
    back: list[str] = []
    front: list[str] = []
    words: list[str] = []
    for line in panel.lines:
        areas, labels = _silences(plot, line, alone=len(panel.lines) == 1)
        back += areas
        words += labels
        front += [*_bands(plot, line), *_strokes(plot, line)]
    return back + front + words + _names(plot, panel)


def _silences(plot: Plot, line: Line, alone: bool) -> tuple[list[str], list[str]]:
    """Hatching from first to last silent month: over the whole panel where the line is alone, else at its height."""
    shapes: list[str] = []
    labels: list[str] = []
    for first, last, reason in line.silences if line.known else []:
        left, right = plot.x(first, 0), plot.x(last, 1)
        top, height = plot.top, float(plot.size.panel)
        if not alone:
            height = 12.0
            top = min(max(plot.y(_nearest(line, first, last)) - 6, plot.top), plot.top + plot.size.panel - 12)
        # A pixel between two hatchings tells them apart.
        shapes.append(hatched(left + 0.5, top, max(right - left - 1, 1.0), height))
        words = (capital(reason), month_words(first, last))
        if not alone:
            labels += _above(plot, words, left, right, top, line.color)
        elif right - left >= plot.size.small * 2.6:
            labels += _inside(plot, words, left, right, top, line.color)
    return shapes, labels


def _nearest(line: Line, first: date, last: date) -> float:
    before = [point.low for point in line.known if point.month < first]
    after = [point.low for point in line.known if point.month > last]
    return (before[-1] if before else after[0]) or 0


def _inside(plot: Plot, words: tuple[str, str], left: float, right: float, top: float, color: int) -> list[str]:
    """Reason and months inside a hatching as high as the panel: across it where they fit, else upright."""
    small, middle = plot.size.small, (left + right) / 2
    lines = [line for part in words for line in wrapped(part, right - left - 8, small)]
    if max(width_of(line, small) for line in lines) <= right - left - 4:
        return [
            text(middle, top + small * 1.3 * (row + 1.1), line, small, f"f{color} halo", "middle")
            for row, line in enumerate(lines)
        ]
    x = middle - small * 0.25
    return [
        element(
            "g",
            text(0, small * 1.25 * row, line, small, f"f{color} halo", "end"),
            transform=f"translate({x:.1f} {top + 6:.1f}) rotate(-90)",
        )
        for row, line in enumerate(words)
    ]


def _above(plot: Plot, words: tuple[str, str], left: float, right: float, top: float, color: int) -> list[str]:
    """Reason and months over a hatching at the height of its line, where they fit into its width: no line is there."""
    small = plot.size.small
    lines = [line for part in words for line in wrapped(part, right - left, small)]
    first = top - 5 - small * 1.3 * (len(lines) - 1)
    if max(width_of(line, small) for line in lines) > right - left or first - small < plot.top:
        return []
    return [
        text((left + right) / 2, first + small * 1.3 * row, line, small, f"f{color} halo", "middle")
        for row, line in enumerate(lines)
    ]


def _runs(points: tuple[Point, ...]) -> list[list[Point]]:
    """Neighboring months that have a number, and of printed and counted ones each apart, joined at their border."""
    runs: list[list[Point]] = []
    known = {point.month: point for point in points if point.low is not None}
    for first, last in spans(known):
        for point in (known[month] for month in every_month([first, last])):
            if point.month == first or runs[-1][-1].printed != point.printed:
                runs.append([runs[-1][-1]] if point.month != first else [])
            runs[-1].append(point)
    return runs


def _bands(plot: Plot, line: Line) -> list[str]:
    """The interval of each month that has one: from the counted rows to all that may belong to them."""
    shapes = []
    for run in _runs(line.points):
        if not any(point.high is not None and point.low is not None and point.high > point.low for point in run):
            continue
        half = plot.width / len(plot.months) / 2 if len(run) == 1 else 0.0
        upper = [(plot.x(point.month), plot.y(point.high or 0)) for point in run]
        lower = [(plot.x(point.month), plot.y(point.low or 0)) for point in reversed(run)]
        corners = (
            [(x - half, y) for x, y in upper]
            + [(x + half, y) for x, y in upper]
            + [(x + half, y) for x, y in lower]
            + [(x - half, y) for x, y in lower]
            if half
            else upper + lower
        )
        shapes.append(
            element("path", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z", class_=f"b{line.color}")
        )
    return shapes


def _strokes(plot: Plot, line: Line) -> list[str]:
    """The line through its numbers; a printed average is dotted, a month not covered in full is a hollow circle."""
    shapes = []
    for run in _runs(line.points):
        at = [(plot.x(point.month), plot.y(point.low or 0)) for point in run]
        printed = run[-1].printed
        dashes = "1.5 4" if printed else ""
        if len(at) > 1:
            shapes.append(
                element(
                    "path",
                    d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in at),
                    class_=f"s{line.color}",
                    stroke_width=2.8 if line.thick else 1.7,
                    stroke_linejoin="round",
                    stroke_linecap="round",
                    stroke_dasharray=dashes,
                )
            )
        else:
            shapes.append(element("circle", cx=at[0][0], cy=at[0][1], r=2.5, class_=f"f{line.color}"))
        shapes += [
            element("circle", cx=x, cy=y, r=3.0, class_=f"d{line.color}", stroke_width=1.4)
            for (x, y), point in zip(at, run, strict=True)
            if point.status == "partial"
        ]
    return shapes


def _names(plot: Plot, panel: Panel) -> list[str]:
    """Each line's name and last number beside its end, moved apart where two would overlap."""
    size = plot.size
    room = size.right - 12
    labels = []
    for line in panel.lines:
        if line.known:
            last = line.known[-1]
            said = percent(last.low or 0) if panel.is_share else f"{half_up(last.low or 0):,}"
            ended = f"{said}, {last.month:%b %Y}"
            labels.append(
                (
                    plot.y(last.low or 0),
                    wrapped(line.name, room, size.small, bold=True),
                    ended,
                    line.color,
                    plot.x(last.month),
                )
            )
    labels.sort(key=lambda label: label[0])
    step = size.small * 1.2
    heights = [step * (len(names) + 1) + 5 for _, names, _, _, _ in labels]
    tops = _apart([at - step for at, *_ in labels], heights, plot.top - size.small, plot.top + size.panel + size.small)
    shapes = []
    x = size.left + plot.width + 8
    for top, (_, names, ended, color, _) in zip(tops, labels, strict=True):
        for row, words in enumerate([*names, ended]):
            bold = " bold" if row < len(names) else ""
            shapes.append(text(x, top + step * (row + 0.9), words, size.small, f"f{color}{bold}"))
    return shapes


def _apart(tops: list[float], heights: list[float], first: float, last: float) -> list[float]:
    """Places from the top down that keep their order and do not overlap, inside first and last where they fit."""
    placed: list[float] = []
    floor = first
    for top, height in zip(tops, heights, strict=True):
        placed.append(max(top, floor))
        floor = placed[-1] + height
    ceiling = last
    for place in range(len(placed) - 1, -1, -1):
        placed[place] = min(placed[place], ceiling - heights[place])
        ceiling = placed[place]
    return placed
