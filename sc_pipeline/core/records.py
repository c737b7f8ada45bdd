"""staged -> core: batches of text cells -> typed, validated rows, the refused rows and doubtful values beside them."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from sc_pipeline import reference
from sc_pipeline.core.corrections import PREFIX, Corrections
from sc_pipeline.core.normalize import BLANK, DISCLOSED, KINDS, REDACTED, Habits, Kind, read_column
from sc_pipeline.core.places import resolve_counties
from sc_pipeline.schemas.base import RowTable, polars_schema
from sc_pipeline.schemas.records import CRIMINALITIES, Detainers, FieldDisclosure, Quarantine, Removals

if TYPE_CHECKING:
    from sc_pipeline.raw.release import Release
    from sc_pipeline.staged.stage import StagedSheet

# A release may hold departures planned for the weeks after it was written.
GRACE = timedelta(days=31)
KEYS = {"removals": "departed_date", "detainers": "detainer_prepare_date"}
# What shows a conviction, or would if it were not redacted.
CONVICTION_FIELDS = ("reported_threat_level", "msc_code", "criminality")

_MODELS: dict[str, type[RowTable]] = {"removals": Removals, "detainers": Detainers}
_NOTES = pl.Schema({"position": pl.Int64, "field": pl.String, "rule": pl.String})
_DISCLOSURE = pl.Schema({name: type_ for name, type_ in polars_schema(FieldDisclosure).items() if name != "release_id"})


@dataclass(frozen=True)
class Cleaned:
    """What became of one batch: its accepted rows, its quarantine entries, and how far each field was disclosed.

    `disclosure` holds counts of this batch alone, by month and field; those of all batches add up.
    """

    rows: pl.DataFrame
    quarantine: pl.DataFrame
    disclosure: pl.DataFrame


@dataclass(frozen=True)
class _Rules:
    """What holds for every batch of one sheet."""

    model: type[RowTable]
    schema: pa.DataFrameSchema
    key: str
    columns: Mapping[str, str]
    kinds: Mapping[str, Kind]
    habits: Habits
    constants: Mapping[str, str | bool | None]
    prefix: str


def clean_batches(
    release: "Release",
    sheet: "StagedSheet",
    batches: Iterable[pl.DataFrame],
    corrections: Corrections,
) -> Iterator[Cleaned]:
    """Clean the staged batches of one sheet of case-level records, each by itself.

    Rows read are rows accepted plus rows with a structural quarantine entry, of which a refused row has exactly one.
    Raises ManifestProblem where a correction does not find what it expects.
    """
    rules = _rules(release, sheet)
    for batch in batches:
        yield _clean(rules, sheet, batch, corrections)


def countable_keys(
    release: "Release",
    sheet: "StagedSheet",
    batches: Iterable[pl.DataFrame],
    corrections: Corrections,
) -> Iterator[pl.DataFrame]:
    """Person and day of the rows of each batch that `clean_batches` would accept; `sheet` names no other columns.

    Raises ManifestProblem where a correction does not find what it expects.
    """
    rules = _rules(release, sheet)
    schema = rules.schema.select_columns(["person_id", rules.key])
    for batch in batches:
        corrected = corrections.apply(sheet, batch)
        cells = _read_cells(rules, corrected.frame)
        rows = pl.DataFrame({name: cells[name]["value"] for name in schema.columns})
        failed = _failures(schema, rows)
        refused = {*failed.filter(pl.col("field") == rules.key)["position"], *corrected.dropped}
        yield _without(rows, failed, rules.key).filter(~pl.int_range(rows.height, eager=True).is_in(list(refused)))


def unsplit_rows(release: "Release", sheet: "StagedSheet") -> pl.DataFrame:
    """Quarantine entries of the rows that could not be split into cells."""
    place = (release.id, sheet.file, sheet.sheet)
    rows = [(*place, row, "row", what, "structural", text) for row, what, text in sheet.problems]
    return pl.DataFrame(rows, polars_schema(Quarantine), orient="row")


def _rules(release: "Release", sheet: "StagedSheet") -> _Rules:
    kinds, model = KINDS[sheet.kind], _MODELS[sheet.kind]
    last_day = release.received + GRACE if release.received else None
    constants = {"release_id": release.id, "source_file": sheet.file, "source_sheet": sheet.sheet}
    if sheet.kind == "removals":
        # What a person states of the release goes before what its shape implies.
        constants["population"] = release.population or sheet.population
    return _Rules(
        model,
        _bounded(model, KEYS[sheet.kind], release.received),
        KEYS[sheet.kind],
        {field: sheet.columns[field] for field in kinds if field in sheet.columns},
        kinds,
        Habits(sheet.date_forms, sheet.null_marks, (), last_day),
        {**constants, "duplicate_likely": False},
        PREFIX if sheet.kind == "detainers" else "",
    )


def _bounded(model: type[RowTable], key: str, received: date | None) -> pa.DataFrameSchema:
    """The model's rules, with what cannot be later than the day the release was received."""
    schema = deepcopy(model.to_schema())
    if received is not None:
        last = {key: received + GRACE, "msc_conviction_date": received, "birth_year": received.year}
        for name in last.keys() & schema.columns.keys():
            kept = [check for check in schema.columns[name].checks if check.name != "less_than_or_equal_to"]
            schema.columns[name].checks = [*kept, pa.Check.less_than_or_equal_to(last[name])]
    return schema


