"""Dagster: asset checks, each a name and a query for the bad rows."""

import dagster as dg
import pyarrow.parquet as pq

from sc_pipeline import audit, engine, steps, warehouse
from sc_pipeline.engine import SqlCheck
from sc_pipeline.releases import registry
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import ReadTable, failures
from sc_pipeline.workspace import workspace


def _asset_check(check: SqlCheck) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        name=check.name,
        asset=check.table,
        additional_deps=[table for table in check.inputs if table != check.table],
        description=check.description,
        blocking=check.blocking,
    )
    def run_check() -> dg.AssetCheckResult:
        store = workspace().store
        outcome = audit.run_check(check.name, {table: store.paths(table) for table in check.inputs})
        return dg.AssetCheckResult(
            passed=outcome.outcome == "passed",
            severity=dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN,
            metadata={"outcome": outcome.outcome, "bad_rows": outcome.bad_rows or 0, "notes": outcome.notes},
        )

    return run_check


def _schema_check(table: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        name="schema",
        asset=table,
        description="The stored table keeps its Pandera schema: types, ranges, categories, nulls, and one row per key.",
        blocking=True,
    )
    def run_check() -> dg.AssetCheckResult:
        rows = pq.read_table(workspace().store.path(table))
        broken = failures(MODELS[table], rows)
        return dg.AssetCheckResult(passed=not broken, metadata={"rows": len(rows), "broken": broken[:5]})

    return run_check


@dg.asset_check(
    asset="warehouse",
    description="The published file holds what raw/ holds: every release taken in or refused, no table newer than it.",
)
def is_fresh() -> dg.AssetCheckResult:
    ws = workspace()
    plan = steps.plan(ws)
    waiting = [*plan.releases, *plan.gone, *plan.tables, *([] if warehouse.is_current(ws) else ["warehouse"])]
    return dg.AssetCheckResult(
        passed=not waiting and not plan.refused,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"to build": waiting, "refused": list(plan.refused.values())},
    )


# Tables of case rows are held to their schema batch by batch while they are written: too large to read once more.
_READ_TABLES = [table for table, model in MODELS.items() if issubclass(model, ReadTable)]
ALL = [
    is_fresh,
    *(_asset_check(check) for check in engine.sql_checks().values()),
    *(_schema_check(table) for table in (*_READ_TABLES, *registry.TABLES, "month_sources")),
]
