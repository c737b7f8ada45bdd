"""Dagster: every asset in the order of the data; what each step does is in plan.py."""

from collections.abc import Iterator, Sequence
from types import ModuleType

import dagster as dg

from sc_pipeline import plan, sql
from sc_pipeline.core import intake
from sc_pipeline.defs import checks, shown
from sc_pipeline.defs.automation import FOLLOW
from sc_pipeline.defs.working import POOL, RETRIES, ProjectResource, working
from sc_pipeline.errors import Unfinished, UserError
from sc_pipeline.look import Look
from sc_pipeline.plan import Step
from sc_pipeline.raw import register
from sc_pipeline.raw.release import Release
from sc_pipeline.report import explorer as explorer_pages
from sc_pipeline.report import page, pictures
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns, describe
from sc_pipeline.staged import stage
from sc_pipeline.store.notes import Note
from sc_pipeline.warehouse import lineage, publish, tables

RELEASES = "releases"
# In the metadata of a run's failure: the releases it refused, and why those were not finished that the plan keeps no
# word of.
REFUSED, UNFINISHED = "refused", "unfinished"
releases = dg.DynamicPartitionsDefinition(name=RELEASES)
# What a release's rows become; the other tables that are kept by release are bookkeeping, shown as a whole.
BY_RELEASE = (stage.TABLE, "removals_by_release", "detainers_by_release", "published_counts")
# What tells of releases, or only serves other tables, and is made from no mart: among the boxes of its room it would
# hide the mission; see docs/decisions/0011-the-graph-tells-the-mission.md.
_BESIDE = (
    "release_months",
    "served_months",
    "removals_not_serving",
    "detainers_not_serving",
    "release_revisions",
    "revisions_by_group",
    "revised_removals",
    "revised_rows",
    "yearly_comparison_by_release",
    "printed_averages",
    "detainer_departures",
    "biometric_matches",
)
STEP_OF = {table: step for step in plan.STEPS.values() for table in step.tables}
FOIA_FILES = dg.AssetSpec(
    "foia_files",
    group_name="raw",
    kinds={"file"},
    owners=shown.OWNERS,
    partitions_def=releases,
    description="The releases in raw/, as received: files that no run makes. What each holds is noted when it is read.",
)
Results = Iterator[dg.MaterializeResult | dg.AssetCheckResult]
BOOKKEEPING = tuple(table for table in intake.TABLES if table not in BY_RELEASE)


def _spec(
    table: str,
    group: str,
    deps: Sequence[str],
    condition: dg.AutomationCondition | None = FOLLOW,
    skippable: bool = False,
) -> dg.AssetSpec:
    """What the UI shows of a table before it is ever built: all of it comes from the schema and the SQL."""
    return dg.AssetSpec(
        table,
        deps=deps,
        group_name=group,
        description=describe(MODELS[table]),
        code_version=STEP_OF[table].code,
        automation_condition=condition,
        kinds=shown.kinds(table),
        owners=shown.OWNERS,
        tags={"schema": tables.schema_of(table)},
        skippable=skippable,
        metadata={
            "dagster/column_schema": _columns(table),
            "dagster/column_lineage": _lineage(table),
            **shown.code_of(table),
        },
    )


def _columns(table: str) -> dg.TableSchema:
    sources = lineage.asset_lineage(table)
    return dg.TableSchema(
        [
            dg.TableColumn(
                column.name,
                column.type,
                _described(column.description, sources.get(column.name, ())),
                dg.TableColumnConstraints(nullable=column.nullable, other=["key"] if column.key else []),
            )
            for column in columns(MODELS[table])
        ]
    )


def _described(description: str, sources: Sequence[tuple[str, str]]) -> str:
    """What a column means and which columns it comes from: the open-source UI draws no graph of column lineage."""
    if not sources:
        return description
    return f"{description} From {', '.join(f'{table}.{column}' for table, column in sources)}."


def _lineage(table: str) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key=dg.AssetKey(name), column_name=source) for name, source in sources]
            for column, sources in lineage.asset_lineage(table).items()
        }
    )


def _facts(note: Note, rewritten: bool) -> dict[str, int | bool | str]:
    return {"dagster/row_count": note.rows, "rewritten": rewritten, "built_at": note.built_at}


