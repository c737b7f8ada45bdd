"""Releases that nobody reads -> a project in which all is current: what a build of nothing costs in planning alone.

Every release has its manifest and a file of its own; every table its notes, as the plan would have them, beside files
of no rows. So ten thousand releases take minutes to simulate, and planning them costs what it would of real ones.
"""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import data
from sc_pipeline import plan
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.staged import stage
from sc_pipeline.store.notes import Provenance, write_json


def planned(folder: Path, count: int) -> Project:
    """A project of so many releases, in which nothing is left to do."""
    project = Project(folder / "raw", folder / "warehouse")
    data.tiny(project.raw, count)
    look = Look(project)
    empty: dict[str, Path] = {}
    for step in plan.STEPS.values():
        for part, inputs in step.inputs(look).items():
            for table in step.tables:
                _note(look, table, part, Provenance(step.code, inputs), empty)
    return project


def _note(look: Look, table: str, release: str | None, provenance: Provenance, empty: dict[str, Path]) -> None:
    """A table, or a release's part of it, with its note; parts without rows are one file under many names."""
    store, rows = look.store, _rows(look, table, release)
    path = store.folder(table, release) if table == stage.TABLE else store.path(table, release)
    path.parent.mkdir(parents=True, exist_ok=True)
    if table == stage.TABLE:
        write_json(path / "index.json", [])
    elif release and table in empty:
        os.link(empty[table], path)
    else:
        pq.write_table(rows, path)
        empty[table] = path
    store.record(table, len(rows), f"{table}/{release}", provenance, path, release)


def _rows(look: Look, table: str, release: str | None) -> pa.Table:
    """No rows; of a table kept whole that tells of releases, one row of each."""
    if table not in MODELS:
        return pa.table({})
    schema = arrow_schema(MODELS[table])
    if release is not None or "release_id" not in schema.names:
        return schema.empty_table()
    names = look.found.ids
    columns = [pa.array(names) if name == "release_id" else pa.nulls(len(names)) for name in schema.names]
    return pa.table(columns, names=schema.names).cast(schema)
