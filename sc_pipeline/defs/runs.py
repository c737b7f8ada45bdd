"""Dagster: the build of the command line, as runs that the UI lists: one for the releases, one for the rest."""

import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError

from sc_pipeline.defs import assets, sensors
from sc_pipeline.errors import UserError
from sc_pipeline.hashing import hash_of
from sc_pipeline.machine import problem_of
from sc_pipeline.project import Project

_logger = logging.getLogger("sc_pipeline.build")
_SETTINGS = Path(__file__).with_name("dagster.yaml")
WORKSPACE = Path(__file__).with_name("workspace.yaml")
_BY_COMMAND = {"sc_pipeline/started_by": "sc-pipeline build"}
_NO_RETRY = {"dagster/max_retries": "0"}  # a build that was killed is for whoever started it to repeat


@contextmanager
def records(project: Project) -> Iterator[dg.DagsterInstance]:
    """The warehouse's own records of runs, with its own dagster.yaml; what Dagster starts finds them too."""
    _settings(project)
    os.environ["DAGSTER_HOME"] = str(_home(project.dagster_home))
    os.environ["SC_PIPELINE_PROJECT"] = str(project.home)
    os.environ["SC_PIPELINE_RAW"] = str(project.raw)
    os.environ["SC_PIPELINE_WAREHOUSE"] = str(project.warehouse)
    with _opened(project) as instance:
        yield instance


def _opened(project: Project) -> dg.DagsterInstance:
    """Dagster's records; where a database of theirs is damaged they are set aside, and new ones begun."""
    try:
        instance = dg.DagsterInstance.get()
        instance.get_dynamic_partitions(assets.RELEASES)
        instance.get_runs_count(dg.RunsFilter(tags=_BY_COMMAND))
        return instance
    except DatabaseError as error:
        if problem := problem_of(error, project.dagster_home):
            raise problem from None  # the disk is full or cannot be written: the records are not damaged
        if not isinstance(error.orig, sqlite3.DatabaseError):
            place = project.dagster_home / _SETTINGS.name
            raise UserError(f"{place}: the database it names cannot be used: {_first_line(error)}") from None
        aside = project.dagster_home.with_name(f"dagster-damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        project.dagster_home.rename(aside)
        reason = _first_line(error)
        _logger.warning("Dagster's records can't be read (%s); they are set aside in %s", reason, aside.name)
        _settings(project, before=aside)
        return dg.DagsterInstance.get()


def _first_line(error: DatabaseError) -> str:
    return str(error).splitlines()[0]


def _settings(project: Project, before: Path | None = None) -> None:
    """Write Dagster's settings where there are none: those of `before`, else those that ship. Edits of theirs stay."""
    settings = project.dagster_home / _SETTINGS.name
    project.dagster_home.mkdir(parents=True, exist_ok=True)
    if not settings.exists():
        shutil.copyfile(before / settings.name if before else _SETTINGS, settings)


def _home(folder: Path) -> Path:
    """A path to Dagster's records that its databases take as it is: in an address, % and ? mean something else."""
    if make_url(f"sqlite:///{folder}").database == str(folder):
        return folder
    link = Path(tempfile.gettempdir()) / f"sc-pipeline-{hash_of(str(folder))[:16]}"
    if link.is_symlink():
        link.unlink()  # anybody may have put it there
    link.symlink_to(folder, target_is_directory=True)
    return link


def register_releases(instance: dg.DagsterInstance, release_ids: Sequence[str]) -> None:
    """Register the releases as partitions, so that the UI offers them before the sensor's first look."""
    instance.add_dynamic_partitions(assets.RELEASES, release_ids)


def end_killed_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs of killed builds as failed, so the queue does not wait for them forever.

    Such a run holds the warehouse's lock for as long as it lives, so to whoever holds it or finds it free they are.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED], tags=_BY_COMMAND)):
        instance.report_run_failed(run, "the sc-pipeline build that ran it was killed")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def run_releases(instance: dg.DagsterInstance, release_ids: Sequence[str]) -> list[str]:
    """Take releases in, in one run. Returns what failed, one line each; refusals are the plan's to tell."""
    keys = [dg.AssetKey(table) for table in assets.BY_RELEASE]
    if len(release_ids) == 1:
        return _run(instance, keys, partition=release_ids[0])
    # A run takes a range of partitions; those between that are current cost an event a table.
    known = instance.get_dynamic_partitions(assets.RELEASES)
    places = sorted(known.index(release) for release in release_ids)
    return _run(instance, keys, tags=sensors.range_tags(known[places[0]], known[places[-1]]))


def run_rest(instance: dg.DagsterInstance) -> list[str]:
    """Make what is made of all releases together, publishing included. Returns what failed, one line each."""
    return _run(instance, assets.of_all_releases())


def _run(
    instance: dg.DagsterInstance,
    keys: Sequence[dg.AssetKey],
    partition: str | None = None,
    tags: dict[str, str] | None = None,
) -> list[str]:
    from sc_pipeline.definitions import defs

    result = defs.resolve_job_def("build").execute_in_process(
        instance=instance,
        partition_key=partition,
        asset_selection=list(keys),
        raise_on_error=False,
        tags=_BY_COMMAND | _NO_RETRY | (tags or {}),
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    failed = [event for event in result.all_events if event.is_step_failure]
    return [line for event in failed for line in _in_words(event, result.run_id)]


def _in_words(event: dg.DagsterEvent, run_id: str) -> list[str]:
    if sensors.is_refusal(event):
        # The plan tells of releases that are refused, one by one, but for those that it keeps no word of.
        data = event.step_failure_data.user_failure_data
        unfinished = data.metadata.get(assets.UNFINISHED) if data else None
        return list(unfinished.value) if unfinished else []  # type: ignore[arg-type]
    line, todo = sensors.in_words(event)
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return [line]
    # A check tells itself which table it is of.
    is_check = failure.error is not None and failure.error.cls_name == sensors.CHECK_FAILED
    return [f"{'' if is_check else f'{event.step_key}: '}{line}; run {run_id}: {todo}"]
