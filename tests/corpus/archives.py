"""Archives: damaged, lying, nested, encrypted, far too large, and with names that lead elsewhere."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping

from tests.cases.shapes import zipped
from tests.corpus import Bad, good, one, refused, taken

_MB = 1 << 20
Make = Callable[[str], bytes]


def _of(members: Callable[[str], Mapping[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> Make:
    def content(salt: str) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for name, inner in members(salt).items():
                archive.writestr(name, inner)
        return stream.getvalue()

    return content


def _one(name: str = "x.csv", method: int = zipfile.ZIP_DEFLATED) -> Make:
    return _of(lambda salt: {name: good(salt)}, method)


def _changed(make: Make, change: Callable[[bytearray], object]) -> Make:
    def content(salt: str) -> bytes:
        found = bytearray(make(salt))
        change(found)
        return bytes(found)

    return content


def _set(mark: bytes, at: int, value: bytes) -> Callable[[bytearray], object]:
    """Overwrite bytes of the first record that begins with a mark."""

    def change(found: bytearray) -> None:
        start = found.index(mark) + at
        found[start : start + len(value)] = value

    return change


_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def _both(at_local: int, at_central: int, value: bytes) -> Callable[[bytearray], object]:
    def change(found: bytearray) -> None:
        _set(_LOCAL, at_local, value)(found)
        _set(_CENTRAL, at_central, value)(found)

    return change


def _blank(start: int, end: int) -> Callable[[bytearray], object]:
    return lambda found: found.__setitem__(slice(start, end), bytes(end - start))


def _nested(depth: int) -> Make:
    def content(salt: str) -> bytes:
        inner = good(salt)
        for number in range(depth):
            inner = zipped({f"{number}.zip" if number else "x.csv": inner})
        return inner

    return content


def _gzips(depth: int) -> Make:
    def content(salt: str) -> bytes:
        inner = good(salt)
        for _ in range(depth):
            inner = gzip.compress(inner, mtime=0)
        return inner

    return content


def _link(salt: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("x.csv", good(salt))
    return stream.getvalue()


def _twice(salt: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x.csv", good(salt))
        archive.writestr("x.csv", good(f"{salt} again"))
    return stream.getvalue()


def _tar(mode: str) -> Make:
    def content(salt: str) -> bytes:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
            info = tarfile.TarInfo("x.csv")
            info.size = len(good(salt))
            archive.addfile(info, io.BytesIO(good(salt)))
        return stream.getvalue()

    return content


def _zip(name: str, make: Make, *words: str, **more: object) -> Bad:
    return refused(f"zip-{name}", one("x.zip", make), *words, **more)


def _in(name: str, make: Make, accepted: int = 12, **more: object) -> Bad:
    return taken(f"zip-{name}", one("x.zip", make), accepted, **more)


def _gz(name: str, make: Make, *words: str, **more: object) -> Bad:
    return refused(f"gz-{name}", one("x.csv.gz", make), *words, **more)


def _zeros(size: int) -> Make:
    return lambda _: zipped({"x.csv": bytes(size)})


def _padded(salt: str) -> bytes:
    return gzip.compress(good(salt), mtime=0) + bytes(512)


def _named(salt: str) -> bytes:
    """A gzip file whose header holds a name of 70 kilobytes."""
    body = gzip.compress(good(salt), mtime=0)
    return body[:3] + b"\x08" + body[4:10] + b"n" * 70_000 + b"\0" + body[10:]


METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}
CASES = [
    *(_in(f"method-{name}", _one(method=method)) for name, method in METHODS.items()),
    *(
        _zip(f"damaged-{name}", _changed(_one(method=method), _blank(60, 160)), "x.zip/x.csv: is damaged")
        for name, method in METHODS.items()
    ),
    _zip("cut", lambda salt: _one()(salt)[:300], "damaged or cut short"),
    _zip("cut-at-the-end", lambda salt: _one()(salt)[:-10], "damaged or cut short"),
    _zip("head-alone", lambda _: b"PK\x03\x04", "damaged or cut short"),
    _zip("empty", lambda _: zipped({}), "without files"),
    _zip("folders-alone", _of(lambda _: {"a/": b"", "a/b/": b""}), "without files"),
    _zip("hidden-alone", _of(lambda salt: {".x.csv": good(salt), "__MACOSX/x.csv": b"x"}), "without files"),
    _zip("central-garbled", _changed(_one(), _set(_CENTRAL, 0, b"XXXX")), "damaged or cut short"),
    _zip("central-offset-lies", _changed(_one(), _set(_END, 16, b"\xff\xff\xff\x7f")), "damaged or cut short"),
    _zip("central-size-lies", _changed(_one(), _set(_END, 12, b"\xff\xff\xff\x7f")), "damaged or cut short"),
    _in("central-name-length-lies", _changed(_one(), _set(_CENTRAL, 28, b"\xff\xff"))),
    _in("central-extra-lies", _changed(_one(), _set(_CENTRAL, 30, b"\xff\x00"))),
    _in("count-lies", _changed(_one(), _set(_END, 8, b"\xff\x00\xff\x00"))),
    _zip(
        "local-mark-garbled",
        _changed(_of(lambda salt: {"a.txt": b"a note", "x.csv": good(salt)}), _set(b"x.csv", -30, b"QQQQ")),
        "damaged",
    ),
    _zip("local-offset-lies", _changed(_one(), _set(_CENTRAL, 42, b"\xf0\xff\xff\x7f")), "damaged"),
    _zip("local-name-differs", _changed(_one(), _set(_LOCAL, 30, b"y")), "damaged"),
    _zip("sum-wrong", _changed(_one(), _both(14, 16, b"\1\2\3\4")), "x.zip/x.csv: is damaged"),
    _zip("packed-size-lies", _changed(_one(), _both(18, 20, b"\x05\0\0\0")), "damaged"),
    _zip("unpacked-size-lies", _changed(_one(), _both(22, 24, b"\x05\0\0\0")), "damaged"),
    _in("unpacked-size-huge", _changed(_one(), _both(22, 24, b"\xf0\xff\xff\xff"))),
    _zip("encrypted", _changed(_one(), _both(6, 8, b"\x01\x00")), "encrypted"),
    _zip("strongly-encrypted", _changed(_one(), _both(6, 8, b"\x41\x00")), "encrypted"),
    _zip("patch-data", _changed(_one(), _both(6, 8, b"\x20\x00")), "damaged"),
    _zip("method-deflate64", _changed(_one(), _both(8, 10, b"\x09\x00")), "damaged"),
    _zip("method-aes", _changed(_one(), _both(8, 10, b"\x63\x00")), "damaged"),
    _zip("method-zstd", _changed(_one(), _both(8, 10, b"\x5d\x00")), "damaged"),
    _zip("method-unknown", _changed(_one(), _both(8, 10, b"\xee\x00")), "damaged"),
    _zip("version-too-new", _changed(_one(), _both(4, 6, b"\xff\x00")), "damaged"),
    _zip(
        "name-not-utf-8",
        _changed(_changed(_one("\u00e9.csv"), _both(30, 46, b"\xff\xfe")), _both(6, 8, b"\0\x08")),
        "damaged",
    ),
    _in("zip64-lies", _changed(_one(), _set(_CENTRAL, 20, b"\xff\xff\xff\xff\xff\xff\xff\xff"))),
    _in("name-climbs", _one("../../../climbed.csv")),
    _in("name-climbs-far", _one("../" * 60 + "tmp/climbed.csv")),
    _in("name-absolute", _one("/tmp/climbed.csv")),
    _in("name-of-windows", _one("C:\\climbed.csv")),
    _in("name-with-escapes", _one("\x1b[2J\x1b]0;x\x07.csv")),
    _in("name-with-line-ends", _one("a\nb: everything is fine\n.csv")),
    _in("name-long", _one("n" * 60_000 + ".csv")),
    _in("name-deep", _one("d/" * 5_000 + "x.csv")),
    _zip("name-of-dots", _one("..."), "without files"),
    _in("name-reserved", _one("CON.csv")),
    _in("name-with-a-star", _one("*.csv")),
    _in("name-right-to-left", _one("\u202evsc.x")),
    _in("comment", _changed(_one(), lambda found: found.__setitem__(slice(-2, None), b"\x05\0hello"))),
    _zip("behind-text", lambda salt: b"#!/bin/sh\n" + _one()(salt), ""),
    _in("link", _link),
    _zip("name-twice", _twice, "two files named x.csv"),
    _in(
        "table-beside-a-zip",
        _of(lambda salt: {"a.csv": good(salt), "inner.zip": zipped({"b.csv": good(f"{salt} b")})}),
        24,
    ),
    _zip(
        "table-beside-a-damaged-zip",
        _of(lambda salt: {"a.csv": good(salt), "inner.zip": _one()(salt)[:200]}),
        "x.zip/inner.zip",
    ),
    _in("table-beside-a-picture", _of(lambda salt: {"a.csv": good(salt), "b.png": b"\x89PNG", "Thumbs.db": b"x"})),
    _in("table-beside-an-empty-one", _of(lambda salt: {"a.csv": good(salt), "b.csv": b""})),
    _in("four-deep", _nested(4)),
    _zip("ten-deep", _nested(10), "MAX_DEPTH"),
    _zip("of-many", _of(lambda salt: {f"{number}.csv": b"" for number in range(10_001)}), "MAX_MEMBERS", slow=True),
    _zip("bomb", _zeros(300 * _MB), "MAX_RATIO"),
    _zip("bomb-within", lambda salt: zipped({"a.zip": _zeros(300 * _MB)(salt)}), "MAX_RATIO", slow=True),
    _zip(
        "bombs-within",
        lambda salt: zipped({f"{number}.zip": _zeros(40 * _MB)(salt) for number in range(16)}),
        "MAX_RATIO",
        slow=True,
    ),
    _zip("bomb-in-mimetype", _of(lambda salt: {"mimetype": bytes(200 * _MB), "x.csv": good(salt)}), "MAX_RATIO"),
    _zip("pdf-alone", _of(lambda _: {"x.pdf": b"%PDF-1.7"}), "PDF"),
    _gz("cut", lambda salt: gzip.compress(good(salt), mtime=0)[:200], "cut short"),
    _gz("head-alone", lambda _: b"\x1f\x8b\x08", "cut short"),
    _gz("sum-wrong", _changed(_gzips(1), lambda found: found.__setitem__(slice(-8, -4), b"abcd")), "damaged"),
    _gz("method-unknown", _changed(_gzips(1), lambda found: found.__setitem__(2, 9)), "damaged"),
    _gz("garbage-behind", lambda salt: gzip.compress(good(salt), mtime=0) + b"garbage", "damaged"),
    _gz("damaged-within", _changed(_gzips(1), _blank(60, 160)), "damaged"),
    _gz("bomb", lambda _: gzip.compress(bytes(200 * _MB), 9, mtime=0), "MAX_RATIO"),
    _gz("ten-deep", _gzips(10), "MAX_DEPTH"),
    _gz("of-nothing", lambda _: gzip.compress(b"", mtime=0), "empty"),
    _gz("tar", _tar("w:gz"), ""),
    taken(
        "gz-two-parts", one("x.csv.gz", lambda salt: gzip.compress(good(salt)[:100]) + gzip.compress(good(salt)[100:]))
    ),
    taken("gz-zeros-behind", one("x.csv.gz", _padded)),
    taken("gz-long-name", one("x.csv.gz", _named)),
    refused("tar", one("x.zip", _tar("w")), ""),
    refused("bzip2", one("x.zip", lambda salt: bz2.compress(good(salt))), "bzip2"),
    refused("xz", one("x.zip", lambda salt: lzma.compress(good(salt))), "xz"),
    refused("7z", one("x.zip", lambda _: b"7z\xbc\xaf\x27\x1c" + bytes(40)), "7z"),
    refused("rar", one("x.zip", lambda _: b"Rar!\x1a\x07\x01\0"), "RAR"),
    refused("zstd", one("x.zip", lambda _: b"\x28\xb5\x2f\xfd" + bytes(40)), "zstd"),
    refused("zlib", one("x.zip", lambda salt: zlib.compress(good(salt))), ""),
    refused("zip-spanned", one("x.zip", lambda salt: b"PK\x07\x08" + _one()(salt)), ""),
    refused("zip-end-count", one("x.zip", lambda _: _END + struct.pack("<HHHHIIH", 0, 0, 9, 9, 99, 0, 0)), ""),
]
