"""Small text tables -> what the SQL makes of them: the rules as examples, and the page written from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from types import ModuleType
from typing import Any

import polars as pl
import pyarrow as pa
from sc_pipeline.staged.layouts import load_layouts

from sc_pipeline import sql as engine
from sc_pipeline.core.corrections import Corrections
from sc_pipeline.core.records import clean_batches
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema
from tests.builders import release, staged, staged_sheet

CHAPTERS = ("records", "linking", "sources", "silence", "averages", "shares", "figures", "claims", "places")
BASE_TABLES = (
    "removals_by_release",
    "detainers_by_release",
    "published_counts",
    "field_disclosure",
    "source_files",
    "quarantine",
    "releases",
    "release_windows",
    "withheld_fields",
)
# An example may start from cells as a file holds them, under the names of the fields they feed.
CELLS = "cells of a removals file"
CASE_TABLES = {"removals_by_release": "", "detainers_by_release": "detainers."}

_DEFAULTS: dict[str, dict[str, Any]] = {
    "removals_by_release": {"release_id": "a", "population": "ice", "source_file": "a.csv", "duplicate_likely": False},
    "detainers_by_release": {"release_id": "a", "source_file": "d.csv", "duplicate_likely": False},
    "published_counts": {
        "release_id": "printed", "table_name": "Table 1", "population": "sc", "subset": "all", "measure": "removals",
        "status": "reported", "source_file": "table1.csv", "source_column": "Count",
    },
    "releases": {"synthetic": False, "status": "ready"},
    "field_disclosure": {"release_id": "a", "rows": 1, "disclosed": 0, "blank": 0, "redacted": 0,
                         "column_present": True},
    "source_files": {"release_id": "a", "file": "a.csv", "sha256": "0", "bytes": 1, "sheets": 1},
    "quarantine": {"release_id": "a", "source_file": "a.csv", "rule": "readable", "severity": "warning"},
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule: what it says, a small example, what must come of it. `table` may be a check; `where` picks rows."""

    title: str
    text: str
    given: Mapping[str, str]
    table: str
    expected: str
    where: Mapping[str, str] = field(default_factory=dict)


def parse(text: str) -> tuple[list[str], list[list[str | None]]]:
    """A text table, columns apart by `|`: its names and its rows; an empty cell is None."""
    lines = [[cell.strip() or None for cell in line.split("|")] for line in text.strip().splitlines()]
    return [str(name) for name in lines[0]], lines[1:]


def build(table: str, text: str) -> pa.Table:
    """A base table in its model's types, columns not given filled with plain defaults."""
    names, lines = parse(text)
    schema = arrow_schema(MODELS[table])
    rows = []
    for number, line in enumerate(lines, start=2):
        row = {**_DEFAULTS.get(table, {}), **dict(zip(names, line, strict=True))}
        if "source_row" in schema.names:
            row.setdefault("source_row", number)
        rows.append(row)
    return pa.table({name: [_typed(row.get(name), schema.field(name).type) for row in rows] for name in schema.names},
                    schema=schema) if table not in CASE_TABLES else _with_month(table, rows, schema)  # fmt: skip


def base_tables(given: Mapping[str, str]) -> dict[str, pa.Table]:
    """Every table the SQL starts from. Releases that are only mentioned are ready; columns given are disclosed."""
    tables = {name: build(name, given[name]) for name in given if name != CELLS}
    if CELLS in given:
        tables |= _cleaned(given[CELLS])
    for name in BASE_TABLES:
        tables.setdefault(name, arrow_schema(MODELS[name]).empty_table())
    mentioned = {name for table in tables.values() for name in table["release_id"].to_pylist()}
    missing = sorted(mentioned - set(tables["releases"]["release_id"].to_pylist()))
    if missing:
        more = build("releases", "\n".join(["release_id", *missing]))
        tables["releases"] = pa.concat_tables([tables["releases"], more])
    if "field_disclosure" not in given and CELLS not in given:
        tables["field_disclosure"] = _disclosure(given, tables)
    return tables


