"""Parquet and Feather: damaged, lying about their size, of types no table has, and bytes that ask for gigabytes."""

import decimal
import io
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

from tests.cases.shapes import ICE, removals
from tests.corpus import Bad, one, refused, taken

_MB = 1 << 20
Make = Callable[[str], bytes]


def _rows(salt: str, **changed: Any) -> pa.Table:
    rows = removals(salt)
    found = pa.table({name: [str(row[name]) for row in rows] for name in ICE})
    for name, values in changed.items():
        column = name.replace("_", " ")
        found = found.set_column(found.column_names.index(column), column, [values])
    return found


def _parquet(make: Callable[[str], pa.Table], **options: Any) -> Make:
    def content(salt: str) -> bytes:
        stream = io.BytesIO()
        pq.write_table(make(salt), stream, **options)
        return stream.getvalue()

    return content


def _feather(make: Callable[[str], pa.Table], **options: Any) -> Make:
    def content(salt: str) -> bytes:
        stream = io.BytesIO()
        feather.write_feather(make(salt), stream, **options)
        return stream.getvalue()

    return content


def _column(name: str, values: Any) -> Callable[[str], pa.Table]:
    return lambda salt: _rows(salt, **{name: values})


def _added(name: str, values: Any) -> Callable[[str], pa.Table]:
    return lambda salt: _rows(salt).append_column(name, [values])


def _flipped(make: Make, seed: int, tail: bool) -> Make:
    def content(salt: str) -> bytes:
        draw, found = np.random.default_rng(seed), bytearray(make(salt))
        first = max(4, len(found) - 600) if tail else 4
        for place in draw.integers(first, len(found) - 4, 30):
            found[place] = int(draw.integers(256))
        return bytes(found)

    return content


def _bomb(salt: str) -> pa.Table:
    """Three million rows of one text of a megabyte: kilobytes on the disk, terabytes as text."""
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(3_000_000, np.int32)), pa.array(["y" * _MB + salt]))
    return pa.table({"Departed Date": texts})


def _far_index(salt: str) -> pa.Table:
    codes = pa.DictionaryArray.from_arrays(pa.array([9] * 12, pa.int32()), pa.array(["a"]), safe=False)
    return _rows(salt).append_column("code", [codes])


_STAMPS = pa.array([datetime(2025, 3, 3)] * 11 + [None], pa.timestamp("us"))
_ANY = [1] * 12


def _pq(name: str, make: Make, *words: str, **more: object) -> Bad:
    return refused(f"parquet-{name}", one("x.parquet", make), *words, **more)


def _in(name: str, make: Make, accepted: int = 12, quarantined: int = 0, **more: object) -> Bad:
    return taken(f"parquet-{name}", one("x.parquet", make), accepted, quarantined, **more)


