"""The marts: the tables people read, with what every column means."""

from sc_pipeline.schemas.base import Count, Date, Flag, Number, ReadTable, TableModel, Text, column
from sc_pipeline.schemas.core import ORIGINS, STATUSES
from sc_pipeline.schemas.records import FIPS_CODE, POPULATIONS, STATE_CODE, SUBSETS

WINDOWS = ("month", "last_12_months", "fiscal_year", "last_reported_5")
COMPARISONS = ("same", "differs", "not_computable")
VERDICTS = ("supported", "contradicted", "undecided")

_MONTH = "The month, as its first day."
_POPULATION = "ice (all ICE removals) or sc (those under Secure Communities, a part of ice: never add the two)."
_SUBSET = "all, convicted (of any offense), level1 (most serious conviction is Level 1) or detainer_linked."
# Not held to 1: where two sources disagree a part can exceed its whole; subset_larger_across_releases warns of it.
_SHARES = {"unit": "share, 0 to 1", "nullable": True, "ge": 0}


class MonthlyRemovals(ReadTable):
    """Removals per month, population and subset: the base of every other figure."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(_SUBSET, isin=SUBSETS, key=True)
    removals: Count = column(
        "The count; null unless the status is reported or partial.", unit="removals", nullable=True, ge=0
    )
    status: Text = column(
        "reported; partial (the release does not cover the whole month); withheld (the agency has it and does not "
        "release it); not_released (not yet).",
        isin=STATUSES,
    )
    origin: Text = column("records (counted from rows) or published (a figure someone printed).", isin=ORIGINS)
    release_id: Text = column("The release the figure comes from.")


class RemovalsBySource(ReadTable):
    """Table 2 of TRAC's report, brought up to date: all removals, those after a fingerprint match, after a detainer."""

    month: Date = column(_MONTH, unit="month", key=True)
    all_ice: Count = column("All ICE removals.", unit="removals", nullable=True, ge=0)
    all_ice_status: Text = column("Its status; null where no release speaks of it.", isin=STATUSES, nullable=True)
    sc: Count = column("Removals under Secure Communities (fingerprint match).", unit="removals", nullable=True, ge=0)
    sc_status: Text = column("Its status; null where no release speaks of it.", isin=STATUSES, nullable=True)
    sc_detainer_linked: Count = column("Of those, the ones a detainer led to.", unit="removals", nullable=True, ge=0)
    sc_detainer_linked_status: Text = column(
        "Its status; null where no release speaks of it.", isin=STATUSES, nullable=True
    )


class Convictions(ReadTable):
    """Table 1 of TRAC's report, brought up to date: Secure Communities removals of people convicted of a crime."""

    month: Date = column(_MONTH, unit="month", key=True)
    any_offense: Count = column("Convicted of any offense; null unless reported.", unit="removals", nullable=True, ge=0)
    level1: Count = column(
        "Convicted of a Level 1 offense; null unless reported.", unit="removals", nullable=True, ge=0
    )
    any_offense_12m: Count = column(
        "Mean of the month and the eleven before it, rounded half up; null unless all twelve are reported.",
        unit="removals", nullable=True, ge=0,
    )  # fmt: skip
    level1_12m: Count = column(
        "The same mean for Level 1 offenses; null unless all twelve are reported.",
        unit="removals", nullable=True, ge=0,
    )  # fmt: skip


class RunningAverages(ReadTable):
    """12-month running averages of every monthly series."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(_SUBSET, isin=SUBSETS, key=True)
    removals: Count = column("The month's count, as in monthly_removals.", unit="removals", nullable=True, ge=0)
    average_12m: Number = column(
        "Mean of the month and the eleven before it; null unless all twelve are reported.",
        unit="removals", nullable=True, ge=0,
    )  # fmt: skip
    months_in_window: Count = column("How many of the twelve are reported.", unit="months", ge=0, le=12)


class DetainerShares(ReadTable):
    """Which part of removals a detainer led to, over months in which all of it is reported."""

    window: Text = column(
        "month; last_12_months (ending with the month); fiscal_year (October to September); last_reported_5 (the last "
        "five months in which the detainer-linked count is reported).",
        isin=WINDOWS,
        key=True,
    )
    month: Date = column("The last month of the window, as its first day.", unit="month", key=True)
    detainer_linked: Count = column("Secure Communities removals a detainer led to.", unit="removals", ge=0)
    sc: Count = column("Secure Communities removals over the same months.", unit="removals", ge=0)
    ice: Count = column(
        "All ICE removals over the same months; null unless all are reported.", unit="removals", nullable=True, ge=0
    )
    share_of_sc: Number = column("detainer_linked / sc.", **_SHARES)
    share_of_ice: Number = column("detainer_linked / ice.", **_SHARES)
    id_coverage: Number = column(
        "Share of the removals that carry a person identifier, without which none can be joined to a detainer; null "
        "where nothing was joined.",
        **_SHARES,
    )


class MonthlyRemovalsByPlace(ReadTable):
    """Removals per month and county of apprehension, from records; places that resolve to nothing stay, unnamed."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(_SUBSET, isin=SUBSETS, key=True)
    state: Text = column("State, USPS code.", str_matches=STATE_CODE, nullable=True, key=True)
    county_fips: Text = column("FIPS code of the county.", str_matches=FIPS_CODE, nullable=True, key=True)
    county: Text = column("Name of the county; null where the FIPS code is.", nullable=True)
    removals: Count = column("The count.", unit="removals", ge=1)


