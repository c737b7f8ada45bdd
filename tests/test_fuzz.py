"""What a fuzzer found once, and any other bytes, end in what a user may see and in nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import IS_FULL
from tests.fuzz import FOUND, TARGETS, seeds

TRIES = 500 if IS_FULL else 25


@pytest.mark.parametrize(
    "path", sorted(path for path in FOUND.iterdir() if path.name != "README.md"), ids=lambda path: path.name[:40]
)
def test_a_find_stays_mended(path) -> None:  # type: ignore[no-untyped-def]
    TARGETS[path.name.partition("-")[0]](path.read_bytes())


@st.composite
def spoiled(draw: st.DrawFn, target: str) -> bytes:
    """A good input with pieces cut out, doubled or overwritten."""
    data = bytearray(draw(st.sampled_from(seeds(target))))
    for _ in range(draw(st.integers(0, 6))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
        marks = st.sampled_from([b'"', b"\n", b"\r", b",", b"\0", b"[", b"=", b"\xff", b"'"])
        piece = draw(st.one_of(st.binary(max_size=20), st.just(bytes(data[at : at + length]) * 2), marks))
        data[at : at + length] = piece
    return bytes(data)


@pytest.mark.parametrize("target", TARGETS)
def test_any_bytes_end_in_what_a_user_may_see(target: str) -> None:
    @settings(max_examples=TRIES, deadline=None)
    @given(st.one_of(spoiled(target), st.binary(max_size=300)))
    def holds(data: bytes) -> None:
        TARGETS[target](data)

    holds()
