"""The tables with one row per row or figure of a source: their columns, types and rules."""

from datetime import date
from typing import Any

import polars as pl

from sc_pipeline.schemas.base import RowTable, TableModel, column
from sc_pipeline.schemas.wording import release_id, source_file, source_row, source_sheet

# The first day a row may be about; the last depends on the day the release was received (core/rules.py).
FIRST_DAY = date(1990, 1, 1)
# What a date beside the key may span: wide enough for every birth, entry and order, too narrow for a slipped digit.
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 1, 1)

GENDERS = ("MALE", "FEMALE")
FLAGS = ("YES", "NO")
THREAT_LEVELS = ("1", "2", "3")
CRIMINALITIES = ("1 CONVICTED CRIMINAL", "2 PENDING CRIMINAL CHARGES", "3 OTHER IMMIGRATION VIOLATOR")
MSC_STATUSES = ("CONVICTED", "PENDING")
DEPARTURE_KINDS = ("removal", "return", "voluntary departure", "withdrawal", "expulsion", "other")
# Every status ICE's case records are known to write begins with its code; ACTIVE has none.
CASE_STATUS = r"^(ACTIVE\b.*|\[?(10|[0-9ABELZ])\]?(\s*-.*|\s+[A-Z].*)?)$"
POPULATIONS = ("ice", "sc")
SUBSETS = ("all", "convicted", "not_convicted", "level1", "detainer_linked")
LEVEL_BASES = ("threat_level_2011", "offense_2009")
SILENCES = ("withheld", "unreadable", "ids_do_not_join", "not_disclosed", "not_in_release")
LINK_METHODS = ("same_record", "joined")
NCIC_CODE = r"^[0-9]{4}$"
COUNTRY_CODE = r"^[A-Z]{3}$"
FIPS_CODE = r"^[0-9]{5}$"
STATE_CODE = r"^[A-Z]{2}$"


def _date(description: str) -> Any:
    return column(description, unit="day", nullable=True, ge=EARLIEST, le=LATEST)


def _text(description: str, **checks: Any) -> Any:
    return column(description, nullable=True, **checks)