CASES = [
    _in("good", _parquet(_rows)),
    *(_in(f"packed-{name}", _parquet(_rows, compression=name)) for name in ("gzip", "brotli", "lz4", "zstd", "none")),
    _in("pages-of-version-2", _parquet(_rows, data_page_version="2.0")),
    _in("without-a-dictionary", _parquet(_rows, use_dictionary=False)),
    _pq("marks-alone", lambda _: b"PAR1PAR1", "Parquet"),
    _pq("head-alone", lambda _: b"PAR1", "Parquet"),
    _pq("of-zeros", lambda _: b"PAR1" + bytes(400) + b"PAR1", "Parquet"),
    _pq("cut", lambda salt: _parquet(_rows)(salt)[:900], "Parquet"),
    _pq("tail-alone", lambda salt: b"PAR1" + _parquet(_rows)(salt)[-200:], "Parquet"),
    _pq("foot-length-lies", lambda salt: _parquet(_rows)(salt)[:-8] + b"\xff\xff\xff\x7fPAR1", "Parquet"),
    _pq("foot-length-zero", lambda salt: _parquet(_rows)(salt)[:-8] + b"\0\0\0\0PAR1", "Parquet"),
    _pq("encrypted", lambda salt: b"PARE" + _parquet(_rows)(salt)[4:-4] + b"PARE", ""),
    *(_pq(f"foot-flipped-{seed}", _flipped(_parquet(_rows), seed, True), "") for seed in range(5)),
    *(_pq(f"pages-flipped-{seed}", _flipped(_parquet(_rows), seed, False), "") for seed in range(5)),
    _pq("bomb", _parquet(_bomb), "MAX_READING_BYTES"),
    _pq("no-columns", _parquet(lambda _: pa.table({})), "no columns"),
    _pq("no-rows", _parquet(lambda salt: _rows(salt).slice(0, 0)), "no rows"),
    _in("columns-twice", _parquet(lambda salt: _rows(salt).append_column("Departed Date", [["x"] * 12]))),
    _in("column-without-a-name", _parquet(_added("", ["x"] * 12))),
    _in("column-name-with-escapes", _parquet(_added("\x1b[2J", ["x"] * 12))),
    _pq("column-name-of-a-megabyte", _parquet(_added("n" * (_MB + 9), ["x"] * 12)), "MAX_CELL_BYTES"),
    _pq("many-columns", _parquet(lambda _: pa.table({f"c{n}": ["1"] for n in range(6_000)})), "MAX_COLUMNS"),
    _in("nested", _parquet(_added("list", [[1, 2]] * 12))),  # as text, in a column that feeds nothing
    _in("struct", _parquet(_added("struct", [{"a": 1}] * 12))),
    taken("parquet-bytes", one("x.parquet", _parquet(_added("bytes", [b"\xff\xfe"] * 12)))),
    _in("of-nulls", _parquet(_added("null", pa.nulls(12)))),
    _in("decimals", _parquet(_added("n", [decimal.Decimal("1.50")] * 12))),
    _in("times", _parquet(_added("t", [time(1, 2)] * 12))),
    _in("infinite-numbers", _parquet(_added("f", [float("inf"), float("nan"), 1e308] * 4))),
    _in("large-whole-numbers", _parquet(_added("u", pa.array([2**64 - 1] * 12, pa.uint64())))),
    _in("days-and-times", _parquet(_column("Departed_Date", _STAMPS)), 11, 1),
    _in("times-far-away", _parquet(_added("far", pa.array([2**62, -(2**62)] * 6, pa.timestamp("us"))))),
    _in("days-far-away", _parquet(_added("far", pa.array([2**31 - 1, -(2**31)] * 6, pa.date32())))),
    _in("time-zone", _parquet(_added("z", pa.array(_ANY, pa.timestamp("ms", "America/New_York"))))),
    _in("time-zone-nowhere", _parquet(_added("z", pa.array(_ANY, pa.timestamp("ms", "Nowhere/At_All"))))),
    _in("durations", _feather(_added("d", [timedelta(seconds=5)] * 12))),
    _in("large-text", _parquet(_added("l", pa.array(["x"] * 12, pa.large_string())))),
    _in("categories", _parquet(_added("c", pa.array(["x"] * 12).dictionary_encode()))),
    _pq("text-not-utf-8", _parquet(_added("b", pa.array([b"\xff\xfe"] * 12).cast(pa.binary()).view(pa.string()))), ""),
    _pq("cell-of-two-megabytes", _parquet(_added("big", ["y" * 2 * _MB] * 12)), "MAX_CELL_BYTES"),
    taken("feather-good", one("x.feather", _feather(_rows))),
    taken("feather-packed", one("x.feather", _feather(_rows, compression="zstd"))),
    taken("feather-version-1", one("x.feather", _feather(_rows, version=1))),
    refused("feather-head-alone", one("x.feather", lambda _: b"ARROW1"), ""),
    refused("feather-cut", one("x.feather", lambda salt: _feather(_rows)(salt)[:700]), ""),
    refused(
        "feather-foot-length-lies",
        one("x.feather", lambda salt: _feather(_rows)(salt)[:-10] + b"\xff\xff\xff\x7fARROW1"),
        "",
    ),
    refused("feather-index-beyond-the-last", one("x.feather", _feather(_far_index)), ""),
    *(
        refused(
            f"feather-flipped-{seed}",
            one("x.feather", _flipped(_feather(_rows, compression="uncompressed"), seed, True)),
            "",
        )
        for seed in range(5)
    ),
    refused("feather-version-1-cut", one("x.feather", lambda salt: _feather(_rows, version=1)(salt)[:300]), ""),
]
