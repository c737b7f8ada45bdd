"""The cells of one batch -> accepted rows, quarantine, links: the last stations, from places to the split."""

from dataclasses import dataclass
from functools import cache

import polars as pl

from sc_pipeline import reference
from sc_pipeline.core.cells import UNREADABLE, VALUE
from sc_pipeline.core.membership import Basis, convictions, links
from sc_pipeline.core.places import resolve_counties
from sc_pipeline.core.records import Cells, doubts, refused_rows
from sc_pipeline.core.tables import MODELS, CaseTable
from sc_pipeline.schemas.base import polars_schema
from sc_pipeline.schemas.facts import Quarantine
from sc_pipeline.schemas.records import DetainerLinks
from sc_pipeline.staged.personal import shown

# What tells the kind of a departure, in the order in which it is asked.
_KIND_FIELDS = ("case_status", "processing_disposition", "case_category")
# Statuses and categories begin with the code that tells: "8-Excluded/Removed", "[16] Reinstated Final Order".
_CODES = {"case_status": r"^\[?([0-9A-Z]{1,2})\]?(?:\s*-|$)", "case_category": r"^\[?([0-9]{1,2}[A-Z]?)\]"}


@dataclass(frozen=True)
class Cleaned:
    """What became of one batch; `states` are those of the accepted rows, `links` are kept for removals alone."""

    table: CaseTable
    rows: pl.DataFrame
    quarantine: pl.DataFrame
    states: dict[str, pl.Series]
    links: pl.DataFrame | None


def clean_batch(cells: Cells, known: pl.DataFrame, basis: Basis | None = None) -> Cleaned:
    """Split one batch into accepted rows and quarantine. `known` is what the survey knows of its rows.

    Rows read are rows accepted plus rows with a structural quarantine entry, of which a refused row has exactly one.
    """
    table = cells.table
    values, cells = _placed(cells)
    refused = refused_rows(cells)
    accepted = ~pl.int_range(cells.height, eager=True).is_in(refused["position"].implode())
    given = {**values, **_constants(cells), "duplicate_likely": known["duplicate_likely"]}
    given |= _calendar(table, values)
    linked = None
    if table.kind == "removals":
        given |= _told(cells, given, basis or Basis())
        linked = links(
            cells,
            pl.DataFrame({name: given[name] for name in ("departed_date", "month")}).with_columns(
                person_id=given.get("person_id", pl.lit(None, pl.String)),
                joined_day=known["joined_day"],
                has_undated=known["has_undated"],
            ),
            basis or Basis(),
        )
        given["detainer_linked"] = linked["detainer_linked"]
    rows = _typed(table, given, cells.height)
    found = doubts(cells).join(refused, on="position", how="anti", maintain_order="left")
    quarantine = pl.concat([_entries(cells, refused, "structural"), _entries(cells, found, "warning")])
    if not accepted.all():
        rows = rows.filter(accepted)
        cells_states = {name: state.filter(accepted) for name, state in cells.states.items()}
        linked = None if linked is None else linked.filter(accepted)
    else:
        cells_states = cells.states
    return Cleaned(
        table,
        rows,
        quarantine.sort("source_row", "field"),
        cells_states,
        None if linked is None else _links(rows, linked),
    )


def _placed(cells: Cells) -> tuple[dict[str, pl.Series], Cells]:
    """The values with counties by the Census Bureau's names; a county that no place has is unreadable."""
    values = dict(cells.values)
    if "county" not in values:
        return values, cells
    values |= resolve_counties(values.get("state"), values["county"])
    lost = (cells.states["county"] == VALUE) & values["county"].is_null()
    cells.states["county"] = pl.select(
        pl.when(lost).then(pl.lit(UNREADABLE, pl.UInt8)).otherwise(cells.states["county"])
    ).to_series()
    return values, cells


def _constants(cells: Cells) -> dict[str, pl.Series]:
    table = cells.table
    facts = {
        "release_id": table.release_id,
        "population": table.population,
        "source_file": table.file,
        "source_sheet": table.sheet,
    }
    named = {name: pl.repeat(value, cells.height, dtype=pl.String, eager=True) for name, value in facts.items()}
    return {**named, "source_row": cells.written["source_row"]}


