"""Bad files over every reader, format, manifest, archive and name, made by code, each with how it must end.

A file is taken in (with which count of rows), some of its rows are quarantined, or its release is refused in one line.
`tests/test_corpus.py` builds them; `tests/reliability.py` counts them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.cases.shapes import ICE, removals, table, text

MANIFEST = b'title = "Invented rows"\nagency = "ICE"\nreceived = 2025-07-15\nsynthetic = true\n'
ROWS = 12
Files = Callable[[str], Mapping[str, bytes]]


@dataclass(frozen=True)
class Bad:
    """A release with something wrong, and how it must end: `accepted` and `quarantined` rows, or `refused` words.

    Files are made of the release's name, so that no two releases hold the same rows. `place` puts on the disk what
    bytes alone cannot: links, pipes, permissions. `slow`: large or long, for the full run only.
    """

    name: str
    files: Files
    accepted: int | None = None
    quarantined: int = 0
    refused: tuple[str, ...] = ()
    place: Callable[[Path], None] | None = None
    slow: bool = False

    def write(self, raw: Path) -> None:
        """Write the release's folder below `raw`."""
        folder = raw / self.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in ({"release.toml": MANIFEST} | dict(self.files(self.name))).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if self.place:
            self.place(folder)


def taken(name: str, files: Files, accepted: int = ROWS, quarantined: int = 0, **more: object) -> Bad:
    """A release whose rows are taken in, but for those quarantined."""
    return Bad(name, files, accepted, quarantined, **more)  # type: ignore[arg-type]


def refused(name: str, files: Files, *words: str, **more: object) -> Bad:
    """A release that is refused with one line that holds the words."""
    return Bad(name, files, refused=words, **more)  # type: ignore[arg-type]


def good(salt: str, rows: int = ROWS) -> bytes:
    """Removals as a good file has them."""
    return text(table(removals(salt, rows), ICE))


def one(file: str, content: Callable[[str], bytes]) -> Files:
    """A release of one file."""
    return lambda salt: {file: content(salt)}


def lines(salt: str) -> list[bytes]:
    """The lines of a good file, ends included; the first is its header."""
    return good(salt).splitlines(keepends=True)
