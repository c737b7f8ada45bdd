"""The marts: the tables people read, with what every column means."""

from sc_pipeline.schemas.base import Count, Date, Flag, Number, ReadTable, TableModel, Text, column
from sc_pipeline.schemas.core import LEVEL_BASIS, ORIGINS, STATUS, STATUSES, UNDETERMINED
from sc_pipeline.schemas.records import LEVEL_BASES, POPULATIONS, SUBSETS

SPANS = ("month", "last_12_months", "fiscal_year", "last_5", "all")
COMPARISONS = ("same", "within", "differs", "not_computable", "same_figure")
VERDICTS = ("supported", "contradicted", "undecided")

_MONTH = "The month, as its first day."
_FISCAL_YEAR = "The fiscal year the month is in: October to September."
_POPULATION = "ice (all ICE removals) or sc (those under Secure Communities, a subset of ice: never add the two)."
_SUBSET = (
    "all, convicted (of any offense), not_convicted, level1 (the conviction is Level 1) or detainer_linked (with a "
    "prior detainer)."
)
_STATUS_OR_NULL = "Status of that count; null if no release covers the month."
_STATE = "State, USPS code; empty where the place does not resolve."
_PLACE_CODE = r"^([A-Z]{2})?$"
_FIPS_OR_EMPTY = r"^([0-9]{5})?$"
_COUNT = {"unit": "removals", "nullable": True, "ge": 0}
_DETAINERS = {"unit": "detainers", "nullable": True, "ge": 0}
_PERSONS = {"unit": "persons", "nullable": True, "ge": 0}
_WINDOW_STATUS = (
    "Status of that count: reported; at_least; partial (the window runs past the last day of the release); or why the "
    "file does not tell of departures."
)
# Not held to 1: where two sources disagree a part can exceed its whole; subset_larger_across_releases warns of it.
_SHARES = {"unit": "share, 0 to 1", "nullable": True, "ge": 0}


class MonthlyRemovals(ReadTable):
    """Removals per month, population and subset: the base of every other figure."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(_SUBSET, isin=SUBSETS, key=True)
    removals: Count = column("The removals known to be in the subset; null where the status is a silence.", **_COUNT)
    undetermined: Count = column(UNDETERMINED, **_COUNT)
    status: Text = column(STATUS, isin=STATUSES)
    origin: Text = column("records (counted from rows) or published (a figure someone printed).", isin=ORIGINS)
    release_id: Text = column("The release the figure comes from.")
    level_basis: Text = column(LEVEL_BASIS, isin=(*LEVEL_BASES, "as_published"), nullable=True)
    likely_duplicates: Count = column(
        "Of the removals, rows whose person and day another row has too: counted, not dropped.", **_COUNT
    )


class RemovalsByMonth(ReadTable):
    """Removals per month and population, every subset beside the others: nothing to add up."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    fiscal_year: Count = column(_FISCAL_YEAR, unit="year")
    removals: Count = column("All removals; null where the status is a silence.", **_COUNT)
    removals_undetermined: Count = column("How many more there may be.", **_COUNT)
    removals_status: Text = column(STATUS, isin=STATUSES)
    convicted: Count = column("Convicted of any offense; null where the status is a silence.", **_COUNT)
    convicted_undetermined: Count = column("How many more there may be.", **_COUNT)
    convicted_status: Text = column(STATUS, isin=STATUSES)
    not_convicted: Count = column("Not convicted; null where the status is a silence.", **_COUNT)
    not_convicted_undetermined: Count = column("How many more there may be.", **_COUNT)
    not_convicted_status: Text = column(STATUS, isin=STATUSES)
    level1: Count = column("Convicted of a Level 1 offense; null where the status is a silence.", **_COUNT)
    level1_undetermined: Count = column("How many more there may be.", **_COUNT)
    level1_status: Text = column(STATUS, isin=STATUSES)
    detainer_linked: Count = column("With a prior detainer; null where the status is a silence.", **_COUNT)
    detainer_linked_undetermined: Count = column("How many more there may be.", **_COUNT)
    detainer_linked_status: Text = column(STATUS, isin=STATUSES)


