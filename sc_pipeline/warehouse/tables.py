"""The Parquet tables -> what is in the published DuckDB file: tables, views, macro, and what each of them means."""

import json
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

import duckdb
import pyarrow as pa

from sc_pipeline import sql
from sc_pipeline.core import intake
from sc_pipeline.raw import register
from sc_pipeline.schemas import MODELS, meta
from sc_pipeline.schemas.base import arrow_schema, columns, describe
from sc_pipeline.staged import stage
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Note
from sc_pipeline.warehouse import lineage

# Rows in use and the others are stored once each; together they are every release's.
VIEWS = {
    "core.removals_by_release": "select * from main.removals union all select * from core.removals_not_serving",
    "core.detainers_by_release": "select * from main.detainers union all select * from core.detainers_not_serving",
    "main.sc_removals": "select * from main.removals where population = 'sc'",
    "main.ice_removals": "select * from main.removals where population = 'ice'",
}
# View -> what it holds, and the table that its columns are of.
_MEANINGS = {
    "sc_removals": ("The removals in use under Secure Communities.", "removals"),
    "ice_removals": ("The removals in use from all ICE records.", "removals"),
}
# Tables that may be empty -> why they are, which holds where each of these other tables is empty too.
_WHY_EMPTY: dict[str, tuple[tuple[str, ...], str]] = {
    **dict.fromkeys(
        (
            "removals",
            "level1_removals",
            "detainer_linked_removals",
            "detainer_links",
            "removals_by_place",
            "removals_by_aor",
            "criminality_counts",
            "removals_by_criminality",
            "criminality_by_aor",
            "removals_by_kind",
            "removals_by_citizenship",
            "removals_by_offense",
        ),
        (("removals",), "no release with one row a removal is in use."),
    ),
    **dict.fromkeys(
        ("detainers", "detainer_outcomes", "detainer_lift_reasons"),
        (("detainers",), "no release with one row a detainer is in use."),
    ),
    "field_disclosure": (
        ("removals_by_release", "detainers_by_release"),
        "no release with one row a removal or detainer was taken in.",
    ),
    **dict.fromkeys(("sc_removals", "ice_removals"), (("removals",), "no release with one row a removal is in use.")),
    "removals_by_release": ((), "no release with one row a removal was taken in."),
    "detainers_by_release": ((), "no release with one row a detainer was taken in."),
    "removals_not_serving": ((), "every row of a removal that was taken in is in use."),
    "detainers_not_serving": ((), "every row of a detainer that was taken in is in use."),
    "release_revisions": ((), "no release reports a month that one received before it also reports."),
    "published_years": ((), "no release prints counts of years."),
    "yearly_comparison": (("published_years",), "no release prints counts of years."),
    "quarantine": ((), "no row was quarantined, and no value was doubtful."),
    "corrections": ((), "no entry of a corrections.toml was applied."),
    "release_windows": ((), "no manifest reserves months for its release ([[serves]])."),
    "withheld_fields": ((), "no manifest declares a field withheld ([[withheld]])."),
    "figure_history": ((), "no monthly figure has changed since this file was first published."),
}
# Which schema a table is in: `main` holds what to quote, `meta` the bookkeeping, `core` the rest.
_IN_META = (
    *register.TABLES,
    "source_files",
    "quarantine",
    "corrections",
    "silences",
    "month_sources",
    "detainer_sources",
)
_IN_MAIN = (
    "removals",
    "detainers",
    "level1_removals",
    "detainer_linked_removals",
    "field_disclosure",
)
# Marts that other marts are made of.
_IN_CORE = (
    "served_months",
    "share_months",
    "share_spans",
    "twelve_months",
    "printed_averages",
    "figure_values",
    "biometric_matches",
    "criminality_counts",
    "detainer_departures",
)
_OWN = ("tables", "columns", "column_lineage", "checks", "figure_history")
# `table/release` -> the version of that part, `table/` -> of a table that is kept whole.
Versions = Mapping[str, str]


