"""Convictions by month -> their picture: monthly counts, 12-month averages, and which averages are printed."""

from datetime import date

from sc_pipeline.report.grids import Grid, grid
from sc_pipeline.report.lines import Line, Panel, Point
from sc_pipeline.report.picture import Picture, picture
from sc_pipeline.report.plot import panels_body
from sc_pipeline.report.rows import (
    Rows,
    Tables,
    numbers,
    series,
    year_means,
)
from sc_pipeline.report.svg import Words
from sc_pipeline.report.titles import first_and_last, trend
from sc_pipeline.report.trends import POPULATIONS_SHOWN, alt, notes, points
from sc_pipeline.report.words import POPULATIONS, capital

# The averages of convictions, and the subset each is of.
AVERAGES = {"any_offense_12m": "convicted", "level1_12m": "level1"}


def convictions(tables: Tables) -> Picture | None:
    """Removals of convicted people and their 12-month averages, a panel for each population that has numbers."""
    panels: list[Panel] = []
    rows: Rows = []
    for population in reversed(POPULATIONS_SHOWN):
        lines = _conviction_lines(tables, population)
        if any(line.known for line in lines):
            panels.append(Panel(f"{capital(POPULATIONS[population])} of people convicted of a crime, by month", lines))
            rows += [row for row in tables["convictions"] if row["population"] == population]
    if not panels:
        return None
    main = "sc" if any(row["population"] == "sc" for row in rows) else "ice"
    counts = numbers(series(tables, main, "convicted"))
    subject = f"{POPULATIONS[main]} of convicted people"
    title = trend(f"Average monthly {subject}", year_means(counts)) or first_and_last(capital(subject), counts)
    printed = any(point.printed for panel in panels for line in panel.lines for point in line.points)
    dotted = (
        "Dotted: averages as printed by the publisher. Earlier months that they rest on are not in the releases.",
    )
    used = [
        row["release_id"]
        for population in POPULATIONS_SHOWN
        for subset in ("convicted", "level1")
        for row in series(tables, population, subset)
    ]
    return picture(
        "convictions",
        panels_body(tuple(panels)),
        Words(
            title=title,
            subtitle="Thin lines: the month. Thick lines: the mean of the month and the eleven before it.",
            alt=alt(panels),
            notes=(dotted if printed else ()) + notes(panels),
            source="",
        ),
        convictions_grid(rows, printed_averages(tables)),
        tables,
        used,
    )


def _conviction_lines(tables: Tables, population: str) -> tuple[Line, ...]:
    printed = printed_averages(tables)
    rows = [row for row in tables["convictions"] if row["population"] == population]
    lines = []
    for name, average, subset, color in (
        ("Any offense", "any_offense_12m", "convicted", 1),
        ("Level 1 offense", "level1_12m", "level1", 2),
    ):
        means = tuple(
            Point(row["month"], row[average], row[average], "reported", (row["month"], population, subset) in printed)
            for row in rows
            if row[average] is not None
        )
        lines.append(Line(name, color, points(series(tables, population, subset))))
        if means:
            lines.append(Line(f"{name}, 12-month average", color, means, thick=True))
    return tuple(line for line in lines if line.points)


def printed_averages(tables: Tables) -> set[tuple[date, str, str]]:
    """Month, population and subset of the averages in `convictions` that are printed, not computed."""
    computed = {
        (row["month"], row["population"], row["subset"])
        for row in tables["running_averages"]
        if row["average_12m"] is not None
    }
    given = {
        (row["month"], row["population"], subset)
        for row in tables["convictions"]
        for column, subset in AVERAGES.items()
        if row[column] is not None
    }
    return given - computed


def convictions_grid(rows: Rows, printed: set[tuple[date, str, str]]) -> Grid:
    """Table 1; a printed average has a mark."""

    def average(name: str, subset: str):
        def said(row: dict[str, object]) -> str:
            mark = "†" if (row["month"], row["population"], subset) in printed else ""
            return "—" if row[name] is None else f"{row[name]:,}{mark}"

        return said

    names = {
        "month": "Month",
        "population": "Of",
        "any_offense": "Any offense",
        "any_offense_12m": "Any offense, 12-month average",
        "level1": "Level 1 offense",
        "level1_12m": "Level 1 offense, 12-month average",
    }
    return grid(
        "convictions",
        "Table 1. Removals of people convicted of a crime",
        rows,
        names,
        {
            "population": lambda row: capital(POPULATIONS[row["population"]]),
            "any_offense_12m": average("any_offense_12m", "convicted"),
            "level1_12m": average("level1_12m", "level1"),
        },
    )
