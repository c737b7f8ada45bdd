"""Dagster: a new folder in raw/ becomes a partition and a run; what failed is written down and told."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import dagster as dg

from sc_pipeline import assets, steps
from sc_pipeline.errors import UserError
from sc_pipeline.releases import registry
from sc_pipeline.releases.folders import fingerprint, is_settled
from sc_pipeline.releases.release import find_releases
from sc_pipeline.workspace import Workspace, webhook, workspace

INTERVAL_SECONDS = 10


@dg.sensor(
    job_name="build",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Watches raw/: a release that is complete, and new or changed, gets its partition and one run.",
)
def raw_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    ws = workspace()
    before: dict[str, str] = json.loads(context.cursor or "{}")
    try:
        paths = find_releases(ws.raw)
    except UserError as problem:
        return dg.SkipReason(str(problem))
    # Only names, sizes and times are looked at, unless one of them changed.
    now = {release_id: fingerprint(path)[:12] for release_id, path in paths.items()}
    changed = [release_id for release_id in now if now[release_id] != before.get(release_id)]
    ready = [release_id for release_id in changed if is_settled(paths[release_id], time.time())]
    gone = sorted(set(before) - set(now))
    if not ready and not gone:
        waiting = f"waiting until complete: {', '.join(changed)}" if changed else f"nothing new in {ws.raw.name}/"
        return dg.SkipReason(waiting)
    seen = {name: mark for name, mark in before.items() if name in now} | {name: now[name] for name in ready}
    partitions: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if ready:
        partitions.append(assets.releases.build_add_request(ready))
    known = context.instance.get_dynamic_partitions(assets.RELEASES)
    leaving = [release_id for release_id in gone if release_id in known]
    if leaving:
        context.log.info(f"left {ws.raw.name}/: {', '.join(leaving)}; their rows leave with the next build")
        partitions.append(assets.releases.build_delete_request(leaving))
    requests = _requests(ws, ready, now) + _departures(gone, before)
    return dg.SensorResult(
        run_requests=requests, dynamic_partitions_requests=partitions, cursor=json.dumps(seen, sort_keys=True)
    )


def _requests(ws: Workspace, ready: list[str], marks: Mapping[str, str]) -> list[dg.RunRequest]:
    """One run for each release that is not in the tables as it is; the same bytes never run twice."""
    found = registry.look(ws)
    requests = []
    for release_id in ready:
        release = found.releases.get(release_id)
        if release and steps.is_taken_in(ws.store, release):
            continue
        state = registry.state_of(release)[:16] if release else marks[release_id]
        requests.append(dg.RunRequest(run_key=f"{release_id}:{state}:{marks[release_id]}", partition_key=release_id))
    return requests


def _departures(gone: list[str], marks: Mapping[str, str]) -> list[dg.RunRequest]:
    if not gone:
        return []
    key = ", ".join(f"{release_id}:{marks[release_id]}" for release_id in gone)
    return [dg.RunRequest(run_key=f"gone: {key}", asset_selection=assets.of_all_releases())]


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes what failed, and what to do, to failures.log, and posts it to SC_PIPELINE_WEBHOOK if set.",
)
def failures(context: dg.RunFailureSensorContext) -> None:
    ws = workspace()
    for line in failure_lines(context):
        tell(ws.warehouse / "failures.log", line, webhook(), context.log.warning)


def failure_lines(context: dg.RunFailureSensorContext) -> list[str]:
    """One line for each step that failed: when, which run, what, and what to do."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    release = context.dagster_run.tags.get("dagster/partition", "all releases")
    lines = []
    for event in context.get_step_failure_events():
        failure = event.step_failure_data
        said = failure.user_failure_data.description if failure.user_failure_data else None
        todo = "mend it, then materialize it again" if said else "look at the run in the UI; a retry may pass"
        error = failure.error.message.strip().splitlines()[0] if failure.error else "unknown"
        lines.append(
            f"{when} run {context.dagster_run.run_id[:8]}, {release}, {event.step_key}: {said or error} ({todo})"
        )
    return lines or [f"{when} run {context.dagster_run.run_id[:8]}, {release}: {context.failure_event.message}"]


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
    except (URLError, TimeoutError) as error:
        warn(f"the webhook cannot be reached: {error}")
