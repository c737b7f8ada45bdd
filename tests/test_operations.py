"""Faults for real: readers during publishes, killed builds, a full disk, two builds at once."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from sc_pipeline.build import build_directly
from sc_pipeline.workspace import REPOSITORY, Workspace, one_writer

TRAC = REPOSITORY / "raw" / "trac-2017-11"
BUILD = """
import sys
from pathlib import Path
from sc_pipeline.build import build_directly
from sc_pipeline.workspace import Workspace
build_directly(Workspace(Path(sys.argv[1]), Path(sys.argv[2])))
"""
READ = """
import sys, time
import duckdb
path, until = sys.argv[1], time.monotonic() + float(sys.argv[2])
reads = 0
while time.monotonic() < until or reads < 3:
    with duckdb.connect(path, read_only=True) as connection:
        rows = connection.execute(
            "select (select title from meta.releases), (select sum(sc) from removals_by_source), "
            "(select count(*) from published_comparison)"
        ).fetchall()
    assert rows[0][0].startswith("version ") and rows[0][1:] == (552910, 352), rows
    reads += 1
"""


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    shutil.copytree(TRAC, tmp_path / "raw" / TRAC.name)
    return Workspace(tmp_path / "raw", tmp_path / "warehouse")


def retitle(ws: Workspace, title: str) -> None:
    """Change the release's manifest, so that the next build publishes something else."""
    manifest = ws.raw / TRAC.name / "release.toml"
    lines = [f'title = "{title}"' if line.startswith("title") else line for line in manifest.read_text().splitlines()]
    manifest.write_text("\n".join(lines) + "\n")


def title_of(ws: Workspace) -> str:
    with duckdb.connect(ws.published, read_only=True) as connection:
        return connection.execute("select title from meta.releases").fetchall()[0][0]


@pytest.mark.slow
def test_twenty_readers_see_one_whole_version_each_through_twenty_publishes(ws: Workspace) -> None:
    retitle(ws, "version 0")
    build_directly(ws)
    command = [sys.executable, "-c", READ, str(ws.published), "30"]
    readers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(20)]
    for version in range(1, 21):
        retitle(ws, f"version {version}")
        assert build_directly(ws) == []
    errors = [reader.communicate(timeout=200)[1] for reader in readers]
    assert [error for error in errors if error] == []
    assert {reader.returncode for reader in readers} == {0}
    assert title_of(ws) == "version 20"


@pytest.mark.slow
def test_a_build_killed_at_fifty_moments_leaves_the_old_or_the_new_and_the_next_one_succeeds(ws: Workspace) -> None:
    retitle(ws, "old")
    build_directly(ws)
    moments = random.Random(2017)
    command = [sys.executable, "-c", BUILD, str(ws.raw), str(ws.warehouse)]
    started = time.monotonic()
    subprocess.run(command, check=True)
    whole = time.monotonic() - started
    for number in range(50):
        before = title_of(ws)
        retitle(ws, f"new {number}")
        build = subprocess.Popen(command)
        time.sleep(moments.uniform(0.3, 1.0) * (whole + 2.0))
        build.send_signal(signal.SIGKILL)
        build.wait()
        assert title_of(ws) in (before, f"new {number}")
        with duckdb.connect(ws.published, read_only=True) as connection:
            assert connection.execute("select sum(sc) from removals_by_source").fetchall() == [(552910,)]
    assert build_directly(ws) == []
    assert title_of(ws) == "new 49"
    leftovers = [path.name for path in ws.warehouse.glob(".*.tmp*") if f".{os.getpid()}." in path.name]
    assert leftovers == []


def test_a_full_disk_leaves_the_published_file_as_it_was(ws: Workspace) -> None:
    build_directly(ws)
    before = ws.published.read_bytes()
    retitle(ws, "another")

    def small_files_only() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    command = [sys.executable, "-c", BUILD, str(ws.raw), str(ws.warehouse)]
    failed = subprocess.run(command, preexec_fn=small_files_only, capture_output=True, check=False)
    assert failed.returncode != 0
    assert ws.published.read_bytes() == before
    assert build_directly(ws) == []
    assert title_of(ws) == "another"


def test_a_second_writer_waits_and_is_told_who_holds_the_lock(ws: Workspace) -> None:
    said: list[str] = []
    hold = (
        "import sys, time\nfrom pathlib import Path\nfrom sc_pipeline.workspace import Workspace, one_writer\n"
        "with one_writer(Workspace(Path('.'), Path(sys.argv[1])), 'the other build', print):\n"
        "    print('held', flush=True)\n    time.sleep(2)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", hold, str(ws.warehouse)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with one_writer(ws, "this build", said.append):
        assert other.wait(timeout=10) == 0
    assert len(said) == 1
    assert f"the other build (process {other.pid}" in said[0]


def test_the_lock_of_a_killed_process_is_no_obstacle(ws: Workspace) -> None:
    hold = (
        "import sys, time\nfrom pathlib import Path\nfrom sc_pipeline.workspace import Workspace, one_writer\n"
        "with one_writer(Workspace(Path('.'), Path(sys.argv[1])), 'a build', print):\n"
        "    print('held', flush=True)\n    time.sleep(600)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", hold, str(ws.warehouse)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    other.stdout.readline()
    other.kill()
    other.wait()
    said: list[str] = []
    with one_writer(ws, "this build", said.append):
        assert said == []
