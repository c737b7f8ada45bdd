"""Where one project lives: its raw folder, its warehouse, and the lock that lets one writer in at a time."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sc_pipeline.errors import UsageError

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Project:
    """The two folders everything happens in."""

    raw: Path
    warehouse: Path

    @property
    def tables(self) -> Path:
        """The folder of the Parquet tables."""
        return self.warehouse / "tables"

    @property
    def published(self) -> Path:
        """The DuckDB file that people read."""
        return self.warehouse / "sc_pipeline.duckdb"

    @property
    def site(self) -> Path:
        """The report and what belongs to it, as anyone can put on a web host."""
        return self.warehouse / "site"

    @property
    def scratch(self) -> Path:
        """Temporary files; never read by a later build."""
        return self.warehouse / ".scratch"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own records: runs, partitions, logs."""
        return self.warehouse / "dagster"


def open_project(raw: Path | None = None, warehouse: Path | None = None) -> Project:
    """The folders as given, else as SC_PIPELINE_RAW and SC_PIPELINE_WAREHOUSE say, else the repository's own.

    Raises UsageError for a warehouse with a question mark in its path: DuckDB takes what follows it for a query.
    """
    raw = raw or Path(os.environ.get("SC_PIPELINE_RAW") or REPOSITORY / "raw")
    warehouse = warehouse or Path(os.environ.get("SC_PIPELINE_WAREHOUSE") or REPOSITORY / "warehouse")
    project = Project(raw.resolve(), warehouse.resolve())
    if "?" in str(project.warehouse):
        raise UsageError(f"{project.warehouse}: DuckDB cannot write to a path with a question mark; rename the folder")
    return project


def webhook() -> str | None:
    """Where failures are posted, if anywhere."""
    return os.environ.get("SC_PIPELINE_WEBHOOK") or None


@contextmanager
def one_writer(project: Project, doing: str, say: Callable[[str], None] = print) -> Iterator[None]:
    """Hold the warehouse's lock. Waits for another holder and says who it is.

    The operating system lets go of the lock when its process dies, so a killed process leaves none behind.
    Within one process the lock may be taken again: one process runs one build at a time.
    """
    from filelock import FileLock, Timeout

    project.warehouse.mkdir(parents=True, exist_ok=True)
    lock = FileLock(project.warehouse / ".lock", is_singleton=True, thread_local=False)
    holder = project.warehouse / ".lock-holder.json"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"waiting: {_who(holder)} is writing to {project.warehouse}")
        lock.acquire()
    try:
        if lock.lock_counter == 1:
            facts = {"doing": doing, "pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
            holder.write_text(json.dumps(facts), encoding="utf-8")
        yield
    finally:
        lock.release()


def is_free(project: Project) -> bool:
    """Whether nobody holds the warehouse's lock now."""
    from filelock import FileLock, Timeout

    lock = FileLock(project.warehouse / ".lock")
    try:
        with lock.acquire(timeout=0):
            return True
    except Timeout:
        return False


def _who(holder: Path) -> str:
    """The holder of the lock in words; another process may be about to write the note, hence the fallback."""
    try:
        facts = json.loads(holder.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return "another process"
    return f"{facts['doing']} (process {facts['pid']}, since {facts['since']})"


@cache
def commit() -> str | None:
    """The commit of the code that runs, where it runs from a git checkout; `-dirty` follows where a file was edited."""
    if not (REPOSITORY / ".git").exists():
        return None
    describe = ["git", "-C", str(REPOSITORY), "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty"]
    try:
        found = subprocess.run(describe, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
