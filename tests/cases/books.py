"""Sheets of cells -> the bytes of workbooks that no library here writes: OpenDocument and Excel's binary form."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

Cells = Sequence[Sequence[Any]]
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
_DAY_ZERO = date(1899, 12, 30)


def ods(sheets: Mapping[str, Cells]) -> bytes:
    """An OpenDocument spreadsheet of texts and days."""
    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in cells)
        + "</table:table>"
        for name, cells in sheets.items()
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", f"<office:document-content {_SPACES}>{body}</office:document-content>")
    return stream.getvalue()


def _ods_cell(cell: Any) -> str:
    if isinstance(cell, date):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{cell}"><text:p>{cell:%m/%d/%Y}</text:p>'
            "</table:table-cell>"
        )
    if cell in ("", None):
        return "<table:table-cell/>"
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'


def xlsb(name: str, cells: Cells) -> bytes:
    """A binary workbook of one sheet, of texts and days."""
    book = [
        _record(131),
        _record(143),
        _record(156, struct.pack("<II", 0, 1) + _text("rId1") + _text(name)),
        _record(144),
        _record(132),
    ]
    # Two formats: none, and that of a day.
    styles = [
        _record(278),
        _record(617, struct.pack("<I", 2)),
        *(_record(47, struct.pack("<HHHHHHHH", 0, form, 0, 0, 0, 0, 0, 0)) for form in (0, 14)),
        _record(618),
        _record(279),
    ]
    relations = (
        f'<Relationships><Relationship Id="rId1" Type="{_RELATION}" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", b"".join(book))
        archive.writestr("xl/styles.bin", b"".join(styles))
        archive.writestr("xl/_rels/workbook.bin.rels", relations)
        archive.writestr("xl/worksheets/sheet1.bin", _xlsb_sheet(cells))
    return stream.getvalue()


def _xlsb_sheet(cells: Cells) -> bytes:
    width = max(map(len, cells))
    records = [_record(129), _record(148, struct.pack("<IIII", 0, len(cells) - 1, 0, width - 1)), _record(145)]
    for y, row in enumerate(cells):
        records.append(_record(0, struct.pack("<IIHBBBI", y, 0, 300, 0, 0, 0, 0)))
        for x, cell in enumerate(row):
            if isinstance(cell, date):
                records.append(_record(5, struct.pack("<IId", x, 1, (cell - _DAY_ZERO).days)))
            elif cell not in ("", None):
                records.append(_record(6, struct.pack("<II", x, 0) + _text(str(cell))))
    return b"".join([*records, _record(146), _record(130)])


def _record(kind: int, data: bytes = b"") -> bytes:
    """A record: its kind and its length in groups of seven bits, then its bytes."""
    return _in_sevens(kind) + _in_sevens(len(data)) + data


def _in_sevens(number: int) -> bytes:
    found = bytearray()
    while True:
        number, low = divmod(number, 128)
        found.append(low | (128 if number else 0))
        if not number:
            return bytes(found)


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
