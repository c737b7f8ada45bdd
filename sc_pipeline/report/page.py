"""The marts and their pictures -> one HTML page that needs nothing but itself, and the tables it offers as CSV."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from sc_pipeline import reference
from sc_pipeline.report import method, sections, sentences, totals, verdicts
from sc_pipeline.report.convictions import printed_averages
from sc_pipeline.report.grids import Grid
from sc_pipeline.report.headlines import headlines
from sc_pipeline.report.picture import Picture
from sc_pipeline.report.rows import Rows, Tables
from sc_pipeline.report.style import policy, script, style, template
from sc_pipeline.report.svg import PHONE, WIDE
from sc_pipeline.report.titles import spelled

EXPLORER = "explorer.html"


@dataclass(frozen=True)
class Page:
    """The page, and the CSV text of each of its tables by file name."""

    html: str
    csv: dict[str, str]


def report_page(tables: Tables, pictures: Mapping[str, Picture], history: Rows, explorer: str | None = None) -> Page:
    """The page. `tables` holds the tables of REPORT_INPUTS, `history` is meta.figure_history. No clock is read.

    `explorer` is where the explorer is, seen from the page; None leaves its link out.
    """
    grids = _grids(tables, history)
    code, look = script(), style()
    html = template("page.html").render(
        script=Markup(code),
        style=Markup(look),
        policy=policy(look, code),
        grids=grids,
        pictures={name: _shown(picture) for name, picture in pictures.items()},
        explorer=explorer,
        **_words(tables),
    )
    drawn = [picture.grid for picture in pictures.values() if picture.grid]
    return Page(html, {f"{grid.id}.csv": grid.csv for grid in (*grids.values(), *drawn) if grid.rows})


def _words(tables: Tables) -> dict[str, object]:
    """Every sentence on the page."""
    releases = tables["releases"]
    revisions = tables["release_revisions"]
    counted = [row["month"] for row in tables["monthly_removals"] if row["removals"] is not None]
    return {
        "lead": sentences.lead(tables),
        "releases_held": spelled(len(releases), "release"),
        "latest_month": max(counted, default=None),
        "synthetic": [row["release_id"] for row in releases if row["synthetic"]],
        "headlines": headlines(tables),
        "has_printed": bool(printed_averages(tables)),
        "claims": [verdicts.claim_sentence(row) for row in tables["claim_checks"]],
        "comparison": verdicts.comparison(tables["published_comparison"]),
        "revised": verdicts.revised([row for row in revisions if row["subset"] == "all"]),
        "revised_subsets": verdicts.revised([row for row in revisions if row["subset"] != "all"]),
        "silences": sentences.silences(tables["monthly_removals"]),
        "unverified": sentences.unverified(tables, _offense_levels()),
        "duplicates": sentences.duplicates(tables),
        "cautions": [row for row in releases if row["caution"] or row["scope_note"]],
        "method": method,
    }


def _offense_levels() -> Rows:
    with reference.path_of("offense_levels").open(encoding="utf-8", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def _grids(tables: Tables, history: Rows) -> dict[str, Grid]:
    """The tables behind no picture, by id."""
    made = [
        *totals.spans_of_share(tables),
        *totals.fiscal_years(tables["removals_by_month"]),
        *totals.places(tables["removals_by_place"]),
        sections.claims(tables["claim_checks"]),
        sections.comparison(tables["published_comparison"]),
        sections.differing(tables["published_comparison"]),
        sections.changed(history),
        sections.withheld_fields(tables["withheld_fields"]),
        sections.silent_fields(tables["silences"]),
        sections.releases(tables["releases"]),
        sections.files(tables["source_files"]),
    ]
    return {grid.id: grid for grid in made if grid.rows}


def _shown(picture: Picture) -> dict[str, object]:
    drawings = "".join(picture.inline(size) for size in (WIDE, PHONE))
    return {"name": picture.name, "words": picture.words, "drawing": Markup(drawings), "grid": picture.grid}
