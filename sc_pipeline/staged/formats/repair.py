"""A workbook -> a copy without what its parser cannot take, such as error cells that it does not know."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml$")
_PIECE = 1 << 20
_LONGEST_CELL = 1 << 15  # bytes of a cell's XML that a piece may cut
_KNOWN_ERRORS = rb"(?!#DIV/0!|#N/A<|#NAME\?|#NULL!|#NUM!|#REF!|#VALUE!)"
# An error that the parser does not know refuses the whole workbook: it becomes the text that Excel shows.
_ERROR_CELL = re.compile(
    rb'(<c\b[^>]*\bt=)"e"([^>]*>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>' + _KNOWN_ERRORS + rb"#[^<]*</v>)"
)
# A date a moment before midnight, which the parser rounds up into the next day: cut to 23:59:58.
_BEFORE_MIDNIGHT = re.compile(rb"(<v>\d{5})\.99999[^<]*(</v>)")
_REPAIRS = ((_ERROR_CELL, rb'\1"str"\2'), (_BEFORE_MIDNIGHT, rb"\1.99998\2"))
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+\d+:([A-Z]+)(\d+)"')
_CELL_AT = re.compile(rb'<c r="([A-Z]+)(\d+)"')
# A sheet this large for which the file is far too small is a table with a stray cell far away from it.
_LARGE, _LEAST_BYTES_A_CELL = 50_000_000, 1


def repaired(book: Path, folder: Path) -> Path:
    """The workbook itself, or a copy in `folder` with the cells changed that its reader cannot take."""
    if not zipfile.is_zipfile(book):
        return book
    with zipfile.ZipFile(book) as archive:
        broken = {
            info.filename for info in archive.infolist() if _SHEET.match(info.filename) and _is_broken(archive, info)
        }
        if not broken:
            return book
        copy = folder / f"repaired{book.suffix}"
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for info in archive.infolist():
                content = archive.read(info)
                if info.filename in broken:
                    for pattern, cell in _REPAIRS:
                        content = pattern.sub(cell, content)
                out.writestr(info.filename, content)
    return copy


def _is_broken(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    return any(
        (b't="e"' in piece and _ERROR_CELL.search(piece)) or (b".99999" in piece and _BEFORE_MIDNIGHT.search(piece))
        for piece in _pieces(archive, info)
    )


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member in pieces, each beginning with the end of the one before."""
    kept = b""
    with archive.open(info) as file:
        while block := file.read(_PIECE):
            yield kept + block
            kept = block[-_LONGEST_CELL:]


def is_1904(book: Path) -> bool:
    """Whether the workbook counts its days from 1904, as old Excel for Mac did."""
    if zipfile.is_zipfile(book):
        with zipfile.ZipFile(book) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return False
            return bool(
                re.search(rb"<(\w+:)?workbookPr\b[^>]*\bdate1904=\"(1|true)\"", archive.read("xl/workbook.xml"))
            )
    # In an .xls: the record DATEMODE (0x22, two bytes long) with the value 1, near the start of its stream.
    with book.open("rb") as file:
        return b"\x22\x00\x02\x00\x01\x00" in file.read(1 << 16)


def stray_cell(book: Path) -> dict[str, str]:
    """Sheet file -> a cell far away from all others: with it the parser would make a rectangle larger than memory."""
    if not zipfile.is_zipfile(book):
        return {}
    found: dict[str, str] = {}
    with zipfile.ZipFile(book) as archive:
        for info in archive.infolist():
            if not _SHEET.match(info.filename):
                continue
            with archive.open(info) as file:
                dimension = _DIMENSION.search(file.read(1 << 12))
            if not dimension or _area(*dimension.groups()) < _LARGE:
                continue
            columns, rows = 1, 1
            for piece in _pieces(archive, info):
                cells = _CELL_AT.findall(piece)
                columns = max([columns, *(_number(letters) for letters, _ in cells)])
                rows = max([rows, *(int(row) for _, row in cells)])
            if columns * rows > max(_LARGE, info.file_size // _LEAST_BYTES_A_CELL):
                found[info.filename] = (dimension[1] + dimension[2]).decode()
    return found


def _area(letters: bytes, row: bytes) -> int:
    return _number(letters) * int(row)


def _number(letters: bytes) -> int:
    """A -> 1, Z -> 26, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
