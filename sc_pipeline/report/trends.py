"""Monthly series -> the pictures of removals and of the share with a prior detainer."""

from collections.abc import Iterable
from datetime import date

from sc_pipeline.report.grids import Grid, grid
from sc_pipeline.report.lines import Line, Panel, Point, alt_words, short_silences
from sc_pipeline.report.picture import Picture, picture
from sc_pipeline.report.plot import panels_body
from sc_pipeline.report.rows import (
    NUMBERED,
    Rows,
    Tables,
    every_month,
    monthly_shares,
    numbers,
    series,
    year_means,
    year_shares,
)
from sc_pipeline.report.svg import Words
from sc_pipeline.report.titles import first_and_last, spanned, trend
from sc_pipeline.report.words import POPULATIONS, between, capital, series_words, worded

POPULATIONS_SHOWN = ("ice", "sc")
_COLORS = {"ice": 0, "sc": 1}
_NAMES = {"ice": "All ICE removals", "sc": "Secure Communities"}
_HATCHED = "Hatched: months without a number, with the reason. They are unknown, not zero."
_BAND = "Shaded: the range if every removal that may belong to the line is counted as well."
_HOLLOW = "Hollow circles: months that the records do not cover in full."


def points(rows: Rows) -> tuple[Point, ...]:
    """Rows of monthly_removals as points: the counted rows, and with the undetermined ones."""
    return tuple(
        Point(row["month"], row["removals"], row["removals"] + (row["undetermined"] or 0), row["status"])
        if row["status"] in NUMBERED and row["removals"] is not None
        else Point(row["month"], None, None, row["status"])
        for row in rows
    )


def _filled(known: tuple[Point, ...], months: Iterable[date]) -> tuple[Point, ...]:
    """The points, and a month that no release covers as one without a number."""
    of_month = {point.month: point for point in known}
    return tuple(of_month.get(month, Point(month, None, None, None)) for month in sorted({*months, *of_month}))


def removals(tables: Tables) -> Picture | None:
    """Figure 1: all removals in one panel, those with a prior detainer in panels of their own."""
    totals = tuple(
        Line(_NAMES[population], _COLORS[population], _filled(known, every_month(point.month for point in known)))
        for population in POPULATIONS_SHOWN
        if numbers(rows := series(tables, population, "all")) and (known := points(rows))
    )
    if not totals:
        return None
    months = every_month(point.month for line in totals for point in line.points)
    linked = [
        Panel(
            f"{capital(series_words(population, 'detainer_linked'))}, by month",
            (Line("With a prior detainer", 2, _filled(points(rows), months)),),
        )
        for population in reversed(POPULATIONS_SHOWN)
        if numbers(rows := series(tables, population, "detainer_linked"))
    ]
    panels = (Panel("Removals by month", totals), *linked)
    first = "ice" if totals[0].color == _COLORS["ice"] else "sc"
    counts = numbers(series(tables, first, "all"))
    subject = "ICE removals" if first == "ice" else POPULATIONS[first]
    title = trend(f"Average monthly {subject}", year_means(counts)) or first_and_last(capital(subject), counts)
    shown = [
        row
        for population in POPULATIONS_SHOWN
        for subset in ("all", "detainer_linked")
        for row in series(tables, population, subset)
    ]
    return picture(
        "figure1",
        panels_body(panels),
        Words(
            title=title,
            subtitle=f"{_subtitle('Removals', shown)}. A yearly figure is the average of its twelve months.",
            alt=alt(panels),
            notes=notes(panels),
            source="",
        ),
        removals_grid(shown),
        tables,
        [row["release_id"] for row in shown],
    )


def removals_grid(rows: Rows) -> Grid | None:
    """One row for each month, one column for each series of these rows of monthly_removals."""
    names = {f"{row['population']}-{row['subset']}": series_words(row["population"], row["subset"]) for row in rows}
    by_month: dict[date, dict[str, object]] = {}
    for row in rows:
        name = f"{row['population']}-{row['subset']}"
        month = by_month.setdefault(row["month"], {"month": row["month"]})
        month |= {name: row["removals"], f"{name}-undetermined": row["undetermined"], f"{name}-status": row["status"]}
    columns = [key for name in names for key in (name, f"{name}-undetermined", f"{name}-status")]
    whole = [{key: month.get(key) for key in ("month", *columns)} for _, month in sorted(by_month.items())]

    def said(name: str):
        return lambda row: worded(row[name], row[f"{name}-status"], row[f"{name}-undetermined"])

    return grid(
        "figure1",
        "Table 2. Removals by month",
        whole,
        {"month": "Month", **{name: capital(words) for name, words in names.items()}},
        {name: said(name) for name in names},
    )


