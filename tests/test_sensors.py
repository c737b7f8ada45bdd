"""What lands in raw/ leads to one run when it is complete; the real daemon does it too."""

import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import dagster as dg
import duckdb
import pytest

from sc_pipeline import definitions
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.defs import assets, checks, sensors
from sc_pipeline.defs.sensors import failure_lines, failures, raw_folder, tell
from sc_pipeline.defs.working import ProjectResource
from sc_pipeline.project import Project
from sc_pipeline.raw import folders
from sc_pipeline.warehouse.checks import Outcome
from tests.builders import HEADER, TRAC, cases, empty_project, put, removal, unreadable


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SC_PIPELINE_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("SC_PIPELINE_WAREHOUSE", str(tmp_path / "warehouse"))
    return empty_project(tmp_path)


# The project as the environment says it, which the fixture sets.
RESOURCES = {"project": ProjectResource()}


def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sensor's clock be an hour on."""
    real = time.time
    monkeypatch.setattr(sensors.time, "time", lambda: real() + 3600)


def tick(instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    result = raw_folder(dg.build_sensor_context(instance, cursor=cursor, resources=RESOURCES))
    assert isinstance(result, (dg.SensorResult, dg.SkipReason))
    return result


def test_a_fresh_copy_waits_and_a_complete_one_gets_one_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TRAC, project.raw / TRAC.name)
    with dg.DagsterInstance.ephemeral() as instance:
        waiting = tick(instance)
        assert isinstance(waiting, dg.SkipReason)
        assert "waiting until complete: trac-2017-11" in (waiting.skip_message or "")
        settle(monkeypatch)
        ready = tick(instance)
        assert isinstance(ready, dg.SensorResult)
        assert [request.partition_key for request in ready.run_requests or []] == [TRAC.name]
        assert isinstance(tick(instance, ready.cursor), dg.SkipReason)


def test_a_release_the_command_line_took_in_is_not_run_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TRAC, project.raw / TRAC.name)
    build_without_dagster(project)
    settle(monkeypatch)
    with dg.DagsterInstance.ephemeral() as instance:
        result = tick(instance)
    assert isinstance(result, dg.SensorResult)
    assert result.run_requests == []


def requested(result: dg.SensorResult | dg.SkipReason) -> list[tuple[str, str]]:
    """The first and the last release of each run; every run is of a release's rows alone."""
    assert isinstance(result, dg.SensorResult)
    spans = []
    for request in result.run_requests or []:
        assert request.asset_selection == [dg.AssetKey(table) for table in assets.BY_RELEASE]
        ends = [request.tags.get(f"dagster/asset_partition_range_{end}") for end in ("start", "end")]
        first, last = (end or request.partition_key for end in ends)
        assert first and last
        spans.append((first, last))
    return spans


