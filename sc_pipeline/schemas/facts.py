"""The tables of facts about a release: what is quarantined, disclosed, silent, read, corrected."""

import polars as pl

from sc_pipeline.schemas.base import RowTable, TableModel, column
from sc_pipeline.schemas.records import LEVEL_BASES, POPULATIONS, SILENCES
from sc_pipeline.schemas.wording import release_id, source_file, source_row, source_sheet


class Quarantine(RowTable):
    """One row per quarantined row (structural) and per value that could not be trusted and became null (warning)."""

    release_id: pl.String = release_id()
    source_file: pl.String = source_file()
    source_sheet: pl.String = source_sheet()
    source_row: pl.Int64 = source_row()
    field: pl.String = column("The column concerned; `detainers.` before those of the detainers table.")
    rule: pl.String = column("The rule that did not hold.")
    severity: pl.String = column(
        "structural: the row is not counted; warning: the row stays and the value is null.",
        isin=("structural", "warning"),
    )
    value: pl.String = column(
        "The value as the source writes it; null for a blank. What may tell who a person is is not shown.",
        nullable=True,
    )


class FieldDisclosure(RowTable):
    """Per release, month and field: how many accepted rows hold a value, a blank, a redaction, something unreadable."""

    release_id: pl.String = column("The release.", key=True)
    month: pl.Date = column("The month of departure; for detainers of preparation.", unit="month", key=True)
    field: pl.String = column("The column; `detainers.` before those of the detainers table.", key=True)
    rows: pl.Int64 = column("Accepted rows.", unit="rows", ge=0)
    disclosed: pl.Int64 = column("Rows with a readable value.", unit="rows", ge=0)
    blank: pl.Int64 = column("Rows without one, or without the column.", unit="rows", ge=0)
    redacted: pl.Int64 = column("Rows where a redaction mark fills the cell.", unit="rows", ge=0)
    unreadable: pl.Int64 = column("Rows where something is written that can't be read.", unit="rows", ge=0)
    column_present: pl.Boolean = column("Whether any file of the month has the column.")


class Silences(RowTable):
    """Where a field of a release says nothing in a month, and why; in other months each row decides."""

    release_id: pl.String = column("The release.", key=True)
    population: pl.String = column(
        "The population of the removals; empty for the detainers table by month of preparation.",
        isin=(*POPULATIONS, ""),
        key=True,
    )
    month: pl.Date = column("The first day of the month.", unit="month", key=True)
    field: pl.String = column("The column; `detainers.` before those of the detainers table.", key=True)
    reason: pl.String = column(
        "withheld (declared, or every written cell is a redaction), unreadable, ids_do_not_join (no identifier of the "
        "removals is one of the detainers), not_disclosed (blank where values were to be expected) or not_in_release.",
        isin=SILENCES,
    )


class ReleaseBases(RowTable):
    """Per release and population: what its levels and its links to detainers rest on."""

    release_id: pl.String = column("The release.", key=True)
    population: pl.String = column("ice or sc.", isin=POPULATIONS, key=True)
    level_basis: pl.String = column(
        "What Level 1 rests on: threat_level_2011 (the person's level as stated) or offense_2009 (the offense's level "
        "by its code); null where the release has neither.",
        isin=LEVEL_BASES,
        nullable=True,
    )
    first_detainer: pl.Date = column("The first day a detainer of the table was prepared.", unit="day", nullable=True)
    last_detainer: pl.Date = column("The last day a detainer of the table was prepared.", unit="day", nullable=True)
    removal_ids: pl.Int64 = column("Distinct usable identifiers of its removals.", unit="persons", ge=0)
    detainer_ids: pl.Int64 = column("Distinct usable identifiers of its detainers.", unit="persons", ge=0)
    matched_ids: pl.Int64 = column("Identifiers that are in both.", unit="persons", ge=0)
    has_own_detainers: pl.Boolean = column("Whether the removals themselves have the day a detainer was prepared.")
    has_detainers_table: pl.Boolean = column("Whether the release has a table of detainers.")


class SourceFiles(RowTable):
    """One row per data file of a release: how it was read and what became of its rows."""

    release_id: pl.String = column("The release.", key=True)
    file: pl.String = column("The file as named in the release.", key=True)
    kind: pl.String = column("What its rows are, such as removals or detainers.", nullable=True)
    production: pl.String = column("The known production its columns matched.", nullable=True)
    sha256: pl.String = column("The digest of its bytes.")
    bytes: pl.Int64 = column("Its size.", unit="bytes", ge=0)
    rows_read: pl.Int64 = column("Rows below the header, without wholly blank ones.", unit="rows", ge=0)
    rows_accepted: pl.Int64 = column("Rows that became rows of a table.", unit="rows", ge=0)
    rows_quarantined: pl.Int64 = column("Rows quarantined one by one.", unit="rows", ge=0)
    rows_left_out: pl.Int64 = column(
        "Rows of tables left out as a whole; with the accepted and the quarantined ones they make all rows read.",
        unit="rows",
        ge=0,
    )
    left_out: pl.String = column("Which tables of it were left out, and why.", nullable=True)
    encoding: pl.String = column("The text encoding; null for workbooks.", nullable=True)
    sheets: pl.Int64 = column("Worksheets (or archive members) with data.", unit="sheets", ge=0)
    unknown_columns: pl.String = column("Columns that are not known, as the file names them.", nullable=True)
    missing_columns: pl.String = column("Fields that its kind of table usually has and it lacks.", nullable=True)
    personal_columns: pl.String = column(
        "Columns with values that tell who a person is, by their names or by what most values look like; they are kept "
        "in staging and never published.",
        nullable=True,
    )


class Corrections(RowTable):
    """One row per entry of a corrections.toml that was applied."""

    release_id: pl.String = release_id()
    field: pl.String = column("The column corrected; `detainers.` before those of the detainers table.")
    rows_matched: pl.Int64 = column("Rows it was applied to.", unit="rows", ge=1)
    action: pl.String = column("set, null or quarantine.", isin=("set", "null", "quarantine"))
    expected: pl.String = column("The value in the source, as written; null for a blank.", nullable=True)
    replacement: pl.String = column("What it was set to; null for the other actions.", nullable=True)
    reason: pl.String = column("Why.")
    reported_by: pl.String = column("Who found the error.")


MODELS: dict[str, TableModel] = {
    "quarantine": Quarantine,
    "field_disclosure": FieldDisclosure,
    "silences": Silences,
    "release_bases": ReleaseBases,
    "source_files": SourceFiles,
    "corrections": Corrections,
}
