"""The Parquet table store: one file per table, or one per table and release, each with a note of what made it."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

# Fixed, so that the same rows give the same bytes on any machine.
ROW_GROUP = 122_880
_PACKAGE = Path(__file__).parent
# No statistics: they take a quarter of the time of writing, and every query goes through whole columns.
_WRITER = {"compression": "zstd", "compression_level": 1, "version": "2.6", "write_statistics": False}


@dataclass(frozen=True)
class Made:
    """How a table came about. `inputs` holds the version of everything it was made from."""

    rows: int
    sha256: str
    code_version: str
    inputs: dict[str, str]
    run_id: str | None
    built_at: str
    commit: str | None


@dataclass(frozen=True)
class Origin:
    """What a table is about to be made from: its code, its inputs' versions, and the run that makes it."""

    code_version: str
    inputs: dict[str, str]
    run_id: str | None = None
    commit: str | None = None


@dataclass(frozen=True)
class Store:
    """The folder of tables."""

    root: Path

    def path(self, table: str, release: str | None = None) -> Path:
        """The Parquet file of a table, or of one release's part of it."""
        return self.root / table / f"{release}.parquet" if release else self.root / f"{table}.parquet"

    def paths(self, table: str) -> list[Path]:
        """All Parquet files of a table, in a fixed order."""
        whole = self.path(table)
        return [whole] if whole.exists() else sorted((self.root / table).glob("*.parquet"))

    def releases(self, table: str) -> list[str]:
        """The releases a table has a part for."""
        return [path.stem for path in sorted((self.root / table).glob("*.parquet"))]

    def made(self, table: str, release: str | None = None) -> Made | None:
        """What made the table, or None where there is no such table."""
        return read_note(self.path(table, release))

    def version(self, table: str) -> str | None:
        """The content hash of a whole table; of one with parts, over its releases and their hashes. None: no table."""
        whole = self.made(table)
        if whole:
            return whole.sha256
        parts = {release: made.sha256 for release, made in self.parts(table).items()}
        return hash_of(parts) if parts else None

    def parts(self, table: str) -> dict[str, Made]:
        """What made each release's part of a table."""
        return {release: made for release in self.releases(table) if (made := self.made(table, release))}

    def summary(self, table: str) -> Made | None:
        """What made a whole table; of one with parts taken together, each of which counts as an input. None: no table.

        The last part made stands for all in what cannot be added up.
        """
        return self.made(table) or taken_together(self.parts(table))

    def is_current(self, table: str, origin: Origin, release: str | None = None) -> bool:
        """Whether the table stands as this code would make it from these inputs."""
        made = self.made(table, release)
        return made is not None and (made.code_version, made.inputs) == (origin.code_version, origin.inputs)

    def write(self, table: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], origin: Origin,
              release: str | None = None) -> Made:  # fmt: skip
        """Write a table whole: to a temporary name, then renamed, then its note."""
        with self.writer(table, schema, origin, release) as writer:
            for batch in batches:
                writer.add(batch)
        assert writer.made is not None
        return writer.made

    def writer(self, table: str, schema: pa.Schema, origin: Origin, release: str | None = None) -> "TableWriter":
        """A context in which a table is written batch by batch; nothing shows unless it ends well."""
        return TableWriter(self.path(table, release), schema, origin)

    def copy(self, source: str, table: str, origin: Origin, release: str | None = None) -> Made:
        """Have a table hold what another one does, byte for byte."""
        made = self.made(source, release)
        assert made is not None
        path = self.path(table, release)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(self.path(source, release), temporary_of(path))
            return _settle(temporary_of(path), path, made.rows, origin)
        finally:
            temporary_of(path).unlink(missing_ok=True)

    def drop_whole(self, table: str) -> None:
        """Remove what an earlier version of the code kept as one file."""
        for path in (note_of(self.path(table)), self.path(table)):
            path.unlink(missing_ok=True)

    def drop_release(self, release: str, tables: Iterable[str]) -> None:
        """Remove one release's part of each table."""
        for table in tables:
            path = self.path(table, release)
            note_of(path).unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)


