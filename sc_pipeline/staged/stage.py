"""raw -> staged: every cell of a release as text in Parquet, one part per table, with an index of what was found."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
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
from sc_pipeline.staged import formats
from sc_pipeline.staged.formats import BESIDE, NOT_TAKEN_IN, Aside, Sheet
from sc_pipeline.staged.matching import Match, Stated
from sc_pipeline.staged.names import fold, nearest
from sc_pipeline.staged.personal import is_personal, personal_names, values_look_personal
from sc_pipeline.staged.repeats import leave_out_repeats
from sc_pipeline.staged.sheet import StagedSheet
from sc_pipeline.staged.tables import Before, rows_left_out, rows_of, table_of
from sc_pipeline.staged.vocabularies import Measure, Words, digest_of_words, load_words
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Note, Provenance, read_json, write_json

TABLE = "staged_rows"
_HERE = Path(__file__).parent
_LOOKED_AT = 50_000  # rows; enough to tell what a column holds
# Exemptions, blocks, stars and words such as REDACTED, which fill the place of a value.
_NO_VALUE = r"(?i)^(.*\(?b\)?\s*\(?\d\)?.*|.*redact.*|.*withheld.*|[^\p{L}\d]*|x{3,}|n/?a|null|unknown|none)$"
CODE_VERSION = code_version(_HERE)


@dataclass(frozen=True)
class Staged:
    """All tables of a release, and the folder their rows are in."""

    folder: Path
    sheets: tuple[StagedSheet, ...]

    def batches(self, sheet: StagedSheet, rows: int) -> Iterator[pl.DataFrame]:
        """The staged rows of one table, `rows` at a time: of their cells, those that feed a field."""
        # Polars keeps a text that a column repeats once, which costs a sixth of what reading by pyarrow does.
        staged = pl.scan_parquet(self.folder / sheet.part, glob=False)
        fed = (name for names in sheet.columns.values() for name in names)
        wanted = staged.select(pl.col(list(dict.fromkeys(["source_row", *fed]))))
        for start in range(0, sheet.rows, rows):
            yield wanted.slice(start, rows).collect()

    def personal(self, sheet: StagedSheet) -> list[str]:
        """The columns of a table, of its first rows, that hold values which tell who a person is."""
        rows = pl.scan_parquet(self.folder / sheet.part, glob=False).head(_LOOKED_AT).collect().drop("source_row")
        values = rows.select(pl.all().str.replace(_NO_VALUE, "").replace("", None))
        return [
            name
            for name in values.columns
            if values[name].count() and (name in sheet.personal or values_look_personal(values[name]))
        ]


def inputs_of(release: Release) -> dict[str, str]:
    """What staging a release depends on: its files' bytes, what is stated of them, the project's own words."""
    stated = {file.name: _stated_facts(file) for file in release.files}
    own_words = digest_of_words(release.project)
    return {**{file.name: file.sha256 for file in release.files}, MANIFEST_NAME: hash_of([stated, own_words])}


def landed_files(note: Note) -> dict[str, str]:
    """The data files that a release was staged from, with their sha256."""
    return {name: sha256 for name, sha256 in note.inputs.items() if name != MANIFEST_NAME}


def _stated_facts(file: SourceFile) -> list[Any]:
    return [file.sheets, file.leave_out, file.kind, file.production, file.columns, file.date_order]


def read_staged(store: Store, release_id: str) -> Staged | None:
    """The staged rows of a release as they are, or None."""
    note, folder = store.note(TABLE, release_id), store.folder(TABLE, release_id)
    facts = read_json(folder / "index.json") if note else None
    return None if facts is None else Staged(folder, tuple(_sheet(sheet) for sheet in facts))


def _sheet(facts: dict[str, Any]) -> StagedSheet:
    lists = {key: tuple(value) for key, value in facts.items() if isinstance(value, list)}
    columns = {field: tuple(names) for field, names in facts["columns"].items()}
    problems = tuple((row, what, text) for row, what, text in facts["problems"])
    measures = tuple(Measure(**measure) for measure in facts["measures"])
    return StagedSheet(**{**facts, **lists, "columns": columns, "problems": problems, "measures": measures})


def _facts(sheet: StagedSheet) -> dict[str, Any]:
    return {**asdict(sheet), "measures": [measure.model_dump() for measure in sheet.measures]}


def stage_release(store: Store, release: Release, scratch: Path, provenance: Provenance) -> None:
    """Read every file of a release. Raises FileProblem; then what was staged before stays.

    A release of which nothing can be taken in is refused, with the reason of each of its files.
    """
    building = scratch / f"staged-{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    # Only its owner reads what is staged: it holds every column, those that are never published too.
    building.mkdir(parents=True, mode=0o700)
    try:
        words = load_words(release.project)
        sheets = leave_out_repeats(building, read_files(release.files, words, building))
        _refuse_empty(release, sheets)
        facts = [_facts(sheet) for sheet in sheets]
        write_json(building / "index.json", facts)
        rows = sum(sheet.rows + len(sheet.problems) for sheet in sheets)
        # The same text under other names is another input, so what the columns mean is part of the hash.
        store.put(TABLE, release.id, building, rows, hash_of(facts), provenance)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def read_files(files: Sequence[SourceFile], words: Words, folder: Path) -> list[StagedSheet]:
    """Every table and sheet of some files, the rows of those taken in written to `folder`. Raises FileProblem."""
    sheets: list[StagedSheet] = []
    before: Before | None = None
    for file in files:
        if never := [name for name in file.columns if is_personal(name)]:
            raise FileProblem(
                f"{file.name}: release.toml, columns: '{never[0]}' tells who a person is and is never published; "
                "take it out of columns"
            )
        asked = {*file.sheets, *file.leave_out}
        named: set[str] = set()
        columns: set[str] = set()
        for sheet in formats.open_sheets(file.path, folder / "expanded"):
            name = file.name + sheet.file.removeprefix(file.path.name)
            named |= {sheet.name or "", name.removeprefix(f"{file.name}/")}
            staged, before = _stage_sheet(file, name, sheet, words, folder / f"{len(sheets):04}.parquet", before)
            columns |= {fold(each) for _, cells in (sheet.head if isinstance(sheet, Sheet) else []) for each in cells}
            sheets.append(staged)
        shutil.rmtree(folder / "expanded", ignore_errors=True)
        if missing := sorted(asked - named):
            hint = nearest(missing[0], named - {""})
            raise FileProblem(
                f"{file.name}: release.toml names the sheet '{missing[0]}', which it does not have"
                + (f"; did you mean '{hint}'?" if hint else "")
            )
        if missing := [each for each in file.columns if fold(each) not in columns]:
            raise FileProblem(f"{file.name}: release.toml, columns: no table of it has a column '{missing[0]}'")
    return sheets


def _stage_sheet(
    file: SourceFile,
    name: str,
    sheet: Sheet | Aside,
    words: Words,
    path: Path,
    before: Before | None,
) -> tuple[StagedSheet, Before | None]:
    """One sheet, written where it is taken in; and the table that the next one may continue."""
    bare = StagedSheet(file.name, name, sheet.name, "")
    called = {sheet.name or "", name.removeprefix(f"{file.name}/")}
    if isinstance(sheet, Aside):
        return replace(bare, left_out=sheet.reason), before
    if called & set(file.leave_out) or (file.sheets and not called & set(file.sheets)):
        return replace(bare, left_out=f"{BESIDE}release.toml leaves it out"), before
    table = table_of(sheet, words, Stated(file.kind, file.production, file.columns), before)
    if table.match is None:
        rows, why = rows_left_out(sheet, table)
        return replace(bare, left_out=why, unknown=table.columns, rows=rows), before
    staged = replace(
        _described(bare, table.match, file),
        hidden=sheet.hidden,
        epoch_1904=sheet.epoch_1904,
        encoding=sheet.encoding,
        left_out=table.left_out,
    )
    if table.left_out:
        rows, why = rows_left_out(sheet, table)
        return replace(staged, left_out=why, rows=rows, problems=()), Before(sheet.file, table.match, sheet.head)
    written, digest = _write(rows_of(sheet, table.match, words), table.match, path)
    if sheet.problems and not written:
        row, what, _ = sheet.problems[0]
        raise FileProblem(
            f"{sheet.place}, row {row}: {what}, and no row fits the header in row {table.match.header_row}; "
            "correct the header or the rows in a copy"
        )
    staged = replace(staged, part=path.name, rows=written, problems=tuple(sheet.problems), rows_sha256=digest)
    return staged, Before(sheet.file, table.match, sheet.head)


def _described(sheet: StagedSheet, match: Match, file: SourceFile) -> StagedSheet:
    """A table with what its vocabulary and its production say of it."""
    vocabulary, production = match.vocabulary, match.production
    own = production.date_forms if production else ()
    return replace(
        sheet,
        kind=vocabulary.kind,
        production=production.name if production else None,
        header_row=match.header_row,
        columns=match.columns,
        unknown=match.unknown,
        personal=tuple(name for name in personal_names(match.names) if name not in _fed(match)),
        missing=match.missing,
        date_forms=tuple(dict.fromkeys([*own, *vocabulary.date_forms])),
        date_order=file.date_order,
        null_marks=production.null_marks if production else (),
        population=(production.population if production else None) or vocabulary.population,
        table_name=((production.table_name if production else None) or sheet.sheet or Path(file.name).stem)
        if vocabulary.measures
        else None,
        measures=tuple(measure for measure in vocabulary.measures if measure.key in match.columns),
        month_formats=vocabulary.month_formats,
    )


def _fed(match: Match) -> set[str]:
    return {name for names in match.columns.values() for name in names}


def _refuse_empty(release: Release, sheets: list[StagedSheet]) -> None:
    if any(sheet.part for sheet in sheets):
        return
    reasons = "; ".join(dict.fromkeys(f"{sheet.place}: {sheet.left_out}" for sheet in sheets))
    plain = reasons.replace(NOT_TAKEN_IN, "").replace(BESIDE, "")
    raise FileProblem(f"{release.id}: holds no table that can be taken in: {plain or 'no file'}")


def _write(batches: Iterator[pa.RecordBatch], match: Match, path: Path) -> tuple[int, str]:
    schema = pa.schema([("source_row", pa.int64()), *((name, pa.string()) for name in match.names)])
    hashed = RowHash(schema)
    # Rows are looked up by their number alone; statistics of the other columns would cost as much as compressing them.
    options = {"compression": "zstd", "compression_level": 1, "write_statistics": ["source_row"]}
    with pq.ParquetWriter(path, schema, **options) as writer:
        for batch in ahead(batches):
            rows = pa.Table.from_batches([batch.select(schema.names)])
            writer.write_table(rows)
            hashed.update(rows)
    return hashed.rows, hashed.hexdigest()
