"""staged -> core for one release: its rows cleaned batch by batch into its part of every table kept per release."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from sc_pipeline.core import corrections, counts, duplicates, records
from sc_pipeline.errors import FileProblem
from sc_pipeline.prefetch import ahead
from sc_pipeline.raw.release import Release
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema, polars_schema
from sc_pipeline.staged import stage
from sc_pipeline.staged.stage import Staged, StagedSheet
from sc_pipeline.store import Origin, Store, TableWriter, code_version

ROWS = {"removals": "removals_by_release", "detainers": "detainers_by_release", "monthly_counts": "published_counts"}
TABLES = (*ROWS.values(), "quarantine", "field_disclosure", "source_files", "corrections")
BATCH_ROWS = 131_072
_HERE = Path(__file__).parent
CODE_VERSION = code_version(
    *sorted(_HERE.glob("*.py")), *(_HERE.parent / name for name in ("schemas", "reference"))
)


def origin_of(release: Release, staged: Staged) -> Origin:
    """What cleaning a release depends on: its staged rows, and what its manifest and corrections state."""
    return Origin(CODE_VERSION, {stage.TABLE: staged.made.sha256, "settings": release.settings_sha256})


def clean_release(store: Store, release: Release, staged: Staged, origin: Origin) -> None:
    """Clean every sheet of a release. Raises UserError; then nothing of it shows."""
    doubled = _doubled_keys(release, staged)
    fixes = corrections.read_corrections(release.folder, release.id)
    tally = _Tally(release)
    with ExitStack() as stack:
        writers = {
            table: stack.enter_context(store.writer(table, arrow_schema(MODELS[table]), origin, release.id))
            for table in TABLES
        }
        # In the order that the SQL of the core tables gives their rows.
        for sheet in sorted(_taken(staged), key=lambda sheet: (sheet.file, sheet.sheet or "")):
            if sheet.kind == "monthly_counts":
                _take_counts(release, staged, sheet, writers, tally)
            else:
                _take_rows(release, staged, sheet, fixes, doubled[sheet.kind], writers, tally)
        writers["field_disclosure"].add(tally.disclosure().to_arrow())
        writers["source_files"].add(tally.source_files(staged).to_arrow())
        writers["corrections"].add(fixes.applied().to_arrow())


def _doubled_keys(release: Release, staged: Staged) -> dict[str, pl.DataFrame]:
    """Per kind, what marks a likely duplicate: it may stand in any sheet, so all are gone through once before.

    Only the fields that decide whether a row counts, and whom it is about, are read.
    """
    fixes = corrections.read_corrections(release.folder, release.id)
    keys: dict[str, list[pl.DataFrame]] = {kind: [] for kind in records.KEYS}
    for sheet in _taken(staged):
        if "person_id" not in sheet.columns:
            continue
        wanted = {records.KEYS[sheet.kind], "person_id", *fixes.fields(sheet.kind)}
        narrow = replace(sheet, columns={field: name for field, name in sheet.columns.items() if field in wanted})
        for rows in records.countable_keys(release, narrow, _batches(staged, narrow), fixes):
            keys[sheet.kind].append(duplicates.keys_of(rows, records.KEYS[sheet.kind]))
    return {kind: duplicates.doubled_keys(found) for kind, found in keys.items()}


def _take_counts(release: Release, staged: Staged, sheet: StagedSheet, writers: dict[str, TableWriter],
                 tally: "_Tally") -> None:  # fmt: skip
    frame = pl.concat(_batches(staged, sheet))
    rows = counts.clean_counts(release, sheet, frame)
    writers[ROWS[sheet.kind]].add(rows.to_arrow())
    tally.count(sheet, accepted=len(frame), refused=0)


def _take_rows(release: Release, staged: Staged, sheet: StagedSheet, fixes: corrections.Corrections,
               doubled: pl.DataFrame, writers: dict[str, TableWriter], tally: "_Tally") -> None:  # fmt: skip
    unsplit = records.unsplit_rows(release, sheet)
    writers["quarantine"].add(unsplit.to_arrow())
    tally.count(sheet, accepted=0, refused=len(unsplit))
    accepted, first = 0, None
    for cleaned in ahead(records.clean_batches(release, sheet, _batches(staged, sheet), fixes)):
        rows = duplicates.flag_likely_duplicates(cleaned.rows, records.KEYS[sheet.kind], doubled)
        writers[ROWS[sheet.kind]].add(rows.to_arrow())
        writers["quarantine"].add(cleaned.quarantine.to_arrow())
        refused = cleaned.quarantine.filter(pl.col("severity") == "structural")
        tally.count(sheet, accepted=len(rows), refused=len(refused))
        tally.disclosures.append(cleaned.disclosure)
        accepted += len(rows)
        first = first or next(refused.iter_rows(named=True), None)
    if not accepted and first:
        raise FileProblem(
            f"{sheet.file}, row {first['source_row']}, {first['field']}: {first['value']!r} {first['rule']}, and no row"
            f" of the sheet is better; is it a date? Look at `received` in "
            "release.toml, and at docs/adding-a-release.md"
        )


_OLD_NAMES = {"detainer_threat_level": "threat_level"}


def _taken(staged: Staged) -> list[StagedSheet]:
    """The tables that are taken in, with the first column of each field the tables here have."""
    return [replace(sheet, columns=_columns(sheet)) for sheet in staged.sheets if sheet.part and sheet.kind in ROWS]


def _columns(sheet: StagedSheet) -> Any:
    found = {_OLD_NAMES.get(field, field): names[0] for field, names in sheet.columns.items()}
    kinds = records.KINDS.get(sheet.kind)
    return {field: name for field, name in found.items() if kinds is None or field in kinds}


def _batches(staged: Staged, sheet: StagedSheet) -> Iterator[pl.DataFrame]:
    columns = {field: (name,) for field, name in sheet.columns.items()}
    return ahead(staged.batches(replace(sheet, columns=columns), BATCH_ROWS))


class _Tally:
    """What adds up over the batches of a release."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._accepted: dict[str, int] = defaultdict(int)
        self._refused: dict[str, int] = defaultdict(int)
        self.disclosures: list[pl.DataFrame] = []

    def count(self, sheet: StagedSheet, accepted: int, refused: int) -> None:
        """Add one batch of a sheet to what became of its file's rows."""
        self._accepted[sheet.release_file] += accepted
        self._refused[sheet.release_file] += refused

    def disclosure(self) -> pl.DataFrame:
        """The rows of field_disclosure: the batches' partial counts added up."""
        schema = polars_schema(MODELS["field_disclosure"])
        if not self.disclosures:
            return pl.DataFrame(schema=schema)
        summed = pl.concat(self.disclosures).group_by("month", "field").agg(
            pl.col("rows", "disclosed", "blank", "redacted").sum(), pl.col("column_present").any()
        )  # fmt: skip
        return summed.with_columns(release_id=pl.lit(self._release.id)).select(schema.names()).sort("month", "field")

    def source_files(self, staged: Staged) -> pl.DataFrame:
        """The rows of source_files: every file of the release with what became of its rows."""
        rows = []
        for file in self._release.files:
            sheets = [sheet for sheet in staged.sheets if sheet.release_file == file.name and sheet.part]
            read = sum(sheet.rows + len(sheet.problems) for sheet in sheets)
            rows.append(
                {"release_id": self._release.id, "file": file.name,
                 "layout": _listed(sheet.production for sheet in sheets),
                 "sha256": file.sha256, "bytes": file.bytes, "rows_read": read,
                 "rows_accepted": self._accepted[file.name], "rows_quarantined": self._refused[file.name],
                 "encoding": _listed(sheet.encoding for sheet in sheets),
                 "kind": _listed(sheet.kind for sheet in sheets),
                 "sheets": len(sheets), "unknown_columns": _listed(name for sheet in sheets for name in sheet.unknown)}
            )  # fmt: skip
        return pl.DataFrame(rows, polars_schema(MODELS["source_files"]))


def _listed(names: Iterable[str | None]) -> str | None:
    """Each name once, in order; null where there is none."""
    return "; ".join(dict.fromkeys(name for name in names if name)) or None
