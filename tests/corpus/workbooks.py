"""Workbooks: stray cells, shared texts, damaged parts, values that make a parser panic, other formats by the name."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.cases.shapes import ICE, removals, table, workbook, zipped
from tests.corpus import Bad, good, one, refused, taken

_MB = 1 << 20
_SHEET, _STRINGS, _BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
_XLS = (Path(__file__).resolve().parent.parent / "data" / "removals.xls").read_bytes()
Make = Callable[[str], bytes]
Change = Callable[[bytes], bytes]


def _book(salt: str) -> bytes:
    return workbook({"Removals": table(removals(salt, form=None), ICE)})


def _part(name: str, change: Change | None, make: Make = _book) -> Make:
    """A workbook with one of its parts changed; without it where there is no change."""

    def content(salt: str) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(make(salt))) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
            for member in old.namelist():
                if member != name:
                    new.writestr(member, old.read(member))
                elif change:
                    new.writestr(member, change(old.read(member)))
        return stream.getvalue()

    return content


def _in_sheet(pattern: bytes, by: bytes) -> Make:
    return _part(_SHEET, lambda xml: re.sub(pattern, by, xml, count=1))


def _in_strings(pattern: bytes, by: bytes) -> Make:
    return _part(_STRINGS, lambda xml: re.sub(pattern, lambda _: by, xml, count=1))


def _stray(xml: bytes) -> bytes:
    return xml.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')


def _unsized(xml: bytes) -> bytes:
    return re.sub(rb"<dimension[^>]*/>", b"", _stray(xml))


def _prefixed(xml: bytes) -> bytes:
    return re.sub(rb"(</?)(\w)", rb"\1x:\2", _unsized(xml)).replace(b"xmlns=", b"xmlns:x=")


def _extra(cell: bytes) -> Make:
    return _part(_SHEET, lambda xml: xml.replace(b"</sheetData>", b'<row r="30">' + cell + b"</row></sheetData>"))


def _first(value: bytes) -> Make:
    """The day of the first row as another number."""
    return _in_sheet(rb'(<c r="A2"[^>]*><v>)[^<]*', rb"\g<1>" + value)


def _flipped(make: Make, seed: int, flips: int = 40) -> Make:
    def content(salt: str) -> bytes:
        draw, found = np.random.default_rng(seed), bytearray(make(salt))
        for place in draw.integers(600, len(found), flips):
            found[place] = int(draw.integers(256))
        return bytes(found)

    return content


_SPACES = (b"office", b"table", b"text")


def _ods(rows: Callable[[str], bytes]) -> Make:
    spaces = b" ".join(b'xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"' % (name, name) for name in _SPACES)
    head = b'<?xml version="1.0"?><office:document-content ' + spaces + b"><office:body><office:spreadsheet>"
    head += b'<table:table table:name="Removals">'
    foot = b"</table:table></office:spreadsheet></office:body></office:document-content>"
    manifest = (
        b'<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    fixed = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": manifest}
    return lambda salt: zipped(fixed | {"content.xml": head + rows(salt) + foot})


def _ods_rows(salt: str) -> bytes:
    return b"".join(
        b"<table:table-row>" + b"".join(_ods_cell(str(cell)) for cell in row) + b"</table:table-row>"
        for row in table(removals(salt), ICE)
    )


def _ods_cell(text: str) -> bytes:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'.encode()


def _ods_repeated(rows: int, columns: int) -> Callable[[str], bytes]:
    cell = _ods_cell("x").decode().replace(">", f' table:number-columns-repeated="{columns}">', 1)
    return lambda salt: (
        _ods_rows(salt) + f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'.encode()
    )


def _many_sheets(salt: str) -> bytes:
    return workbook({"Removals": table(removals(salt, form=None), ICE)} | {f"s{n}": [] for n in range(1_001)})


def _with_member(name: str, size: int) -> Make:
    def content(salt: str) -> bytes:
        stream = io.BytesIO(_book(salt))
        with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as book:
            book.writestr(name, bytes(size))
        return stream.getvalue()

    return content


def _shared(size: int, letter: bytes = b"y") -> Make:
    """One shared text of a size, used in twenty cells of a small file."""
    cells = b"".join(b'<c r="%c30" t="s"><v>0</v></c>' % (65 + number) for number in range(20))
    return _part(
        _STRINGS, lambda xml: re.sub(rb"<t[^>]*>[^<]*", lambda _: b"<t>" + letter * size, xml, count=1), _extra(cells)
    )


_ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)
_RUNS = b"<si>" + b"".join(b"<r><t>" + b"y" * 30_000 + b"</t></r>" for _ in range(100)) + b"</si>"


def _xlsx(name: str, make: Make, accepted: int = 12, quarantined: int = 0, **more: object) -> Bad:
    return taken(f"xlsx-{name}", one("x.xlsx", make), accepted, quarantined, **more)


def _no(name: str, make: Make, *words: str, **more: object) -> Bad:
    return refused(f"xlsx-{name}", one("x.xlsx", make), *words, **more)


CASES = [
    _no(
        "stray-cell",
        _part(_SHEET, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', _stray(xml))),
        "XFD1048576",
    ),
    _no("stray-cell-without-size", _part(_SHEET, _unsized), ""),
    _no("stray-cell-prefixed", _part(_SHEET, _prefixed), ""),
    _no("shared-text-of-100-megabytes", _shared(100 * _MB), "x.xlsx", slow=True),
    _no("shared-text-of-two-megabytes", _shared(2 * _MB), "MAX_CELL_BYTES"),
    _no("shared-text-of-runs", _in_strings(rb"<si>.*?</si>", _RUNS), "MAX_CELL_BYTES"),
    _no(
        "text-in-place-of-two-megabytes",
        _extra(b'<c r="A30" t="inlineStr"><is><t>' + b"y" * 2 * _MB + b"</t></is></c>"),
        "MAX_CELL_BYTES",
    ),
    _no("without-shared-texts", _part(_STRINGS, None), ""),
    _no("shared-text-beyond-the-last", _in_sheet(rb't="s"><v>\d+', b't="s"><v>99999999'), ""),
    _xlsx("shared-text-negative", _in_sheet(rb't="s"><v>\d+', b't="s"><v>-1')),
    _xlsx("shared-text-not-a-number", _in_sheet(rb't="s"><v>\d+', b't="s"><v>abc')),
    _no("shared-texts-empty", _part(_STRINGS, lambda _: b""), ""),
    _no("shared-texts-cut", _part(_STRINGS, lambda xml: xml[: len(xml) // 2]), ""),
    _no("sheet-cut", _part(_SHEET, lambda xml: xml[: len(xml) // 2]), ""),
    _no("sheet-empty", _part(_SHEET, lambda _: b""), ""),
    _no("sheet-missing", _part(_SHEET, None), ""),
    _no("sheet-not-xml", _part(_SHEET, lambda _: b"\x00\x01not xml<<<>>>"), ""),
    _no("sheet-of-another-root", _part(_SHEET, lambda _: b"<html><body>x</body></html>"), ""),
    _no("sheet-not-utf-8", _part(_SHEET, lambda xml: xml.replace(b"sheetData", b"sheet\xff\xfeData")), ""),
    _no("book-missing", _part(_BOOK, None), ""),
    _no("book-empty", _part(_BOOK, lambda _: b""), ""),
    _no("book-not-xml", _part(_BOOK, lambda _: b"<<<"), ""),
    _no("relations-missing", _part("xl/_rels/workbook.xml.rels", None), ""),
    _no(
        "relations-lead-out",
        _part(
            "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd")
        ),
        "",
    ),
    _xlsx("content-types-missing", _part("[Content_Types].xml", None)),
    _no("styles-garbled", _part("xl/styles.xml", lambda _: b"<a"), ""),
    _xlsx(
        "sheet-name-with-escapes",
        _part(_BOOK, lambda xml: xml.replace(b'name="Removals"', b'name="&#27;[2J&lt;b&gt;../x"')),
    ),
    _xlsx(
        "sheet-name-long", _part(_BOOK, lambda xml: xml.replace(b'name="Removals"', b'name="' + b"n" * 5_000 + b'"'))
    ),
    _xlsx("rows-numbered-downward", _extra(b'<c r="A3"><v>45000</v></c>'), 12),
    _no("cell-of-column-zzzzzzz", _extra(b'<c r="ZZZZZZZ30"><v>1</v></c>'), ""),
    _no("cell-of-a-huge-row", _extra(b'<c r="A99999999999"><v>1</v></c>'), ""),
    _no("cell-without-letters", _extra(b'<c r="30"><v>1</v></c>'), ""),
    _no("cell-of-nothing", _extra(b'<c r=""><v>1</v></c>'), ""),
    _xlsx("number-too-large", _first(b"1e309"), 11, 1),
    _xlsx("number-far-future", _first(b"99999999"), 11, 1),
    _xlsx("number-a-huge-day", _first(b"1e300"), 11, 1),
    _xlsx("number-negative", _first(b"-700000"), 11, 1),
    _xlsx("number-in-words", _first(b"abc"), 11, 1),
    _xlsx("number-nan", _first(b"NaN"), 11, 1),
    _no(
        "entities",
        _part(_STRINGS, lambda xml: _ENTITIES + re.sub(rb"<t[^>]*>[^<]*", b"<t>&j;", xml.partition(b"?>")[2], count=1)),
        "",
    ),
    _xlsx(
        "entity-of-a-file",
        _part(
            _STRINGS,
            lambda xml: (
                b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + xml.partition(b"?>")[2]
            ),
        ),
    ),
    _xlsx("comments-and-pictures", _with_member("xl/media/image1.png", 5_000)),
    _no("bomb-beside-the-sheets", _with_member("xl/media/image1.png", 200 * _MB), "MAX_RATIO"),
    _no("of-many-sheets", _many_sheets, "MAX_SHEETS"),
    _no("cut", lambda salt: _book(salt)[:3_000], ""),
    _no("head-alone", lambda _: b"PK\x03\x04" + bytes(60), ""),
    *(_no(f"bits-flipped-{seed}", _flipped(_book, seed), "") for seed in range(6)),
    refused("xls-cut", one("x.xls", lambda _: _XLS[:2_000]), ""),
    refused("xls-head-alone", one("x.xls", lambda _: _XLS[:8]), ""),
    refused("xls-of-zeros", one("x.xls", lambda _: _XLS[:512] + bytes(6_000)), ""),
    *(refused(f"xls-bits-flipped-{seed}", one("x.xls", _flipped(lambda _: _XLS, seed, 400)), "") for seed in range(6)),
    refused(
        "xls-encrypted",
        one("x.xls", lambda _: _XLS[:8] + bytes(1_500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)),
        "encrypted",
    ),
    refused(
        "xls-document",
        one("x.xls", lambda _: _XLS[:8] + bytes(1_500) + "WordDocument".encode("utf-16-le") + bytes(500)),
        "document",
    ),
    refused("xls-html", one("x.xls", lambda _: b"<html><table><tr><td>Departed Date</td></tr></table>"), "HTML"),
    refused(
        "xls-xml-2003",
        one(
            "x.xls", lambda _: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
        ),
        "2003",
    ),
    taken("xls-text", one("x.xls", good)),
    taken("xlsx-text", one("x.xlsx", good)),
    taken("csv-workbook", one("x.csv", _book)),
    taken("xlsm-without-macros", one("x.xlsm", _book)),
    refused(
        "xlsb-garbled",
        one("x.xlsb", lambda _: zipped({"xl/workbook.bin": b"\xff" * 400, "[Content_Types].xml": b"<a/>"})),
        "",
    ),
    taken("ods", one("x.ods", _ods(_ods_rows))),
    refused(
        "ods-repeated-everywhere", one("x.ods", _ods(_ods_repeated(1_048_576, 16_384))), "cannot be read as a workbook"
    ),
    taken(
        "ods-repeated-a-billion-times", one("x.ods", _ods(_ods_repeated(2_000_000_000, 1))), 12, 1_048_563, slow=True
    ),
    refused("ods-repeated-below-zero", one("x.ods", _ods(_ods_repeated(-5, -5))), ""),
    refused(
        "ods-cut",
        one(
            "x.ods",
            lambda salt: zipped(
                {
                    "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                    "content.xml": b"<office:document-content",
                }
            ),
        ),
        "",
    ),
    refused(
        "ods-without-content",
        one("x.ods", lambda _: zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})),
        "",
    ),
    refused(
        "ods-text-document",
        one("x.ods", lambda _: zipped({"mimetype": b"application/vnd.oasis.opendocument.text"})),
        "text document",
    ),
    refused("numbers-document", one("x.numbers", lambda _: zipped({"Index/Document.iwa": b"x"})), "Numbers"),
]
