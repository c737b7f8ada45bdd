"""What docs/clients.md shows runs as printed, as far as the client is there.

The variable SC_PIPELINE_CLIENTS names the Python of a venv that has them all, as .ci/full makes one.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest

from sc_pipeline import plan
from sc_pipeline.look import Look
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.project.settings import Settings
from tests.builders import ask

PAGE = (REPOSITORY / "docs" / "clients.md").read_text(encoding="utf-8")
NOTEBOOK = REPOSITORY / "docs" / "first-look.ipynb"
CLIENTS = os.environ.get("SC_PIPELINE_CLIENTS")
PYTHON = CLIENTS or sys.executable
NODE_PACKAGE = "@duckdb/node-api@1.5.6-r.1"


def blocks(language: str) -> dict[str, str]:
    """Heading -> the block of code below it."""
    sections = [section.partition("\n")[::2] for section in PAGE.split("\n## ")[1:]]
    found = {
        heading: re.search(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for heading, text in sections
    }
    return {heading: block[1] for heading, block in found.items() if block}


def needs(*modules: str) -> None:
    if not CLIENTS and (missing := [name for name in modules if not find_spec(name)]):
        pytest.skip(f"not here: {', '.join(missing)}")


@pytest.fixture
def folder(shipped_once: Project, tmp_path: Path) -> Path:
    """A project's folder, as a reader has it."""
    (tmp_path / "warehouse").mkdir()
    shutil.copyfile(shipped_once.published, tmp_path / "warehouse" / shipped_once.published.name)
    return tmp_path


def run(command: list[str], folder: Path) -> str:
    # The checkout for `sc-pipeline`, and nothing of this process's own packages.
    path = os.pathsep.join([str(Path(PYTHON).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(code: str, folder: Path) -> str:
    return run([PYTHON, "-c", code], folder)


def test_each_client_has_a_block_that_is_run() -> None:
    assert blocks("python").keys() == {"pandas", "Polars", "Ibis", "A file at an address"}
    assert blocks("sh").keys() == {"Without any program", "Datasette"}
    assert blocks("js").keys() == {"JavaScript"}
    assert blocks("r").keys() == {"R"}
    assert len(re.findall("^```[a-z]", PAGE, re.MULTILINE)) == 8


@pytest.mark.parametrize(
    ("heading", "modules", "shown"),
    [("pandas", ("pandas",), "withheld"), ("Polars", ("polars",), "2017-07-01"), ("Ibis", ("ibis",), "79726")],
)
def test_python_clients_read_the_file(folder: Path, heading: str, modules: tuple[str, ...], shown: str) -> None:
    needs(*modules)
    assert shown in run_python(blocks("python")[heading], folder)


class Parts(SimpleHTTPRequestHandler):
    """A web host that answers requests for parts of a file."""

    def send_head(self) -> BytesIO | None:
        file = Path(self.translate_path(self.path))
        if not file.exists():
            self.send_error(404)
            return None
        data = file.read_bytes()
        first, last = 0, len(data) - 1
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(wanted[1]), min(int(wanted[2] or last), last)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        return BytesIO(data[first : last + 1])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    host = ThreadingHTTPServer(("127.0.0.1", 0), partial(Parts, directory=folder / "warehouse"))
    thread = Thread(target=host.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{host.server_port}"
    host.shutdown()
    host.server_close()
    thread.join()


def test_a_file_at_an_address_is_read_from_there(folder: Path, address: str) -> None:
    needs("duckdb_extension_httpfs")
    code = blocks("python")["A file at an address"]
    assert "https://example.org" in code
    # DuckDB would fetch it; a test has it from a package.
    package = run_python("import duckdb_extension_httpfs as it; print(it.__path__[0])", folder).strip()
    (file,) = Path(package).rglob("httpfs.duckdb_extension")
    code = code.replace("duckdb.connect()\n", f"duckdb.connect()\nconnection.execute(\"load '{file}'\")\n")
    assert "2016-08-01" in run_python(code.replace("https://example.org", address), folder)


def test_rows_at_an_address_are_read_from_there(address: str, folder: Path, two_releases: Project) -> None:
    needs("duckdb_extension_httpfs")
    raw = shutil.copytree(two_releases.raw, folder / "raw")
    project = Project(raw, folder / "warehouse", Settings(max_file_rows=1, rows_url=f"{address}/rows"))
    plan.build(Look(project), plan.WITHOUT_SITE)
    query = "select release_id, month, count(*) as rows from removals group by all order by all"
    (folder / "reader").mkdir()
    shutil.move(project.published, folder / "reader" / "file.duckdb")
    code = f"""
import duckdb, duckdb_extension_httpfs
from pathlib import Path
(file,) = Path(duckdb_extension_httpfs.__path__[0]).rglob("httpfs.duckdb_extension")
connection = duckdb.connect("file.duckdb", read_only=True)
connection.execute(f"load '{{file}}'")
print([(release, str(month), rows) for release, month, rows in connection.execute("{query}").fetchall()])
"""
    found = [(release, str(month), rows) for release, month, rows in ask(two_releases, query)]
    assert run_python(code, folder / "reader").strip() == str(found)


def test_the_notebook_holds_no_output_and_runs(folder: Path) -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []
    needs("nbclient", "ipykernel", "matplotlib")
    execute = (
        "import nbformat, sys; from nbclient import NotebookClient\n"
        "book = nbformat.read(sys.argv[1], as_version=4)\n"
        "NotebookClient(book, timeout=300).execute()\n"
        "print(nbformat.writes(book))"
    )
    shown = run([PYTHON, "-c", execute, str(NOTEBOOK)], folder)
    assert "image/png" in shown and "table2_removals_by_source.csv" in shown


@pytest.mark.slow
def test_datasette_serves_an_export(folder: Path) -> None:
    needs("datasette", "sqlite_utils")
    *lines, serve = blocks("sh")["Datasette"].strip().splitlines()
    for line in lines:
        run(
            [sys.executable, "-m", "sc_pipeline.cli", *line.split()[1:]] if "sc-pipeline" in line else line.split(),
            folder,
        )
    shown = json.loads(
        run([*serve.split(), "--get", "/removals/removals_by_source.json?_shape=array&_size=max"], folder)
    )
    assert sum(int(row["sc"] or 0) for row in shown) == 552910


@pytest.mark.slow
def test_node_reads_the_file(folder: Path) -> None:
    if not (shutil.which("npm") and CLIENTS):
        pytest.skip("no npm, or not asked to fetch clients")
    run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", NODE_PACKAGE], folder)
    (folder / "months.mjs").write_text(blocks("js")["JavaScript"])
    assert "2017-07-01" in run(["node", "months.mjs"], folder)