def detainer_share(tables: Tables) -> Picture | None:
    """The share with a prior detainer, month by month, for each population in a panel of its own."""
    shares = {population: monthly_shares(tables, population) for population in POPULATIONS_SHOWN}
    panels = [
        Panel(
            f"Share of {POPULATIONS[population]} with a prior detainer, by month",
            (Line("With a prior detainer", _COLORS[population], _share_points(tables, population)),),
            is_share=True,
        )
        for population in reversed(POPULATIONS_SHOWN)
        if shares[population]
    ]
    if not panels:
        return None
    main = "sc" if shares["sc"] else "ice"
    if main == "sc" and not shares["ice"] and any(row["share_of_ice"] is not None for row in shares["sc"]):
        line = Line("Of all ICE removals", 0, _share_points(tables, "sc", "share_of_ice"))
        heading = "Secure Communities removals with a prior detainer as a share of all ICE removals, by month"
        panels.append(Panel(heading, (line,), is_share=True))
    subject = "Share with a prior detainer" if main == "sc" else "Share of ICE removals with a prior detainer"
    ends = {row["month"]: (row["share_low"], row["share_high"]) for row in shares[main]}
    title = trend(subject, year_shares(shares[main]), True) or first_and_last(subject, ends, True)
    rows = [row for population in reversed(POPULATIONS_SHOWN) for row in shares[population]]
    used = [
        row["release_id"]
        for population in shares
        if shares[population]
        for row in series(tables, population, "detainer_linked")
    ]
    return picture(
        "detainer_share",
        panels_body(tuple(panels)),
        Words(
            title=title,
            subtitle="A detainer was prepared for the same person on or before the day of departure. By ICE's own "
            "account nobody can tell whether it played a role.",
            alt=alt(panels),
            notes=notes(panels),
            source="",
        ),
        _share_grid(rows),
        tables,
        used,
    )


def _share_points(tables: Tables, population: str, column: str = "share") -> tuple[Point, ...]:
    """Each month's share, and the months whose share is not known with the reason of the count."""
    shares = {row["month"]: row for row in monthly_shares(tables, population) if row["share_low"] is not None}
    status = {row["month"]: row["status"] for row in series(tables, population, "detainer_linked")}
    found = []
    for month in _share_months(tables):
        row, why = shares.get(month), status.get(month)
        if row is None:
            found += [Point(month, None, None, why)] if why not in NUMBERED else []
        elif column == "share":
            low = row["share"] if row["share"] is not None else row["share_low"]
            found.append(Point(month, low, row["share_high"], why))
        elif row[column] is not None:
            found.append(Point(month, row[column], row[column], why))
    return tuple(found)


def _share_months(tables: Tables) -> list[date]:
    """The months of the picture of shares: from the first to the last that any release has a word on."""
    shared = {row["population"] for row in tables["detainer_shares"] if row["span"] == "month"}
    known = [row["month"] for row in tables["detainer_shares"] if row["span"] == "month"]
    known += [row["month"] for population in shared for row in series(tables, population, "detainer_linked")]
    return every_month(known)


def _share_grid(rows: Rows) -> Grid:
    names = {
        "month": "Month",
        "population": "Of",
        "detainer_linked": "With a prior detainer",
        "removals": "Removals",
        "share": "Share",
    }
    return grid(
        "detainer_share",
        "Share with a prior detainer, by month",
        rows,
        names,
        {
            "population": lambda row: capital(POPULATIONS[row["population"]]),
            "share": lambda row: between(row["share_low"], row["share_high"], percents=True),
        },
    )


def alt(panels: Iterable[Panel]) -> str:
    return " ".join(
        [
            "Line chart.",
            *(
                f"{panel.heading}: {alt_words(line, panel.is_share)}"
                if len(panel.lines) == 1
                else alt_words(line, panel.is_share)
                for panel in panels
                for line in panel.lines
            ),
        ]
    )


def _subtitle(subject: str, rows: Rows) -> str:
    return spanned(subject, [row["month"] for row in rows])


def notes(panels: Iterable[Panel]) -> tuple[str, ...]:
    """What the marks of these panels mean, and the silences too short for words in the drawing."""
    shown = [line for panel in panels for line in panel.lines]
    every = [point for line in shown for point in line.points]
    bands = any(point.high is not None and point.low is not None and point.high > point.low for point in every)
    hollow = any(point.status == "partial" for point in every)
    notes = [
        *([_HATCHED] if any(line.silences for line in shown) else []),
        *([_BAND] if bands else []),
        *([_HOLLOW] if hollow else []),
        *short_silences(tuple(panels)),
    ]
    return tuple(notes)
