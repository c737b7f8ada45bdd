"""The Parquet tables -> the published DuckDB file: built beside the old one, audited, then renamed over it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sc_pipeline import audit, engine, lineage, stage
from sc_pipeline.audit import Outcome
from sc_pipeline.errors import AuditFailed
from sc_pipeline.releases import registry
from sc_pipeline.schemas import MODELS, meta
from sc_pipeline.schemas.base import arrow_schema, columns, describe
from sc_pipeline.tables import Made, Origin, Store, code_version, hash_of, write_json
from sc_pipeline.workspace import Workspace

# Older and newer clients can open this version; DuckDB 2.0's own default no 1.x client can.
STORAGE_VERSION = "v1.0.0"
RELEASE_TABLES: tuple[str, ...] = (
    "removals_by_release",
    "detainers_by_release",
    "published_counts",
    "field_disclosure",
)
RELEASE_META: tuple[str, ...] = ("source_files", "quarantine", "corrections")
VIEWS = {
    "sc_removals": ("select * from removals where population = 'sc'", "The removals in use under Secure Communities."),
    "ice_removals": ("select * from removals where population = 'ice'", "The removals in use from all ICE records."),
}
_HERE = Path(__file__).parent
CODE_VERSION = code_version(Path(__file__), _HERE / "audit.py", _HERE / "schemas", _HERE / "sql" / "checks")


@dataclass(frozen=True)
class Published:
    """The published file as a publishing step leaves it."""

    path: Path
    rewritten: bool
    outcomes: list[Outcome]
    changed_figures: int


def published_tables() -> dict[str, str]:
    """Every table in the published file -> its schema there, `main` or `meta`."""
    places = dict.fromkeys(RELEASE_TABLES, "main")
    places |= dict.fromkeys((*RELEASE_META, *registry.TABLES), "meta")
    for table in engine.sql_tables().values():
        places[table.name] = "meta" if table.stage == "meta" else "main"
    return places


def origin(store: Store) -> Origin:
    """What the published file depends on."""
    inputs = {table: store.version(table) or "empty" for table in published_tables()}
    return Origin(hash_of([CODE_VERSION, lineage.CODE_VERSION]), inputs)


def version(ws: Workspace) -> str:
    """The version of what is published: over the versions of everything in it."""
    now = origin(ws.store)
    return hash_of([now.code_version, now.inputs])


def is_current(ws: Workspace) -> bool:
    """Whether the published file holds the tables as they are."""
    note = _read_note(ws)
    return note is not None and note == _note(ws, origin(ws.store))


def published_inputs(ws: Workspace) -> Mapping[str, str] | None:
    """The versions of the tables in the published file, or None where there is no such file."""
    note = _read_note(ws) if ws.published.exists() else None
    return note["inputs"] if note else None


def publish(ws: Workspace, run_id: str | None = None) -> Published:
    """Publish the tables as they are. Raises AuditFailed where a blocking check finds rows; the old file stays."""
    if is_current(ws):
        return Published(ws.published, False, read_outcomes(ws.published), 0)
    building = ws.published.with_name(f".{ws.published.name}.{os.getpid()}.tmp")
    sweep(ws)
    made_from = origin(ws.store)
    try:
        with duckdb.connect(building, config={"storage_compatibility_version": STORAGE_VERSION}) as connection:
            _load(connection, ws.store)
            changed = _add_history(connection, ws.published)
            outcomes = audit.run_checks(connection)
            _add_table(connection, "checks", _checks_table(outcomes))
            _describe(connection)
            # Closing would write what is left too, but says nothing where the disk is full; this fails loudly.
            connection.execute("checkpoint")
        failed = [outcome for outcome in outcomes if outcome.blocking and outcome.outcome != "passed"]
        if failed:
            write_json(ws.warehouse / "tables" / "last_audit.json", [outcome.__dict__ for outcome in outcomes])
            raise AuditFailed(f"{failed[0].table}: check {failed[0].check} {failed[0].outcome}: {failed[0].notes}; "
                              "the published file stays as it was")  # fmt: skip
        _sync(building)
        building.replace(ws.published)
        write_json(_note_path(ws), _note(ws, made_from))
        return Published(ws.published, True, outcomes, changed)
    finally:
        for leftover in (building, building.with_name(f"{building.name}.wal")):
            leftover.unlink(missing_ok=True)


def sweep(ws: Workspace) -> None:
    """Remove what killed builds left half-written; whoever calls holds the lock, so nobody is writing it."""
    for leftover in (*ws.warehouse.glob(".*.tmp*"), *ws.store.root.rglob(".*.tmp")):
        leftover.unlink(missing_ok=True)


def read_outcomes(published: Path) -> list[Outcome]:
    """What the checks said when a file was published."""
    with duckdb.connect(published, read_only=True) as connection:
        return [Outcome(*row) for row in connection.execute("select * from meta.checks").fetchall()]


def _load(connection: duckdb.DuckDBPyConnection, store: Store) -> None:
    connection.execute("create schema meta")
    connection.execute("set search_path = 'main,meta'")
    for table, schema in published_tables().items():
        paths = store.paths(table)
        rows = connection.read_parquet([str(path) for path in paths]) if paths else _empty(connection, table)
        rows.to_table(f"{schema}.{table}")
    _add_table(connection, "tables", _tables_table(store))
    _add_table(connection, "columns", _columns_table())
    _add_table(connection, "column_lineage", lineage.lineage_table())
    for name, (sql, _) in VIEWS.items():
        connection.execute(f"create view {name} as {sql}")
    connection.execute(lineage.TRACE_MACRO)


def _empty(connection: duckdb.DuckDBPyConnection, table: str) -> duckdb.DuckDBPyRelation:
    return connection.from_arrow(arrow_schema(MODELS[table]).empty_table())


def _add_table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.from_arrow(rows).to_table(f"meta.{name}")


def _tables_table(store: Store) -> pa.Table:
    rows = []
    stages = {table.name: table.stage for table in engine.sql_tables().values()}
    for table in (stage.TABLE, *published_tables()):
        made = _whole(store, table)
        if made is None:
            continue
        rows.append(
            {"table_name": table, "stage": "staged" if table == stage.TABLE else stages.get(table, "core"),
             "rows": made.rows, "sha256": made.sha256, "code_version": made.code_version,
             "inputs": json.dumps(made.inputs, sort_keys=True), "run_id": made.run_id, "built_at": made.built_at,
             "commit": made.commit}
        )  # fmt: skip
    return pa.Table.from_pylist(rows, arrow_schema(meta.Tables))


def _whole(store: Store, table: str) -> Made | None:
    """What made a table; for one kept per release, its parts taken together, each release's part being an input."""
    made = store.made(table)
    if made:
        return made
    if table == stage.TABLE:
        folders = sorted(path.name for path in (store.root / table).glob("*") if path.is_dir())
        parts = {name: staged.made for name in folders if (staged := stage.read_staged(store, name))}
    else:
        parts = {release: part for release in store.releases(table) if (part := store.made(table, release))}
    if not parts:
        return None
    last = max(parts.values(), key=lambda part: part.built_at)
    return Made(
        rows=sum(part.rows for part in parts.values()),
        sha256=hash_of({release: part.sha256 for release, part in parts.items()}),
        code_version=last.code_version,
        inputs={release: part.sha256 for release, part in parts.items()},
        run_id=last.run_id,
        built_at=last.built_at,
        commit=last.commit,
    )