def test_a_removed_release_is_reported_and_leaves_the_partitions(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases(project, "kept", [removal("03MAY12")])
    settle(monkeypatch)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("releases", ["gone", "kept"])
        context = dg.build_sensor_context(instance, cursor=json.dumps({"gone": "0123456789ab"}), resources=RESOURCES)
        result = raw_folder(context)
    assert requested(result) == [("kept", "kept")]
    assert isinstance(result, dg.SensorResult)
    assert [request.partition_keys for request in result.dynamic_partitions_requests or []] == [["kept"], ["gone"]]
    assert list(json.loads(result.cursor or "")) == ["kept"]


def test_a_raw_folder_that_is_empty_or_away_takes_nothing_out(project: Project) -> None:
    cursor = json.dumps({"one": "0123456789ab"})
    with dg.DagsterInstance.ephemeral() as instance:
        empty = tick(instance, cursor)
        project.raw.rmdir()
        away = tick(instance, cursor)
    assert isinstance(empty, dg.SkipReason) and isinstance(away, dg.SkipReason)
    assert empty.skip_message == f"{project.raw}: no releases found; is the disk mounted? Nothing was removed"
    assert away.skip_message == (
        f"{project.raw}: no such folder; create it with sc-pipeline init, or say where the releases are with --raw"
    )


def test_several_at_once_are_taken_in_by_one_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(monkeypatch)
    with dg.DagsterInstance.ephemeral() as instance:
        cases(project, "first", [removal("03MAY12")])
        alone = tick(instance)
        assert requested(alone) == [("first", "first")]
        assert isinstance(alone, dg.SensorResult)
        instance.add_dynamic_partitions(assets.RELEASES, ["first"])
        for release, day in (("fourth", "04MAY12"), ("second", "05MAY12"), ("third", "06MAY12")):
            cases(project, release, [removal(day)])
        assert requested(tick(instance, alone.cursor)) == [("fourth", "third")]


def test_releases_that_are_no_neighbors_are_taken_in_without_those_between(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(monkeypatch)
    for release, day in (("a", "03MAY12"), ("b", "04MAY12"), ("c", "05MAY12")):
        cases(project, release, [removal(day)])
    build_without_dagster(project)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(assets.RELEASES, ["a", "b", "c"])
        first = tick(instance)
        assert isinstance(first, dg.SensorResult)
        assert first.run_requests == []
        for release in ("a", "c"):
            (project.raw / release / "release.toml").write_text('title = "another"\nreceived = 2018-01-31\n')
        assert requested(tick(instance, first.cursor)) == [("a", "a"), ("c", "c")]


def test_a_fixed_release_and_an_edited_manifest_are_run_again_and_a_touched_one_is_not(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(monkeypatch)
    unreadable(project, "fixed")
    cases(project, "edited", [removal("03MAY12")])
    touched = cases(project, "touched", [removal("04MAY12")])
    build_without_dagster(project)
    with dg.DagsterInstance.ephemeral() as instance:
        first = tick(instance)
        assert requested(first) == [("fixed", "fixed")], "its run tells on the partition page why it is refused"
        assert isinstance(first, dg.SensorResult)
        (project.raw / "fixed" / "fixed.csv").write_text("\n".join([HEADER, removal("05MAY12")]) + "\n")
        (project.raw / "edited" / "release.toml").write_text('title = "another"\nreceived = 2018-01-31\n')
        os.utime(touched / "touched.csv")
        assert requested(tick(instance, first.cursor)) == [("edited", "fixed")]


def test_a_release_refused_for_anothers_sake_is_taken_in_when_that_one_left(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(monkeypatch)
    one = cases(project, "one", [removal("03MAY12")])
    put(project, "two", "two.csv", (one / "one.csv").read_text(), "received = 2019-01-31\n")
    unreadable(project, "three")
    build_without_dagster(project)
    with dg.DagsterInstance.ephemeral() as instance:
        before = tick(instance)
        assert isinstance(before, dg.SensorResult)
        shutil.rmtree(one)
        assert requested(tick(instance, before.cursor)) == [("two", "two")]


def test_a_release_that_comes_back_is_run_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(monkeypatch)
    cases(project, "back", [removal("03MAY12")])
    with dg.DagsterInstance.ephemeral() as instance:
        keys = set()
        for time_of_last_tick in (1.0, 2.0):
            context = dg.SensorEvaluationContext(
                None, time_of_last_tick, None, None, None, None, instance=instance, resources=RESOURCES
            )
            result = raw_folder(context)
            assert isinstance(result, dg.SensorResult)
            keys |= {request.run_key for request in result.run_requests or []}
    assert len(keys) == 2


def test_a_folder_that_cannot_be_read_holds_up_no_other_release(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(monkeypatch)
    cases(project, "fine", [removal("03MAY12")])
    (project.raw / "closed").mkdir()
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(folders.os, "scandir", refuse)
    with dg.DagsterInstance.ephemeral() as instance:
        assert requested(tick(instance)) == [("closed", "fine")]


def test_thousands_of_unchanged_files_are_not_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2000):
        (project.raw / f"r{number}.csv").write_text("a\n")
    settle(monkeypatch)
    with dg.DagsterInstance.ephemeral() as instance:
        with monkeypatch.context() as patch:
            patch.setattr(sensors, "_to_run", lambda *_: [])
            first = tick(instance)
            assert isinstance(first, dg.SensorResult)
            cursor = first.cursor or ""
        monkeypatch.setattr(sensors, "Look", lambda project: pytest.fail("files were read"))
        assert isinstance(tick(instance, cursor), dg.SkipReason)
    assert len(cursor) < 60_000


def test_words_edited_beside_raw_bring_the_releases_back(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    cases(project, "one", [removal("2012-05-03")])
    build_without_dagster(project)
    settle(monkeypatch)
    with dg.DagsterInstance.ephemeral() as instance:
        first = tick(instance)
        assert requested(first) == []
        words = project.raw.parent / "vocabulary"
        words.mkdir()
        (words / "removals.toml").write_text('[fields]\nstate = ["Left From"]\n')
        assert isinstance(first, dg.SensorResult)
        assert requested(tick(instance, first.cursor)) == [("one", "one")]


def test_failures_are_written_down_and_an_unreachable_webhook_is_only_warned_of(tmp_path: Path) -> None:
    warnings: list[str] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    tell(tmp_path / "failures.log", "what failed", address, warnings.append)
    assert (tmp_path / "failures.log").read_text() == "what failed\n"
    tell(tmp_path / "failures.log", "what failed next", "no address", warnings.append)
    assert (tmp_path / "failures.log").read_text() == "what failed\nwhat failed next\n"
    assert [warning.split(": cannot be reached: ")[0] for warning in warnings] == [
        f"webhook {address}",
        "webhook no address",
    ]


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    posted: ClassVar[list[tuple[str | None, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append((self.headers["Content-Type"], body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def run_failure(
    instance: dg.DagsterInstance, release: str, tables: Collection[str] = assets.BY_RELEASE
) -> dg.RunFailureSensorContext:
    """What the failure sensor is told of a run of a release that fails."""
    instance.add_dynamic_partitions("releases", [release])
    result = definitions.defs.resolve_job_def("build").execute_in_process(
        instance=instance,
        partition_key=release,
        asset_selection=[dg.AssetKey(table) for table in tables],
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    assert not result.success
    return dg.build_run_status_sensor_context(
        "failures", result.get_run_failure_event(), instance, result.dagster_run, resources=RESOURCES
    ).for_run_failure()


def test_a_failed_run_is_written_down_and_posted_with_what_to_do(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable(project, "bad")
    with HTTPServer(("127.0.0.1", 0), Hook) as server, dg.DagsterInstance.ephemeral() as instance:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("SC_PIPELINE_WEBHOOK", f"http://127.0.0.1:{server.server_port}/")
        failures(run_failure(instance, "bad"))
        server.shutdown()
    written = (project.warehouse / "failures.log").read_text().splitlines()
    assert [line.split(", ", 1)[1] for line in written] == [
        "bad, release_rows: bad: holds no table that can be taken in: bad.csv: a summary: mostly numbers, and no row "
        "holds the columns of a table known here (fix the file; it will rerun automatically)"
    ]
    assert Hook.posted == [("application/json", json.dumps({"text": written[0]}).encode())]


def test_a_blocking_check_that_fails_is_told_by_its_name(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "run_checks", failing(checks.run_checks, "row_conservation"))
    cases(project, "good", [removal("03MAY12")])
    with dg.DagsterInstance.ephemeral() as instance:
        tables = [key.to_user_string() for key in (*assets.release_rows.keys, *assets.release_register.keys)]
        lines = failure_lines(run_failure(instance, "good", tables))
    assert [line.split(": ", 1)[1] for line in lines] == [
        "source_files: row_conservation: this check found bad rows, so nothing was published "
        "(the check's page in the UI lists them)"
    ]


def failing(real: Callable[..., list[Outcome]], check: str) -> Callable[..., list[Outcome]]:
    """What runs the checks of an asset, so that one fails; the audit before publishing stays as it is."""

    def run_checks(connection: duckdb.DuckDBPyConnection, names: Collection[str] | None = None) -> list[Outcome]:
        return [
            replace(outcome, outcome="failed", bad_rows=1) if names and outcome.check == check else outcome
            for outcome in real(connection, names)
        ]

    return run_checks
