"""One batch of staged text -> its typed cells: the stations from correction to rules, passed once and in order."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from sc_pipeline.core.cells import BLANK, REDACTED, UNREADABLE, VALUE
from sc_pipeline.core.corrections import Corrections
from sc_pipeline.core.footers import FOOTER, FOOTER_RULE, LINE, NOTE
from sc_pipeline.core.rules import hold
from sc_pipeline.core.tables import CaseTable
from sc_pipeline.core.values import read_distinct, spread, spread_identifiers

_NO_VALUE = {BLANK: "missing", REDACTED: "redacted"}
_DIFFER = "its columns differ"
_STRENGTH = {BLANK: 0, UNREADABLE: 1, REDACTED: 2, VALUE: 3}


@dataclass(frozen=True)
class Cells:
    """A batch read: each field's values and states, the text as written, what corrections refuse."""

    table: CaseTable
    written: pl.DataFrame
    values: dict[str, pl.Series]
    states: dict[str, pl.Series]
    dropped: Mapping[int, str]
    text: pl.DataFrame  # after corrections
    _layers: Sequence[Mapping[str, pl.DataFrame]]

    @property
    def height(self) -> int:
        """Its rows."""
        return self.written.height

    def state(self, field: str) -> pl.Series:
        """The states of a field, blank throughout where the table lacks its column."""
        return self.states.get(field, pl.repeat(BLANK, self.height, dtype=pl.UInt8, eager=True))

    def rules_broken(self, field: str, positions: pl.Series) -> pl.Series:
        """Why the cells of a field at these positions can't be read."""
        rules = pl.repeat(None, len(positions), dtype=pl.String, eager=True)
        for layer, distinct in enumerate(self._layers):
            if field in distinct:
                cells = self.text[self.table.columns[field][layer]].gather(positions).alias("cell").to_frame()
                found = cells.join(distinct[field], on="cell", how="left", maintain_order="left")["rule"]
                rules = rules.fill_null(found)
        return rules.fill_null(_DIFFER)

    def as_written(self, field: str, positions: pl.Series) -> pl.Series:
        """The cells of a field as the source writes them, before any correction; null for a blank."""
        columns = self.table.columns.get(field)
        if not columns:
            return pl.repeat(None, len(positions), dtype=pl.String, eager=True)
        cells = self.written.select(columns)[positions]
        if len(columns) == 1:
            return cells.to_series()
        joined = cells.select(pl.concat_str(pl.all(), separator=" | ", ignore_nulls=True).alias("value")).to_series()
        return pl.select(pl.when(joined != "").then(joined)).to_series()


def read_batch(table: CaseTable, batch: pl.DataFrame, corrections: Corrections, fields: Sequence[str] = ()) -> Cells:
    """Read the cells of a batch; `fields` names the only ones wanted, none means all the table has.

    Raises ManifestProblem where a correction does not find what it expects.
    """
    corrected = corrections.apply(table, batch)
    wanted = [field for field in table.columns if not fields or field in fields]
    depth = max((len(table.columns[field]) for field in wanted), default=0)
    layers, parts = [], []
    for layer in range(depth):
        columns = {field: table.columns[field][layer] for field in wanted if layer < len(table.columns[field])}
        distinct, cells = _read_layer(table, corrected.frame, columns)
        layers.append(distinct)
        parts.append(cells)
    merged: dict[str, pl.DataFrame] = {}
    for cells in parts:
        merged |= {field: _coalesced(merged[field], read) if field in merged else read for field, read in cells.items()}
    values = {field: read["value"] for field, read in merged.items()}
    states = {field: read["state"] for field, read in merged.items()}
    return Cells(table, batch, values, states, corrected.dropped, corrected.frame, layers)