def published_tables() -> dict[str, str]:
    """Every stored table of the published file -> its schema there: `main`, `core` or `meta`."""
    viewed = {name.partition(".")[2] for name in VIEWS}
    rooms = {table: "core" for table in (*intake.TABLES, *register.TABLES) if table not in viewed}
    rooms |= {table.name: "main" if table.room == "marts" else "core" for table in sql.sql_tables().values()}
    return {table: _schema_of(table, room) for table, room in rooms.items()}


def schema_of(table: str) -> str:
    """The schema of a stored table or a view of rows in the published file; `staged` of what is not in it."""
    viewed = {name.partition(".")[2]: name.partition(".")[0] for name in VIEWS}
    return (published_tables() | viewed).get(table, "staged")


def _schema_of(table: str, room: str) -> str:
    named = {"meta": _IN_META, "main": _IN_MAIN, "core": _IN_CORE}
    return next((schema for schema, tables in named.items() if table in tables), room)


def versions(store: Store) -> dict[str, str]:
    """The version of every part of every table that is published, and of the staged rows they come from."""
    found = {_part(table, release): note.sha256 for table, release, note in _parts(store)}
    return found | {_part(stage.TABLE, release): version for release, version in _staged(store).items()}


def _parts(store: Store) -> Iterator[tuple[str, str | None, Note]]:
    for table in published_tables():
        for release, note in store.parts(table).items():
            yield table, release, note


def _part(table: str, release: str | None) -> str:
    return f"{table}/{release or ''}"


def _staged(store: Store) -> dict[str, str]:
    """Release -> the version of the staged rows that its published ones were cleaned from."""
    return {str(release): note.inputs[stage.TABLE] for release, note in store.parts("source_files").items()}


def rows_of(store: Store, without: Collection[str] = ()) -> int:
    """How many rows the published tables have together, some left out."""
    return sum(note.rows for table, _, note in _parts(store) if table not in without)


def changed_rows(store: Store, before: Versions) -> int:
    """How many rows must be written to bring a file that holds the versions `before` up to those of the store."""
    return sum(note.rows for table, release, note in _parts(store) if before.get(_part(table, release)) != note.sha256)