def compute_all(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The base tables and every table the shipped SQL makes of them."""
    made = dict(tables)
    for name, sql_table in engine.sql_tables().items():
        made[name] = engine.run(sql_table, made, threads=1).read_all()
    return made


def found_rows(rule: Rule, tables: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """What comes of a rule's example, in the columns its expected text names; of a check, the bad rows as text."""
    names, _ = parse(rule.expected)
    check = engine.sql_checks().get(rule.table)
    if check is None:
        rows = tables[rule.table].to_pylist()
        kept = [row for row in rows if all(row[name] == value for name, value in rule.where.items())]
        return [{name: row[name] for name in names} for row in kept]
    with engine.connect({table: tables[table] for table in check.inputs}) as connection:
        rows = connection.execute(check.sql).to_arrow_table().select(names).to_pylist()
    return [{name: None if value is None else str(value) for name, value in row.items()} for row in rows]


def expected_rows(rule: Rule) -> list[dict[str, Any]]:
    """The expected text as rows in the types of the table's model."""
    names, lines = parse(rule.expected)
    if rule.table in engine.sql_checks():
        return [dict(zip(names, line, strict=True)) for line in lines]
    schema = arrow_schema(MODELS[rule.table])
    typed = [[_typed(cell, schema.field(name).type) for name, cell in zip(names, line, strict=True)] for line in lines]
    return [dict(zip(names, line, strict=True)) for line in typed]


def all_rules() -> list[Rule]:
    """Every rule, in the order of the page."""
    return [rule for chapter in chapters() for rule in chapter.RULES]


def chapters() -> list[ModuleType]:
    """The modules that hold rules, in the order of the page."""
    return [import_module(f"{__name__}.{name}") for name in CHAPTERS]


def rules_page() -> str:
    """The page docs/rules.md: each module a heading, each rule its text, its example and what comes of it."""
    parts = ["# Rules", "Written from `tests/rules/` by `make docs`; every example here is a test."]
    for chapter in chapters():
        parts.append(f"## {chapter.TITLE}")
        for rule in chapter.RULES:
            parts += [f"### {rule.title}", rule.text]
            parts += [f"`{name}`\n\n{_markdown(text)}" for name, text in rule.given.items()]
            verb = "finds" if rule.table in engine.sql_checks() else "gives"
            picked = "".join(f", where `{name}` is `{value}`" for name, value in rule.where.items())
            parts.append(f"{verb} `{rule.table}`{picked}\n\n{_markdown(rule.expected)}")
    return "\n\n".join(parts) + "\n"


def _markdown(text: str) -> str:
    names, rows = parse(text)
    if not rows:
        return "*(no rows)*"
    lines = [names, ["---"] * len(names), *[[cell or "" for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _with_month(table: str, rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    day = "departed_date" if table == "removals_by_release" else "detainer_prepare_date"
    typed = [{name: _typed(row.get(name), schema.field(name).type) for name in schema.names} for row in rows]
    for row in typed:
        row["month"] = row[day].replace(day=1) if row[day] else None
    return pa.Table.from_pylist(typed, schema=schema)


def _cleaned(text: str) -> dict[str, pa.Table]:
    names, lines = parse(text)
    batch = staged([dict(zip(names, line, strict=True)) for line in lines], names)
    sheet, layout = staged_sheet(names, file="a.csv"), load_layouts()["ice_removals_2026_03"]
    (cleaned,) = clean_batches(release(id="a"), sheet, layout, [batch], Corrections("a"))
    disclosure = cleaned.disclosure.with_columns(release_id=pl.lit("a"))
    frames = {"removals_by_release": cleaned.rows, "quarantine": cleaned.quarantine, "field_disclosure": disclosure}
    schemas = {name: arrow_schema(MODELS[name]) for name in frames}
    return {name: frame.select(schemas[name].names).to_arrow().cast(schemas[name]) for name, frame in frames.items()}


def _disclosure(given: Mapping[str, str], tables: Mapping[str, pa.Table]) -> pa.Table:
    found = []
    for name, prefix in CASE_TABLES.items():
        named = set(parse(given[name])[0]) if name in given else set()
        rows = tables[name].to_pylist()
        for release_id, month in sorted({(row["release_id"], row["month"]) for row in rows if row["month"]}):
            of_month = [row for row in rows if (row["release_id"], row["month"]) == (release_id, month)]
            for column in tables[name].schema.names:
                disclosed = sum(row[column] is not None for row in of_month)
                found.append({"release_id": release_id, "month": month, "field": prefix + column, "rows": len(of_month),
                              "disclosed": disclosed, "blank": len(of_month) - disclosed, "redacted": 0,
                              "column_present": column in named})  # fmt: skip
    return pa.Table.from_pylist(found, schema=arrow_schema(MODELS["field_disclosure"]))


def _typed(value: Any, type_: pa.DataType) -> Any:
    if not isinstance(value, str):
        return value
    if pa.types.is_date(type_):
        return date.fromisoformat(value if len(value) == 10 else f"{value}-01")
    if pa.types.is_boolean(type_):
        return value == "true"
    if pa.types.is_integer(type_):
        return int(value.replace(",", ""))
    return float(value) if pa.types.is_floating(type_) else value
