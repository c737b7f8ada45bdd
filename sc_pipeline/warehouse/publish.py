"""The Parquet tables -> the published DuckDB file: built beside the old one, audited, then renamed over it."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sc_pipeline import sql as engine
from sc_pipeline.core import intake
from sc_pipeline.errors import AuditFailed
from sc_pipeline.project import Project
from sc_pipeline.schemas import meta
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.store import code_version, hash_of, read_json, write_json
from sc_pipeline.warehouse import checks as audit
from sc_pipeline.warehouse import lineage
from sc_pipeline.warehouse import tables as contents
from sc_pipeline.warehouse.checks import Outcome
from sc_pipeline.warehouse.tables import Versions

# Older and newer clients can open this version; DuckDB 2.0's own default no 1.x client can.
STORAGE_VERSION = "v1.0.0"
_HERE = Path(__file__).parent
CODE_VERSION = code_version(Path(__file__), _HERE / "tables.py", _HERE / "checks", _HERE.parent / "schemas")
# Up to this share of new rows a copy of the old file is brought up to date; past it a new one is made, without holes.
COPY_SHARE = 0.2


@dataclass(frozen=True)
class Published:
    """The published file as a publishing step leaves it."""

    path: Path
    rewritten: bool
    outcomes: list[Outcome]
    changed_figures: int


def _code_version() -> str:
    made_by = [table.code_version for table in engine.sql_tables().values()]
    return hash_of([CODE_VERSION, lineage.CODE_VERSION, intake.CODE_VERSION, made_by])


def version(project: Project) -> str:
    """The version of what is published: over the versions of everything in it."""
    return hash_of([_code_version(), contents.versions(project.store)])


def is_current(project: Project) -> bool:
    """Whether the published file holds the tables as they are."""
    note = _read_note(project)
    return note is not None and note == _note(project, contents.versions(project.store), _rows(project))


def published_versions(project: Project) -> Versions | None:
    """The versions of the tables in the published file, or None where there is no such file."""
    note = _read_note(project) if project.published.exists() else None
    return note["versions"] if note else None


def publish(project: Project, run_id: str | None = None) -> Published:
    """Publish the tables as they are. Raises AuditFailed where a blocking check finds rows; the old file stays."""
    if is_current(project):
        return Published(project.published, False, read_outcomes(project.published), 0)
    building = project.published.with_name(f".{project.published.name}.{os.getpid()}.tmp")
    sweep(project)
    after = contents.versions(project.store)
    try:
        before = _begin(project, building)
        with duckdb.connect(building, config=_config(project)) as connection:
            contents.fill(connection, project.store, before)
            changed = _add_history(connection, project.published)
            outcomes = audit.run_checks(connection)
            contents.put(connection, "checks", _checks_table(outcomes))
            contents.explain(connection)
            # Closing would write what is left too, but says nothing where the disk is full; this fails loudly.
            connection.execute("checkpoint")
        failed = [outcome for outcome in outcomes if outcome.blocking and outcome.outcome != "passed"]
        if failed:
            raise AuditFailed(f"{failed[0].table}: check {failed[0].check} {failed[0].outcome}: {failed[0].notes}; "
                              "the published file stays as it was")  # fmt: skip
        _sync(building)
        # Without a note the next build starts from nothing: killed in between, no note may speak of another file.
        _note_path(project).unlink(missing_ok=True)
        # What somebody wrote into the old file and did not finish must not be replayed over the new one.
        project.published.with_name(f"{project.published.name}.wal").unlink(missing_ok=True)
        building.replace(project.published)
        write_json(_note_path(project), _note(project, after, _rows(project)))
        return Published(project.published, True, outcomes, changed)
    finally:
        for leftover in (building, building.with_name(f"{building.name}.wal")):
            leftover.unlink(missing_ok=True)


def _config(project: Project) -> dict[str, str | bool | int | float | list[str]]:
    # What does not fit in memory goes beside the warehouse, which has room for another of its size.
    return {"storage_compatibility_version": STORAGE_VERSION, "memory_limit": engine.MEMORY_LIMIT,
            "temp_directory": str(project.scratch / "publishing")}  # fmt: skip


def _begin(project: Project, building: Path) -> Versions:
    """What the new file starts from: a copy of the published one where little of it changes, else nothing."""
    note, rows = _read_note(project), _rows(project)
    if note is None or note != _note(project, note["versions"], note["rows"]):
        return {}
    gone = max(note["rows"] - rows, 0)
    if contents.changed_rows(project.store, note["versions"]) + gone > rows * COPY_SHARE:
        return {}
    shutil.copyfile(project.published, building)
    return note["versions"]


def _rows(project: Project) -> int:
    """How many rows the published tables have together."""
    return sum(made.rows for table in contents.published_tables() if (made := project.store.summary(table)))


def sweep(project: Project) -> None:
    """Remove what killed builds left half-written; whoever calls holds the lock, so nobody is writing it."""
    shutil.rmtree(project.scratch, ignore_errors=True)
    for leftover in (*project.warehouse.glob(f".{project.published.name}.*"), *project.store.root.rglob(".*.tmp")):
        leftover.unlink(missing_ok=True)


def read_outcomes(published: Path) -> list[Outcome]:
    """What the checks said when a file was published."""
    with duckdb.connect(published, read_only=True) as connection:
        return [Outcome(*row) for row in connection.execute("select * from meta.checks").fetchall()]


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
        contents.put(connection, "figure_history", schema.empty_table())
        return 0
    with duckdb.connect(published, read_only=True) as old:
        before = old.execute("select * from meta.figure_history").to_arrow_table()
        old_figures = old.execute("select * from monthly_removals").to_arrow_table()
    connection.register("old_figures", old_figures)
    changes = connection.execute(_CHANGED_FIGURES, [datetime.now(UTC).isoformat(timespec="seconds")]).to_arrow_table()
    connection.unregister("old_figures")
    contents.put(connection, "figure_history", pa.concat_tables([before.cast(schema), changes.cast(schema)]))
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


def _sync(path: Path) -> None:
    """Have the file on disk before its name is: after a power cut the name must not point at half a file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _note_path(project: Project) -> Path:
    return project.warehouse / "published.json"


def _note(project: Project, versions: Versions, rows: int) -> dict[str, Any]:
    # Size and time tell whether somebody wrote into the file since: then the next one is made from nothing.
    stat = project.published.stat() if project.published.exists() else None
    written = [stat.st_size, stat.st_mtime_ns] if stat else None
    return {"code_version": _code_version(), "versions": versions, "rows": rows, "written": written}


def _read_note(project: Project) -> dict[str, Any] | None:
    note = read_json(_note_path(project))
    return note if note and "written" in note else None
