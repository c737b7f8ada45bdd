"""The same SQL on DuckDB and on a Spark cluster of two workers: the same rows, in the same order, of the same types.

Skipped where pyspark or Java is missing, unless SC_PIPELINE_SPARK=required.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot.errors import SqlglotError

from sc_pipeline import sql
from sc_pipeline.errors import UserError
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.project.settings import Settings
from sc_pipeline.sql import portable, spark
from sc_pipeline.sql.portable import matrix, matrix_schemas, queries
from sc_pipeline.warehouse.verify.compare import compare
from tests.builders import SMALL_DEMO_ROWS, MakeOnce, demo_workspace
from tests.spark_cluster import IS_HERE, connect_server, standalone

IS_REQUIRED = os.environ.get("SC_PIPELINE_SPARK") == "required"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (IS_HERE or IS_REQUIRED), reason="pyspark and Java are not here: .ci/full has them"),
    # What PySpark and Pandera say of each other's versions is theirs.
    pytest.mark.filterwarnings("ignore"),
]
TABLES = sql.sql_tables()


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with standalone(tmp_path_factory.mktemp("spark")) as url:
        yield url


@pytest.fixture(scope="module")
def session(master: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The one session of this process, on the cluster."""
    session = spark._session(master, tmp_path_factory.mktemp("session") / spark.LOG)
    # Enough to send rows from one worker to the other; Spark's 200 take three times as long for so few rows.
    session.conf.set("spark.sql.shuffle.partitions", "4")
    yield session
    session.stop()
    spark._session.cache_clear()


@pytest.fixture(scope="module")
def small_demo(once: MakeOnce) -> Project:
    """The demonstration with few rows, built with DuckDB."""
    return once("small-demo", lambda folder: demo_workspace(folder, SMALL_DEMO_ROWS))


# --- the matrix


