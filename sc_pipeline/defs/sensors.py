"""Dagster: a new folder in raw/ becomes a partition and a run; what failed is written down and told."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import dagster as dg

from sc_pipeline import plan
from sc_pipeline.defs import assets
from sc_pipeline.defs.working import ProjectResource
from sc_pipeline.errors import UserError
from sc_pipeline.hashing import hash_of
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.raw.folders import fingerprint, is_settled
from sc_pipeline.raw.release import find_releases
from sc_pipeline.staged.vocabularies import digest_of_words

INTERVAL_SECONDS = 10
CHECK_FAILED = "DagsterAssetCheckFailedError"  # as Dagster names the error of a blocking check that found something


@dg.sensor(
    job_name="build",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Watches raw/: releases that are complete, and new or changed, get their partitions and one run.",
)
def raw_folder(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult | dg.SkipReason:
    found = project.open()
    before: dict[str, str] = json.loads(context.cursor or "{}")
    try:
        paths = find_releases(found.raw)
    except UserError as problem:
        return dg.SkipReason(str(problem))
    if before and not paths:
        return dg.SkipReason(f"{found.raw}: no releases found; is the disk mounted? Nothing was removed")
    # Only names, sizes and times are looked at, unless one of them changed.
    words = digest_of_words(found.raw.parent)
    now = {release_id: _mark(path, words) for release_id, path in paths.items()}
    changed = [release_id for release_id in now if now[release_id] != before.get(release_id)]
    ready = [release_id for release_id in changed if _is_settled(paths[release_id])]
    gone = sorted(set(before) - set(now))
    if not ready and not gone:
        waiting = f"waiting until complete: {', '.join(changed)}" if changed else f"nothing new in {found.raw.name}/"
        return dg.SkipReason(waiting)
    if gone:
        context.log.info(f"no longer in {found.raw.name}/: {', '.join(gone)}; their rows leave with the next build")
    seen = {name: mark for name, mark in before.items() if name in now} | {name: now[name] for name in ready}
    known = context.instance.get_dynamic_partitions(assets.RELEASES)
    wanted = _to_run(found, ready, sorted(seen) if gone else ready)
    there = sorted({*ready, *wanted})
    partitions = _partition_requests(there, [name for name in gone if name in known])
    order = [*(name for name in known if name not in gone), *(name for name in there if name not in known)]
    # The time of the last tick tells a release that comes back from the one that left.
    requests = [
        _request(first, last, f"{[seen[name] for name in span]}:{context.last_tick_completion_time}")
        for span in _spans(order, wanted)
        for first, last in [(span[0], span[-1])]
    ]
    return dg.SensorResult(
        run_requests=requests, dynamic_partitions_requests=partitions, cursor=json.dumps(seen, sort_keys=True)
    )


def _partition_requests(
    ready: list[str], gone: list[str]
) -> list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest]:
    requests: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if ready:
        requests.append(assets.releases.build_add_request(ready))
    if gone:
        requests.append(assets.releases.build_delete_request(gone))
    return requests


def _request(first: str, last: str, state: str) -> dg.RunRequest:
    """A run that takes in the releases from the first to the last; what depends on them follows by itself."""
    keys = [dg.AssetKey(table) for table in assets.BY_RELEASE]
    run_key = f"{first}:{last}:{state}"
    if first == last:
        return dg.RunRequest(run_key=run_key, partition_key=first, asset_selection=keys)
    return dg.RunRequest(run_key=run_key, tags=range_tags(first, last), asset_selection=keys)


def _spans(order: list[str], wanted: list[str]) -> list[list[str]]:
    """The releases wanted, in runs of neighbours: one Dagster run takes a range of partitions."""
    spans: list[list[str]] = []
    for place, name in enumerate(order):
        if name in wanted:
            is_next = place > 0 and spans and spans[-1][-1] == order[place - 1]
            spans[-1].append(name) if is_next else spans.append([name])
    return spans


def range_tags(first: str, last: str) -> dict[str, str]:
    """The tags of a run that takes all partitions from the first to the last."""
    return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}


def _mark(path: Path, words: str) -> str:
    """Changes with the names, sizes and times of a release's files, and with the project's own words for columns.

    The run says what is wrong with the unreadable.
    """
    try:
        return hash_of([fingerprint(path), words])[:12]
    except UserError as problem:
        return hash_of([str(problem), words])[:12]


def _is_settled(path: Path) -> bool:
    try:
        return is_settled(path, time.time())
    except UserError:
        return True


def _to_run(project: Project, ready: list[str], candidates: list[str]) -> list[str]:
    """Of the candidates those that are not in the tables as they are; refused ones only where they changed.

    Where a release left, all are candidates: one that held the same bytes can be taken in now.
    """
    look = Look(project)
    waiting = set(plan.waiting(look))
    return [name for name in candidates if name in waiting or (name in look.refused and name in ready)]


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes what failed, and what to do, to failures.log, and posts it to the project's webhook.",
)
def failures(context: dg.RunFailureSensorContext, project: ProjectResource) -> None:
    found = project.open()
    for line in failure_lines(context):
        tell(found.warehouse / "failures.log", line, found.settings.webhook, context.log.warning)


def failure_lines(context: dg.RunFailureSensorContext) -> list[str]:
    """One line for each step that failed: when, which run, what, and what to do."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    release = context.dagster_run.tags.get("dagster/partition", "all releases")
    lines = []
    for event in context.get_step_failure_events():
        said, todo = in_words(event)
        lines.append(f"{when} run {context.dagster_run.run_id[:8]}, {release}, {event.step_key}: {said} ({todo})")
    return lines or [f"{when} run {context.dagster_run.run_id[:8]}, {release}: {context.failure_event.message}"]


def is_refusal(event: dg.DagsterEvent) -> bool:
    """Whether a step failed for releases that are refused: the plan tells those, one by one."""
    data = event.step_failure_data.user_failure_data
    return bool(data and assets.REFUSED in data.metadata)


def in_words(event: dg.DagsterEvent) -> tuple[str, str]:
    """What a failed step says, in one line, and what to do."""
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        todo = (
            "fix the file; it will rerun automatically" if is_refusal(event) else "the run's page in the UI says more"
        )
        return failure.user_failure_data.description, todo
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
        warn(f"webhook {address}: cannot be reached: {error}")