class RemovalsByPlace(ReadTable):
    """Removals per month and county, from records; a county without a row is zero only where the month is reported."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    state: Text = column(_STATE, str_matches=_PLACE_CODE, key=True)
    county_fips: Text = column(
        "FIPS code of the county; empty where the place does not resolve.", str_matches=_FIPS_OR_EMPTY, key=True
    )
    county: Text = column("Name of the county; null where the place does not resolve.", nullable=True)
    fiscal_year: Count = column(_FISCAL_YEAR, unit="year")
    removals: Count = column("All removals; null where the status is a silence.", **_COUNT)
    removals_undetermined: Count = column("How many more there may be.", **_COUNT)
    removals_status: Text = column(STATUS, isin=STATUSES)
    convicted: Count = column("Convicted of any offense; null where the status is a silence.", **_COUNT)
    convicted_undetermined: Count = column("How many more there may be.", **_COUNT)
    convicted_status: Text = column(STATUS, isin=STATUSES)
    not_convicted: Count = column("Not convicted; null where the status is a silence.", **_COUNT)
    not_convicted_undetermined: Count = column("How many more there may be.", **_COUNT)
    not_convicted_status: Text = column(STATUS, isin=STATUSES)
    level1: Count = column("Convicted of a Level 1 offense; null where the status is a silence.", **_COUNT)
    level1_undetermined: Count = column("How many more there may be.", **_COUNT)
    level1_status: Text = column(STATUS, isin=STATUSES)
    detainer_linked: Count = column("With a prior detainer; null where the status is a silence.", **_COUNT)
    detainer_linked_undetermined: Count = column("How many more there may be.", **_COUNT)
    detainer_linked_status: Text = column(STATUS, isin=STATUSES)


class RemovalsByAor(ReadTable):
    """Removals per month and ICE area of responsibility (AOR), from records."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    aor: Text = column("The area of responsibility; empty where the record has none.", key=True)
    fiscal_year: Count = column(_FISCAL_YEAR, unit="year")
    removals: Count = column("All removals; null where the status is a silence.", **_COUNT)
    removals_undetermined: Count = column("How many more there may be.", **_COUNT)
    removals_status: Text = column(STATUS, isin=STATUSES)
    convicted: Count = column("Convicted of any offense; null where the status is a silence.", **_COUNT)
    convicted_undetermined: Count = column("How many more there may be.", **_COUNT)
    convicted_status: Text = column(STATUS, isin=STATUSES)
    not_convicted: Count = column("Not convicted; null where the status is a silence.", **_COUNT)
    not_convicted_undetermined: Count = column("How many more there may be.", **_COUNT)
    not_convicted_status: Text = column(STATUS, isin=STATUSES)
    level1: Count = column("Convicted of a Level 1 offense; null where the status is a silence.", **_COUNT)
    level1_undetermined: Count = column("How many more there may be.", **_COUNT)
    level1_status: Text = column(STATUS, isin=STATUSES)
    detainer_linked: Count = column("With a prior detainer; null where the status is a silence.", **_COUNT)
    detainer_linked_undetermined: Count = column("How many more there may be.", **_COUNT)
    detainer_linked_status: Text = column(STATUS, isin=STATUSES)


class ServedMonths(ReadTable):
    """Each subset's status in the release that serves a month with records, for tables that split the month."""

    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    month: Date = column(_MONTH, unit="month", key=True)
    removals_status: Text = column(STATUS, isin=STATUSES)
    has_removals: Flag = column("Whether that count has a number.")
    convicted_status: Text = column(STATUS, isin=STATUSES)
    has_convicted: Flag = column("Whether that count has a number.")
    not_convicted_status: Text = column(STATUS, isin=STATUSES)
    has_not_convicted: Flag = column("Whether that count has a number.")
    level1_status: Text = column(STATUS, isin=STATUSES)
    has_level1: Flag = column("Whether that count has a number.")
    detainer_linked_status: Text = column(STATUS, isin=STATUSES)
    has_detainer_linked: Flag = column("Whether that count has a number.")
    perhaps_joined: Count = column(
        "Removals that a detainer without an identifier may belong to.", unit="removals", ge=0
    )


