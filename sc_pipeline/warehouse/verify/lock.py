"""A built warehouse -> the hashes of its tables, kept in git, so that no change of code changes figures in silence."""

import json
from typing import Any

from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.trace.written import ask
from sc_pipeline.warehouse.verify.compare import Difference


def write_lock(project: Project) -> None:
    """Write down the hashes of the tables as they are built now. Raises UserError where nothing is published."""
    project.hash_lock.write_text(json.dumps(_lock(project), indent=1) + "\n", encoding="utf-8")


def check_lock(project: Project) -> list[Difference]:
    """What differs from the hashes kept: files of raw/, then tables.

    Raises UserError where the lock is missing, or nothing is published.
    """
    path = project.hash_lock
    if not path.exists():
        raise UserError(f"{path.name}: no such file; write it with: sc-pipeline verify --write-lock")
    locked, found = json.loads(path.read_text(encoding="utf-8")), _lock(project)
    hashes = [{name: facts["sha256"] for name, facts in lock["tables"].items()} for lock in (locked, found)]
    return [*_different("input", locked["files"], found["files"]), *_different("table", *hashes)]


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
        "files": {f"{file['release_id']}/{file['file']}": file["sha256"] for file in files},
        "tables": {table["table_name"]: {"rows": table["rows"], "sha256": table["sha256"]} for table in tables},
    }
