"""How much a stranger's file may ask for: every limit with its setting, and the one line that a file past it gets."""

import os
from dataclasses import dataclass

from sc_pipeline.errors import FileProblem, UsageError

_MIB, _GIB = 1 << 20, 1 << 30
_SHARE_OF_MEMORY = 0.8


@dataclass(frozen=True)
class Limit:
    """A limit: its setting (a variable of the environment), its default, what is counted, and what to do past it."""

    setting: str
    default: int
    counts: str
    advice: str

    @property
    def value(self) -> int:
        """The limit in force. Raises UsageError where the setting is not a whole number above zero."""
        text = os.environ.get(self.setting)
        if not text:
            return self.default
        if not (text.isascii() and text.isdigit() and 0 < len(text) < 19 and int(text)):
            raise UsageError(f"{self.setting}: must be a whole number above zero; found {text!r}")
        return int(text)

    def passed(self, place: str, at: int | None = None) -> FileProblem:
        """What is wrong with a file, or a place in it, past the limit, or past what is allowed of it `at` this file."""
        return FileProblem(
            f"{place}: has more than {at or self.value:,} {self.counts}; {self.advice} (the limit is {self.setting})"
        )

    def hold(self, found: int, place: str) -> None:
        """Raise FileProblem where more is found than the limit allows."""
        if found > self.value:
            raise self.passed(place)


def memory() -> int:
    """The bytes of memory that this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


_SPLIT = "split it in a copy, or raise the limit"
UNPACKED = Limit("SC_PIPELINE_MAX_UNPACKED_BYTES", 20 * _GIB, "bytes unpacked", "unpack it and add its files")
RATIO = Limit(
    "SC_PIPELINE_MAX_RATIO",
    500,
    "bytes unpacked for each byte packed",
    "it may be made to fill a disk; if not, unpack it and add its files",
)
DEPTH = Limit("SC_PIPELINE_MAX_DEPTH", 5, "archives one in another", "unpack it and add its files")
MEMBERS = Limit("SC_PIPELINE_MAX_MEMBERS", 10_000, "files", "unpack it and add those that hold tables")
SHEETS = Limit("SC_PIPELINE_MAX_SHEETS", 1_000, "sheets", "save those that hold tables as .csv")
CELLS = Limit(
    "SC_PIPELINE_MAX_CELLS",
    150_000_000,
    "cells in one sheet",
    "delete what is beyond the table in a copy, or save the sheet as .csv",
)
COLUMNS = Limit("SC_PIPELINE_MAX_COLUMNS", 5_000, "columns", "it is not a table known here; check its delimiter")
CELL = Limit("SC_PIPELINE_MAX_CELL_BYTES", _MIB, "bytes in one cell", "check its quotes, or shorten the cell in a copy")
LINE = Limit("SC_PIPELINE_MAX_LINE_BYTES", 16 * _MIB, "bytes in one line", "check its line ends and quotes")
FILES = Limit("SC_PIPELINE_MAX_FILES", 10_000, "files", _SPLIT)
SETTINGS = Limit("SC_PIPELINE_MAX_TOML_BYTES", _MIB, "bytes", _SPLIT)
MEMORY = Limit(
    "SC_PIPELINE_MAX_READING_BYTES",
    int(memory() * _SHARE_OF_MEMORY),
    "bytes of memory to read",
    "save its tables as .csv and add those",
)
SECONDS = Limit(
    "SC_PIPELINE_MAX_READING_SECONDS", 1_800, "seconds of computing to read", "save its tables as .csv and add those"
)
LIMITS = (UNPACKED, RATIO, DEPTH, MEMBERS, SHEETS, CELLS, COLUMNS, CELL, LINE, FILES, SETTINGS, MEMORY, SECONDS)
# A ratio tells nothing of a small file: a few kilobytes of blanks pack to nothing.
RATIO_FROM_BYTES = 100 * _MIB
# A small file may not ask for all the memory there is: so much for any file, and so much for each of its bytes.
_LEAST_MEMORY, _MEMORY_A_BYTE = 4 * _GIB, 100


def memory_for(size: int) -> int:
    """The memory that reading a file of so many bytes may take."""
    return min(MEMORY.value, _LEAST_MEMORY + _MEMORY_A_BYTE * size)


def changed() -> dict[str, int]:
    """The limits that somebody set: a file refused under others may be taken under these. Raises UsageError."""
    return {limit.setting: limit.value for limit in LIMITS if os.environ.get(limit.setting)}
