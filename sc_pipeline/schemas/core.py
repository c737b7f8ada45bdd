"""The core tables that SQL makes of all releases together: which release serves a month, and the rows in use."""

import polars as pl

from sc_pipeline.schemas.base import RowTable, TableModel, column
from sc_pipeline.schemas.records import LEVEL_BASES, LINK_METHODS, POPULATIONS, SILENCES, SUBSETS, Detainers, Removals

NUMBERS = ("reported", "at_least", "partial")
STATUSES = (*NUMBERS, *SILENCES, "not_released")
ORIGINS = ("records", "published")
LEVEL_BASIS = (
    "What Level 1 means here: threat_level_2011 (the person's level as stated), offense_2009 (the offense's level by "
    "the reference table) or as_published; null for other subsets, and where no level is possible."
)
STATUS = (
    "reported; at_least (some rows are undetermined); partial (the month is not covered in full); withheld (by the "
    "agency); unreadable; ids_do_not_join; not_disclosed (the column is blank); not_in_release (no such column or "
    "table); not_released (not yet)."
)
UNDETERMINED = (
    "How many more there may be: rows that the file leaves undecided, and for joined counts detainers without an "
    "identifier; null where the figure is printed and silent."
)


class PublishedYears(RowTable):
    """One row per fiscal-year figure of a published table."""

    release_id: pl.String = column("The release the table was delivered in.", key=True)
    population: pl.String = column("Whom the figure counts: ice or sc.", isin=POPULATIONS, key=True)
    subset: pl.String = column("Which of them.", isin=SUBSETS, key=True)
    fiscal_year: pl.Int64 = column("The fiscal year: October to September.", unit="year", key=True)
    value: pl.Int64 = column("The figure; null unless reported.", unit="removals", nullable=True, ge=0)
    status: pl.String = column("reported, withheld or not_released.", isin=("reported", "withheld", "not_released"))
    source_file: pl.String = column("The file the figure is in.")
    source_sheet: pl.String = column("Its worksheet; null for text files.", nullable=True)
    source_row: pl.Int64 = column("Its row.", ge=1)
    source_column: pl.String = column("Its column, as the file names it.")


class OtherCounts(RowTable):
    """Printed counts of another population (dhs, cbp), or of returns: kept apart, and never compared with removals."""

    release_id: pl.String = column("The release the table was delivered in.", key=True)
    table_name: pl.String = column("The table as the publication names it.", key=True)
    population: pl.String = column(
        "Whom the figure counts: dhs (all of Homeland Security), cbp (Customs and Border Protection) or ice.",
        isin=("dhs", "cbp", "ice"),
        key=True,
    )
    subset: pl.String = column(
        "all (removals), returns, or removals_and_returns.", isin=("all", "returns", "removals_and_returns"), key=True
    )
    month: pl.Date = column("The month, as its first day; null for a year.", unit="month", nullable=True, key=True)
    fiscal_year: pl.Int64 = column("The fiscal year; null for a month.", unit="year", nullable=True, key=True)
    value: pl.Int64 = column("The figure; null unless reported.", unit="departures", nullable=True, ge=0)
    status: pl.String = column("reported, withheld or not_released.", isin=("reported", "withheld", "not_released"))
    source_file: pl.String = column("The file the figure is in.")
    source_sheet: pl.String = column("Its worksheet; null for text files.", nullable=True)
    source_row: pl.Int64 = column("Its row.", ge=1)
    source_column: pl.String = column("Its column, as the file names it.")


class ReleaseMonths(RowTable):
    """What every release has of each population, month and subset."""

    release_id: pl.String = column("The release.", key=True)
    population: pl.String = column("Whom the figure counts: ice or sc.", isin=POPULATIONS, key=True)
    month: pl.Date = column("The first day of the month of departure.", unit="month", key=True)
    subset: pl.String = column("all, convicted, not_convicted, level1 or detainer_linked.", isin=SUBSETS, key=True)
    removals: pl.Int64 = column(
        "The rows known to be in the subset; null where the status is a silence.", unit="removals", nullable=True, ge=0
    )
    undetermined: pl.Int64 = column(UNDETERMINED, unit="removals", nullable=True, ge=0)
    status: pl.String = column(STATUS, isin=STATUSES)
    origin: pl.String = column("records (counted from rows) or published (a printed figure).", isin=ORIGINS, key=True)
    level_basis: pl.String = column(LEVEL_BASIS, isin=(*LEVEL_BASES, "as_published"), nullable=True)
    likely_duplicates: pl.Int64 = column(
        "Of the removals, rows whose person and day another row has too; null where no row has an identifier.",
        unit="rows",
        nullable=True,
        ge=0,
    )
    perhaps_joined: pl.Int64 = column(
        "Of the undetermined, those that a detainer without an identifier may belong to; null unless joined.",
        unit="removals",
        nullable=True,
        ge=0,
    )
    rows_total: pl.Int64 = column("Removals of the month; null unless joined.", unit="rows", nullable=True, ge=0)
    rows_with_id: pl.Int64 = column("Of them with a person identifier.", unit="rows", nullable=True, ge=0)
    detainers_total: pl.Int64 = column(
        "Detainers prepared in the 365 days before the month's end; null unless joined.",
        unit="detainers",
        nullable=True,
        ge=0,
    )
    detainers_with_id: pl.Int64 = column("Of them with a person identifier.", unit="detainers", nullable=True, ge=0)


class MonthSources(RowTable):
    """Which release is used for each population and month, and why that one."""

    population: pl.String = column("ice or sc.", isin=POPULATIONS, key=True)
    month: pl.Date = column("The first day of the month.", unit="month", key=True)
    release_id: pl.String = column("The release used for it.")
    origin: pl.String = column("records or published.", isin=ORIGINS)
    reason: pl.String = column("Why it was chosen over the next candidate.")


class DetainerSources(RowTable):
    """Which release is used for each month of detainers, and why that one."""

    month: pl.Date = column("The first day of the month of preparation.", unit="month", key=True)
    release_id: pl.String = column("The release used for it.")
    reason: pl.String = column("Why it was chosen over the next candidate.")


class ServedRemovals(Removals):
    """The removals in use: of each population and month, those of the one release that serves it."""


class RemovalsNotServing(Removals):
    """The removals not in use: of months that another release serves, or none."""


class Level1Removals(Removals):
    """The removals in use whose most serious conviction is a Level 1 offense."""


class DetainerLinkedRemovals(Removals):
    """The removals in use of people for whom a detainer had been prepared on or before the day of departure."""

    linked_detainer_date: pl.Date = column("The day the last such detainer was prepared.", unit="day")
    days_to_departure: pl.Int64 = column("Days from that day to the departure.", unit="days", ge=0)
    link_method: pl.String = column(
        "same_record: on the removal's own record; joined: found by person in the same release.", isin=LINK_METHODS
    )


class ServedDetainers(Detainers):
    """The detainers in use: of each month of preparation, those of one release."""


class DetainersNotServing(Detainers):
    """The detainers not in use: of months that another release serves, or none."""


MODELS: dict[str, TableModel] = {
    "published_years": PublishedYears,
    "other_counts": OtherCounts,
    "release_months": ReleaseMonths,
    "month_sources": MonthSources,
    "detainer_sources": DetainerSources,
    "removals": ServedRemovals,
    "removals_not_serving": RemovalsNotServing,
    "detainers": ServedDetainers,
    "detainers_not_serving": DetainersNotServing,
    "level1_removals": Level1Removals,
    "detainer_linked_removals": DetainerLinkedRemovals,
}
