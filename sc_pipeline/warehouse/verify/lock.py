"""A built warehouse -> the hashes of its tables, kept in git, so that no change of code changes figures in silence."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sc_pipeline.errors import UserError
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.staged import stage
from sc_pipeline.warehouse.trace.written import ask, open_published
from sc_pipeline.warehouse.verify.compare import Difference

LOCK = REPOSITORY / "warehouse.lock.json"
# The bytes of a Parquet file are the same only where the same versions of these wrote it.
_WRITERS = ("duckdb", "polars", "pyarrow")


def write_lock(project: Project, path: Path = LOCK) -> None:
    """Write down the hashes of the tables as they are built now. Raises UserError where nothing is published."""
    path.write_text(json.dumps(_lock(project), indent=1) + "\n", encoding="utf-8")


def check_lock(project: Project, path: Path = LOCK) -> list[Difference]:
    """What differs from the hashes kept: files of raw/, then tables.

    Where the locked versions of the libraries are installed the bytes of the tables are compared, else their rows.
    Raises UserError where there is no lock, or nothing is published.
    """
    if not path.exists():
        raise UserError(f"{path.name}: no such file; write it with: sc-pipeline verify --write-lock")
    locked, found = json.loads(path.read_text(encoding="utf-8")), _lock(project)
    key = "sha256" if locked["versions"] == found["versions"] else "rows_sha256"
    return [
        *_different("input", locked["files"], found["files"]),
        *_different("table", {name: facts[key] for name, facts in locked["tables"].items()},
                    {name: facts[key] for name, facts in found["tables"].items()}),
    ]  # fmt: skip


def _different(kind: str, locked: dict[str, str], found: dict[str, str]) -> list[Difference]:
    return [
        Difference(kind, name, locked.get(name, "none")[:12], found.get(name, "none")[:12])
        for name in dict.fromkeys((*locked, *found))
        if locked.get(name) != found.get(name)
    ]


def _lock(project: Project) -> dict[str, Any]:
    with open_published(project) as connection:
        tables = ask(connection, "select table_name, rows, sha256 from meta.tables order by table_name")
        files = ask(connection, "select release_id, file, sha256 from meta.source_files order by release_id, file")
    return {
        "versions": {name: version(name) for name in _WRITERS},
        "files": {f"{file['release_id']}/{file['file']}": file["sha256"] for file in files},
        "tables": {
            table["table_name"]: {
                "rows": table["rows"],
                "sha256": table["sha256"],
                "rows_sha256": _hash_of_rows(_parts(project, table["table_name"])),
            }
            for table in tables
        },
    }


def _parts(project: Project, table: str) -> list[Path]:
    if table == stage.TABLE:
        return sorted((project.store.root / table).glob("*/*.parquet"))
    return project.store.paths(table)


def _hash_of_rows(parts: list[Path]) -> str:
    """A hash of column names and values alone, whatever wrote the files."""
    digest = hashlib.sha256()
    for part in parts:
        with pq.ParquetFile(part) as file:
            digest.update(json.dumps(file.schema_arrow.names).encode())
            for batch in file.iter_batches():
                for row in batch.to_pylist():
                    digest.update(json.dumps(list(row.values()), default=str).encode())
    return digest.hexdigest()
