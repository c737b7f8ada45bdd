"""The table store: Parquet parts, one a table or one a table and release, each with one note of what made it."""

import json
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.parquet as pq

from sc_pipeline.bucket import Bucket
from sc_pipeline.hashing import RowHash, hash_of, sha256_of
from sc_pipeline.mirror import Mirror
from sc_pipeline.project import Project

ROW_GROUP = 122_880
# No statistics: they take a quarter of the time of writing, and every query goes through whole columns.
_WRITER = {"compression": "zstd", "compression_level": 1, "version": "2.6", "write_statistics": False}
_NOT_THERE = (0, 0)
# Letters a release id may have that a file name or a glob pattern would not take as they are.
_PLAIN = " !#$&'()+,;=@{}~"


@dataclass(frozen=True)
class Provenance:
    """What a table is made from: its code's version, the hash of each input, and the run that makes it."""

    code: str
    inputs: Mapping[str, str]
    run: str | None = None
    commit: str | None = None


@dataclass(frozen=True)
class Note:
    """What is known of a table, or of one release's part of it: its rows, what made it, and its file as written."""

    rows: int
    sha256: str
    code: str
    inputs: dict[str, str]
    run: str | None
    commit: str | None
    built_at: str
    file: str  # where it is, from the store's folder
    written: tuple[int, int]  # its bytes and time of writing in nanoseconds: damage shows without reading it
    file_sha256: str | None = None  # of the file's bytes, where it is not a table's Parquet

    @property
    def is_outside(self) -> bool:
        """Whether it speaks of a file of this machine, beside the tables, such as the published one."""
        return self.file.startswith("..")

    def is_of(self, provenance: Provenance) -> bool:
        """Whether this code made it from these inputs."""
        return (self.code, self.inputs) == (provenance.code, dict(provenance.inputs))


