"""The marts that count removals by month: the tables people read, with what every column means."""

from sc_pipeline.schemas.base import Count, Date, Flag, Number, ReadTable, TableModel, Text, column
from sc_pipeline.schemas.core import LEVEL_BASIS, ORIGINS, STATUS, STATUSES, UNDETERMINED
from sc_pipeline.schemas.records import LEVEL_BASES, POPULATIONS, SUBSETS
from sc_pipeline.schemas.wording import COUNT, FISCAL_YEAR, MONTH, POPULATION, SHARES, STATUS_OR_NULL, SUBSET

SPANS = ("month", "last_12_months", "fiscal_year", "last_5", "all")


class MonthlyRemovals(ReadTable):
    """Removals per month, population and subset: the base of every other figure."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(SUBSET, isin=SUBSETS, key=True)
    removals: Count = column("The removals known to be in the subset; null where the status is a silence.", **COUNT)
    undetermined: Count = column(UNDETERMINED, **COUNT)
    status: Text = column(STATUS, isin=STATUSES)
    origin: Text = column("records (counted from rows) or published (a figure someone printed).", isin=ORIGINS)
    release_id: Text = column("The release the figure comes from.")
    level_basis: Text = column(LEVEL_BASIS, isin=(*LEVEL_BASES, "as_published"), nullable=True)
    likely_duplicates: Count = column(
        "Of the removals, rows whose person and day another row has too: counted, not dropped.", **COUNT
    )


class RemovalsByMonth(ReadTable):
    """Removals per month and population, every subset beside the others: nothing to add up."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    fiscal_year: Count = column(FISCAL_YEAR, unit="year")
    removals: Count = column("All removals; null where the status is a silence.", **COUNT)
    removals_undetermined: Count = column("How many more there may be.", **COUNT)
    removals_status: Text = column(STATUS, isin=STATUSES)
    convicted: Count = column("Convicted of any offense; null where the status is a silence.", **COUNT)
    convicted_undetermined: Count = column("How many more there may be.", **COUNT)
    convicted_status: Text = column(STATUS, isin=STATUSES)
    not_convicted: Count = column("Not convicted; null where the status is a silence.", **COUNT)
    not_convicted_undetermined: Count = column("How many more there may be.", **COUNT)
    not_convicted_status: Text = column(STATUS, isin=STATUSES)
    level1: Count = column("Convicted of a Level 1 offense; null where the status is a silence.", **COUNT)
    level1_undetermined: Count = column("How many more there may be.", **COUNT)
    level1_status: Text = column(STATUS, isin=STATUSES)
    detainer_linked: Count = column("With a prior detainer; null where the status is a silence.", **COUNT)
    detainer_linked_undetermined: Count = column("How many more there may be.", **COUNT)
    detainer_linked_status: Text = column(STATUS, isin=STATUSES)


class RemovalsBySource(ReadTable):
    """Table 2 of TRAC's report, brought up to date: all, after a fingerprint match, and with a prior detainer."""

    month: Date = column(MONTH, unit="month", key=True)
    all_ice: Count = column("All ICE removals.", **COUNT)
    all_ice_status: Text = column(STATUS_OR_NULL, isin=STATUSES, nullable=True)
    sc: Count = column("Removals under Secure Communities (fingerprint match).", **COUNT)
    sc_status: Text = column(STATUS_OR_NULL, isin=STATUSES, nullable=True)
    sc_detainer_linked: Count = column("Of those, the ones with a prior detainer.", **COUNT)
    sc_detainer_linked_status: Text = column(STATUS_OR_NULL, isin=STATUSES, nullable=True)


class TwelveMonths(ReadTable):
    """Each month of every series with the sums over it and the eleven months before."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(SUBSET, isin=SUBSETS, key=True)
    removals: Count = column("The month's count, as in monthly_removals.", **COUNT)
    removals_12m: Count = column("The sum over the months that have a number.", **COUNT)
    undetermined_12m: Count = column("The undetermined of the same months.", **COUNT)
    months_in_window: Count = column("How many of the twelve have a number.", unit="months", ge=0, le=12)
    is_published: Flag = column("Whether any month is a printed figure.")
    is_whole: Flag = column("Whether all twelve have a number, of one definition of Level 1.")


class PrintedAverages(ReadTable):
    """The printed 12-month average of each month, population and subset."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(SUBSET, isin=SUBSETS, key=True)
    average_12m: Count = column("The average as printed.", unit="removals", ge=0)
    release_id: Text = column("The release that prints it.")