@dg.multi_asset(
    name="release_rows",
    specs=[
        dg.AssetSpec(
            stage.TABLE,
            deps=[FOIA_FILES],
            group_name="staged",
            kinds=shown.kinds(stage.TABLE),
            owners=shown.OWNERS,
            metadata=shown.code_of(stage.TABLE),
            code_version=stage.CODE_VERSION,
            skippable=True,
            description="Every cell of a release as text, exactly as written, with the row number a person sees.",
        ),
        *(_spec(table, "core", [stage.TABLE], None, skippable=True) for table in BY_RELEASE[1:]),
    ],
    partitions_def=releases,
    backfill_policy=dg.BackfillPolicy.single_run(),
    retry_policy=RETRIES,
)
def release_rows(context: dg.AssetExecutionContext, project: ProjectResource) -> Results:
    """The releases asked for, in one run: each is a partition of its own, and one that is refused fails alone."""
    refused: dict[str, UserError] = {}
    keys = context.partition_keys
    with working(context, project) as look:
        for release_id, made in plan.take_in_all(look, keys):
            if release_id in look.found.releases:
                context.log_event(_observed(look.found.releases[release_id]))
            if isinstance(made, UserError):
                refused[release_id] = made
                _observe_refusal(context, release_id, str(made))
            elif len(keys) > 1:
                for event in _materializations(look, release_id, made):
                    context.log_event(event)
            else:
                yield from _results(look, BY_RELEASE, dict.fromkeys(BY_RELEASE, made), release_id)
    if refused:
        unfinished = [str(problem) for problem in refused.values() if isinstance(problem, Unfinished)]
        metadata = {REFUSED: list(refused), **({UNFINISHED: unfinished} if unfinished else {})}
        raise dg.Failure("; ".join(map(str, refused.values())), metadata=metadata, allow_retries=False)


def _observed(release: Release) -> dg.AssetObservation:
    """What a release's files are as they are read now."""
    told = {"title": release.title, "publisher": release.publisher, "source": release.source_url}
    metadata = {
        "files": len(release.files),
        "bytes": sum(file.path.stat().st_size for file in release.files),
        "received": str(release.received) if release.received else "not stated",
        "simulated": release.synthetic,
        **{name: value for name, value in told.items() if value},
    }
    return dg.AssetObservation(FOIA_FILES.key, partition=release.id, metadata=metadata)


def _observe_refusal(context: dg.AssetExecutionContext, release_id: str, problem: str) -> None:
    """Why a release was refused, on the pages of its partition as well as in the run."""
    context.log.error(problem)
    for key in context.selected_asset_keys:
        context.log_event(dg.AssetObservation(key, partition=release_id, metadata={REFUSED: problem}))


def _materializations(look: Look, release_id: str, rewritten: bool) -> Iterator[dg.AssetMaterialization]:
    """One event a table for one release of many: Dagster's own would be the same for all of them."""
    for table in BY_RELEASE:
        note = look.store.note(table, release_id)
        assert note is not None
        yield dg.AssetMaterialization(
            table,
            partition=release_id,
            metadata=_facts(note, rewritten),
            tags={"dagster/data_version": note.sha256, "dagster/code_version": note.code},
        )


def _results(
    look: Look, made: Sequence[str], rewritten: dict[str, bool], release_id: str | None = None
) -> Iterator[dg.MaterializeResult]:
    for table in made:
        note = look.store.note(table, release_id) if release_id else look.store.summary(table)
        assert note is not None
        metadata = {**_facts(note, rewritten[table]), **({} if release_id else shown.found(look, table))}
        yield dg.MaterializeResult(asset_key=table, metadata=metadata, data_version=dg.DataVersion(note.sha256))


def _make(
    context: dg.AssetExecutionContext, project: ProjectResource, steps: Sequence[Step], names: Sequence[str]
) -> Results:
    """Bring the selected steps up to date, tell what they made, and run the selected checks over it."""
    selected = {key.to_user_string() for key in context.selected_asset_keys}
    made: set[str] = set()
    with working(context, project) as look:
        for step in steps:
            mine = [table for table in names if STEP_OF[table] is step and table in selected]
            if mine:
                rewritten = plan.bring_up(look, step)
                made |= {*step.tables} if rewritten else set()
                yield from _results(look, mine, dict.fromkeys(mine, rewritten))
        yield from checks.results(look, context.selected_asset_check_keys, made)


@dg.multi_asset(
    name="register",
    specs=[
        *(_spec(table, "bookkeeping", BY_RELEASE[1:]) for table in BOOKKEEPING),
        *(_spec(table, "bookkeeping", BY_RELEASE[1:]) for table in register.TABLES),
    ],
    check_specs=checks.specs((*BOOKKEEPING, *register.TABLES)),
    can_subset=True,
    retry_policy=RETRIES,
    pool=POOL,
)
def release_register(context: dg.AssetExecutionContext, project: ProjectResource) -> Results:
    """What is known of every release and file, and what became of their rows."""
    selected = {key.to_user_string() for key in context.selected_asset_keys}
    with working(context, project) as look:
        rewritten = plan.bring_up(look, plan.REGISTER)
        mine = [table for table in (*BOOKKEEPING, *register.TABLES) if table in selected]
        yield from _results(look, mine, dict.fromkeys(mine, rewritten))
        made = plan.REGISTER.tables if rewritten else ()
        yield from checks.results(look, context.selected_asset_check_keys, made)