def _calendar(table: CaseTable, values: dict[str, pl.Series]) -> dict[str, pl.Series]:
    day = values[table.key]
    fiscal_year = day.dt.year().cast(pl.Int64) + (day.dt.month() >= 10).cast(pl.Int64)
    return {"month": day.dt.month_start(), "fiscal_year": fiscal_year}


def _told(cells: Cells, given: dict[str, pl.Series], basis: Basis) -> dict[str, pl.Series]:
    """The columns of a removal that follow from others."""
    told = convictions(cells, given["month"], basis)
    if "citizenship_country" in given:
        told["citizenship_iso"] = _looked_up(given["citizenship_country"], _letters(pl.col("name")), countries())
    kinds = [_kind(given[name], name) for name in _KIND_FIELDS if name in given]
    if kinds:
        told["departure_kind"] = pl.select(pl.coalesce(kinds)).to_series()
    return told


def _kind(values: pl.Series, field: str) -> pl.Series:
    name = pl.col("name")
    key = name.str.extract(_CODES[field], 1) if field in _CODES else name
    return _looked_up(values, key, departure_kinds(field))


def _looked_up(values: pl.Series, key: pl.Expr, table: pl.DataFrame) -> pl.Series:
    """What a reference table holds of each value; `key` makes a value what the table's first column holds."""
    distinct = values.alias("name").unique().drop_nulls().to_frame().with_columns(key=key)
    found = distinct.join(table, on="key", how="inner").select("name", "found")
    return values.alias("name").to_frame().join(found, on="name", how="left", maintain_order="left")["found"]


def _letters(name: pl.Expr) -> pl.Expr:
    return name.str.normalize("NFKD").str.to_uppercase().str.replace_all(r"[^A-Z]", "")


@cache
def countries() -> pl.DataFrame:
    """`key` (a country's name as agencies write it, its letters alone) -> `found`, its ISO code, alpha-3."""
    table = pl.read_csv(reference.path_of("countries"), infer_schema=False)
    return table.select(key=_letters(pl.col("name")), found="iso").drop_nulls().unique("key", keep="first")


@cache
def departure_kinds(field: str) -> pl.DataFrame:
    """`key` (a value of the field, or its code) -> `found`, the kind of departure it means."""
    table = pl.read_csv(reference.path_of("dispositions"), infer_schema=False)
    return table.filter(pl.col("field") == field).select(key="name", found="departure_kind").drop_nulls()


def _typed(table: CaseTable, given: dict[str, pl.Series], height: int) -> pl.DataFrame:
    types = polars_schema(MODELS[table.kind])
    return pl.DataFrame(
        [
            given[name].cast(type_).alias(name)
            if name in given
            else pl.repeat(None, height, dtype=type_, eager=True).alias(name)
            for name, type_ in types.items()
        ]
    )


def _entries(cells: Cells, notes: pl.DataFrame, severity: str) -> pl.DataFrame:
    """Notes -> quarantine rows, with the value as the source writes it, where it may be shown."""
    parts = [notes.clear().with_columns(value=pl.lit(None, pl.String))]
    for (field,), group in notes.group_by("field", maintain_order=True):
        written = group.with_columns(value=cells.as_written(str(field), group["position"]))
        parts.append(written.with_columns(value=shown(pl.col("value"), str(field), cells.table.beside_names)))
    found = pl.concat(parts)
    constants = cells.table
    return found.select(
        release_id=pl.lit(constants.release_id, pl.String),
        source_file=pl.lit(constants.file, pl.String),
        source_sheet=pl.lit(constants.sheet, pl.String),
        source_row=cells.written["source_row"].gather(found["position"]),
        field=constants.prefix + pl.col("field"),
        rule="rule",
        severity=pl.lit(severity),
        value="value",
    ).cast(polars_schema(Quarantine))


def _links(rows: pl.DataFrame, linked: pl.DataFrame) -> pl.DataFrame:
    """The rows of detainer_links: of each removal with a detainer, which, how found, how many days before."""
    both = pl.concat([rows, linked.drop("detainer_linked")], how="horizontal")
    days = (pl.col("departed_date") - pl.col("linked_detainer_date")).dt.total_days()
    names = polars_schema(DetainerLinks).names()
    return both.filter("detainer_linked").with_columns(days_to_departure=days).select(names)
