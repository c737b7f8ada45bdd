"""A workbook -> sheets of text cells: dates as ISO text, codes as written, true row numbers."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.formats.sheet import (
    BESIDE,
    HEAD_ROWS,
    NOT_TAKEN_IN,
    Aside,
    Problem,
    Row,
    Sheet,
    drop_blank_rows,
    is_blank,
)

_PROCESS = "sc_pipeline.staged.formats.workbook_process"
_PACKAGE = Path(__file__).parents[3]
_SHARE_OF_MEMORY = 0.8


def read_workbook(path: Path, name: str, form: str, scratch: Path) -> Iterator[Sheet | Aside]:
    """Every sheet of a workbook. `name` is what messages and rows call the file, `form` its format, such as .xlsx.

    It is parsed by a process of its own, with limits of memory and time. Raises FileProblem.
    """
    folder = scratch / "workbook"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    book = folder / f"book{form}"  # the parser goes by the ending, which may be wrong in the release
    book.symlink_to(path.resolve())
    found = False
    try:
        for facts in _parse(book, folder, name):
            found = True
            yield _sheet(facts, folder, name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not found:
        yield Aside(name, None, f"{NOT_TAKEN_IN}is empty: no sheet holds a cell")


def _parse(book: Path, folder: Path, name: str) -> Iterator[dict[str, Any]]:
    limit = int(_memory() * _SHARE_OF_MEMORY)
    with ExitStack() as stack:
        errors = stack.enter_context((folder / "stderr").open("w+b"))
        process = subprocess.Popen(
            [sys.executable, "-m", _PROCESS, str(book), str(folder), str(limit)],
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_PACKAGE), *sys.path])},
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        assert process.stdout
        for line in process.stdout:
            facts = json.loads(line)
            if problem := _problem(facts, name):
                raise problem
            yield facts
        if code := process.wait():
            errors.seek(0)
            raise _killed(name, code, limit, errors.read().decode(errors="replace"))


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _problem(facts: dict[str, Any], name: str) -> FileProblem | None:
    if "stray" in facts:
        return FileProblem(
            f"{name} ({facts['sheet']}): holds a cell at {facts['stray']}, far away from its table; delete the rows "
            "and columns after the table in a copy and save it, or save the sheet as .csv"
        )
    reason = facts.get("problem")
    if reason is None:
        return None
    if "password" in reason.lower() or "encrypt" in reason.lower():
        return FileProblem(f"{name}: is encrypted; open it with its password, save it without one and add that")
    return FileProblem(f"{name}: cannot be read as a workbook (damaged, cut short or of another kind): {reason}")


def _killed(name: str, code: int, limit: int, errors: str) -> FileProblem:
    """One line for a reader that came to an end before the workbook did."""
    if code == -signal.SIGXCPU:
        return FileProblem(f"{name}: took over an hour to read; save its sheets as .csv and add those")
    if code < 0 or "MemoryError" in errors or "memory" in errors:
        return FileProblem(
            f"{name}: needs more than {limit / 2**30:.1f} GB of memory as a workbook; "
            "save its sheets as .csv and add those"
        )
    last = (errors.strip().splitlines() or ["no reason given"])[-1]
    return FileProblem(f"{name}: cannot be read as a workbook ({last[:200]}); save its sheets as .csv and add those")


def _sheet(facts: dict[str, Any], folder: Path, name: str) -> Sheet | Aside:
    if facts["file"] is None:
        return Aside(name, facts["sheet"], f"{BESIDE}an empty sheet")
    with pa.memory_map(str(folder / facts["file"])) as source:
        cells = pa.ipc.open_file(source).read_all()
    head = _head(cells)
    if not head:
        return Aside(name, facts["sheet"], f"{BESIDE}an empty sheet")
    return Sheet(name, facts["sheet"], None, head, partial(_batches, cells),
                 hidden=facts["hidden"], epoch_1904=facts["epoch_1904"])  # fmt: skip


def _head(cells: pa.Table) -> list[Row]:
    head: list[Row] = []
    for start in range(0, cells.num_rows, 2 * HEAD_ROWS):
        part = cells.slice(start, 2 * HEAD_ROWS)
        columns = [column.to_pylist() for column in part.columns]
        for row, values in enumerate(zip(*columns, strict=True), start + 1):
            if not is_blank(values):
                head.append((row, list(values)))
        if len(head) >= HEAD_ROWS:
            break
    return head[:HEAD_ROWS]


def _batches(
    cells: pa.Table, header_row: int, columns: Sequence[str], problems: list[Problem]
) -> Iterator[pa.RecordBatch]:
    del problems  # every row of a sheet has the sheet's width
    start = header_row
    for batch in cells.slice(header_row).to_batches():
        source_row = pa.array(np.arange(start + 1, start + 1 + batch.num_rows))
        yield drop_blank_rows(pa.RecordBatch.from_arrays([source_row, *batch.columns], names=["source_row", *columns]))
        start += batch.num_rows
