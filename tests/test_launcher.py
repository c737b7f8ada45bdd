"""Whether the process of a run still lives: what its code server says, and what it means that there is none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.errors import DagsterUserCodeUnreachableError, DagsterUserCodeUnreachableTimeoutError
from dagster._core.launcher import WorkerStatus
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionResult
from dagster._serdes import serialize_value

from sc_pipeline import definitions
from sc_pipeline.defs import launcher
from sc_pipeline.project import REPOSITORY

SOCKET, PORT = {"host": "localhost", "socket": "/tmp/of-a-server"}, {"host": "code", "port": 4000}
Answer = Callable[..., str]


def says(can_cancel: bool) -> Answer:
    return lambda *_: serialize_value(CanCancelExecutionResult(can_cancel=can_cancel))


def fails(problem: Exception) -> Answer:
    def answer(*_: Any) -> str:
        raise problem

    return answer


GONE = DagsterUserCodeUnreachableError("Could not reach user code server\nand more")
BUSY = DagsterUserCodeUnreachableTimeoutError("it took too long")


@pytest.mark.parametrize(
    ("server", "answer", "status", "why"),
    [
        (SOCKET, says(True), WorkerStatus.RUNNING, None),
        (PORT, says(True), WorkerStatus.RUNNING, None),
        (SOCKET, says(False), WorkerStatus.FAILED, "its process is gone"),
        (PORT, says(False), WorkerStatus.FAILED, "its process is gone"),
        (
            SOCKET,
            fails(GONE),
            WorkerStatus.FAILED,
            "the server that started it is gone: Could not reach user code server",
        ),
        (PORT, fails(GONE), WorkerStatus.RUNNING, None),
        (SOCKET, fails(BUSY), WorkerStatus.RUNNING, None),
        (None, fails(GONE), WorkerStatus.RUNNING, None),
    ],
)
def test_a_run_lives_unless_its_server_denies_it_or_is_gone_for_good(
    monkeypatch: pytest.MonkeyPatch,
    server: dict[str, Any] | None,
    answer: Answer,
    status: WorkerStatus,
    why: str | None,
) -> None:
    monkeypatch.setattr(DagsterGrpcClient, "can_cancel_execution", answer)
    with dg.DagsterInstance.ephemeral() as instance:
        watched = launcher.WatchedRunLauncher()
        watched.register_instance(instance)
        run = instance.create_run_for_job(
            definitions.defs.resolve_job_def("build"),
            status=dg.DagsterRunStatus.STARTED,
            tags={".dagster/grpc_info": json.dumps(server)} if server else {},
        )
        health = watched.check_run_worker_health(run)
    assert (health.status, health.msg) == (status, why)


def test_both_sets_of_settings_differ_in_where_the_records_are_and_in_nothing_else() -> None:
    alone, service = (
        yaml.safe_load((REPOSITORY / place).read_text(encoding="utf-8"))
        for place in (Path("sc_pipeline/defs/dagster.yaml"), Path("deploy/dagster.yaml"))
    )
    assert alone.pop("event_log_storage") and service.pop("storage")
    assert alone == service
