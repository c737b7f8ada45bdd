"""staged -> core for one release: surveyed once, then its rows through the stations into its part of every table."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import polars as pl

from sc_pipeline.core import corrections, counts, facts
from sc_pipeline.core.evidence import Evidence, evidence_fields
from sc_pipeline.core.footers import FOOTER_RULE
from sc_pipeline.core.records import read_batch
from sc_pipeline.core.rows import Cleaned, clean_batch
from sc_pipeline.core.survey import DECISIVE, Survey, Surveyed
from sc_pipeline.core.tables import CaseTable, case_table
from sc_pipeline.errors import FileProblem
from sc_pipeline.hashing import code_version
from sc_pipeline.prefetch import ahead
from sc_pipeline.raw.release import Release
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema, polars_schema
from sc_pipeline.schemas.facts import Quarantine
from sc_pipeline.staged import stage
from sc_pipeline.staged.sheet import StagedSheet
from sc_pipeline.staged.stage import Staged
from sc_pipeline.staged.vocabularies import digest_of_words, load_words
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance
from sc_pipeline.store.parts import TableWriter, read_part

ROWS = {
    "removals": "removals_by_release",
    "detainers": "detainers_by_release",
    "monthly_counts": "published_counts",
    "yearly_counts": "published_years",
}
KEYS_OF = {"monthly_counts": "month", "yearly_counts": "fiscal_year"}
TABLES = (
    *ROWS.values(),
    "other_counts",
    "quarantine",
    "field_disclosure",
    "silences",
    "release_bases",
    "detainer_links",
    "source_files",
    "corrections",
)
BATCH_ROWS = 131_072
_HERE = Path(__file__).parent
_OUTSIDE = (
    "schemas",
    "reference",
    "staged/vocabulary",
    "staged/names.py",
    "staged/vocabularies.py",
    "staged/personal.py",
)
CODE_VERSION = code_version(*sorted(_HERE.glob("*.py")), *(_HERE.parent / name for name in _OUTSIDE))


def productions_of(store: Store, release_id: str) -> list[str]:
    """The known productions of which a release has tables."""
    listed = read_part(store.path("source_files", release_id))["production"].to_pylist()
    return list(dict.fromkeys(name for names in listed if names for name in names.split(facts.LISTED)))


def inputs_of(release: Release, staged: str) -> dict[str, str]:
    """What cleaning a release depends on: its staged rows, its manifest and corrections, the project's own words."""
    own_words = digest_of_words(release.project)
    return {stage.TABLE: staged, "settings": release.settings_sha256, "vocabulary": own_words}


def clean_release(store: Store, release: Release, staged: Staged, provenance: Provenance) -> None:
    """Clean every sheet of a release. Raises UserError; then nothing of it shows."""
    fixes = corrections.read_corrections(release.folder, release.id)
    # In the order that the SQL of the core tables gives their rows.
    ordered = sorted(
        (sheet for sheet in staged.sheets if sheet.part), key=lambda sheet: (sheet.file, sheet.sheet or "")
    )
    cases = [sheet for sheet in ordered if sheet.kind in DECISIVE]
    tables, surveyed = _surveyed(release, staged, cases, fixes)
    sheets = list(zip(cases, tables, strict=True))
    tally = facts.Tally(release, surveyed)
    with ExitStack() as stack:
        writers = {
            table: stack.enter_context(store.writer(table, arrow_schema(MODELS[table]), provenance, release.id))
            for table in TABLES
        }
        for kind, clean in (("monthly_counts", counts.clean_counts), ("yearly_counts", counts.clean_years)):
            printed = [(sheet, _cells(staged, sheet)) for sheet in ordered if sheet.kind == kind]
            writers[ROWS[kind]].add(clean(release, printed).to_arrow())
            writers["other_counts"].add(counts.clean_others(release, printed, KEYS_OF[kind]).to_arrow())
            for sheet, frame in printed:
                footers = counts.refused_footers(release, (sheet, frame))
                writers["quarantine"].add(footers.to_arrow())
                split = frame.height + len(sheet.problems)
                tally.count(sheet, accepted=split - len(footers), refused=len(footers))
        for number, (sheet, table) in enumerate(sheets):
            _take_rows(staged, sheet, table, fixes, surveyed, number, writers, tally)
        writers["field_disclosure"].add(tally.field_disclosure().to_arrow())
        writers["silences"].add(tally.silences(staged.sheets, load_words(release.project)).to_arrow())
        writers["release_bases"].add(tally.release_bases().to_arrow())
        writers["source_files"].add(tally.source_files(staged).to_arrow())
        writers["corrections"].add(fixes.applied().to_arrow())


