"""Dagster: wiring and policy for all assets, and the one job that builds them, in the UI or headless."""

import os
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dagster as dg

from sc_pipeline.defs import assets, checks, sensors
from sc_pipeline.project import REPOSITORY, Project

build = dg.define_asset_job(
    "build",
    selection=dg.AssetSelection.all(),
    description="Everything, from the files in raw/ to the published warehouse.",
    executor_def=dg.in_process_executor,
)

# What is made of all releases follows when an input's content really changed, not when it merely ran.
with warnings.catch_warnings():
    # It is beta, pyproject.toml keeps to this minor version, and the tests hold what it does.
    warnings.simplefilter("ignore", dg.BetaWarning)
    follow = dg.AutomationConditionSensorDefinition(
        "follow_changes",
        target=dg.AssetSelection.all(),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        use_user_code_server=True,  # the daemon alone cannot evaluate a condition that reads the pipeline's own notes
        emit_backfills=False,  # a run for each release, as for one that lands
        description="Rebuilds what was made from other inputs than stand now, publishing and the report included.",
    )

defs = dg.Definitions(
    assets=assets.ALL,
    asset_checks=checks.ALL,
    jobs=[build],
    sensors=[sensors.raw_folder, sensors.failures, follow],
    executor=dg.in_process_executor,
)


_BY_COMMAND = {"sc_pipeline/started_by": "sc-pipeline build"}


@contextmanager
def records(project: Project) -> Iterator[dg.DagsterInstance]:
    """The warehouse's own records of runs, with the settings of dagster.yaml; what Dagster starts finds them too."""
    project.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(REPOSITORY / "dagster.yaml", project.dagster_home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(project.dagster_home)
    os.environ["SC_PIPELINE_RAW"] = str(project.raw)
    os.environ["SC_PIPELINE_WAREHOUSE"] = str(project.warehouse)
    with dg.DagsterInstance.get() as instance:
        yield instance


def know_releases(instance: dg.DagsterInstance, release_ids: Sequence[str]) -> None:
    """Have Dagster know the releases under raw/, so that the UI offers them before the sensor's first look."""
    instance.add_dynamic_partitions(assets.RELEASES, release_ids)


def end_killed_runs(instance: dg.DagsterInstance) -> None:
    """Have Dagster know that runs of killed `sc-pipeline build`s are over: its queue would wait for them for good.

    Such a run holds the warehouse's lock for as long as it lives, so to whoever holds it or finds it free they are.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED], tags=_BY_COMMAND)):
        instance.report_run_failed(run, "the sc-pipeline build that ran it was killed")


def run_release(instance: dg.DagsterInstance, release_id: str) -> list[str]:
    """Run the build job for one release: from its files to its part of every table kept per release.

    Returns what went wrong, one line each; nothing where all went well.
    """
    return _run(instance, release_id, assets.PER_RELEASE)


def run_rest(instance: dg.DagsterInstance) -> list[str]:
    """Run the build job for what is made of all releases together, publishing included. Returns what went wrong."""
    return _run(instance, None, assets.of_all_releases())


def run_all(instance: dg.DagsterInstance, release_id: str) -> list[str]:
    """Both in one run, which saves a second or two: where the release is refused, the rest is skipped."""
    return _run(instance, release_id, None)


def _run(instance: dg.DagsterInstance, partition: str | None, keys: Sequence[dg.AssetKey] | None) -> list[str]:
    result = defs.resolve_job_def("build").execute_in_process(
        instance=instance,
        partition_key=partition,
        asset_selection=keys,
        raise_on_error=False,
        tags=_BY_COMMAND,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    return [_in_words(event, result.run_id) for event in result.all_events if event.is_step_failure]


def _in_words(event: dg.DagsterEvent, run_id: str) -> str:
    said, todo = sensors.in_words(event)
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return said
    # A check says itself of which table it is.
    is_check = failure.error is not None and failure.error.cls_name == sensors.CHECK_FAILED
    return f"{'' if is_check else f'{event.step_key}: '}{said}; run {run_id}: {todo}"
