"""A file that may kill its reader -> what a process of its own tells of it, with limits on memory and time."""

import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sc_pipeline.errors import FileProblem
from sc_pipeline.limits import MEMORY, SECONDS, UNPACKED, memory_for

_LITTLE = 1 << 20
_PACKAGE = Path(__file__).parents[3]


@contextmanager
def read_apart(
    module: str, path: Path, name: str, form: str, scratch: Path
) -> Iterator[tuple[Path, Iterator[dict[str, Any]]]]:
    """A folder for what the process writes, and what it tells, line by line. The folder is gone afterwards.

    `name` is what messages call the file. Raises FileProblem where the file is refused, or the process ends early.
    """
    folder = scratch / "apart"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    source = folder / f"source{form}"  # a parser goes by the ending, which may be wrong in the release
    source.symlink_to(path.resolve())
    try:
        with ExitStack() as stack:
            yield folder, _told(module, source, folder, name, stack)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _told(module: str, source: Path, folder: Path, name: str, stack: ExitStack) -> Iterator[dict[str, Any]]:
    errors = stack.enter_context((folder / "stderr").open("w+b"))
    memory = memory_for(source.stat().st_size)
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(source), str(folder)],
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_PACKAGE), *sys.path])},
    )
    assert process.stdout
    stack.enter_context(process.stdout)
    stack.callback(process.wait)
    stack.callback(process.kill)
    for line in process.stdout:
        facts = json.loads(line)
        if "refused" in facts:
            raise FileProblem(f"{name}{facts['refused']}")
        yield facts
    if code := process.wait():
        errors.seek(0)
        said = errors.read().decode(errors="replace")
        # On a full disk the process may not even have had room to say why it ended.
        if "No space left on device" in said or shutil.disk_usage(folder).free < _LITTLE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        raise _killed(name, code, said, memory)


def _killed(name: str, code: int, errors: str, memory: int) -> FileProblem:
    """One line for a reader that came to an end before its file did."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return SECONDS.passed(name)
    if code == -signal.SIGXFSZ or "File too large" in errors:
        return UNPACKED.passed(name)
    if code < 0 or "memory" in errors.lower():
        return MEMORY.passed(name, memory)
    last = (errors.strip().splitlines() or ["no reason given"])[-1]
    return FileProblem(
        f"{name}: cannot be read (damaged, or not made as its format asks): {last[:200]}; fetch it "
        "again, or save its tables as .csv"
    )


# --- within the process


def confine(source: Path) -> None:
    """Hold this process to the limits of memory and time for its file, and have it leave no memory dump of it."""
    for kind, most in (
        (resource.RLIMIT_AS, memory_for(source.stat().st_size)),
        (resource.RLIMIT_FSIZE, UNPACKED.value),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, SECONDS.value),
    ):
        hard = resource.getrlimit(kind)[1]
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (soft, hard if kind == resource.RLIMIT_CPU else soft))


def tell(**facts: Any) -> None:
    """Tell the process that waits one thing; `refused` ends the reading."""
    print(json.dumps(facts), flush=True)
