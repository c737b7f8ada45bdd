"""Names and what stands behind them: stars, escapes, links, pipes, devices, letters no table can hold."""

import os
from collections.abc import Callable
from pathlib import Path

from tests.corpus import Bad, good, one, refused, taken


def _file(name: str, file: str, **more: object) -> Bad:
    return taken(f"name-{name}", one(file, good), **more)


def _bad(name: str, place: Callable[[Path], object], *words: str) -> Bad:
    return refused(f"name-{name}", one("x.csv", good), *words, place=lambda folder: place(folder) and None)


def _beside(name: str, place: Callable[[Path], object], accepted: int = 12) -> Bad:
    return taken(f"name-{name}", one("x.csv", good), accepted, place=lambda folder: place(folder) and None)


def _bytes(folder: Path, name: bytes) -> None:
    (folder / os.fsdecode(name)).write_bytes(good("bytes"))


# A folder's name is the release's id; those that a shell, a glob or a database would take for something else.
FOLDERS = (
    "*",
    "?",
    "[a-z]",
    "a=b",
    "a#b",
    "a%20b",
    "a b",
    " lead",
    "'quoted'",
    '"double"',
    "semi;colon",
    "$(x)",
    "`x`",
    "comma,name",
    "-rf",
    "~",
    "{a,b}",
    "a&b",
    "a|b",
    "a\\b",
    "a<b>c",
    "a:b",
    "%s%n",
    "null",
    "None",
    "removals",
    "con",
    "\u00e9t\u00e9",
    "e\u0301tude",
    "\u65e5\u672c\u8a9e",
    "\U0001f4c1",
    "x.csv",
    "x.zip",
    "year=2025",
)

CASES = [
    *(taken(name, one("x.csv", good)) for name in FOLDERS),
    refused("\x1b[2J", one("x.csv", good), "rename"),
    refused("line\nend", one("x.csv", good), "rename"),
    refused("dots...dots", one("x.csv", good), "rename"),
    refused("n" * 240, one("x.csv", good), "too long"),
    refused("\u65e5" * 80, one("x.csv", good), "too long"),
    refused("right\u202eleft", one("x.csv", good), "rename"),
    _file("file-star", "*.csv"),
    _file("file-brackets", "[x].csv"),
    _file("file-escapes", "\x1b[2J\x07.csv"),
    _file("file-line-end", "a\nb.csv"),
    _file("file-quote", 'it\'s "x".csv'),
    _file("file-equals", "a=b.csv"),
    _file("file-no-ending", "data"),
    _file("file-of-dots", "x..csv"),
    _file("file-long", "n" * 240 + ".csv"),
    _file("file-deep", "d/" * 40 + "x.csv"),
    _file("file-percent", "%2e%2e.csv"),
    _file("file-two-accents", "e\u0301.csv"),
    _bad("file-not-utf-8", lambda folder: _bytes(folder, b"\xff\xfe.csv"), "UTF-8"),
    _bad("pipe", lambda folder: os.mkfifo(folder / "y.csv"), "not a file"),
    _bad("pipe-beside", lambda folder: os.mkfifo(folder / "y.pdf"), "not a file"),
    _bad("link-to-nothing", lambda folder: (folder / "y.csv").symlink_to("nowhere"), "y.csv"),
    _bad("link-to-itself", lambda folder: (folder / "y.csv").symlink_to("y.csv"), "y.csv"),
    _bad("link-to-a-folder", lambda folder: (folder / "y.csv").symlink_to(folder), "not a file"),
    _bad("link-to-a-device", lambda folder: (folder / "y.csv").symlink_to("/dev/zero"), "not a file"),
    _beside("folder-empty-within", lambda folder: (folder / "empty").mkdir()),
    _beside("hidden-beside", lambda folder: (folder / ".y.csv").write_bytes(b"x")),
    _beside("lock-beside", lambda folder: (folder / "~$y.xlsx").write_bytes(b"x")),
    _beside("download-beside", lambda folder: (folder / "y.csv.part").write_bytes(b"x")),
    _beside("letter-beside", lambda folder: (folder / "letter.pdf").write_bytes(b"%PDF")),
    _beside(
        "manifest-a-folder",
        lambda folder: (
            (folder / "release.toml").unlink(),
            (folder / "release.toml").mkdir(),
            (folder / "release.toml" / "z.csv").write_bytes(good("z")),
        ),
        24,
    ),
]
