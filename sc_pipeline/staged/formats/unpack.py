"""An archive -> its members, one temporary copy at a time and never past the limits of what may be unpacked."""

import gzip
import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from sc_pipeline.errors import FileProblem
from sc_pipeline.limits import MEMBERS, RATIO, RATIO_FROM_BYTES, UNPACKED

_BLOCK = 1 << 20
# What the readers of zip, gzip, deflate, bzip2 and LZMA raise for bytes that are not theirs; bzip2's has no name.
DAMAGED = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ValueError,
    NotImplementedError,
    RuntimeError,
    IndexError,
    OverflowError,
)


class Unpacked:
    """How many bytes one file of a release has unpacked to so far; `packed` are its own."""

    def __init__(self, packed: int) -> None:
        self._packed = packed
        self._bytes = 0

    def take(self, wanted: int, name: str) -> None:
        """Count `wanted` bytes as unpacked. Raises FileProblem past a limit."""
        self._bytes += wanted
        UNPACKED.hold(self._bytes, name)
        if self._bytes > RATIO_FROM_BYTES:
            RATIO.hold(self._bytes // max(self._packed, 1), name)


def unpack_gzip(path: Path, name: str, scratch: Path, unpacked: Unpacked) -> Path:
    """The one file inside a .gz, copied into `scratch` under its name without that ending; the caller deletes it."""
    scratch.mkdir(parents=True, exist_ok=True)
    target = scratch / "unpacked"
    damaged = f"{name}: is damaged or cut short (not a whole gzip file); fetch it again"
    with gzip.open(path) as source:
        _copy(source, target, name, damaged, unpacked)
    return target


def unpack_zip(path: Path, name: str, scratch: Path, unpacked: Unpacked) -> Iterator[tuple[str, Path]]:
    """Name and temporary copy of each file in a .zip, by name; each copy is gone when the next is asked for."""
    scratch.mkdir(parents=True, exist_ok=True)
    with _whole(f"{name}: is damaged or cut short (not a whole zip file); fetch it again"):
        archive = zipfile.ZipFile(path)
    with archive:
        MEMBERS.hold(len(archive.infolist()), name)
        members = sorted((member for member in archive.infolist() if _is_file(member)), key=lambda each: each.filename)
        if twice := [name for name, times in Counter(each.filename for each in members).items() if times > 1]:
            raise FileProblem(f"{name}: holds two files named {twice[0]}; unpack it and add the one that is meant")
        UNPACKED.hold(sum(member.file_size for member in members), name)
        for member in members:
            yield from _unpacked(archive, member, name, scratch / "member", unpacked)


def _unpacked(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, target: Path, unpacked: Unpacked
) -> Iterator[tuple[str, Path]]:
    place = f"{name}/{member.filename}"
    if member.flag_bits & 1:
        raise FileProblem(f"{place}: is encrypted; unpack it with its password and add the files")
    damaged = f"{place}: is damaged or cut short in its archive (not a whole zip file); fetch it again"
    try:
        with _whole(damaged):
            source = archive.open(member)
        with source:
            _copy(source, target, place, damaged, unpacked)
        yield member.filename, target
    finally:
        target.unlink(missing_ok=True)


@contextmanager
def _whole(damaged: str) -> Iterator[None]:
    try:
        yield
    except DAMAGED:
        raise FileProblem(damaged) from None


def _is_file(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    hidden = path.name.startswith((".", "~$")) or "__MACOSX" in path.parts
    return not member.is_dir() and not hidden


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, name: str, damaged: str, unpacked: Unpacked) -> None:
    """Counts while copying: the sizes an archive states about itself may be wrong.

    Raises FileProblem with the words `damaged` where the source does not unpack; a full disk is not the source's fault.
    """
    try:
        with target.open("wb") as out:
            while block := _read(source, damaged):
                unpacked.take(len(block), name)
                out.write(block)
    except (FileProblem, OSError):
        target.unlink(missing_ok=True)
        raise


def _read(source: IO[bytes] | gzip.GzipFile, damaged: str) -> bytes:
    try:
        return source.read(_BLOCK)
    except DAMAGED:
        raise FileProblem(damaged) from None
