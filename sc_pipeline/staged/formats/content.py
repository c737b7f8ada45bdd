"""The first bytes of a file -> what it is, whatever its name; for what is not read here, what to take instead."""

import codecs
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.formats.encoding import unmarked_utf16
from sc_pipeline.staged.formats.sheet import BESIDE, NOT_TAKEN_IN
from sc_pipeline.staged.formats.unpack import DAMAGED

# Formats that are read.
TEXT, XLSX, XLSB, XLS, ODS = "text", ".xlsx", ".xlsb", ".xls", ".ods"
PARQUET, FEATHER, ZIP, GZIP = "parquet", "feather", "zip", "gzip"
WORKBOOKS = (XLSX, XLSB, XLS, ODS)

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE = "open it in a spreadsheet program and save it as .xlsx or .csv"
_EXPORT = "export the table as .csv or Parquet"
_UNPACK = "unpack it and add its files"
_START_BYTES = 1 << 16
# Bytes a file begins with -> what it is, what to do, and whether such a file may hold the table itself.
_MAGIC: tuple[tuple[bytes, str, str, bool], ...] = (
    (b"%PDF", "a PDF", "ask for the table as .xlsx or .csv", False),
    (b"{\\rtf", "a rich-text document", "ask for the table as .xlsx or .csv", False),
    (b"\x89PNG", "a picture", "ask for the table as .xlsx or .csv", False),
    (b"\xff\xd8\xff", "a picture", "ask for the table as .xlsx or .csv", False),
    (b"GIF8", "a picture", "ask for the table as .xlsx or .csv", False),
    (b"II*\0", "a picture", "ask for the table as .xlsx or .csv", False),
    (b"MM\0*", "a picture", "ask for the table as .xlsx or .csv", False),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK, True),
    (b"Rar!", "a RAR archive", _UNPACK, True),
    (b"\xfd7zXZ", "an xz archive", _UNPACK, True),
    (b"BZh", "a bzip2 archive", _UNPACK, True),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK, True),
    (b"SQLite format 3", "an SQLite database", _EXPORT, True),
    (b"\0\1\0\0Standard ACE DB", "an Access database", _EXPORT, True),
    (b"\0\1\0\0Standard Jet DB", "an Access database", _EXPORT, True),
    (b"$FL2", "an SPSS file", _EXPORT, True),
    (b"$FL3", "an SPSS file", _EXPORT, True),
    (b"<stata_dta>", "a Stata file", _EXPORT, True),
    (b"RDX", "an R data file", _EXPORT, True),
    (b"RDA", "an R data file", _EXPORT, True),
    (b"X\n\0\0", "an R data file", _EXPORT, True),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "a SAS data set", _EXPORT, True),
    (b"HEADER RECORD*******", "a SAS transport file", _EXPORT, True),
    (b"Obj\x01", "an Avro file", _EXPORT, True),
    (b"ORC", "an ORC file", _EXPORT, True),
)
_DOCUMENT_NAMES = re.compile(r"(?i)(datapackage|schema|metadata|package|readme|manifest|license)[\w.-]*$")
_TABLE_ENDINGS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".csv", ".tsv", ".txt", ".dat")
# Text may hold a stray one; a format that is not text holds many.
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_JSON = re.compile(rb'^\s*[\[{]\s*(["\[{\]}]|$)')
_HTML = re.compile(
    rb"(?i)^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body|table|meta|style|div)\b", re.S
)


@dataclass(frozen=True)
class Other:
    """A format that is not read: what it is, and why it is left out, with what to do."""

    what: str
    reason: str


