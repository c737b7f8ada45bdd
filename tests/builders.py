"""What tests start from: releases, sheets, projects. Arguments have plain defaults; a test names what it is about."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from sc_pipeline import plan
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.hashing import RowHash
from sc_pipeline.look import Look
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.project.settings import Settings
from sc_pipeline.raw.release import Release
from sc_pipeline.simulate import simulate_demo, simulate_together
from sc_pipeline.staged.sheet import StagedSheet

TRAC = REPOSITORY / "raw" / "trac-2017-11"
YEARLY = REPOSITORY / "raw" / "ice-yearly-totals"
# Sizes and numbers of repetitions are small unless this is set: see tests/endurance/.
IS_FULL = os.environ.get("SC_PIPELINE_ENDURANCE") == "full"
SMALL_DEMO_ROWS = 25_000
HEADER = (
    "departed_date,state,county,citizenship_country,gender,age_at_removal,mscc_code,entry_status,centry_date,"
    "case_category,latest_apprehension_method,removal_current_program,processing_disposition_code,"
    "final_charge_section,final_charge_code,prior_removal,current_deportation_type,detainer_prepare_date,"
    "detainer_facility_state,detainer_facility_city"
)

# A project by its name, and how to build it in a folder: see the fixture `once`.
MakeOnce = Callable[[str, Callable[[Path], Project]], Project]

_RELEASE = Release(
    id="r1",
    title="A release",
    publisher=None,
    agency=None,
    foia_request=None,
    received=date(2019, 6, 1),
    population=None,
    covers=None,
    synthetic=True,
    source_url=None,
    caution=None,
    scope_note=None,
    files=(),
    withheld=(),
    serves=(),
    withdrawn=None,
    inferred=(),
    sha256="",
    settings_sha256="",
    folder=Path("r1"),
)
_SHEET = StagedSheet(
    release_file="x.csv",
    file="x.csv",
    sheet=None,
    kind="removals",
    header_row=1,
    date_forms=("%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y", "%d%b%y", "excel"),
    population="ice",
    part="0000.parquet",
    encoding="utf-8",
)


# --- rows and sheets


def release(**stated: object) -> Release:
    """A release, received on 2019-06-01 unless stated otherwise."""
    return replace(_RELEASE, **stated)


def staged_sheet(columns: Sequence[str] | Mapping[str, str | tuple[str, ...]], **facts: object) -> StagedSheet:
    """A staged sheet; a list of fields means columns of the same names."""
    given = columns if isinstance(columns, Mapping) else {name: name for name in columns}
    named = {field: (names,) if isinstance(names, str) else names for field, names in given.items()}
    return replace(_SHEET, columns=named, **facts)


def rows_hash(table: pa.Table) -> str:
    """The hash of a table's rows, as the store keeps it."""
    found = RowHash(table.schema)
    found.update(table)
    return found.hexdigest()


def staged(rows: Sequence[dict[str, str | None]], columns: Sequence[str], first_row: int = 2) -> pl.DataFrame:
    """Staged cells: the rows as text, numbered as a person sees them below a header in row 1."""
    frame = pl.DataFrame(list(rows), dict.fromkeys(columns, pl.String))
    return frame.with_columns(source_row=pl.int_range(first_row, first_row + len(rows), dtype=pl.Int64))


# --- releases in raw/


def write_files(raw: Path, **files: str) -> Path:
    """Files by name, `__` for a folder: write_files(raw, july__a_csv="x") writes raw/july/a.csv."""
    for name, text in files.items():
        head, _, ending = name.replace("__", "/").rpartition("_")
        path = raw / f"{head}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return raw


def removal(departed: str, code: str = "", detainer: str = "", county: str = "") -> str:
    """One row of TRAC's case file."""
    return f"{departed},LOUISIANA,{county},MEXICO,Male,30,{code},,,,,,,,,,,{detainer},,"


def put(project: Project, release: str, name: str, text: str, manifest: str = "") -> Path:
    """A release with one file, and its manifest."""
    folder = project.raw / release
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "release.toml").write_text(manifest or f'title = "{release}"\nreceived = 2018-01-31\n', encoding="utf-8")
    return folder


def cases(project: Project, release: str, rows: Iterable[str], manifest: str = "") -> Path:
    """A release in the form of TRAC's case file."""
    return put(project, release, f"{release}.csv", "\n".join([HEADER, *rows]) + "\n", manifest)


def unreadable(project: Project, release: str) -> Path:
    """A release that is refused: its one file has no header that anything knows."""
    return put(project, release, f"{release}.csv", "a,b,c,d,e,f,g\n1,2,3,4,5,6,7\n")


# --- projects


# The tests are run in two processes already.
ALONE = Settings(workers=1)


def empty_project(folder: Path) -> Project:
    """A project with an empty raw/."""
    (folder / "raw").mkdir(parents=True)
    return Project(folder / "raw", folder / "warehouse", ALONE)


def copy_of(project: Project, folder: Path) -> Project:
    """A copy of a project that a test may change; all in it is as old as it was."""
    shutil.copytree(project.raw.parent, folder)
    return Project(folder / "raw", folder / "warehouse")


def shipped_workspace(folder: Path) -> Project:
    """The releases that ship, built in a folder: what `make warehouse` publishes of a fresh checkout."""
    project = Project(folder / "raw", folder / "warehouse")
    for release in (TRAC, YEARLY):
        shutil.copytree(release, project.raw / release.name)
    assert build_without_dagster(project) == []
    return project


def demo_workspace(folder: Path, rows: int | None = None) -> Project:
    """The demonstration, built in a folder: what `make demo` publishes, or the same with fewer rows."""
    project = Project(folder / "raw", folder / "warehouse")
    simulate_demo(project.raw, rows=rows)
    assert build_without_dagster(project) == []
    return project


def two_releases_workspace(folder: Path) -> Project:
    """Two simulated productions of removals and detainers that overlap in time, built in a folder."""
    project = empty_project(folder)
    for release, layouts in (
        ("sim-older", ("ice_removals_2025_07", "ice_detainers_2025_07")),
        ("sim-newer", ("ice_removals_2026_03", "ice_detainers_2026_03")),
    ):
        simulate_together(layouts, project.raw, 300, release, format="csv")
    assert build_without_dagster(project) == []
    return project


def small_workspace(folder: Path) -> Project:
    """One release, `first`, of one removal, built in a folder with its site."""
    project = empty_project(folder)
    cases(project, "first", [removal("2012-05-03")])
    plan.build(Look(project))
    return project


def ask(project: Project, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the published file."""
    with duckdb.connect(project.published, read_only=True) as connection:
        return connection.execute(sql).fetchall()