class Removals(RowTable):
    """One row per removal that a release lists, typed and validated, also where releases overlap in time."""

    release_id: pl.String = release_id()
    population: pl.String = column(
        "Whom the release lists: ice (all ICE removals) or sc (removals under Secure Communities). Never add the two.",
        isin=POPULATIONS,
    )
    departed_date: pl.Date = column(
        "The day the person left the country; removals are counted by it.", unit="day", ge=FIRST_DAY, le=LATEST
    )
    month: pl.Date = column("The first day of the month of departure.", unit="month")
    fiscal_year: pl.Int64 = column(
        "The fiscal year of departure: October of the year before to September.", unit="year"
    )
    departure_country: pl.String = _text("The country the person was removed to.")
    port_of_departure: pl.String = _text("The port the person left through.")
    person_id: pl.String = _text(
        "The release's own identifier of the person; it links tables of one release and never two releases. "
        "Null where it is missing or can't be trusted."
    )
    citizenship_country: pl.String = _text("The country of citizenship, as the agency writes it.")
    citizenship_iso: pl.String = column(
        "Its ISO 3166-1 alpha-3 code; null where the name means no one country of today.",
        source="reference/countries.csv",
        nullable=True,
        str_matches=COUNTRY_CODE,
    )
    birth_country: pl.String = _text("The country of birth.")
    gender: pl.String = _text("The gender recorded: MALE or FEMALE.", isin=GENDERS)
    birth_year: pl.Int64 = column("The year of birth.", unit="year", nullable=True, ge=1900, le=LATEST.year)
    age_at_removal: pl.Int64 = column(
        "The age at removal as the release states it.", unit="years", nullable=True, ge=0, le=120
    )
    entry_date: pl.Date = _date("The day of the last entry into the country.")
    entry_status: pl.String = _text("The status at the last entry.")
    criminality: pl.String = _text("The criminality that ICE's case record states.", isin=CRIMINALITIES)
    msc_code: pl.String = _text(
        "The NCIC code of the most serious conviction (MSC), four digits; 0000 means no offense.",
        str_matches=NCIC_CODE,
    )
    msc_charge: pl.String = _text("The most serious conviction in words.")
    msc_status: pl.String = _text(
        "Whether the most serious conviction is one: CONVICTED, or PENDING charges.", isin=MSC_STATUSES
    )
    msc_conviction_date: pl.Date = _date("The day of the most serious conviction.")
    reported_threat_level: pl.String = _text(
        "The person's threat level as the release states it (definition of 2011), 1 the most serious; "
        "a blank there means no record of a conviction.",
        isin=THREAT_LEVELS,
    )
    offense_level: pl.Int64 = column(
        "The level of the most serious conviction by its NCIC code (list of 2009); null where the code does not tell.",
        source="reference/offense_levels.csv",
        nullable=True,
        isin=(1, 2, 3),
    )
    conviction_level: pl.Int64 = column(
        "The level on the one basis of the release (`core.release_bases`): the person's threat level where the release "
        "states any, else the offense level; null where unknown or not convicted.",
        nullable=True,
        isin=(1, 2, 3),
    )
    convicted: pl.Boolean = column(
        "Whether the record shows a conviction; null is unknown. Criminality, the conviction's status, the stated "
        "level and an offense code other than 0000 decide in this order.",
        nullable=True,
    )
    level1: pl.Boolean = column(
        "Whether the person is convicted at Level 1, on the one basis of the release; null is unknown.", nullable=True
    )
    detainer_linked: pl.Boolean = column(
        "Whether a detainer was prepared for the person on or before the day of departure; null is unknown. "
        "Nobody can tell whether it played a role in the removal.",
        nullable=True,
    )
    apprehension_date: pl.Date = _date("The day of the last apprehension.")
    apprehension_method: pl.String = _text("How the person was apprehended.")
    program: pl.String = _text("The ICE program that handled the removal.")
    processing_disposition: pl.String = _text("How the case was processed.")
    departure_kind: pl.String = column(
        "What kind of departure it was, by the case status, else the processing disposition, else the category; "
        "null where none of them tells.",
        source="reference/dispositions.csv",
        nullable=True,
        isin=DEPARTURE_KINDS,
    )
    case_status: pl.String = _text("The status of the case.", str_matches=CASE_STATUS)
    case_category: pl.String = _text("The category of the case.")
    final_order: pl.String = _text("Whether there was a final order of removal: YES or NO.", isin=FLAGS)
    final_order_date: pl.Date = _date("The day of the final order.")
    charge_section: pl.String = _text("The section of law the person was charged under, as written.")
    prior_removal: pl.String = _text("Whether the person had been removed before: YES or NO.", isin=FLAGS)
    aor: pl.String = column(
        "The area of responsibility (AOR) of the case, by the name of its ICE field office; as written where that is "
        "not known.",
        source="reference/areas.csv",
        nullable=True,
    )
    state: pl.String = _text("The state of the apprehension, USPS code.", str_matches=STATE_CODE)
    county: pl.String = _text("The county of the apprehension, as the Census Bureau names it.")
    county_fips: pl.String = column(
        "The county's FIPS code.",
        source="reference/counties.csv",
        nullable=True,
        str_matches=FIPS_CODE,
    )
    detainer_prepare_date: pl.Date = _date("The day the detainer on this record was prepared.")
    detainer_facility: pl.String = _text("The jail or prison the detainer was sent to.")
    detainer_city: pl.String = _text("Its city.")
    detainer_state: pl.String = _text("Its state, USPS code.", str_matches=STATE_CODE)
    duplicate_likely: pl.Boolean = column(
        "More than one row of the release has this person and this day of departure; null without a person.",
        nullable=True,
    )
    source_file: pl.String = source_file()
    source_sheet: pl.String = source_sheet()
    source_row: pl.Int64 = source_row()


