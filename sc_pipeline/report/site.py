"""The published file, the report and the explorer -> a folder that anyone can put on a web host.

The folder is written beside its place and renamed into it whole. It replaces only what an earlier call wrote.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.hashing import sha256_of
from sc_pipeline.project import Project, one_writer
from sc_pipeline.report import steps
from sc_pipeline.report.explorer import TABLE as EXPLORER
from sc_pipeline.report.opening import EXPLORER as EXPLORER_PAGE
from sc_pipeline.report.opening import REPORT as REPORT_PAGE
from sc_pipeline.report.opening import page_of
from sc_pipeline.report.site_index import Shipped, index_page
from sc_pipeline.store import Store
from sc_pipeline.warehouse.export import export
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.tables import published_tables

ROW_TABLES = ("removals", "detainers", "level1_removals", "detainer_linked_removals")
# What tells where a mart's figures come from; none of it holds rows of records.
BOOKKEEPING = ("releases", "source_files", "month_sources")
# What a build writes into its site; whatever else lies there stays at home.
_SITE_PARTS = (REPORT_PAGE, EXPLORER_PAGE, "explorer.js", "data", "figures", "tables")
PAGES, DATA, SUMS = "report", "data", "SHA256SUMS"
_MARK = f"# Written by sc-pipeline publish, which replaces these files and no others. Check: sha256sum --check {SUMS}"


@dataclass(frozen=True)
class Site:
    """What was written: how many files, of how many bytes, the rows of its row tables, the simulated releases."""

    files: int
    bytes: int
    rows: int
    simulated: tuple[str, ...]


def publish_site(project: Project, folder: Path, with_rows: bool) -> Site:
    """Write the site of a built project to `folder`, whole or not at all.

    Raises UsageError where the folder holds a file that no earlier call wrote or that was edited since, and UserError
    where something is not built, is older than the published file, or cannot be written.
    """
    folder = folder.resolve()
    _refuse_strangers(folder)
    with one_writer(project, "sc-pipeline publish"):
        _refuse_outdated(project)
        try:
            with _put_whole(folder) as unfinished:
                return _write_site(project, unfinished, with_rows)
        except (OSError, duckdb.IOException) as problem:
            reason = str(problem).splitlines()[0]
            raise UserError(f"{folder}: not published, and left as it was: {reason}") from None


def _refuse_strangers(folder: Path) -> None:
    """Refuse a folder with any file that is not as an earlier call left it."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; name a folder")
    sums = _sums_of(folder / SUMS)
    strangers = sorted(
        name
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
        if (name := path.relative_to(folder).as_posix()) != SUMS
        if path.is_symlink() or name not in sums or sums[name] != sha256_of(path)
    )
    if strangers or (not sums and (folder / SUMS).exists()):
        found = strangers[0] if strangers else SUMS
        more = f" and {len(strangers) - 1:,} more files" if len(strangers) > 1 else ""
        raise UsageError(
            f"{folder}: holds {found}{more}, not written by sc-pipeline publish or edited since; name another folder"
        )


def _sums_of(path: Path) -> dict[str, str]:
    """File -> sha256, as an earlier call noted; none where the list is not one of this command's."""
    if not path.is_file():
        return {}
    head, *lines = path.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
    return {name: sha for sha, _, name in (line.partition("  ") for line in lines)} if head == _MARK else {}


def _refuse_outdated(project: Project) -> None:
    pages = {steps.REPORT: page_of(project, REPORT_PAGE), EXPLORER: page_of(project, EXPLORER_PAGE)}
    store = Store.of(project)
    for step, page in pages.items():
        note = store.note(step)
        if note is None or note.inputs.get("warehouse") != store.version("warehouse"):
            raise UserError(f"{page}: not of the published file as it is now; run: sc-pipeline build")


@contextmanager
def _put_whole(folder: Path) -> Iterator[Path]:
    """A folder to fill, renamed to its place once it is whole; what was there before goes, or stays if that fails."""
    prefix = f".{folder.name}.sc-pipeline-"
    folder.parent.mkdir(parents=True, exist_ok=True)
    for leftover in folder.parent.glob(f"{prefix}*"):  # of a killed process
        shutil.rmtree(leftover)
    work = folder.parent / f"{prefix}{os.getpid()}"
    new, old = work / "new", work / "old"
    new.mkdir(parents=True)
    try:
        yield new
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(work)


def _write_site(project: Project, folder: Path, with_rows: bool) -> Site:
    for part in _SITE_PARTS:
        source, target = project.site / part, folder / PAGES / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"))
        elif source.exists():
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, target)
    rooms = published_tables()
    marts = [name for name, schema in rooms.items() if schema == "main" and name not in ROW_TABLES]
    rows = ROW_TABLES if with_rows else ()
    export(project, folder / DATA, (*sorted(marts), *BOOKKEEPING, *rows), ("csv", "parquet", "duckdb"))
    with open_published(project) as connection:
        shipped = Shipped.of(connection, (*sorted(marts), *BOOKKEEPING), rows)
    (folder / "index.html").write_text(index_page(shipped), encoding="utf-8")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = [f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}" for path in files]
    (folder / SUMS).write_text("\n".join([_MARK, *sums, ""]), encoding="utf-8")
    size = sum(path.stat().st_size for path in files)
    return Site(len(files) + 1, size, sum(table.rows for table in shipped.row_tables), shipped.simulated)
