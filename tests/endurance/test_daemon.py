"""The UI and the daemon that `sc-pipeline ui` starts: a release copied slowly into raw/ is taken in once."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import dagster as dg
import pytest

from sc_pipeline.project import Project
from tests.builders import IS_FULL, TRAC, ask

# Long enough for a look of the sensor (every 10 seconds), at full size for several of each sensor.
QUIET_SECONDS = 45 if IS_FULL else 12
SECONDS_A_LINE = 0.06 if IS_FULL else 0.02


def wait_for(what: str, holds: Callable[[], bool], seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"waited in vain until {what}"
        time.sleep(0.5)


@contextmanager
def user_interface(project: Project, end: signal.Signals = signal.SIGTERM) -> Iterator[None]:
    """`sc-pipeline ui` over the project, as long as this lasts; it and its children get `end`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = project.raw.parent
    log = folder / "ui.log"
    command = [sys.executable, "-m", "sc_pipeline.cli", "ui", "--port", str(port)]
    command += ["--raw", str(project.raw), "--warehouse", str(project.warehouse)]
    with log.open("w") as output:
        ui = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, cwd=folder)
    try:
        wait_for("the UI is up", lambda: "Serving dagster-webserver" in log.read_text())
        yield
    finally:
        os.killpg(ui.pid, end)
        ui.wait(timeout=60)


def answers(project: Project, host: str, query: str) -> int:
    """What the webserver answers to a question that is asked of a host of this name."""
    log = (project.raw.parent / "ui.log").read_text()
    port = int(re.findall(r"Serving dagster-webserver on http://127.0.0.1:(\d+)", log)[-1])
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/graphql?{query}", headers={"Host": host})
    return connection.getresponse().status


def copy_slowly(source: Path, target: Path) -> None:
    target.mkdir()
    for path in sorted(source.iterdir()):
        with (target / path.name).open("wb") as file:
            for line in path.read_bytes().splitlines(keepends=True):
                file.write(line)
                file.flush()
                time.sleep(SECONDS_A_LINE)


def runs_of(project: Project) -> list[tuple[str | None, str]]:
    """Release and state of every run the daemon knows, the first one first."""
    with dg.DagsterInstance.from_config(str(project.dagster_home)) as instance:
        runs = reversed(list(instance.get_runs()))
        return [(run.tags.get("dagster/partition"), run.status.value) for run in runs]


def first_run(project: Project) -> float:
    """When the daemon asked for its first run, in seconds since 1970."""
    with dg.DagsterInstance.from_config(str(project.dagster_home)) as instance:
        return min(record.create_timestamp.timestamp() for record in instance.get_run_records())


@pytest.mark.slow
def test_a_slow_copy_is_taken_in_by_one_run_and_followed_by_one(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(project.dagster_home))
    with user_interface(project):
        copy_slowly(TRAC, project.raw / TRAC.name)
        copied = time.time()
        assert answers(project, "evil.example", "query=%7B__typename%7D") == 403
        assert answers(project, "127.0.0.1", "query=%7B__typename%7D") == 200
        both = [(TRAC.name, "SUCCESS"), (None, "SUCCESS")]
        wait_for("both runs have ended", lambda: runs_of(project) == both)
        assert first_run(project) > copied, "a run was asked for before the copy was complete"
        assert ask(project, "select sum(sc) from removals_by_source") == [(552910,)]
        for path in (project.raw / TRAC.name).iterdir():
            path.write_bytes(path.read_bytes())
        time.sleep(QUIET_SECONDS)
        assert runs_of(project) == both


@pytest.mark.slow
@pytest.mark.skipif(not IS_FULL, reason="two starts of the UI take minutes")
def test_a_run_that_was_killed_with_the_ui_is_repeated_when_it_starts_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(project.dagster_home))
    with user_interface(project, end=signal.SIGKILL):
        copy_slowly(TRAC, project.raw / TRAC.name)
        wait_for("a run is at work", lambda: runs_of(project) == [(TRAC.name, "STARTED")])
    with user_interface(project):
        wait_for(
            "the release is published",
            lambda: runs_of(project) == [(TRAC.name, "FAILURE"), (TRAC.name, "SUCCESS"), (None, "SUCCESS")],
        )
    assert ask(project, "select sum(sc) from removals_by_source") == [(552910,)]