class RemovalsBySource(ReadTable):
    """Table 2 of TRAC's report, brought up to date: all, after a fingerprint match, and with a prior detainer."""

    month: Date = column(_MONTH, unit="month", key=True)
    all_ice: Count = column("All ICE removals.", **_COUNT)
    all_ice_status: Text = column(_STATUS_OR_NULL, isin=STATUSES, nullable=True)
    sc: Count = column("Removals under Secure Communities (fingerprint match).", **_COUNT)
    sc_status: Text = column(_STATUS_OR_NULL, isin=STATUSES, nullable=True)
    sc_detainer_linked: Count = column("Of those, the ones with a prior detainer.", **_COUNT)
    sc_detainer_linked_status: Text = column(_STATUS_OR_NULL, isin=STATUSES, nullable=True)


class TwelveMonths(ReadTable):
    """Each month of every series with the sums over it and the eleven months before."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(_SUBSET, isin=SUBSETS, key=True)
    removals: Count = column("The month's count, as in monthly_removals.", **_COUNT)
    removals_12m: Count = column("The sum over the months that have a number.", **_COUNT)
    undetermined_12m: Count = column("The undetermined of the same months.", **_COUNT)
    months_in_window: Count = column("How many of the twelve have a number.", unit="months", ge=0, le=12)
    is_published: Flag = column("Whether any month is a printed figure.")
    is_whole: Flag = column("Whether all twelve have a number, of one definition of Level 1.")


class PrintedAverages(ReadTable):
    """The printed 12-month average of each month, population and subset."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(_SUBSET, isin=SUBSETS, key=True)
    average_12m: Count = column("The average as printed.", unit="removals", ge=0)
    release_id: Text = column("The release that prints it.")


class Convictions(ReadTable):
    """Table 1 of TRAC's report, brought up to date: removals of people convicted of a crime."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    any_offense: Count = column("Convicted of any offense; its status is in monthly_removals.", **_COUNT)
    level1: Count = column("Convicted of a Level 1 offense; its status is in monthly_removals.", **_COUNT)
    any_offense_12m: Count = column(
        "Mean of the month and the eleven before it, rounded half up; as printed where it cannot be computed.", **_COUNT
    )
    level1_12m: Count = column("The same mean for Level 1 offenses.", **_COUNT)
    any_offense_12m_origin: Text = column(
        "records where all twelve months are counted from rows; published where one is printed, or the average itself.",
        isin=ORIGINS,
        nullable=True,
    )
    level1_12m_origin: Text = column("The same for Level 1 offenses.", isin=ORIGINS, nullable=True)


class RunningAverages(ReadTable):
    """12-month running averages of every monthly series."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(_SUBSET, isin=SUBSETS, key=True)
    removals: Count = column("The month's count, as in monthly_removals.", **_COUNT)
    average_12m: Number = column(
        "Mean of the month and the eleven before it; null where the bounds round to two figures, or a month is silent.",
        **_COUNT,
    )
    average_12m_low: Number = column("The mean of the removals known to be in the subset.", **_COUNT)
    average_12m_high: Number = column("The mean with every undetermined one.", **_COUNT)
    months_in_window: Count = column("How many of the twelve have a number.", unit="months", ge=0, le=12)


