"""The published tables -> cubes: counts by month and dimension, one for each subject and population."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sc_pipeline.report.explorer.encode import coded, counts, packed, words

REMOVALS = ("removals", "convicted", "not_convicted", "level1", "detainer_linked")
DETAINERS = ("detainers", "departed_within_90_days", "departed_within_365_days", "lifted", "declined")
TRAITS = ("state", "aor", "citizenship", "gender", "age_group", "conviction", "departure_kind")

# A page holds this many cells of people and still answers a click at once; beyond it they are kept by fiscal year.
PEOPLE_CELLS = 500_000


@dataclass(frozen=True)
class Subject:
    """One of the explorer's subjects: the table it needs, the dimensions of its cells, what it counts."""

    name: str
    table: str
    columns: tuple[str, ...]
    measures: tuple[str, ...]


SUBJECTS = (
    Subject("months", "removals_by_month", (), REMOVALS),
    Subject("places", "removals_by_place", ("state", "county_fips", "county"), REMOVALS),
    Subject("areas", "removals_by_aor", ("aor",), REMOVALS),
    Subject("people", "removals", TRAITS, ("removals",)),
    Subject("detainers", "detainer_outcomes", ("facility_state", "facility_aor", "biometric_match"), DETAINERS),
)


def read_cubes(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Every cube that has a row, under `<subject>-<population>` (detainers have no population: `detainers`)."""
    published = {name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()}
    cubes: dict[str, dict[str, Any]] = {}
    for subject in SUBJECTS:
        if subject.table in published:
            cells, grain = _cells(connection, subject)
            for population in sorted(cells["population"].unique().to_pylist()):
                mine = cells.filter(pc.field("population") == population)
                cubes[f"{subject.name}-{population}".rstrip("-")] = cube(subject, mine, grain)
    return cubes


def cube(subject: Subject, cells: pa.Table, grain: str) -> dict[str, Any]:
    """Cells -> columns of codes and counts, as text that a page can hold; in the order of their keys."""
    keys = {name: coded(values) for name, values in _dimensions(subject, cells).items()}
    keys["month"] = coded(cells["month"], "%Y-%m")
    order = np.lexsort([codes for _, codes in reversed(keys.values())])
    statuses, status = words([cells[f"{name}_status"] for name in subject.measures])
    return {
        "grain": grain,
        "rows": cells.num_rows,
        "measures": list(subject.measures),
        "keys": {name: {"values": values, "codes": packed(codes[order])} for name, (values, codes) in keys.items()},
        "counts": {name: packed(counts(cells[name])[order]) for name in subject.measures},
        "undetermined": {name: packed(counts(cells[f"{name}_undetermined"])[order]) for name in subject.measures},
        "status": {"values": statuses, "codes": packed(status[order])},
    }


def _cells(connection: duckdb.DuckDBPyConnection, subject: Subject) -> tuple[pa.Table, str]:
    cells = connection.execute(_query(subject.name)).to_arrow_table()
    if subject.name == "people" and cells.num_rows > PEOPLE_CELLS:
        connection.register("people", cells)
        return connection.execute(_query("people_by_year")).to_arrow_table(), "fiscal_year"
    return cells, "month"


def _dimensions(subject: Subject, cells: pa.Table) -> dict[str, pa.ChunkedArray]:
    if subject.name != "places":
        return {name: _text(cells[name]) for name in subject.columns}
    # One key a place: state, FIPS and name. A place that does not resolve has no FIPS, and stays.
    parts = [_text(cells[name]) for name in subject.columns]
    return {"place": pc.binary_join_element_wise(*parts, "|")}  # pyright: ignore[reportAttributeAccessIssue]


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    # `?` is the mark of an unknown value in every cube; null would be read as "any".
    return pc.fill_null(values.cast(pa.string()), "?")


def _query(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
