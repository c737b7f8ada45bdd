"""Dagster: what `dagster` and `dg` load: assets, checks, sensors, the project as a resource, and the one job."""

import warnings

import dagster as dg

from sc_pipeline.defs import assets, checks, sensors
from sc_pipeline.defs.working import ProjectResource

# A run that was killed is repeated as a whole: what is current is left alone.
_REPEATED = {"dagster/retry_strategy": "ALL_STEPS"}

build = dg.define_asset_job(
    "build",
    tags=_REPEATED,
    selection=dg.AssetSelection.all(),
    description="Everything, from the files in raw/ to the published warehouse.",
    executor_def=dg.in_process_executor,
)

refresh = dg.define_asset_job(
    "refresh",
    tags=_REPEATED,
    selection=dg.AssetSelection.assets(*assets.of_all_releases()),
    description="Whatever is made of all releases and is not current, through publishing and the report. Asks nothing.",
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
        run_tags=_REPEATED,
        use_user_code_server=True,  # the daemon alone cannot evaluate a condition that reads the pipeline's own notes
        description="Rebuilds whatever has changed inputs, through publishing and the report.",
    )


nightly = dg.ScheduleDefinition(
    name="nightly",
    job=refresh,
    cron_schedule="0 3 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every night what is made of all releases, where it is not current; for whoever switches sensors off.",
)


defs = dg.Definitions(
    assets=assets.ALL,
    asset_checks=[checks.is_fresh],
    jobs=[build, refresh],
    schedules=[nightly],
    sensors=[sensors.raw_folder, sensors.failures, follow],
    resources={"project": ProjectResource()},
    executor=dg.in_process_executor,
)
