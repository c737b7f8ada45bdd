"""The pages that are written from the code: `make docs` writes them, a test holds them current."""

from pathlib import Path

from sc_pipeline.schemas import MODELS, core, marts, meta, records
from sc_pipeline.schemas.base import columns, describe
from tests.rules import rules_page

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


PAGES = {"docs/dictionary.md": dictionary_page, "docs/rules.md": rules_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (REPOSITORY / name).write_text(page(), encoding="utf-8")
