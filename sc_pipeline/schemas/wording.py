"""What columns of several tables mean, in the same words, and the rules that they share."""

from typing import Any

from sc_pipeline.schemas.base import column

MONTH = "The month, as its first day."
FISCAL_YEAR = "The fiscal year the month is in: October to September."
POPULATION = "ice (all ICE removals) or sc (those under Secure Communities, a subset of ice: never add the two)."
SUBSET = (
    "all, convicted (of any offense), not_convicted, level1 (the conviction is Level 1) or detainer_linked (with a "
    "prior detainer)."
)
STATUS_OR_NULL = "Status of that count; null if no release covers the month."
STATE = "State, USPS code; empty where the place does not resolve."
PLACE_CODE = r"^([A-Z]{2})?$"
FIPS_OR_EMPTY = r"^([0-9]{5})?$"
COUNT = {"unit": "removals", "nullable": True, "ge": 0}
DETAINERS = {"unit": "detainers", "nullable": True, "ge": 0}
PERSONS = {"unit": "persons", "nullable": True, "ge": 0}
WINDOW_STATUS = (
    "Status of that count: reported; at_least; partial (the window runs past the last day of the release); or why the "
    "file does not tell of departures."
)
# Not held to 1: where two sources disagree a part can exceed its whole; subset_larger_across_releases warns of it.
SHARES = {"unit": "share, 0 to 1", "nullable": True, "ge": 0}
PARTS = {"unit": "share, 0 to 1", "nullable": True, "ge": 0, "le": 1}


def release_id() -> Any:
    """The column of the release a row was delivered in."""
    return column("The release the row was delivered in: the name of its folder in raw/.")


def source_file() -> Any:
    """The column of the file a row came from."""
    return column("The file the row came from, as named in the release; a member of an archive as archive/member.")


def source_sheet() -> Any:
    """The column of the worksheet a row came from."""
    return column("The worksheet the row came from; null for text files.", nullable=True)


def source_row() -> Any:
    """The column of the number of a row in its file."""
    return column("The row number a person sees when opening the file.", ge=1)
