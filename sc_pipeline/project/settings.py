"""sc_pipeline.toml and the environment -> the settings of a project."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sc_pipeline.errors import UsageError

SETTINGS_FILE = "sc_pipeline.toml"
ENGINES = ("duckdb", "spark")
_MASTER = re.compile(r"local(\[(\*|[1-9]\d*)\])?|spark://[^\s:,/]+:\d+(,[^\s:,/]+:\d+)*|sc://[^\s:,/]+(:\d+)?(/\S*)?")
_SIZE = re.compile(r"\d+(\.\d+)? ?[KMGT]i?B")
_STORES = ("s3://", "gs://", "abfs://", "abfss://", "file:///")
_NUMBERS = ("threads", "workers", "max_file_rows")
_ADDRESSES = ("webhook", "site_url", "rows_url")
TEMPLATE = """\
# The settings of this project. Remove the # of a line to change one.
# A variable goes before what is written here: SC_PIPELINE_MEMORY_LIMIT and so on.

# What DuckDB may hold in memory; what is larger goes to disk. The rest of a build needs memory of its own beside it.
# memory_limit = "1GB"

# How many threads DuckDB may use. Without it: as many as there are cores.
# threads = 4

# What runs the SQL over all rows: "duckdb", or "spark" (pip install "sc-pipeline[spark]"; docs/scale.md).
# engine = "spark"

# Which Spark: one of this machine's cores, a cluster's master, or a Spark Connect server.
# spark_master = "local[*]"
# spark_master = "spark://127.0.0.1:7077"
# spark_master = "sc://127.0.0.1:15002"

# How many processes take releases in side by side; 1 keeps all in one. Each has memory of its own, beside memory_limit.
# Without it: one for each core and each 2 GB of memory, where the releases are work enough to start them.
# workers = 2

# Where the tables are kept, for machines that share them: a bucket, or a folder as file:///folder. Each machine has
# what it reads in warehouse/tables too. Without it: there alone. Options follow, such as ?region=us-east-1.
# store = "s3://bucket/folder"

# How many rows the published file may hold. Where the tables have more, those of removals and detainers stay in Parquet
# files, in warehouse/rows, and the published file reads them from there. Without it: all are in the file.
# max_file_rows = 50_000_000

# Where warehouse/rows is served, if it is: the published file then reads the rows from there, on any machine.
# rows_url = "https://removals.example.org/rows"

# Where warehouse/site is served, if it is: Dagster's pages of report and explorer then link there.
# site_url = "https://removals.example.org"

# Where failures are posted, as JSON {"text": "..."}. They are always in warehouse/failures.log.
# webhook = "https://chat.example.org/hooks/..."
"""


@dataclass(frozen=True)
class Settings:
    """What a project may set; None is as the pipeline has it by itself."""

    memory_limit: str | None = None
    threads: int | None = None
    webhook: str | None = None
    site_url: str | None = None
    engine: str = "duckdb"
    spark_master: str = "local[*]"
    workers: int | None = None
    store: str | None = None
    max_file_rows: int | None = None
    rows_url: str | None = None


def read_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a file, where there is one; SC_PIPELINE_<NAME> goes before each. Raises UsageError."""
    written = _written(path)
    known = [field.name for field in fields(Settings)]
    for name in written:
        if name not in known:
            raise UsageError(f"{path.name}: {name}: no such setting; there are {', '.join(known)}")
    found = {name: _checked(name, value, f"{path.name}: {name}") for name, value in written.items()}
    for name in known:
        variable = f"SC_PIPELINE_{name.upper()}"
        if text := environment.get(variable):
            is_number = name in _NUMBERS and text.isascii() and text.isdecimal()
            found[name] = _checked(name, int(text) if is_number else text, variable)
    return Settings(**found)


def _written(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as problem:
        raise UsageError(f"{path.name}: cannot be read: {problem}") from None


def _checked(name: str, value: Any, place: str) -> Any:
    """The value of a setting. Raises UsageError that says what it must be."""
    if name == "memory_limit" and not (isinstance(value, str) and _SIZE.fullmatch(value)):
        raise UsageError(f'{place}: must be a size such as "4GB"; found {value!r}')
    if name in _NUMBERS and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise UsageError(f"{place}: must be a whole number from 1 on; found {value!r}")
    if name == "engine" and value not in ENGINES:
        raise UsageError(f"{place}: must be {' or '.join(ENGINES)}; found {value!r}")
    if name == "spark_master" and not (isinstance(value, str) and _MASTER.fullmatch(value)):
        raise UsageError(f"{place}: must be local[*], local[N], spark://HOST:PORT or sc://HOST:PORT; found {value!r}")
    if name == "store" and not (isinstance(value, str) and value.startswith(_STORES)):
        raise UsageError(f"{place}: must be an address that starts with {', '.join(_STORES)}; found {value!r}")
    if name in _ADDRESSES and not (isinstance(value, str) and value.startswith(("http://", "https://"))):
        raise UsageError(f"{place}: must be an address that starts with https:// or http://; found {value!r}")
    return value
