"""The processes of deploy/compose.yaml with a real Postgres, without Docker: what lands in raw/ is published.

They are started by the commands, settings and health checks of that file, in a folder in place of a container's.
Skipped where there is no Postgres or no dagster-postgres; .ci/full has both.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from sc_pipeline.project import REPOSITORY, Project
from tests.builders import TRAC, YEARLY, ask
from tests.endurance.test_daemon import copy_slowly, wait_for

DEPLOY = REPOSITORY / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
BINARIES = [Path(initdb).parent for initdb in [shutil.which("initdb")] if initdb]
BINARIES += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
IS_REQUIRED = os.environ.get("SC_PIPELINE_DEPLOYMENT") == "required"
PASSWORD = "not a secret"
RUNS = "{runsOrError{... on Runs{results{status tags{key value}}}}}"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not IS_REQUIRED and not (BINARIES and find_spec("dagster_postgres")), reason="no Postgres, or no driver of it"
    ),
]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@dataclass
class Deployment:
    """The services of compose.yaml in a folder."""

    project: Project
    ports: dict[str, int]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """What compose.yaml sets, its values those of this place."""
        here = {
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(self.ports["postgres"]),
            "DAGSTER_PG_PASSWORD": PASSWORD,
            "SC_PIPELINE_CODE_HOST": "127.0.0.1",
            "SC_PIPELINE_CODE_PORT": str(self.ports["code"]),
            "SC_PIPELINE_SITE_URL": f"http://127.0.0.1:{self.ports['pages']}",
        }
        stated = {name: "" if "${" in value else value for name, value in COMPOSE["x-settings"].items()}
        assert here.keys() <= stated.keys()
        image = {
            "SC_PIPELINE_PROJECT": str(self.project.raw.parent),
            "SC_PIPELINE_RAW": str(self.project.raw),
            "SC_PIPELINE_WAREHOUSE": str(self.project.warehouse),
            "DAGSTER_HOME": str(self.project.dagster_home),
        }
        path = os.pathsep.join([str(Path(sys.executable).parent), *map(str, BINARIES), os.environ["PATH"]])
        client = {"PGHOST": "127.0.0.1", "PGPORT": str(self.ports["postgres"])}
        return os.environ | stated | here | image | client | {"PATH": path, "PYTHONPATH": str(REPOSITORY)}

    def command(self, words: list[str]) -> list[str]:
        """A command of compose.yaml: where it names the container's folders and addresses, those of this place."""
        ports = {"4000": "code", "3000": "webserver", "8080": "pages"}
        found = []
        for word in words:
            word = word.replace("/app/", f"{DEPLOY}/").replace("/srv/warehouse", str(self.project.warehouse))
            word = word.replace("0.0.0.0", "127.0.0.1")
            for number, name in ports.items():
                word = word.replace(number, str(self.ports[name]))
            found.append(word)
        return found

    def start(self, name: str) -> None:
        log = (self.project.raw.parent / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            self.command(COMPOSE["services"][name]["command"]),
            env=self.settings,
            cwd=self.project.raw.parent,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        wait_for(f"{name} is healthy", lambda: self.is_healthy(name))

    def is_healthy(self, name: str) -> bool:
        words = COMPOSE["services"][name]["healthcheck"]["test"]
        assert words[0] == "CMD"
        return subprocess.run(self.command(words[1:]), env=self.settings, capture_output=True).returncode == 0

    def stop(self, name: str) -> int:
        """End a service as Docker does. Returns its exit code."""
        service = self.running.pop(name)
        service.terminate()
        return service.wait(timeout=120)

    def kill(self, name: str) -> None:
        """What a power cut does to a service and its children."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running.pop(name).wait()

    def get(self, service: str, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.ports[service], timeout=60)
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read()

    def runs(self) -> list[tuple[str | None, str]]:
        """Release and status of each run, the first one first, as the UI has them."""
        connection = HTTPConnection("127.0.0.1", self.ports["webserver"], timeout=60)
        connection.request("POST", "/graphql", json.dumps({"query": RUNS}), {"Content-Type": "application/json"})
        found = json.loads(connection.getresponse().read())["data"]["runsOrError"]["results"]
        tags = [{tag["key"]: tag["value"] for tag in run["tags"]} for run in found]
        return [
            (tag.get("dagster/partition"), run["status"]) for tag, run in reversed(list(zip(tags, found, strict=True)))
        ]


def children(parent: int) -> list[int]:
    """The processes that a process started and that still live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def has_processes(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def kill_all(processes: list[int]) -> None:
    for process in processes:
        os.kill(process, signal.SIGKILL)


def run_workers(code: int) -> list[int]:
    """The processes of runs, among the children of the code server."""
    return [child for child in children(code) if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@pytest.fixture
def postgres_port() -> Iterator[int]:
    """A Postgres of this test's own, its data folder new, with the database of compose.yaml."""
    home = Path(tempfile.mkdtemp(prefix="sc-pipeline-postgres-", dir="/tmp"))
    # Postgres refuses to run as root.
    other: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    if other:
        shutil.chown(home, "nobody", "nogroup")
    (home / "password").write_text(PASSWORD)
    (home / "password").chmod(0o644)
    bin, data, port = BINARIES[0], home / "data", free_port()
    stated = COMPOSE["services"]["postgres"]["environment"]
    with_password = ["--pwfile", home / "password", "-E", "UTF8"]
    subprocess.run(
        [bin / "initdb", "-D", data, "-U", stated["POSTGRES_USER"], "-A", "scram-sha-256", *with_password],
        check=True,
        capture_output=True,
        cwd=home,
        **other,
    )
    options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={home}", "-p", str(port)]
    log = (home / "log").open("wb")
    server = subprocess.Popen([bin / "postgres", "-D", data, *options], stdout=log, stderr=log, cwd=home, **other)
    as_client = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGPASSWORD": PASSWORD, "PATH": os.environ["PATH"]}
    create = ["psql", "-U", stated["POSTGRES_USER"], "-d", "postgres", "-c", f"create database {stated['POSTGRES_DB']}"]
    try:
        wait_for("Postgres is up", lambda: subprocess.run(create, env=as_client, capture_output=True).returncode == 0)
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
        shutil.rmtree(home)


@pytest.fixture
def deployment(project: Project, postgres_port: int) -> Iterator[Deployment]:
    names = ("code", "webserver", "pages")
    there = Deployment(project, {"postgres": postgres_port} | {name: free_port() for name in names})
    try:
        yield there
    finally:
        for service in there.running.values():
            os.killpg(service.pid, signal.SIGKILL)
            service.wait()


def meanwhile(deployment: Deployment, release: Path, do: Callable[[], None]) -> None:
    """Let a release land, and do something while the process of its run is at work."""
    code = deployment.running["code"].pid
    copy_slowly(release, deployment.project.raw / release.name)
    wait_for("a run is at work", lambda: bool(run_workers(code)) and deployment.runs()[-1][1] == "STARTED")
    do()


def test_what_lands_in_raw_is_published_also_where_processes_are_killed(deployment: Deployment) -> None:
    project = deployment.project
    for name in ("code", "daemon", "webserver", "pages"):
        deployment.start(name)
    assert deployment.get("webserver", "/graphql?query=%7B__typename%7D")[0] == 200
    assert deployment.get("webserver", "/graphql?query=%7B__typename%7D", {"Host": "evil.example"})[0] == 403

    # The process of a run is killed.
    code = deployment.running["code"].pid
    meanwhile(deployment, TRAC, lambda: kill_all(run_workers(code)))
    released = [(TRAC.name, "FAILURE"), (TRAC.name, "SUCCESS"), (None, "SUCCESS")]
    wait_for("the release is published", lambda: deployment.runs() == released)
    assert ask(project, "select sum(sc) from removals_by_source") == [(552910,)]
    assert deployment.get("pages", "/index.html")[0] == 200
    assert deployment.get("pages", "/explorer.html")[0] == 200
    assert deployment.get("pages", "/../sc_pipeline.duckdb")[0] == 404

    # The code server is killed with it, as by a power cut, and comes back.
    meanwhile(deployment, YEARLY, lambda: deployment.kill("code"))
    deployment.start("code")
    again = [(YEARLY.name, "FAILURE"), (YEARLY.name, "SUCCESS"), (None, "SUCCESS")]
    wait_for("the second release is published", lambda: deployment.runs() == released + again)
    assert ask(project, "select release_id from meta.releases order by 1") == [(YEARLY.name,), (TRAC.name,)]

    assert all(deployment.is_healthy(name) for name in ("postgres", *deployment.running))
    groups = {name: service.pid for name, service in deployment.running.items()}
    for name in ("pages", "webserver", "daemon", "code"):
        deployment.stop(name)
    for name, group in groups.items():
        wait_for(f"{name} has left no process behind", lambda group=group: not has_processes(group), 30)
