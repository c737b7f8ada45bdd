"""The published file -> what the explorer says beside its numbers: releases, who serves which month, definitions."""

from datetime import date
from typing import Any

import duckdb

_RELEASE = (
    "release_id",
    "title",
    "publisher",
    "agency",
    "foia_request",
    "received",
    "synthetic",
    "source_url",
    "caution",
    "scope_note",
)
_DEFINED = ("removals_by_month", "detainer_outcomes")


def read_facts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Releases that serve a month, the release and Level 1 basis of each month, and the columns' own comments."""
    served = _served(connection)
    used = {release for months in served.values() for release in months.values()}
    return {
        "served": served,
        "releases": [release for release in _releases(connection) if release["release_id"] in used],
        "level_basis": _level_basis(connection),
        "definitions": _definitions(connection),
    }


def _served(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Population -> month -> the release that serves it; detainers are served by the month they were prepared."""
    served: dict[str, dict[str, str]] = {}
    sources = connection.execute("select population, month, release_id from meta.month_sources").fetchall()
    if connection.execute("select 1 from duckdb_tables() where table_name = 'detainer_sources'").fetchone():
        sources += connection.execute("select 'detainers', month, release_id from meta.detainer_sources").fetchall()
    for population, month, release in sorted(sources):
        served.setdefault(population, {})[f"{month:%Y-%m}"] = release
    return served


def _releases(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    rows = connection.execute("from meta.releases order by release_id").to_arrow_table().to_pylist()
    return [{name: _plain(row.get(name)) for name in _RELEASE} for row in rows]


def _level_basis(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Population -> month -> the basis of its Level 1 count, for `as_published` and computed figures alike."""
    bases: dict[str, dict[str, str]] = {}
    for population, month, basis in connection.execute(
        "select population, month, level_basis from monthly_removals"
        " where subset = 'level1' and level_basis is not null order by population, month"
    ).fetchall():
        bases.setdefault(population, {})[f"{month:%Y-%m}"] = basis
    return bases


def _definitions(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = connection.execute(
        "select column_name, comment from duckdb_columns() where table_name in (?, ?) and schema_name = 'main'"
        " and comment is not null order by table_name, column_name",
        list(_DEFINED),
    ).fetchall()
    return dict(rows)


def _plain(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else value
