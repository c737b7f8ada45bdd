"""The rules of each field, in Pandera: values that break one become unreadable, with the rule in words."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from sc_pipeline.core.cells import UNREADABLE
from sc_pipeline.core.dates import GRACE
from sc_pipeline.reference import LATEST_RECEIVED
from sc_pipeline.schemas.base import RowTable


@dataclass(frozen=True)
class FieldRules:
    """The checks of every field of a table, bounded by the day the release was received; `bound` says so in words."""

    schema: pa.DataFrameSchema
    bound: str


@cache
def rules_of(model: type[RowTable], key: str, received: date | None) -> FieldRules:
    """The model's checks of single values, and what cannot be later than the day the release was received.

    Without that day a bound of this version of the package holds, since no clock is read.
    """
    schema = deepcopy(model.to_schema())
    last_day = received or LATEST_RECEIVED
    last = {key: last_day + GRACE, "msc_conviction_date": last_day, "birth_year": last_day.year}
    for name in last.keys() & schema.columns.keys():
        kept = [check for check in schema.columns[name].checks if check.name != "less_than_or_equal_to"]
        schema.columns[name].checks = [*kept, pa.Check.less_than_or_equal_to(last[name])]
    for column in schema.columns.values():
        column.nullable = True  # a blank breaks no rule of its own: the key's is told by its state
    return FieldRules(
        schema,
        "`received` in release.toml" if received else "what this version knows; state `received` in release.toml",
    )


def hold(rules: FieldRules, distinct: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The distinct values of each field, those that break a rule unreadable and null."""
    checked = [name for name in distinct if name in rules.schema.columns and rules.schema.columns[name].checks]
    if not checked:
        return distinct
    # One frame for all fields: Pandera costs a moment each time it is asked. Shorter columns end in nulls.
    side_by_side = pl.concat(
        [distinct[name].select(pl.col("value").alias(name)) for name in checked], how="horizontal_extend"
    )
    try:
        # A schema of its own: `select_columns` copies the whole one each time.
        schema = pa.DataFrameSchema({name: rules.schema.columns[name] for name in checked})
        schema.validate(side_by_side.select(checked), lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        if cases["index"].null_count():  # not about values but about the table: an error of this package
            raise
        held = dict(distinct)
        for (name, check), found in cases.group_by("column", "check", maintain_order=True):
            held[str(name)] = _broken(
                held[str(name)], found["index"].cast(pl.Int64), _in_words(str(check), rules.bound)
            )
        return held
    return distinct


def _broken(distinct: pl.DataFrame, at: pl.Series, rule: str) -> pl.DataFrame:
    hit = pl.int_range(pl.len()).is_in(at.implode())
    return distinct.with_columns(
        value=pl.when(~hit).then("value"),
        state=pl.when(hit).then(pl.lit(UNREADABLE, pl.UInt8)).otherwise("state"),
        rule=pl.when(hit).then(pl.lit(rule)).otherwise("rule"),
    )


def _in_words(check: str, bound_of: str) -> str:
    name, _, bound = check.rstrip(")").partition("(")
    day = "-" in bound
    return {
        "isin": "not a known value",
        "str_matches": "not a known code",
        "greater_than_or_equal_to": f"{'earlier' if day else 'less'} than {bound}",
        "less_than_or_equal_to": f"{'later' if day else 'more'} than {bound}, by {bound_of}",
    }.get(name, check)