class RunningAverages(ReadTable):
    """12-month running averages of every monthly series."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(SUBSET, isin=SUBSETS, key=True)
    removals: Count = column("The month's count, as in monthly_removals.", **COUNT)
    average_12m: Number = column(
        "Mean of the month and the eleven before it; null where the bounds round to two figures, or a month is silent.",
        **COUNT,
    )
    average_12m_low: Number = column("The mean of the removals known to be in the subset.", **COUNT)
    average_12m_high: Number = column("The mean with every undetermined one.", **COUNT)
    months_in_window: Count = column("How many of the twelve have a number.", unit="months", ge=0, le=12)


class Convictions(ReadTable):
    """Table 1 of TRAC's report, brought up to date: removals of people convicted of a crime."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    any_offense: Count = column("Convicted of any offense; its status is in monthly_removals.", **COUNT)
    level1: Count = column("Convicted of a Level 1 offense; its status is in monthly_removals.", **COUNT)
    any_offense_12m: Count = column(
        "Mean of the month and the eleven before it, rounded half up; as printed where it cannot be computed.", **COUNT
    )
    level1_12m: Count = column("The same mean for Level 1 offenses.", **COUNT)
    any_offense_12m_origin: Text = column(
        "records where all twelve months are counted from rows; published where one is printed, or the average itself.",
        isin=ORIGINS,
        nullable=True,
    )
    level1_12m_origin: Text = column("The same for Level 1 offenses.", isin=ORIGINS, nullable=True)


class ShareMonths(ReadTable):
    """The months that have both a count with a prior detainer and its population."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    month_number: Count = column("Months since year 0, so that a gap shows.", unit="months")
    months_from_last: Count = column("1 for the last such month, 2 for the one before.", ge=1)
    detainer_linked: Count = column("Removals with a prior detainer.", unit="removals", ge=0)
    undetermined: Count = column("How many more there may be.", unit="removals", ge=0)
    removals: Count = column("Removals of the population.", unit="removals", ge=0)
    ice: Count = column("All ICE removals.", **COUNT)
    rows_total: Count = column("Removals of the month; null unless joined.", **COUNT)
    rows_with_id: Count = column("Of them with a person identifier.", **COUNT)
    detainers_total: Count = column("Detainers of the 365 days before the month's end; null unless joined.", **COUNT)
    detainers_with_id: Count = column("Of them with a person identifier.", **COUNT)
    is_published: Flag = column("Whether either count is a printed figure.")
    is_ice_published: Flag = column("Whether the count of all ICE removals is a printed figure.")


class ShareSpans(ReadTable):
    """The months of each span that a share with a prior detainer is given over."""

    span: Text = column("month, last_12_months, fiscal_year, last_5 or all.", isin=SPANS, key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    last_month: Date = column("The last month of the span, as its first day.", unit="month", key=True)
    month: Date = column("A month of the span, as its first day.", unit="month", key=True)
    months_held: Count = column("How many months the span holds.", unit="months", ge=1)


class DetainerShares(ReadTable):
    """What share of removals had a prior detainer, over several spans of months that have both counts."""

    span: Text = column(
        "month; last_12_months (in a row, ending with the month); fiscal_year (October to September, as far as it "
        "goes); last_5 and all (of the months that have both counts).",
        isin=SPANS,
        key=True,
    )
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    month: Date = column("The last month of the span, as its first day.", unit="month", key=True)
    fiscal_year: Count = column("The fiscal year of that month: October to September.", unit="year")
    months_held: Count = column("How many months the span holds.", unit="months", ge=1)
    detainer_linked: Count = column("Removals known to have had a prior detainer.", unit="removals", ge=0)
    removals: Count = column("Removals of the population over the same months.", unit="removals", ge=0)
    ice: Count = column("All ICE removals over the same months; null unless all have a number.", **COUNT)
    share: Number = column(
        "detainer_linked over the removals that are determined; null where more than one in twenty is not.", **SHARES
    )
    share_low: Number = column("detainer_linked / removals.", **SHARES)
    share_high: Number = column("The same, with every undetermined removal.", **SHARES)
    share_of_ice: Number = column("detainer_linked over all ICE removals, under the same condition as share.", **SHARES)
    id_coverage_removals: Number = column(
        "Share of the removals that carry a person identifier; null where nothing was joined.", **SHARES
    )
    id_coverage_detainers: Number = column(
        "Share of the detainers of the 365 days before that carry one; null where nothing was joined.", **SHARES
    )
    sc: Count = column("removals, where the population is sc.", **COUNT)
    share_of_sc: Number = column("share, where the population is sc.", **SHARES)
    median_days_to_departure: Number = column(
        "Median days from the last detainer to the departure, of the removals with a prior detainer: the link has no "
        "time limit. Null unless every one of them is a row.",
        unit="days",
        nullable=True,
        ge=0,
    )
    linked_within_365_days: Count = column(
        "Of the removals with a prior detainer, those that departed within 365 days of it; null likewise.", **COUNT
    )


MODELS: dict[str, TableModel] = {
    "monthly_removals": MonthlyRemovals,
    "removals_by_month": RemovalsByMonth,
    "removals_by_source": RemovalsBySource,
    "twelve_months": TwelveMonths,
    "printed_averages": PrintedAverages,
    "running_averages": RunningAverages,
    "convictions": Convictions,
    "share_months": ShareMonths,
    "share_spans": ShareSpans,
    "detainer_shares": DetainerShares,
}
