"""Cells become typed values; blank, redacted and unreadable are told apart."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.core.cells import BLANK, REDACTED, UNREADABLE, VALUE
from sc_pipeline.core.dates import DateForms
from sc_pipeline.core.rules import hold, rules_of
from sc_pipeline.core.values import (
    CATEGORY,
    DATE,
    FLAG,
    IDENTIFIER,
    KINDS,
    LEVEL,
    NCIC_CODE,
    STATE,
    TEXT,
    WHOLE_NUMBER,
    Kind,
    Reading,
    read_distinct,
    spread,
    spread_identifiers,
)
from sc_pipeline.schemas.records import Removals

READING = Reading(DateForms(day_first=False, epoch_1904=False, last_day=date(2019, 6, 1)))
GENDER, CRIMINALITY = KINDS["removals"]["gender"], KINDS["removals"]["criminality"]
STATUS = KINDS["removals"]["msc_status"]
RULES = rules_of(Removals, "departed_date", date(2019, 6, 1))


def read(kind: Kind, *cells: str | None, reading: Reading = READING) -> list[tuple[object, ...]]:
    series = pl.Series(cells, dtype=pl.String)
    if kind.is_identifier:
        return spread_identifiers(series, kind, reading).rows()
    return spread(series, read_distinct(series, kind, reading)).rows()


def values(kind: Kind, *cells: str | None) -> list[object]:
    return [value for value, _ in read(kind, *cells)]


def held(field: str, *cells: str) -> list[tuple[object, ...]]:
    """Value, state and rule of the cells of one field, held to the rules."""
    series = pl.Series(cells, dtype=pl.String)
    distinct = read_distinct(series, KINDS["removals"][field], READING)
    found = hold(RULES, {field: distinct})[field]
    return [found.filter(pl.col("cell") == cell).drop("cell").row(0) for cell in cells]


@pytest.mark.parametrize("mark", [None, "", "  ", "\u00a0", "\u200b", "NA", "n/a", "NULL", "UNK", "Unknown"])
def test_null_marks_are_blank(mark: str | None) -> None:
    for kind in (TEXT, DATE, NCIC_CODE, WHOLE_NUMBER, IDENTIFIER, STATE):
        assert read(kind, mark) == [(None, BLANK)]


def test_a_mark_is_redacted_in_every_kind_of_field() -> None:
    for kind in (TEXT, DATE, NCIC_CODE, WHOLE_NUMBER, IDENTIFIER, STATE, LEVEL):
        assert read(kind, "[(b)(6)]", "XXXXXXXXXXXXXXXXXXXXXXXX") == [(None, REDACTED)] * 2


def test_a_production_may_have_marks_for_nothing_of_its_own() -> None:
    reading = Reading(READING.dates, null_marks=("--",))
    assert read(TEXT, "--", "-", reading=reading) == [(None, BLANK), ("-", VALUE)]


def test_a_spreadsheets_error_is_unreadable_in_every_kind_of_field() -> None:
    for kind in (TEXT, DATE, NCIC_CODE, WHOLE_NUMBER, IDENTIFIER, STATE):
        assert read(kind, "#REF!") == [(None, UNREADABLE)]


def test_text_is_trimmed_and_collapsed_and_categories_are_upper_case() -> None:
    assert values(TEXT, "  a \t b\u00a0c ") == ["a b c"]
    assert values(CATEGORY, " Border  Patrol", "287.0", "287.5") == ["BORDER PATROL", "287", "287.5"]


def test_numbers_with_commas_and_idle_decimals_are_whole() -> None:
    assert values(WHOLE_NUMBER, "1,984", "1984.0", "-3", "1234567") == [1984, 1984, -3, 1234567]
    for cell in ("1984.5", "12,34", "x", "99999999999999999999"):
        assert read(WHOLE_NUMBER, cell) == [(None, UNREADABLE)]


def test_ncic_codes_get_their_zeros_back() -> None:
    assert values(NCIC_CODE, "999", "0999", "'0999", "999.0", "0", "5404", "54ab") == [
        "0999",
        "0999",
        "0999",
        "0999",
        "0000",
        "5404",
        "54AB",
    ]


def test_choices_have_one_spelling() -> None:
    assert values(GENDER, "Male", "F", "Unknown", "U") == ["MALE", "FEMALE", None, None]
    assert values(FLAG, "Yes", "N", "true") == ["YES", "NO", "YES"]
    assert values(STATUS, "Convicted", "Conviction", "Guilty", "pending") == ["CONVICTED"] * 3 + ["PENDING"]
    assert values(CRIMINALITY, "1 Convicted Criminal", "Convicted Criminal", "other immigration violator", "3") == [
        "1 CONVICTED CRIMINAL",
        "1 CONVICTED CRIMINAL",
        "3 OTHER IMMIGRATION VIOLATOR",
        "3 OTHER IMMIGRATION VIOLATOR",
    ]


def test_a_threat_level_in_words_is_its_number_and_none_is_blank() -> None:
    cells = ("1", "2.0", "Level 3", "ICE Threat Level 1", "2 - Other felonies", "Threat Level 3", "L1")
    assert values(LEVEL, *cells) == ["1", "2", "3", "1", "2", "3", "1"]
    assert read(LEVEL, "NA", "No ICE Threat Level", "None") == [(None, BLANK)] * 3


@pytest.mark.parametrize(
    ("field", "cell", "rule"),
    [
        ("gender", "weird", "not a known value"),
        ("criminality", "4 Something", "not a known value"),
        ("msc_status", "Dismissed", "not a known value"),
        ("reported_threat_level", "7", "not a known value"),
        ("final_order", "MAYBE", "not a known value"),
        ("case_status", "Something else", "not a known code"),
        ("msc_code", "12345", "not a known code"),
        ("msc_code", "-", "not a known code"),
        ("msc_conviction_date", "2019-06-02", "later than 2019-06-01, by `received` in release.toml"),
        ("msc_conviction_date", "99/99/2010", "unreadable date"),
        ("final_order_date", "0201-05-03", "earlier than 1900-01-01"),
        ("birth_year", "1899", "less than 1900"),
        ("birth_year", "2020", "more than 2019, by `received` in release.toml"),
        ("birth_year", "MCM", "unreadable number"),
        ("age_at_removal", "-1", "less than 0"),
        ("state", "ONTARIO", "unknown state"),
        ("departed_date", "1989-12-31", "earlier than 1990-01-01"),
        ("departed_date", "2019-07-03", "later than 2019-07-02, by `received` in release.toml"),
    ],
)
def test_a_value_that_breaks_a_rule_is_unreadable_and_the_rule_is_in_words(field: str, cell: str, rule: str) -> None:
    assert held(field, cell) == [(None, UNREADABLE, rule)]


@pytest.mark.parametrize(
    "status", ["ACTIVE", "8-Excluded/Removed - Inadmissibility", "0-Withdrawal Permitted - I-275 Issued", "10-USC", "8"]
)
def test_case_statuses_are_known_by_their_code(status: str) -> None:
    assert held("case_status", status) == [(status.upper(), VALUE, None)]


def test_without_received_a_bound_of_the_package_holds() -> None:
    rules = rules_of(Removals, "departed_date", None)
    distinct = read_distinct(pl.Series(["2099-12-31", "2026-12-31"]), DATE, READING)
    found = hold(rules, {"departed_date": distinct})["departed_date"].sort("cell")
    assert found["state"].to_list() == [VALUE, UNREADABLE]
    assert found["rule"][1] == ("later than 2027-01-31, by what this version knows; state `received` in release.toml")


ODD_IDENTIFIERS = (
    "UNKNOWN",
    "unk",
    "REDACTED",
    "b(6)",
    "2E1234567890123456",
    "1.5e+17",
    "123456789012345000",
    "12.0",
    "",
    "nan",
    "XXXXXXXXXXXXXXXXXXXXXXXXX",
    "ab" * 20,
)


@given(st.lists(st.sampled_from(ODD_IDENTIFIERS) | st.from_regex("[ 0-9A-Za-z.+()]{0,24}", fullmatch=True), max_size=9))
def test_plain_identifiers_are_read_as_all_are(cells: list[str]) -> None:
    series = pl.Series(cells, dtype=pl.String)
    assert read(IDENTIFIER, *cells) == spread(series, read_distinct(series, IDENTIFIER, READING)).rows()


@given(st.lists(st.none() | st.text(max_size=12), max_size=8), st.sampled_from(sorted(KINDS["removals"])))
def test_any_cells_are_read_in_order_without_error(cells: list[str | None], field: str) -> None:
    kind = KINDS["removals"][field]
    rows = read(kind, *cells)
    assert rows == [read(kind, cell)[0] for cell in cells]
    for value, state in rows:
        assert (value is not None) == (state == VALUE)