@dataclass
class Store:
    """The folder of tables. Its notes are read once, at the first question, and kept up as tables are written."""

    root: Path
    only: str | None = None  # the one release that is asked for: the notes of the others are not read
    mirror: Mirror | None = None  # where the tables are kept on a bucket
    damaged: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, project: Project, only: str | None = None) -> "Store":
        """The tables of a project: in its warehouse, or on the bucket that its settings name."""
        bucket = project.settings.store
        return cls(project.tables, only, Mirror(project.tables, Bucket(bucket)) if bucket else None)

    def path(self, table: str, release: str | None = None) -> Path:
        """The Parquet file of a table, or of one release's part of it, to be read here."""
        self._fetch([self.note(table, release)])
        return self._place(table, release)

    def _place(self, table: str, release: str | None) -> Path:
        return self.root / table / f"{file_name(release)}.parquet" if release else self.root / f"{table}.parquet"

    def _fetch(self, notes: Iterable[Note | None]) -> None:
        """Have files here that are noted and on the bucket alone."""
        if self.mirror:
            missing = [note for note in notes if note and as_written(f"{self.root}/{note.file}") != note.written]
            self.mirror.fetch([(note.file, note.written) for note in missing])

    def note(self, table: str, release: str | None = None) -> Note | None:
        """What made the table; None where there is none, or its file is not the one that was written."""
        return self._notes.get(table, {}).get(release)

    def parts(self, table: str) -> dict[str | None, Note]:
        """What made each part of a table, by release in order; a table kept whole has one part, of no release."""
        found = self._notes.get(table, {})
        return dict(sorted(found.items(), key=lambda part: part[0] or ""))

    def paths(self, table: str, releases: Iterable[str | None] | None = None) -> list[Path]:
        """The Parquet files of a table, or of the releases asked for, in order."""
        wanted = None if releases is None else set(releases)
        parts = {part: note for part, note in self.parts(table).items() if wanted is None or part in wanted}
        self._fetch(parts.values())
        return [self._place(table, part) for part in parts]

    def version(self, table: str) -> str | None:
        """The hash of a whole table; of one with parts, over its releases and their hashes. None: no table."""
        parts = self.parts(table)
        if None in parts:
            return parts[None].sha256
        return hash_of({release: note.sha256 for release, note in parts.items()}) if parts else None

    def summary(self, table: str) -> Note | None:
        """What made a table, its parts taken together; the last part made speaks for what cannot be added up."""
        parts = self.parts(table)
        if not parts or None in parts:
            return parts.get(None)
        last = max(parts.values(), key=lambda note: note.built_at)
        inputs = {str(release): note.sha256 for release, note in parts.items()}
        return replace(last, rows=sum(note.rows for note in parts.values()), sha256=hash_of(inputs), inputs=inputs)

    def is_current(self, table: str, provenance: Provenance, release: str | None = None) -> bool:
        """Whether the table is there as this code makes it from these inputs."""
        note = self.note(table, release)
        return note is not None and note.is_of(provenance)

    def writer(
        self, table: str, schema: pa.Schema, provenance: Provenance, release: str | None = None
    ) -> "TableWriter":
        """A context in which a table is written batch by batch; nothing shows unless it ends well."""
        return TableWriter(self, table, schema, provenance, release)

    def write(self, table: str, rows: pa.Table, provenance: Provenance, release: str | None = None) -> Note:
        """Write a table whole."""
        with self.writer(table, rows.schema, provenance, release) as writer:
            writer.add(rows)
        note = self.note(table, release)
        assert note is not None
        return note

    def copy(self, source: str, table: str, provenance: Provenance, release: str | None = None) -> None:
        """Have a table hold the rows of another one."""
        note, path = self.note(source, release), self._place(table, release)
        assert note is not None
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(self.path(source, release), temporary_of(path))
            self.put(table, release, temporary_of(path), note.rows, note.sha256, provenance)
        finally:
            temporary_of(path).unlink(missing_ok=True)

    def put(
        self, table: str, release: str | None, finished: Path, rows: int, sha256: str, provenance: Provenance
    ) -> None:
        """Give a finished file or folder its place and its note. Killed in between, it costs a rebuild."""
        path = self._place(table, release) if finished.is_file() else self.root / table / file_name(str(release))
        self._forget_here(table, release)
        shutil.rmtree(path) if path.is_dir() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        finished.replace(path)
        self.record(table, rows, sha256, provenance, path, release)

    def record(
        self, table: str, rows: int, sha256: str, provenance: Provenance, file: Path, release: str | None = None
    ) -> None:
        """Note what made a file or folder as it is now; `file` may lie outside the store."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        note = Note(
            rows,
            sha256,
            provenance.code,
            dict(provenance.inputs),
            provenance.run,
            provenance.commit,
            now,
            os.path.relpath(file, self.root),
            as_written(file),
            None if file.suffix == ".parquet" or file.is_dir() else sha256_of(file),
        )
        write_json(self._note_path(table, release), asdict(note))
        self._notes.setdefault(table, {})[release] = note
        if self.mirror and not note.is_outside:
            self.mirror.send((note.file, note.written), self._note_name(table, release))

    def check(self) -> None:
        """Read every table again; what does not have the hash of its note counts as damaged, and is made again."""
        for table, release in self.changed():
            self.damaged.append(f"{table} of {release}" if release else table)
            self._forget(table, release)

    def changed(self) -> list[tuple[str, str | None]]:
        """The tables, or releases' parts of them, that do not have the hash of their note; everything is read."""
        noted = [(table, release, note) for table, parts in self._notes.items() for release, note in parts.items()]
        self._fetch(note for *_, note in noted if not note.is_outside)
        return [(table, release) for table, release, note in noted if not is_whole(self.root / note.file, note)]

    def folder(self, table: str, release: str | None) -> Path:
        """Where a part that is several files is, such as a release's staged rows, to be read here."""
        assert release is not None
        self._fetch([self.note(table, release)])
        return self.root / table / file_name(release)

    def drop(self, table: str, release: str | None = None) -> None:
        """Remove a table, or one release's part of it."""
        self._forget(table, release)
        self._place(table, release).unlink(missing_ok=True)
        if release is not None:
            shutil.rmtree(self.root / table / file_name(release), ignore_errors=True)

    def sweep(self) -> None:
        """Remove what no note speaks of any longer, here and on the bucket; no other process may be writing here."""
        for leftover in self.root.rglob(".*.tmp"):
            leftover.unlink(missing_ok=True)
        if self.mirror:
            parts = [note for parts in self._notes.values() for note in parts.values()]
            self.mirror.sweep({(note.file, note.written) for note in parts})

    def releases(self) -> list[str]:
        """Every release that any table has a part of."""
        return sorted({release for parts in self._notes.values() for release in parts if release is not None})

    def drop_release(self, release: str) -> None:
        """Remove one release's part of every table."""
        for table in [table for table, parts in self._notes.items() if release in parts]:
            self.drop(table, release)

    def reread(self, release: str) -> None:
        """Read the notes of one release again, which another process has written."""
        for parts in self._notes.values():
            parts.pop(release, None)
        self._read_notes(self._notes, release)

    def _forget(self, table: str, release: str | None) -> None:
        note = self.note(table, release)
        self._forget_here(table, release)
        if self.mirror and note and not note.is_outside:
            self.mirror.forget(self._note_name(table, release))

    def _forget_here(self, table: str, release: str | None) -> None:
        self._note_path(table, release).unlink(missing_ok=True)
        self._notes.get(table, {}).pop(release, None)

    def _note_path(self, table: str, release: str | None) -> Path:
        return self.root / self._note_name(table, release)

    def _note_name(self, table: str, release: str | None) -> str:
        return f"{table}.json" if release is None else f"{table}/{file_name(release)}.json"

    @cached_property
    def _notes(self) -> dict[str, dict[str | None, Note]]:
        found: dict[str, dict[str | None, Note]] = {}
        # Whoever asks for one release has a look beside it that met the bucket.
        there = self.mirror.meet() if self.mirror and self.only is None else None
        self._read_notes(found, self.only, there)
        return found

    def _read_notes(
        self, found: dict[str, dict[str | None, Note]], only: str | None, there: set[str] | None = None
    ) -> None:
        """Read notes from here; where those of the bucket are known, what it has no note of any longer is forgotten."""
        for table, release, path in _note_files(self.root, only):
            note = _read_note(path, as_written(path))
            if there is not None and self._note_name(table, release) not in there and not (note and note.is_outside):
                Path(path).unlink()
            elif note is None or not self._is_there(note):
                self.damaged.append(f"{table} of {release}" if release else table)
            else:
                found.setdefault(table, {})[release] = note

    def _is_there(self, note: Note) -> bool:
        """Whether what a note speaks of is there as it was written, here or on the bucket."""
        if as_written(f"{self.root}/{note.file}") == note.written:
            return True
        return bool(self.mirror and not note.is_outside and self.mirror.has((note.file, note.written)))


