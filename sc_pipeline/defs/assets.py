"""Dagster: every asset in the order of the data, each a decorator and one call."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache

import dagster as dg

from sc_pipeline import follow
from sc_pipeline import plan as steps
from sc_pipeline import sql as engine
from sc_pipeline.core import intake
from sc_pipeline.defs import checks
from sc_pipeline.errors import UserError
from sc_pipeline.plan import Done
from sc_pipeline.project import one_writer, open_project
from sc_pipeline.raw import register as registry
from sc_pipeline.report import steps as report_steps
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns, describe
from sc_pipeline.staged import stage
from sc_pipeline.warehouse import lineage
from sc_pipeline.warehouse import publish as warehouse
from sc_pipeline.warehouse import tables as contents

RELEASES = "releases"
RELEASE_TABLES = intake.TABLES
releases = dg.DynamicPartitionsDefinition(name=RELEASES)


class InputsChanged(dg.AutomationCondition[dg.AssetKey]):
    """True where an asset, or a release's part of it, was made from other inputs than stand now.

    It is asked for once for each state of its inputs: what then fails is not tried again until one of them changes.
    """

    @property
    def name(self) -> str:
        return "inputs_changed"

    @property
    def description(self) -> str:
        return "Made from other inputs than stand now"

    def evaluate(self, context: dg.AutomationContext[dg.AssetKey]) -> dg.AutomationResult[dg.AssetKey]:
        wanted = _outdated(context.evaluation_time).get(context.key.to_user_string(), {})
        before = json.loads(context.cursor) if context.cursor else {"seen": {}, "asked": {}}
        requested = context.get_previous_requested_subset(context.key) or context.get_empty_subset()
        names = {partition.partition_key or "" for partition in requested.expensively_compute_asset_partitions()}
        asked = before["asked"] | {name: before["seen"][name] for name in names & before["seen"].keys()}
        asked = {name: asked[name] for name in wanted.keys() & asked.keys()}
        fresh = {
            partition
            for partition in context.candidate_subset.expensively_compute_asset_partitions()
            if wanted.get(partition.partition_key or "") != asked.get(partition.partition_key or "")
        }
        subset = context.asset_graph_view.get_asset_subset_from_asset_partitions(context.key, fresh)
        return dg.AutomationResult(context, subset, cursor=json.dumps({"seen": wanted, "asked": asked}))


@lru_cache(maxsize=1)
def _outdated(tick: datetime) -> dict[str, follow.Wanted]:
    """What has to follow, looked up once for all assets of a tick."""
    return follow.outdated(open_project())


FOLLOW_RELEASE = (
    InputsChanged() & ~dg.AutomationCondition.any_deps_in_progress() & ~dg.AutomationCondition.in_progress()
)
# A check that finds bad rows holds up what depends on them, unless they are made anew, and checked, in the same run.
CHECKED = ~dg.AutomationCondition.any_deps_match(
    dg.AutomationCondition.any_checks_match(dg.AutomationCondition.check_failed(), blocking_only=True)
    & ~dg.AutomationCondition.will_be_requested()
)
# A release that was refused has no rows, and is no reason for the others to wait: that a dep is missing does not count.
FOLLOW = (
    (InputsChanged() | dg.AutomationCondition.any_deps_match(dg.AutomationCondition.will_be_requested()))
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
    & CHECKED
)


def _spec(
    table: str,
    group: str,
    deps: list[str],
    code_version: str | None = None,
    condition: dg.AutomationCondition = FOLLOW,
) -> dg.AssetSpec:
    """What the UI shows of a table before it is ever built: all of it comes from the schema and the SQL."""
    model = MODELS[table]
    sources = lineage.asset_lineage(table)
    table_columns = [
        dg.TableColumn(
            column.name,
            column.type,
            _described(column.description, sources.get(column.name, ())),
            dg.TableColumnConstraints(nullable=column.nullable, other=["key"] if column.key else []),
        )
        for column in columns(model)
    ]
    return dg.AssetSpec(
        table,
        deps=deps,
        group_name=group,
        description=describe(model),
        code_version=code_version,
        automation_condition=condition,
        kinds={"parquet", "duckdb" if table in engine.sql_tables() else "polars"},
        metadata={
            "dagster/column_schema": dg.TableSchema(table_columns),
            "dagster/column_lineage": _column_lineage(table),
        },
    )


def _described(description: str, sources: Sequence[tuple[str, str]]) -> str:
    """What a column means and which columns it comes from: the open-source UI draws no graph of column lineage."""
    if not sources:
        return description
    return f"{description} From {', '.join(f'{table}.{column}' for table, column in sources)}."


def _column_lineage(table: str) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(asset_key=dg.AssetKey(source_table), column_name=source_column)
                for source_table, source_column in sources
            ]
            for column, sources in lineage.asset_lineage(table).items()
        }
    )


def _result(done: Done) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        asset_key=done.table,
        metadata={
            "dagster/row_count": done.made.rows,
            "rewritten": done.rewritten,
            "built_at": done.made.built_at,
            "dagster/column_lineage": _column_lineage(done.table),
        },
        data_version=dg.DataVersion(done.made.sha256),
        check_results=checks.schema_results(done.table),
    )


def _failure(problem: UserError) -> dg.Failure:
    return dg.Failure(description=str(problem), allow_retries=False)


def _refused(context: dg.AssetExecutionContext, problem: UserError) -> dg.Failure:
    """Why a release was refused, on the partition pages of its assets as well as in the run."""
    for key in context.selected_asset_keys:
        metadata = {"refused": str(problem)}
        context.log_event(dg.AssetObservation(key, partition=context.partition_key, metadata=metadata))
    return _failure(problem)


# What can pass is tried again, such as a disk that was full; bad data is not, see _failure.
RETRIES = dg.RetryPolicy(max_retries=2, delay=5)


@dg.asset(
    partitions_def=releases,
    retry_policy=RETRIES,
    group_name="staged",
    kinds={"parquet"},
    description="Every cell of a release as text, exactly as written, with the row number a person sees in the file.",
    code_version=stage.CODE_VERSION,
)
def staged_rows(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    project = open_project()
    with one_writer(project, f"run {context.run.run_id}", context.log.info):
        try:
            return _result(steps.stage_rows(project, context.partition_key, context.run.run_id))
        except UserError as problem:
            raise _refused(context, problem) from None


@dg.multi_asset(
    specs=[_spec(table, "core", ["staged_rows"], intake.CODE_VERSION, FOLLOW_RELEASE) for table in intake.TABLES],
    partitions_def=releases,
    retry_policy=RETRIES,
    name="release_rows",
)
def release_rows(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    project = open_project()
    with one_writer(project, f"run {context.run.run_id}", context.log.info):
        try:
            yield from map(_result, steps.clean_rows(project, context.partition_key, context.run.run_id))
        except UserError as problem:
            raise _refused(context, problem) from None


@dg.multi_asset(
    specs=[_spec(table, "core", list(intake.TABLES), registry.CODE_VERSION) for table in registry.TABLES],
    check_specs=[check for table in registry.TABLES for check in checks.schema_specs(table)],
    name="release_register",
)
def release_register(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    project = open_project()
    with one_writer(project, f"run {context.run.run_id}", context.log.info):
        try:
            yield from map(_result, steps.register(project, context.run.run_id))
        except UserError as problem:
            raise _failure(problem) from None


def _sql_asset(table: engine.SqlTable) -> dg.AssetsDefinition:
    group = "marts" if table.room == "marts" else "core"
    # The register takes out the rows of releases that left, so it goes first.
    first = {"releases"} if set(table.inputs) & set(RELEASE_TABLES) else set()
    spec = _spec(table.name, group, sorted({*table.inputs, *first}), table.code_version)

    @dg.multi_asset(specs=[spec], check_specs=checks.schema_specs(table.name), name=table.name, retry_policy=RETRIES)
    def make_table(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        project = open_project()
        with one_writer(project, f"run {context.run.run_id}", context.log.info):
            try:
                return _result(steps.sql_table(project, table.name, context.run.run_id))
            except UserError as problem:
                raise _failure(problem) from None

    return make_table


sql_assets = [_sql_asset(table) for table in engine.sql_tables().values()]


@dg.asset(
    name="warehouse",
    deps=list(contents.published_tables()),
    group_name="report",
    retry_policy=RETRIES,
    automation_condition=FOLLOW,
    kinds={"duckdb"},
    description="The published DuckDB file: every table, comment, view and macro, audited before readers see it.",
)
def published_warehouse(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    project = open_project()
    with one_writer(project, f"run {context.run.run_id}", context.log.info):
        try:
            published = warehouse.publish(project, context.run.run_id)
        except UserError as problem:
            raise _failure(problem) from None
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(published.path)),
            "rewritten": published.rewritten,
            "changed_figures": published.changed_figures,
            "checks": {outcome.check: outcome.outcome for outcome in published.outcomes},
        },
        data_version=dg.DataVersion(warehouse.version(project)),
    )


def _drawn(drawn: report_steps.Drawn) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        metadata={"preview": dg.MetadataValue.md(drawn.markdown), "rewritten": drawn.rewritten},
        data_version=dg.DataVersion(drawn.version),
    )


@dg.asset(
    deps=list(report_steps.INPUTS["figures"]),
    group_name="report",
    retry_policy=RETRIES,
    automation_condition=FOLLOW,
    kinds={"svg", "matplotlib"},
    code_version=report_steps.CODE_VERSION,
    description="The pictures: Figure 1, convictions, detainer share, disclosure, coverage, revisions, as SVG and PNG.",
)
def figures(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    project = open_project()
    with one_writer(project, f"run {context.run.run_id}", context.log.info):
        return _drawn(report_steps.make_figures(project, context.run.run_id))


@dg.asset(
    deps=["warehouse", "figures", *report_steps.INPUTS["report"]],
    group_name="report",
    retry_policy=RETRIES,
    automation_condition=FOLLOW,
    kinds={"html"},
    code_version=report_steps.CODE_VERSION,
    description="The report, kept up to date: one HTML file that needs no network, in the order of TRAC's own.",
)
def report(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    project = open_project()
    with one_writer(project, f"run {context.run.run_id}", context.log.info):
        return _drawn(report_steps.make_report(project, context.run.run_id))


ALL = [staged_rows, release_rows, release_register, *sql_assets, published_warehouse, figures, report]
PER_RELEASE = [dg.AssetKey(table) for table in (stage.TABLE, *RELEASE_TABLES)]


def of_all_releases() -> list[dg.AssetKey]:
    """The assets made of all releases together, publishing included."""
    return sorted({key for asset in ALL for key in asset.keys} - set(PER_RELEASE))