def format_of(path: Path, name: str) -> str | Other:
    """The format of a file by its content. `name` is its name in the release. Raises FileProblem if it is encrypted."""
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    if not start:
        return Other("empty", f"{NOT_TAKEN_IN}is empty (0 bytes); fetch it again")
    if start.startswith(b"PK\x05\x06"):
        return Other("empty", f"{NOT_TAKEN_IN}is a zip archive without files; fetch it again")
    if start.startswith(b"PK\x03\x04"):
        return _in_zip(path, name)
    if start.startswith(_OLE2):
        return _in_ole2(path, name)
    for magic, found in ((b"PAR1", PARQUET), (b"ARROW1", FEATHER), (b"FEA1", FEATHER), (b"\x1f\x8b", GZIP)):
        if start.startswith(magic):
            return found
    for magic, what, advice, tabular in _MAGIC:
        if start.startswith(magic):
            return _other(what, advice, name, tabular)
    if start[8:12] == b"DUCK":
        return _other("a DuckDB database", _EXPORT, name, True)
    return _text_of(start, name)


def _text_of(start: bytes, name: str) -> str | Other:
    plain = start.removeprefix(b"\xef\xbb\xbf")
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _other("UTF-32 text", "save it as UTF-8", name, True)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        plain = start.decode("utf-16", errors="ignore").encode()
    elif b"\0" in start and unmarked_utf16(start) is None and len(_CONTROLS.findall(start)) > len(start) // 1000:
        return _other("neither text nor a format known here", _EXPORT, name, True)
    tabular = name.lower().endswith(_TABLE_ENDINGS)
    if b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
        return _other("an XML spreadsheet of 2003", _SAVE, name, True)
    if _HTML.match(plain):
        return _other("HTML (a web page)", _SAVE, name, tabular)
    if plain.lstrip().startswith(b"<?xml"):
        return _other("XML", _SAVE, name, tabular)
    if plain.startswith(b"MIME-Version:") or b"\nMIME-Version:" in plain[:4096]:
        return _other("a web archive or e-mail", _SAVE, name, tabular)
    if _JSON.match(plain):
        return _other("JSON", _EXPORT, name, not _DOCUMENT_NAMES.match(PurePosixPath(name).name))
    return TEXT


def _in_zip(path: Path, name: str) -> str | Other:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mimetype = archive.open("mimetype").read(200) if "mimetype" in names else b""
    except DAMAGED:
        # A damaged archive or workbook: its reader says so.
        return XLSX if name.lower().endswith((".xlsx", ".xlsm")) else ZIP
    if "xl/workbook.bin" in names:
        return XLSB
    if "xl/workbook.xml" in names or ("[Content_Types].xml" in names and any(n.startswith("xl/") for n in names)):
        return XLSX
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return ODS
    if mimetype.startswith(b"application/vnd.oasis") or any(n.startswith(("word/", "ppt/")) for n in names):
        return _other("a text document or slides", "ask for the table as .xlsx or .csv", name, False)
    if any(n.endswith(".iwa") for n in names):
        return _other("an Apple Numbers document", "export it as .xlsx or .csv", name, True)
    return ZIP


def _in_ole2(path: Path, name: str) -> str | Other:
    """An OLE2 file is what its streams are named; the directory may be anywhere in it."""
    marks = {
        mark: mark.encode("utf-16-le")
        for mark in ("EncryptedPackage", "Workbook", "Book", "WordDocument", "__substg1.0_", "PowerPoint Document")
    }
    found, before = set[str](), b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found |= {mark for mark, text in marks.items() if text in before + block}
            before = block[-64:]
    if "EncryptedPackage" in found:
        raise FileProblem(f"{name}: is encrypted; open it with its password, save it without one and add that")
    if found and not found & {"Workbook", "Book"}:
        return _other("a document or e-mail", "ask for the table as .xlsx or .csv", name, False)
    return XLS


def _other(what: str, advice: str, name: str, tabular: bool) -> Other:
    ending = PurePosixPath(name).suffix.lower()
    despite = f", not the {ending} file its name says" if tabular and ending in _TABLE_ENDINGS else ""
    return Other(what, f"{NOT_TAKEN_IN if tabular else BESIDE}is {what}{despite}; {advice}")
