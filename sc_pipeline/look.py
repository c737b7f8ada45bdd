"""One look at a project: what is in raw/, what is in the store, and which releases are refused."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sc_pipeline import limits, sql
from sc_pipeline.core import intake
from sc_pipeline.errors import UserError
from sc_pipeline.hashing import hash_of
from sc_pipeline.limits import memory
from sc_pipeline.project import Project
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.look import Found, look
from sc_pipeline.raw.release import Release, changes_since, load_release
from sc_pipeline.sql import Source, SqlTable
from sc_pipeline.staged import stage
from sc_pipeline.staged.vocabularies import digest_of_words
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance
from sc_pipeline.store.parts import read_part

REFUSALS = "refusals"
_REFUSALS = pa.schema({"release_id": pa.string(), "problem": pa.string()})
# Past this many rows the parts of a table are not worth holding in memory between the queries that read them.
_SMALL_ROWS = 200_000
# Asked for less than one in so many of a table's releases, reading theirs alone is cheaper than holding all.
_FEW = 4

# What taking in costs of processor time, and from how much of it on more processes pay: each costs two seconds to
# start. docs/scale.md has what was measured.
_RELEASE_SECONDS, _BYTES_A_SECOND, _WORTH_SECONDS = 0.25, 25e6, 6
# What a process may take for itself, where the project does not say how many there are.
_WORKER_MEMORY = 2 << 30

# A part of a table: one release's, or None for a table kept whole.
Part = str | None


@dataclass
class Look:
    """One look at a project: what is in raw/, what is in the store, and why releases are refused."""

    project: Project
    run: str | None = None
    say: Callable[[str], None] = lambda line: None
    given: Release | None = None  # the one release that is asked for, as another look found it: no other is looked for
    _refused: dict[str, str] = field(default_factory=dict)
    _read: dict[str, tuple[str | None, pa.Table]] = field(default_factory=dict)
    _versions: dict[tuple[str, str], dict[Part, str]] = field(default_factory=dict)

    @cached_property
    def store(self) -> Store:
        """The tables, with their notes as this look found them."""
        return Store.of(self.project, self.given and self.given.id)

    @property
    def limits(self) -> tuple[int | None, str | None]:
        """Threads and memory that queries may use; None where the project sets no limit."""
        return self.project.settings.threads, self.project.settings.memory_limit

    def rows(self, table: SqlTable, views: Mapping[str, Source]) -> pa.RecordBatchReader:
        """The rows of a table made by SQL, by the engine that the project sets. Raises as `sql.run` and `spark.run`."""
        if self.project.settings.engine == "spark":
            from sc_pipeline.sql import spark

            return spark.run(self.project, table, views)
        return sql.run(table, views, *self.limits)

    def workers(self, releases: Collection[str]) -> int:
        """How many processes should take some releases in: one, this one, where starting more would not pay."""
        files = [file for name in releases for file in self.found.releases[name].files]
        seconds = _RELEASE_SECONDS * len(releases) + sum(file.bytes for file in files) / _BYTES_A_SECOND
        if seconds < _WORTH_SECONDS:
            return 1
        by_memory = memory() // _WORKER_MEMORY
        return min(len(releases), self.project.settings.workers or max(1, min(os.cpu_count() or 1, by_memory)))

    @cached_property
    def found(self) -> Found:
        """The releases in raw/; those that cannot be taken in are refused."""
        if self.given:
            return Found({self.given.id: self.given}, {})
        found = look(self.project.raw, self._hashes)
        self._refused |= found.problems
        for release in found.releases.values():
            if problem := self._landed_otherwise(release) or self._was_refused(release):
                self._refused[release.id] = problem
        return found

    @property
    def refused(self) -> dict[str, str]:
        """Release -> why it is refused as it is in raw/ now."""
        return self._refused if self.found else {}

    @property
    def with_rows(self) -> set[str]:
        """The releases that have rows in the tables."""
        return {str(part) for part in self.store.parts("source_files")}

    @property
    def releases(self) -> dict[str, Release]:
        """The releases that are not refused."""
        return {name: release for name, release in self.found.releases.items() if name not in self.refused}

    def release(self, release_id: str) -> Release:
        """One release in raw/. Raises UserError with the reason where it is refused or not there."""
        if release_id in self.found.releases and release_id not in self.refused:
            return self.found.releases[release_id]
        gone = f"{release_id}: no such release in {self.project.raw.name}/; its rows leave with the next build"
        raise UserError(self.refused.get(release_id, gone))

    def is_unchanged(self, release: Release) -> bool:
        """Whether a release's files are still those that this look found."""
        try:
            now = load_release(release.id, release.path, self._hashes)
        except UserError:
            return False
        return now.sha256 == release.sha256

    @cached_property
    def _hashes(self) -> FileHashes:
        return FileHashes(self.project.raw, self.project.warehouse / "file_hashes.json")

    @property
    def gone(self) -> list[str]:
        """Releases that have rows and are no longer in raw/."""
        return sorted(set(self.store.releases()) - set(self.found.ids))

    @property
    def has_rows(self) -> bool:
        """Whether any release's rows are in the tables."""
        return bool(self.with_rows)

    def set_aside(self, release_id: str, problem: UserError) -> None:
        """Leave a release out for as long as this look lasts: another process noted why, or the next build may do."""
        self._refused[release_id] = str(problem)

    def refuse(self, release: Release, problem: UserError) -> None:
        """Note why a release could not be taken in; it counts until its files, its manifest or the code change."""
        self.set_aside(release.id, problem)
        row = pa.Table.from_pylist([{"release_id": release.id, "problem": str(problem)}], schema=_REFUSALS)
        self.store.write(REFUSALS, row, _refusal_provenance(release), release.id)

    def _was_refused(self, release: Release) -> str | None:
        if not self.store.is_current(REFUSALS, _refusal_provenance(release), release.id):
            return None
        return read_part(self.store.path(REFUSALS, release.id))["problem"][0].as_py()

    def _landed_otherwise(self, release: Release) -> str | None:
        note = self.store.note(stage.TABLE, release.id)
        return changes_since(release, stage.landed_files(note)) if note else None

    def source(self, table: str, releases: list[str] | None = None) -> Source:
        """A table as SQL reads it: its files, or where it is many small ones their rows, read once for all queries."""
        parts = self.store.parts(table)
        if None in parts:
            whole = self.store.paths(table)
            return whole if releases is None else _rows_of(self._in_memory(table), releases)
        if releases is not None and _FEW * len(releases) < len(parts):
            return self.store.paths(table, releases)
        if len(parts) > 1 and sum(note.rows for note in parts.values()) <= _SMALL_ROWS:
            rows = self._in_memory(table)
            return rows if releases is None else _rows_of(rows, releases)
        return self.store.paths(table, releases)

    def _in_memory(self, table: str) -> pa.Table:
        version = self.store.version(table)
        if self._read.get(table, (None,))[0] != version:
            # One thread: for files this small, sharing the columns out costs more than reading them.
            rows = [read_part(path) for path in self.store.paths(table)]
            self._read[table] = (version, pa.concat_tables(rows))
        return self._read[table][1]

    def versions_by_release(self, table: str) -> dict[Part, str]:
        """The version of what a table holds of each release."""
        parts = self.store.parts(table)
        if None not in parts:
            return {release: note.sha256 for release, note in parts.items()}
        key = (table, parts[None].sha256)
        if key not in self._versions:
            rows: dict[Part, list[dict[str, Any]]] = {}
            for row in self._in_memory(table).to_pylist():
                rows.setdefault(row["release_id"], []).append(row)
            self._versions[key] = {release: hash_of(its) for release, its in rows.items()}
        return self._versions[key]


def _rows_of(rows: pa.Table, releases: Collection[str]) -> pa.Table:
    return rows.filter(pc.field("release_id").isin(list(releases)))


def _refusal_provenance(release: Release) -> Provenance:
    inputs = {
        "files": release.sha256,
        "settings": release.settings_sha256,
        "vocabulary": digest_of_words(release.project),
        "limits": hash_of(limits.changed()),
    }
    return Provenance(hash_of([stage.CODE_VERSION, intake.CODE_VERSION]), inputs)
