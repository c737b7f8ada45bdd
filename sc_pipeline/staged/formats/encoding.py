"""The bytes of a text file -> its encoding, then the same text as UTF-8 in blocks of whole lines."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from sc_pipeline.errors import FileProblem

BLOCK_BYTES = 16 << 20
_LONGEST_LINE_BYTES = 128 << 20
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or another Office file",
    b"\x1f\x8b": "a gzip file",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
}
_LONE_RETURN = re.compile(rb"\r(?!\n)")


def _as_control(error: UnicodeError) -> tuple[str, int]:
    """The five bytes Windows-1252 leaves undefined stand for themselves, as browsers read them: no byte is lost."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("sc_pipeline.as_control", _as_control)


def find_encoding(path: Path, name: str) -> str:
    """The encoding by byte order mark, else UTF-8 if every byte fits, else Windows-1252. Raises FileProblem."""
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if not start:
        raise FileProblem(f"{name}: is empty (0 bytes); fetch it again")
    for magic, what in _OTHER_FORMATS.items():
        if start.startswith(magic):
            raise FileProblem(f"{name}: is not the text its ending says but {what}; give it its right ending")
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            _check(path, name, encoding)
            return encoding
    if b"\0" in start:
        encoding = _unmarked_utf16(start)
        if encoding is None:
            raise FileProblem(
                f"{name}: is not the text its ending says (it holds null bytes); give it its right ending"
            )
        _check(path, name, encoding)
        return encoding
    return "utf-8" if _is_utf8(path) else "cp1252"


def read_blocks(path: Path, name: str, encoding: str) -> Iterator[bytes]:
    """The text as UTF-8, lines ended by LF or CR LF, in blocks that end where a line ends."""
    errors = "sc_pipeline.as_control" if encoding == "cp1252" else "strict"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    kept = b""
    with path.open("rb") as file:
        if encoding.startswith("utf-16") and file.read(2) not in _BYTE_ORDER_MARKS:
            file.seek(0)
        while raw := file.read(BLOCK_BYTES):
            block = kept + (raw if encoding == "utf-8" else decoder.decode(raw).encode())
            end = block.rfind(b"\n") + 1
            # A CR at the very end may be half of a CR LF.
            if b"\r" in block and block.count(b"\r", 0, -1) != block.count(b"\r\n"):
                block = _LONE_RETURN.sub(b"\n", block[:-1]) + block[-1:]
                end = block.rfind(b"\n") + 1
            if end:
                yield block[:end]
            kept = block[end:]
            if len(kept) > _LONGEST_LINE_BYTES:
                raise FileProblem(f"{name}: holds a line of over {_LONGEST_LINE_BYTES:,} bytes; it is no table of rows")
    kept += decoder.decode(b"", final=True).encode()
    if kept:
        yield _LONE_RETURN.sub(b"\n", kept) if kept.endswith(b"\r") else kept + b"\n"


def _is_utf8(path: Path) -> bool:
    try:
        _decode_all(path, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _check(path: Path, name: str, encoding: str) -> None:
    try:
        _decode_all(path, encoding)
    except UnicodeDecodeError:
        raise FileProblem(
            f"{name}: is damaged or cut short: it begins as {encoding} but does not go on so; fetch it again"
        ) from None


def _decode_all(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            decoder.decode(block)
    decoder.decode(b"", final=True)


def _unmarked_utf16(start: bytes) -> str | None:
    """Latin text in UTF-16 has a null at every second byte, and only there."""
    even, odd = start[::2], start[1::2]
    if b"\0" not in even and odd.count(0) > len(odd) // 2:
        return "utf-16-le"
    if b"\0" not in odd and even.count(0) > len(even) // 2:
        return "utf-16-be"
    return None
