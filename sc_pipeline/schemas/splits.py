"""The marts that split the removals of a month: by place, office, criminality, departure, citizenship, offense."""

from sc_pipeline.schemas.base import Count, Date, Flag, Number, ReadTable, TableModel, Text, column
from sc_pipeline.schemas.core import STATUS, STATUSES
from sc_pipeline.schemas.records import POPULATIONS
from sc_pipeline.schemas.wording import (
    COUNT,
    FIPS_OR_EMPTY,
    FISCAL_YEAR,
    MONTH,
    PARTS,
    PLACE_CODE,
    POPULATION,
    SHARES,
    STATE,
)


class ServedMonths(ReadTable):
    """Each subset's status in the release that serves a month with records, for tables that split the month."""

    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    month: Date = column(MONTH, unit="month", key=True)
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


class RemovalsByPlace(ReadTable):
    """Removals per month and county, from records; a county without a row is zero only where the month is reported."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    state: Text = column(STATE, str_matches=PLACE_CODE, key=True)
    county_fips: Text = column(
        "FIPS code of the county; empty where the place does not resolve.", str_matches=FIPS_OR_EMPTY, key=True
    )
    county: Text = column("Name of the county; null where the place does not resolve.", nullable=True)
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


class RemovalsByAor(ReadTable):
    """Removals per month and ICE area of responsibility (AOR), from records."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    aor: Text = column("The area of responsibility; empty where the record has none.", key=True)
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


class RemovalsByCriminality(ReadTable):
    """Removals per month and state by criminality, from records."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    state: Text = column(STATE, str_matches=PLACE_CODE, key=True)
    convicted: Count = column("Known to be convicted; null where the month is silent.", **COUNT)
    pending: Count = column("Not convicted, with pending charges; null where the release does not tell.", **COUNT)
    neither: Count = column("Neither convicted nor charged; null where the release does not tell.", **COUNT)
    unknown: Count = column("People whose criminality the file does not tell.", unit="removals", ge=0)
    status: Text = column("Status of the month's count of convictions. " + STATUS, isin=STATUSES)


class CriminalityCounts(ReadTable):
    """Removals per month, state and ICE area of responsibility (AOR) by criminality, from records."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    state: Text = column(STATE, str_matches=PLACE_CODE, key=True)
    aor: Text = column("The area of responsibility; empty where the record has none.", key=True)
    convicted: Count = column("Known to be convicted; null where the month is silent.", **COUNT)
    pending: Count = column("Not convicted, with pending charges; null where the release does not tell.", **COUNT)
    neither: Count = column("Neither convicted nor charged; null where the release does not tell.", **COUNT)
    unknown: Count = column("People whose criminality the file does not tell.", unit="removals", ge=0)
    status: Text = column("Status of the month's count of convictions. " + STATUS, isin=STATUSES)


class CriminalityByAor(ReadTable):
    """Removals per month and ICE area of responsibility (AOR) by criminality, from records."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    aor: Text = column("The area of responsibility; empty where the record has none.", key=True)
    convicted: Count = column("Known to be convicted; null where the month is silent.", **COUNT)
    pending: Count = column("Not convicted, with pending charges; null where the release does not tell.", **COUNT)
    neither: Count = column("Neither convicted nor charged; null where the release does not tell.", **COUNT)
    unknown: Count = column("People whose criminality the file does not tell.", unit="removals", ge=0)
    status: Text = column("Status of the month's count of convictions. " + STATUS, isin=STATUSES)


class RemovalsByKind(ReadTable):
    """Removals per month by the kind of departure, from records: `all` counts every kind."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    departure_kind: Text = column(
        "removal, return, voluntary departure, withdrawal, expulsion or other; empty where the record shows none.",
        key=True,
    )
    removals: Count = column("Removals of that kind.", unit="removals", ge=1)
    status: Text = column("Status of the month. " + STATUS, isin=STATUSES)


class RemovalsByCitizenship(ReadTable):
    """Removals per month by country of citizenship and of departure, from records."""

    month: Date = column(MONTH, unit="month", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
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
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    msc_code: Text = column("NCIC code of the most serious conviction; empty where unknown.", key=True)
    msc_charge: Text = column("The conviction in words, as written with the code.", nullable=True)
    offense_family: Text = column(
        "The family of offenses the code is in; null for a code of none.",
        source="reference/offense_levels.csv",
        nullable=True,
    )
    removals: Count = column("Removals.", unit="removals", ge=1)
    share_of_convicted: Number = column("Share of the year's removals of people known to be convicted.", **SHARES)
    place_in_year: Count = column(
        "1 for the most frequent conviction of the year, so that 20 and less are the twenty most frequent; null where "
        "the code is unknown.",
        nullable=True,
        ge=1,
    )


class TrafficAndImmigration(ReadTable):
    """Convicted people whose most serious conviction is a traffic or an immigration offense, per fiscal year."""

    fiscal_year: Count = column("The fiscal year of departure: October to September.", unit="year", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
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
    traffic_share: Number = column("traffic / the convictions with a code.", **PARTS)
    immigration_share: Number = column("immigration / the convictions with a code.", **PARTS)


MODELS: dict[str, TableModel] = {
    "served_months": ServedMonths,
    "removals_by_place": RemovalsByPlace,
    "removals_by_aor": RemovalsByAor,
    "criminality_counts": CriminalityCounts,
    "removals_by_criminality": RemovalsByCriminality,
    "criminality_by_aor": CriminalityByAor,
    "removals_by_kind": RemovalsByKind,
    "removals_by_citizenship": RemovalsByCitizenship,
    "removals_by_offense": RemovalsByOffense,
    "traffic_and_immigration": TrafficAndImmigration,
}