def _clean(rules: _Rules, sheet: "StagedSheet", batch: pl.DataFrame, corrections: Corrections) -> Cleaned:
    corrected = corrections.apply(sheet, batch)
    cells = _read_cells(rules, corrected.frame)
    states = pl.DataFrame({field: read["state"] for field, read in cells.items()})
    values = {field: read["value"] for field, read in cells.items()}
    doubtful = {field: read["doubtful"] for field, read in cells.items()}
    if "county" in values:
        values |= resolve_counties(values.get("state"), values["county"])
        doubtful["county"] = values["county"].is_null() & (states["county"] == DISCLOSED)
    rows = _derive(_typed(rules, batch, values), states)

    failed = _failures(rules.schema, rows).filter(pl.col("field").is_in(list(rules.columns)))
    refused = _refused(rules, corrected.dropped, failed, states)
    doubts = _doubts(rules, doubtful, failed, refused)
    if not failed.is_empty() or not refused.is_empty():
        accepted = ~pl.int_range(rows.height, eager=True).is_in(refused["position"].implode())
        rows, states = _without(rows, failed, rules.key).filter(accepted), states.filter(accepted)
        rows = _derive(rows, states)
    quarantine = pl.concat(
        [_entries(rules, batch, refused, "structural"), _entries(rules, batch, doubts, "warning")]
    ).sort("source_row", "field")
    return Cleaned(rows, quarantine, _disclosure(rules, rows["month"], states))


def _read_cells(rules: _Rules, batch: pl.DataFrame) -> dict[str, pl.DataFrame]:
    def read(field: str) -> pl.DataFrame:
        return read_column(batch[rules.columns[field]], rules.kinds[field], rules.habits)

    # Most of what happens to one column keeps one core busy; two at a time measured a third faster.
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(rules.columns, pool.map(read, rules.columns), strict=True))


def _typed(rules: _Rules, batch: pl.DataFrame, values: Mapping[str, pl.Series]) -> pl.DataFrame:
    types = polars_schema(rules.model)
    given = {**values, "source_row": batch["source_row"]}
    return batch.select(
        given[name].cast(type_).alias(name) if name in given
        else pl.repeat(rules.constants.get(name), batch.height, dtype=type_, eager=True).alias(name)
        for name, type_ in types.items()
    )  # fmt: skip


