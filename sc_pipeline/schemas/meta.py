"""Tables about the tables: releases, what made each table, what every column means, and what the checks said."""

import polars as pl

from sc_pipeline.schemas.base import RowTable, column

_RELEASE = "Release id: the name of its folder under raw/."


class Releases(RowTable):
    """Every release found under raw/, with what its manifest says and how it fared."""

    release_id: pl.String = column(_RELEASE, key=True)
    title: pl.String = column("What the release is called.", nullable=True)
    publisher: pl.String = column("Who made it public.", nullable=True)
    agency: pl.String = column("The agency the records come from.", nullable=True)
    foia_request: pl.String = column("The FOIA request it answers, by its number where that is stated.", nullable=True)
    received: pl.Date = column("The day it was received; null where the manifest does not say.", nullable=True)
    population: pl.String = column("`ice` or `sc`; null where its tables tell, or where it holds both.", nullable=True)
    covers_from: pl.Date = column("First day the release covers, as declared.", nullable=True)
    covers_to: pl.Date = column("Last day the release covers, as declared.", nullable=True)
    synthetic: pl.Boolean = column("True for simulated data, which no one may quote.")
    sha256: pl.String = column("Digest over the names and sha256s of its files.", nullable=True)
    status: pl.String = column(
        "`ready`; `withdrawn` (kept, serves no month); `kept` (refused as it stands now, its last good rows serve); "
        "`failed` (refused, no rows).",
        isin=["ready", "withdrawn", "kept", "failed"],
    )
    problem: pl.String = column("Why it was refused, or why it is withdrawn, in one line.", nullable=True)
    inferred: pl.String = column("Keys its manifest leaves open, separated by commas.", nullable=True)
    source_url: pl.String = column("Where it was downloaded from.", nullable=True)
    caution: pl.String = column(
        "What must be said beside every figure of it: as its manifest says, else as is known of its productions.",
        nullable=True,
    )
    scope_note: pl.String = column(
        "What its population leaves out: a break in a series across releases.", nullable=True
    )


class ReleaseWindows(RowTable):
    """The months reserved for a release: by [[serves]] in its manifest, else by what is known of its productions."""

    release_id: pl.String = column(_RELEASE)
    first_month: pl.Date = column("First month, as its first day.")
    last_month: pl.Date = column("Last month, as its first day; null is open-ended.", nullable=True)
    kind: pl.String = column("`removals` or `detainers` where it is for one of them; null for both.", nullable=True)


class ExpectedRows(RowTable):
    """How many rows of a fiscal year are known to be in the production that a release is."""

    release_id: pl.String = column(_RELEASE, key=True)
    production: pl.String = column("The known production.", key=True)
    kind: pl.String = column("`removals` or `detainers`.")
    fiscal_year: pl.Int64 = column("Fiscal year, by its last calendar year.", key=True, unit="fiscal year")
    rows: pl.Int64 = column("Rows of that year in a whole delivery.", unit="rows", gt=0)
    source: pl.String = column("Where that is stated.")


class WithheldFields(RowTable):
    """The fields a manifest declares withheld by the agency ([[withheld]])."""

    release_id: pl.String = column(_RELEASE)
    field: pl.String = column("Canonical field name.")
    first_month: pl.Date = column("First month withheld, as its first day.")
    last_month: pl.Date = column("Last month withheld, as its first day; null is open-ended.", nullable=True)
    reason: pl.String = column("Why, as the manifest states it.", nullable=True)
    citation: pl.String = column("Where that is stated.", nullable=True)


class Tables(RowTable):
    """What made each table: the only place where a clock shows."""

    table_name: pl.String = column("Name of the table.", key=True)
    stage: pl.String = column("`staged`, `core`, `meta` or `marts`.")
    rows: pl.Int64 = column("Rows in it.", unit="rows")
    sha256: pl.String = column("Hash of its Parquet file; of a table kept per release, over the releases' hashes.")
    code_version: pl.String = column("Version of the code or SQL that made it.")
    inputs: pl.String = column("JSON: each input and the hash it had.")
    run_id: pl.String = column("Dagster run that made it.", nullable=True)
    built_at: pl.String = column("When it was made, UTC.")
    commit: pl.String = column(
        "Commit of the code, where it ran from a checkout; `-dirty` follows where files were edited.", nullable=True
    )


class Columns(RowTable):
    """The data dictionary: every column of every table."""

    table_name: pl.String = column("Name of the table.", key=True)
    column_name: pl.String = column("Name of the column.", key=True)
    type: pl.String = column("SQL type.")
    nullable: pl.Boolean = column("Whether it may be null.")
    description: pl.String = column("What it means.")
    unit: pl.String = column("Unit, where it has one.", nullable=True)
    source: pl.String = column("Where the values come from, where that needs saying.", nullable=True)
    key: pl.Boolean = column("Whether it is one of the columns that together name a row.")
    allowed: pl.String = column("JSON: the values it may have, where they are few and known.", nullable=True)


class ColumnLineage(RowTable):
    """Which columns each column is computed from, read from the SQL and the vocabularies."""

    table_name: pl.String = column("Name of the table.")
    column_name: pl.String = column("Name of the column.")
    from_table: pl.String = column(
        "Table it is computed from; `vocabulary:<kind>` for a column of a source file, `release.toml`, "
        "`corrections.toml` or `reference/<name>.csv` for what is written there."
    )
    from_column: pl.String = column("Column there; `*` where the number of rows is what counts.")


class Checks(RowTable):
    """What every check said of the tables as published."""

    check_name: pl.String = column("Name of the check.", key=True)
    table_name: pl.String = column("Table it looks at.", key=True)
    outcome: pl.String = column("`passed`, `failed` or `not run`.", isin=["passed", "failed", "not run"])
    blocking: pl.Boolean = column("Whether failing it stops publishing.")
    bad_rows: pl.Int64 = column("Rows it found; null where it was not run.", unit="rows", nullable=True)
    notes: pl.String = column("What it looks for, and the first rows it found.", nullable=True)
    is_note: pl.Boolean = column("Whether it tells what nobody can or need change: then it passes whatever it finds.")


class FigureHistory(RowTable):
    """Every published monthly figure that a later build changed; kept in this file alone, from build to build."""

    month: pl.Date = column("Month, as its first day.")
    population: pl.String = column("`ice` or `sc`.")
    subset: pl.String = column("`all`, `convicted`, `level1` or `detainer_linked`.")
    old: pl.Int64 = column("The figure before; null where there was none.", unit="removals", nullable=True)
    new: pl.Int64 = column("The figure now; null where there is none.", unit="removals", nullable=True)
    old_release: pl.String = column("The release that served it before.", nullable=True)
    release: pl.String = column("The release that serves it now.", nullable=True)
    changed_at: pl.String = column("When the change was published, UTC.")


MODELS = {
    "releases": Releases,
    "release_windows": ReleaseWindows,
    "expected_rows": ExpectedRows,
    "withheld_fields": WithheldFields,
    "tables": Tables,
    "columns": Columns,
    "column_lineage": ColumnLineage,
    "checks": Checks,
    "figure_history": FigureHistory,
}
