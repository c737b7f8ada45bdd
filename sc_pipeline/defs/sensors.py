"""Dagster: a new folder in raw/ becomes a partition and a run; what failed is written down and told."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import dagster as dg

from sc_pipeline import plan as steps
from sc_pipeline.defs import assets
from sc_pipeline.errors import UserError
from sc_pipeline.project import Project, open_project, webhook
from sc_pipeline.raw import register as registry
from sc_pipeline.raw.folders import fingerprint, is_settled
from sc_pipeline.raw.release import find_releases
from sc_pipeline.store import hash_of

INTERVAL_SECONDS = 10
CHECK_FAILED = "DagsterAssetCheckFailedError"  # as Dagster names the error of a blocking check that found something
UNFINISHED = [
    status
    for status in dg.DagsterRunStatus
    if status not in (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
]


@dg.sensor(
    job_name="build",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Watches raw/: a release that is complete, and new or changed, gets its partition and one run.",
)
def raw_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    project = open_project()
    before: dict[str, str] = json.loads(context.cursor or "{}")
    try:
        paths = find_releases(project.raw)
    except UserError as problem:
        return dg.SkipReason(str(problem))
    if before and not paths:
        return dg.SkipReason(f"{project.raw}: holds no release any more; is the disk there? Nothing is taken out")
    # Only names, sizes and times are looked at, unless one of them changed.
    now = {release_id: _mark(path) for release_id, path in paths.items()}
    changed = [release_id for release_id in now if now[release_id] != before.get(release_id)]
    ready = [release_id for release_id in changed if _is_settled(paths[release_id])]
    gone = sorted(set(before) - set(now))
    if not ready and not gone:
        waiting = f"waiting until complete: {', '.join(changed)}" if changed else f"nothing new in {project.raw.name}/"
        return dg.SkipReason(waiting)
    seen = {name: mark for name, mark in before.items() if name in now} | {name: now[name] for name in ready}
    partitions: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if ready:
        partitions.append(assets.releases.build_add_request(ready))
    if gone:
        context.log.info(f"left {project.raw.name}/: {', '.join(gone)}; their rows leave with the next build")
        known = context.instance.get_dynamic_partitions(assets.RELEASES)
        partitions.append(assets.releases.build_delete_request([name for name in gone if name in known]))
    wanted = _to_run(project, ready, sorted(seen) if gone else ready)
    # The time of the last tick tells a release that comes back from the one that left.
    requests = [
        dg.RunRequest(
            run_key=f"{name}:{seen[name]}:{context.last_tick_completion_time}",
            partition_key=name,
            asset_selection=None if _is_alone(context.instance, wanted) else assets.PER_RELEASE,
        )
        for name in wanted
    ]
    return dg.SensorResult(
        run_requests=requests, dynamic_partitions_requests=partitions, cursor=json.dumps(seen, sort_keys=True)
    )


def _mark(path: Path) -> str:
    """Changes with the names, sizes and times of a release's files. The run says what is wrong with the unreadable."""
    try:
        return fingerprint(path)[:12]
    except UserError as problem:
        return hash_of(str(problem))[:12]


def _is_settled(path: Path) -> bool:
    try:
        return is_settled(path, time.time())
    except UserError:
        return True


def _to_run(project: Project, ready: list[str], candidates: list[str]) -> list[str]:
    """Of the candidates those that are not in the tables as they are; refused ones only where they changed.

    Where a release left, all are candidates: one that held the same bytes can be taken in now.
    """
    found = registry.look(project)
    chosen = []
    for release_id in candidates:
        release = found.releases.get(release_id)
        refused = release is None or registry.refusal(project.store, release) is not None
        if not (release and steps.is_taken_in(project.store, release)) and (release_id in ready or not refused):
            chosen.append(release_id)
    return chosen


def _is_alone(instance: dg.DagsterInstance, wanted: list[str]) -> bool:
    """Whether one run can do it all. Else each takes in its own release, and one that follows publishes."""
    unfinished = dg.RunsFilter(statuses=UNFINISHED)
    return len(wanted) == 1 and instance.get_runs_count(unfinished) == 0


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes what failed, and what to do, to failures.log, and posts it to SC_PIPELINE_WEBHOOK if set.",
)
def failures(context: dg.RunFailureSensorContext) -> None:
    project = open_project()
    for line in failure_lines(context):
        tell(project.warehouse / "failures.log", line, webhook(), context.log.warning)


def failure_lines(context: dg.RunFailureSensorContext) -> list[str]:
    """One line for each step that failed: when, which run, what, and what to do."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    release = context.dagster_run.tags.get("dagster/partition", "all releases")
    lines = []
    for event in context.get_step_failure_events():
        said, todo = in_words(event)
        lines.append(f"{when} run {context.dagster_run.run_id[:8]}, {release}, {event.step_key}: {said} ({todo})")
    return lines or [f"{when} run {context.dagster_run.run_id[:8]}, {release}: {context.failure_event.message}"]


def in_words(event: dg.DagsterEvent) -> tuple[str, str]:
    """What a failed step says, in one line, and what to do."""
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return failure.user_failure_data.description, "mend it, and it runs again by itself"
    error = failure.error
    if error and error.cls_name == CHECK_FAILED:
        checks = ", ".join(error.message.strip().splitlines()[1:])
        return f"{checks}: this check found bad rows, so nothing was published", "the check's page in the UI lists them"
    cause = (error.cause or error).message.strip().splitlines()[0] if error else "unknown"
    return cause, "look at the run in the UI; a retry may pass"


def tell(log: Path, line: str, address: str | None, warn: Callable[[str], None]) -> None:
    """Append a line to a log, and post it where an address is given; one that cannot be reached is only warned of."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    if address is None:
        return
    body = json.dumps({"text": line}).encode()
    try:
        with urlopen(Request(address, body, {"Content-Type": "application/json"}), timeout=10):
            return
    except (OSError, HTTPException, ValueError) as error:
        warn(f"SC_PIPELINE_WEBHOOK, {address}: cannot be reached: {error}")
