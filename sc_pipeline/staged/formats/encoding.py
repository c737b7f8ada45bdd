"""The bytes of a text file -> its encoding, then the same text as UTF-8 in blocks of whole lines."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from sc_pipeline.errors import FileProblem
from sc_pipeline.limits import LINE

BLOCK_BYTES = 16 << 20
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_BEYOND_ASCII, _STRAY = re.compile(r"[^\x00-\x7f]"), re.compile(r"[\udc80-\udcff]")
# What some programs write behind the last line: the end of a text file of DOS, and what fills its last block.
FILLING = b"\x1a\0"
# UTF-8 in which stray bytes of another encoding are read as Windows-1252.
MIXED = "utf-8 with stray Windows-1252"


def _as_control(error: UnicodeError) -> tuple[str, int]:
    """The five bytes Windows-1252 leaves undefined are read as themselves, as browsers do: no byte is lost."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """A byte that UTF-8 does not allow is what Windows-1252 makes of it."""
    assert isinstance(error, UnicodeDecodeError)
    byte = error.object[error.start : error.start + 1]
    return byte.decode("cp1252", errors="sc_pipeline.as_control"), error.start + 1


codecs.register_error("sc_pipeline.as_control", _as_control)
codecs.register_error("sc_pipeline.as_windows", _as_windows)


def find_encoding(path: Path, name: str) -> str:
    """The encoding by byte order mark, else UTF-8 where most letters beyond ASCII are, else Windows-1252.

    A few stray bytes do not turn a whole file: they alone are read as Windows-1252. Raises FileProblem.
    """
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig" if _utf8_or_windows(path) == "utf-8" else MIXED
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS.items() if start.startswith(mark)), None)
    encoding = marked or unmarked_utf16(start)
    if encoding is None:
        return _utf8_or_windows(path)
    _check(path, name, encoding)
    return encoding


def read_blocks(path: Path, name: str, encoding: str) -> Iterator[bytes]:
    """The text as UTF-8, lines ended by LF or CR LF, in blocks that end where a line ends."""
    errors = {"cp1252": "sc_pipeline.as_control", MIXED: "sc_pipeline.as_windows"}.get(encoding, "strict")
    decoder = codecs.getincrementaldecoder("utf-8" if encoding == MIXED else encoding)(errors)
    kept = b""
    with path.open("rb") as file:
        start = file.read(3)
        marked = {MIXED: 3 * start.startswith(codecs.BOM_UTF8)}.get(encoding, 0)
        file.seek(2 if encoding.startswith("utf-16") and start[:2] in _BYTE_ORDER_MARKS else marked)
        while raw := file.read(BLOCK_BYTES):
            block = kept + (raw if encoding == "utf-8" else decoder.decode(raw).encode())
            end = block.rfind(b"\n") + 1
            # A CR at the very end may be half of a CR LF.
            if b"\r" in block and block.count(b"\r", 0, -1) != block.count(b"\r\n"):
                block = _LONE_RETURN.sub(b"\n", block[:-1]) + block[-1:]
                end = block.rfind(b"\n") + 1
            if end:
                _hold_lines(block[:end], name)
                yield block[:end]
            kept = block[end:]
            LINE.hold(len(kept), name)
    kept += decoder.decode(b"", final=True).encode()
    kept = kept.rstrip(FILLING)
    if kept:
        yield _LONE_RETURN.sub(b"\n", kept) if kept.endswith(b"\r") else kept + b"\n"


def _hold_lines(block: bytes, name: str) -> None:
    if LINE.value < BLOCK_BYTES:  # else a longer one does not fit a block, and is met by what is kept of it
        LINE.hold(max(map(len, block.split(b"\n"))), name)


def _utf8_or_windows(path: Path) -> str:
    """Counts the letters beyond ASCII that are whole in UTF-8, and the bytes that UTF-8 does not allow."""
    # Nearly every file is UTF-8 throughout, and that is told without counting anything.
    if _is_whole(path, "utf-8"):
        return "utf-8"
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    whole = stray = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            text = decoder.decode(block)
            if not text.isascii():
                broken = len(_STRAY.findall(text))
                whole, stray = whole + len(_BEYOND_ASCII.findall(text)) - broken, stray + broken
    stray += len(decoder.decode(b"", final=True))
    return MIXED if whole >= stray else "cp1252"


def _check(path: Path, name: str, encoding: str) -> None:
    if not _is_whole(path, encoding):
        raise FileProblem(
            f"{name}: is damaged or cut short: it begins as {encoding} but does not go on so; fetch it again"
        )


def _is_whole(path: Path, encoding: str) -> bool:
    """Whether all of a file can be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def unmarked_utf16(start: bytes) -> str | None:
    """Latin text in UTF-16 has a null at every second byte, and only there; None for anything else."""
    even, odd = start[::2], start[1::2]
    if b"\0" not in even and odd.count(0) > len(odd) // 2:
        return "utf-16-le"
    if b"\0" not in odd and even.count(0) > len(even) // 2:
        return "utf-16-be"
    return None
