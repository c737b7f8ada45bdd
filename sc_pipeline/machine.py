"""What is wrong with the machine, not with a file: a full disk, a folder that cannot be written, too little memory."""

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sc_pipeline.errors import UserError

# Libraries whose errors may be the machine's; each is asked only where it is loaded already.
_LIBRARIES = (
    ("duckdb", "Error"),
    ("pyarrow", "ArrowException"),
    ("sqlalchemy.exc", "DBAPIError"),
    ("sqlite3", "Error"),
    ("polars.exceptions", "PolarsError"),
)
_FULL = re.compile(r"No space left|disk is full|disk full|quota exceeded|File too large", re.I)
_SHUT = re.compile(
    r"Read-only file system|Permission denied|readonly database|unable to open database|"
    r"Operation not permitted",
    re.I,
)
_FAILS = re.compile(r"disk I/O error|Input/output error", re.I)
_MEMORY = re.compile(r"out of memory|cannot allocate memory|failed to allocate|could not allocate|malloc of size", re.I)
_PATH = re.compile(r"[\"'](/[^\"']+)[\"']")
_LITTLE = 1.0  # megabytes: with less a database says no more than that its disk fails
_AGAIN = "readers keep the published file"


class MachineProblem(UserError):
    """Something is wrong with the machine: no file is at fault, and the same command may succeed later."""


def problem_of(error: BaseException, folder: Path) -> MachineProblem | None:
    """What the machine lacks, in one line that names the disk or folder; None where the error is another.

    `folder` is what is meant where the error itself names no path.
    """
    text = str(error)
    place = _place(error, text) or folder
    if isinstance(error, MemoryError) or _MEMORY.search(text):
        return MachineProblem(f"{folder}: not enough memory; close other programs and run it again; {_AGAIN}")
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EPIPE:
        return None  # whoever read the output stopped, as `head` does
    disk = _disk(place)
    free = shutil.disk_usage(disk).free / 1e6
    fails = number == errno.EIO or bool(_FAILS.search(text))
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or _FULL.search(text) or (fails and free < _LITTLE):
        return MachineProblem(
            f"{disk}: this disk is full ({free:,.0f} MB free); free some space and run it again; {_AGAIN}"
        )
    if fails:
        return MachineProblem(f"{disk}: this disk cannot be read or written (input/output error); check it; {_AGAIN}")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS) or _SHUT.search(text):
        why = (error.strerror if isinstance(error, OSError) else None) or "it is read-only"
        return MachineProblem(
            f"{place}: cannot be read or written ({why}); check its permissions and its disk; {_AGAIN}"
        )
    if number == errno.ENOENT:
        return MachineProblem(f"{place}: is gone; something else removed it meanwhile; run it again")
    if isinstance(error, OSError) and number:
        return MachineProblem(f"{place}: cannot be used ({error.strerror}); look at what is there; {_AGAIN}")
    return None


def _place(error: BaseException, text: str) -> Path | None:
    # Of a rename, the name that it would have taken.
    names = (error.filename2, error.filename) if isinstance(error, OSError) else ()
    for name in names:
        if isinstance(name, str):
            return Path(name)
    found = _PATH.search(text)
    return Path(found[1]) if found else None


def _disk(place: Path) -> Path:
    """Where the disk of a path is mounted."""
    disk = place.absolute()
    while not os.path.ismount(disk) and disk != disk.parent:
        disk = disk.parent
    return disk


def kinds() -> tuple[type[BaseException], ...]:
    """The errors that may be the machine's, of what is loaded."""
    loaded = ((sys.modules.get(module), name) for module, name in _LIBRARIES)
    return (OSError, MemoryError, *(getattr(module, name) for module, name in loaded if module is not None))


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Raise what the machine lacks as a MachineProblem; any other error as it is."""
    try:
        yield
    except kinds() as error:
        if problem := problem_of(error, folder):
            raise problem from None
        raise
