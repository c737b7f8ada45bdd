"""Dagster: what the UI shows of a table beside its columns: kinds, code, numbers that matter, first rows."""

import warnings
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from sc_pipeline import sql
from sc_pipeline.core import intake
from sc_pipeline.look import Look
from sc_pipeline.project import UI_SITE
from sc_pipeline.raw import register
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import ReadTable
from sc_pipeline.staged import stage

OWNERS = ("team:pipeline",)
_FIRST_ROWS = 5
Metadata = Mapping[str, Any]
# Table -> a query of one row over it. Each number is a plot in the UI; null, where nothing tells it, is left out.
_NUMBERS = {
    "monthly_removals": """
        select
            count(*) filter (where population = 'ice' and removals is not null) as months_of_ice,
            count(*) filter (where population = 'sc' and removals is not null) as months_of_sc,
            max(month) filter (where population = 'ice' and removals is not null) as latest_month_of_ice,
            max(month) filter (where population = 'sc' and removals is not null) as latest_month_of_sc
        from monthly_removals
        where subset = 'all'
    """,
    "detainer_shares": """
        select
            max(100 * share) filter (where population = 'ice') as percent_with_a_prior_detainer_of_ice,
            max(100 * share) filter (where population = 'sc') as percent_with_a_prior_detainer_of_sc
        from detainer_shares
        where span = 'last_5'
    """,
    "quarantine": """
        select
            count(*) filter (where severity = 'structural') as quarantined_rows,
            count(*) filter (where severity = 'warning') as doubtful_values
        from quarantine
    """,
    "source_files": """
        select
            count(*) as files,
            sum(rows_read)::bigint as rows_read,
            sum(rows_accepted)::bigint as rows_accepted,
            sum(rows_quarantined)::bigint as rows_quarantined,
            sum(rows_left_out)::bigint as rows_left_out
        from source_files
    """,
    "removals": """
        select
            count(*) filter (where convicted is null) as conviction_undetermined,
            count(*) filter (where level1 is null) as level1_undetermined,
            count(*) filter (where detainer_linked is null) as prior_detainer_undetermined
        from removals
    """,
    "releases": """
        select
            count(*) filter (where status = 'ready') as ready,
            count(*) filter (where status in ('kept', 'failed')) as refused,
            count(*) filter (where synthetic) as simulated,
            max(received) as newest_received
        from releases
    """,
    "claim_checks": """
        select
            count(*) filter (where verdict = 'supported') as supported,
            count(*) filter (where verdict = 'contradicted') as contradicted,
            count(*) filter (where verdict = 'undecided') as undecided
        from claim_checks
    """,
    "published_comparison": """
        select
            count(*) filter (where verdict = 'differs') as differ,
            count(*) filter (where verdict in ('same', 'within')) as agree
        from published_comparison
    """,
}
_NEWEST = """
select release_id, received
from releases
where status = 'ready' and received is not null
order by received desc, release_id desc
limit 1
"""


def kinds(table: str) -> set[str]:
    """What makes a table and holds it to its schema; three at most is what Dagster shows."""
    if table == stage.TABLE:
        return {"arrow", "parquet"}
    if table in register.TABLES:
        return {"python", "pandera", "parquet"}
    if table not in sql.sql_tables():
        return {"polars", "pandera", "parquet"}
    return {"duckdb", "pandera", "pandas" if issubclass(MODELS[table], ReadTable) else "polars"}


def code_of(table: str) -> Metadata:
    """The file that says how a table is made, to open from its page."""
    if table in sql.sql_tables():
        path = sql.PACKAGE / sql.sql_tables()[table].room / f"{table}.sql"
    else:
        made_in = register if table in register.TABLES else stage if table == stage.TABLE else intake
        path = Path(str(made_in.__file__))
    return code_in(path)


def code_at(module: ModuleType) -> Metadata:
    """The file of a module, to open from the page of what it makes."""
    return code_in(Path(str(module.__file__)))


def code_in(path: Path) -> Metadata:
    """A file, as a reference that Dagster's UI opens."""
    with warnings.catch_warnings():
        # They are beta, pyproject.toml keeps to this minor version, and a test holds what they show.
        warnings.simplefilter("ignore", dg.BetaWarning)
        reference = dg.LocalFileCodeReference(file_path=str(path), label=path.name)
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[reference])}


def found(look: Look, table: str) -> dict[str, Any]:
    """The numbers that matter of a table as it is stored, and of a table that people read its first rows."""
    shown: dict[str, Any] = dict(_numbers(look, table))
    if table in MODELS and issubclass(MODELS[table], ReadTable):
        rows = next(_first_rows(look, table), [])
        shown["first rows"] = dg.MetadataValue.md(_as_markdown(rows)) if rows else "no rows"
    return shown


def newest(look: Look) -> dict[str, Any]:
    """How fresh the published file is: the newest release in it, and the day it was received."""
    with sql.connect({"releases": look.source("releases")}) as connection:
        newest = connection.execute(_NEWEST).fetchone()
    return {"newest release": newest[0], "received": str(newest[1])} if newest else {}


def link(look: Look, path: Path) -> dict[str, Any]:
    """The address of a page of the site: where the project's settings say that it is served, else beside this UI."""
    if not path.is_relative_to(look.project.site):
        return {}
    base = look.project.settings.site_url or UI_SITE
    address = f"{base.rstrip('/')}/{path.relative_to(look.project.site).as_posix()}"
    return {"open": dg.MetadataValue.url(address)}


def _numbers(look: Look, table: str) -> Iterator[tuple[str, Any]]:
    if table not in _NUMBERS:
        return
    with sql.connect({table: look.source(table)}) as connection:
        answer = connection.execute(_NUMBERS[table])
        names, values = [column[0] for column in answer.description or ()], answer.fetchall()[0]
    for name, value in zip(names, values, strict=True):
        if value is not None:
            yield name, str(value) if isinstance(value, date) else value


def _first_rows(look: Look, table: str) -> Iterator[list[dict[str, Any]]]:
    for path in look.store.paths(table):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_FIRST_ROWS, use_threads=False):
                yield batch.to_pylist()


def _as_markdown(rows: list[dict[str, Any]]) -> str:
    head, *lines = [[*rows[0]], *([_cell(value) for value in row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))


def _cell(value: Any) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
