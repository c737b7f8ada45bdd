"""Cells become typed values; blank, redacted and unreadable are told apart."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.core.normalize import (  # fmt: skip
    BLANK,
    CATEGORY,
    DATE,
    DISCLOSED,
    IDENTIFIER,
    KINDS,
    NCIC_CODE,
    REDACTED,
    STATE,
    TEXT,
    WHOLE_NUMBER,
    Habits,
    Kind,
    read_column,
)
from sc_pipeline.errors import FileProblem

FORMATS = ("%d%b%y", "%d%b%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%m/%d/%y", "%m/%d/%Y", "excel")
HABITS = Habits(FORMATS, last_day=date(2019, 7, 2))
GENDER, CRIMINALITY = KINDS["removals"]["gender"], KINDS["removals"]["criminality"]
LEVEL, FLAG = KINDS["removals"]["reported_threat_level"], KINDS["removals"]["final_order"]


def read(kind: Kind, *cells: str | None, habits: Habits = HABITS) -> list[tuple[object, ...]]:
    return read_column(pl.Series(cells, dtype=pl.String), kind, habits).rows()


def values(kind: Kind, *cells: str | None) -> list[object]:
    return [value for value, _, _ in read(kind, *cells)]


@pytest.mark.parametrize(
    "mark",
    [
        "(b)(6)", "b(6), b(7)c", "b(6), b(7)C", "(b)(6)(b)(7)(c)", "(b)(6), (b)(7)(c)", "(b)(6),(b)(7)(c)",
        "(b)(6), (b)(7)(c) (b)(7)(e)", "b(7)(e)", "(b7)(e)", "(B)(3)", " (b)(6) ", "(b)(6); (b)(7)(C)", "REDACTED",
    ],
)  # fmt: skip
def test_a_redaction_mark_that_fills_the_cell_is_redacted(mark: str) -> None:
    assert read(TEXT, mark) == [(None, REDACTED, False)]
    assert read(DATE, mark) == [(None, REDACTED, False)]


@pytest.mark.parametrize("text", ["237(a)(1)(B)", "237(a)(2)(B)(i)", "212(a)(6)(A)(i)", "B2", "b6", "see (b)(6)"])
def test_statute_text_only_looks_like_a_redaction(text: str) -> None:
    assert read(TEXT, text) == [(text, DISCLOSED, False)]


@pytest.mark.parametrize("mark", [None, "", "  ", "\u00a0", "NA", "n/a", "NULL", "UNK", "Unknown"])
def test_null_marks_are_blank_and_not_redacted(mark: str | None) -> None:
    for kind in (TEXT, DATE, NCIC_CODE, WHOLE_NUMBER, IDENTIFIER, STATE):
        assert read(kind, mark) == [(None, BLANK, False)]


def test_a_layout_may_have_marks_of_its_own() -> None:
    habits = Habits(null_marks=("--",), redaction_marks=("withheld by ICE",))
    assert read(TEXT, "--", "WITHHELD BY ICE", habits=habits) == [(None, BLANK, False), (None, REDACTED, False)]


def test_text_is_trimmed_and_collapsed_and_categories_are_upper_case() -> None:
    assert values(TEXT, "  a \t b\u00a0c ") == ["a b c"]
    assert values(CATEGORY, " Border  Patrol", "287.0", "287.5") == ["BORDER PATROL", "287", "287.5"]


@pytest.mark.parametrize(
    "cell",
    ["03MAY12", "3may2012", "05/03/2012", "5/3/12", "5/3/2012", "2012-05-03", "2012-05-03 13:04:05",
     "2012-05-03T00:00:00", "5/3/2012 1:04 PM", "03MAY2012:13:04:05", "41032", "41032.75"],
)  # fmt: skip
def test_every_way_of_writing_a_day_gives_the_day_without_the_time(cell: str) -> None:
    assert read(DATE, cell) == [(date(2012, 5, 3), DISCLOSED, False)]


@pytest.mark.parametrize("cell", ["02/30/2012", "5/3/012", "13/13/2012", "99999", "12", "May", "03MAY12x", "x 5/3/12"])
def test_what_is_no_day_is_unreadable_and_never_half_read(cell: str) -> None:
    assert read(DATE, cell) == [(None, DISCLOSED, True)]


def test_formats_are_tried_cell_by_cell() -> None:
    assert values(DATE, "01/02/2009", "01/02/09", "40000") == [date(2009, 1, 2), date(2009, 1, 2), date(2009, 7, 6)]


def test_two_digit_years_name_the_last_such_year_before_the_release() -> None:
    assert values(DATE, "03MAY12", "5/3/45", "5/3/99", "06/30/19") == [
        date(2012, 5, 3), date(1945, 5, 3), date(1999, 5, 3), date(2019, 6, 30),
    ]  # fmt: skip


def test_only_formats_of_the_layout_are_tried() -> None:
    assert read(DATE, "41032", habits=Habits(("%Y-%m-%d",))) == [(None, DISCLOSED, True)]
    with pytest.raises(FileProblem, match="%q"):
        read(DATE, "41032", habits=Habits(("%q",)))


def test_numbers_with_commas_and_idle_decimals_are_whole() -> None:
    assert values(WHOLE_NUMBER, "1,984", "1984.0", "-3", "1234567") == [1984, 1984, -3, 1234567]
    for cell in ("1984.5", "12,34", "x", "99999999999999999999"):
        assert read(WHOLE_NUMBER, cell) == [(None, DISCLOSED, True)]


def test_ncic_codes_get_their_zeros_back() -> None:
    assert values(NCIC_CODE, "999", "0999", "999.0", "0", "5404", "54ab", "12345") == [
        "0999", "0999", "0999", "0000", "5404", "54AB", "12345",
    ]  # fmt: skip


def test_an_identifier_that_lost_digits_identifies_nobody() -> None:
    assert read(IDENTIFIER, "1.2345E+18") == [(None, DISCLOSED, True)]
    assert read(IDENTIFIER, "1234567890123450000") == [(None, DISCLOSED, True)]
    assert values(IDENTIFIER, "AB" * 20, "1234567890123456789", "17.0") == ["ab" * 20, "1234567890123456789", "17"]


def test_choices_have_one_spelling() -> None:
    assert values(GENDER, "Male", "F", "Unknown", "U", "X") == ["MALE", "FEMALE", None, None, "X"]
    assert values(FLAG, "Yes", "N", "MAYBE") == ["YES", "NO", "MAYBE"]
    assert values(LEVEL, "1", "2.0", "Level 3", "NA", "7") == ["1", "2", "3", None, "7"]
    assert values(CRIMINALITY, "1 Convicted Criminal", "Convicted Criminal", "other immigration violator", "3") == [
        "1 CONVICTED CRIMINAL", "1 CONVICTED CRIMINAL", "3 OTHER IMMIGRATION VIOLATOR", "3 OTHER IMMIGRATION VIOLATOR",
    ]  # fmt: skip


def test_states_become_usps_codes() -> None:
    assert read(STATE, "CALIFORNIA", "ca", "ONTARIO") == [
        ("CA", DISCLOSED, False), ("CA", DISCLOSED, False), (None, DISCLOSED, True),
    ]  # fmt: skip


@given(st.dates(date(1970, 1, 1), date(2019, 6, 30)), st.sampled_from(FORMATS))
def test_a_day_written_in_any_format_is_read_back(day: date, date_format: str) -> None:
    serial = str((day - date(1899, 12, 30)) // timedelta(days=1))
    cell = serial if date_format == "excel" else day.strftime(date_format)
    assert values(DATE, cell) == [day]


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_whole_number_is_read_back_with_or_without_commas(number: int) -> None:
    assert values(WHOLE_NUMBER, str(number), f"{number:,}") == [number, number]


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
)


@given(st.lists(st.sampled_from(ODD_IDENTIFIERS) | st.from_regex("[ 0-9A-Za-z.+()]{0,24}", fullmatch=True), max_size=9))
def test_identifiers_are_read_as_any_text_would_be(cells: list[str]) -> None:
    assert read(IDENTIFIER, *cells) == read(replace(IDENTIFIER, is_identifier=False), *cells)


@given(st.lists(st.none() | st.text(max_size=12), max_size=8), st.sampled_from(sorted(KINDS["removals"])))
def test_any_cells_are_read_in_order_without_error(cells: list[str | None], field: str) -> None:
    kind = KINDS["removals"][field]
    rows = read(kind, *cells)
    assert len(rows) == len(cells)
    assert rows == [read(kind, cell)[0] for cell in cells]
    for value, state, doubtful in rows:
        # A value exists exactly where one was disclosed and could be read.
        assert (value is not None) == (state == DISCLOSED and not doubtful)
