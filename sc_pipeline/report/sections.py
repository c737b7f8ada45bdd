"""Rows -> the other tables of the page: claims, comparisons, changes, silences, releases, files."""

from sc_pipeline.report.grids import Grid, grid
from sc_pipeline.report.method import COMPARISON_VERDICTS
from sc_pipeline.report.rows import Row, Rows, grouped
from sc_pipeline.report.words import (
    POPULATIONS,
    STATUS_WORDS,
    capital,
    cell,
    day_word,
    day_words,
    field_words,
    months_words,
    series_words,
)


def claims(rows: Rows) -> Grid:
    """Claims with the fewest and most removals that the records allow."""
    names = {
        "claimant": "Claimant",
        "claim": "Claim",
        "claimed": "Claimed",
        "first_day": "Days",
        "observed_low": "At least",
        "observed_high": "At most",
        "verdict": "Verdict",
        "citation": "Where it was made",
    }
    days = {"first_day": lambda row: day_words(row["first_day"], row["last_day"])}
    return grid("claims", "Claims, and the fewest and most removals the records allow", rows, names, days)


def comparison(rows: Rows) -> Grid:
    """How many printed figures have which verdict."""
    counts = [
        {"publication": publication, "verdict": verdict, "figures": len(of_verdict)}
        for (publication, verdict), of_verdict in grouped(rows, "publication", "verdict").items()
    ]
    names = {"publication": "Printed in", "figures": "Figures", "verdict": "Outcome"}
    return grid(
        "comparison",
        "How the printed figures compare",
        counts,
        names,
        {"verdict": lambda row: f"{row['verdict'].replace('_', ' ')}: {COMPARISON_VERDICTS[row['verdict']]}"},
    )


def differing(rows: Rows) -> Grid:
    """The printed figures that the computed ones do not meet."""
    found = [row for row in rows if row["verdict"] == "differs"]
    names = {"publication": "Printed in", "cell": "Figure", "published": "Printed", "computed_low": "Computed"}
    return grid(
        "differing",
        "Printed figures that differ",
        found,
        names,
        {
            "published": lambda row: cell(row["published"]),
            "computed_low": lambda row: (
                cell(row["computed_low"])
                if row["computed_low"] == row["computed_high"]
                else f"{cell(row['computed_low'])} to {cell(row['computed_high'])}"
            ),
        },
    )


def changed(history: Rows) -> Grid:
    """Monthly figures that a later build changed, latest first."""
    rows = [{"series": capital(series_words(row["population"], row["subset"])), **row} for row in reversed(history)]
    names = {
        "month": "Month",
        "series": "Figure",
        "old": "Before",
        "new": "Now",
        "old_release": "Release before",
        "release": "Release now",
    }
    return grid(
        "changed", "Monthly figures that changed after they were first published here, latest first", rows, names
    )


def withheld_fields(rows: Rows) -> Grid:
    """Fields that a manifest declares withheld by the agency."""
    names = {
        "release_id": "Release",
        "field": "Field",
        "first_month": "From",
        "last_month": "To",
        "reason": "Reason",
        "citation": "Citation",
    }
    texts = {"field": lambda row: field_words(row["field"])}
    return grid("withheld_fields", "Fields declared withheld by the agency", rows, names, texts)


def silent_fields(rows: Rows) -> Grid:
    """Silences, gathered: release, field and reason with their months."""
    found = [
        {
            "release_id": row["release_id"],
            "population": POPULATIONS.get(row["population"], "detainers"),
            "field": field_words(row["field"]),
            "reason": STATUS_WORDS[row["reason"]],
            "months": row["months"],
        }
        for row in rows
    ]
    names = {"release_id": "Release", "population": "Of", "field": "Field", "reason": "Why", "months": "Months"}
    return grid(
        "silent_fields",
        "Fields without a value, and why",
        found,
        names,
        {"months": lambda row: months_words(row["months"])},
    )


def releases(rows: Rows) -> Grid:
    """Every release, as its manifest describes it."""
    said = [{**row, "covers": _covers(row), "state": _STATES_OF[row["status"]]} for row in rows]
    names = {
        "release_id": "Release",
        "title": "Title",
        "publisher": "Publisher",
        "agency": "Agency",
        "foia_request": "FOIA request",
        "received": "Received",
        "covers": "Covers",
        "state": "State",
        "problem": "Problem",
        "source_url": "Source",
    }
    return grid("releases", "Releases", said, names)


_STATES_OF = {
    "ready": "in use",
    "withdrawn": "withdrawn: serves no month",
    "kept": "refused as it is now: earlier rows are used",
    "failed": "refused: no rows",
}


def _covers(row: Row) -> str | None:
    return f"{day_word(row['covers_from'])} to {day_word(row['covers_to'])}" if row["covers_from"] else None


def files(rows: Rows) -> Grid:
    """Every file, with its rows and its sha256."""
    names = {
        "release_id": "Release",
        "file": "File",
        "kind": "Kind",
        "rows_read": "Rows read",
        "rows_accepted": "Accepted",
        "rows_quarantined": "Quarantined",
        "rows_left_out": "Left out",
        "left_out": "Why left out",
        "sha256": "SHA-256",
    }
    return grid("files", "Files, as received", rows, names)
