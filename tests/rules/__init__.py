"""Small text tables -> what the SQL makes of them: the rules as examples, and the page written from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from types import ModuleType
from typing import Any

import pyarrow as pa

from sc_pipeline import reference
from sc_pipeline import sql as engine
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema
from tests.cleaning import cleaned

CHAPTERS = (
    "records",
    "linking",
    "counting",
    "silence",
    "sources",
    "averages",
    "shares",
    "figures",
    "claims",
    "places",
    "detainers",
    "revisions",
    "checks",
)
BASE_TABLES = (
    "removals_by_release",
    "detainers_by_release",
    "published_counts",
    "published_years",
    "other_counts",
    "field_disclosure",
    "silences",
    "release_bases",
    "detainer_links",
    "source_files",
    "quarantine",
    "releases",
    "release_windows",
    "expected_rows",
    "withheld_fields",
)
# An example may start from cells as files hold them, under the names of the fields they feed.
REMOVALS, DETAINERS = "cells of a removals file", "cells of a detainers file"
CASE_TABLES = {"removals_by_release": "departed_date", "detainers_by_release": "detainer_prepare_date"}
# A membership that an example states implies the field that tells it.
TELLS = {"convicted": "criminality", "level1": "reported_threat_level", "detainer_linked": "detainer_prepare_date"}

_DEFAULTS: dict[str, dict[str, Any]] = {
    "removals_by_release": {"release_id": "a", "population": "ice", "source_file": "a.csv", "duplicate_likely": False},
    "detainers_by_release": {"release_id": "a", "source_file": "d.csv", "duplicate_likely": False},
    "published_counts": {
        "release_id": "printed",
        "table_name": "Table 1",
        "population": "sc",
        "subset": "all",
        "measure": "removals",
        "status": "reported",
        "source_file": "table1.csv",
        "source_column": "Count",
    },
    "published_years": {
        "release_id": "printed",
        "population": "ice",
        "subset": "all",
        "status": "reported",
        "source_file": "years.csv",
        "source_column": "Total",
    },
    "releases": {"synthetic": False, "status": "ready"},
    "silences": {"release_id": "a", "population": "ice"},
    "release_bases": {
        "release_id": "a",
        "population": "ice",
        "removal_ids": 0,
        "detainer_ids": 0,
        "matched_ids": 0,
        "has_own_detainers": False,
        "has_detainers_table": False,
    },
    "detainer_links": {"release_id": "a", "population": "ice", "source_file": "a.csv", "link_method": "same_record"},
    "field_disclosure": {
        "release_id": "a",
        "rows": 1,
        "disclosed": 0,
        "blank": 0,
        "redacted": 0,
        "unreadable": 0,
        "column_present": True,
    },
    "source_files": {"release_id": "a", "file": "a.csv", "sha256": "0", "bytes": 1, "sheets": 1, "rows_left_out": 0},
    "quarantine": {"release_id": "a", "source_file": "a.csv", "rule": "readable", "severity": "warning"},
}


@dataclass(frozen=True)
class Rule:
    """One rule: what it says, a small example, what must come of it. `table` may be a check; `where` picks rows."""

    title: str
    text: str
    given: Mapping[str, str]
    table: str
    expected: str
    where: Mapping[str, object] = field(default_factory=dict)


def parse(text: str) -> tuple[list[str], list[list[str | None]]]:
    """A text table, columns apart by `|`: its names and its rows; an empty cell is None, '' empty text."""
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
        typed = {name: _typed(row.get(name), schema.field(name).type) for name in schema.names}
        rows.append(_with_month(table, typed) if table in CASE_TABLES else typed)
    return pa.Table.from_pylist(rows, schema=schema)


def base_tables(given: Mapping[str, str]) -> dict[str, pa.Table]:
    """Every table the SQL starts from.

    Releases that are only mentioned are ready. Fields that a table of rows does not name are not in the release.
    """
    tables = {name: build(name, given[name]) for name in given if name not in (REMOVALS, DETAINERS)}
    tables |= _cleaned(given)
    for name in BASE_TABLES:
        tables.setdefault(name, arrow_schema(MODELS[name]).empty_table())
    mentioned = {name for table in tables.values() for name in table["release_id"].to_pylist()}
    missing = sorted(mentioned - set(tables["releases"]["release_id"].to_pylist()))
    if missing:
        more = build("releases", "\n".join(["release_id", *missing]))
        tables["releases"] = pa.concat_tables([tables["releases"], more])
    for name, defaults in (("silences", _silences), ("release_bases", _bases), ("detainer_links", _links)):
        if name not in given and REMOVALS not in given:
            tables[name] = pa.Table.from_pylist(defaults(given, tables), schema=arrow_schema(MODELS[name]))
    return tables


def compute_all(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The base tables and every table the shipped SQL makes of them."""
    return compute(tables, engine.sql_tables())


