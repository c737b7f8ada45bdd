"""The marts and their pictures -> one HTML page that needs nothing but itself."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sc_pipeline.report.grids import Grid, grid
from sc_pipeline.report.headlines import headlines
from sc_pipeline.report.rows import AVERAGES, Picture, Rows, Tables, filled_averages, grouped
from sc_pipeline.report.sentences import lead, verdict, withheld
from sc_pipeline.report.words import day_words, series_words, worded
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns, describe

METHODS = (
    "headline_figures", "monthly_removals", "month_sources", "convictions", "removals_by_source", "running_averages",
    "detainer_shares", "claim_checks", "release_revisions", "field_disclosure",
)  # fmt: skip
_TABLE_1 = {"month": "month", "any_offense": "any offense", "any_offense_12m": "any offense, 12-month average",
            "level1": "serious (Level 1) offense", "level1_12m": "serious offense, 12-month average"}  # fmt: skip
_TABLE_2 = {"all_ice": "all ICE removals", "sc": "Secure Communities", "sc_detainer_linked": "with a detainer"}
_CLAIMS = {
    "claimant": "claimant", "claimed": "claimed", "first_day": "first day", "last_day": "last day",
    "observed_low": "at least", "observed_high": "at most", "ratio_low": "claimed / at most",
    "ratio_high": "claimed / at least", "verdict": "verdict",
}  # fmt: skip
_DIFFERING = ("publication", "cell", "published", "computed", "difference")
_HISTORY = {"month": "month", "series": "figure", "old": "before", "new": "now", "old_release": "release before",
            "release": "release now"}  # fmt: skip
_RELEASES = (
    "release_id", "title", "publisher", "agency", "foia_request", "received", "covers", "status", "problem",
    "source_url",
)  # fmt: skip
_FILES = ("release_id", "file", "production", "rows_read", "rows_accepted", "rows_quarantined", "sha256")


def report_page(tables: Tables, figures: Mapping[str, Picture], history: Rows) -> str:
    """The page. `tables` holds the tables of PAGE_INPUTS, `history` is meta.figure_history. No clock is read."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    averages = filled_averages(tables)
    counted = [row["month"] for row in tables["monthly_removals"] if row["removals"] is not None]
    return environment.get_template("template.html").render(
        lead=lead(tables),
        releases_held=len(tables["releases"]),
        latest_month=max(counted, default=None),
        synthetic=[row["release_id"] for row in tables["releases"] if row["synthetic"]],
        headlines=headlines(tables),
        figures={name: {"svg": Markup(_inline(figure.bare, name)), "title": figure.title, "caption": figure.caption}
                 for name, figure in figures.items()},
        table1=_table1(averages),
        printed_in=sorted({row[f"{name}_printed_in"] for row in averages for name in AVERAGES} - {None}),
        table2=_table2(tables["removals_by_source"]),
        claims=grid(tables["claim_checks"], _CLAIMS),
        verdicts=[{**row, "days": day_words(row["first_day"], row["last_day"]), "said": verdict(row)}
                  for row in tables["claim_checks"]],
        comparison=_comparison(tables["published_comparison"]),
        differing=grid([row for row in tables["published_comparison"] if row["verdict"] == "differs"], _DIFFERING),
        history=grid([{**row, "series": series_words(row["population"], row["subset"])} for row in reversed(history)],
                     _HISTORY),
        withheld=withheld(tables["monthly_removals"]),
        withheld_fields=grid(tables["withheld_fields"], ("release_id", "field", "first_month", "last_month")),
        releases=_releases(tables["releases"]),
        files=grid(tables["source_files"], _FILES),
        methods=[{"name": name, "meaning": describe(MODELS[name]), "columns": columns(MODELS[name]),
                  "sql": _sql_of(name)}
                 for name in METHODS],
    )  # fmt: skip


def _table1(rows: Rows) -> Grid:
    """As TRAC printed it: each count beside its average; one that is printed, not computed, has a mark."""
    said = [{**row, **{name: f"{row[name]:,}†" for name in AVERAGES if row[f"{name}_printed_in"]}} for row in rows]
    return grid(said, _TABLE_1, numbers=AVERAGES)


def _table2(rows: Rows) -> Grid:
    said = [{"month": row["month"], **{name: worded(row[name], row[f"{name}_status"]) for name in _TABLE_2}}
            for row in rows]  # fmt: skip
    return grid(said, {"month": "month", **_TABLE_2}, numbers=tuple(_TABLE_2))


def _comparison(rows: Rows) -> Grid:
    counted = [{"publication": publication, "verdict": verdict.replace("_", " "), "figures": len(of_verdict)}
               for (publication, verdict), of_verdict in grouped(rows, "publication", "verdict").items()]  # fmt: skip
    return grid(counted, ("publication", "verdict", "figures"))


def _releases(rows: Rows) -> Grid:
    said = [{**row, "covers": f"{row['covers_from']:%Y-%m} to {row['covers_to']:%Y-%m}" if row["covers_from"] else None}
            for row in rows]  # fmt: skip
    return grid(said, _RELEASES)


def _sql_of(table: str) -> str | None:
    folder = Path(__file__).parents[1]
    return next((path.relative_to(folder).as_posix() for path in folder.glob(f"*/{table}.sql")), None)


def _inline(svg: str, name: str) -> str:
    """The SVG element alone, its ids made the figure's own: two figures of one page must not share any."""
    body = svg[svg.index("<svg") :]
    for mark in ('id="', 'href="#', "url(#"):
        body = body.replace(mark, f"{mark}{name}-")
    return body.replace("<svg", f'<svg role="img" aria-labelledby="{name}-title"', 1)
