"""The pages that are written from the code: `make docs` writes them, a test holds them current."""

import json
from html import escape
from pathlib import Path

from benchmarks import page as performance
from sc_pipeline import sql as engine
from sc_pipeline.core import intake
from sc_pipeline.raw import register as registry
from sc_pipeline.schemas import MODELS, core, marts, meta, records
from sc_pipeline.schemas.base import columns, describe
from sc_pipeline.staged import stage
from tests.rules import rules_page
from tests.test_defs import graph

REPOSITORY = Path(__file__).resolve().parent.parent
_SECTIONS = {
    "Marts: tables people read": marts,
    "Core: rows in use, of all releases together": core,
    "Core: rows of each release": records,
    "Meta: tables about the tables (schema `meta`)": meta,
}


def dictionary_page() -> str:
    """docs/dictionary.md: every table and column, from the schemas."""
    lines = [
        "# Data dictionary",
        "",
        "Written from `sc_pipeline/schemas/` by `make docs`. The same texts are comments in the published DuckDB file",
        "and rows of `meta.columns`. Key columns are bold. `month` is always the first day of the month.",
    ]
    for title, module in _SECTIONS.items():
        lines += ["", f"## {title}"]
        for table in module.MODELS:
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


_BOX, _GAP, _LINE = 190, 60, 26


def asset_graph() -> str:
    """docs/images/asset-graph.svg: the assets by stage, in the order in which they are built."""
    tables = engine.sql_tables().values()
    stages = {
        "raw": ["raw/<release>/"],
        "staged, per release": [stage.TABLE],
        "core, per release": list(intake.TABLES),
        "core": [*registry.TABLES, *(table.name for table in tables if table.room != "marts")],
        "marts": [table.name for table in tables if table.room == "marts"],
        "report": ["warehouse"],
    }
    height = _LINE * (max(map(len, stages.values())) + 2) + 20
    width = len(stages) * (_BOX + _GAP) - _GAP + 20
    size = f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13"'
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, (title, names) in enumerate(stages.items()):
        shapes += _stage(title, names, 10 + number * (_BOX + _GAP), height, is_last=number == len(stages) - 1)
    return "\n".join([*shapes, "</svg>"]) + "\n"


def _stage(title: str, names: list[str], left: int, height: int, is_last: bool) -> list[str]:
    tall = _LINE * (len(names) + 1) + 10
    top = (height - tall) // 2
    lines = [
        f'<rect x="{left}" y="{top}" width="{_BOX}" height="{tall}" rx="8" fill="#eef3f8" stroke="#456"/>',
        f'<text x="{left + 10}" y="{top + 20}" font-weight="bold">{escape(title)}</text>',
    ]
    for place, name in enumerate(names, start=1):
        lines.append(f'<text x="{left + 10}" y="{top + 20 + place * _LINE}">{escape(name)}</text>')
    if not is_last:
        middle = height // 2
        line = f'x1="{left + _BOX + 6}" y1="{middle}" x2="{left + _BOX + _GAP - 6}" y2="{middle}"'
        lines.append(f'<line {line} stroke="#555" stroke-width="2" marker-end="url(#end)"/>')
    return lines


def performance_page() -> str:
    """docs/performance.md, from the results of the last `make bench`."""
    return performance.page(json.loads(performance.RESULTS.read_text(encoding="utf-8")))


PAGES = {
    "tests/asset_graph.txt": graph,
    "docs/dictionary.md": dictionary_page,
    "docs/rules.md": rules_page,
    "docs/images/asset-graph.svg": asset_graph,
    "docs/performance.md": performance_page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (REPOSITORY / name).write_text(page(), encoding="utf-8")
