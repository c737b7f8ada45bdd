"""Dagster: asset checks: a query for the bad rows each, and of small tables the schema, read once more."""

from collections.abc import Iterator

import dagster as dg
import pyarrow.parquet as pq

from sc_pipeline import plan as steps
from sc_pipeline import sql as engine
from sc_pipeline.project import open_project
from sc_pipeline.raw import register as registry
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import ReadTable, failures
from sc_pipeline.warehouse import checks as audit
from sc_pipeline.warehouse import publish as warehouse

# Tables of case rows are held to their schema batch by batch while they are written: too large to read once more.
_READ_AGAIN = {table for table, model in MODELS.items() if issubclass(model, ReadTable)}
_READ_AGAIN |= {*registry.TABLES, "month_sources"}


def _checks_of(table: str) -> dg.AssetChecksDefinition:
    """All checks of a table in one step, since each step costs a moment; any of them can be run by itself."""
    found = {check.name: check for check in engine.sql_checks().values() if check.table == table}
    specs = [
        dg.AssetCheckSpec(
            check.name,
            asset=table,
            additional_deps=[input for input in check.inputs if input != table],
            description=check.description,
            blocking=check.blocking,
        )
        for check in found.values()
    ]

    @dg.multi_asset_check(name=f"checks_of_{table}", specs=specs, can_subset=True)
    def run_checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        chosen = {key.name for key in context.selected_asset_check_keys}
        store = open_project().store
        inputs = {input for name in chosen for input in found[name].inputs}
        with engine.connect({input: store.paths(input) for input in inputs}) as connection:
            for outcome in audit.run_checks(connection, chosen):
                yield dg.AssetCheckResult(
                    check_name=outcome.check,
                    asset_key=table,
                    passed=outcome.outcome == "passed",
                    severity=dg.AssetCheckSeverity.ERROR if outcome.blocking else dg.AssetCheckSeverity.WARN,
                    metadata={"outcome": outcome.outcome, "bad_rows": outcome.bad_rows, "notes": outcome.notes},
                )

    return run_checks


def schema_specs(table: str) -> list[dg.AssetCheckSpec]:
    """The check that goes with making a table, where it is small enough to be read once more."""
    if table not in _READ_AGAIN:
        return []
    said = "The stored table keeps its Pandera schema: types, ranges, categories, nulls, and one row per key."
    return [dg.AssetCheckSpec("schema", asset=table, description=said, blocking=True)]


def schema_results(table: str) -> list[dg.AssetCheckResult]:
    """What that check says of the table as it is stored now."""
    if table not in _READ_AGAIN:
        return []
    rows = pq.read_table(open_project().store.path(table))
    broken = failures(MODELS[table], rows)
    metadata = {"rows": len(rows), "broken": broken[:5]}
    return [dg.AssetCheckResult(passed=not broken, check_name="schema", asset_key=table, metadata=metadata)]


@dg.asset_check(
    asset="warehouse",
    description="The published file holds what raw/ holds: every release taken in or refused, no table newer than it.",
)
def is_fresh() -> dg.AssetCheckResult:
    project = open_project()
    plan = steps.plan(project)
    waiting = [*plan.releases, *plan.gone, *plan.tables, *([] if warehouse.is_current(project) else ["warehouse"])]
    return dg.AssetCheckResult(
        passed=not waiting and not plan.refused,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"to build": waiting, "refused": list(plan.refused.values())},
    )


ALL = [is_fresh, *(_checks_of(table) for table in sorted({check.table for check in engine.sql_checks().values()}))]
