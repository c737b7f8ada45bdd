"""What became of detainers, and what the agency itself counts -> a picture, sentences and tables.

Nothing is shown where no release in use tells of departures on its detainers, or prints totals.
"""

from collections.abc import Iterable

from sc_pipeline.report.grids import Grid, grid
from sc_pipeline.report.lines import Line, Panel, Point, alt_words, short_silences
from sc_pipeline.report.method import COMPARISON_VERDICTS
from sc_pipeline.report.picture import Picture, picture
from sc_pipeline.report.plot import panels_body
from sc_pipeline.report.rows import Row, Rows, Tables, grouped
from sc_pipeline.report.svg import Words
from sc_pipeline.report.titles import first_and_last, trend
from sc_pipeline.report.words import between, capital, cell, month_words, over, percent, worded

NAME = "detainer_outcomes"
_WINDOWS = {"departed_within_365_days": "Within 365 days", "departed_within_90_days": "Within 90 days"}
_LONG = "departed_within_365_days"
_LEFT_OUT = (
    "Months are left out whose window runs past the last day of their release: their shares would fall by themselves."
)
_SHADED = "Shaded: the range if every detainer of which the file does not tell were followed by a departure."


def followed_by_departure(tables: Tables) -> Picture | None:
    """The share of detainers followed by a departure within 365 and within 90 days, by month of preparation."""
    lines = tuple(
        Line(name, color, _points(tables, window))
        for color, (window, name) in zip((2, 1), _WINDOWS.items(), strict=True)
    )
    lines = tuple(line for line in lines if line.known)
    if not lines:
        return None
    panel = Panel("Share of detainers followed by a departure, by month of preparation", lines, is_share=True)
    subject = "Share of detainers followed by a departure within 365 days"
    ends = {point.month: (point.low, point.high) for point in lines[0].known}
    title = trend(subject, _years(tables), True) or first_and_last(subject, ends, True)  # pyright: ignore[reportArgumentType]
    months = {point.month for line in lines for point in line.points}
    used = [row["release_id"] for row in tables["detainer_sources"] if row["month"] in months]
    bands = any(point.high != point.low for line in lines for point in line.known)
    return picture(
        NAME,
        panels_body((panel,)),
        Words(
            title=title,
            subtitle="The person left the country on or after the day the detainer was prepared. Nobody can tell "
            "whether the detainer played a role.",
            alt=" ".join(["Line chart.", *(alt_words(line, True) for line in lines)]),
            notes=((_SHADED,) if bands else ()) + (_LEFT_OUT, *short_silences((panel,))),
            source="",
        ),
        _by_year(tables),
        tables,
        used,
    )


def sentences(tables: Tables) -> list[str]:
    """Of how many detainers a departure followed within 365 days, and how many the local agency declined."""
    months = _told(tables, _LONG)
    if not months:
        return []
    low, high, detainers = (sum(each[name] for each in months) for name in ("low", "high", "detainers"))
    found = [
        f"Of the {cell(detainers)} detainers prepared {over([each['month'] for each in months])}, "
        f"{between(low / detainers, high / detainers, percents=True)} were followed by a departure within 365 days."
    ]
    lifted = [row for row in tables[NAME] if row["lifted"] is not None]
    total, declined = sum(row["lifted"] for row in lifted), sum(row["declined"] for row in lifted)
    if total:
        found.append(
            f"Of the {cell(total)} detainers that state why they were lifted, prepared {_span(lifted)}, the local "
            f"agency declined {cell(declined)} ({percent(declined / total)})."
        )
    return found


def declined(tables: Tables) -> Grid:
    """Detainers that the local agency declined, by state of the jail and fiscal year of preparation."""
    found: Rows = []
    with_reasons = [{**row, "fiscal_year": _fiscal_year(row)} for row in tables[NAME] if row["lifted"] is not None]
    for (state, year), rows in grouped(with_reasons, "facility_state", "fiscal_year").items():
        found.append(
            {
                "facility_state": state or "not known",
                "fiscal_year": year,
                **{name: sum(row[name] for row in rows) for name in ("detainers", "lifted", "declined")},
            }
        )
    names = {
        "facility_state": "State of the jail",
        "fiscal_year": "Fiscal year prepared",
        "detainers": "Detainers",
        "lifted": "With a reason for lifting",
        "declined": "Declined by the local agency",
    }
    caption = "Detainers that the local agency declined, by state and fiscal year"
    return grid("declined_detainers", caption, found, names, {"fiscal_year": lambda row: str(row["fiscal_year"])})


