"""Files to be added -> how a build would take them in: tried in a folder of its own, so that raw/ stays as it is."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from sc_pipeline.add.findings import Counted, FoundFile, FoundTable
from sc_pipeline.core import intake
from sc_pipeline.core.tables import KEYS
from sc_pipeline.errors import UserError
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.manifest import MANIFEST_NAME
from sc_pipeline.raw.release import Release, load_release
from sc_pipeline.staged.repeats import leave_out_repeats
from sc_pipeline.staged.sheet import StagedSheet
from sc_pipeline.staged.stage import Staged, read_files
from sc_pipeline.staged.vocabularies import load_words
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance

_OWN_WORDS = ("vocabulary", "productions")
_MADE_FROM = Provenance("", {})
_FAR = 1000  # of so many rows, one that lies far from all others says nothing of what the table covers
_NOTHING = "no table of these files can be taken in; docs/adding-a-production.md says how to add one nobody knows"


def rehearse(
    release_id: str, files: Sequence[FoundFile], documents: Sequence[tuple[str, Path]], manifest: str, project: Path
) -> tuple[tuple[FoundFile, ...], str | None]:
    """The files with their tables and what a build would count of each; and why it would refuse them, if it would.

    `manifest` is the text of release.toml; `project` the folder of the project's own vocabulary/ and productions/.
    """
    with tempfile.TemporaryDirectory() as folder:
        home, sheets = Path(folder), list[StagedSheet]()
        _lay_out(home / "raw" / release_id, files, documents, manifest, project)
        try:
            release = load_release(release_id, home / "raw" / release_id, FileHashes(home / "raw"))
            (home / "staged").mkdir()
            words = load_words(release.project)
            sheets = leave_out_repeats(home / "staged", read_files(release.files, words, home / "staged"))
            if not any(sheet.part for sheet in sheets):
                return _with_tables(files, [FoundTable(sheet) for sheet in sheets]), _NOTHING
            counted = _counted(release, sheets, home)
        except UserError as problem:
            return _with_tables(files, [FoundTable(sheet) for sheet in sheets]), str(problem)
        return _with_tables(
            files, [FoundTable(sheet, counted.get((sheet.file, sheet.sheet))) for sheet in sheets]
        ), None


def _lay_out(
    folder: Path, files: Sequence[FoundFile], documents: Sequence[tuple[str, Path]], manifest: str, project: Path
) -> None:
    """The release as it would lie in raw/, its files as links, beside the project's own words."""
    for name, source in [*((file.name, file.source) for file in files), *documents]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(source.resolve())
    (folder / MANIFEST_NAME).write_text(manifest, encoding="utf-8")
    for name in _OWN_WORDS:
        if (project / name).is_dir():
            shutil.copytree(project / name, folder.parent.parent / name)


def _with_tables(files: Sequence[FoundFile], found: Sequence[FoundTable]) -> tuple[FoundFile, ...]:
    return tuple(
        replace(file, tables=tuple(table for table in found if table.sheet.release_file == file.name)) for file in files
    )


def _counted(release: Release, sheets: list[StagedSheet], home: Path) -> dict[tuple[str, str | None], Counted]:
    """What a build would count of each table, by its file and sheet. Raises UserError where it would refuse."""
    store = Store(home / "tables")
    intake.clean_release(store, release, Staged(home / "staged", tuple(sheets)), _MADE_FROM)
    tables = {name: pl.read_parquet(store.path(name, release.id), glob=False) for name in intake.TABLES}
    return {
        (sheet.file, sheet.sheet): Counted(
            *_days(_of(tables[intake.ROWS[sheet.kind]], sheet), sheet.kind),
            _quarantined(_of(tables["quarantine"], sheet)),
        )
        for sheet in sheets
        if sheet.part
    }


def _of(rows: pl.DataFrame, sheet: StagedSheet) -> pl.DataFrame:
    return rows.filter(
        pl.col("source_file").eq_missing(sheet.file), pl.col("source_sheet").eq_missing(pl.lit(sheet.sheet))
    )


def _days(rows: pl.DataFrame, kind: str) -> tuple[int, tuple[date, date] | None, dict[str, dict[date, int]]]:
    """How many rows or figures there are, their first and last day, and by whom they count, how many of each month."""
    if kind in KEYS:
        slack, days = len(rows) // _FAR, rows[KEYS[kind]].sort()
        group = pl.lit(kind) if kind == "detainers" else pl.col("population")
        months = rows.group_by(group.alias("group"), "month").agg(pl.len()).sort("month")
        return len(rows), (days[slack], days[-1 - slack]) if len(days) else None, _by_group(months)
    if kind == "monthly_counts":
        removals = rows.filter(measure="removals", subset="all").drop_nulls("value")
        return len(rows), None, _by_group(removals.select("population", "month", "value").sort("month"))
    return len(rows), None, {}


def _by_group(rows: pl.DataFrame) -> dict[str, dict[date, int]]:
    found: dict[str, dict[date, int]] = {}
    for group, month, number in rows.iter_rows():
        found.setdefault(group, {})[month] = number
    return dict(sorted(found.items()))


def _quarantined(rows: pl.DataFrame) -> tuple[tuple[str, int, int], ...]:
    """Why rows are not counted: the reason, how many, and the first of them; the commonest first."""
    reasons = rows.filter(severity="structural").group_by("field", "rule", maintain_order=True)
    found = reasons.agg(pl.len(), pl.col("source_row").min().alias("first")).sort(
        "len", descending=True, maintain_order=True
    )
    return tuple((f"{field}: {rule}", count, first) for field, rule, count, first in found.iter_rows())
