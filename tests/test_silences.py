"""A month in which a field does not tell anything is silent, with the reason; anything less is told cell by cell."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.core.silences import MonthCounts, silent_months


def month(number: int) -> date:
    return date(2012 + (number - 1) // 12, (number - 1) % 12 + 1, 1)


def silent(*counts: tuple[int, int, int, int], **facts: bool) -> list[str | None]:
    """Reasons of months that follow each other, from (rows, values, marks, unreadable) of each."""
    found = {month(number): MonthCounts(*numbers) for number, numbers in enumerate(counts, start=1)}
    given = {"is_present": True, "is_unrecognized": False, **facts}
    reasons = silent_months(found, found, given["is_present"], given["is_unrecognized"], [])
    return [reasons.get(at) for at in found]


TOLD = (100, 50, 0, 0)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # Every written cell is a mark, and no month has a value: any number of marks is enough.
        ([(16, 0, 8, 0), (16, 0, 1, 0)], ["withheld", "withheld"]),
        ([(16, 0, 8, 0), (16, 0, 0, 0)], ["withheld", "not_disclosed"]),
        # With values in other months the marks must be half of the 50 to be expected.
        ([TOLD, (100, 0, 25, 0), TOLD], [None, "withheld", None]),
        ([TOLD, (100, 0, 24, 0), TOLD], [None, "not_disclosed", None]),
        ([TOLD, (100, 1, 99, 0), TOLD], [None, None, None]),
        # The same of cells that can't be read.
        ([TOLD, (100, 0, 0, 25), TOLD], [None, "unreadable", None]),
        ([(9, 0, 0, 3)], ["unreadable"]),
        # Marks among the unreadable: nobody can say that the agency withheld it.
        ([TOLD, (100, 0, 30, 30), TOLD], [None, "not_disclosed", None]),
        ([(9, 0, 3, 3)], ["not_disclosed"]),
        # A blank run is silence where seven values were to be expected of it.
        ([TOLD, (14, 0, 0, 0), TOLD], [None, "not_disclosed", None]),
        ([TOLD, (13, 0, 0, 0), TOLD], [None, None, None]),
        ([TOLD, (7, 0, 0, 0), (7, 0, 0, 0), TOLD], [None, "not_disclosed", "not_disclosed", None]),
        ([TOLD, (7, 0, 0, 0), TOLD, (7, 0, 0, 0)], [None, None, None, None]),
        # No row of the release has a value.
        ([(1, 0, 0, 0)], ["not_disclosed"]),
    ],
)
def test_reasons(counts: list[tuple[int, int, int, int]], expected: list[str | None]) -> None:
    assert silent(*counts) == expected


def test_the_rate_is_that_of_the_nearest_twelve_months_with_values() -> None:
    rare, common = (100, 1, 0, 0), (100, 90, 0, 0)
    blank = (100, 0, 0, 0)
    assert silent(*[common] * 12, *[rare] * 6, blank, *[rare] * 6)[18] is None
    assert silent(*[rare] * 12, *[common] * 6, blank, *[common] * 6)[18] == "not_disclosed"


def test_a_field_without_a_column_is_not_in_the_release_or_not_recognized() -> None:
    assert silent((9, 0, 0, 0), is_present=False) == ["not_in_release"]
    assert silent((9, 0, 0, 0), is_present=False, is_unrecognized=True) == ["unreadable"]


def test_what_a_manifest_declares_withheld_goes_before_all_else() -> None:
    counts = {month(number): MonthCounts(9, 9) for number in (1, 2, 3)}
    declared = [(month(2), month(2))]
    assert silent_months(counts, counts, True, False, declared) == {month(2): "withheld"}
    assert silent_months({}, [month(1), month(2)], False, False, [(month(2), None)]) == {
        month(1): "not_in_release",
        month(2): "withheld",
    }


COUNTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)).map(
        lambda numbers: (sum(numbers), *numbers[1:])
    ),
    min_size=1,
    max_size=30,
)


@given(COUNTS)
def test_a_month_with_a_value_is_never_silent_and_one_field_has_one_reason(
    counts: list[tuple[int, int, int, int]],
) -> None:
    for numbers, reason in zip(counts, silent(*counts), strict=True):
        assert numbers[1] == 0 or reason is None
    if all(numbers[1] == 0 for numbers in counts):
        assert None not in silent(*counts)
