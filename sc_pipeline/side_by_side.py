"""Jobs by name -> what became of each, done side by side by processes of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parents[1]
# Libraries that would otherwise start as many threads as there are cores, in each process.
_THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Killed:
    """In the place of an answer: the job's process was killed, by itself as well as beside others."""

    signal: str


def side_by_side(
    module: str, start: object, jobs: Mapping[str, object], count: int, began: Callable[[str], None]
) -> Iterator[tuple[str, Any]]:
    """Name and answer of each job, as it ends. `count` processes run `module`; each is told `start` once, then jobs.

    A job whose process is killed is tried once more when no other is under way, for what it lacked may have been
    memory. Raises RuntimeError where a process ends with an error; it has written its own traceback. Whatever ends
    this iterator ends the processes.
    """
    waiting, alone = list(jobs), list[str]()
    with ExitStack() as stack:
        idle = [_Worker(module, start, max(1, (os.cpu_count() or 1) // count), stack) for _ in range(count)]
        busy: dict[Connection, _Worker] = {}
        while waiting or busy or alone:
            while waiting and idle:
                began(waiting[0])
                worker = idle.pop()
                worker.give(waiting[0], jobs[waiting.pop(0)])
                busy[worker.connection] = worker
            if not busy:
                lonely = _Worker(module, start, os.cpu_count() or 1, stack)
                lonely.give(alone[0], jobs[alone[0]])
                yield alone.pop(0), lonely.answer()
            for ready in wait(list(busy)) if busy else ():
                worker = busy.pop(ready)  # type: ignore[call-overload]
                answer = worker.answer()
                if isinstance(answer, Killed):
                    alone.append(worker.job)
                    worker = _Worker(module, start, worker.threads, stack)
                else:
                    yield worker.job, answer
                idle.append(worker)


class _Worker:
    """One process, and the job it was given last."""

    def __init__(self, module: str, start: object, threads: int, stack: ExitStack) -> None:
        self.job, self.threads = "", threads
        self.connection, its = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, str(its.fileno())],
            pass_fds=[its.fileno()],
            env={
                **dict.fromkeys(_THREADS, str(threads)),
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(_PACKAGE), *sys.path]),
            },
        )
        stack.callback(self._end)
        its.close()
        self._send(start)

    def give(self, name: str, job: object) -> None:
        self.job = name
        self._send(job)

    def answer(self) -> Any:
        """What the process answers, or that it was killed. Raises RuntimeError where it ended with an error."""
        try:
            return self.connection.recv()
        except (EOFError, ConnectionError):
            code = self._process.wait()
        if code < 0:
            return Killed(signal.Signals(-code).name)
        raise RuntimeError(f"{self.job}: its process ended with exit code {code}; it wrote why above")

    def _send(self, what: object) -> None:
        with suppress(ConnectionError):  # it was killed: waiting for its answer tells
            self.connection.send(what)

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        self.connection.close()
