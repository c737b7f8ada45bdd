"""raw -> staged: a file in any accepted format -> its sheets, every cell as text, by what its content says it is."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sc_pipeline.errors import FileProblem
from sc_pipeline.limits import DEPTH
from sc_pipeline.staged.formats.columnar import read_columnar
from sc_pipeline.staged.formats.content import FEATHER, GZIP, PARQUET, TEXT, WORKBOOKS, ZIP, Other, format_of
from sc_pipeline.staged.formats.sheet import BESIDE, HEADER_ROWS, NOT_TAKEN_IN, Aside, Sheet
from sc_pipeline.staged.formats.text import read_text
from sc_pipeline.staged.formats.unpack import Unpacked, unpack_gzip, unpack_zip
from sc_pipeline.staged.formats.workbook import read_workbook

__all__ = ["BESIDE", "HEADER_ROWS", "NOT_TAKEN_IN", "Aside", "Sheet", "open_sheets"]


def open_sheets(path: Path, scratch: Path) -> Iterator[Sheet | Aside]:
    """The sheets of one file, one at a time: read a sheet before asking for the next. Raises FileProblem.

    Archives are unpacked into `scratch`, one member at a time, deleted before the next; a file past one of the limits
    is refused.
    """
    try:
        packed = path.stat().st_size
        yield from _open(path, path.name, scratch, Unpacked(packed), 0)
    except OSError as error:
        # The file alone: where `scratch` cannot be written, the disk is at fault and not the file.
        if error.filename is None or Path(str(error.filename)) != path:
            raise
        raise FileProblem(
            f"{path.name}: cannot be read ({error.strerror}); check that it is there, and its permissions"
        ) from None


def _open(path: Path, name: str, scratch: Path, unpacked: Unpacked, depth: int) -> Iterator[Sheet | Aside]:
    form = format_of(path, name)
    if isinstance(form, Other):
        yield Aside(name, None, form.reason)
    elif form == TEXT:
        yield from read_text(path, name)
    elif form in WORKBOOKS:
        yield from read_workbook(path, name, form, scratch)
    elif form in (PARQUET, FEATHER):
        yield from read_columnar(path, name, form, scratch)
    elif depth >= DEPTH.value:
        raise DEPTH.passed(name)
    elif form == GZIP:
        yield from _open_gzip(path, name, scratch, unpacked, depth)
    elif form == ZIP:
        yield from _open_zip(path, name, scratch, unpacked, depth)


def _open_gzip(path: Path, name: str, scratch: Path, unpacked: Unpacked, depth: int) -> Iterator[Sheet | Aside]:
    inner = unpack_gzip(path, name, scratch / str(depth), unpacked)
    try:
        yield from _open(inner, name, scratch, unpacked, depth + 1)
    finally:
        inner.unlink(missing_ok=True)


def _open_zip(path: Path, name: str, scratch: Path, unpacked: Unpacked, depth: int) -> Iterator[Sheet | Aside]:
    empty = True
    for member, inner in unpack_zip(path, name, scratch / str(depth), unpacked):
        empty = False
        yield from _open(inner, f"{name}/{member}", scratch, unpacked, depth + 1)
    if empty:
        yield Aside(
            name, None, f"{NOT_TAKEN_IN}is an archive without files: {PurePosixPath(name).name}; fetch it again"
        )
