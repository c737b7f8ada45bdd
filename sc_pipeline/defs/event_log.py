"""Dagster: its event log in SQLite, each database's connection kept, which more than halves what an event costs.

dagster.yaml names it as `event_log_storage`. Dagster's own makes an engine and a connection for each event, compiles
every statement again, and waits for the disk each time; docs/performance.md has what was measured.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import Field
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

_INDEX = "index"
_BUSY_SECONDS = 60
# Each run has a database of its own; those of runs that ended are let go.
_KEPT = 4


class KeptEventLog(SqliteEventLogStorage):
    """Dagster's own event log, in its own files; only the connections are kept."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        return {"base_dir": Field(str, is_required=False, description="Where it is, if not below DAGSTER_HOME.")}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "KeptEventLog":
        return cls(
            config_value.get("base_dir") or str(Path(os.environ["DAGSTER_HOME"]) / "history" / "runs"), inst_data
        )

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._engines:
                self._keep(shard)
            with self._engines[shard].begin() as connection:
                yield connection

    def _keep(self, shard: str) -> None:
        for name in [name for name in self._engines if name != _INDEX][: -_KEPT or None]:
            self._engines.pop(name).dispose()
        engine = create_engine(
            self.conn_string_for_shard(shard), poolclass=QueuePool, pool_size=1, connect_args={"timeout": _BUSY_SECONDS}
        )
        event.listen(engine, "connect", _without_waiting)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        self._engines[shard] = engine

    def dispose(self) -> None:
        while self._engines:
            self._engines.popitem()[1].dispose()
        super().dispose()


def _without_waiting(connection: Any, _: Any) -> None:
    # In write-ahead mode a power cut can cost the last events, never the database.
    connection.execute("pragma synchronous = normal")