class ShareMonths(ReadTable):
    """The months that have both a count with a prior detainer and its population."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    month_number: Count = column("Months since year 0, so that a gap shows.", unit="months")
    months_from_last: Count = column("1 for the last such month, 2 for the one before.", ge=1)
    detainer_linked: Count = column("Removals with a prior detainer.", unit="removals", ge=0)
    undetermined: Count = column("How many more there may be.", unit="removals", ge=0)
    removals: Count = column("Removals of the population.", unit="removals", ge=0)
    ice: Count = column("All ICE removals.", **_COUNT)
    rows_total: Count = column("Removals of the month; null unless joined.", **_COUNT)
    rows_with_id: Count = column("Of them with a person identifier.", **_COUNT)
    detainers_total: Count = column("Detainers of the 365 days before the month's end; null unless joined.", **_COUNT)
    detainers_with_id: Count = column("Of them with a person identifier.", **_COUNT)
    is_published: Flag = column("Whether either count is a printed figure.")
    is_ice_published: Flag = column("Whether the count of all ICE removals is a printed figure.")


class DetainerShares(ReadTable):
    """What share of removals had a prior detainer, over several spans of months that have both counts."""

    span: Text = column(
        "month; last_12_months (in a row, ending with the month); fiscal_year (October to September, as far as it "
        "goes); last_5 and all (of the months that have both counts).",
        isin=SPANS,
        key=True,
    )
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    month: Date = column("The last month of the span, as its first day.", unit="month", key=True)
    fiscal_year: Count = column("The fiscal year of that month: October to September.", unit="year")
    months_held: Count = column("How many months the span holds.", unit="months", ge=1)
    detainer_linked: Count = column("Removals known to have had a prior detainer.", unit="removals", ge=0)
    removals: Count = column("Removals of the population over the same months.", unit="removals", ge=0)
    ice: Count = column("All ICE removals over the same months; null unless all have a number.", **_COUNT)
    share: Number = column(
        "detainer_linked over the removals that are determined; null where more than one in twenty is not.", **_SHARES
    )
    share_low: Number = column("detainer_linked / removals.", **_SHARES)
    share_high: Number = column("The same, with every undetermined removal.", **_SHARES)
    share_of_ice: Number = column(
        "detainer_linked over all ICE removals, under the same condition as share.", **_SHARES
    )
    id_coverage_removals: Number = column(
        "Share of the removals that carry a person identifier; null where nothing was joined.", **_SHARES
    )
    id_coverage_detainers: Number = column(
        "Share of the detainers of the 365 days before that carry one; null where nothing was joined.", **_SHARES
    )
    sc: Count = column("removals, where the population is sc.", **_COUNT)
    share_of_sc: Number = column("share, where the population is sc.", **_SHARES)
    median_days_to_departure: Number = column(
        "Median days from the last detainer to the departure, of the removals with a prior detainer: the link has no "
        "time limit. Null unless every one of them is a row.",
        unit="days",
        nullable=True,
        ge=0,
    )
    linked_within_365_days: Count = column(
        "Of the removals with a prior detainer, those that departed within 365 days of it; null likewise.", **_COUNT
    )


class FigureValues(ReadTable):
    """Every headline figure over the latest months and over the months of the publications it is compared with."""

    figure: Text = column("Name of the figure.", key=True)
    first_month: Date = column("First month it is about.", unit="month", key=True)
    last_month: Date = column("Last month it is about.", unit="month", key=True)
    value: Number = column("The figure; null where it cannot be computed.", nullable=True)
    value_low: Number = column("The least it can be.", nullable=True)
    value_high: Number = column("The most it can be.", nullable=True)
    unit: Text = column("removals, or share (0 to 1).", isin=("removals", "share"))
    method: Text = column("How it is computed.")
    origin: Text = column("published where any month of it is a printed figure, else records.", isin=ORIGINS)
    is_latest: Flag = column("Whether these are the latest months the data allow.")


class HeadlineFigures(ReadTable):
    """The figures of the report's text, over the latest months the data allow."""

    figure: Text = column("Name of the figure.", key=True)
    value: Number = column("The figure; null where it cannot be computed.", nullable=True)
    unit: Text = column("removals, or share (0 to 1).", isin=("removals", "share"))
    first_month: Date = column("First month it is about.", unit="month")
    last_month: Date = column("Last month it is about.", unit="month")
    method: Text = column("How it is computed, over how many months, and where a printed figure was used.")


class ClaimChecks(ReadTable):
    """What officials and publishers claimed, against what the data show for the same days."""

    claim_id: Text = column("Name of the claim.", source="reference/claims.csv", key=True)
    claimant: Text = column("Who claimed it.")
    claim: Text = column("What was claimed.")
    claimed: Count = column("The number claimed.", unit="removals, or detainers", ge=0)
    first_day: Date = column("First day claimed; null where the claim names none.", unit="day", nullable=True)
    last_day: Date = column("Last day claimed.", unit="day")
    observed_low: Count = column(
        "Lower bound: counted by day where case records cover every month of the span; otherwise the whole months "
        "inside it. Of a claim about detainers, the detainers on record.",
        unit="removals, or detainers",
        nullable=True,
        ge=0,
    )
    observed_high: Count = column(
        "Upper bound, with every undetermined removal: counted by day where case records cover every month of the "
        "span; otherwise all months overlapping it; null where one of them is not counted in full, and for a claim "
        "about detainers.",
        unit="removals, or detainers",
        nullable=True,
        ge=0,
    )
    ratio_low: Number = column("claimed / observed_high.", nullable=True, ge=0)
    ratio_high: Number = column("claimed / observed_low.", nullable=True, ge=0)
    verdict: Text = column(
        "supported, contradicted or undecided: whether every, no or some number from observed_low to observed_high "
        "agrees with the claim.",
        isin=VERDICTS,
    )
    citation: Text = column("Where the claim was made.", source="reference/claims.csv")