def taken_together(parts: Mapping[str, Made]) -> Made | None:
    """One note for the parts of a table, by release; None where there are none."""
    if not parts:
        return None
    last = max(parts.values(), key=lambda part: part.built_at)
    versions = {release: part.sha256 for release, part in parts.items()}
    return replace(last, rows=sum(part.rows for part in parts.values()), sha256=hash_of(versions), inputs=versions)


class TableWriter:
    """Collects batches of any size into row groups of a fixed one."""

    def __init__(self, path: Path, schema: pa.Schema, origin: Origin) -> None:
        self._path = path
        self._temporary = temporary_of(path)
        self._schema = schema
        self._origin = origin
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._rows = 0
        self.made: Made | None = None

    def __enter__(self) -> "TableWriter":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = pq.ParquetWriter(self._temporary, self._schema, **_WRITER)
        return self

    def add(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Append rows; their columns must be those of the schema."""
        table = rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
        self._waiting.append(table.cast(self._schema))
        self._waiting_rows += len(table)
        self._rows += len(table)
        if self._waiting_rows >= ROW_GROUP:
            self._flush(whole_groups=True)

    def _flush(self, whole_groups: bool) -> None:
        waiting = pa.concat_tables(self._waiting)
        cut = len(waiting) // ROW_GROUP * ROW_GROUP if whole_groups else len(waiting)
        self._file.write_table(waiting.slice(0, cut), row_group_size=ROW_GROUP)
        rest = waiting.slice(cut)
        self._waiting = [rest] if len(rest) else []
        self._waiting_rows = len(rest)

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        try:
            if failure is None and self._waiting:
                self._flush(whole_groups=False)
            self._file.close()
            if failure is None:
                self.made = _settle(self._temporary, self._path, self._rows, self._origin)
        finally:
            self._temporary.unlink(missing_ok=True)


def made_now(rows: int, sha256: str, origin: Origin) -> Made:
    """The note for a table that was written just now."""
    built_at = datetime.now(UTC).isoformat(timespec="seconds")
    return Made(rows, sha256, origin.code_version, origin.inputs, origin.run_id, built_at, origin.commit)


def _settle(temporary: Path, path: Path, rows: int, origin: Origin) -> Made:
    """Put a finished file in its place. Without its note it does not count: a kill in between costs a rebuild."""
    made = made_now(rows, sha256_of(temporary), origin)
    note_of(path).unlink(missing_ok=True)
    temporary.replace(path)
    write_json(note_of(path), asdict(made))
    return made


def temporary_of(path: Path) -> Path:
    """Where a file is written before it takes its name; what a killed build leaves there is swept away."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def note_of(path: Path) -> Path:
    """The note that stands beside a table's file."""
    return path.with_suffix(".json")


def read_note(path: Path) -> Made | None:
    """The note of a file; None where the file or its note is missing (a build was killed between the two)."""
    note = read_json(note_of(path))
    return Made(**note) if note and path.exists() else None


def read_json(path: Path) -> Any:
    """What is in a small JSON file; None where there is none, even if it went this very moment."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def write_json(path: Path, value: object) -> None:
    """Write a small JSON file so that a reader sees the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(path)
    temporary.write_text(json.dumps(value, indent=1, sort_keys=True, default=str) + "\n")
    temporary.replace(path)


def sha256_of(path: Path) -> str:
    """The sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_of(value: object) -> str:
    """A short version for any JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def code_version(*sources: Path) -> str:
    """A version for code that is not SQL: changes with the text of the files it is made of."""
    texts = {str(source.relative_to(_PACKAGE)): source.read_text(encoding="utf-8") for source in _files(sources)}
    return hash_of(texts)[:12]


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        yield from (
            sorted(path for path in source.rglob("*") if path.suffix in {".py", ".toml", ".csv", ".sql"})
            if (source.is_dir())
            else [source]
        )
