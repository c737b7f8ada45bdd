"""An archive -> its members, one temporary copy at a time and never past a limit of bytes."""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from sc_pipeline.errors import FileProblem

_BLOCK = 1 << 20
# What unpacking bytes raises that are no gzip, deflate, bzip2 or LZMA; bzip2 has no error of its own.
_DAMAGED = (zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError)


class Limit:
    """How many bytes one release file may still unpack to."""

    def __init__(self, limit_bytes: int) -> None:
        self.bytes = limit_bytes
        self._left = limit_bytes

    def take(self, wanted: int, name: str) -> None:
        """Count `wanted` bytes as unpacked. Raises FileProblem past the limit."""
        self._left -= wanted
        if self._left < 0:
            raise FileProblem(
                f"{name}: unpacks to more than the limit of {self.bytes:,} bytes; unpack it yourself and add its files"
            )


def unpack_gzip(path: Path, name: str, scratch: Path, limit: Limit) -> Path:
    """The one file inside a .gz, copied into `scratch` under its name without that ending; the caller deletes it."""
    scratch.mkdir(parents=True, exist_ok=True)
    target = scratch / "unpacked"
    with gzip.open(path) as source:
        _copy(source, target, name, f"{name}: is damaged or cut short (not a whole gzip file); fetch it again", limit)
    return target


def unpack_zip(path: Path, name: str, scratch: Path, limit: Limit) -> Iterator[tuple[str, Path]]:
    """Name and temporary copy of each file in a .zip, by name; each copy is gone when the next is asked for."""
    scratch.mkdir(parents=True, exist_ok=True)
    damaged = f"{name}: is damaged or cut short (not a whole zip file); fetch it again"
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(
                (member for member in archive.infolist() if _is_file(member)), key=lambda member: member.filename
            )
            if sum(member.file_size for member in members) > limit.bytes:
                limit.take(limit.bytes + 1, name)
            for member in members:
                if member.flag_bits & 1:
                    raise FileProblem(
                        f"{name}/{member.filename}: is encrypted; unpack it with its password and add the files"
                    )
                target = scratch / "member"
                try:
                    with archive.open(member) as source:
                        _copy(source, target, name, damaged, limit)
                    yield member.filename, target
                finally:
                    target.unlink(missing_ok=True)
    except (zipfile.BadZipFile, NotImplementedError):
        raise FileProblem(damaged) from None


def _is_file(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    hidden = path.name.startswith((".", "~$")) or "__MACOSX" in path.parts
    return not member.is_dir() and not hidden


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, name: str, damaged: str, limit: Limit) -> None:
    """Counts while copying: the sizes an archive states about itself may be wrong.

    Raises FileProblem with the words `damaged` where the source does not unpack; a full disk is not the source's fault.
    """
    try:
        with target.open("wb") as out:
            while block := _read(source, damaged):
                limit.take(len(block), name)
                out.write(block)
    except FileProblem:
        target.unlink()
        raise


def _read(source: IO[bytes] | gzip.GzipFile, damaged: str) -> bytes:
    try:
        return source.read(_BLOCK)
    except _DAMAGED:
        raise FileProblem(damaged) from None