class PublishedComparison(ReadTable):
    """Every printed figure beside the one computed here."""

    publication: Text = column("The release the printed figure is from.", key=True)
    cell: Text = column("Table, month and column, or the figure in the text.", key=True)
    published: Number = column("The figure as printed.")
    computed: Number = column(
        "The figure as computed, rounded as printed; null unless both bounds agree.", nullable=True
    )
    computed_low: Number = column("The least it can be.", nullable=True)
    computed_high: Number = column("The most it can be.", nullable=True)
    difference: Number = column("computed - published.", nullable=True)
    verdict: Text = column(
        "same (both bounds equal it), within (the bounds), differs, not_computable, or same_figure (the printed figure "
        "beside itself).",
        isin=COMPARISONS,
    )
    origin: Text = column(
        "records, or published where the computed figure rests on printed ones; null where not computable.",
        isin=ORIGINS,
        nullable=True,
    )


class YearlyComparison(ReadTable):
    """Every printed fiscal-year total beside the sum of the months in use."""

    fiscal_year: Count = column("The fiscal year: October to September.", unit="year", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    publication: Text = column("The release the printed total is from.", key=True)
    published: Count = column("The total as printed.", unit="removals", ge=0)
    computed_low: Count = column("The sum of the months that have a number.", **_COUNT)
    computed_high: Count = column("The most it can be; null unless all twelve months are counted in full.", **_COUNT)
    months_held: Count = column("How many months of the year have a number.", unit="months", ge=0, le=12)
    difference: Count = column("computed_low - published.", unit="removals", nullable=True)
    verdict: Text = column("same, within, differs or not_computable.", isin=COMPARISONS)


class ReleaseRevisions(ReadTable):
    """The counts of the same months in two releases, one received after the other."""

    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(_SUBSET, isin=SUBSETS, key=True)
    month: Date = column(_MONTH, unit="month", key=True)
    older_release: Text = column("The release received first.", key=True)
    newer_release: Text = column("The next one received that reports the month.", key=True)
    older: Count = column("The older count.", unit="removals", ge=0)
    newer: Count = column("The newer count.", unit="removals", ge=0)
    change: Count = column("newer - older.", unit="removals")


class DetainerOutcomes(ReadTable):
    """What became of the detainers prepared in a month; nobody can tell what part a detainer played in a departure."""

    month: Date = column("The month the detainers were prepared, as its first day.", unit="month", key=True)
    facility_state: Text = column(
        "State of the jail, USPS code; empty where unknown.", str_matches=_PLACE_CODE, key=True
    )
    facility_aor: Text = column("ICE area of responsibility of the jail; empty where unknown.", key=True)
    biometric_match: Text = column("Whether there was a biometric match: YES, NO or empty (unknown).", key=True)
    detainers: Count = column("Detainers prepared.", unit="detainers", ge=1)
    detainers_status: Text = column("Status of that count: every detainer of the release is counted.", isin=STATUSES)
    persons: Count = column("Distinct persons with a usable identifier; null where there is none.", **_PERSONS)
    persons_status: Text = column("at_least where some detainers have no usable identifier.", isin=STATUSES)
    departed_within_90_days: Count = column("Detainers whose person left the country within 90 days.", **_DETAINERS)
    departed_within_90_days_status: Text = column(_WINDOW_STATUS, isin=STATUSES)
    departed_within_365_days: Count = column("The same within 365 days.", **_DETAINERS)
    departed_within_365_days_status: Text = column(_WINDOW_STATUS, isin=STATUSES)
    lifted: Count = column("Detainers with a reason for lifting; null where reasons are silent.", **_DETAINERS)
    declined: Count = column("Of the lifted, those that the local agency declined.", **_DETAINERS)
    median_days_to_departure: Number = column(
        "Median days to departure, of those within 365 days.", unit="days", nullable=True, ge=0
    )
    undetermined: Count = column(
        "Detainers of which the file does not tell whether a departure followed.", unit="detainers", ge=0
    )


class DetainerLiftReasons(ReadTable):
    """Why the detainers prepared in a month were lifted."""

    month: Date = column("The month the detainers were prepared, as its first day.", unit="month", key=True)
    facility_state: Text = column(
        "State of the jail, USPS code; empty where unknown.", str_matches=_PLACE_CODE, key=True
    )
    lift_reason: Text = column("The reason, as written.", key=True)
    detainers: Count = column("Detainers.", unit="detainers", ge=1)


class RemovalsByCriminality(ReadTable):
    """Removals per month and state by criminality, from records."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    state: Text = column(_STATE, str_matches=_PLACE_CODE, key=True)
    convicted: Count = column("Known to be convicted; null where the month is silent.", **_COUNT)
    pending: Count = column("Not convicted, with pending charges; null where the release does not tell.", **_COUNT)
    neither: Count = column("Neither convicted nor charged; null where the release does not tell.", **_COUNT)
    unknown: Count = column("People whose criminality the file does not tell.", unit="removals", ge=0)
    status: Text = column("Status of the month's count of convictions. " + STATUS, isin=STATUSES)


class RemovalsByKind(ReadTable):
    """Removals per month by the kind of departure, from records: `all` counts every kind."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    departure_kind: Text = column(
        "removal, return, voluntary departure, withdrawal, expulsion or other; empty where the record shows none.",
        key=True,
    )
    removals: Count = column("Removals of that kind.", unit="removals", ge=1)
    status: Text = column("Status of the month. " + STATUS, isin=STATUSES)