def _read_layer(
    table: CaseTable, text: pl.DataFrame, columns: Mapping[str, str]
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """One column of each field: its distinct cells read and held to the rules, then row by row."""
    kinds = table.kinds

    def read(field: str) -> pl.DataFrame:
        return read_distinct(text[columns[field]], kinds[field], table.reading(columns[field]))

    coded = [field for field in columns if not kinds[field].is_identifier]

    def place(field: str) -> pl.DataFrame:
        cells = text[columns[field]]
        if kinds[field].is_identifier:
            return spread_identifiers(cells, kinds[field], table.reading(columns[field]))
        return spread(cells, distinct[field])

    # Most of what happens to one column keeps one core busy; two at a time measured a third faster.
    with ThreadPoolExecutor(2) as pool:
        distinct = hold(table.rules, dict(zip(coded, pool.map(read, coded), strict=True)))
        cells = dict(zip(columns, pool.map(place, columns), strict=True))
    return distinct, cells


def _coalesced(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Two columns for one field: a value before a mark before the unreadable before a blank; two values unreadable."""
    both = pl.DataFrame({"a": first["value"], "b": second["value"], "s": first["state"], "t": second["state"]})
    differ = (pl.col("s") == VALUE) & (pl.col("t") == VALUE) & (pl.col("a") != pl.col("b"))
    strength = {state: pl.col(state).replace_strict(_STRENGTH, return_dtype=pl.UInt8) for state in ("s", "t")}
    stronger = strength["s"] >= strength["t"]
    return both.select(
        value=pl.when(~differ).then(pl.when(stronger).then("a").otherwise("b")),
        state=pl.when(differ).then(pl.lit(UNREADABLE, pl.UInt8)).when(stronger).then("s").otherwise("t"),
    )


def refused_rows(cells: Cells) -> pl.DataFrame:
    """`position`, `field` and `rule` of each row that can't be counted, one note a row, in order of rows."""
    key, prefix, states = cells.table.key, cells.table.prefix, cells.state(cells.table.key)
    corrected = pl.DataFrame(
        {"position": list(cells.dropped), "field": [field.removeprefix(prefix) for field in cells.dropped.values()]},
        {"position": pl.Int64, "field": pl.String},
    ).with_columns(rule=pl.lit("refused by corrections.toml"))
    keyless = (states != VALUE).arg_true()
    if not len(keyless):
        return corrected.sort("position")
    found = states.gather(keyless)
    why = found.replace_strict(_NO_VALUE, default=None, return_dtype=pl.String)
    why = why.fill_null(cells.rules_broken(key, keyless)) if key in cells.states else why
    rules = pl.select(pl.when(_footers(cells, keyless, found)).then(pl.lit(FOOTER_RULE)).otherwise(why)).to_series()
    missing = pl.DataFrame({"position": keyless.cast(pl.Int64), "rule": rules}).select(
        "position", field=pl.lit(key), rule="rule"
    )
    return pl.concat([corrected, missing.join(corrected, on="position", how="anti")]).sort("position")


def _footers(cells: Cells, positions: pl.Series, states: pl.Series) -> pl.Series:
    """Which of these rows hold the words of a footer, a title or a total instead of a record."""
    texts = cells.written.drop("source_row")[positions]
    words = texts.select(pl.any_horizontal(pl.all().str.contains(FOOTER).fill_null(False))).to_series()
    filled = texts.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    first = texts.to_series(0).str.contains(f"(?i){NOTE}").fill_null(False)
    line = texts.select(pl.any_horizontal(pl.all().str.contains(LINE).fill_null(False))).to_series()
    alone = (filled == 1) & line & (states != REDACTED)
    return first | alone | (words & (filled <= max(2, texts.width // 2)))


def doubts(cells: Cells) -> pl.DataFrame:
    """`position`, `field` and `rule` of each cell that is written and can't be read, the key's apart."""
    found = [pl.DataFrame(schema={"position": pl.Int64, "field": pl.String, "rule": pl.String})]
    for field, states in cells.states.items():
        at = (states == UNREADABLE).arg_true()
        if len(at) and field != cells.table.key:
            found.append(
                pl.DataFrame({"position": at.cast(pl.Int64), "rule": _reasons(cells, field, at)}).select(
                    "position", field=pl.lit(field), rule="rule"
                )
            )
    return pl.concat(found)


def _reasons(cells: Cells, field: str, at: pl.Series) -> pl.Series:
    if field == "county":
        return pl.repeat("unresolved county", len(at), dtype=pl.String, eager=True)
    if cells.table.kinds[field].is_identifier:
        return identifier_reasons(cells, field, at)
    return cells.rules_broken(field, at)


def identifier_reasons(cells: Cells, field: str, at: pl.Series) -> pl.Series:
    """Why identifiers at these positions can't be used."""
    rules = pl.repeat(None, len(at), dtype=pl.String, eager=True)
    for column in cells.table.columns[field]:
        texts = cells.text[column].gather(at)
        distinct = read_distinct(texts, cells.table.kinds[field], cells.table.reading(column))
        joined = texts.alias("cell").to_frame().join(distinct, on="cell", how="left", maintain_order="left")
        rules = rules.fill_null(joined["rule"])
    return rules.fill_null(_DIFFER)
