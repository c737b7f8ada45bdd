"""A workbook that is a zip -> whether it is small enough to parse: told by reading its XML once, holding none of it."""

import zipfile
from pathlib import Path
from typing import IO

from sc_pipeline.limits import CELL, MEMBERS
from sc_pipeline.staged.formats.unpack import DAMAGED, Unpacked

_PIECE = 1 << 20


def weigh(book: Path) -> None:
    """Raise FileProblem past a limit. A text of a hundred megabytes fits a tiny file, and is shared by many cells."""
    try:
        archive = zipfile.ZipFile(book)
    except DAMAGED:
        return  # not a zip, or not a whole one: its parser says so
    unpacked = Unpacked(book.stat().st_size)
    with archive:
        MEMBERS.hold(len(archive.infolist()), "")
        for info in archive.infolist():
            try:
                source = archive.open(info)
            except DAMAGED:
                continue
            with source:
                _weigh(source, info.filename.endswith(".xml"), unpacked)


def _weigh(source: IO[bytes], is_xml: bool, unpacked: Unpacked) -> None:
    """A run of bytes without a tag is one text; within a piece it cannot pass the limit."""
    run, piece = 0, min(_PIECE, CELL.value)
    while block := _read(source, piece):
        unpacked.take(len(block), "")
        if not is_xml:
            continue
        first = block.find(b"<")
        CELL.hold(run + (first if first >= 0 else len(block)), "")
        run = run + len(block) if first < 0 else len(block) - block.rfind(b">") - 1


def _read(source: IO[bytes], size: int) -> bytes:
    try:
        return source.read(size)
    except DAMAGED:
        return b""