def compute(tables: Mapping[str, pa.Table], wanted: Iterable[str]) -> dict[str, pa.Table]:
    """The base tables and, of those that the shipped SQL makes of them, the wanted ones and what they are made of."""
    needed, made = _behind(wanted), dict(tables)
    for name, sql_table in engine.sql_tables().items():
        if name in needed:
            made[name] = engine.run(sql_table, made, threads=1).read_all()
    return made


def _behind(wanted: Iterable[str]) -> set[str]:
    """The tables made by SQL among these and among all that they are made of."""
    made = {name for name in wanted if name in engine.sql_tables()}
    return made.union(*(_behind(engine.sql_tables()[name].inputs) for name in made))


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


def _with_month(table: str, row: dict[str, Any]) -> dict[str, Any]:
    day = row[CASE_TABLES[table]]
    month = day.replace(day=1) if day else None
    if "fiscal_year" in row and month:
        row["fiscal_year"] = month.year + (month.month >= 10)
    return {**row, "month": month}


def _cleaned(given: Mapping[str, str]) -> dict[str, pa.Table]:
    """What the files of a release become, where an example starts from their cells."""
    if REMOVALS not in given:
        return {}
    removals, detainers = (
        [dict(zip(names, line, strict=True)) for line in lines]
        for names, lines in (parse(given.get(cells, "person_id")) for cells in (REMOVALS, DETAINERS))
    )
    frames = cleaned(removals, detainers, population="ice", received=date(2019, 6, 1))
    return {
        name: frame.select(arrow_schema(MODELS[name]).names).to_arrow().cast(arrow_schema(MODELS[name]))
        for name, frame in frames.items()
    }


def _named(given: Mapping[str, str], table: str) -> set[str]:
    return set(parse(given[table])[0]) if table in given else set()


def _silences(given: Mapping[str, str], tables: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """Of each month with removals: the fields that tell a subset and are not in the release."""
    rows = tables["removals_by_release"].to_pylist()
    named = _named(given, "removals_by_release")
    named |= {field for membership, field in TELLS.items() if membership in named}
    with_detainers = {row["release_id"] for row in tables["detainers_by_release"].to_pylist()}
    months = sorted({(row["release_id"], row["population"], row["month"]) for row in rows})
    fields = sorted({row["field"] for row in reference.load("subset_fields").to_pylist()})
    return [
        {"release_id": release, "population": population, "month": month, "field": name, "reason": "not_in_release"}
        for release, population, month in months
        for name in fields
        if name not in named and not (name.startswith("detainers.") and release in with_detainers)
    ]


def _bases(given: Mapping[str, str], tables: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """What a release rests on: its own levels where the example states any, its detainers where there are some."""
    named = _named(given, "removals_by_release")
    detainers = tables["detainers_by_release"].to_pylist()
    found = []
    rows = tables["removals_by_release"].to_pylist()
    for release, population in sorted({(row["release_id"], row["population"]) for row in rows}):
        days = [row["detainer_prepare_date"] for row in detainers if row["release_id"] == release]
        found.append(
            {
                **_DEFAULTS["release_bases"],
                "release_id": release,
                "population": population,
                "level_basis": "threat_level_2011" if named & {"level1", "reported_threat_level"} else None,
                "first_detainer": min(days, default=None),
                "last_detainer": max(days, default=None),
                "has_own_detainers": "detainer_prepare_date" in named,
                "has_detainers_table": bool(days),
            }
        )
    return found


def _links(given: Mapping[str, str], tables: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """A detainer on the record itself links it."""
    names = arrow_schema(MODELS["detainer_links"]).names
    return [
        {
            **{name: row.get(name) for name in names},
            "linked_detainer_date": row["detainer_prepare_date"],
            "days_to_departure": (row["departed_date"] - row["detainer_prepare_date"]).days,
            "link_method": "same_record",
        }
        for row in tables["removals_by_release"].to_pylist()
        if row["detainer_linked"] and row["detainer_prepare_date"]
    ]


def _typed(value: Any, type_: pa.DataType) -> Any:
    if not isinstance(value, str):
        return value
    if value == "''":
        return ""
    if pa.types.is_date(type_):
        return date.fromisoformat(value if len(value) == 10 else f"{value}-01")
    if pa.types.is_boolean(type_):
        return value == "true"
    if pa.types.is_integer(type_):
        return int(value.replace(",", ""))
    return float(value) if pa.types.is_floating(type_) else value
