"""Names of states, counties and field offices as agencies write them -> USPS codes, FIPS codes, one name each."""

import csv
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import polars as pl

from sc_pipeline import reference

# What may follow the name of a county; the longest first, so that "city and borough" goes whole.
_KIND_OF_COUNTY = re.compile(
    " (CITY AND BOROUGH|CENSUS AREA|MUNICIPALITY|MUNICIPIO|BOROUGH|PARISH|COUNTY|CO|CITY|(ISLAND )?DISTRICT|ISLAND)$"
)
# What follows the name of the office: "Atlanta Area of Responsibility", "ATL Field Office", "Dallas AOR".
_AREA = re.compile(r" (AREA OF RESPONSIBILITY|FIELD OFFICE|AOR)$")
# Counties that people also write by another name: Dade until 1997, and three boroughs of New York City.
_RENAMED = {
    ("FL", "DADE"): "MIAMIDADE",
    ("NY", "BROOKLYN"): "KINGS",
    ("NY", "MANHATTAN"): "NEWYORK",
    ("NY", "STATENISLAND"): "RICHMOND",
}


@dataclass(frozen=True)
class County:
    """A county or its equivalent: the Census Bureau's name and its FIPS code."""

    name: str
    fips: str


@cache
def state_code(name: str) -> str | None:
    """The USPS code of a state, district or territory, from its name or its code in any case; None if it is neither."""
    return _states().get(_letters(name))


@cache
def area_of(name: str) -> str:
    """An area of responsibility (AOR) by the name of its office, from its code or name; as written if not known."""
    plain = _AREA.sub("", " ".join(name.upper().split()))
    return _areas().get(plain, plain)


@cache
def find_county(state: str, name: str) -> County | None:
    """The county of that name in a state (USPS code); None where no county, or more than one, can be meant.

    A wrong kind of county is forgiven ("Anchorage Borough" for the municipality) unless it takes two counties for
    one: "Baltimore" alone may be the county or the city, and stays unresolved.
    """
    full, base = _letters(name), _letters(_base(name))
    full, base = (_RENAMED.get((state, key), key) for key in (full, base))
    by_name, by_base = _counties()
    for index, key in ((by_name, full), (by_base, full), (by_base, base), (by_name, base)):
        found = index.get((state, key), ())
        if found:
            return found[0] if len(found) == 1 else None
    return None


def resolve_counties(states: pl.Series | None, counties: pl.Series) -> dict[str, pl.Series]:
    """`county` and `county_fips`, row by row, of state codes and county names; null where no one county is meant."""
    named = pl.DataFrame({"county": counties}).with_columns(state=pl.lit(None, pl.String) if states is None else states)
    pairs = named.unique().drop_nulls()
    found = [find_county(state, county) for county, state in pairs.iter_rows()]
    known = pairs.with_columns(
        name=pl.Series([county and county.name for county in found], dtype=pl.String),
        fips=pl.Series([county and county.fips for county in found], dtype=pl.String),
    )
    joined = named.join(known, on=["county", "state"], how="left", maintain_order="left")
    return {"county": joined["name"], "county_fips": joined["fips"]}


def _letters(name: str) -> str:
    """Letters and digits only, without accents, upper-case; Saint and St. are one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).upper()
    plain = re.sub(r"\bSAINT(E?)\b", r"ST\1", plain)
    return re.sub(r"[^A-Z0-9]", "", plain)


def _base(name: str) -> str:
    plain = re.sub(r"[().,]", " ", name).upper()
    return _KIND_OF_COUNTY.sub("", " ".join(plain.split()))


@cache
def _states() -> dict[str, str]:
    found = {}
    for row in _rows("states"):
        found[_letters(row["name"])] = found[row["state"]] = row["state"]
    return found


@cache
def _areas() -> dict[str, str]:
    return {row["name"]: row["aor"] for row in _rows("areas")}


@cache
def _counties() -> tuple[dict[tuple[str, str], list[County]], dict[tuple[str, str], list[County]]]:
    by_name: dict[tuple[str, str], list[County]] = defaultdict(list)
    by_base: dict[tuple[str, str], list[County]] = defaultdict(list)
    for row in _rows("counties"):
        county = County(row["name"], row["county_fips"])
        by_name[row["state"], _letters(row["name"])].append(county)
        by_base[row["state"], _letters(_base(row["name"]))].append(county)
    return dict(by_name), dict(by_base)


def _rows(name: str) -> list[dict[str, str]]:
    with reference.path_of(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
