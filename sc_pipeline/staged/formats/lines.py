"""Blocks of lines -> rows: which lines are rows of their own, and which go on inside a quoted cell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from sc_pipeline.staged.formats.sheet import Problem

# A quoted cell may hold this many line ends; past that the quote counts as never closed and costs its own line only.
_LONGEST_CELL_LINES = 100
# A line of this many cells is not an accident of commas inside a quoted text.
_TELLING_WIDTH = 6


@dataclass(frozen=True)
class Rows:
    """Whole rows as one piece of text, with the line and the byte each begins at.

    `unclosed` are the lines among them whose quote is never closed; they are left out of the text.
    """

    data: bytes
    lines: np.ndarray
    starts: np.ndarray
    unclosed: tuple[Problem, ...] = ()

    def after(self, line: int) -> "Rows":
        """The rows that begin below a line."""
        first = int(np.searchsorted(self.lines, line, side="right"))
        if first == len(self.lines):
            return Rows(b"", self.lines[:0], self.starts[:0])
        offset = self.starts[first]
        return Rows(self.data[offset:], self.lines[first:], self.starts[first:] - offset)

    def texts(self) -> Iterator[tuple[int, str]]:
        """Line and text of each row."""
        ends = [*self.starts[1:], len(self.data)][: len(self.starts)]
        for line, start, end in zip(self.lines, self.starts, ends, strict=True):
            yield int(line), self.data[start:end].decode().rstrip("\r\n")


@dataclass(frozen=True)
class _Split:
    rows: Rows
    rest: bytes
    next_line: int


def rows_of(blocks: Iterator[bytes], delimiter: str, width: int | None = None) -> Iterator[Rows]:
    """Rows with true line numbers; `width` is the number of cells a row should have, where it is known."""
    line, rest = 1, b""
    for block in blocks:
        split = _split(rest + block, line, delimiter, width, at_end=False)
        line, rest = split.next_line, split.rest
        yield split.rows
    if rest:
        yield _split(rest, line, delimiter, width, at_end=True).rows


def _split(data: bytes, first_line: int, delimiter: str, width: int | None, *, at_end: bool) -> _Split:
    buffer = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(buffer == ord("\n")) + 1
    starts = np.concatenate(([0], ends[:-1])).astype(np.int64)
    mark, done = delimiter.encode(), -1
    suspects = _suspects(buffer, ends, mark)
    is_row = np.ones(len(starts), dtype=bool)
    unclosed: list[int] = []
    count = len(starts)
    for suspect in suspects.tolist():
        if suspect <= done or not _ends_open(data[starts[suspect] : ends[suspect]], mark, False):
            continue
        last = _closing_line(data, starts, ends, suspect, mark)
        if last is not None and _is_one_row(data[starts[suspect] : ends[last]], delimiter, width):
            is_row[suspect + 1 : last + 1] = False
            done = last
        elif last is None and not at_end and count - suspect <= _LONGEST_CELL_LINES:
            count = suspect
            break
        else:
            unclosed.append(suspect)
    problems = tuple(
        (
            first_line + line,
            "opens a quote that is never closed",
            data[starts[line] : ends[line]].decode().rstrip("\r\n"),
        )
        for line in unclosed
    )
    end = int(ends[count - 1]) if count else 0
    rows = _cut(data[:end], np.arange(count), starts[:count], ends[:count], is_row[:count], unclosed)
    return _Split(Rows(rows.data, rows.lines + first_line, rows.starts, problems), data[end:], first_line + count)


def _suspects(buffer: np.ndarray, ends: np.ndarray, mark: bytes) -> np.ndarray:
    """The lines that may end inside a quoted cell. The others need not be followed, which is what makes this fast.

    Where a line has an even number of quotes, and each that would open a cell is first in it (or doubles the one
    before), the line surely ends outside.
    """
    quotes = np.flatnonzero(buffer == ord('"'))
    line = np.searchsorted(ends, quotes, side="right")
    first = np.searchsorted(quotes, np.concatenate(([0], ends[:-1])))
    before = np.where(quotes > 0, buffer[quotes - 1], ord("\n"))
    opens = (np.arange(len(quotes)) - first[line]) % 2 == 0
    astray = opens & ~np.isin(before, np.frombuffer(mark + b'"\n', np.uint8))
    odd = np.flatnonzero(np.bincount(line, minlength=len(ends)) % 2)
    return np.union1d(odd, line[astray])


def _closing_line(data: bytes, starts: np.ndarray, ends: np.ndarray, first: int, mark: bytes) -> int | None:
    """The line in which the quote left open by line `first` is closed; None if it is not, here or within reach."""
    for line in range(first + 1, min(len(starts), first + 1 + _LONGEST_CELL_LINES)):
        if not _ends_open(data[starts[line] : ends[line]], mark, True):
            return line
    return None


def _is_one_row(text: bytes, delimiter: str, width: int | None) -> bool:
    """Whether lines joined by a quote make a row, and are not rows of their own, two of which hold a stray quote."""
    if width is None:
        return True
    joined = text.decode().rstrip("\r\n")
    cells = split_cells(joined, delimiter)
    fits = len(cells) == width or (len(cells) > width and not any(cells[width:]))
    alone = width >= _TELLING_WIDTH and {len(line.split(delimiter)) for line in joined.split("\n")} == {width}
    return fits and not alone


def _cut(
    data: bytes, lines: np.ndarray, starts: np.ndarray, ends: np.ndarray, is_row: np.ndarray, unclosed: list[int]
) -> Rows:
    if not unclosed:
        return Rows(data, lines[is_row], starts[is_row])
    lengths = ends - starts
    lengths[unclosed] = 0
    is_row = is_row.copy()
    is_row[unclosed] = False
    pieces = [data[starts[line] : ends[line]] for line in lines.tolist() if lengths[line]]
    moved = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64)
    return Rows(b"".join(pieces), lines[is_row], moved[is_row])


def _ends_open(line: bytes, delimiter: bytes, is_open: bool) -> bool:
    """Whether a line ends inside a quoted cell. A quote opens a cell only as its first character."""
    at = 0
    while True:
        if not is_open and line[at : at + 1] == b'"':
            is_open, at = True, at + 1
        if is_open:
            quote = line.find(b'"', at)
            if quote < 0:
                return True
            if line[quote + 1 : quote + 2] == b'"':
                at = quote + 2
                continue
            is_open, at = False, quote + 1
        end = line.find(delimiter, at)
        if end < 0:
            return False
        at = end + 1


@cache
def _cell_pattern(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    # Possessive (++): nothing is tried twice, and a cell of megabytes needs no memory for each of its letters.
    return re.compile(rf'(?:"((?:[^"]++|"")*+)(?:"|\Z))?([^{mark}]*+)({mark}|\Z)')


def split_cells(text: str, delimiter: str) -> list[str]:
    """The cells of one row, quotes resolved as the block parser resolves them."""
    if '"' not in text:
        return text.split(delimiter)
    cells: list[str] = []
    for found in _cell_pattern(delimiter).finditer(text):
        quoted, plain, end = found.groups()
        cells.append((quoted or "").replace('""', '"') + plain)
        if not end:
            break
    return cells
