"""Typed cells -> whether each row is convicted, Level 1, linked to a detainer: true, false, or null for unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import polars as pl

from sc_pipeline import reference
from sc_pipeline.core.cells import BLANK, REDACTED, UNREADABLE, VALUE
from sc_pipeline.core.records import Cells
from sc_pipeline.schemas.records import CRIMINALITIES, MSC_STATUSES

# The fields that show a conviction, in the order in which they are asked.
CONVICTION_FIELDS = ("criminality", "msc_status", "reported_threat_level", "msc_code")
NO_OFFENSE = "0000"
THREAT_LEVEL, OFFENSE = "threat_level_2011", "offense_2009"

Silent = Mapping[str, frozenset[date]]
"""Field -> the months in which it does not tell anything."""


@dataclass(frozen=True)
class DetainerSpan:
    """The detainers table of a release: its first and last day, its months, whether any identifier joins."""

    first: date
    last: date
    months: frozenset[date]
    ids_join: bool


@dataclass(frozen=True)
class Basis:
    """What memberships of one release rest on: silences, the basis of its levels, its table of detainers."""

    level_basis: str | None = None
    silent: Silent = field(default_factory=dict)
    detainers: DetainerSpan | None = None


def convictions(cells: Cells, months: pl.Series, basis: Basis) -> dict[str, pl.Series]:
    """`convicted`, `level1`, `offense_level` and `conviction_level` of every row."""
    convicted = _convicted(cells, months, basis.silent)
    offense = _offenses(cells)
    if basis.level_basis == THREAT_LEVEL:
        level = _values(cells, "reported_threat_level", pl.String).cast(pl.Int64, strict=False)
        at_level1 = level == 1
    elif basis.level_basis == OFFENSE:
        level, at_level1 = offense["level"], offense["is_level1"]
    else:
        level = pl.repeat(None, cells.height, dtype=pl.Int64, eager=True)
        at_level1 = pl.repeat(None, cells.height, dtype=pl.Boolean, eager=True)
    frame = pl.DataFrame({"convicted": convicted, "level": level, "at_level1": at_level1})
    told = frame.select(
        "convicted",
        # Null and true is null, null and false is false: an unknown level without a conviction does not count.
        level1=pl.col("convicted") & pl.col("at_level1"),
        conviction_level=pl.when(pl.col("convicted")).then("level"),
    )
    # A level that is 1 for one who may not be convicted is unknown, and so is any level then.
    told = told.with_columns(level1=pl.when(pl.col("convicted").is_not_null()).then("level1"))
    return {**told.to_dict(), "offense_level": offense["level"]}


def _convicted(cells: Cells, months: pl.Series, silent: Silent) -> pl.Series:
    """The first field with a value decides; a blank passes on; a mark, unreadable or silent one is remembered."""
    present = [name for name in CONVICTION_FIELDS if name in cells.states]
    if not present:
        return pl.repeat(None, cells.height, dtype=pl.Boolean, eager=True)
    frame = pl.DataFrame(
        {name: cells.values[name] for name in present} | {f"{name} state": cells.states[name] for name in present}
    ).with_columns(month=months)
    remembered = pl.any_horizontal(_is_remembered(name, silent) for name in present)
    decided = pl.coalesce(pl.when(~_is_silent(name, silent)).then(_verdict(name)) for name in present)
    verdict = pl.when(decided.is_not_null()).then(decided).when(~remembered).then(False)
    return frame.select(verdict.alias("convicted")).to_series()


def _is_remembered(name: str, silent: Silent) -> pl.Expr:
    return pl.col(f"{name} state").is_in([REDACTED, UNREADABLE]) | _is_silent(name, silent)


def _is_silent(name: str, silent: Silent) -> pl.Expr:
    """Whether the row's month is one in which a field says nothing, not even where a value is written."""
    return pl.col("month").is_in(sorted(silent.get(name, ())))


def _verdict(name: str) -> pl.Expr:
    value = pl.col(name)
    return {
        "criminality": value == CRIMINALITIES[0],
        "msc_status": value == MSC_STATUSES[0],
        "reported_threat_level": pl.when(value.is_not_null()).then(True),
        "msc_code": pl.when(value != NO_OFFENSE).then(True),
    }[name]


