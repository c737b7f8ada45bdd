"""Names of places resolve as agencies write them, or not at all."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.core.places import County, find_county, resolve_counties, state_code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("CALIFORNIA", "CA"),
        ("New York", "NY"),
        ("tx", "TX"),
        ("DISTRICT OF COLUMBIA", "DC"),
        ("D.C.", "DC"),
        ("PUERTO RICO", "PR"),
        ("VIRGIN ISLANDS", "VI"),
        ("U.S. Virgin Islands", "VI"),
        ("NORTHERN MARIANA ISLANDS", "MP"),
        ("ONTARIO", None),
        ("", None),
    ],
)
def test_states_resolve_by_name_and_by_code(name: str, code: str | None) -> None:
    assert state_code(name) == code


@pytest.mark.parametrize(
    ("state", "name", "fips"),
    [
        ("LA", "Orleans Parish", "22071"),
        ("AK", "Anchorage Borough", "02020"),
        ("FL", "Miami-Dade County", "12086"),
        ("FL", "DADE", "12086"),
        ("MO", "ST. LOUIS CITY", "29510"),
        ("MO", "SAINT LOUIS COUNTY", "29189"),
        ("TX", "HARRIS", "48201"),
        ("NM", "DONA ANA COUNTY", "35013"),
        ("IL", "DE KALB", "17037"),
        ("MD", "PRINCE GEORGES", "24033"),
        ("NV", "CARSON CITY", "32510"),
        ("VA", "JAMES CITY", "51095"),
        ("VA", "Charles City County", "51036"),
        ("VA", "Virginia Beach", "51810"),
        ("NY", "MANHATTAN", "36061"),
        ("PR", "SAN JUAN", "72127"),
        ("SD", "Oglala Lakota", "46102"),
        ("SD", "SHANNON", "46113"),
    ],
)
def test_counties_resolve_whatever_their_kind_is_called(state: str, name: str, fips: str) -> None:
    county = find_county(state, name)
    assert county is not None
    assert county.fips == fips


@pytest.mark.parametrize(
    ("state", "name"),
    [("MO", "ST. LOUIS"), ("MD", "Baltimore"), ("VA", "RICHMOND"), ("TX", "NOWHERE"), ("CA", "HARRIS"), ("TX", "")],
)
def test_a_name_that_can_mean_two_counties_or_none_stays_unresolved(state: str, name: str) -> None:
    assert find_county(state, name) is None


def test_a_county_is_given_the_name_of_the_census_bureau() -> None:
    assert find_county("FL", "MIAMI DADE") == County("Miami-Dade County", "12086")


def test_a_county_without_a_state_is_unresolved() -> None:
    found = resolve_counties(pl.Series(["TX", None]), pl.Series(["HARRIS", "HARRIS"]))
    assert {name: cells.to_list() for name, cells in found.items()} == {
        "county": ["Harris County", None],
        "county_fips": ["48201", None],
    }
    assert resolve_counties(None, pl.Series(["HARRIS"]))["county_fips"].to_list() == [None]


@given(st.text(max_size=20), st.sampled_from(["TX", "VA", "ZZ"]))
def test_any_text_is_a_county_or_none_and_never_an_error(name: str, state: str) -> None:
    county = find_county(state, name)
    assert county is None or len(county.fips) == 5
    code = state_code(name)
    assert code is None or len(code) == 2
