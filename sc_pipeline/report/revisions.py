"""What a later release changed -> a picture of bars."""

from datetime import date

from sc_pipeline.report.grids import grid
from sc_pipeline.report.picture import Picture, picture
from sc_pipeline.report.rows import Row, Rows, Tables, every_month, grouped
from sc_pipeline.report.svg import Body, Size, Words, element, paragraph, text
from sc_pipeline.report.timeline import axis_of, year_ticks
from sc_pipeline.report.titles import counted
from sc_pipeline.report.words import capital, percent, series_words

_MOST_PANELS = 6


def revisions(tables: Tables) -> Picture | None:
    """By how much a later release changed a month, for the pairs of releases that differ most."""
    rows = [row for row in tables["release_revisions"] if row["subset"] == "all"] or tables["release_revisions"]
    pairs = grouped([row for row in rows if row["older"]], "population", "subset", "older_release", "newer_release")
    if not pairs:
        return None
    most = sorted(pairs, key=lambda pair: (-max(abs(_part(row)) for row in pairs[pair]), pair))[:_MOST_PANELS]
    months = every_month(row["month"] for pair in most for row in pairs[pair])
    changed = [row for pair in pairs.values() for row in pair if row["change"]]
    largest = max(changed, key=lambda row: abs(_part(row)), default=None)
    title = f"Later releases changed {len(changed):,} of {counted(sum(map(len, pairs.values())), 'monthly count')}"
    if largest:
        title += f", by at most {percent(abs(_part(largest)))}"
    others = len(pairs) - len(most)
    note = f"{counted(others, 'more pair')} of releases with smaller changes: see the table." if others else ""
    table = [
        {
            "series": capital(series_words(row["population"], row["subset"])),
            "month": row["month"],
            **{name: row[name] for name in ("older_release", "older", "newer_release", "newer", "change")},
        }
        for row in rows
    ]
    names = {
        "month": "Month",
        "series": "Figure",
        "older_release": "Earlier release",
        "older": "Count there",
        "newer_release": "Later release",
        "newer": "Count in it",
        "change": "Change",
    }
    return picture(
        "revisions",
        _revision_body(most, pairs, months),
        Words(
            title=title,
            subtitle="The later count less the earlier one, as a part of the earlier. Months that both have.",
            alt="Bar chart. " + " ".join(_revision_words(pair, pairs[pair]) for pair in most),
            notes=(note,) if note else (),
            source="",
        ),
        grid("revisions", "What a later release changed", table, names),
        tables,
        {name for pair in most for name in pair[2:]},
    )


def _part(row: Row) -> float:
    return row["change"] / row["older"]


def _signed(part: float) -> str:
    return f"{part * 100:+.1f}%".replace("-", "\N{MINUS SIGN}")


def _revision_words(pair: tuple[str, ...], rows: Rows) -> str:
    population, subset, older, newer = pair
    low, high = min(map(_part, rows)), max(map(_part, rows))
    return f"{capital(series_words(population, subset))}, {older} to {newer}: from {_signed(low)} to {_signed(high)}."


def _revision_body(shown: list[tuple[str, ...]], pairs: dict[tuple[str, ...], Rows], months: list[date]) -> Body:
    def body(size: Size, y: float) -> tuple[list[str], float]:
        axis = axis_of(months, size.left, size.width - 14)
        width = max((size.width - 14 - size.left) / len(months) - 0.6, 0.8)
        shapes: list[str] = []
        for pair in shown:
            population, subset, older, newer = pair
            name = f"{capital(series_words(population, subset))}: {older} → {newer}"
            lines, y = paragraph(14, y, name, size.width - 28, size.small, "t bold")
            shapes += lines
            parts = {row["month"]: _part(row) for row in pairs[pair]}
            most = max(*(abs(part) for part in parts.values()), 0.001)
            middle, half = y + 38, 30
            shapes.append(element("path", d=f"M{size.left} {middle:.1f}H{size.width - 14}", class_="axis"))
            for end in (most, -most):
                at = middle - half * end / most
                shapes.append(element("path", d=f"M{size.left} {at:.1f}H{size.width - 14}", class_="rule"))
                shapes.append(text(size.left - 5, at + 4, _signed(end), size.small - 1, "m", "end"))
            shapes += [
                element(
                    "rect",
                    x=axis(month),
                    y=min(middle, middle - half * part / most),
                    width=width,
                    height=max(abs(half * part / most), 0.0),
                    class_="f1",
                )
                for month, part in parts.items()
                if part
            ]
            y += 84
        return [*shapes, *year_ticks(size, axis, months, y - 8)], y + size.small * 2

    return body
