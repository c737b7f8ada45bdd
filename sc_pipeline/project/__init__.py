"""Where one project lives: its folders, its settings, and the lock that lets one writer in at a time."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sc_pipeline.errors import UsageError
from sc_pipeline.project.settings import SETTINGS_FILE, TEMPLATE, Settings, read_settings

# The checkout, where the code runs from one: `commit` and the shipped release ask. A project may be anywhere.
_PACKAGE = Path(__file__).resolve().parent.parent
REPOSITORY = _PACKAGE.parent
UI_SITE = "/site"  # where the UI's server shows the report and the explorer
SHIPPED = ("trac-2017-11", "ice-yearly-totals")


@dataclass(frozen=True)
class Project:
    """The two folders everything happens in, and what its settings say."""

    raw: Path
    warehouse: Path
    settings: Settings = field(default_factory=Settings)
    folder: Path | None = None
    """Where its settings and its lock of hashes are; None: beside the warehouse."""

    @property
    def home(self) -> Path:
        """The folder of the project."""
        return self.folder or self.warehouse.parent

    @property
    def hash_lock(self) -> Path:
        """The hashes of the tables that `verify --lock` compares with; kept with the project's code."""
        return self.home / "warehouse.lock.json"

    @property
    def tables(self) -> Path:
        """The folder of the Parquet tables."""
        return self.warehouse / "tables"

    @property
    def published(self) -> Path:
        """The DuckDB file that people read."""
        return self.warehouse / "sc_pipeline.duckdb"

    @property
    def rows(self) -> Path:
        """The Parquet files of rows that the published file reads, where it would be too big with them."""
        return self.warehouse / "rows"

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


def open_project(raw: Path | None = None, warehouse: Path | None = None, folder: Path | None = None) -> Project:
    """The project in a folder; its raw/ and warehouse/ may be elsewhere.

    What is given goes first, then SC_PIPELINE_RAW, SC_PIPELINE_WAREHOUSE and SC_PIPELINE_PROJECT, then the working
    directory. Raises UsageError for a folder that is not there, for settings that cannot be read, and for a warehouse
    with a question mark in its path: DuckDB takes what follows it for a query.
    """
    home = (folder or Path(os.environ.get("SC_PIPELINE_PROJECT") or ".")).resolve()
    if not home.is_dir():
        raise UsageError(f"{home}: no such folder; make a project there with: sc-pipeline init")
    of_environment = os.environ if folder is None else {}
    raw = raw or Path(of_environment.get("SC_PIPELINE_RAW") or home / "raw")
    warehouse = warehouse or Path(of_environment.get("SC_PIPELINE_WAREHOUSE") or home / "warehouse")
    project = Project(raw.resolve(), warehouse.resolve(), read_settings(home / SETTINGS_FILE), home)
    if "?" in str(project.warehouse):
        raise UsageError(f"{project.warehouse}: DuckDB cannot write to a path with a question mark; rename the folder")
    return project


def init_project(folder: Path, with_release: bool = True) -> list[Path]:
    """Make a project in a folder: raw/ with the releases that ship, and sc_pipeline.toml. Returns what was made.

    What is there already stays as it is.
    """
    raw, settings = folder / "raw", folder / SETTINGS_FILE
    made = []
    if with_release and not raw.exists():
        for name in SHIPPED:
            shutil.copytree(shipped_release(name), raw / name)
            made.append(raw / name)
    elif not raw.exists():
        raw.mkdir(parents=True)
        made.append(raw)
    if not settings.exists():
        settings.write_text(TEMPLATE, encoding="utf-8")
        made.append(settings)
    return made


def shipped_release(name: str = SHIPPED[0]) -> Path:
    """A release that ships, TRAC's tables first: part of the installed package, and in a checkout in its raw/."""
    installed = _PACKAGE / "shipped" / name
    return installed if installed.exists() else REPOSITORY / "raw" / name


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