def _derive(rows: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """The columns that follow from others of the row."""
    if "conviction_level" not in rows.columns:
        return rows.with_columns(month=pl.col("detainer_prepare_date").dt.month_start())
    told = [field for field in CONVICTION_FIELDS if field in states.columns]
    # Without any of the columns, and where one is redacted, nothing says that there was no conviction.
    untold = pl.any_horizontal(states[field] == REDACTED for field in told) if told else pl.lit(True)
    levels = pl.col("msc_code").replace_strict(_levels(), default=None, return_dtype=pl.Int64)
    shows = (
        pl.col("conviction_level").is_not_null()
        | (pl.col("msc_code") != "0000").fill_null(False)
        | (pl.col("criminality") == CRIMINALITIES[0]).fill_null(False)
    )
    return rows.with_columns(
        month=pl.col("departed_date").dt.month_start(),
        conviction_level=pl.coalesce(pl.col("reported_threat_level").cast(pl.Int64, strict=False), levels),
    ).with_columns(convicted=pl.when(shows).then(True).when(~untold).then(False))


@cache
def _levels() -> dict[str, int]:
    """NCIC code -> offense level, each range of reference/offense_levels.csv written out."""
    ranges = pl.read_csv(reference.path_of("offense_levels"), schema_overrides={"level": pl.Int64}, infer_schema=False)
    return {
        f"{code:04}": level
        for first, last, level in ranges.select("code_from", "code_to", "level").iter_rows()
        for code in range(int(first), int(last) + 1)
    }


def _failures(schema: pa.DataFrameSchema, rows: pl.DataFrame) -> pl.DataFrame:
    """Every value that breaks a rule: its position in the batch, its field, the rule in words."""
    try:
        schema.validate(rows, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        if cases["index"].null_count():  # not about values but about the table: an error of this module
            raise
        words = {check: _in_words(check) for check in cases["check"].unique()}
        return cases.select(
            position=pl.col("index").cast(pl.Int64), field="column", rule=pl.col("check").replace_strict(words)
        )
    return _NOTES.to_frame()


def _in_words(check: str) -> str:
    name, _, bound = check.rstrip(")").partition("(")
    day = "-" in bound
    return {
        "isin": "not a known value",
        "str_matches": "not a known code",
        "greater_than_or_equal_to": f"{'earlier' if day else 'less'} than {bound}",
        "less_than_or_equal_to": f"{'later' if day else 'more'} than {bound}",
    }.get(name, check)


def _refused(rules: _Rules, dropped: Mapping[int, str], failed: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """One note per row that cannot be counted."""
    by_correction = pl.DataFrame(
        [(position, field, "refused by corrections.toml") for position, field in dropped.items()], _NOTES, orient="row"
    )
    by_key = failed.filter(pl.col("field") == rules.key)
    state = states[rules.key].gather(by_key["position"])
    why_null = state.replace_strict({BLANK: "missing", REDACTED: "redacted", DISCLOSED: rules.kinds[rules.key].doubt})
    by_key = by_key.with_columns(rule=pl.when(pl.col("rule") == "not_nullable").then(why_null).otherwise("rule"))
    notes = pl.concat([by_correction.with_columns(field=pl.col("field").str.replace(PREFIX, "", literal=True)), by_key])
    return notes.unique("position", keep="first", maintain_order=True)


def _doubts(
    rules: _Rules, doubtful: Mapping[str, pl.Series], failed: pl.DataFrame, refused: pl.DataFrame
) -> pl.DataFrame:
    """One note per value of an accepted row that became null."""
    unread = [
        pl.DataFrame({"position": marks.arg_true().cast(pl.Int64)}).with_columns(
            field=pl.lit(field), rule=pl.lit("unresolved county" if field == "county" else rules.kinds[field].doubt)
        )
        for field, marks in doubtful.items()
        if marks.any()
    ]
    notes = pl.concat([*unread, failed]).unique(["position", "field"], keep="first", maintain_order=True)
    return notes.join(refused, on="position", how="anti", maintain_order="left")


def _without(rows: pl.DataFrame, failed: pl.DataFrame, key: str) -> pl.DataFrame:
    """The rows with every value that broke a rule made null; the key's go with their rows."""
    for (field,), notes in failed.filter(pl.col("field") != key).group_by("field"):
        rows = rows.with_columns(rows[str(field)].scatter(notes["position"], None))
    return rows


def _entries(rules: _Rules, batch: pl.DataFrame, notes: pl.DataFrame, severity: str) -> pl.DataFrame:
    """Notes -> quarantine rows, with the value as the source writes it, before any correction."""
    parts = [_NOTES.to_frame().with_columns(value=pl.lit(None, pl.String))]
    parts += [
        group.with_columns(value=batch[rules.columns[str(field)]].gather(group["position"]))
        if str(field) in rules.columns else group.with_columns(value=pl.lit(None, pl.String))
        for (field,), group in notes.group_by("field", maintain_order=True)
    ]  # fmt: skip
    found = pl.concat(parts)
    return found.select(
        release_id=pl.lit(rules.constants["release_id"], pl.String),
        source_file=pl.lit(rules.constants["source_file"], pl.String),
        source_sheet=pl.lit(rules.constants["source_sheet"], pl.String),
        source_row=batch["source_row"].gather(found["position"]),
        field=rules.prefix + pl.col("field"),
        rule="rule",
        severity=pl.lit(severity),
        value="value",
    )


def _disclosure(rules: _Rules, months: pl.Series, states: pl.DataFrame) -> pl.DataFrame:
    """Per month and field, the column there or not: how many of the accepted rows disclose, blank or redact it."""
    fields = states.columns
    counted = [
        (pl.col(field) == state).sum().alias(f"{field} {state}") for field in fields for state in (DISCLOSED, REDACTED)
    ]
    counts = states.with_columns(month=months).group_by("month").agg(pl.len().alias("rows"), *counted)
    parts = [
        counts.select(
            "month",
            field=pl.lit(rules.prefix + field),
            rows="rows",
            disclosed=f"{field} {DISCLOSED}" if field in fields else pl.lit(0),
            blank=pl.lit(0),
            redacted=f"{field} {REDACTED}" if field in fields else pl.lit(0),
            column_present=pl.lit(field in fields),
        ).cast(_DISCLOSURE)
        for field in rules.kinds
    ]
    blank = pl.col("rows") - pl.col("disclosed") - pl.col("redacted")
    return pl.concat(parts).with_columns(blank=blank).sort("month", "field")
