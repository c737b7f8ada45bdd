"""The published file opens with the oldest and the newest DuckDB it promises."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sc_pipeline.project import Project
from tests.builders import IS_FULL

READ = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
print(duckdb.__version__, *connection.execute("select sum(sc) from removals_by_source").fetchone(),
      *connection.execute("select sum(removals) from trace('2015-12-01', 'sc', 'detainer_linked')").fetchone())
"""

# The oldest and the newest; at full size each line between.
VERSIONS = ["1.1.0", "1.2.2", "1.3.2", "1.4.4", "2.0.0"] if IS_FULL else ["1.1.0", "2.0.0"]


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_published_file_opens_read_only_with_duckdb(shipped_once: Project, tmp_path: Path, version: str) -> None:
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path)]
    subprocess.run([*install, f"duckdb=={version}"], check=True, capture_output=True)
    client = os.environ | {"PYTHONPATH": str(tmp_path)}  # which comes before what is installed here
    command = [sys.executable, "-c", READ, str(shipped_once.published)]
    read = subprocess.run(command, env=client, check=True, capture_output=True, text=True)
    assert read.stdout.split() == [version, "552910", "97"]