@pytest.fixture(scope="module")
def tables(session: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of the matrix, on both engines, from one Parquet file each."""
    folder = tmp_path_factory.mktemp("matrix")
    with duckdb.connect() as connection:
        for name, schema in matrix_schemas().items():
            rows = f"from (values {matrix()['rows'][name]}) as v({', '.join(schema.names)})"
            pq.write_table(connection.execute(rows).to_arrow_table().cast(schema), folder / f"{name}.parquet")
            connection.execute(f"create table {name} as from '{folder / name}.parquet'")
            spark._frame(session, [folder / f"{name}.parquet"], schema).createOrReplaceTempView(name)
        yield connection


def on_both(connection: duckdb.DuckDBPyConnection, session: Any, query: str) -> tuple[pa.Table, pa.Table]:
    """What DuckDB and Spark answer, the second in the types of the first. Raises what Spark raises."""
    ours = connection.execute(query).to_arrow_table()
    translated = portable.translated(portable.read(query, matrix_schemas()))
    return ours, session.sql(translated).toArrow().cast(ours.schema)


def together(section: str) -> list[str]:
    """The lines of a section in few queries: all expressions over t in one, all aggregates in another."""
    lines = matrix()[section]
    values, sums = (
        ", ".join(f"{line} as v{number}" for number, line in enumerate(lines[kind]))
        for kind in ("expressions", "aggregates")
    )
    return [
        f"select n, {values} from t order by n",
        f"select k, {sums} from t group by k order by k",
        *lines["queries"],
    ]


@pytest.mark.parametrize("query", together("same"), ids=lambda query: query.strip()[:60])
def test_what_is_allowed_gives_the_same_rows(tables: duckdb.DuckDBPyConnection, session: Any, query: str) -> None:
    ours, theirs = on_both(tables, session, query)
    assert ours.num_rows > 0
    told_apart = [name for name in ours.column_names if not theirs[name].equals(ours[name])]
    assert {name: (theirs[name].to_pylist(), ours[name].to_pylist()) for name in told_apart} == {}


@pytest.mark.parametrize("query", queries("differ"), ids=lambda query: query.strip()[:60])
def test_what_is_refused_does_not(tables: duckdb.DuckDBPyConnection, session: Any, query: str) -> None:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        ours, theirs = on_both(tables, session, query)
    except (PySparkException, Py4JError, SqlglotError, pa.ArrowInvalid):
        return
    assert not theirs.equals(ours), "the same by now: then it may be allowed"


# --- the tables


def test_the_cluster_has_two_workers(session: Any) -> None:
    session.range(1000).repartition(8).count()
    executors = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
    assert (session.sparkContext.master.startswith("spark://127.0.0.1:"), executors) == (True, 2)


def same_on_both(project: Project, table: sql.SqlTable, master: str) -> int:
    """How many rows both engines give of a table; fails where they are not the same."""
    look = Look(replace(project, settings=Settings(engine="spark", spark_master=master)))
    views = {name: look.source(name) for name in table.inputs}
    # The session fixture's own, as it has this master and this log.
    theirs, ours = look.rows(table, views).read_all(), sql.run(table, views).read_all()
    assert theirs.schema == ours.schema
    assert theirs.num_rows == ours.num_rows
    told_apart = [name for name in ours.column_names if not theirs[name].equals(ours[name])]
    assert {name: (theirs[name].to_pylist()[:5], ours[name].to_pylist()[:5]) for name in told_apart} == {}
    return ours.num_rows


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_the_shipped_releases_is_the_same(
    shipped_once: Project, session: Any, master: str, name: str
) -> None:
    same_on_both(shipped_once, TABLES[name], master)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_simulated_cases_is_the_same(small_demo: Project, session: Any, master: str, name: str) -> None:
    assert same_on_both(small_demo, TABLES[name], master) > 0


# --- where rows could get lost


def test_a_table_in_pieces_is_whole(session: Any) -> None:
    piece = pa.table({"n": [1, 2]})
    pieces = pa.concat_tables([piece, piece.slice(0, 0), piece])
    assert spark._frame(session, pieces, pieces.schema).count() == 4


def test_files_are_read_by_their_names_as_they_are(session: Any, tmp_path: Path) -> None:
    folder = tmp_path / "we[i]rd a=b #1 {x,y} 100%20 é*q"
    folder.mkdir()
    names = ["c", "d*", "e?x", "h\\i", "j=1", "%5Fk"]
    for number, name in enumerate(names):
        pq.write_table(pa.table({"n": [number]}), folder / f"{name}.parquet")
    files = [folder / f"{name}.parquet" for name in names]
    found = spark._frame(session, files, pa.schema({"n": pa.int64()}))
    assert found.columns == ["n"]
    assert sorted(row.n for row in found.collect()) == [0, 1, 2, 3, 4, 5]


def test_a_file_that_spark_passes_over_is_refused(session: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^_x: Spark passes over files whose names start with _; rename the release$"):
        spark._frame(session, [tmp_path / "_x.parquet"], pa.schema({"n": pa.int64()}))


# --- as people use it


def build(project: Project, master: str, store: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sc_pipeline.cli", "build"]
    folders = ["--raw", str(project.raw), "--warehouse", str(project.warehouse)]
    settings = {"SC_PIPELINE_ENGINE": "spark", "SC_PIPELINE_SPARK_MASTER": master, "SC_PIPELINE_STORE": store}
    return subprocess.run([*command, *folders], env=os.environ | settings, capture_output=True, text=True, check=False)


def test_a_build_on_this_machines_cores_and_one_on_a_server_are_the_same(shipped_once: Project, tmp_path: Path) -> None:
    with connect_server(tmp_path) as server:
        for name, master in (("local", "local[2]"), ("server", server)):
            project = replace(shipped_once, warehouse=tmp_path / name)
            built = build(project, master)
            assert (built.returncode, built.stderr) == (0, "")
            assert compare(shipped_once.published, project.published) == []


def test_spark_makes_the_same_of_tables_that_machines_share(shipped_once: Project, tmp_path: Path) -> None:
    project = replace(shipped_once, warehouse=tmp_path / "warehouse")
    built = build(project, "local[2]", f"file://{tmp_path}/store")
    assert (built.returncode, built.stderr) == (0, "")
    assert compare(shipped_once.published, project.published) == []
    assert len(list((tmp_path / "store").rglob("monthly_removals*"))) > 1
