"""Small releases and staged sheets for tests: every argument has a plain default; a test names what it is about."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from sc_pipeline.building import build_without_dagster
from sc_pipeline.project import Project
from sc_pipeline.raw.release import Release
from sc_pipeline.simulate import PUBLISHED, simulate_demo
from sc_pipeline.staged.stage import StagedSheet

_RELEASE = Release(
    id="r1", title="A release", publisher=None, agency=None, foia_request=None, received=date(2019, 6, 1),
    population=None, covers=None, synthetic=True, source_url=None, caution=None, scope_note=None, files=(),
    withheld=(), serves=(), withdrawn=None,
    inferred=(), sha256="", settings_sha256="", folder=Path("r1"),
)  # fmt: skip
_SHEET = StagedSheet(
    release_file="x.csv", file="x.csv", sheet=None, kind="removals", header_row=1,
    date_forms=("%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y", "%d%b%y", "excel"), population="ice", part="0000.parquet",
    encoding="utf-8",
)  # fmt: skip


def release(**stated: object) -> Release:
    """A release, received on 2019-06-01 unless stated otherwise."""
    return replace(_RELEASE, **stated)


def staged_sheet(columns: Sequence[str] | Mapping[str, str | tuple[str, ...]], **facts: object) -> StagedSheet:
    """A staged sheet; a list of fields means columns of the same names."""
    given = columns if isinstance(columns, Mapping) else {name: name for name in columns}
    named = {field: (names,) if isinstance(names, str) else names for field, names in given.items()}
    return replace(_SHEET, columns=named, **facts)


def staged(rows: Sequence[dict[str, str | None]], columns: Sequence[str], first_row: int = 2) -> pl.DataFrame:
    """Staged cells: the rows as text, numbered as a person sees them below a header in row 1."""
    frame = pl.DataFrame(list(rows), dict.fromkeys(columns, pl.String))
    return frame.with_columns(source_row=pl.int_range(first_row, first_row + len(rows), dtype=pl.Int64))


def shipped_workspace(folder: Path) -> Project:
    """The release that ships, built in a folder: what `make warehouse` publishes of a fresh checkout."""
    project = Project(folder / "raw", folder / "warehouse")
    shutil.copytree(PUBLISHED, project.raw / PUBLISHED.name)
    assert build_without_dagster(project) == []
    return project


def demo_workspace(folder: Path) -> Project:
    """The demonstration, built in a folder: what `make demo` publishes; it takes a minute."""
    project = Project(folder / "raw", folder / "warehouse")
    simulate_demo(project.raw)
    assert build_without_dagster(project) == []
    return project
