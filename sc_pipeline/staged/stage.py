"""raw -> staged: every cell of a release as text in Parquet, one part per sheet, with an index of what was found."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sc_pipeline.errors import FileProblem
from sc_pipeline.prefetch import ahead
from sc_pipeline.raw.release import Release, SourceFile
from sc_pipeline.staged import formats as read
from sc_pipeline.staged import layouts
from sc_pipeline.store import Made, Origin, Store, code_version, hash_of, made_now, read_json, sha256_of, write_json

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
    """All sheets of a release, the folder their rows are in, and what made them."""

    folder: Path
    sheets: tuple[StagedSheet, ...]
    made: Made

    def batches(self, sheet: StagedSheet, rows: int) -> Iterator[pl.DataFrame]:
        """The staged rows of one sheet, `rows` at a time: of their cells, those that feed a field."""
        # Polars keeps a text that a column repeats once, which costs a sixth of what reading by pyarrow does.
        staged = pl.scan_parquet(self.folder / sheet.part, glob=False)
        wanted = staged.select(pl.col(list(dict.fromkeys(["source_row", *sheet.columns.values()]))))
        for start in range(0, sheet.rows, rows):
            yield wanted.slice(start, rows).collect()


def origin_of(release: Release) -> Origin:
    """What staging a release depends on: its files' bytes and the layouts its manifest insists on."""
    return Origin(CODE_VERSION, {file.name: hash_of([file.sha256, file.layout]) for file in release.files})


def read_staged(store: Store, release_id: str) -> Staged | None:
    """The staged rows of a release as they stand, or None."""
    folder = store.root / TABLE / release_id
    facts = read_json(folder / "index.json")
    if facts is None:
        return None
    return Staged(folder, tuple(_sheet(sheet) for sheet in facts["sheets"]), Made(**facts["made"]))


def parts(store: Store) -> dict[str, Made]:
    """What made the staged rows of each release that has any."""
    names = sorted(path.name for path in (store.root / TABLE).glob("*") if path.is_dir())
    return {name: staged.made for name in names if (staged := read_staged(store, name))}


def _sheet(facts: dict[str, Any]) -> StagedSheet:
    problems = tuple((row, what, text) for row, what, text in facts["problems"])
    return StagedSheet(**{**facts, "unknown": tuple(facts["unknown"]), "problems": problems})


def is_current(store: Store, release: Release) -> bool:
    """Whether the staged rows are what this code would read from these files."""
    staged, origin = read_staged(store, release.id), origin_of(release)
    return staged is not None and (staged.made.code_version, staged.made.inputs) == (origin.code_version, origin.inputs)


def stage_release(store: Store, release: Release, scratch: Path, origin: Origin) -> Staged:
    """Read every file of a release. Raises FileProblem; then what was staged before stays."""
    folder = store.root / TABLE / release.id
    building = scratch / f"staged-{release.id}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        sheets: list[StagedSheet] = []
        for file in release.files:
            sheets.extend(_stage_file(file, building, len(sheets)))
        facts = [asdict(sheet) for sheet in sheets]
        # The same text under another layout is another input, so what the columns mean is part of the hash.
        sha256 = hash_of([facts, [sha256_of(building / sheet.part) for sheet in sheets]])
        made = made_now(sum(sheet.rows + len(sheet.problems) for sheet in sheets), sha256, origin)
        write_json(building / "index.json", {"sheets": facts, "made": asdict(made)})
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        building.rename(folder)
        return Staged(folder, tuple(sheets), made)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _stage_file(file: SourceFile, folder: Path, parts_before: int) -> Iterator[StagedSheet]:
    known = layouts.load_layouts()
    found = 0
    for sheet in read.open_sheets(file.path, folder / "expanded"):
        match = layouts.match(sheet, known, file.layout)
        if match is None:
            continue
        part = f"{parts_before + found:04}.parquet"
        rows = _write(sheet, match, folder / part)
        found += 1
        name = file.name + sheet.file.removeprefix(file.path.name)
        yield StagedSheet(
            file.name, name, sheet.name, match.layout.name, match.layout.kind, match.header_row, match.columns,
            match.unknown, part, rows, sheet.encoding, tuple(sheet.problems),
        )  # fmt: skip
    shutil.rmtree(folder / "expanded", ignore_errors=True)
    if not found:
        raise FileProblem(f"{file.name}: no sheet holds a header that a layout knows; see docs/adding-a-layout.md")


def _write(sheet: read.Sheet, match: layouts.Match, path: Path) -> int:
    schema = pa.schema([("source_row", pa.int64()), *((name, pa.string()) for name in match.names)])
    rows = 0
    # Rows are looked up by their number alone; statistics of the other columns would cost as much as compressing them.
    options = {"compression": "zstd", "compression_level": 1, "write_statistics": ["source_row"]}
    with pq.ParquetWriter(path, schema, **options) as writer:
        for batch in ahead(sheet.batches(match.header_row, list(match.names))):
            writer.write_batch(batch.select(schema.names))
            rows += batch.num_rows
    return rows