class TableWriter:
    """Collects batches of any size into row groups of a fixed one, and hashes the rows on the way."""

    def __init__(
        self, store: Store, table: str, schema: pa.Schema, provenance: Provenance, release: str | None
    ) -> None:
        self._store, self._table, self._release = store, table, release
        self._provenance = provenance
        self._path = store._place(table, release)
        self._schema = schema
        self._hash = RowHash(schema)
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0

    def __enter__(self) -> "TableWriter":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = pq.ParquetWriter(temporary_of(self._path), self._schema, **_WRITER)
        return self

    def add(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Append rows; their columns must be those of the schema."""
        table = (rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])).cast(self._schema)
        self._hash.update(table)
        self._waiting.append(table)
        self._waiting_rows += len(table)
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
        temporary = temporary_of(self._path)
        try:
            if failure is None and self._waiting:
                self._flush(whole_groups=False)
            self._file.close()
            if failure is None:
                digest = self._hash.hexdigest()
                self._store.put(self._table, self._release, temporary, self._hash.rows, digest, self._provenance)
        finally:
            temporary.unlink(missing_ok=True)


def is_whole(path: Path, note: Note) -> bool:
    """Whether a file, or a folder with an index of its parts, holds what its note says; all of it is read."""
    try:
        if path.is_dir():
            index = read_json(path / "index.json")
            parts = [facts for facts in index or () if facts.get("part")] if isinstance(index, list) else None
            if parts is None:
                return True  # a folder of files that are copies of others, such as the site's
            return hash_of(index) == note.sha256 and all(
                _hash_of_rows(path / facts["part"]) == facts["rows_sha256"] for facts in parts
            )
        if path.suffix == ".parquet":
            return _hash_of_rows(path) == note.sha256
        return note.file_sha256 in (None, sha256_of(path))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return False


def _hash_of_rows(path: Path) -> str:
    with pq.ParquetFile(path) as file:
        found = RowHash(file.schema_arrow)
        for batch in file.iter_batches():
            found.update(pa.Table.from_batches([batch]))
    return found.hexdigest()


def read_part(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of one file of a table, read in one thread: such files are small."""
    return pq.ParquetFile(path).read(columns and list(columns), use_threads=False)


def file_name(release: str) -> str:
    """A release id as the name of a file: what a glob pattern or a file system would take otherwise is escaped."""
    name = quote(release, safe=_PLAIN)
    # `..` would be the folder above.
    return f"%2E{name[1:]}" if name.startswith(".") else name


def temporary_of(path: Path) -> Path:
    """Where a file is written before it takes its name; what a killed build leaves there is swept away."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def as_written(path: Path | str) -> tuple[int, int]:
    """Bytes and time of writing of a file; of a folder, of all in it; (0, 0) where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - of a hundred thousand files, making a Path of each takes longer
    except FileNotFoundError:
        return _NOT_THERE
    if not stat.S_ISDIR(found.st_mode):
        return found.st_size, found.st_mtime_ns
    inside = [as_written(entry.path) for entry in os.scandir(path)]
    return sum(size for size, _ in inside), max((time for _, time in inside), default=0)


def _note_files(root: Path, only: str | None = None) -> Iterator[tuple[str, str | None, str]]:
    """Table, release and path of every note, or of those of one release."""
    if not root.is_dir():
        return
    for entry in sorted(os.scandir(root), key=lambda entry: entry.name):
        if only is not None:
            path = f"{entry.path}/{file_name(only)}.json"
            if as_written(path) != _NOT_THERE:
                yield entry.name, only, path
        elif entry.is_dir():
            for name in sorted(found.name for found in os.scandir(entry.path) if found.name.endswith(".json")):
                yield entry.name, unquote(name.removesuffix(".json")), f"{entry.path}/{name}"
        elif entry.name.endswith(".json"):
            yield entry.name.removesuffix(".json"), None, entry.path


@lru_cache(maxsize=1 << 19)
def _read_note(path: str, _: tuple[int, int]) -> Note | None:
    """A note; None where it cannot be read or has another shape, as an earlier version of the code wrote it.

    A build looks at the store at each step: a file is read again only where its size or time is another.
    """
    try:
        facts = json.loads(Path(path).read_bytes())
        return Note(**{**facts, "written": tuple(facts["written"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


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
    temporary.write_text(json.dumps(value, indent=1, sort_keys=True, default=str) + "\n", encoding="utf-8")
    temporary.replace(path)
