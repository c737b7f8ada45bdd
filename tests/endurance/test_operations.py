"""Readers, writers and accidents: people read while it publishes, builds are killed, disks fill, two start at once."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from sc_pipeline import definitions
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.defs import runs
from sc_pipeline.project import Project, one_writer
from sc_pipeline.store import Store
from tests.builders import IS_FULL, cases, removal
from tests.reliability import measured

RELEASE = "cases"
READERS, VERSIONS, KILLS = (20, 20, 50) if IS_FULL else (3, 2, 3)


def land(project: Project, version: int) -> None:
    """The release in its version so and so, which has as many rows and says so in its title, instead of the last."""
    Store(project.tables).drop("staged_rows", RELEASE)
    manifest = f'title = "{version}"\nreceived = 2018-01-31\n'
    cases(project, RELEASE, [removal("2016-05-03", county=f"county {number}") for number in range(version)], manifest)


# The same number, four ways: from the manifest, the rows, what is counted from them, and what was read.
VERSION = """
select
    (select title::bigint from meta.releases),
    (select count(*) from removals),
    (select removals from monthly_removals where month = '2016-05-01' and population = 'sc' and subset = 'all'),
    (select rows_accepted from meta.source_files)
"""


def published(project: Project) -> int:
    """The version of the published file, which must be a whole one."""
    with duckdb.connect(project.published, read_only=True) as connection:
        found = set(connection.execute(VERSION).fetchall()[0])
    assert len(found) == 1, f"a mixed version: {found}"
    return found.pop()


@contextmanager
def python(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another Python process with a pipe both ways, ended at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


READER = """
import os, sys, time, duckdb
from pathlib import Path
path, stop, sql = sys.argv[1:]
seen = []
print("ready", flush=True)
while True:
    last = Path(stop).exists() or os.getppid() == 1  # killed tests leave no reader behind
    with duckdb.connect(path, read_only=True) as connection:
        first = set(connection.execute(sql).fetchall()[0])
        time.sleep(0.3)
        again = set(connection.execute(sql).fetchall()[0])
    assert len(first) == 1 and first == again, (first, again)
    if not seen or seen[-1] not in first:
        seen += first
    if last:
        break
print(*seen, flush=True)
"""


@pytest.mark.slow
def test_readers_see_whole_versions_while_others_are_published(project: Project, tmp_path: Path) -> None:
    land(project, 1)
    build_without_dagster(project)
    stop = tmp_path / "stop"
    arguments = [sys.executable, "-c", READER, str(project.published), str(stop), VERSION]
    readers = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    try:
        assert [line_of(reader) for reader in readers] == ["ready"] * READERS
        for version in range(2, VERSIONS + 2):
            land(project, version)
            assert build_without_dagster(project) == []
        stop.touch()
        seen = [[int(version) for version in line_of(reader).split()] for reader in readers]
        assert [reader.wait(timeout=300) for reader in readers] == [0] * READERS
    finally:
        for reader in readers:
            reader.kill()
    assert all(versions == sorted(versions) and versions[-1] == VERSIONS + 1 for versions in seen)
    # A reader ends at its first error and at the first mix of two versions.
    measured("readers", readers=READERS, builds=VERSIONS, errors=0, mixed=0)


def test_an_open_reader_keeps_the_old_file_and_the_next_sees_the_new(project: Project) -> None:
    land(project, 3)
    build_without_dagster(project)
    announced = READER.replace("time.sleep(0.3)", "print('open', flush=True); input()")
    with python(announced, project.published, "/", VERSION) as reader:
        assert [line_of(reader), line_of(reader)] == ["ready", "open"]
        land(project, 4)
        assert build_without_dagster(project) == []
        assert published(project) == 4
        assert reader.stdin
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert line_of(reader) == "3"


BUILDER = """
import sys
from pathlib import Path
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.defs import runs
from sc_pipeline.project import Project, one_writer
project = Project(Path(sys.argv[1]), Path(sys.argv[2]))
print("ready", flush=True)
input()
print("begun", flush=True)
with one_writer(project, "a build to be killed"):
    build_without_dagster(project)
