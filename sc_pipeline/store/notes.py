"""What made a table: one note of one shape beside each part, and the small files that notes are."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import FileIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

NOT_THERE = (0, 0)
"""What `as_written` gives for a file that is not there."""
# Letters a release id may have that a file name or a glob pattern would not take as they are.
_PLAIN = " !#$&'()+,;=@{}~"


@dataclass(frozen=True)
class Provenance:
    """What a table is made from: its code's version, the hash of each input, and the run that makes it."""

    code: str
    inputs: Mapping[str, str]
    run: str | None = None
    commit: str | None = None


@dataclass(frozen=True)
class Note:
    """What is known of a table, or of one release's part of it: its rows, what made it, and its file as written."""

    rows: int
    sha256: str
    code: str
    inputs: dict[str, str]
    run: str | None
    commit: str | None
    built_at: str
    file: str  # where it is, from the store's folder
    written: tuple[int, int]  # its bytes and time of writing in nanoseconds: damage shows without reading it
    file_sha256: str | None = None  # of the file's bytes, where it is not a table's Parquet

    @property
    def is_outside(self) -> bool:
        """Whether it speaks of a file of this machine, beside the tables, such as the published one."""
        return self.file.startswith("..")

    def is_of(self, provenance: Provenance) -> bool:
        """Whether this code made it from these inputs."""
        return (self.code, self.inputs) == (provenance.code, dict(provenance.inputs))


def note_files(root: Path, only: str | None = None) -> Iterator[tuple[str, str | None, str]]:
    """Table, release and path of every note, or of those of one release."""
    if not root.is_dir():
        return
    for entry in sorted(os.scandir(root), key=lambda entry: entry.name):
        if only is not None:
            path = f"{entry.path}/{file_name(only)}.json"
            if as_written(path) != NOT_THERE:
                yield entry.name, only, path
        elif entry.is_dir():
            for name in sorted(found.name for found in os.scandir(entry.path) if found.name.endswith(".json")):
                yield entry.name, unquote(name.removesuffix(".json")), f"{entry.path}/{name}"
        elif entry.name.endswith(".json"):
            yield entry.name.removesuffix(".json"), None, entry.path


@lru_cache(maxsize=1 << 19)
def read_note(path: str, _: tuple[int, int]) -> Note | None:
    """A note; None where it cannot be read or has another shape, as an earlier version of the code wrote it.

    A build looks at the store at each step: a file is read again only where its size or time is another.
    """
    try:
        with FileIO(path) as file:  # there are thousands of them: twice as fast as Path
            facts = json.loads(file.readall())
        return Note(**{**facts, "written": tuple(facts["written"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def file_name(release: str) -> str:
    """A release id as the name of a file: what a glob pattern or a file system would take otherwise is escaped."""
    name = quote(release, safe=_PLAIN)
    # `..` would be the folder above.
    return f"%2E{name[1:]}" if name.startswith(".") else name


def temporary_of(path: Path) -> Path:
    """Where a file is written before it takes its name; what a killed build leaves there is swept away."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def as_written(path: Path | str) -> tuple[int, int]:
    """Bytes and time of writing of a file; of a folder, of all in it; (0, 0) where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - of a hundred thousand files, making a Path of each takes longer
    except FileNotFoundError:
        return NOT_THERE
    if not stat.S_ISDIR(found.st_mode):
        return found.st_size, found.st_mtime_ns
    inside = [as_written(entry.path) for entry in os.scandir(path)]
    return sum(size for size, _ in inside), max((time for _, time in inside), default=0)


def read_json(path: Path) -> Any:
    """What is in a small JSON file; None where there is none, even if it went this very moment."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def write_json(path: Path, value: object) -> None:
    """Write a small JSON file so that a reader sees the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(path)
    temporary.write_text(json.dumps(value, indent=1, sort_keys=True, default=str) + "\n", encoding="utf-8")
    temporary.replace(path)
