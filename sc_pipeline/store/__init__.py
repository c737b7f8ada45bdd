"""The table store: Parquet parts, one a table or one a table and release, each with one note of what made it."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from sc_pipeline.hashing import hash_of, sha256_of
from sc_pipeline.project import Project
from sc_pipeline.store.bucket import Bucket
from sc_pipeline.store.mirror import Mirror
from sc_pipeline.store.notes import (
    Note,
    Provenance,
    as_written,
    file_name,
    note_files,
    read_note,
    temporary_of,
    write_json,
)
from sc_pipeline.store.parts import TableWriter, is_whole


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

    def writer(self, table: str, schema: pa.Schema, provenance: Provenance, release: str | None = None) -> TableWriter:
        """A context in which a table is written batch by batch; nothing shows unless it ends well."""

        def finish(finished: Path, rows: int, sha256: str) -> None:
            self.put(table, release, finished, rows, sha256, provenance)

        return TableWriter(self._place(table, release), schema, finish)

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
        for table, release, path in note_files(self.root, only):
            note = read_note(path, as_written(path))
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
