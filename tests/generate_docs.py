"""The files that are written from the code: `make docs` writes them, a test holds them current."""

import json
from pathlib import Path

from benchmarks import page as performance
from sc_pipeline.schemas import MODELS, marts
from sc_pipeline.schemas.base import columns, describe
from sc_pipeline.warehouse.tables import published_tables
from tests import reliability
from tests.asset_picture import asset_graph
from tests.rules import rules_page
from tests.sql_lineage import lineage_csv
from tests.test_defs import graph

REPOSITORY = Path(__file__).resolve().parent.parent
_SCHEMAS = {
    "main": "Schema `main`: tables to quote, and the rows in use",
    "core": "Schema `core`: what they are made of",
    "meta": "Schema `meta`: tables about the tables",
}


def dictionary_page() -> str:
    """docs/dictionary.md: every table and column, from the schemas."""
    lines = [
        "# Data dictionary",
        "",
        "Written from `sc_pipeline/schemas/` by `make docs`. The same texts are comments in the published DuckDB file",
        "and rows of `meta.columns`. Key columns are bold. `month` is always the first day of the month.",
        "`sc_removals` and `ice_removals` are views of `removals`, each of one population.",
    ]
    schemas = published_tables()
    viewed = {"removals_by_release": "core", "detainers_by_release": "core"}
    for schema, title in _SCHEMAS.items():
        lines += ["", f"## {title}"]
        for table in (name for name in marts.MODELS | MODELS if (schemas | viewed).get(name, "meta") == schema):
            lines += ["", f"### {table}", "", describe(MODELS[table]), "", *_columns(table)]
    return "\n".join(lines) + "\n"


def _columns(table: str) -> list[str]:
    lines = ["| column | type | null | meaning | unit |", "|---|---|---|---|---|"]
    for column in columns(MODELS[table]):
        name = f"**{column.name}**" if column.key else column.name
        source = f" Source: {column.source}." if column.source else ""
        meaning = (column.description + source).replace("|", "\\|")
        null = "yes" if column.nullable else "no"
        lines.append(f"| {name} | {column.type} | {null} | {meaning} | {column.unit or ''} |")
    return lines


def performance_page() -> str:
    """docs/performance.md, from the results of the last `make bench`."""
    return performance.page(json.loads(performance.RESULTS.read_text(encoding="utf-8")))


def performance_picture() -> str:
    """docs/images/performance.svg, from the same results."""
    return performance.picture(performance.scales(json.loads(performance.RESULTS.read_text(encoding="utf-8"))))


PAGES = {
    "tests/asset_graph.txt": graph,
    "sc_pipeline/warehouse/column_lineage.csv": lineage_csv,
    "docs/dictionary.md": dictionary_page,
    "docs/rules.md": rules_page,
    "docs/images/asset-graph.svg": asset_graph,
    "docs/images/performance.svg": performance_picture,
    "docs/performance.md": performance_page,
    "docs/reliability.md": reliability.page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (REPOSITORY / name).write_text(page(), encoding="utf-8")
