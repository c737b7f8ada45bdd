"""What a stranger's bytes may reach, each as a function of bytes that may raise UserError and nothing else.

`python -m tests.fuzz` runs them under a coverage-guided fuzzer; `tests/test_fuzz.py` runs every find again, and these
functions under Hypothesis.
"""

import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from sc_pipeline.core.corrections import read_corrections
from sc_pipeline.core.dates import DateForms
from sc_pipeline.core.values import KINDS, Reading, read_distinct
from sc_pipeline.errors import UserError, visible
from sc_pipeline.raw.manifest import read_manifest
from sc_pipeline.raw.manifest_text import manifest_text
from sc_pipeline.staged import formats
from sc_pipeline.staged.formats.content import FEATHER, PARQUET, WORKBOOKS, Other, format_of
from sc_pipeline.staged.matching import Stated
from sc_pipeline.staged.personal import shown
from sc_pipeline.staged.repeats import leave_out_repeats  # noqa: F401 (imported before the fuzzer watches)
from sc_pipeline.staged.tables import rows_of, table_of
from sc_pipeline.staged.vocabularies import load_words
from tests.cases.shapes import gzipped, zipped
from tests.corpus import MANIFEST, good

FOUND = Path(__file__).parent / "found"
_WORDS = load_words()
_READING = Reading(DateForms(False, False, date(2025, 7, 15)))
Target = Callable[[bytes], None]


def _in_a_file(data: bytes, name: str, use: Callable[[Path], None]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / name
        path.write_bytes(data)
        use(path)
    except UserError as problem:
        assert str(problem).isprintable() or visible(str(problem)) == str(problem)
        assert len(str(problem).splitlines()) == 1
    finally:
        shutil.rmtree(folder)


def text(data: bytes) -> None:
    """A text file through the reader, the matching of its header, and its rows: each with its own line, in order."""

    def use(path: Path) -> None:
        for sheet in formats.read_text(path, path.name):
            if isinstance(sheet, formats.Aside):
                continue
            found = table_of(sheet, _WORDS, Stated(None, None, {}), None)
            if found.match is None:
                continue
            lines: list[int] = []
            for batch in rows_of(sheet, found.match, _WORDS):
                lines += batch.column("source_row").to_pylist()
            assert lines == sorted(set(lines)), "each row once, in order"
            assert not set(lines) & {row for row, _, _ in sheet.problems}, "a row is read or a problem"

    _in_a_file(data, "x.csv", use)


def archive(data: bytes) -> None:
    """An archive, its members, theirs, and what each is: those that have a process of their own are not started."""

    def use(path: Path) -> None:
        form = format_of(path, path.name)
        if not isinstance(form, Other) and form not in (*WORKBOOKS, PARQUET, FEATHER):
            for _ in formats.open_sheets(path, path.parent / "scratch"):
                pass
        assert not any(each.name not in ("x.zip", "scratch") for each in path.parent.iterdir())

    _in_a_file(data, "x.zip", use)


def manifest(data: bytes) -> None:
    """release.toml: what is taken can be written and reads back the same."""

    def use(path: Path) -> None:
        stated = read_manifest(path)
        path.write_text(manifest_text(stated), encoding="utf-8")
        assert read_manifest(path) == stated

    _in_a_file(data, "release.toml", use)


def corrections(data: bytes) -> None:
    """corrections.toml."""
    _in_a_file(data, "corrections.toml", lambda path: read_corrections(path.parent, "r1") and None)


def values(data: bytes) -> None:
    """A cell as the field that its first byte chooses: a value or none, always with a state, and shown or not."""
    fields = [(field, kind) for kinds in KINDS.values() for field, kind in kinds.items()]
    field, kind = fields[(data[0] if data else 0) % len(fields)]
    cell = data[1:].decode("utf-8", errors="replace")
    read = read_distinct(pl.Series("cell", [cell]), kind, _READING)
    assert read.height == 1 and read["state"].null_count() == 0
    frame = pl.DataFrame({"value": [cell]}).select(shown(pl.col("value"), field, True))
    assert frame.item() is not None


TARGETS: dict[str, Target] = {each.__name__: each for each in (text, archive, manifest, corrections, values)}


def seeds(target: str) -> list[bytes]:
    """Inputs to begin with."""
    rows = good("seed", 3)
    known: dict[str, list[bytes]] = {
        "text": [rows, rows.replace(b",", b"\t"), b"\xff\xfe" + rows.decode().encode("utf-16-le"), b'a,"b\n'],
        "archive": [zipped({"x.csv": rows}), gzipped(rows), zipped({"y.zip": zipped({"x.csv": rows})})],
        "manifest": [
            MANIFEST,
            MANIFEST + b'covers = [2023-01-01, 2024-01-01]\n[[files]]\nname = "x"\n[[serves]]\nfrom = "2016-01"\n',
        ],
        "corrections": [
            b'[[corrections]]\nfield = "gender"\nrows = "all"\naction = "null"\nexpected = "x"\nreason = "y"\n'
            b'reported_by = "z"\n'
        ],
        "values": [
            b"\x0003/05/2025",
            b"3-May-12",
            b"1,234",
            b"(b)(6)",
            b"45000.5",
            b"A123456789",
            b"[16] Final",
            b"01MAY12",
        ],
    }
    return known[target]
