"""Machines that share a bucket and a Postgres, and nothing else, build the project that ships: the tables are the same.

The bucket is moto's, on this machine; each machine is a folder with processes of its own. Skipped where one of the two
is missing; .ci/full has both.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from sc_pipeline.defs import assets
from sc_pipeline.defs.working import POOL
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.store import Store
from sc_pipeline.store.bucket import Bucket
from sc_pipeline.store.mirror import Mirror
from sc_pipeline.store.parts import read_part
from tests.builders import TRAC, YEARLY, ask

BINARIES = [Path(initdb).parent for initdb in [shutil.which("initdb")] if initdb]
BINARIES += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
IS_REQUIRED = os.environ.get("SC_PIPELINE_BUCKET") == "required"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
# As docs/scale.md has it: one machine at a time makes what is made of all releases.
DAGSTER = """
storage:
  postgres:
    postgres_db:
      scheme: postgresql+psycopg2
      hostname: 127.0.0.1
      port: {port}
      username: postgres
      password: ""
      db_name: postgres
concurrency:
  pools:
    granularity: op
    default_limit: 1
telemetry:
  enabled: false
"""
WORK = """
import json, sys
from sc_pipeline.defs import runs
from sc_pipeline.project import open_project

with runs.records(open_project()) as instance:
    releases = sys.argv[1:]
    runs.register_releases(instance, releases)
    print(json.dumps(runs.run_releases(instance, releases) if releases else runs.run_rest(instance)))
"""

POOLED = {asset.op.name for asset in assets.ALL if isinstance(asset, dg.AssetsDefinition) and asset.op.pool == POOL}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not IS_REQUIRED and not (BINARIES and find_spec("dagster_postgres") and find_spec("moto")),
        reason="no Postgres, or no bucket",
    ),
]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(what: str, is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < until, f"not within two minutes: {what}"
        time.sleep(0.2)


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def postgres() -> Iterator[int]:
    """The port of a Postgres of this test's own."""
    home = Path(tempfile.mkdtemp(prefix="sc-pipeline-postgres-", dir="/tmp"))
    # Postgres refuses to run as root.
    other: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    if other:
        shutil.chown(home, "nobody", "nogroup")
    port, data = free_port(), home / "data"
    initdb = [BINARIES[0] / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=home, **other)
    options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={home}", "-p", str(port)]
    with (home / "log").open("wb") as log:
        start = [BINARIES[0] / "postgres", "-D", data, *options]
        server = subprocess.Popen(start, stdout=log, stderr=log, cwd=home, **other)
    try:
        wait_for("Postgres answers", lambda: "ready to accept connections" in (home / "log").read_text())
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
        shutil.rmtree(home)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A bucket of this test's own, that speaks as S3 does."""
    import boto3

    port = free_port()
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for("the bucket answers", lambda: answers(port))
        address = f"http://127.0.0.1:{port}"
        boto3.client("s3", endpoint_url=address, region_name="us-east-1").create_bucket(Bucket="tables")
        yield Bucket(f"s3://tables/project?endpoint_override=127.0.0.1:{port}&scheme=http&region=us-east-1")
    finally:
        server.terminate()
        server.wait()


class Machine:
    """A machine of its own: a project with a copy of some releases, and its own processes."""

    def __init__(self, folder: Path, bucket: Bucket, port: int, releases: list[Path]) -> None:
        self.project = Project(folder / "raw", folder / "warehouse", folder=folder)
        for release in releases:
            shutil.copytree(release, self.project.raw / release.name)
        (folder / "sc_pipeline.toml").write_text(f'store = "{bucket.address}"\n')
        self.project.dagster_home.mkdir(parents=True)
        (self.project.dagster_home / "dagster.yaml").write_text(DAGSTER.format(port=port))

    def start(self, *releases: str) -> subprocess.Popen[str]:
        """A Dagster run: of releases, or of all that is made of them together."""
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "SC_PIPELINE_PROJECT": str(self.project.home)}
        return subprocess.Popen(
            [sys.executable, "-c", WORK, *releases],
            env=environment,
            cwd=self.project.home,
            stdout=subprocess.PIPE,
            text=True,
        )


def ended(process: subprocess.Popen[str]) -> list[str]:
    """What a run tells at its end: what failed."""
    told, _ = process.communicate(timeout=600)
    assert process.returncode == 0
    return json.loads(told.splitlines()[-1])


def test_two_machines_that_share_a_bucket_and_postgres_alone_build_what_one_builds(
    tmp_path: Path, bucket: Bucket, postgres: int, shipped_once: Project
) -> None:
    one, two, three, four = (
        Machine(tmp_path / name, bucket, postgres, releases)
        for name, releases in (
            ("one", [TRAC]),
            ("two", [YEARLY]),
            ("three", [TRAC, YEARLY]),
            ("four", [TRAC, YEARLY]),
        )
    )
    side_by_side = [one.start(TRAC.name), two.start(YEARLY.name)]
    assert [ended(process) for process in side_by_side] == [[], []]
    assert not three.project.warehouse.joinpath("tables").exists()
    # Both may make the rest: one at a time does, and the other finds it made.
    assert [ended(process) for process in [three.start(), four.start()]] == [[], []]
    tables = "select table_name, rows, sha256 from meta.tables order by 1"
    expected = ask(shipped_once, tables)
    assert len(expected) > 40
    assert ask(three.project, tables) == ask(four.project, tables) == expected
    with dg.DagsterInstance.from_config(str(three.project.dagster_home)) as instance:
        assert sorted(instance.get_dynamic_partitions(assets.RELEASES)) == sorted([TRAC.name, YEARLY.name])
        assert [run.status.value for run in instance.get_runs()] == ["SUCCESS"] * 4
        steps = [
            (step.start_time, step.end_time, step.step_key)
            for run in instance.get_runs()
            if "dagster/partition" not in run.tags
            for step in instance.get_run_step_stats(run.run_id)
            if step.step_key in POOLED
        ]
    assert len(steps) == 2 * len(POOLED)
    assert [(a, b) for a, b in pairwise(sorted(steps)) if a[1] > b[0]] == []
    # Whoever comes later finds all of it, without a file of those before.
    root = tmp_path / "five" / "tables"
    store = Store(root, mirror=Mirror(root, bucket))
    note = store.note("monthly_removals")
    assert note and read_part(store.path("monthly_removals")).num_rows == note.rows > 0
    assert store.damaged == []