def _surveyed(
    release: Release, staged: Staged, sheets: list[StagedSheet], fixes: corrections.Corrections
) -> tuple[list[CaseTable], Surveyed]:
    """How each sheet is read, and what every row is read by: told from all cells of the few columns that decide.

    Read as the vocabulary has it; only where the cells tell otherwise are they gone through once more.
    """
    tables = [case_table(release, sheet) for sheet in sheets]
    while True:
        survey, evidence, applied = Survey(release), Evidence(), fixes.fresh()
        for number, (sheet, table) in enumerate(zip(sheets, tables, strict=True)):
            # A correction may refuse a row by any of its fields.
            wanted = {*DECISIVE[table.kind], *evidence_fields(table), *fixes.fields(table.kind)}
            for batch in _batches(staged, sheet, wanted):
                cells = read_batch(table, batch, applied, DECISIVE[table.kind])
                evidence.add(table, cells.text)
                survey.add(number, cells)
        decided = evidence.decide(tables)
        if decided == tables:
            return tables, survey.finish()
        tables = decided


def _cells(staged: Staged, sheet: StagedSheet) -> pl.DataFrame:
    """All rows of a printed table; none where not one could be split into cells."""
    batches = list(_batches(staged, sheet, set(sheet.columns)))
    return pl.concat(batches) if batches else pl.DataFrame()


def _take_rows(
    staged: Staged,
    sheet: StagedSheet,
    table: CaseTable,
    fixes: corrections.Corrections,
    surveyed: Surveyed,
    number: int,
    writers: dict[str, TableWriter],
    tally: facts.Tally,
) -> None:
    unsplit = _unsplit_rows(table, sheet)
    writers["quarantine"].add(unsplit.to_arrow())
    tally.count(sheet, accepted=0, refused=len(unsplit))
    watch = _KeyWatch(table)
    for cleaned in ahead(_cleaned(staged, sheet, table, fixes, surveyed, number)):
        writers[ROWS[table.kind]].add(cleaned.rows.to_arrow())
        writers["quarantine"].add(cleaned.quarantine.to_arrow())
        if cleaned.links is not None:
            writers["detainer_links"].add(cleaned.links.to_arrow())
        tally.add(sheet, cleaned)
        watch.add(cleaned)
    watch.judge()


def _cleaned(
    staged: Staged,
    sheet: StagedSheet,
    table: CaseTable,
    fixes: corrections.Corrections,
    surveyed: Surveyed,
    number: int,
) -> Iterator[Cleaned]:
    start = 0
    for batch in _batches(staged, sheet, set(table.columns)):
        known = surveyed.rows[number].slice(start, batch.height)
        start += batch.height
        yield clean_batch(read_batch(table, batch, fixes), known, surveyed.bases.get(table.population or ""))


def _unsplit_rows(table: CaseTable, sheet: StagedSheet) -> pl.DataFrame:
    """Quarantine entries of the rows that could not be split into cells; their text may hold what is never shown."""
    rows = [
        (table.release_id, table.file, table.sheet, row, "row", what, "structural", None)
        for row, what, _ in sheet.problems
    ]
    return pl.DataFrame(rows, polars_schema(Quarantine), orient="row")


class _KeyWatch:
    """Refuses a sheet none of whose rows can be counted."""

    def __init__(self, table: CaseTable) -> None:
        self._table = table
        self._accepted = 0
        self._first: dict[str, object] | None = None

    def add(self, cleaned: Cleaned) -> None:
        """Take note of one batch: of a key that is written and can't be read, rather than of one that is missing."""
        self._accepted += cleaned.rows.height
        structural = cleaned.quarantine.filter(pl.col("severity") == "structural")
        is_key = pl.col("field") == self._table.prefix + self._table.key
        unread = structural.filter(is_key & pl.col("value").is_not_null() & ~pl.col("rule").is_in([*_NOT_UNREAD]))
        shown = unread if unread.height else structural
        self._first = self._first or next(shown.iter_rows(named=True), None)

    def judge(self) -> None:
        """Raise FileProblem where the sheet can't be taken in."""
        if self._accepted or self._first is None:
            return
        first = self._first
        shown = "" if first["value"] is None else f"{first['value']!r}: "
        raise FileProblem(
            f"{self._table.place}, row {first['source_row']}, {first['field']}: {shown}{first['rule']}; "
            "no row of the sheet can be counted: correct the file in a copy, or state in release.toml what it can't "
            "tell (received, date_order, columns)"
        )


_NOT_UNREAD = ("refused by corrections.toml", FOOTER_RULE, "redacted", "missing")


def _batches(staged: Staged, sheet: StagedSheet, fields: Iterable[str]) -> Iterator[pl.DataFrame]:
    """The staged rows of a sheet, batch by batch: of their cells, those of these fields."""
    columns = {name: found for name, found in sheet.columns.items() if name in set(fields)}
    return ahead(staged.batches(replace(sheet, columns=columns), BATCH_ROWS))
