"""Dagster: asset checks, each a name and a query for the bad rows."""

import dagster as dg

from sc_pipeline import audit, engine
from sc_pipeline.engine import SqlCheck
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


ALL = [_asset_check(check) for check in engine.sql_checks().values()]