def _columns_table() -> pa.Table:
    rows = [
        {"table_name": table, "column_name": column.name, "type": column.type, "nullable": column.nullable,
         "description": column.description, "unit": column.unit, "source": column.source}
        for table, model in MODELS.items() for column in columns(model)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, arrow_schema(meta.Columns))


def _checks_table(outcomes: list[Outcome]) -> pa.Table:
    rows = [
        {"check_name": outcome.check, "table_name": outcome.table, "outcome": outcome.outcome,
         "blocking": outcome.blocking, "bad_rows": outcome.bad_rows, "notes": outcome.notes}
        for outcome in outcomes
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, arrow_schema(meta.Checks))


def _add_history(connection: duckdb.DuckDBPyConnection, published: Path) -> int:
    """The old file's history and, after it, every monthly figure that differs from the one published there."""
    schema = arrow_schema(meta.FigureHistory)
    if not published.exists():
        _add_table(connection, "figure_history", schema.empty_table())
        return 0
    with duckdb.connect(published, read_only=True) as old:
        before = old.execute("select * from meta.figure_history").to_arrow_table()
        old_figures = old.execute("select * from monthly_removals").to_arrow_table()
    connection.register("old_figures", old_figures)
    changes = connection.execute(_CHANGED_FIGURES, [datetime.now(UTC).isoformat(timespec="seconds")]).to_arrow_table()
    connection.unregister("old_figures")
    _add_table(connection, "figure_history", pa.concat_tables([before.cast(schema), changes.cast(schema)]))
    return len(changes)


_CHANGED_FIGURES = """
select
    coalesce(new.month, old.month) as month,
    coalesce(new.population, old.population) as population,
    coalesce(new.subset, old.subset) as subset,
    old.removals as old,
    new.removals as new,
    old.release_id as old_release,
    new.release_id as release,
    cast(? as varchar) as changed_at
from main.monthly_removals as new
full join old_figures as old
    on old.month = new.month
    and old.population = new.population
    and old.subset = new.subset
where old.removals is distinct from new.removals
order by 1, 2, 3
"""


def _describe(connection: duckdb.DuckDBPyConnection) -> None:
    """Every table's and column's meaning as a DuckDB comment, from the schemas."""
    places = {
        **published_tables(),
        **dict.fromkeys(("tables", "columns", "column_lineage", "checks", "figure_history"), "meta"),
    }
    for table, schema in places.items():
        _comment(connection, f"table {schema}.{table}", describe(MODELS[table]))
        for column in columns(MODELS[table]):
            unit = f" Unit: {column.unit}." if column.unit else ""
            _comment(connection, f'column {schema}.{table}."{column.name}"', column.description + unit)
    for name, (_, meaning) in VIEWS.items():
        _comment(connection, f"view {name}", meaning)


def _comment(connection: duckdb.DuckDBPyConnection, what: str, text: str) -> None:
    # A comment takes a literal only, no parameter; its quotes are doubled.
    literal = text.replace("'", "''")
    connection.execute(f"comment on {what} is '{literal}'")


def _sync(path: Path) -> None:
    """Have the file on disk before its name is: after a power cut the name must not point at half a file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _note_path(ws: Workspace) -> Path:
    return ws.warehouse / "published.json"


def _note(ws: Workspace, made_from: Origin) -> dict[str, Any]:
    size = ws.published.stat().st_size if ws.published.exists() else None
    return {"code_version": made_from.code_version, "inputs": made_from.inputs, "bytes": size}


def _read_note(ws: Workspace) -> dict[str, Any] | None:
    return json.loads(_note_path(ws).read_text()) if _note_path(ws).exists() else None
