"""The SQL over all rows on Spark: the same .sql files, translated, over the same Parquet files.

Spark reads the tables and writes its answer under the paths of this machine: its workers must see the project's folder
where this machine sees it.
"""

import logging
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from sc_pipeline import reference, sql
from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.sql import Source, SqlTable
from sc_pipeline.sql.portable import to_spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession  # pyright: ignore[reportMissingImports]

LOG = "spark.log"
# Dividing by zero and numbers that are too large are errors, and no day depends on a machine's time zone.
_SETTINGS = {"spark.sql.ansi.enabled": "true", "spark.sql.session.timeZone": "UTC"}
# Of a Spark that is started here: no web page, and no progress bar across what a build says.
_OF_A_DRIVER = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
# Arrow's name of a type -> Spark's.
_TYPES = {"string": "string", "int64": "bigint", "date32[day]": "date", "double": "double", "bool": "boolean"}
_GLOB = re.compile(r"[*?\[\]{}\\]")


def run(project: Project, table: SqlTable, views: Mapping[str, Source]) -> pa.RecordBatchReader:
    """The rows of a table in batches, as `sql.run` gives them: in its model's types and in its query's order.

    Raises NotPortable where the query is not for Spark, UserError where Spark cannot be had or fails.
    """
    schemas = {name: arrow_schema(MODELS[name]) for name in table.inputs}
    schemas |= {name: reference.SCHEMAS[name] for name in table.references}
    query = to_spark(table.sql, schemas, table.place)
    session = _session(project.settings.spark_master, project.warehouse / LOG)
    answer = project.scratch / f"spark-{uuid4().hex}"
    with _one_line(table.place):
        for name in table.inputs:
            _frame(session, views[name], schemas[name]).createOrReplaceTempView(name)
        for name in table.references:
            session.createDataFrame(reference.load(name)).createOrReplaceTempView(name)
        found = session.sql(query)
        found.write.parquet(_uri(answer))
    return sql.fitted(table, found.columns, _batches(answer))


def _frame(session: "SparkSession", source: Source, schema: pa.Schema) -> "DataFrame":
    types = {column.name: _TYPES[str(column.type)] for column in schema}
    if not len(source):
        # Of an empty table a Connect server cannot tell the columns.
        nulls = ", ".join(f"cast(null as {type_}) as `{name}`" for name, type_ in types.items())
        return session.sql(f"select {nulls} where false")
    if not isinstance(source, Sequence):
        # In one piece: PySpark 4.3 leaves out what comes after an empty one.
        whole: pa.Table = source.combine_chunks()
        return session.createDataFrame(whole)
    for path in source:
        if path.name.startswith("_"):
            raise UserError(f"{path.stem}: Spark passes over files whose names start with _; rename the release")
    files = session.read.schema(", ".join(f"`{name}` {type_}" for name, type_ in types.items()))
    # With every file named, a folder a=b above them adds no column.
    return files.option("recursiveFileLookup", True).parquet(*map(_uri, source))


def _uri(path: Path) -> str:
    """A path as Spark takes it: of a file system, as it is and never as a pattern of many."""
    return "file://" + _GLOB.sub(lambda letter: f"\\{letter.group()}", str(path))


def _batches(answer: Path) -> Iterator[pa.RecordBatch]:
    """The rows that Spark wrote, in order: its parts are numbered. The folder goes when they are read."""
    try:
        for part in sorted(answer.glob("part-*.parquet")):
            with pq.ParquetFile(part) as file:
                yield from file.iter_batches(sql.BATCH_ROWS)
    finally:
        shutil.rmtree(answer, ignore_errors=True)


def _check_reachable(master: str) -> None:
    """Spark itself tries for minutes. Raises UserError."""
    problem: OSError | None = None
    for address in re.sub(r"/;.*", "", master.partition("://")[2]).split(","):
        host, _, port = address.rstrip("/").rpartition(":")
        try:
            socket.create_connection((host or address, int(port) if host else 15002), timeout=5).close()
            return
        except OSError as error:
            problem = error
    raise UserError(f"spark_master = {master!r}: nothing answers there: {problem}")


@cache
def _session(master: str, log: Path) -> "SparkSession":
    """The one session of this process. A Spark that is started here writes what it has to say to `log`."""
    try:
        from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise UserError(
            'engine = "spark": pyspark is not installed; install it with: pip install "sc-pipeline[spark]"'
        ) from None
    # It would write whole Java traces to the terminal.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    if "://" in master:
        _check_reachable(master)
    builder = SparkSession.builder.appName("sc-pipeline").config(map=_SETTINGS)
    with _one_line(f"spark_master = {master!r}"):
        if master.startswith("sc://"):
            return builder.remote(master).getOrCreate()
        if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
            raise UserError('engine = "spark": Java is not here; install Java 17 or later, or set JAVA_HOME')
        # A driver is spoken to by its workers; unless it is told to, it hears this machine alone.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        log.parent.mkdir(parents=True, exist_ok=True)
        with _stderr_to(log):
            return builder.master(master).config(map=_OF_A_DRIVER).getOrCreate()


@contextmanager
def _stderr_to(path: Path) -> Iterator[None]:
    """Have what is started meanwhile write its messages to a file."""
    ours = os.dup(2)
    try:
        with path.open("ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(ours, 2)
        os.close(ours)


@contextmanager
def _one_line(place: str) -> Iterator[None]:
    """Say what fails in Spark in one line."""
    from py4j.protocol import Py4JError  # pyright: ignore[reportMissingImports]
    from pyspark.errors import PySparkException  # pyright: ignore[reportMissingImports]

    try:
        yield
    except (PySparkException, Py4JError) as problem:
        reason = " ".join(str(problem).split())[:300]
        raise UserError(f"{place}: Spark failed: {reason}; what else it says is in its log ({LOG})") from None
