"""Dagster: its own way to start runs, which also tells whether the process of a run still lives.

dagster.yaml names it as `run_launcher`. Dagster's own starts a run as a child process of the code server, and nobody
asks after it where the server itself was killed: such a run stays "started" for ever, and those behind it wait.
"""

import json

from dagster._core.errors import DagsterUserCodeUnreachableError, DagsterUserCodeUnreachableTimeoutError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.dagster_run import DagsterRun
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

_LIVES = CheckRunHealthResult(WorkerStatus.RUNNING)


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's own launcher; run monitoring may ask it after a run."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """What the code server that started a run says of its process."""
        client = self._get_grpc_client_for_termination(run.run_id)
        if client is None:
            return _LIVES  # nobody's child: `sc-pipeline build` runs it, and the next one ends what it left
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id))
        except DagsterUserCodeUnreachableTimeoutError:
            return _LIVES  # the server is busy
        except DagsterUserCodeUnreachableError as problem:
            if "socket" not in json.loads(run.tags[GRPC_INFO_TAG]):
                return _LIVES  # the server is a service, which comes back, and then tells
            # `sc-pipeline ui` starts its server anew each time, on a socket of its own.
            return CheckRunHealthResult(WorkerStatus.FAILED, f"the server that started it is gone: {_first(problem)}")
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return _LIVES
        return CheckRunHealthResult(WorkerStatus.FAILED, "its process is gone")


def _first(problem: Exception) -> str:
    return str(problem).splitlines()[0]