def _room(room: str) -> dg.AssetsDefinition:
    """One room's SQL tables: one step of a run, of which any table can be made by itself."""
    made = [table for table in sql.sql_tables().values() if table.room == room]
    names = [table.name for table in made]
    steps = [plan.STEPS[name] for name in names]
    specs = [_spec(table.name, _group(table.name, room), _deps(table.inputs)) for table in made]

    @dg.multi_asset(
        name=room, specs=specs, check_specs=checks.specs(names), can_subset=True, retry_policy=RETRIES, pool=POOL
    )
    def make(context: dg.AssetExecutionContext, project: ProjectResource) -> Results:
        yield from _make(context, project, steps, names)

    return make


def _deps(inputs: Sequence[str]) -> list[str]:
    """What a table is made from, and the register where it reads rows by release: it takes out those that left."""
    return sorted({*inputs, *(("releases",) if {*inputs} & {*BY_RELEASE} else ())})


def _group(table: str, room: str) -> str:
    is_beside = table in _BESIDE or tables.published_tables()[table] == "meta"
    return "bookkeeping" if is_beside else room


@dg.asset(
    name="warehouse",
    deps=list(tables.published_tables()),
    group_name="warehouse",
    owners=list(shown.OWNERS),
    metadata={**shown.code_at(publish), "views": ", ".join(tables.VIEWS)},
    retry_policy=RETRIES,
    pool=POOL,
    automation_condition=FOLLOW,
    kinds={"duckdb"},
    code_version=plan.PUBLISH.code,
    description="The published DuckDB file: every table, comment, view and macro, audited before readers see it.",
)
def published_warehouse(context: dg.AssetExecutionContext, project: ProjectResource) -> dg.MaterializeResult:
    with working(context, project) as look:
        rewritten = plan.bring_up(look, plan.PUBLISH)
        note = look.store.note("warehouse")
        assert note is not None
        path = dg.MetadataValue.path(str(look.project.published))
        metadata = {**_facts(note, rewritten), "path": path, "bytes": look.project.published.stat().st_size}
        return dg.MaterializeResult(
            metadata={**metadata, **shown.newest(look)}, data_version=dg.DataVersion(note.sha256)
        )


def _site(step: Step, code: ModuleType, deps: Sequence[str], kinds: set[str], description: str) -> dg.AssetsDefinition:
    @dg.asset(
        name=step.name,
        deps=deps,
        group_name="report",
        owners=list(shown.OWNERS),
        metadata=shown.code_at(code),
        retry_policy=RETRIES,
        pool=POOL,
        automation_condition=FOLLOW,
        kinds=kinds,
        code_version=step.code,
        description=description,
    )
    def make(context: dg.AssetExecutionContext, project: ProjectResource) -> dg.MaterializeResult:
        with working(context, project) as look:
            rewritten = plan.bring_up(look, step)
            note = look.store.note(step.name)
            assert note is not None
            path = (look.store.root / note.file).resolve()
            metadata = {"path": dg.MetadataValue.path(str(path)), "rewritten": rewritten, **shown.link(look, path)}
            return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(note.sha256))

    return make


figures = _site(plan.FIGURES, pictures, plan.site.FIGURE_INPUTS, {"svg"}, "The report's pictures, as SVG and PNG.")
report = _site(
    plan.REPORT,
    page,
    ["warehouse", "figures", *plan.site.REPORT_INPUTS],
    {"html"},
    "The report, brought up to date: one HTML page that needs no network, in the order of TRAC's own.",
)

explorer = _site(
    plan.EXPLORER,
    explorer_pages,
    ["warehouse"],
    {"html"},
    "Every month, state and county to look at: pages that need no network.",
)

ALL = [
    FOIA_FILES,
    release_rows,
    release_register,
    _room("core"),
    _room("marts"),
    published_warehouse,
    figures,
    report,
    explorer,
]


def of_all_releases() -> list[dg.AssetKey]:
    """The assets made of all releases together, publishing included."""
    made = [asset for asset in ALL if isinstance(asset, dg.AssetsDefinition)]
    return sorted({key for asset in made for key in asset.keys} - {dg.AssetKey(table) for table in BY_RELEASE})
