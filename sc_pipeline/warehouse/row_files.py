"""The rows that a published file leaves outside, where it would be too big: Parquet files beside it, read by its views.

    warehouse/rows/<table>/<release>/<version>.json              the files of one version of a release's rows
    warehouse/rows/<table>/<release>/month=2015-03-01/<version>_0.parquet

A file is never changed. What the published file of before read stays for a day, for whoever has that one open.
"""

import logging
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sc_pipeline import sql
from sc_pipeline.project import Project
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns
from sc_pipeline.store import Store
from sc_pipeline.store.notes import read_json, write_json

# Tables with one row for each removal or detainer, or for each pair of them.
TABLES = (
    "removals",
    "removals_not_serving",
    "level1_removals",
    "detainer_linked_removals",
    "detainers",
    "detainers_not_serving",
    "detainer_links",
    "detainer_departures",
    "biometric_matches",
)
_BEFORE = ".before"  # follows the index of files that the published file no longer reads
_KEPT_SECONDS = 24 * 3600
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RowFiles:
    """The files of rows of one project, and where its views look for them."""

    root: Path
    url: str | None
    store: Store

    @classmethod
    def of(cls, project: Project, store: Store, rows: int) -> "RowFiles | None":
        """The files of a project whose published tables have so many rows; None where all of them are in the file."""
        most = project.settings.max_file_rows
        return None if most is None or rows <= most else cls(project.rows, project.settings.rows_url, store)

    @property
    def place(self) -> str:
        """Where the views look for the files: an address, or a folder of this machine."""
        return self.url or str(self.root)

    def write(self) -> None:
        """Write the files that are not there, or not as they were written."""
        for leftover in self.root.glob(".*.tmp"):
            shutil.rmtree(leftover)
        for table, release, index in self._parts():
            if self._files(index) is None:
                if index.exists():
                    _logger.warning("%s of %s: missing or damaged in rows/, so it is written again", table, release)
                self._write(table, release, index)

    def are_whole(self) -> bool:
        """Whether every file is there, of the size that it was written with."""
        return all(self._files(index) is not None for index in self.indexes())

    def views(self) -> dict[str, str]:
        """Table -> the query that reads its rows from the files, in the order of its columns; none of an empty one."""
        found: dict[str, list[str]] = {}
        for table, _, index in self._parts():
            found.setdefault(table, []).extend(self._files(index) or ())
        return {table: self._view(table, files) for table, files in found.items() if files}

    def _view(self, table: str, files: list[str]) -> str:
        names = ", ".join(f"'{self._address(name)}'" for name in files)
        shown = ", ".join(f'"{column.name}"' for column in columns(MODELS[table]))
        # The month in a file's path tells DuckDB which files to open. A folder above them may have such a name too.
        by_path = "hive_partitioning = true, hive_types = {month: date}" if "=" not in self.place else sql.AS_IS
        return f"select {shown} from read_parquet([{names}], {by_path})"

    def indexes(self) -> set[Path]:
        """The index of every version that the published file reads."""
        return {index for *_, index in self._parts()}

    def _parts(self) -> Iterator[tuple[str, str, Path]]:
        for table in TABLES:
            for release, note in self.store.parts(table).items():
                # No sign of a pattern or of a partition is left in the name of the folder.
                folder = self.root / table / quote(str(release), safe="")
                yield table, str(release), folder / f"{note.sha256[:16]}.json"

    def _files(self, index: Path) -> list[str] | None:
        """The files of an index, from the root; None where one is not as it was written."""
        try:
            files = read_json(index)
        except ValueError:
            return None
        if not isinstance(files, dict) or any(_size(index.parent / name) != size for name, size in files.items()):
            return None
        return [f"{index.parent.relative_to(self.root).as_posix()}/{name}" for name in files]

    def _write(self, table: str, release: str, index: Path) -> None:
        unfinished = self.root / f".{os.getpid()}.tmp"
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        with sql.connect({"part": self.store.paths(table, [release])}, references=()) as connection:
            connection.table("part").write_parquet(
                str(unfinished),
                compression="zstd",
                partition_by=["month"],
                write_partition_columns=True,
                filename_pattern=f"{index.stem}_{{i}}",
            )
        written = sorted(path.relative_to(unfinished) for path in unfinished.rglob("*.parquet"))
        sizes = {path.as_posix(): (unfinished / path).stat().st_size for path in written}
        for path in written:
            place = index.parent / path
            place.parent.mkdir(parents=True, exist_ok=True)
            (unfinished / path).replace(place)
        shutil.rmtree(unfinished, ignore_errors=True)
        # Last, so that an index never speaks of a file that is not there.
        index.parent.mkdir(parents=True, exist_ok=True)
        index.with_name(index.name + _BEFORE).unlink(missing_ok=True)
        write_json(index, sizes)

    def _address(self, name: str) -> str:
        if self.url:
            return f"{self.url.rstrip('/')}/{quote(name, safe='/=')}".replace("'", "''")
        return sql.plain(self.root / name).replace("'", "''")


def sweep(root: Path, files: RowFiles | None) -> None:
    """Remove files of rows that the published file does not read, once it has done without them for a day."""
    read = files.indexes() if files else set()
    for index in [*root.glob("*/*/*.json"), *root.glob(f"*/*/*.json{_BEFORE}")]:
        if index in read:
            continue
        if index.suffix != _BEFORE:
            before = index.with_name(index.name + _BEFORE)
            index.replace(before)
            os.utime(before)
        elif time.time() - index.stat().st_mtime > _KEPT_SECONDS:
            for file in index.parent.glob(f"month=*/{index.name.partition('.')[0]}_*.parquet"):
                file.unlink()
            index.unlink()


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
