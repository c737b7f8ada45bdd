"""The published file, opened to be read: on this machine, rows that it reads from an address are read from here."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb

from sc_pipeline.errors import UserError
from sc_pipeline.project import Project


def open_published(project: Project) -> duckdb.DuckDBPyConnection:
    """The published file, read-only. Raises UserError where there is none, or it cannot be read."""
    if not project.published.exists():
        raise UserError(f"{project.published.name}: nothing is published yet; run: sc-pipeline build")
    try:
        connection = duckdb.connect(project.published, read_only=True)
        connection.execute("set search_path = 'main,core,meta'")
    except duckdb.Error as error:
        name, reason = project.published.name, str(error).splitlines()[0]
        raise UserError(f"{name}: cannot be read: {reason}; make it again with: sc-pipeline build") from None
    stand_in(connection, project)
    return connection


def stand_in(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Have a connection read what is at the address of the rows from the folder that is served there.

    So a new file is made, checked and read before its rows are at that address, and without a network.
    """
    url = project.settings.rows_url
    if url is None:
        return
    from fsspec import AbstractFileSystem  # slow to import, and few projects need it

    class Here(AbstractFileSystem):
        protocol = urlsplit(url).scheme

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            return path

        def _local(self, path: str) -> Path:
            return project.rows / unquote(path.removeprefix(url.rstrip("/")).lstrip("/"))

        def glob(self, path: str, maxdepth: int | None = None, **_: Any) -> list[str]:
            return [path]

        def exists(self, path: str, **_: Any) -> bool:
            return self._local(path).exists()

        def info(self, path: str, **_: Any) -> dict[str, Any]:
            return {"name": path, "size": self._local(path).stat().st_size, "type": "file"}

        def modified(self, path: str) -> datetime:
            return datetime.fromtimestamp(self._local(path).stat().st_mtime, UTC)

        def open(self, path: str, mode: str = "rb", *_: Any, **__: Any) -> Any:
            return self._local(path).open("rb")

    connection.register_filesystem(Here())
