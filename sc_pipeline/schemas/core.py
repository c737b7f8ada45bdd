"""The core tables that SQL makes of all releases together: which release serves a month, and the rows in use."""

import polars as pl

from sc_pipeline.schemas.base import RowTable, TableModel, column
from sc_pipeline.schemas.records import LINK_METHODS, POPULATIONS, SUBSETS, Detainers, Removals

STATUSES = (
    "reported", "at_least", "partial", "withheld", "unreadable", "ids_do_not_join", "not_disclosed", "not_in_release",
    "not_released",
)  # fmt: skip
ORIGINS = ("records", "published")


class ReleaseMonths(RowTable):
    """What every release says of each population, month and subset."""

    release_id: pl.String = column("The release.", key=True)
    population: pl.String = column("Whom the figure counts: ice or sc.", isin=POPULATIONS, key=True)
    month: pl.Date = column("The first day of the month of departure.", unit="month", key=True)
    subset: pl.String = column("all, convicted, level1 or detainer_linked.", isin=SUBSETS, key=True)
    removals: pl.Int64 = column(
        "The count; null unless the status is reported or partial.", unit="removals", nullable=True, ge=0
    )
    status: pl.String = column("reported, partial, withheld or not_released.", isin=STATUSES)
    origin: pl.String = column("records (counted from rows) or published (a printed figure).", isin=ORIGINS, key=True)
    rows_total: pl.Int64 = column("Removals of the month; null for published.", unit="rows", nullable=True, ge=0)
    rows_with_id: pl.Int64 = column("Of them with a person identifier.", unit="rows", nullable=True, ge=0)
    rows_joined: pl.Int64 = column("Of them linked to a detainer by person.", unit="rows", nullable=True, ge=0)


class MonthSources(RowTable):
    """Which release serves each population and month, and why that one."""

    population: pl.String = column("ice or sc.", isin=POPULATIONS, key=True)
    month: pl.Date = column("The first day of the month.", unit="month", key=True)
    release_id: pl.String = column("The release that serves it.")
    origin: pl.String = column("records or published.", isin=ORIGINS)
    reason: pl.String = column("What it was preferred for over the next best release.")


class DetainerSources(RowTable):
    """Which release serves each month of detainers, and why that one."""

    month: pl.Date = column("The first day of the month of preparation.", unit="month", key=True)
    release_id: pl.String = column("The release that serves it.")
    reason: pl.String = column("What it was preferred for over the next best release.")


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
