"""Which release serves which month -> a picture of bars."""

from sc_pipeline.report.grids import grid
from sc_pipeline.report.picture import Picture, picture
from sc_pipeline.report.rows import Tables, every_month, grouped, next_month, spans
from sc_pipeline.report.svg import Size, Words, element, paragraph
from sc_pipeline.report.timeline import axis_of, year_ticks
from sc_pipeline.report.titles import counted, spanned, spelled
from sc_pipeline.report.words import POPULATIONS, capital, listed, months_words

_ORIGINS = {"records": "case-level records", "published": "printed figures"}


def coverage(tables: Tables) -> Picture | None:
    """Which release serves which months of which population."""
    rows = tables["month_sources"]
    if not rows:
        return None
    months = every_month(row["month"] for row in rows)
    lanes = [
        (f"{release_id}: {POPULATIONS[population]}, {_ORIGINS[origin]}", [row["month"] for row in of_lane], origin)
        for (population, release_id, origin), of_lane in grouped(rows, "population", "release_id", "origin").items()
    ]

    def body(size: Size, y: float) -> tuple[list[str], float]:
        axis = axis_of(months, 14, size.width - 14)
        shapes: list[str] = []
        for name, held, origin in lanes:
            lines, y = paragraph(14, y, name, size.width - 28, size.small)
            shapes += lines
            for first, last in spans(held):
                left, right = axis(first), axis(next_month(last))
                look = {"class_": "f1"} if origin == "records" else {"class_": "box"}
                shapes.append(element("rect", x=left, y=y + 3, width=right - left, height=11.0, **look))
            y += 22
        return [*shapes, *year_ticks(size, axis, months, y)], y + size.small * 2

    releases = list(dict.fromkeys(row["release_id"] for row in rows))
    held = listed(
        [
            f"{POPULATIONS[population]} for {counted(len(of_population), 'month')}"
            for (population,), of_population in grouped(rows, "population").items()
        ]
    )
    serve = capital(spelled(len(releases), "release serves", "releases serve"))
    table = [
        {
            "population": capital(POPULATIONS[row["population"]]),
            **{name: row[name] for name in ("month", "release_id", "origin", "reason")},
        }
        for row in rows
    ]
    names = {"month": "Month", "population": "Of", "release_id": "Release", "origin": "From", "reason": "Why this one"}
    return picture(
        "coverage",
        body,
        Words(
            title=f"{serve} {held}",
            subtitle=spanned("Each month of a population comes from one release", months)
            + ". Filled: case-level records. Outlined: printed figures.",
            alt="Timeline. " + " ".join(f"{name}: {months_words(held)}." for name, held, _ in lanes),
            notes=(),
            source="",
        ),
        grid("coverage", "Which release serves which month", table, names),
        tables,
        releases,
    )
