"""Files -> their sha256, remembered so that gigabytes which did not change are read once."""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from sc_pipeline.errors import FileProblem
from sc_pipeline.store.notes import write_json

# A file can be rewritten twice within one tick of the file system's clock; younger ones are not remembered.
_TICK_NS = 2_000_000_000


class FileHashes:
    """The sha256 of files under `root`, kept in one small JSON by name, size and time of writing.

    A remembered digest counts only while size and times are the same to the nanosecond. Without `record` none is kept.
    """

    def __init__(self, root: Path, record: Path | None = None) -> None:
        self._root = root.absolute()
        self._record = record
        self._known: dict[str, list[Any]] = _read(record) if record else {}
        self._changed = False

    def sha256(self, path: Path) -> str:
        """The digest of a file, in hexadecimal. Raises FileProblem where it cannot be read or is being written."""
        name, stamp = self._name(path), _stamp(path)
        remembered = self._known.get(name)
        if remembered and remembered[:-1] == stamp:
            return str(remembered[-1])
        if not path.is_file():
            raise FileProblem(f"{path.name}: not a file (a pipe, a device, or a link to a folder); move it out of raw/")
        try:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise FileProblem(f"{path.name}: cannot be read ({error.strerror}); check its permissions") from None
        if _stamp(path) != stamp:
            raise FileProblem(f"{path.name}: changed while it was read; wait until it is copied and try again")
        if time.time_ns() - max(stamp[1:]) > _TICK_NS:
            self._known[name] = [*stamp, digest]
            self._changed = True
        return digest

    def save(self) -> None:
        """Write the digests down, without those of files that are gone. Does nothing when none is new."""
        if self._record and self._changed:
            write_json(self._record, {n: k for n, k in sorted(self._known.items()) if (self._root / n).exists()})
            self._changed = False

    def _name(self, path: Path) -> str:
        absolute = path.absolute()
        return absolute.relative_to(self._root).as_posix() if absolute.is_relative_to(self._root) else str(absolute)


def _stamp(path: Path) -> list[int]:
    try:
        stat = path.stat()
    except OSError as error:
        raise FileProblem(f"{path.name}: cannot be read ({error.strerror}); check that it is there") from None
    # With the time of the last status change: a copy can carry the old file's time of writing.
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]


def _read(record: Path) -> dict[str, list[Any]]:
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # it only saves time: without it every file is read again
    return found if isinstance(found, dict) else {}
