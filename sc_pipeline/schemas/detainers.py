"""The marts of detainers: what became of them, why they were lifted, the matches they state."""

import polars as pl

from sc_pipeline.schemas.base import Count, Date, Number, ReadTable, RowTable, TableModel, Text, column
from sc_pipeline.schemas.core import STATUS, STATUSES
from sc_pipeline.schemas.records import POPULATIONS
from sc_pipeline.schemas.wording import COUNT, DETAINERS, MONTH, PERSONS, PLACE_CODE, POPULATION, WINDOW_STATUS


class DetainerOutcomes(ReadTable):
    """What became of the detainers prepared in a month; nobody can tell what part a detainer played in a departure."""

    month: Date = column("The month the detainers were prepared, as its first day.", unit="month", key=True)
    facility_state: Text = column(
        "State of the jail, USPS code; empty where unknown.", str_matches=PLACE_CODE, key=True
    )
    facility_aor: Text = column("ICE area of responsibility of the jail; empty where unknown.", key=True)
    biometric_match: Text = column("Whether there was a biometric match: YES, NO or empty (unknown).", key=True)
    detainers: Count = column("Detainers prepared.", unit="detainers", ge=1)
    detainers_status: Text = column("Status of that count: every detainer of the release is counted.", isin=STATUSES)
    persons: Count = column("Distinct persons with a usable identifier; null where there is none.", **PERSONS)
    persons_status: Text = column("at_least where some detainers have no usable identifier.", isin=STATUSES)
    departed_within_90_days: Count = column("Detainers whose person left the country within 90 days.", **DETAINERS)
    departed_within_90_days_status: Text = column(WINDOW_STATUS, isin=STATUSES)
    departed_within_365_days: Count = column("The same within 365 days.", **DETAINERS)
    departed_within_365_days_status: Text = column(WINDOW_STATUS, isin=STATUSES)
    lifted: Count = column("Detainers with a reason for lifting; null where reasons are silent.", **DETAINERS)
    declined: Count = column("Of the lifted, those that the local agency declined.", **DETAINERS)
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
        "State of the jail, USPS code; empty where unknown.", str_matches=PLACE_CODE, key=True
    )
    lift_reason: Text = column("The reason, as written.", key=True)
    detainers: Count = column("Detainers.", unit="detainers", ge=1)


class BiometricMatches(RowTable):
    """Of each removal with a prior detainer: whether that detainer states a match at a state or local facility."""

    release_id: pl.String = column("The release of the removal.", key=True)
    source_file: pl.String = column("The file of the removal.", key=True)
    source_sheet: pl.String = column("Its worksheet; null for text files.", nullable=True, key=True)
    source_row: pl.Int64 = column("Its row in the file.", ge=1, key=True)
    population: pl.String = column(POPULATION, isin=POPULATIONS)
    month: pl.Date = column("The month of departure, as its first day.", unit="month")
    is_match: pl.Boolean = column(
        "Whether the last detainer before the departure states a biometric match and names a facility that is not "
        "federal by its name; null where it does not tell.",
        nullable=True,
    )


class BiometricMatchProxy(ReadTable):
    """A proxy for TRAC's third column of Table 2: a prior detainer with a match at a state or local facility.

    TRAC counted detainers issued after a Secure Communities fingerprint match. This counts removals whose detainer
    states any biometric match and names a facility that is not federal by its name. The two are not one series.
    """

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    release_id: Text = column("The release, which has removals and detainers of the same people.")
    removals: Count = column("All removals of the population in the month.", **COUNT)
    removals_status: Text = column(STATUS, isin=STATUSES)
    detainer_linked: Count = column("Of them with a prior detainer.", **COUNT)
    detainer_linked_status: Text = column(STATUS, isin=STATUSES)
    matched_at_state_or_local: Count = column(
        "Of those, the ones whose last detainer states a biometric match and was sent to a facility that is not "
        "federal by its name (reference/federal_facilities.csv, unverified).",
        **COUNT,
    )
    undetermined: Count = column(
        "How many more there may be: detainers that do not tell, and removals that may have a detainer.", **COUNT
    )
    proxy_status: Text = column("Status of matched_at_state_or_local. " + STATUS, isin=STATUSES)


class DetainerDepartures(RowTable):
    """Of each detainer in use: the days to the first departure of its person, and whether the file would tell of it."""

    release_id: pl.String = column("The release of the detainer.", key=True)
    source_file: pl.String = column("The file of the detainer.", key=True)
    source_sheet: pl.String = column("Its worksheet; null for text files.", nullable=True, key=True)
    source_row: pl.Int64 = column("Its row in the file.", ge=1, key=True)
    month: pl.Date = column("The month the detainer was prepared, as its first day.", unit="month")
    facility_state: pl.String = column("State of the jail, USPS code; empty where unknown.")
    facility_aor: pl.String = column("ICE area of responsibility of the jail; empty where unknown.")
    biometric_match: pl.String = column("YES, NO or empty (unknown).")
    person_id: pl.String = column("The release's own identifier of the person.", nullable=True)
    lift_reason: pl.String = column("Why the detainer was lifted, as written.", nullable=True)
    has_lift_reasons: pl.Boolean = column("Whether the release tells reasons in the month of preparation.")
    days_to_departure: pl.Int64 = column(
        "Days from preparation to the first departure on or after it: on the detainer's own record, else joined by "
        "person within the release. Null where none is found.",
        unit="days",
        nullable=True,
        ge=0,
    )
    is_told: pl.Boolean = column("Whether no departure found means that there was none by the release's last day.")
    departure_reason: pl.String = column("Why the detainers of the month do not tell of departures.", nullable=True)
    release_ends: pl.Date = column("The last day of the release.", unit="day")


MODELS: dict[str, TableModel] = {
    "detainer_outcomes": DetainerOutcomes,
    "detainer_lift_reasons": DetainerLiftReasons,
    "biometric_matches": BiometricMatches,
    "biometric_match_proxy": BiometricMatchProxy,
    "detainer_departures": DetainerDepartures,
}