class RemovalsByCitizenship(ReadTable):
    """Removals per month by country of citizenship and of departure, from records."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    citizenship_iso: Text = column("Country of citizenship, ISO 3166-1 alpha-3; empty where unknown.", key=True)
    departure_iso: Text = column("Country of departure, ISO 3166-1 alpha-3; empty where unknown.", key=True)
    citizenship_country: Text = column("The country of citizenship, as written.", nullable=True)
    departure_country: Text = column("The country of departure, as written.", nullable=True)
    removals: Count = column("Removals.", unit="removals", ge=1)
    third_country: Flag = column(
        "Whether the person was removed to another country than that of citizenship; null where either is unknown.",
        nullable=True,
    )


class RemovalsByOffense(ReadTable):
    """Removals of people known to be convicted, per fiscal year and most serious conviction, from records."""

    fiscal_year: Count = column("The fiscal year of departure: October to September.", unit="year", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    msc_code: Text = column("NCIC code of the most serious conviction; empty where unknown.", key=True)
    msc_charge: Text = column("The conviction in words, as written with the code.", nullable=True)
    offense_family: Text = column(
        "The family of offenses the code is in; null for a code of none.",
        source="reference/offense_levels.csv",
        nullable=True,
    )
    removals: Count = column("Removals.", unit="removals", ge=1)
    share_of_convicted: Number = column("Share of the year's removals of people known to be convicted.", **_SHARES)
    place_in_year: Count = column(
        "1 for the most frequent conviction of the year, so that 20 and less are the twenty most frequent; null where "
        "the code is unknown.",
        nullable=True,
        ge=1,
    )


MODELS: dict[str, TableModel] = {
    "monthly_removals": MonthlyRemovals,
    "removals_by_month": RemovalsByMonth,
    "served_months": ServedMonths,
    "removals_by_place": RemovalsByPlace,
    "removals_by_aor": RemovalsByAor,
    "removals_by_criminality": RemovalsByCriminality,
    "removals_by_kind": RemovalsByKind,
    "removals_by_citizenship": RemovalsByCitizenship,
    "removals_by_offense": RemovalsByOffense,
    "detainer_outcomes": DetainerOutcomes,
    "detainer_lift_reasons": DetainerLiftReasons,
    "removals_by_source": RemovalsBySource,
    "twelve_months": TwelveMonths,
    "printed_averages": PrintedAverages,
    "running_averages": RunningAverages,
    "convictions": Convictions,
    "share_months": ShareMonths,
    "detainer_shares": DetainerShares,
    "figure_values": FigureValues,
    "headline_figures": HeadlineFigures,
    "claim_checks": ClaimChecks,
    "published_comparison": PublishedComparison,
    "yearly_comparison": YearlyComparison,
    "release_revisions": ReleaseRevisions,
}
