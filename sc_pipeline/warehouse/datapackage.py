"""Exported files -> the Frictionless description of them: columns, keys, values, sources, terms."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from sc_pipeline import __version__
from sc_pipeline.hashing import sha256_of
from sc_pipeline.warehouse.about import TITLE, About
from sc_pipeline.warehouse.trace.written import ask

_FIELD_TYPES = {"BIGINT": "integer", "DOUBLE": "number", "DATE": "date", "BOOLEAN": "boolean", "VARCHAR": "string"}
_SCHEMAS = ("main", "core", "meta")
# What most people open first; the other tables of a schema follow by name.
_FIRST = (
    "headline_figures",
    "claim_checks",
    "removals_by_month",
    "removals_by_source",
    "convictions",
    "detainer_shares",
    "removals_by_place",
)
_LICENSE = {
    "name": "MIT",
    "path": "https://opensource.org/license/mit",
    "title": "MIT License, for what the pipeline adds; the terms of each source are its publisher's",
}


@dataclass(frozen=True)
class Table:
    """A published table: where it is, what it means, and its columns as in meta.columns."""

    name: str
    schema: str
    meaning: str | None
    columns: tuple[dict[str, Any], ...]
    blank: frozenset[str] = frozenset()
    """Columns with a text that is empty and no null: in CSV the two look the same."""

    @property
    def key(self) -> list[str]:
        """The columns that together name a row; empty where rows have no key."""
        return [column["column_name"] for column in self.columns if column["key"]]


def read_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, Table]:
    """Every published table, those to quote first."""
    columns = ask(connection, "from meta.columns")
    found = {
        place["name"]: Table(
            place["name"],
            place["schema"],
            place["comment"],
            tuple(row for row in columns if row["table_name"] == place["name"]),
        )
        for place in ask(connection, _PLACES)
    }
    return dict(sorted(found.items(), key=lambda named: _place(named[1])))


def with_blanks(connection: duckdb.DuckDBPyConnection, table: Table) -> Table:
    """The table, with those of its columns that hold an empty text."""
    texts = [column["column_name"] for column in table.columns if column["type"] == "VARCHAR"]
    if not texts:
        return table
    counts = ", ".join(f"count(*) filter (\"{name}\" = '')" for name in texts)
    (found,) = connection.execute(f"select {counts} from {table.schema}.{table.name}").fetchall()
    return replace(table, blank=frozenset(name for name, count in zip(texts, found, strict=True) if count))


def _place(table: Table) -> tuple[int, int, str]:
    first = _FIRST.index(table.name) if table.name in _FIRST else len(_FIRST)
    return _SCHEMAS.index(table.schema), first, table.name


_PLACES = """
select table_name as name, schema_name as schema, comment from duckdb_tables() where not internal
union all
-- Of the views, those that are tables of the dictionary: rows of every release.
select view_name, schema_name, comment from duckdb_views()
where not internal and view_name in (select table_name from meta.columns)
"""


def data_package(
    folder: Path, written: list[tuple[Table, list[Path]]], books: list[Path], about: About
) -> dict[str, Any]:
    """The description: CSV files with their columns, the other files by name and hash."""
    in_csv = {table.name for table, paths in written if any(path.suffix == ".csv" for path in paths)}
    resources = [_resource(folder, path, table, in_csv) for table, paths in written for path in paths]
    simulated = " It holds simulated data: do not quote." if about.simulated else ""
    apostrophe = "In the CSV files, text that a spreadsheet would run as a formula has an apostrophe before it."
    return {
        "name": "sc-pipeline",
        "title": TITLE,
        "description": f"{apostrophe}{simulated}",
        "version": __version__,
        "created": about.built_at,
        "licenses": [_LICENSE],
        "sources": [_source(release) for release in about.releases],
        "citation": about.citation,
        "simulated": bool(about.simulated),
        "resources": [*resources, *(_resource(folder, path, None, set()) for path in books)],
    }


def _source(release: dict[str, Any]) -> dict[str, str]:
    said = {"title": release["title"] or release["release_id"]}
    return {**said, "path": release["source_url"]} if release["source_url"] else said


def _name(table: str, ending: str) -> str:
    return f"{table}-{ending}".replace("_", "-")


def _resource(folder: Path, path: Path, table: Table | None, in_csv: set[str]) -> dict[str, Any]:
    ending = path.suffix[1:]
    said = {
        "name": _name(path.stem, ending),
        "path": path.relative_to(folder).as_posix(),
        "format": ending,
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
    }
    if table is not None and table.meaning:
        said["description"] = table.meaning
    if table is None or ending != "csv":
        return {**said, "type": "file"}
    return {**said, "type": "table", "encoding": "utf-8", "schema": _schema(table, in_csv)}


def _schema(table: Table, in_csv: set[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column, table.blank) for column in table.columns],
        "missingValues": [""],
    }
    # A key with an empty text in it would be taken for a missing one.
    if table.key and not table.blank & set(table.key):
        schema["primaryKey"] = table.key
    names = [column["column_name"] for column in table.columns]
    if "release_id" in names and table.name != "releases" and "releases" in in_csv:
        resource = _name("releases", "csv")
        schema["foreignKeys"] = [
            {"fields": ["release_id"], "reference": {"resource": resource, "fields": ["release_id"]}}
        ]
    return schema


def _field(column: dict[str, Any], blank: frozenset[str]) -> dict[str, Any]:
    said = {"name": column["column_name"], "type": _FIELD_TYPES[column["type"]], "description": column["description"]}
    if column["unit"]:
        said["unit"] = column["unit"]
    constraints: dict[str, Any] = {} if column["nullable"] or column["column_name"] in blank else {"required": True}
    if column["allowed"]:
        constraints["enum"] = [value for value in json.loads(column["allowed"]) if value]
    return {**said, "constraints": constraints} if constraints else said
