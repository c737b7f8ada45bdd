"""The published file opens with the oldest and the newest DuckDB it promises."""

import subprocess
import venv
from pathlib import Path

import pytest

from sc_pipeline.project import Project

READ = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
print(duckdb.__version__, *connection.execute("select sum(sc) from removals_by_source").fetchone(),
      *connection.execute("select sum(removals) from trace('2015-12-01', 'sc', 'detainer_linked')").fetchone())
"""


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
def test_published_file_opens_read_only_with_duckdb(shipped_once: Project, tmp_path: Path, version: str) -> None:
    venv.create(tmp_path / "client", with_pip=True)
    python = str(tmp_path / "client" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"duckdb=={version}"], check=True, capture_output=True)
    read = subprocess.run([python, "-c", READ, str(shipped_once.published)], check=True, capture_output=True, text=True)
    assert read.stdout.split() == [version, "552910", "97"]
