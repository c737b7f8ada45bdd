"""A hash of rows says whether two tables hold the same rows: nothing else counts, and nothing of the rows does not."""

import math
import struct
from datetime import date
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.hashing import RowHash, code_version, hash_of, sha256_of
from tests.builders import rows_hash

TYPES = {
    "text": (pa.string(), st.text(st.characters(exclude_categories=["Cs"]), max_size=6)),
    "count": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "share": (pa.float64(), st.floats(allow_nan=False)),
    "day": (pa.date32(), st.dates()),
    "flag": (pa.bool_(), st.booleans()),
}
SCHEMA = pa.schema([pa.field(name, type_) for name, (type_, _) in TYPES.items()])
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | values for name, (_, values) in TYPES.items()}), max_size=12)


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, SCHEMA)


@given(ROWS, st.lists(st.integers(0, 12), max_size=4))
def test_batches_do_not_count(rows: list[dict[str, Any]], cuts: list[int]) -> None:
    whole = table(rows)
    places = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    piecewise = RowHash(SCHEMA)
    for start, end in pairwise(places):
        piecewise.update(whole.slice(start, end - start))
    assert piecewise.hexdigest() == rows_hash(whole)
    assert piecewise.rows == len(rows)


@given(ROWS, st.data())
def test_any_changed_cell_counts(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    if not rows:
        return
    place = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(sorted(TYPES)))
    other = data.draw((st.none() | TYPES[name][1]).filter(lambda cell: not is_same(cell, rows[place][name])))
    changed = [{**row, name: other} if number == place else row for number, row in enumerate(rows)]
    assert rows_hash(table(changed)) != rows_hash(table(rows))


def is_same(one: object, two: object) -> bool:
    """Whether two cells are the same: minus zero is not zero."""
    if isinstance(one, float) and isinstance(two, float) and one == two == 0:
        return math.copysign(1, one) == math.copysign(1, two)
    return one == two and type(one) is type(two)


@given(ROWS)
def test_one_row_more_or_in_another_place_counts(rows: list[dict[str, Any]]) -> None:
    nothing = dict.fromkeys(TYPES)
    assert rows_hash(table([*rows, nothing])) != rows_hash(table(rows))
    backward = rows[::-1]
    is_palindrome = all(
        is_same(one[name], two[name]) for one, two in zip(rows, backward, strict=True) for name in TYPES
    )
    assert (rows_hash(table(backward)) == rows_hash(table(rows))) is is_palindrome


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"a": ["ab", "c"]}, {"a": ["a", "bc"]}),  # the same bytes, cut elsewhere
        ({"a": [""]}, {"a": pa.array([None], pa.string())}),
        ({"a": [0]}, {"a": pa.array([None], pa.int64())}),
        ({"a": [0]}, {"a": [0.0]}),
        ({"a": [0]}, {"a": [date(1970, 1, 1)]}),
        ({"a": [1]}, {"b": [1]}),
        ({"a": [1], "b": [2]}, {"b": [2], "a": [1]}),
        ({"a": pa.array([], pa.int64())}, {"a": pa.array([], pa.float64())}),
    ],
)
def test_names_types_order_and_nulls_count(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert rows_hash(pa.table(one)) != rows_hash(pa.table(two))


def test_what_lies_under_a_null_does_not_count() -> None:
    under = pa.Array.from_buffers(pa.int64(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(bytes(8) + b"\x07" + bytes(7))])
    assert rows_hash(pa.table({"a": under})) == rows_hash(pa.table({"a": pa.array([0, None], pa.int64())}))


def test_neither_the_bytes_of_parquet_nor_the_library_that_wrote_it_count(tmp_path: Path) -> None:
    row = {"text": "é", "count": 7, "share": 0.1, "day": date(2012, 5, 3), "flag": True}
    rows = table([row, dict.fromkeys(TYPES), {**row, "text": ""}] * 50)
    pq.write_table(rows, tmp_path / "arrow.parquet", compression="none")
    pq.write_table(rows, tmp_path / "groups.parquet", row_group_size=7, use_dictionary=False)
    pl.DataFrame(rows).write_parquet(tmp_path / "polars.parquet")
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.execute(f"copy rows to '{tmp_path}/duckdb.parquet'")
    files = sorted(tmp_path.iterdir())
    assert len({path.read_bytes() for path in files}) == 4
    assert {rows_hash(pq.read_table(path).cast(SCHEMA)) for path in files} == {rows_hash(rows)}


def test_the_encoding_is_the_one_that_published_hashes_are_made_with() -> None:
    rows = table([{"text": "é", "count": 7, "share": 0.1, "day": date(2012, 5, 3), "flag": True}, dict.fromkeys(TYPES)])
    columns = [
        (b"\x01\x00", struct.pack("<2i", 2, 0), "é".encode()),
        (b"\x01\x00", b"", struct.pack("<2q", 7, 0)),
        (b"\x01\x00", b"", struct.pack("<2d", 0.1, 0)),
        (b"\x01\x00", b"", struct.pack("<2i", (date(2012, 5, 3) - date(1970, 1, 1)).days, 0)),
        (b"\x01\x00", b"", b"\x01\x00"),
    ]
    head = '[["text", "string"], ["count", "int64"], ["share", "double"], ["day", "date32[day]"], ["flag", "bool"]]'
    digests = b"".join(sha256(part).digest() for column in columns for part in column)
    assert rows_hash(rows) == sha256(head.encode() + struct.pack("<q", 2) + digests).hexdigest()


def test_a_type_without_an_encoding_is_refused() -> None:
    with pytest.raises(TypeError, match="rows of type timestamp"):
        rows_hash(pa.table({"a": pa.array([0], pa.timestamp("us"))}))


def test_files_values_and_code_have_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a.txt") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_of({"a": 1, "b": [2]}) == hash_of({"b": [2], "a": 1}) != hash_of({"a": 1, "b": [3]})
    monkeypatch.setattr("sc_pipeline.hashing._PACKAGE", tmp_path)
    versions = []
    for text in ("one", "two", "one"):
        (tmp_path / "code.py").write_text(text)
        (tmp_path / "notes.md").write_text(f"{len(versions)}")
        versions.append(code_version(tmp_path))
    assert versions[0] == versions[2] != versions[1]
