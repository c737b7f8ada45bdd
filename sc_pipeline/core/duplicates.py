"""The person and the day of every row of a release -> which rows stand more than once: likely duplicates."""

from collections.abc import Iterable

import numpy as np
import polars as pl

_FIRST, _SECOND = "first", "second"


def keys_of(rows: pl.DataFrame, day: str) -> pl.DataFrame:
    """Person and day of each row that has a person, as a hash of 128 bits: millions of them fit in memory."""
    return rows.filter(pl.col("person_id").is_not_null()).select(*_hashes(day))


def doubled_keys(keys: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The keys that occur more than once."""
    every = list(keys)
    # The first half alone, sorted, finds the few that can be doubled; only those are compared whole.
    halves = np.sort(np.concatenate([part[_FIRST].to_numpy() for part in every] or [np.empty(0, np.uint64)]))
    suspects = pl.Series(np.unique(halves[1:][halves[1:] == halves[:-1]]), dtype=pl.UInt64)
    found = [part.filter(pl.col(_FIRST).is_in(suspects.implode())) for part in every]
    together = pl.concat(found) if found else pl.DataFrame(schema={_FIRST: pl.UInt64, _SECOND: pl.UInt64})
    return together.group_by(_FIRST, _SECOND).len().filter(pl.col("len") > 1).drop("len")


def flag_likely_duplicates(rows: pl.DataFrame, day: str, doubled: pl.DataFrame) -> pl.DataFrame:
    """The rows with `duplicate_likely` true where their key is doubled, null where they have no person."""
    marks = doubled.with_columns(is_doubled=pl.lit(True))
    keys = rows.select(*_hashes(day), has_person=pl.col("person_id").is_not_null())
    joined = keys.join(marks, on=[_FIRST, _SECOND], how="left", maintain_order="left")
    flag = joined.select(pl.when("has_person").then(pl.col("is_doubled").fill_null(False)))
    return rows.with_columns(flag.to_series().alias("duplicate_likely"))


def _hashes(day: str) -> tuple[pl.Expr, pl.Expr]:
    key = pl.struct("person_id", day)
    return key.hash(1).alias(_FIRST), key.hash(2).alias(_SECOND)
