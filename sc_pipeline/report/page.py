"""The marts and their pictures -> one HTML page that needs nothing but itself."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sc_pipeline.report.drawing import Figure
from sc_pipeline.report.grids import Grid, grid, worded
from sc_pipeline.report.headlines import headline
from sc_pipeline.report.rows import Rows, Tables, grouped
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns, describe

INPUTS = (
    "headline_figures", "convictions", "removals_by_source", "claim_checks", "published_comparison", "monthly_removals",
    "withheld_fields", "releases", "source_files", "month_sources", "running_averages", "detainer_shares",
    "release_revisions", "published_counts",
)  # fmt: skip
METHODS = (
    "headline_figures", "monthly_removals", "month_sources", "convictions", "removals_by_source", "running_averages",
    "detainer_shares", "claim_checks", "release_revisions",
)  # fmt: skip
_TABLE_1 = {"any_offense": "any offense", "level1": "serious (Level 1) offense",
            "any_offense_12m": "any offense, 12-month average, computed",
            "level1_12m": "serious offense, 12-month average, computed"}  # fmt: skip
_TABLE_2 = {"all_ice": "all ICE removals", "sc": "Secure Communities", "sc_detainer_linked": "with a detainer"}
_CLAIMS = {
    "claimant": "claimant", "claim": "claim", "claimed": "claimed", "first_day": "first day", "last_day": "last day",
    "observed_low": "at least", "observed_high": "at most", "ratio_low": "claimed / at most",
    "ratio_high": "claimed / at least", "verdict": "verdict",
}  # fmt: skip
_HISTORY = ("month", "population", "subset", "old", "new", "old_release", "release")
_RELEASES = ("release_id", "title", "publisher", "agency", "foia_request", "received", "population", "covers_from",
             "covers_to", "status", "problem", "source_url")  # fmt: skip
_FILES = ("release_id", "file", "layout", "rows_read", "rows_accepted", "rows_quarantined", "sha256")


def report_page(tables: Tables, figures: Mapping[str, Figure], history: Rows) -> str:
    """The page. `tables` holds the tables of INPUTS, `history` is meta.figure_history. No clock is read."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("template.html").render(
        synthetic=[row["release_id"] for row in tables["releases"] if row["synthetic"]],
        headlines=[headline(row, tables) for row in tables["headline_figures"]],
        figures={name: {"svg": Markup(_inline(figure.bare, name)), "title": figure.title, "caption": figure.caption}
                 for name, figure in figures.items()},
        table1=_table1(tables),
        table2=_table2(tables["removals_by_source"]),
        claims=grid(tables["claim_checks"], _CLAIMS),
        comparison=_comparison(tables["published_comparison"]),
        history=grid(history, _HISTORY),
        withheld=_withheld(tables["monthly_removals"]),
        withheld_fields=grid(tables["withheld_fields"], ("release_id", "field", "first_month", "last_month")),
        releases=grid(tables["releases"], _RELEASES),
        files=grid(tables["source_files"], _FILES),
        methods=[{"name": name, "meaning": describe(MODELS[name]), "columns": columns(MODELS[name])}
                 for name in METHODS],
    )  # fmt: skip


def _table1(tables: Tables) -> Grid:
    """The computed averages, and beside them the ones each release printed."""
    heads, rows = {"month": "month", **_TABLE_1}, {row["month"]: dict(row) for row in tables["convictions"]}
    printed = [row for row in tables["published_counts"] if row["measure"] == "average_12m"]
    for (release_id, subset), of_series in grouped(printed, "release_id", "subset").items():
        words = {"convicted": "any offense", "level1": "serious offense"}.get(subset, subset)
        name = f"{release_id} {subset}"
        heads[name] = f"{words}, 12-month average, as printed in {release_id}"
        values = {row["month"]: row["value"] for row in of_series}
        rows = {month: {**row, name: values.get(month)} for month, row in rows.items()}
    return grid(list(rows.values()), heads)


def _table2(rows: Rows) -> Grid:
    said = [{"month": row["month"], **{name: worded(row[name], row[f"{name}_status"]) for name in _TABLE_2}}
            for row in rows]  # fmt: skip
    return grid(said, {"month": "month", **_TABLE_2}, numbers=tuple(_TABLE_2))


def _comparison(rows: Rows) -> Grid:
    counted = [{"publication": publication, "verdict": verdict.replace("_", " "), "figures": len(of_verdict)}
               for (publication, verdict), of_verdict in grouped(rows, "publication", "verdict").items()]  # fmt: skip
    return grid(counted, ("publication", "verdict", "figures"))


def _withheld(monthly: Rows) -> Grid:
    withheld = [row for row in monthly if row["status"] == "withheld"]
    said = []
    for (population, subset, release_id), rows in grouped(withheld, "population", "subset", "release_id").items():
        months = [row["month"] for row in rows]
        said.append({"population": population, "subset": subset, "release": release_id, "first month": min(months),
                     "last month": max(months), "months withheld": len(months)})  # fmt: skip
    return grid(said, ("population", "subset", "release", "first month", "last month", "months withheld"))


def _inline(svg: str, name: str) -> str:
    """The SVG element alone, its ids made the figure's own: two figures of one page must not share any."""
    body = svg[svg.index("<svg") :]
    for mark in ('id="', 'href="#', "url(#"):
        body = body.replace(mark, f"{mark}{name}-")
    return body.replace("<svg", f'<svg role="img" aria-labelledby="{name}-title"', 1)
