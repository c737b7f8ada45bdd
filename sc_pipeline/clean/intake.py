"""staged -> core for one release: its rows cleaned batch by batch into its part of every table kept per release."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from sc_pipeline import stage
from sc_pipeline.clean import corrections, counts
from sc_pipeline.clean import records as clean
from sc_pipeline.errors import FileProblem
from sc_pipeline.layouts import load_layouts
from sc_pipeline.releases.release import Release
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema, polars_schema
from sc_pipeline.stage import Staged, StagedSheet
from sc_pipeline.tables import Origin, Store, TableWriter, code_version

ROWS = {"removals": "removals_by_release", "detainers": "detainers_by_release", "monthly_counts": "published_counts"}
TABLES = (*ROWS.values(), "quarantine", "field_disclosure", "source_files", "corrections")
DAYS = {"removals_by_release": "departed_date", "detainers_by_release": "detainer_prepare_date"}
BATCH_ROWS = 250_000
_HERE = Path(__file__).parent
CODE_VERSION = code_version(_HERE, *(_HERE.parent / name for name in ("layouts", "schemas", "reference")))


def origin_of(release: Release, staged: Staged) -> Origin:
    """What cleaning a release depends on: its staged rows, and what its manifest and corrections state."""
    return Origin(CODE_VERSION, {stage.TABLE: staged.made.sha256, "settings": release.settings_sha256})


def clean_release(store: Store, release: Release, staged: Staged, origin: Origin) -> None:
    """Clean every sheet of a release. Raises UserError; then nothing of it shows."""
    # Until likely duplicates are flagged the parts do not count as made: a kill in between costs a rebuild only.
    unflagged = replace(origin, code_version="unflagged")
    fixes = corrections.read_corrections(release.folder, release.id)
    tally = _Tally(release)
    with ExitStack() as stack:
        writers = {
            table: stack.enter_context(store.writer(table, arrow_schema(MODELS[table]), unflagged, release.id))
            for table in TABLES
        }
        for sheet in staged.sheets:
            _clean_sheet(release, staged, sheet, fixes, writers, tally)
        writers["field_disclosure"].add(tally.disclosure().to_arrow())
        writers["source_files"].add(tally.source_files(staged).to_arrow())
        writers["corrections"].add(fixes.applied().to_arrow())
    for table in TABLES:
        if table in DAYS:
            _flag_likely_duplicates(store, table, release.id, origin)
        else:
            store.confirm(table, origin, release.id)


def _flag_likely_duplicates(store: Store, table: str, release_id: str, origin: Origin) -> None:
    """Mark every row whose person and day stand more than once in the release; rows without a person stay null."""
    path, key = store.path(table, release_id), ["person_id", DAYS[table]]
    named = pl.scan_parquet(path).filter(pl.col("person_id").is_not_null())
    doubled = named.group_by(key).len().filter(pl.col("len") > 1).select(key).collect(engine="streaming")
    if doubled.is_empty():
        store.confirm(table, origin, release_id)
        return
    marks = doubled.with_columns(doubled=pl.lit(True))
    with pq.ParquetFile(path) as file, store.writer(table, file.schema_arrow, origin, release_id) as writer:
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            rows = pl.DataFrame(batch).join(marks, on=key, how="left", maintain_order="left")
            flag = pl.coalesce("doubled", "duplicate_likely").alias("duplicate_likely")
            writer.add(rows.with_columns(flag).drop("doubled").to_arrow())


def _clean_sheet(release: Release, staged: Staged, sheet: StagedSheet, fixes: corrections.Corrections,
                 writers: dict[str, TableWriter], tally: "_Tally") -> None:  # fmt: skip
    layout = load_layouts()[sheet.layout]
    batches = (pl.DataFrame(batch) for batch in staged.batches(sheet, BATCH_ROWS))
    if sheet.kind == "monthly_counts":
        frame = pl.concat(batches)
        rows = counts.clean_counts(release, sheet, layout, frame)
        writers[ROWS[sheet.kind]].add(rows.to_arrow())
        tally.count(sheet, accepted=len(frame), refused=0)
        return
    unsplit = clean.unsplit_rows(release, sheet)
    writers["quarantine"].add(unsplit.to_arrow())
    tally.count(sheet, accepted=0, refused=len(unsplit))
    accepted, first = 0, None
    for cleaned in clean.clean_batches(release, sheet, layout, batches, fixes):
        flag = pl.when(pl.col("person_id").is_not_null()).then("duplicate_likely").alias("duplicate_likely")
        writers[ROWS[sheet.kind]].add(cleaned.rows.with_columns(flag).to_arrow())
        writers["quarantine"].add(cleaned.quarantine.to_arrow())
        refused = cleaned.quarantine.filter(pl.col("severity") == "structural").height
        tally.count(sheet, accepted=len(cleaned.rows), refused=refused)
        tally.disclosures.append(cleaned.disclosure)
        accepted += len(cleaned.rows)
        first = first or next(cleaned.quarantine.filter(pl.col("severity") == "structural").iter_rows(named=True), None)
    if not accepted and first:
        raise FileProblem(
            f"{sheet.file}, row {first['source_row']}, {first['field']}: {first['value']!r} {first['rule']}, and no row"
            f" of the sheet is better; if it is a date in a new form, add it to date_formats of layout {sheet.layout}"
        )


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
            sheets = [sheet for sheet in staged.sheets if sheet.release_file == file.name]
            read = sum(sheet.rows + len(sheet.problems) for sheet in sheets)
            rows.append(
                {"release_id": self._release.id, "file": file.name, "layout": _listed(sheet.layout for sheet in sheets),
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
