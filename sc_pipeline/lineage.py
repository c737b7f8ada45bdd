"""The SQL itself -> which columns every column comes from, down to the columns of the files and the manifest."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyarrow as pa
from sqlglot import exp
from sqlglot.lineage import Node, lineage

from sc_pipeline import engine, reference
from sc_pipeline.layouts import Layout, load_layouts
from sc_pipeline.schemas import MODELS, meta
from sc_pipeline.schemas.base import arrow_schema, columns
from sc_pipeline.tables import code_version

CODE_VERSION = code_version(Path(__file__))
Source = tuple[str, str]

# What the cells of a source file feed, and what is worked out from them while cleaning.
_ROWS = {"removals_by_release": "removals", "detainers_by_release": "detainers"}
_DERIVED = {
    "convicted": ("reported_threat_level", "msc_code", "criminality"),
    "conviction_level": ("reported_threat_level", "msc_code"),
    "county_fips": ("county", "state"),
    "duplicate_likely": ("person_id",),
}
_MONTH_OF = {"removals": "departed_date", "detainers": "detainer_prepare_date"}
_PLACE = ("source_file", "source_sheet", "source_row")

# The source rows (or the printed cell) behind one figure of monthly_removals.
TRACE_MACRO = """
create macro trace(month, population, subset) as table
select
    rows.release_id,
    rows.source_file,
    rows.source_sheet,
    rows.source_row,
    cast(null as varchar) as source_column,
    rows.departed_date,
    cast(1 as bigint) as removals
from main.monthly_removals as figures
inner join main.removals as rows
    on rows.month = figures.month
    and rows.population = figures.population
    and rows.release_id = figures.release_id
left join main.detainer_linked_removals as links
    on links.release_id = rows.release_id
    and links.source_file = rows.source_file
    and links.source_sheet is not distinct from rows.source_sheet
    and links.source_row = rows.source_row
where figures.month = cast(month as date)
    and figures.population = population
    and figures.subset = subset
    and figures.origin = 'records'
    and figures.removals is not null
    and case subset
        when 'convicted' then coalesce(rows.convicted, false)
        when 'level1' then coalesce(rows.conviction_level = 1, false)
        when 'detainer_linked' then links.release_id is not null
        else true
    end
union all
select
    cells.release_id,
    cells.source_file,
    cells.source_sheet,
    cells.source_row,
    cells.source_column,
    cast(null as date) as departed_date,
    cells.value as removals
from main.monthly_removals as figures
inner join main.published_counts as cells
    on cells.month = figures.month
    and cells.population = figures.population
    and cells.subset = figures.subset
    and cells.release_id = figures.release_id
    and cells.measure = 'removals'
where figures.month = cast(month as date)
    and figures.population = population
    and figures.subset = subset
    and figures.origin = 'published'
order by 1, 2, 3, 4
"""


def lineage_table() -> pa.Table:
    """The rows of meta.column_lineage."""
    rows = [
        {"table_name": table, "column_name": column, "from_table": source, "from_column": source_column}
        for table, found in all_lineage().items()
        for column, sources in found.items()
        for source, source_column in sources
    ]
    return pa.Table.from_pylist(rows, arrow_schema(meta.ColumnLineage))


def asset_lineage(table: str) -> dict[str, list[Source]]:
    """Column -> the columns of other tables it comes from; sources that are no tables are left out."""
    own = all_lineage().get(table, {})
    return {column: [source for source in sources if source[0] in MODELS] for column, sources in own.items()}


@cache
def all_lineage() -> dict[str, dict[str, list[Source]]]:
    """Table -> column -> its direct sources, for every table that is made of others or of files."""
    found = {table: _of_files(table, kind) for table, kind in _ROWS.items()}
    found["published_counts"] = _of_published()
    for name in ("releases", "release_windows", "withheld_fields"):
        found[name] = {column.name: [("release.toml", column.name)] for column in columns(MODELS[name])}
    for name in ("quarantine", "field_disclosure", "source_files", "corrections"):
        found[name] = {column.name: [("staged_rows", "*")] for column in columns(MODELS[name])}
    for table in engine.sql_tables().values():
        found[table.name] = _of_sql(table)
    return found


def _of_sql(table: engine.SqlTable) -> dict[str, list[Source]]:
    schema: dict[str, object] = {name: _types(name) for name in (*table.inputs, *table.references)}
    nodes = lineage(None, table.sql, schema, dialect="duckdb", trim_selects=False)
    assert isinstance(nodes, dict)
    counted = [(name, "*") for name in table.inputs or table.references]
    found = {}
    for column in columns(MODELS[table.name]):
        sources = sorted(set(_leaves(nodes[column.name])))
        # A column that only counts rows, or names a case, depends on which rows there are.
        found[column.name] = sources or counted
    return found


def _leaves(node: Node) -> Iterator[Source]:
    for step in node.walk():
        if isinstance(step.expression, exp.Table):
            name = step.name.rsplit(".", 1)[-1].strip('"')
            yield (step.expression.name, name)


def _types(name: str) -> dict[str, str]:
    if name in reference.SCHEMAS:
        return {field.name: "VARCHAR" for field in reference.SCHEMAS[name]}
    return {column.name: column.type for column in columns(MODELS[name])}


def _of_files(table: str, kind: str) -> dict[str, list[Source]]:
    layouts = [layout for layout in load_layouts().values() if layout.kind == kind]
    fed = {column.name: _feeding(layouts, column.name) for column in columns(MODELS[table])}
    for column, bases in {**_DERIVED, "month": (_MONTH_OF[kind],)}.items():
        if column in fed:
            fed[column] = [*fed[column], *(source for base in bases for source in fed[base])]
    fed["release_id"] = [("release.toml", "release_id")]
    if "population" in fed:
        fed["population"] = [
            ("release.toml", "population"),
            *((f"layout:{each.name}", "population") for each in layouts),
        ]
    for column in _PLACE:
        fed[column] = [("staged_rows", column)]
    return fed


def _feeding(layouts: list[Layout], field: str) -> list[Source]:
    return [(f"layout:{layout.name}", name) for layout in layouts for name in layout.fields.get(field, ())]


def _of_published() -> dict[str, list[Source]]:
    layouts = [layout for layout in load_layouts().values() if layout.kind == "monthly_counts"]
    cells = [
        (f"layout:{layout.name}", name) for layout in layouts for measure in layout.measures for name in measure.columns
    ]
    found: dict[str, list[Source]] = {column.name: cells for column in columns(MODELS["published_counts"])}
    found["month"] = _feeding(layouts, "month")
    found["release_id"] = [("release.toml", "release_id")]
    found["table_name"] = [(f"layout:{layout.name}", "table_name") for layout in layouts]
    for column in _PLACE:
        found[column] = [("staged_rows", column)]
    return found
