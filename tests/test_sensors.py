"""What lands in raw/ leads to one run when it is complete; the real daemon does it too."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from sc_pipeline import sensors
from sc_pipeline.build import build_directly
from sc_pipeline.sensors import failures, raw_folder, tell
from sc_pipeline.workspace import REPOSITORY, Workspace

TRAC = REPOSITORY / "raw" / "trac-2017-11"


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    (tmp_path / "raw").mkdir()
    monkeypatch.setenv("SC_PIPELINE_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("SC_PIPELINE_WAREHOUSE", str(tmp_path / "warehouse"))
    return Workspace(tmp_path / "raw", tmp_path / "warehouse")


def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sensor's clock be an hour on."""
    real = time.time
    monkeypatch.setattr(sensors.time, "time", lambda: real() + 3600)


def tick(instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    result = raw_folder(dg.build_sensor_context(instance, cursor=cursor))
    assert isinstance(result, (dg.SensorResult, dg.SkipReason))
    return result


def test_a_fresh_copy_waits_and_a_complete_one_gets_one_run(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TRAC, ws.raw / TRAC.name)
    with dg.DagsterInstance.ephemeral() as instance:
        waiting = tick(instance)
        assert isinstance(waiting, dg.SkipReason)
        assert "waiting until complete: trac-2017-11" in (waiting.skip_message or "")
        settle(monkeypatch)
        ready = tick(instance)
        assert isinstance(ready, dg.SensorResult)
        assert [request.partition_key for request in ready.run_requests or []] == [TRAC.name]
        assert isinstance(tick(instance, ready.cursor), dg.SkipReason)


def test_a_release_the_command_line_took_in_is_not_run_again(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TRAC, ws.raw / TRAC.name)
    build_directly(ws)
    settle(monkeypatch)
    with dg.DagsterInstance.ephemeral() as instance:
        result = tick(instance)
    assert isinstance(result, dg.SensorResult)
    assert result.run_requests == []


def test_a_removed_release_asks_for_one_run_of_what_all_releases_make(ws: Workspace) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = tick(instance, json.dumps({"gone": "0123456789ab"}))
    assert isinstance(result, dg.SensorResult)
    keys = [{key.to_user_string() for key in request.asset_selection or []} for request in result.run_requests or []]
    assert len(keys) == 1
    assert "warehouse" in keys[0] and "staged_rows" not in keys[0]
    assert json.loads(result.cursor or "") == {}


def test_thousands_of_unchanged_files_are_not_read(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2000):
        (ws.raw / f"r{number}.csv").write_text("a\n")
    settle(monkeypatch)
    cursor = json.dumps({f"r{n}": sensors.fingerprint(ws.raw / f"r{n}.csv")[:12] for n in range(2000)})
    monkeypatch.setattr(sensors.registry, "look", lambda ws: pytest.fail("files were read"))
    with dg.DagsterInstance.ephemeral() as instance:
        assert isinstance(tick(instance, cursor), dg.SkipReason)
    assert len(cursor) < 60_000


def test_failures_are_written_down_and_an_unreachable_webhook_is_only_warned_of(tmp_path: Path) -> None:
    warnings: list[str] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    tell(tmp_path / "failures.log", "what failed", address, warnings.append)
    assert (tmp_path / "failures.log").read_text() == "what failed\n"
    assert len(warnings) == 1
    assert failures.name == "failures"


def runs_of(home: Path) -> list[str]:
    """The state of every run the daemon knows."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        return [run.status.value for run in instance.get_runs()]


def wait_for(what: str, holds: object, seconds: float = 150) -> None:
    assert callable(holds)
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"waited in vain until {what}"
        time.sleep(0.5)


@pytest.mark.slow
def test_a_slow_copy_under_the_real_daemon_leads_to_exactly_one_run(ws: Workspace) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "sc_pipeline.cli", "ui", "--port", str(port)]
    with (ws.raw.parent / "ui.log").open("w") as log:
        ui = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=ws.raw.parent)
    home = ws.dagster_home
    try:
        wait_for("the UI is up", lambda: "Serving dagster-webserver" in (ws.raw.parent / "ui.log").read_text())
        folder = ws.raw / TRAC.name
        folder.mkdir()
        for path in sorted(TRAC.iterdir()):
            with (folder / path.name).open("wb") as target:
                for line in path.read_bytes().splitlines(keepends=True):
                    target.write(line)
                    target.flush()
                    time.sleep(0.06)
        assert runs_of(home) == []
        wait_for("the warehouse is published", ws.published.exists)
        wait_for("the run has ended", lambda: runs_of(home) == ["SUCCESS"])
        with duckdb.connect(ws.published, read_only=True) as connection:
            assert connection.execute("select sum(sc) from removals_by_source").fetchall() == [(552910,)]
        for path in folder.iterdir():
            content = path.read_bytes()
            path.write_bytes(content)
        time.sleep(45)
        assert runs_of(home) == ["SUCCESS"]
    finally:
        os.killpg(ui.pid, signal.SIGTERM)
        ui.wait(timeout=30)
