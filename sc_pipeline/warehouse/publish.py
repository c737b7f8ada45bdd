"""The Parquet tables -> the published DuckDB file: built beside the old one, audited, then renamed over it."""

import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from sc_pipeline import sql
from sc_pipeline.core import intake
from sc_pipeline.errors import AuditFailed
from sc_pipeline.hashing import code_version, hash_of
from sc_pipeline.project import Project
from sc_pipeline.schemas import meta
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance
from sc_pipeline.warehouse import checks, lineage, row_files, tables
from sc_pipeline.warehouse.checks import Outcome
from sc_pipeline.warehouse.published import stand_in
from sc_pipeline.warehouse.row_files import RowFiles

TABLE = "warehouse"  # the published file, as the store's notes call it
# Older and newer clients can open this version; DuckDB 2.0's own default no 1.x client can.
STORAGE_VERSION = "v1.0.0"
# A block holds one column's rows, and each column has its own: in small tables most of a large block is empty. Blocks
# other than DuckDB's own 262,144 bytes are read by clients from 1.1 on. A large file has little to gain.
_SMALL_BLOCK, _SMALL_ROWS = 16_384, 1_000_000
_HERE = Path(__file__).parent
# Up to this share of new rows a copy of the old file is brought up to date; past it a new one is made, without holes.
COPY_SHARE = 0.2
_PLACE = "rows"  # among the inputs: where the views look for the rows that are not in the file
_logger = logging.getLogger(__name__)


@cache
def code() -> str:
    """The version of all code whose work the published file shows."""
    own = code_version(
        Path(__file__), _HERE / "tables.py", _HERE / "row_files.py", _HERE / "checks", _HERE.parent / "schemas"
    )
    made_by = [table.code_version for table in sql.sql_tables().values()]
    return hash_of([own, lineage.CODE_VERSION, intake.CODE_VERSION, made_by])[:12]


def inputs_of(project: Project, store: Store) -> dict[str, str]:
    """What the published file is made from: every part of every table in it, and where the rows outside it are."""
    files = RowFiles.of(project, store, tables.rows_of(store))
    place = {} if files is None else {_PLACE: files.place if files.are_whole() else "to be written"}
    return tables.versions(store) | place


def publish(project: Project, store: Store, provenance: Provenance) -> None:
    """Publish the tables as they are. Raises AuditFailed where a blocking check finds rows; the old file stays."""
    building = project.published.with_name(f".{project.published.name}.{os.getpid()}.tmp")
    sweep(project)
    store.sweep()
    files = RowFiles.of(project, store, tables.rows_of(store))
    if files:
        files.write()
        provenance = replace(provenance, inputs=inputs_of(project, store))
    views = files.views() if files else {}
    try:
        before = {} if files else _begin(project, store, building, provenance)
        with duckdb.connect(building, config=_config(project, tables.rows_of(store, views))) as connection:
            stand_in(connection, project)
            tables.fill(connection, store, before, views)
            _add_history(connection, project.published)
            outcomes = checks.run_checks(connection)
            tables.put(connection, "checks", _checks_table(outcomes))
            tables.explain(connection, views)
            # Closing would write what is left too, but says nothing where the disk is full; this fails loudly.
            connection.execute("checkpoint")
        _refuse_failed(outcomes)
        _sync(building)
        # Without a note the next build starts from nothing: killed in between, no note may speak of another file.
        store.drop(TABLE)
        # What somebody wrote into the old file and did not finish must not be replayed over the new one.
        project.published.with_name(f"{project.published.name}.wal").unlink(missing_ok=True)
        building.replace(project.published)
        store.record(TABLE, tables.rows_of(store), hash_of(provenance.inputs), provenance, project.published)
        row_files.sweep(project.rows, files)
    finally:
        for leftover in (building, building.with_name(f"{building.name}.wal")):
            leftover.unlink(missing_ok=True)


def _refuse_failed(outcomes: list[Outcome]) -> None:
    failed = [outcome for outcome in outcomes if outcome.blocking and outcome.outcome != "passed"]
    if failed:
        raise AuditFailed(
            f"{failed[0].table}: check {failed[0].check} {failed[0].outcome}: {failed[0].notes}; "
            "the published file stays as it was"
        )


def _config(project: Project, rows: int) -> dict[str, str | bool | int | float | list[str]]:
    # What does not fit in memory goes beside the warehouse, which has room for another of its size.
    settings = project.settings
    return {
        "storage_compatibility_version": STORAGE_VERSION,
        "memory_limit": settings.memory_limit or sql.MEMORY_LIMIT,
        "temp_directory": str(project.scratch / "publishing"),
        **({"default_block_size": _SMALL_BLOCK} if rows <= _SMALL_ROWS else {}),
        **({"threads": settings.threads} if settings.threads else {}),
    }


def _begin(project: Project, store: Store, building: Path, provenance: Provenance) -> Mapping[str, str]:
    """What the new file starts from: a copy of the published one where little of it changes, else nothing."""
    note, rows = store.note(TABLE), tables.rows_of(store)
    if note is None or note.code != provenance.code or _PLACE in note.inputs:
        return {}
    gone = max(note.rows - rows, 0)
    if tables.changed_rows(store, note.inputs) + gone > rows * COPY_SHARE:
        return {}
    shutil.copyfile(project.published, building)
    return note.inputs


def sweep(project: Project) -> None:
    """Remove what killed builds left half-written; whoever calls holds the lock, so nobody is writing it."""
    shutil.rmtree(project.scratch, ignore_errors=True)
    for leftover in project.warehouse.glob(f".{project.published.name}.*"):
        leftover.unlink(missing_ok=True)


def _checks_table(outcomes: list[Outcome]) -> pa.Table:
    rows = [
        {
            "check_name": outcome.check,
            "table_name": outcome.table,
            "outcome": outcome.outcome,
            "blocking": outcome.blocking,
            "bad_rows": outcome.bad_rows,
            "notes": outcome.notes,
            "is_note": outcome.is_note,
        }
        for outcome in outcomes
    ]
    return pa.Table.from_pylist(rows, arrow_schema(meta.Checks))


def _add_history(connection: duckdb.DuckDBPyConnection, published: Path) -> None:
    """The old file's history and, after it, every monthly figure that differs from the one published there."""
    schema = arrow_schema(meta.FigureHistory)
    before, old_figures = _old_figures(published)
    if before is None or old_figures is None:
        tables.put(connection, "figure_history", schema.empty_table())
        return
    connection.register("old_figures", old_figures)
    changes = connection.execute(_CHANGED_FIGURES, [datetime.now(UTC).isoformat(timespec="seconds")]).to_arrow_table()
    connection.unregister("old_figures")
    tables.put(connection, "figure_history", pa.concat_tables([before.cast(schema), changes.cast(schema)]))


def _old_figures(published: Path) -> tuple[pa.Table | None, pa.Table | None]:
    """The old file's history and its monthly figures; empty where the file is missing or cannot be read."""
    if not published.exists():
        return None, None
    try:
        with duckdb.connect(published, read_only=True) as old:
            history = old.execute("select * from meta.figure_history").to_arrow_table()
            figures = old.execute("select month, population, subset, removals, release_id from monthly_removals")
            return history, figures.to_arrow_table()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        _logger.warning("%s: cannot be read (%s), so it is made again without its history", published.name, reason)
        return None, None


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


def _sync(path: Path) -> None:
    """Have the file on disk before its name is: after a power cut the name must not point at half a file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