def proxy(tables: Tables) -> Grid:
    """The proxy for Table 2's third column, month by month."""
    names = {
        "month": "Month",
        "removals": "All ICE removals",
        "detainer_linked": "With a prior detainer",
        "matched_at_state_or_local": "Proxy: with a biometric match at a state or local facility",
    }
    rows = tables["biometric_match_proxy"]
    words = {
        "removals": lambda row: worded(row["removals"], row["removals_status"]),
        "detainer_linked": lambda row: worded(row["detainer_linked"], row["detainer_linked_status"]),
        "matched_at_state_or_local": lambda row: worded(
            row["matched_at_state_or_local"], row["proxy_status"], row["undetermined"]
        ),
    }
    told = [row for row in rows if row["matched_at_state_or_local"] is not None]
    caption = "A proxy for the third column of Table 2: not the same series, and never joined to it"
    return grid("biometric_match_proxy", caption, rows if told else [], names, words)


def agency_totals(tables: Tables) -> Grid:
    """The totals of fiscal years that the agency prints, beside the months of this report."""
    names = {
        "fiscal_year": "Fiscal year",
        "publication": "Printed in",
        "published": "Printed",
        "computed": "Sum of the months here",
        "months_held": "Months held",
        "difference": "Difference",
        "verdict": "Outcome",
    }
    rows = [{**row, "computed": row["computed_low"]} for row in tables["yearly_comparison"]]
    return grid(
        "agency_totals",
        "Printed totals of fiscal years, beside the sum of the months in use",
        rows,
        names,
        {
            "fiscal_year": lambda row: str(row["fiscal_year"]),
            "computed": lambda row: "—" if row["computed"] is None else between(row["computed"], row["computed_high"]),
            "verdict": lambda row: f"{row['verdict'].replace('_', ' ')}: {COMPARISON_VERDICTS[row['verdict']]}",
        },
    )


def _fiscal_year(row: Row) -> int:
    return row["month"].year + (row["month"].month >= 10)


def _span(rows: Rows) -> str:
    months = [row["month"] for row in rows]
    return f"from {month_words(min(months), max(months))}"


def _told(tables: Tables, window: str) -> Rows:
    """The months whose window ends in time and has a number: the fewest and most detainers followed by a departure."""
    found = []
    for (month,), rows in grouped(tables[NAME], "month").items():
        statuses = {row[f"{window}_status"] for row in rows}
        if "partial" in statuses or not statuses & {"reported", "at_least"}:
            continue
        low = sum(row[window] or 0 for row in rows)
        found.append(
            {
                "month": month,
                "low": low,
                "high": low + sum(row["undetermined"] for row in rows),
                "detainers": sum(row["detainers"] for row in rows),
            }
        )
    return found


def _points(tables: Tables, window: str) -> tuple[Point, ...]:
    told = {each["month"]: each for each in _told(tables, window)}
    points = []
    for (month,), rows in grouped(tables[NAME], "month").items():
        if month in told:
            low, high, of = (told[month][name] for name in ("low", "high", "detainers"))
            points.append(Point(month, low / of, high / of, "at_least" if high > low else "reported"))
        elif not any(row[f"{window}_status"] == "partial" for row in rows):
            points.append(Point(month, None, None, min(row[f"{window}_status"] for row in rows)))
    return tuple(_trimmed(points))


def _trimmed(points: list[Point]) -> Iterable[Point]:
    """Without the months before the first number: they are of releases that tell of no departures."""
    first = next((number for number, point in enumerate(points) if point.low is not None), len(points))
    return points[first:]


def _years(tables: Tables) -> dict[int, tuple[float, float]]:
    years: dict[int, Rows] = {}
    for each in _told(tables, _LONG):
        years.setdefault(each["month"].year, []).append(each)
    return {
        year: (_sum(rows, "low") / _sum(rows, "detainers"), _sum(rows, "high") / _sum(rows, "detainers"))
        for year, rows in years.items()
        if len(rows) == 12
    }


def _sum(rows: Rows, name: str) -> int:
    return sum(row[name] for row in rows)


def _by_year(tables: Tables) -> Grid:
    """By calendar year of preparation, over the months that have a number."""
    found = []
    held = {
        window: grouped([{**each, "year": each["month"].year} for each in _told(tables, window)], "year")
        for window in _WINDOWS
    }
    for (year,), rows in held[_LONG].items():
        short = held["departed_within_90_days"].get((year,), [])
        found.append(
            {
                "year": year,
                "months": len(rows),
                "detainers": _sum(rows, "detainers"),
                "within_365_days": _sum(rows, "low"),
                "within_365_days_high": _sum(rows, "high"),
                "within_90_days": _sum(short, "low") if len(short) == len(rows) else None,
                "within_90_days_high": _sum(short, "high") if len(short) == len(rows) else None,
            }
        )
    names = {
        "year": "Prepared in",
        "months": "Months held",
        "detainers": "Detainers",
        "within_365_days": "Followed by a departure within 365 days",
        "within_90_days": "Within 90 days",
    }
    words = {
        name: (lambda row, name=name: "—" if row[name] is None else between(row[name], row[f"{name}_high"]))
        for name in ("within_365_days", "within_90_days")
    }
    caption = capital("detainers followed by a departure, by year of preparation")
    return grid(NAME, caption, found, names, {"year": lambda row: str(row["year"]), **words})