class Detainers(RowTable):
    """One row per detainer that a release lists, typed and validated, also where releases overlap in time."""

    release_id: pl.String = release_id()
    detainer_prepare_date: pl.Date = column(
        "The day the detainer was prepared; detainers are counted by it.", unit="day", ge=FIRST_DAY, le=LATEST
    )
    month: pl.Date = column("The first day of the month of preparation.", unit="month")
    person_id: pl.String = _text(
        "The release's own identifier of the person; it links tables of one release and never two releases. "
        "Null where it is missing or can't be trusted."
    )
    facility: pl.String = _text("The jail or prison the detainer was sent to.")
    facility_code: pl.String = _text("ICE's code of the facility.")
    facility_city: pl.String = _text("The facility's city.")
    facility_state: pl.String = _text("The facility's state, USPS code.", str_matches=STATE_CODE)
    facility_aor: pl.String = column(
        "The ICE area of responsibility (AOR) the facility lies in, by the name of its field office.",
        source="reference/areas.csv",
        nullable=True,
    )
    detainer_threat_level: pl.String = _text(
        "The threat level at preparation, 1 the most serious. It counts pending charges; Level 1 never rests on it.",
        isin=THREAT_LEVELS,
    )
    msc_code: pl.String = _text(
        "The NCIC code of the most serious conviction (MSC), four digits.", str_matches=NCIC_CODE
    )
    msc_charge: pl.String = _text("The most serious conviction in words.")
    citizenship_country: pl.String = _text("The country of citizenship.")
    birth_country: pl.String = _text("The country of birth.")
    gender: pl.String = _text("The gender recorded: MALE or FEMALE.", isin=GENDERS)
    birth_year: pl.Int64 = column("The year of birth.", unit="year", nullable=True, ge=1900, le=LATEST.year)
    apprehension_date: pl.Date = _date("The day of the apprehension.")
    apprehension_method: pl.String = _text("How the person was apprehended.")
    departed_date: pl.Date = _date("The day the person left the country, where the release states it.")
    lift_date: pl.Date = _date("The day the detainer was lifted.")
    lift_reason: pl.String = _text("Why the detainer was lifted; null while pending or where none was filed.")
    detainer_type: pl.String = _text("The form of the detainer (I-247 and its successors).")
    biometric_match: pl.String = _text("Whether there was a biometric match: YES or NO.", isin=FLAGS)
    case_status: pl.String = _text("The status of the case.", str_matches=CASE_STATUS)
    case_category: pl.String = _text("The category of the case.")
    duplicate_likely: pl.Boolean = column(
        "More than one row of the release has this person and this day of preparation; null without a person.",
        nullable=True,
    )
    source_file: pl.String = source_file()
    source_sheet: pl.String = source_sheet()
    source_row: pl.Int64 = source_row()


class PublishedCounts(RowTable):
    """One row per figure of a published table, with its place in the file."""

    release_id: pl.String = column("The release the table was delivered in.", key=True)
    table_name: pl.String = column("The table as the publication names it.", key=True)
    month: pl.Date = column("The first day of the month the figure is for.", unit="month", key=True)
    population: pl.String = column("Whom the figure counts: ice or sc.", isin=POPULATIONS, key=True)
    subset: pl.String = column("Which of them: all, convicted, level1 or detainer_linked.", isin=SUBSETS, key=True)
    measure: pl.String = column(
        "What the figure is: removals of the month, or their 12-month running average.",
        isin=("removals", "average_12m"),
        key=True,
    )
    value: pl.Int64 = column("The figure; null unless reported.", unit="removals", nullable=True, ge=0)
    status: pl.String = column(
        "reported, withheld (the agency has it and does not release it) or not_released (not yet).",
        isin=("reported", "withheld", "not_released"),
    )
    source_file: pl.String = source_file()
    source_sheet: pl.String = source_sheet()
    source_row: pl.Int64 = source_row()
    source_column: pl.String = column("The column of the figure, as the file names it.")


class DetainerLinks(RowTable):
    """One row per removal of any release for whose person a detainer was prepared on or before the departure."""

    release_id: pl.String = column("The release of the removal.", key=True)
    source_file: pl.String = column("The file of the removal.", key=True)
    source_sheet: pl.String = column("Its worksheet; null for text files.", key=True, nullable=True)
    source_row: pl.Int64 = column("Its row in the file.", key=True, ge=1)
    population: pl.String = column("The population of the removal: ice or sc.", isin=POPULATIONS)
    month: pl.Date = column("The first day of the month of departure.", unit="month")
    linked_detainer_date: pl.Date = column(
        "The day the last detainer on or before the departure was prepared.", unit="day"
    )
    days_to_departure: pl.Int64 = column("Days from that day to the departure.", unit="days", ge=0)
    link_method: pl.String = column(
        "same_record: the detainer is on the removal's own record; joined: found by person in the same release.",
        isin=LINK_METHODS,
    )


MODELS: dict[str, TableModel] = {
    "removals_by_release": Removals,
    "detainers_by_release": Detainers,
    "published_counts": PublishedCounts,
    "detainer_links": DetainerLinks,
}
