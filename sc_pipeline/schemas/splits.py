"""Marts that split removals, or look behind a share: by office, by offense, by the match a detainer states."""

import polars as pl

from sc_pipeline.schemas.base import Count, Date, Number, ReadTable, RowTable, TableModel, Text, column
from sc_pipeline.schemas.core import STATUS, STATUSES
from sc_pipeline.schemas.records import POPULATIONS

_MONTH = "The month, as its first day."
_POPULATION = "ice (all ICE removals) or sc (those under Secure Communities, a subset of ice: never add the two)."
_COUNT = {"unit": "removals", "nullable": True, "ge": 0}
_SHARES = {"unit": "share, 0 to 1", "nullable": True, "ge": 0, "le": 1}
SPANS = ("month", "last_12_months", "fiscal_year", "last_5", "all")


class ShareSpans(ReadTable):
    """The months of each span that a share with a prior detainer is given over."""

    span: Text = column("month, last_12_months, fiscal_year, last_5 or all.", isin=SPANS, key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    last_month: Date = column("The last month of the span, as its first day.", unit="month", key=True)
    month: Date = column("A month of the span, as its first day.", unit="month", key=True)
    months_held: Count = column("How many months the span holds.", unit="months", ge=1)


class CriminalityByAor(ReadTable):
    """Removals per month and ICE area of responsibility (AOR) by criminality, from records."""

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    aor: Text = column("The area of responsibility; empty where the record has none.", key=True)
    convicted: Count = column("Known to be convicted; null where the month is silent.", **_COUNT)
    pending: Count = column("Not convicted, with pending charges; null where the release does not tell.", **_COUNT)
    neither: Count = column("Neither convicted nor charged; null where the release does not tell.", **_COUNT)
    unknown: Count = column("People whose criminality the file does not tell.", unit="removals", ge=0)
    status: Text = column("Status of the month's count of convictions. " + STATUS, isin=STATUSES)


class TrafficAndImmigration(ReadTable):
    """Convicted people whose most serious conviction is a traffic or an immigration offense, per fiscal year."""

    fiscal_year: Count = column("The fiscal year of departure: October to September.", unit="year", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    convicted: Count = column("Removals of people known to be convicted.", unit="removals", ge=1)
    traffic: Count = column(
        "Of them with a traffic offense as the most serious conviction (NCIC 5401 to 5499), driving under the "
        "influence and hit and run included.",
        unit="removals",
        ge=0,
    )
    immigration: Count = column(
        "Of them with an immigration offense, such as illegal entry (NCIC 0301 to 0399).", unit="removals", ge=0
    )
    without_code: Count = column("Of them without a readable code of the conviction.", unit="removals", ge=0)
    traffic_share: Number = column("traffic / the convictions with a code.", **_SHARES)
    immigration_share: Number = column("immigration / the convictions with a code.", **_SHARES)


class BiometricMatches(RowTable):
    """Of each removal with a prior detainer: whether that detainer states a match at a state or local facility."""

    release_id: pl.String = column("The release of the removal.", key=True)
    source_file: pl.String = column("The file of the removal.", key=True)
    source_sheet: pl.String = column("Its worksheet; null for text files.", nullable=True, key=True)
    source_row: pl.Int64 = column("Its row in the file.", ge=1, key=True)
    population: pl.String = column(_POPULATION, isin=POPULATIONS)
    month: pl.Date = column("The month of departure, as its first day.", unit="month")
    is_match: pl.Boolean = column(
        "Whether the last detainer before the departure states a biometric match and names a facility that is not "
        "federal by its name; null where it does not tell.",
        nullable=True,
    )


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


class BiometricMatchProxy(ReadTable):
    """A proxy for TRAC's third column of Table 2: a prior detainer with a match at a state or local facility.

    TRAC counted detainers issued after a Secure Communities fingerprint match. This counts removals whose detainer
    states any biometric match and names a facility that is not federal by its name. The two are not one series.
    """

    month: Date = column(_MONTH, unit="month", key=True)
    population: Text = column(_POPULATION, isin=POPULATIONS, key=True)
    release_id: Text = column("The release, which has removals and detainers of the same people.")
    removals: Count = column("All removals of the population in the month.", **_COUNT)
    removals_status: Text = column(STATUS, isin=STATUSES)
    detainer_linked: Count = column("Of them with a prior detainer.", **_COUNT)
    detainer_linked_status: Text = column(STATUS, isin=STATUSES)
    matched_at_state_or_local: Count = column(
        "Of those, the ones whose last detainer states a biometric match and was sent to a facility that is not "
        "federal by its name (reference/federal_facilities.csv, unverified).",
        **_COUNT,
    )
    undetermined: Count = column(
        "How many more there may be: detainers that do not tell, and removals that may have a detainer.", **_COUNT
    )
    proxy_status: Text = column("Status of matched_at_state_or_local. " + STATUS, isin=STATUSES)


MODELS: dict[str, TableModel] = {
    "criminality_by_aor": CriminalityByAor,
    "traffic_and_immigration": TrafficAndImmigration,
    "share_spans": ShareSpans,
    "biometric_matches": BiometricMatches,
    "biometric_match_proxy": BiometricMatchProxy,
    "detainer_departures": DetainerDepartures,
}
