"""Dagster: what `dagster` and `dg` load: assets, checks, sensors, the project as a resource, and the one job."""

import warnings

import dagster as dg

from sc_pipeline.defs import assets, checks, sensors
from sc_pipeline.defs.working import ProjectResource

build = dg.define_asset_job(
    "build",
    selection=dg.AssetSelection.all(),
    description="Everything, from the files in raw/ to the published warehouse.",
    executor_def=dg.in_process_executor,
)

with warnings.catch_warnings():
    # It is beta, pyproject.toml keeps to this minor version, and the tests hold what it does.
    warnings.simplefilter("ignore", dg.BetaWarning)
    follow = dg.AutomationConditionSensorDefinition(
        "follow_changes",
        target=dg.AssetSelection.all(),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        use_user_code_server=True,  # the daemon alone cannot evaluate a condition that reads the pipeline's own notes
        description="Rebuilds whatever has changed inputs, through publishing and the report.",
    )


@dg.schedule(
    job=build,
    cron_schedule="0 3 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every night what is made of all releases, where it is not current; for whoever switches sensors off.",
)
def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    return dg.RunRequest(asset_selection=assets.of_all_releases())


defs = dg.Definitions(
    assets=assets.ALL,
    asset_checks=[checks.is_fresh],
    jobs=[build],
    schedules=[nightly],
    sensors=[sensors.raw_folder, sensors.failures, follow],
    resources={"project": ProjectResource()},
    executor=dg.in_process_executor,
)