print("done", flush=True)
"""


def go(builder: subprocess.Popen[str]) -> None:
    assert builder.stdin and line_of(builder) == "ready"
    builder.stdin.write("\n")
    builder.stdin.flush()
    assert line_of(builder) == "begun"


@pytest.mark.slow
def test_a_build_killed_at_any_moment_leaves_the_old_or_the_new_file(project: Project) -> None:
    land(project, 1)
    with python(BUILDER, project.raw, project.warehouse) as builder:
        go(builder)
        begun = time.monotonic()
        assert line_of(builder) == "done"
        whole = time.monotonic() - begun
    luck = random.Random(2017)
    # One in each stretch of a build, so that few kills meet its beginning and its end too.
    moments = [whole * (number + luck.random()) / KILLS for number in range(KILLS)]
    left = set()
    with ExitStack() as processes:
        builders = [processes.enter_context(python(BUILDER, project.raw, project.warehouse)) for _ in range(2)]
        for version, moment in enumerate(moments, 2):
            # The next one imports what it needs while this one is looked at.
            builders.append(processes.enter_context(python(BUILDER, project.raw, project.warehouse)))
            builder = builders.pop(0)
            land(project, version)
            go(builder)
            time.sleep(moment)
            builder.send_signal(signal.SIGKILL)
            builder.wait()
            found = published(project)
            assert found in (version - 1, version)
            left.add(version - found)
            with one_writer(project, "the next build", pytest.fail):
                assert build_without_dagster(project) == []
            assert published(project) == version
    assert 1 in left, "no build was killed before it had published"
    measured("kills", kills=KILLS)
    # What killed builds left half-written is gone from where it would pile up.
    assert [path.name for path in project.warehouse.glob("*.duckdb*.tmp*")] == []


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
""" + BUILDER.replace("input()", "")


def test_a_full_disk_leaves_the_old_file_and_the_next_build_succeeds(project: Project) -> None:
    land(project, 5)
    build_without_dagster(project)
    assert project.published.stat().st_size > 500_000
    land(project, 6)
    for room in (2_000, 20_000, 500_000):
        with python(FULL, project.raw, project.warehouse, room) as builder:
            assert builder.wait(timeout=300) == 1, room
        assert published(project) == 5, room
    assert build_without_dagster(project) == []
    assert published(project) == 6


HOLDER = """
import sys
from pathlib import Path
from sc_pipeline.project import Project, one_writer
with one_writer(Project(Path(sys.argv[1]), Path(sys.argv[2])), "run 1234"):
    print("held", flush=True)
    input()
"""


def test_a_run_of_a_killed_build_does_not_hold_up_the_queue(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DAGSTER_HOME", "SC_PIPELINE_RAW", "SC_PIPELINE_WAREHOUSE"):
        monkeypatch.setenv(name, str(project.dagster_home))
    states = {"killed": {"sc_pipeline/started_by": "sc-pipeline build"}, "of the UI": {}}
    with runs.records(project) as instance:
        started = {
            name: instance.create_run_for_job(
                definitions.defs.resolve_job_def("build"), status=dg.DagsterRunStatus.STARTED, tags=tags
            ).run_id
            for name, tags in states.items()
        }
        runs.end_killed_runs(instance)
        ended = {name: instance.get_run_by_id(run_id).status for name, run_id in started.items()}
    assert ended == {"killed": dg.DagsterRunStatus.FAILURE, "of the UI": dg.DagsterRunStatus.STARTED}


def test_a_second_writer_is_told_who_holds_the_lock_and_a_killed_holder_is_no_obstacle(project: Project) -> None:
    said: list[str] = []
    with python(HOLDER, project.raw, project.warehouse) as holder:
        assert line_of(holder) == "held"

        def kill_it(line: str) -> None:
            said.append(line)
            holder.kill()

        with one_writer(project, "sc-pipeline build", kill_it):
            facts = json.loads((project.warehouse / ".lock-holder.json").read_text())
    assert len(said) == 1
    assert said[0].startswith(f"waiting: run 1234 (process {holder.pid}, since 20")
    assert facts["doing"] == "sc-pipeline build"
