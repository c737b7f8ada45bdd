"""raw -> staged: every cell of a release as text in Parquet, one part per sheet, with an index of what was found."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sc_pipeline.errors import FileProblem
from sc_pipeline.hashing import RowHash, code_version, hash_of
from sc_pipeline.prefetch import ahead
from sc_pipeline.raw.manifest import MANIFEST_NAME
from sc_pipeline.raw.release import Release, SourceFile
from sc_pipeline.staged import formats as read
from sc_pipeline.staged import layouts
from sc_pipeline.store import Note, Provenance, Store, read_json, write_json

TABLE = "staged_rows"
_HERE = Path(__file__).parent
CODE_VERSION = code_version(_HERE)


@dataclass(frozen=True)
class StagedSheet:
    """One sheet (or text file) as staged: which layout matched, which column feeds which field, where its rows are."""

    release_file: str  # the file of the release; `file` is the same, or its member where it is an archive
    file: str
    sheet: str | None
    layout: str
    kind: str
    header_row: int
    columns: dict[str, str]
    unknown: tuple[str, ...]
    part: str
    rows: int
    encoding: str | None
    problems: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True)
class Staged:
    """All sheets of a release, the folder their rows are in, and the note of what made them."""

    folder: Path
    sheets: tuple[StagedSheet, ...]
    note: Note

    def batches(self, sheet: StagedSheet, rows: int) -> Iterator[pl.DataFrame]:
        """The staged rows of one sheet, `rows` at a time: of their cells, those that feed a field."""
        # Polars keeps a text that a column repeats once, which costs a sixth of what reading by pyarrow does.
        staged = pl.scan_parquet(self.folder / sheet.part, glob=False)
        wanted = staged.select(pl.col(list(dict.fromkeys(["source_row", *sheet.columns.values()]))))
        for start in range(0, sheet.rows, rows):
            yield wanted.slice(start, rows).collect()


def inputs_of(release: Release) -> dict[str, str]:
    """What staging a release depends on: its files' bytes, and what its manifest insists on."""
    stated = {file.name: file.layout for file in release.files}
    return {**{file.name: file.sha256 for file in release.files}, MANIFEST_NAME: hash_of(stated)}


def landed_files(note: Note) -> dict[str, str]:
    """The data files that a release was staged from, with their sha256."""
    return {name: sha256 for name, sha256 in note.inputs.items() if name != MANIFEST_NAME}


def read_staged(store: Store, release_id: str) -> Staged | None:
    """The staged rows of a release as they are, or None."""
    note, folder = store.note(TABLE, release_id), store.folder(TABLE, release_id)
    facts = read_json(folder / "index.json") if note else None
    if note is None or facts is None:
        return None
    return Staged(folder, tuple(_sheet(sheet) for sheet in facts), note)


def _sheet(facts: dict[str, Any]) -> StagedSheet:
    problems = tuple((row, what, text) for row, what, text in facts["problems"])
    return StagedSheet(**{**facts, "unknown": tuple(facts["unknown"]), "problems": problems})


def stage_release(store: Store, release: Release, scratch: Path, provenance: Provenance) -> None:
    """Read every file of a release. Raises FileProblem; then what was staged before stays."""
    building = scratch / f"staged-{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        sheets: list[StagedSheet] = []
        hashes: list[str] = []
        for file in release.files:
            for sheet, digest in _stage_file(file, building, len(sheets)):
                sheets.append(sheet)
                hashes.append(digest)
        facts = [asdict(sheet) for sheet in sheets]
        write_json(building / "index.json", facts)
        rows = sum(sheet.rows + len(sheet.problems) for sheet in sheets)
        # The same text under another layout is another input, so what the columns mean is part of the hash.
        store.put(TABLE, release.id, building, rows, hash_of([facts, hashes]), provenance)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _stage_file(file: SourceFile, folder: Path, parts_before: int) -> Iterator[tuple[StagedSheet, str]]:
    known = layouts.load_layouts()
    found = 0
    for sheet in read.open_sheets(file.path, folder / "expanded"):
        match = layouts.match(sheet, known, file.layout)
        if match is None:
            continue
        part = f"{parts_before + found:04}.parquet"
        rows, digest = _write(sheet, match, folder / part)
        found += 1
        name = file.name + sheet.file.removeprefix(file.path.name)
        yield (
            StagedSheet(
                file.name,
                name,
                sheet.name,
                match.layout.name,
                match.layout.kind,
                match.header_row,
                match.columns,
                match.unknown,
                part,
                rows,
                sheet.encoding,
                tuple(sheet.problems),
            ),
            digest,
        )
    shutil.rmtree(folder / "expanded", ignore_errors=True)
    if not found:
        raise FileProblem(f"{file.name}: no sheet holds a header that a layout knows; see docs/adding-a-layout.md")


def _write(sheet: read.Sheet, match: layouts.Match, path: Path) -> tuple[int, str]:
    schema = pa.schema([("source_row", pa.int64()), *((name, pa.string()) for name in match.names)])
    hashed = RowHash(schema)
    # Rows are looked up by their number alone; statistics of the other columns would cost as much as compressing them.
    options = {"compression": "zstd", "compression_level": 1, "write_statistics": ["source_row"]}
    with pq.ParquetWriter(path, schema, **options) as writer:
        for batch in ahead(sheet.batches(match.header_row, list(match.names))):
            rows = pa.Table.from_batches([batch.select(schema.names)])
            writer.write_table(rows)
            hashed.update(rows)
    return hashed.rows, hashed.hexdigest()
