"""What can be told of the engine without Spark: one line where it is not there."""

import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sc_pipeline.errors import UserError
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.project.settings import Settings
from sc_pipeline.sql import spark, sql_tables
from tests.spark_cluster import free_port


def problem_with(project: Project, master: str) -> str:
    """What a table made on this master ends with."""
    look = Look(replace(project, settings=Settings(engine="spark", spark_master=master)))
    table = sql_tables()["printed_averages"]
    with pytest.raises(UserError) as problem:
        look.rows(table, {name: [] for name in table.inputs})
    assert list(project.warehouse.rglob("spark-*")) == []
    return str(problem.value)


def test_without_pyspark_one_line_says_what_to_install(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    expected = 'engine = "spark": pyspark is not installed; install it with: pip install "sc-pipeline[spark]"'
    assert problem_with(project, "local[1]") == expected


@pytest.mark.parametrize(
    "master", ["spark://127.0.0.1:{port}", "sc://127.0.0.1:{port}/;token=x", "sc://127.0.0.1:{port}"]
)
def test_a_master_that_does_not_answer_is_told_at_once(master: str) -> None:
    address = master.format(port=free_port())
    with pytest.raises(UserError, match=r"^spark_master = 's[a-z]+://127\.0\.0\.1:\d+.*': nothing answers there: "):
        spark._check_reachable(address)


def test_of_several_masters_one_that_answers_will_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        spark._check_reachable(f"spark://127.0.0.1:{free_port()},127.0.0.1:{door.getsockname()[1]}")


def test_paths_are_taken_as_they_are() -> None:
    assert spark._uri(Path("/a b/[x]*{y}?\\")) == "file:///a b/\\[x\\]\\*\\{y\\}\\?\\\\"
