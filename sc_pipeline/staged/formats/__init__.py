"""raw -> staged: a file in any accepted format -> its sheets, every cell as text, by what the ending says it is."""

from collections.abc import Iterator
from pathlib import Path

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.formats.excel import read_workbook
from sc_pipeline.staged.formats.sheet import HEADER_ROWS, Sheet
from sc_pipeline.staged.formats.text import read_text
from sc_pipeline.staged.formats.unpack import Limit, unpack_gzip, unpack_zip

__all__ = ["ENDINGS", "HEADER_ROWS", "Sheet", "open_sheets"]

TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".pipe", ".psv")
WORKBOOK_ENDINGS = (".xlsx", ".xlsm", ".xls")
_PLAIN = TEXT_ENDINGS + WORKBOOK_ENDINGS
_IN_ZIP = (*_PLAIN, *(f"{ending}.gz" for ending in _PLAIN))
ENDINGS = (*_IN_ZIP, ".zip")
_GIB = 1 << 30


def open_sheets(path: Path, scratch: Path, max_expanded_bytes: int = 20 * _GIB) -> Iterator[Sheet]:
    """The sheets of one file, one at a time: read a sheet before asking for the next. Raises FileProblem.

    Archives are unpacked into `scratch`, one member at a time, deleted before the next; a file that would unpack to
    more than `max_expanded_bytes` is refused.
    """
    yield from _open(path, path.name, scratch, Limit(max_expanded_bytes))


def _open(path: Path, name: str, scratch: Path, limit: Limit) -> Iterator[Sheet]:
    ending = path.suffix.lower()
    if ending in TEXT_ENDINGS:
        yield from read_text(path, name)
    elif ending in WORKBOOK_ENDINGS:
        yield from read_workbook(path, name)
    elif ending == ".gz" and path.stem.lower().endswith(_PLAIN):
        _expect(path, b"\x1f\x8b", name, "gzip")
        scratch.mkdir(parents=True, exist_ok=True)
        inner = unpack_gzip(path, name, scratch, limit)
        try:
            yield from _open(inner, name, scratch, limit)
        finally:
            inner.unlink(missing_ok=True)
    elif ending == ".zip":
        _expect(path, b"PK", name, "zip")
        scratch.mkdir(parents=True, exist_ok=True)
        for inner_name, inner in unpack_zip(path, name, scratch, limit, _IN_ZIP):
            yield from _open(inner, inner_name, scratch, limit)
    else:
        raise FileProblem(f"{name}: '{path.suffix}' is no ending known here; known are {', '.join(_PLAIN)}, .gz, .zip")


def _expect(path: Path, magic: bytes, name: str, what: str) -> None:
    with path.open("rb") as file:
        start = file.read(len(magic))
    if not start:
        raise FileProblem(f"{name}: is empty (0 bytes); fetch it again")
    if start != magic:
        raise FileProblem(f"{name}: is not the {what} file its ending says; give it its right ending")
