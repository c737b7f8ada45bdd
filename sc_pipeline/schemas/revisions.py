"""Marts that set one release against another, or against a printed total: by year, by group, row by row."""

import polars as pl

from sc_pipeline.schemas.base import Count, Date, ReadTable, RowTable, TableModel, Text, column
from sc_pipeline.schemas.records import POPULATIONS
from sc_pipeline.schemas.wording import MONTH, POPULATION

_OLDER = "The release received first."
_NEWER = "The next one received that reports the month."
_OUTCOME = (
    "new (a removal that only the newer release lists), gone (only the older one), or changed (both list it, and a "
    "field has another value)."
)
OUTCOMES = ("new", "gone", "changed")


class YearlyComparisonByRelease(ReadTable):
    """Every printed fiscal-year total beside the sum of each release's own months, whichever release serves them."""

    fiscal_year: Count = column("The fiscal year: October to September.", unit="year", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    publication: Text = column("The release the printed total is from.", key=True)
    release_id: Text = column("The release whose months are added up.", key=True)
    published: Count = column("The total as printed.", unit="removals", ge=0)
    computed_low: Count = column("The sum of the release's months that have a number.", unit="removals", ge=0)
    computed_high: Count = column(
        "The most it can be; null unless all twelve months are counted in full.",
        unit="removals",
        nullable=True,
        ge=0,
    )
    months_held: Count = column("How many months of the year have a number.", unit="months", ge=1, le=12)
    difference: Count = column("computed_low - published.", unit="removals")
    verdict: Text = column(
        "same, within, differs or not_computable.", isin=("same", "within", "differs", "not_computable")
    )


class RevisionsByGroup(ReadTable):
    """The counts of the same months in two releases, by area of responsibility and by country of citizenship."""

    dimension: Text = column("aor or citizenship_iso.", isin=("aor", "citizenship_iso"), key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    month: Date = column(MONTH, unit="month", key=True)
    group_value: Text = column("The area or the country; empty where the record has none.", key=True)
    older_release: Text = column(_OLDER, key=True)
    newer_release: Text = column(_NEWER, key=True)
    older: Count = column("The older count.", unit="removals", ge=0)
    newer: Count = column("The newer count.", unit="removals", ge=0)
    change: Count = column("newer - older.", unit="removals")


class RevisedRemovals(RowTable):
    """The removals that two releases in succession do not tell alike, where their identifiers agree.

    Identifiers agree where at least half of the older release's persons of the months that both count are persons of
    the newer one. A removal without an identifier is not compared.
    """

    population: pl.String = column(POPULATION, isin=POPULATIONS)
    month: pl.Date = column("The month of departure, in the older release where it lists the removal.", unit="month")
    older_release: pl.String = column(_OLDER)
    newer_release: pl.String = column(_NEWER)
    outcome: pl.String = column(_OUTCOME, isin=OUTCOMES)
    field: pl.String = column("The field that changed; empty for new and gone. A removal has a row for each field.")
    older_value: pl.String = column("What the older release has; of new and gone the day of departure.", nullable=True)
    newer_value: pl.String = column("What the newer release has.", nullable=True)
    older_file: pl.String = column("The file of the older release.", nullable=True)
    older_sheet: pl.String = column("Its worksheet; null for text files.", nullable=True)
    older_row: pl.Int64 = column("Its row.", nullable=True, ge=1)
    newer_file: pl.String = column("The file of the newer release.", nullable=True)
    newer_sheet: pl.String = column("Its worksheet; null for text files.", nullable=True)
    newer_row: pl.Int64 = column("Its row.", nullable=True, ge=1)


class RevisedRows(ReadTable):
    """How many removals a later release adds, drops and changes, and in which fields, where identifiers agree."""

    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    month: Date = column("The month of departure, in the older release where it lists it.", unit="month", key=True)
    older_release: Text = column(_OLDER, key=True)
    newer_release: Text = column(_NEWER, key=True)
    outcome: Text = column(_OUTCOME, isin=OUTCOMES, key=True)
    field: Text = column("The field that changed; empty for new and gone.", key=True)
    removals: Count = column(
        "Removals. One that changed in several fields counts in each of them.", unit="removals", ge=1
    )


MODELS: dict[str, TableModel] = {
    "yearly_comparison_by_release": YearlyComparisonByRelease,
    "revisions_by_group": RevisionsByGroup,
    "revised_removals": RevisedRemovals,
    "revised_rows": RevisedRows,
}
