"""Dagster: asset checks: a query for the bad rows each, and of small tables the schema, read once more."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime

import dagster as dg

from sc_pipeline import plan, sql
from sc_pipeline.defs import shown
from sc_pipeline.defs.working import ProjectResource
from sc_pipeline.look import Look
from sc_pipeline.raw import register
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import ReadTable, failures
from sc_pipeline.store.parts import read_part
from sc_pipeline.warehouse.checks import run_checks

# What is made of the published file, and cannot make it stale.
_SITE = (plan.FIGURES.name, plan.REPORT.name, plan.EXPLORER.name)
# Tables of case rows are held to their schema batch by batch while they are written: too large to read once more.
_READ_AGAIN = {table for table, model in MODELS.items() if issubclass(model, ReadTable)}
_READ_AGAIN |= {*register.TABLES, "month_sources"}


def specs(tables: Iterable[str]) -> list[dg.AssetCheckSpec]:
    """The checks that go with making these tables."""
    return [spec for table in tables for spec in (*_sql_specs(table), *_schema_spec(table))]


def _sql_specs(table: str) -> Iterator[dg.AssetCheckSpec]:
    for check in sql.sql_checks().values():
        if check.table == table:
            deps = [name for name in check.inputs if name != table]
            yield dg.AssetCheckSpec(
                check.name, asset=table, additional_deps=deps, description=check.description, blocking=check.blocking
            )


def _schema_spec(table: str) -> Iterator[dg.AssetCheckSpec]:
    if table in _READ_AGAIN:
        rule = "The stored table keeps its Pandera schema: types, ranges, categories, nulls, and one row per key."
        yield dg.AssetCheckSpec("schema", asset=table, description=rule, blocking=True)


def results(
    look: Look, selected: Collection[dg.AssetCheckKey], made: Collection[str] = ()
) -> Iterator[dg.AssetCheckResult]:
    """What the selected checks say of the tables as they are stored now; those `made` kept their schema just then."""
    names = {key.name for key in selected if key.name != "schema"}
    inputs = {name for check in names for name in sql.sql_checks()[check].inputs}
    threads, memory_limit = look.limits
    views = {name: look.source(name) for name in inputs}
    with sql.connect(views, threads, memory_limit=memory_limit) as connection:
        for outcome in run_checks(connection, names):
            yield dg.AssetCheckResult(
                check_name=outcome.check,
                asset_key=outcome.table,
                passed=outcome.outcome == "passed",
                severity=dg.AssetCheckSeverity.ERROR if outcome.blocking else dg.AssetCheckSeverity.WARN,
                metadata={"outcome": outcome.outcome, "bad_rows": outcome.bad_rows, "notes": outcome.notes},
            )
    for key in selected:
        if key.name == "schema":
            table = key.asset_key.to_user_string()
            yield _schema_result(look, table, is_checked=table in made)


def _schema_result(look: Look, table: str, is_checked: bool) -> dg.AssetCheckResult:
    note = look.store.note(table)
    if is_checked and note:
        rows, broken = note.rows, []
    else:
        stored = read_part(look.store.path(table))
        rows, broken = len(stored), failures(MODELS[table], stored)
    metadata = {"rows": rows, "broken": broken[:5]}
    return dg.AssetCheckResult(passed=not broken, check_name="schema", asset_key=table, metadata=metadata)


@dg.asset_check(
    asset="warehouse",
    description="The published file holds what raw/ holds: every release taken in or refused, no table newer than it.",
)
def is_fresh(project: ProjectResource) -> dg.AssetCheckResult:
    look = Look(project.open())
    outlook = plan.outlook(look)
    waiting = [
        *outlook.releases,
        *outlook.gone,
        *(step for step in outlook.steps if step not in _SITE),
    ]
    return dg.AssetCheckResult(
        passed=not waiting and not outlook.refused,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"to build": waiting, "refused": list(outlook.refused.values()), **_age(look)},
    )


def _age(look: Look) -> dict[str, str | int]:
    """How old the newest release is. A note and no more: nobody owes the next one by a day."""
    newest = shown.newest(look) if look.store.note("releases") else {}
    if not newest:
        return {}
    days = datetime.now(UTC).date() - date.fromisoformat(newest["received"])
    return {**newest, "days since it was received": days.days}
