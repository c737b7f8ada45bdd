"""The tables of several machines: kept on a bucket, and here as far as they are read or written.

A table's file goes there under a name that no other version of it has, then its note: whoever reads the note finds the
file that it speaks of, and nothing needs to be renamed. A file that no note names any longer is removed after a day.
"""

import shutil
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from sc_pipeline.store.bucket import Bucket

_NOTES, _DATA = "notes/", "data/"
_AT_ONCE = 32  # files that are fetched side by side: each waits for the network
# Buckets tell times in seconds: a note so young may be written once more in the same one.
_TICK_NS = 60_000_000_000
_KEPT_NS = 24 * 3600 * 1_000_000_000

Item = TypeVar("Item")
# A file or folder of the store, from its root, with its bytes and time of writing.
Version = tuple[str, tuple[int, int]]


@dataclass
class Mirror:
    """The folder of tables here, and the bucket that they are kept on."""

    root: Path
    bucket: Bucket
    _there: set[str] = field(default_factory=set)

    def meet(self) -> set[str]:
        """Have every note here as it is there. Returns their names, from the root of the store."""
        listed = self.bucket.listed()
        notes = {name.removeprefix(_NOTES): stamp for name, stamp in listed.items() if name.startswith(_NOTES)}
        data = [PurePosixPath(name.removeprefix(_DATA)) for name in listed if name.startswith(_DATA)]
        self._there = {str(name) for path in data for name in (path, path.parent)}
        young = time.time_ns() - _TICK_NS
        missing = [name for name, stamp in notes.items() if _stamp(self.root / name) != stamp]

        def fetch(name: str) -> None:
            written = notes[name][1]
            self.bucket.fetch(_NOTES + name, self.root / name, written if written < young else 0)

        _each(fetch, missing)
        return set(notes)

    def has(self, version: Version) -> bool:
        """Whether a file or folder was there at the last meeting."""
        return _name(version) in self._there

    def fetch(self, versions: Iterable[Version]) -> None:
        """Have files and folders here, side by side."""
        _each(self._fetch, versions)

    def _fetch(self, version: Version) -> None:
        (file, (_, written)), name = version, _DATA + _name(version)
        if self.bucket.has(name):
            self.bucket.fetch(name, self.root / file, written)
            return
        shutil.rmtree(self.root / file, ignore_errors=True)
        for each in self.bucket.listed(name):
            self.bucket.fetch(each, self.root / file / PurePosixPath(each).name, written)

    def send(self, version: Version, note: str) -> None:
        """Have a file or folder there, then its note, so that no note speaks of what is not there."""
        file, name = self.root / version[0], _DATA + _name(version)
        for path in sorted(file.iterdir()) if file.is_dir() else [file]:
            self.bucket.send(path, f"{name}/{path.name}" if file.is_dir() else name)
        self._there.add(_name(version))
        self.bucket.send(self.root / note, _NOTES + note)

    def forget(self, note: str) -> None:
        """Remove a note there; what it speaks of follows a day later."""
        self.bucket.remove(_NOTES + note)

    def sweep(self, noted: Collection[Version]) -> None:
        """Remove the files there that none of these notes names, and that nobody may be about to name."""
        kept = {_DATA + _name(version) for version in noted}
        for name, (_, written) in self.bucket.listed(_DATA.rstrip("/")).items():
            is_noted = name in kept or str(PurePosixPath(name).parent) in kept
            if not is_noted and written < time.time_ns() - _KEPT_NS:
                self.bucket.remove(name)


def _each(what: Callable[[Item], None], items: Iterable[Item]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(what, items):
            pass  # what one of them raised is raised here


def _name(version: Version) -> str:
    """What a version of a file is called there."""
    file, (size, written) = version
    return f"{file}.{written:x}-{size:x}"


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_size, stat.st_mtime_ns