def _offenses(cells: Cells) -> dict[str, pl.Series]:
    codes = _values(cells, "msc_code", pl.String).alias("code").to_frame()
    joined = codes.join(offense_levels(), on="code", how="left", maintain_order="left")
    return {"level": joined["level"], "is_level1": joined["is_level1"]}


@cache
def offense_levels() -> pl.DataFrame:
    """NCIC `code` -> `level` (null where it depends on what the code does not tell), `is_level1` (null: may be)."""
    ranges = pl.read_csv(reference.path_of("offense_levels"), infer_schema=False)
    rows = []
    for first, last, level, possible in ranges.select("code_from", "code_to", "level", "possible").iter_rows():
        levels = set((possible or level or "").split("|"))
        is_level1 = None if "1" in levels and levels != {"1"} else levels == {"1"}
        rows += [(f"{code:04}", level and int(level), is_level1) for code in range(int(first), int(last) + 1)]
    found = pl.DataFrame(rows, {"code": pl.String, "level": pl.Int64, "is_level1": pl.Boolean}, orient="row")
    # Ranges overlap where a narrower one says more; the last one listed holds.
    return found.unique("code", keep="last", maintain_order=True)


def links(cells: Cells, rows: pl.DataFrame, basis: Basis) -> pl.DataFrame:
    """`detainer_linked`, `linked_detainer_date` and `link_method` of every row.

    `rows` holds `departed_date`, `month`, `person_id`, `joined_day` (the last detainer of the person on or before the
    departure) and `has_undated` (a detainer of the person has no day that can be read).
    """
    own_state = cells.states.get("detainer_prepare_date")
    own = own_state is not None
    frame = rows.with_columns(
        own_day=_values(cells, "detainer_prepare_date", pl.Date),
        own_state=own_state if own_state is not None else pl.lit(BLANK, pl.UInt8),
    )
    is_silent = _is_silent("detainer_prepare_date", basis.silent)
    is_joined = pl.col("joined_day").is_not_null() & ~_is_silent("person_id", basis.silent)
    is_own = own & ~is_silent & (pl.col("own_day") <= pl.col("departed_date")).fill_null(False)
    by_join = _joined(cells, basis)
    told = [verdict for verdict in (_own(basis.silent) if own else None, by_join) if verdict is not None]
    # Of two ways to find a detainer one is enough; that there is none takes both.
    linked = pl.any_horizontal(told) if told else pl.lit(None, pl.Boolean)
    return frame.select(
        detainer_linked=linked,
        linked_detainer_date=pl.when(is_own).then("own_day").when(is_joined).then("joined_day"),
        link_method=pl.when(is_own).then(pl.lit("same_record")).when(is_joined).then(pl.lit("joined")),
    )


def _own(silent: Silent) -> pl.Expr:
    state = pl.col("own_state")
    unknown = state.is_in([REDACTED, UNREADABLE]) | _is_silent("detainer_prepare_date", silent)
    dated = (state == VALUE) & (pl.col("own_day") <= pl.col("departed_date"))
    return pl.when(unknown).then(None).otherwise(dated.fill_null(False))


def _joined(cells: Cells, basis: Basis) -> pl.Expr | None:
    """The verdict of the detainers table; None where it can't be asked."""
    span = basis.detainers
    if span is None or "person_id" not in cells.states:
        return None
    edge = span.first + timedelta(days=reference.constant("detainer_window_days"))
    day, is_silent = pl.col("departed_date"), _is_silent("person_id", basis.silent)
    unknown = (
        is_silent
        | pl.col("person_id").is_null()
        | pl.col("has_undated")
        | (day < edge)
        | (day > span.last)
        | ~pl.col("month").is_in(sorted(span.months))
        | pl.lit(not span.ids_join)
    )
    found = pl.col("joined_day").is_not_null() & ~is_silent
    return pl.when(found).then(True).when(~unknown).then(False)


def _values(cells: Cells, name: str, type_: "pl.DataType | type[pl.DataType]") -> pl.Series:
    if name in cells.values:
        return cells.values[name].cast(type_)
    return pl.repeat(None, cells.height, dtype=type_, eager=True)
