"""Identifiers are judged by their column: what lost digits or zeros, or is a word for nothing, names nobody."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.core.identifiers import (
    LOST_DIGITS,
    LOST_ZEROS,
    WORD_FOR_NOTHING,
    IdForms,
    IdProfile,
    judge,
    profile,
    read_identifier,
)


def read(*cells: str, forms: IdForms | None = None) -> list[tuple[str | None, str | None]]:
    value, rule = read_identifier(pl.col("text"), forms or IdForms())
    return pl.DataFrame({"text": cells}).select(value=value, rule=rule).rows()


def profiled(*ids: str) -> IdProfile:
    return profile(pl.Series(ids, dtype=pl.String))


@pytest.mark.parametrize("cell", ["nan", "NaN", "none", "-", "--", "#", "#N/A", "#REF!", "0", "000", "?", ".", "null"])
def test_a_word_for_nothing_is_nobody(cell: str) -> None:
    assert read(cell) == [(None, WORD_FOR_NOTHING)]


def test_identifiers_are_small_letters_and_whole_numbers() -> None:
    assert read("AB" * 20, "17.0", "1234567890123456789", "A-17") == [
        ("ab" * 20, None),
        ("17", None),
        ("1234567890123456789", None),
        ("a-17", None),
    ]


@pytest.mark.parametrize("cell", ["1.2345E+18", "2e17", "1.5e+17", "1234567890123450000"])
def test_one_that_lost_digits_by_itself_is_nobody(cell: str) -> None:
    assert read(cell) == [(None, LOST_DIGITS)]


NONE = frozenset[int]()


def test_where_identifiers_hold_digits_one_without_any_is_a_word() -> None:
    forms = judge({"a": profiled("17", "tbd"), "b": profiled("confidential")})
    assert read("TBD", "ab17", forms=forms["a"]) == [(None, WORD_FOR_NOTHING), ("ab17", None)]
    assert read("Confidential", forms=forms["b"]) == [(None, WORD_FOR_NOTHING)]
    assert read("QKZ", forms=judge({"a": profiled("qkz", "zkq")})["a"]) == [("qkz", None)]


def test_an_identifier_that_happens_to_hold_no_digit_is_no_word() -> None:
    forms = judge({"a": profiled("a1b2c3d4", "kqwzjfmx")})["a"]
    assert read("KQWZJFMX", "TBD", forms=forms) == [("kqwzjfmx", None), (None, WORD_FOR_NOTHING)]


def test_a_column_that_a_spreadsheet_cut_to_15_digits_is_known_as_a_whole() -> None:
    cut = profiled(*(f"2019000001234{number}00" for number in range(50, 58)))
    whole = profiled(*(f"2019000001234{number}17" for number in range(50, 58)))
    assert (cut.lost_digits, whole.lost_digits) == (True, False)
    assert read("20190000012345600", "12345", forms=judge({"a": cut})["a"]) == [(None, LOST_DIGITS), ("12345", None)]


def test_a_column_that_went_through_a_float_is_known_as_a_whole() -> None:
    ids = [1234567890123456700 + 7 * number for number in range(8)]
    rounded = profiled(*(str(int(float(number))) for number in ids))
    assert (rounded.lost_digits, profiled(*map(str, ids)).lost_digits) == (True, False)


def test_one_table_that_lost_its_leading_zeros_gets_them_back_from_the_other() -> None:
    forms = judge({"removals": profiled("000001000", "000001037"), "detainers": profiled("1000", "777")})
    assert forms == {"removals": IdForms(mixed_lengths=NONE), "detainers": IdForms(width=9, mixed_lengths=NONE)}
    assert read("1000", forms=forms["detainers"]) == [("000001000", None)]


def test_where_the_width_does_not_follow_the_shorter_ones_are_nobody() -> None:
    forms = judge({"removals": profiled("0012", "00045"), "detainers": profiled("12", "45")})
    assert forms["detainers"] == IdForms(lost_zeros=True, mixed_lengths=NONE)
    assert read("12", "a1", forms=forms["detainers"]) == [(None, LOST_ZEROS), ("a1", None)]


def test_identifiers_of_one_width_and_without_zeros_are_left_alone() -> None:
    assert set(judge({"a": profiled("123456", "234567"), "b": profiled("123", "23")}).values()) == {
        IdForms(mixed_lengths=NONE)
    }
    assert judge({"a": profiled("012345"), "b": profiled("123456")})["b"] == IdForms(mixed_lengths=NONE)
    assert judge({"a": profiled("ab12"), "b": profiled("7")})["b"] == IdForms(mixed_lengths=frozenset([4]))


@given(st.lists(st.integers(10**18, 9 * 10**18), min_size=8, max_size=30))
def test_whole_identifiers_of_19_digits_are_kept_and_floats_are_told(ids: list[int]) -> None:
    assert profiled(*(str(int(float(number))) for number in ids)).lost_digits
    odd = [number | 1 for number in ids]
    assert not profiled(*map(str, odd)).lost_digits


@given(st.lists(st.text(alphabet="0123456789ab.-", max_size=20), max_size=8), st.integers(1, 7))
def test_profiles_add_up(ids: list[str], cut: int) -> None:
    parts = profiled(*ids[:cut]) + profiled(*ids[cut:])
    whole = profiled(*ids)
    assert (parts.shortest, parts.longest, parts.padded, parts.long) == (
        whole.shortest,
        whole.longest,
        whole.padded,
        whole.long,
    )
