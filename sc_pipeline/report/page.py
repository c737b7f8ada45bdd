"""The marts and their pictures -> one HTML page that needs nothing but itself."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sc_pipeline.report.drawing import Figure
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns, describe

INPUTS = (
    "headline_figures", "convictions", "removals_by_source", "claim_checks", "published_comparison", "monthly_removals",
    "withheld_fields", "releases", "source_files", "month_sources", "running_averages", "detainer_shares",
    "release_revisions",
)  # fmt: skip
METHODS = (
    "headline_figures", "monthly_removals", "month_sources", "convictions", "removals_by_source", "running_averages",
    "detainer_shares", "claim_checks", "release_revisions",
)  # fmt: skip
STATUS_WORDS = {"withheld": "withheld by ICE", "not_released": "not yet released", "partial": "partial month"}
# A headline figure's series, as `sc-pipeline trace` names it.
_TRACED = {"any_offense": ("sc", "convicted"), "level1": ("sc", "level1"), "detainer_linked": ("sc", "detainer_linked"),
           "total_ice": ("ice", "all"), "total_sc": ("sc", "all")}  # fmt: skip


def report_page(tables: Mapping[str, pd.DataFrame], figures: Mapping[str, Figure], history: pd.DataFrame) -> str:
    """The page. `tables` holds the tables of INPUTS, `history` is meta.figure_history. No clock is read."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["cell"] = cell
    releases = tables["releases"]
    return environment.get_template("template.html").render(
        synthetic=list(releases.loc[releases["synthetic"].astype(bool), "release_id"]),
        headlines=[_headline(row, tables) for row in _rows(tables["headline_figures"])],
        figures={name: {"svg": Markup(_inline(figure.svg, name)), "title": figure.title, "caption": figure.caption}
                 for name, figure in figures.items()},
        table1=_table(tables["convictions"]),
        table2=_with_status(tables["removals_by_source"]),
        claims=_table(tables["claim_checks"].drop(columns="claim_id")),
        comparison=_counts(tables["published_comparison"]),
        history=_table(history),
        withheld=_withheld(tables["monthly_removals"]),
        withheld_fields=_table(tables["withheld_fields"]),
        releases=_table(releases.drop(columns=["synthetic", "inferred", "sha256"])),
        files=_table(tables["source_files"][["release_id", "file", "layout", "rows_read", "rows_accepted",
                                             "rows_quarantined", "sha256"]]),
        methods=[{"name": name, "meaning": describe(MODELS[name]), "columns": columns(MODELS[name])}
                 for name in METHODS],
    )  # fmt: skip


def cell(value: Any) -> str:
    """A value as a reader writes it: thousands commas, months without a day, a dash for nothing."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "—"
    if isinstance(value, (pd.Timestamp, date)):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.astype(object).to_dict("records")]


def _table(frame: pd.DataFrame) -> dict[str, Any]:
    """Heads in words and rows of texts; a month is written without its day."""
    rows = []
    for row in _rows(frame):
        rows.append([cell(value)[:7] if "month" in name else cell(value) for name, value in row.items()])
    return {"heads": [str(name).replace("_", " ") for name in frame.columns], "rows": rows}


def _with_status(frame: pd.DataFrame) -> dict[str, Any]:
    worded = pd.DataFrame({"month": frame["month"]})
    for name in ("all_ice", "sc", "sc_detainer_linked"):
        worded[name] = [_worded(*pair) for pair in zip(frame[name], frame[f"{name}_status"], strict=True)]
    return _table(worded)


def _worded(value: Any, status: Any) -> str:
    if status == "reported":
        return cell(int(value))
    words = "no release speaks of it" if pd.isna(status) else STATUS_WORDS[status]
    return words if pd.isna(value) else f"{int(value):,} ({words})"


def _headline(row: dict[str, Any], tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    population, subset = next((series for part, series in _TRACED.items() if part in row["figure"]), ("sc", "all"))
    monthly = tables["monthly_removals"]
    used = monthly[(monthly["population"] == population) & (monthly["subset"] == subset)
                   & monthly["month"].between(row["first_month"], row["last_month"])]  # fmt: skip
    missing = pd.isna(row["value"])
    share = row["unit"] == "share" and not missing
    return {
        "id": row["figure"],
        "name": row["figure"].replace("_", " "),
        "value": "not computable" if missing else f"{100 * row['value']:.2f} %" if share else cell(row["value"]),
        "span": f"{row['first_month']:%Y-%m} to {row['last_month']:%Y-%m}",
        "method": row["method"],
        "releases": ", ".join(sorted(set(used["release_id"]))) or "—",
        "trace": f"sc-pipeline trace {row['last_month']:%Y-%m} {population} {subset}",
    }


def _counts(comparison: pd.DataFrame) -> dict[str, Any]:
    counted = comparison.groupby(["publication", "verdict"], sort=True).size().reset_index(name="cells")
    return _table(counted)


def _withheld(monthly: pd.DataFrame) -> dict[str, Any]:
    kept = monthly[monthly["status"] == "withheld"]
    spans = kept.groupby(["population", "subset", "release_id"], sort=True)["month"].agg(["min", "max", "size"])
    return _table(spans.reset_index().rename(columns={"min": "first month", "max": "last month", "size": "withheld"}))


def _inline(svg: str, name: str) -> str:
    """The SVG element alone, its ids made the figure's own: two figures of one page must not share any."""
    body = svg[svg.index("<svg") :]
    for mark in ('id="', 'href="#', "url(#"):
        body = body.replace(mark, f"{mark}{name}-")
    return body.replace("<svg", f'<svg role="img" aria-labelledby="{name}-title"', 1)
