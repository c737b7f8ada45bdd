"""The Parquet tables -> what stands in the published DuckDB file: tables, views, macro, and what each of them means."""

import json
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from sc_pipeline import sql as engine
from sc_pipeline.core import intake
from sc_pipeline.plan import is_by_release
from sc_pipeline.raw import register as registry
from sc_pipeline.schemas import MODELS, meta
from sc_pipeline.schemas.base import arrow_schema, columns, describe
from sc_pipeline.staged import stage
from sc_pipeline.store import Store, taken_together
from sc_pipeline.warehouse import lineage

# Rows in use and the others are stored once each; together they are every release's.
VIEWS = {
    "removals_by_release": "select * from removals union all select * from removals_not_serving",
    "detainers_by_release": "select * from detainers union all select * from detainers_not_serving",
    "sc_removals": "select * from removals where population = 'sc'",
    "ice_removals": "select * from removals where population = 'ice'",
}
_MEANINGS = {
    "sc_removals": "The removals in use under Secure Communities.",
    "ice_removals": "The removals in use from all ICE records.",
}
_IN_META = ("month_sources", "detainer_sources")
_IN_MAIN = ("published_counts", "field_disclosure")
_OWN = ("tables", "columns", "column_lineage", "checks", "figure_history")
# Table -> release -> version of its part; a table that is kept whole has one part without a release.
Versions = dict[str, dict[str, str]]
WHOLE = ""


def published_tables() -> dict[str, str]:
    """Every stored table of the published file -> its schema there, `main` or `meta`."""
    places = {table: "main" if table in _IN_MAIN else "meta" for table in intake.TABLES if table not in VIEWS}
    places |= dict.fromkeys(registry.TABLES, "meta")
    for table in engine.sql_tables().values():
        places[table.name] = "meta" if table.name in _IN_META else "main"
    return places


def versions(store: Store) -> Versions:
    """The version of every part of every table that is published, and of the staged rows they come from."""
    found: Versions = {}
    for table in published_tables():
        whole = None if is_by_release(table) else store.made(table)
        parts = {WHOLE: whole} if whole else store.parts(table)
        found[table] = {part: made.sha256 for part, made in parts.items()}
    return {**found, stage.TABLE: _staged(store)}


def _staged(store: Store) -> dict[str, str]:
    """Release -> the version of the staged rows that its published ones were cleaned from."""
    return {release: made.inputs[stage.TABLE] for release, made in store.parts("source_files").items()}


def fill(connection: duckdb.DuckDBPyConnection, store: Store, before: Versions) -> None:
    """Bring the tables of a file that holds the versions `before` (none: a new file) up to those of the store."""
    connection.execute("create schema if not exists meta")
    connection.execute("set search_path = 'main,meta'")
    after = versions(store)
    for table, schema in published_tables().items():
        changed = {part for part in {*before.get(table, {}), *after[table]}
                   if before.get(table, {}).get(part) != after[table].get(part)}  # fmt: skip
        if not before or WHOLE in changed or not after[table]:
            _load(connection, store, f"{schema}.{table}", after[table])
        else:
            _exchange(connection, store, f"{schema}.{table}", changed)
    put(connection, "tables", _tables_table(store))
    put(connection, "columns", _columns_table())
    put(connection, "column_lineage", lineage.lineage_table())
    for name, sql in VIEWS.items():
        connection.execute(f"create or replace view {name} as {sql}")
    connection.execute(lineage.TRACE_MACRO)


def changed_rows(store: Store, before: Versions) -> int:
    """How many rows would be written to bring a file that holds the versions `before` up to those of the store."""
    rows = 0
    after = versions(store)
    for table in published_tables():
        for part, version in after[table].items():
            made = store.made(table, part or None)
            rows += made.rows if made and before.get(table, {}).get(part) != version else 0
    return rows


def _load(connection: duckdb.DuckDBPyConnection, store: Store, name: str, parts: Mapping[str, str]) -> None:
    table = name.partition(".")[2]
    paths = [str(path) for path in store.paths(table)] if parts else []
    connection.execute(f"drop table if exists {name}")
    rows = connection.read_parquet(paths) if paths else connection.from_arrow(arrow_schema(MODELS[table]).empty_table())
    rows.to_table(name)


def _exchange(connection: duckdb.DuckDBPyConnection, store: Store, name: str, releases: set[str]) -> None:
    for release in sorted(releases):
        path = store.path(name.partition(".")[2], release)
        connection.execute(f"delete from {name} where release_id = ?", [release])
        if path.exists():
            connection.execute(f"insert into {name} select * from read_parquet(?)", [str(path)])


def put(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Write one of the tables of `meta` that tell of the others, in the place of an older one."""
    connection.execute(f"drop table if exists meta.{name}")
    connection.from_arrow(rows).to_table(f"meta.{name}")


def _tables_table(store: Store) -> pa.Table:
    rows = []
    stages = {table.name: table.room for table in engine.sql_tables().values()}
    for table in (stage.TABLE, *intake.TABLES, *registry.TABLES, *stages):
        made = taken_together(stage.parts(store)) if table == stage.TABLE else store.summary(table)
        if made is None:
            continue
        noted = _staged(store) if table == stage.TABLE else made.inputs
        if table in stages:
            noted = {input: store.version(input) or "empty" for input in engine.sql_tables()[table].inputs}
        rows.append(
            {"table_name": table, "stage": "staged" if table == stage.TABLE else stages.get(table, "core"),
             "rows": made.rows, "sha256": made.sha256, "code_version": made.code_version,
             "inputs": json.dumps(noted, sort_keys=True), "run_id": made.run_id, "built_at": made.built_at,
             "commit": made.commit}
        )  # fmt: skip
    return pa.Table.from_pylist(rows, arrow_schema(meta.Tables))


def _columns_table() -> pa.Table:
    rows = [
        {"table_name": table, "column_name": column.name, "type": column.type, "nullable": column.nullable,
         "description": column.description, "unit": column.unit, "source": column.source}
        for table, model in MODELS.items() for column in columns(model)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, arrow_schema(meta.Columns))


def explain(connection: duckdb.DuckDBPyConnection) -> None:
    """Every table's and column's meaning as a DuckDB comment, from the schemas."""
    stored = {**published_tables(), **dict.fromkeys(_OWN, "meta")}
    for table, schema in stored.items():
        _explain(connection, "table", f"{schema}.{table}", table)
    for view in VIEWS:
        if view in MODELS:
            _explain(connection, "view", f"main.{view}", view)
        else:
            _comment(connection, f"view {view}", _MEANINGS[view])


def _explain(connection: duckdb.DuckDBPyConnection, kind: str, name: str, table: str) -> None:
    _comment(connection, f"{kind} {name}", describe(MODELS[table]))
    for column in columns(MODELS[table]):
        unit = f" Unit: {column.unit}." if column.unit else ""
        _comment(connection, f'column {name}."{column.name}"', column.description + unit)


def _comment(connection: duckdb.DuckDBPyConnection, what: str, text: str) -> None:
    # A comment takes a literal only, no parameter; its quotes are doubled.
    literal = text.replace("'", "''")
    connection.execute(f"comment on {what} is '{literal}'")
