"""Items made ahead are the same items, in the same order, and what goes wrong is raised where it is used."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.prefetch import ahead


@given(st.lists(st.one_of(st.none(), st.integers())))
def test_the_items_come_in_their_order(items: list[int | None]) -> None:
    assert list(ahead(iter(items))) == items


def test_what_making_an_item_raises_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    used = ahead(items())
    assert next(used) == 1
    with pytest.raises(ValueError, match="the second"):
        next(used)


def test_one_item_is_made_ahead_and_no_more() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    used = ahead(items())
    assert (next(used), next(used)) == (0, 1)
    used.close()  # waits for the one under way
    assert made == [0, 1, 2]