class FigureValues(ReadTable):
    """Every headline figure over the latest months and over the months of the publications it is compared with."""

    figure: Text = column("Name of the figure.", key=True)
    first_month: Date = column("First month it is about.", unit="month", key=True)
    last_month: Date = column("Last month it is about.", unit="month", key=True)
    value: Number = column("The figure; null where a month it needs is not reported.", nullable=True)
    unit: Text = column("removals, or share (0 to 1).", isin=("removals", "share"))
    method: Text = column("How it is computed.")
    origin: Text = column("published where any month of it is a printed figure, else records.", isin=ORIGINS)
    is_latest: Flag = column("Whether these are the latest months the data allow.")


class HeadlineFigures(ReadTable):
    """The figures of the report's text, over the latest months the data allow."""

    figure: Text = column("Name of the figure.", key=True)
    value: Number = column("The figure; null where a month it needs is not reported.", nullable=True)
    unit: Text = column("removals, or share (0 to 1).", isin=("removals", "share"))
    first_month: Date = column("First month it is about.", unit="month")
    last_month: Date = column("Last month it is about.", unit="month")
    method: Text = column("How it is computed, and where a printed figure had to stand in.")


class ClaimChecks(ReadTable):
    """What officials and publishers claimed, against what the data say of the same days."""

    claim_id: Text = column("Name of the claim.", source="reference/claims.csv", key=True)
    claimant: Text = column("Who claimed it.")
    claim: Text = column("What was claimed.")
    claimed: Count = column("The number claimed.", unit="removals", ge=0)
    first_day: Date = column("First day claimed.", unit="day")
    last_day: Date = column("Last day claimed.", unit="day")
    observed_low: Count = column(
        "At least so many: counted by day where records serve all the months, else in the whole months inside.",
        unit="removals", nullable=True, ge=0,
    )  # fmt: skip
    observed_high: Count = column(
        "At most so many: counted by day where records serve all the months, else in all months overlapping; null "
        "where one of them is not reported.",
        unit="removals", nullable=True, ge=0,
    )  # fmt: skip
    ratio_low: Number = column("claimed / observed_high.", nullable=True, ge=0)
    ratio_high: Number = column("claimed / observed_low.", nullable=True, ge=0)
    verdict: Text = column(
        "supported, contradicted or undecided: whether every, no or some number from observed_low to observed_high "
        "agrees with the claim.",
        isin=VERDICTS,
    )


class PublishedComparison(ReadTable):
    """Every printed figure beside the one computed here."""

    publication: Text = column("The release the printed figure is from.", key=True)
    cell: Text = column("Table, month and column, or the figure in the text.", key=True)
    published: Number = column("The figure as printed.")
    computed: Number = column("The figure as computed, rounded as printed; null where it cannot be.", nullable=True)
    difference: Number = column("computed - published.", nullable=True)
    verdict: Text = column("same, differs or not_computable.", isin=COMPARISONS)
    origin: Text = column(
        "records, or published where the computed figure rests on printed ones; null where not computable.",
        isin=ORIGINS, nullable=True,
    )  # fmt: skip


class ReleaseRevisions(ReadTable):
    """What two releases, one received after the other, say of the same months."""

    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(_SUBSET, isin=SUBSETS, key=True)
    month: Date = column(_MONTH, unit="month", key=True)
    older_release: Text = column("The release received first.", key=True)
    newer_release: Text = column("The next one received that reports the month.", key=True)
    older: Count = column("The older count.", unit="removals", ge=0)
    newer: Count = column("The newer count.", unit="removals", ge=0)
    change: Count = column("newer - older.", unit="removals")


MODELS: dict[str, TableModel] = {
    "monthly_removals": MonthlyRemovals,
    "removals_by_source": RemovalsBySource,
    "convictions": Convictions,
    "running_averages": RunningAverages,
    "detainer_shares": DetainerShares,
    "monthly_removals_by_place": MonthlyRemovalsByPlace,
    "figure_values": FigureValues,
    "headline_figures": HeadlineFigures,
    "claim_checks": ClaimChecks,
    "published_comparison": PublishedComparison,
    "release_revisions": ReleaseRevisions,
}