def fill(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    before: Versions,
    outside: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Bring the tables of a file that holds the versions `before` (none: a new file) up to those of the store.

    `outside` has the queries of the tables whose rows stay outside the file.
    """
    for schema in ("core", "meta"):
        connection.execute(f"create schema if not exists {schema}")
    connection.execute("set search_path = 'main,core,meta'")
    now = versions(store)
    for table, schema in published_tables().items():
        mine = {part for part in {*before, *now} if part.startswith(f"{table}/")}
        changed = {part.partition("/")[2] for part in mine if before.get(part) != now.get(part)}
        if table in outside:
            connection.execute(f"create view {schema}.{table} as {outside[table]}")
        elif not before or "" in changed or not store.parts(table):
            _load(connection, store, schema, table)
        else:
            _exchange(connection, store, f"{schema}.{table}", table, changed)
    put(connection, "tables", _tables_table(store))
    put(connection, "columns", _columns_table())
    put(connection, "column_lineage", lineage.lineage_table())
    for name, query in VIEWS.items():
        connection.execute(f"create or replace view {name} as {query}")
    connection.execute(lineage.TRACE_MACRO)


def _load(connection: duckdb.DuckDBPyConnection, store: Store, schema: str, table: str) -> None:
    paths = [sql.plain(path) for path in store.paths(table)]
    connection.execute(f"drop table if exists {schema}.{table}")
    rows = (
        connection.read_parquet(paths, hive_partitioning=False)
        if paths
        else connection.from_arrow(arrow_schema(MODELS[table]).empty_table())
    )
    rows.to_table(f"{schema}.{table}")


def _exchange(connection: duckdb.DuckDBPyConnection, store: Store, name: str, table: str, releases: set[str]) -> None:
    for release in sorted(releases):
        connection.execute(f"delete from {name} where release_id = ?", [release])
        if store.note(table, release):
            path = sql.plain(store.path(table, release))
            connection.execute(f"insert into {name} select * from read_parquet(?, {sql.AS_IS})", [path])


def put(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Write one of the tables of `meta` that tell of the others, in the place of an older one."""
    connection.execute(f"drop table if exists meta.{name}")
    connection.from_arrow(rows).to_table(f"meta.{name}")


def _tables_table(store: Store) -> pa.Table:
    rooms = {table.name: table.room for table in sql.sql_tables().values()}
    rows = [
        {
            "table_name": table,
            "stage": "staged" if table == stage.TABLE else rooms.get(table, "core"),
            "rows": note.rows,
            "sha256": note.sha256,
            "code_version": note.code,
            "inputs": json.dumps(_inputs_of(store, table, note), sort_keys=True),
            "run_id": note.run,
            "built_at": note.built_at,
            "commit": note.commit,
        }
        for table in (stage.TABLE, *intake.TABLES, *register.TABLES, *rooms)
        if (note := store.summary(table))
    ]
    return pa.Table.from_pylist(rows, arrow_schema(meta.Tables))


def _inputs_of(store: Store, table: str, note: Note) -> Mapping[str, str]:
    """What a table was made from, its parts taken together."""
    if table == stage.TABLE:
        return _staged(store)
    if table in sql.sql_tables():
        return {name: store.version(name) or "empty" for name in sql.sql_tables()[table].inputs}
    return note.inputs


def _columns_table() -> pa.Table:
    rows = [
        {
            "table_name": table,
            "column_name": column.name,
            "type": column.type,
            "nullable": column.nullable,
            "description": column.description,
            "unit": column.unit,
            "source": column.source,
            "key": column.key,
            "allowed": json.dumps(column.allowed) if column.allowed else None,
        }
        for table, model in MODELS.items()
        for column in columns(model)
    ]
    return pa.Table.from_pylist(rows, arrow_schema(meta.Columns))


def explain(connection: duckdb.DuckDBPyConnection, outside: Collection[str] = ()) -> None:
    """Every table's and column's meaning as a DuckDB comment, from the schemas; tables of `outside` are views."""
    stored = {**published_tables(), **dict.fromkeys(_OWN, "meta")}
    empty = _empty(connection)
    # Each comment alone would be a transaction of its own, and wait for the disk.
    connection.execute("begin transaction")
    for table, schema in stored.items():
        kind = "view" if table in outside else "table"
        explain_one(connection, kind, f"{schema}.{table}", table, describe(MODELS[table]) + empty.get(table, ""))
    for name in VIEWS:
        view = name.partition(".")[2]
        meaning, table = _MEANINGS[view] if view in _MEANINGS else (describe(MODELS[view]), view)
        explain_one(connection, "view", name, table, meaning + empty.get(view, ""))
    connection.execute("commit")


def _empty(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Empty table -> a sentence that says that it is, and why where that is known."""
    asked = [*published_tables(), *_OWN, *(name.partition(".")[2] for name in VIEWS)]
    counted = ", ".join(f"not exists (from {table})" for table in asked)
    (are_empty,) = connection.execute(f"select {counted}").fetchall()
    empty = {table for table, is_empty in zip(asked, are_empty, strict=True) if is_empty}
    found = {}
    for table in empty:
        needs, why = _WHY_EMPTY.get(table, ((), ""))
        found[table] = f" Empty in this file: {why}" if why and empty.issuperset(needs) else " Empty in this file."
    return found


def explain_one(connection: duckdb.DuckDBPyConnection, kind: str, name: str, table: str, meaning: str) -> None:
    """The meaning of one table (or view), and of its columns as the dictionary has them, as comments."""
    _comment(connection, f"{kind} {name}", meaning)
    for column in columns(MODELS[table]):
        unit = f" Unit: {column.unit}." if column.unit else ""
        _comment(connection, f'column {name}."{column.name}"', column.description + unit)


def _comment(connection: duckdb.DuckDBPyConnection, what: str, text: str) -> None:
    # A comment takes a literal only, no parameter; its quotes are doubled.
    literal = text.replace("'", "''")
    connection.execute(f"comment on {what} is '{literal}'")
