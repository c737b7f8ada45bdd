"""What the machine lacks is one line that names the disk or folder; no file is blamed, and the next build succeeds."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.machine import problem_of
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.store import Store
from tests.builders import IS_FULL, ask, cases, copy_of, empty_project, removal
from tests.cases.shapes import ICE, removals, table, workbook
from tests.reliability import measured

HERE = Path("/home/me/warehouse")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/x.parquet"), "this disk is full ("),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "/tmp/x"), "this disk is full ("),
        (duckdb.IOException('Could not write file "/tmp/x.tmp": No space left on device'), "this disk is full ("),
        (PermissionError(errno.EACCES, "Permission denied", "/tmp/x"), "/tmp/x: cannot be read or written (Permission"),
        (OSError(errno.EROFS, "Read-only file system", "/tmp/x"), "/tmp/x: cannot be read or written (Read-only"),
        (OSError(errno.EISDIR, "Is a directory", "/tmp/a", None, "/tmp/b"), "/tmp/b: cannot be used (Is a directory)"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/tmp/x"), "/tmp/x: is gone"),
        (MemoryError(), f"{HERE}: not enough memory"),
        (duckdb.OutOfMemoryException("failed to allocate 5 GB"), f"{HERE}: not enough memory"),
    ],
)
def test_each_is_one_line_that_names_the_place(error: Exception, words: str) -> None:
    line = str(problem_of(error, HERE))
    assert words in line and line.isprintable() and line.endswith(("published file", "run it again"))


def test_an_error_of_another_kind_is_not_the_machine_s() -> None:
    assert problem_of(duckdb.BinderException("no such column"), HERE) is None
    assert problem_of(ValueError("x"), HERE) is None


# --- for real: a disk of its own, so small that it is full at one point or another


# Root may read and write everything; permissions count for it too once it gives that up.
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.getuid() == 0 else ()


def build(project: Project, *before: str) -> subprocess.CompletedProcess[str]:
    folders = ["--raw", str(project.raw), "--warehouse", str(project.warehouse)]
    command = [*before, sys.executable, "-m", "sc_pipeline.cli", "build", *folders]
    return subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY)


def lines_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert "Traceback" not in done.stderr + done.stdout
    return [line for line in done.stderr.splitlines() if line.startswith("sc-pipeline:")]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Where a disk can be mounted; the test is skipped where none may be."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True).returncode:
        pytest.skip("no disk may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def resize(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)


def book(name: str) -> bytes:
    return workbook({"Removals": table(removals(name, 400, step=0, form=None), ICE)})


@pytest.mark.slow
def test_a_full_disk_in_any_step_is_one_line_and_the_build_with_room_is_whole(disk: Path, tmp_path: Path) -> None:
    project = Project(tmp_path / "raw", disk / "warehouse")
    cases(project, "first", [removal("03MAY12", "0999", "01MAY12"), removal("04MAY12", "0000")])
    (project.raw / "book.xlsx").write_bytes(book("book"))
    stopped_in: list[int] = []
    for kilobytes in (64, 200, 400, 900, 1_600, 3_000, 5_000, 8_000) if IS_FULL else (900, 3_000):
        resize(disk, f"size={kilobytes}k")
        done = build(project)
        if not done.returncode:
            break
        assert [line for line in lines_of(done) if f"{disk}: this disk is full" in line], done.stderr
        assert done.returncode == 1
        stopped_in.append(kilobytes)
    assert len(stopped_in) >= 2
    resize(disk, "size=200m")
    assert (build(project).returncode, ask(project, "select count(*) from removals")) == (0, [(2 + 400,)])
    measured("disks", sizes=len(stopped_in))


@pytest.mark.slow
def test_a_disk_that_became_read_only_is_one_line_and_readers_keep_the_file(disk: Path, tmp_path: Path) -> None:
    resize(disk, "size=200m")
    project = Project(tmp_path / "raw", disk / "warehouse")
    cases(project, "first", [removal("03MAY12")])
    assert build_without_dagster(project) == []
    cases(project, "second", [removal("05MAY12")])
    resize(disk, "ro")
    done = build(project)
    assert done.returncode == 1
    (line,) = lines_of(done)
    assert str(project.warehouse) in line and "Read-only file system" in line
    assert ask(project, "select count(*) from core.removals_by_release") == [(1,)]
    resize(disk, "rw")
    assert build_without_dagster(project) == []
    assert ask(project, "select count(*) from core.removals_by_release") == [(2,)]


@pytest.mark.slow
def test_a_folder_that_may_not_be_written_is_one_line(tmp_path: Path) -> None:
    project = empty_project(tmp_path)
    cases(project, "first", [removal("03MAY12")])
    project.warehouse.mkdir(mode=0o555)
    done = build(project, *UNPRIVILEGED)
    assert done.returncode == 1, done.stderr
    (line,) = lines_of(done)
    assert str(project.warehouse) in line and "Permission denied" in line


@pytest.mark.slow
def test_a_file_that_may_not_be_read_refuses_its_release_alone(tmp_path: Path) -> None:
    project = empty_project(tmp_path)
    cases(project, "first", [removal("03MAY12")])
    (cases(project, "second", [removal("05MAY12")]) / "second.csv").chmod(0)
    done = build(project, *UNPRIVILEGED)
    assert lines_of(done) == [
        "sc-pipeline: second: second.csv: cannot be read (Permission denied); check its permissions"
    ]
    assert ask(project, "select release_id from core.removals_by_release") == [("first",)]


# --- within one process


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = empty_project(tmp_path_factory.mktemp("machine") / "project")
    cases(project, "first", [removal("03MAY12", "0999", "01MAY12"), removal("04MAY12", "0000")])
    assert build_without_dagster(project) == []
    return project


def hashes(project: Project) -> list[tuple[object, ...]]:
    return ask(project, "select table_name, sha256 from meta.tables order by 1")


def test_bytes_that_changed_under_their_name_size_and_time_are_found_by_a_check(
    built_once: Project, tmp_path: Path
) -> None:
    project = copy_of(built_once, tmp_path / "copy")
    before = hashes(project)
    rotten = {
        "monthly_removals": project.tables / "monthly_removals.parquet",
        "warehouse": project.published,
        "staged_rows of first": next((project.tables / "staged_rows" / "first").glob("*.parquet")),
    }
    for path in rotten.values():
        stat, content = path.stat(), bytearray(path.read_bytes())
        content[100:140] = bytes(each ^ 0xFF for each in content[100:140])
        path.write_bytes(bytes(content))
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert Store(project.tables).note("monthly_removals") is not None  # size and time tell nothing
    store = Store(project.tables)
    store.check()
    assert sorted(store.damaged) == sorted(rotten)
    assert build_without_dagster(project) == []
    assert hashes(project) == before
    again = Store(project.tables)
    again.check()
    assert again.damaged == []


def test_a_clock_set_back_changes_nothing(built_once: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = copy_of(built_once, tmp_path / "copy")
    before, now = hashes(project), time.time()
    for path in project.raw.rglob("*"):
        os.utime(path, (now + 1e6, now + 1e6))
    monkeypatch.setattr(time, "time", lambda: now - 1e8)
    monkeypatch.setattr(time, "time_ns", lambda: int((now - 1e8) * 1e9))
    assert build_without_dagster(project) == []
    assert hashes(project) == before


def test_a_file_that_vanishes_while_it_is_read_is_one_line_of_its_release(
    built_once: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_of(built_once, tmp_path / "copy")
    folder = cases(project, "second", [removal("05JUN12")])
    from sc_pipeline.staged import formats

    opened = formats.open_sheets

    def vanishing(path: Path, scratch: Path) -> Iterator[formats.Sheet | formats.Aside]:
        path.unlink()
        return opened(path, scratch)

    monkeypatch.setattr(formats, "open_sheets", vanishing)
    (problem,) = build_without_dagster(project)
    assert problem.startswith("second: second.csv: cannot be read (No such file or directory)")
    monkeypatch.undo()
    (folder / "second.csv").write_bytes(
        (project.raw / "first" / "first.csv").read_bytes().replace(b"03MAY12", b"09MAY12")
    )
    assert build_without_dagster(project) == []


def test_a_file_that_changes_while_it_is_read_is_one_line_of_its_release(
    built_once: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_of(built_once, tmp_path / "copy")
    cases(project, "second", [removal("05JUN12")])
    from sc_pipeline.staged import formats

    opened = formats.open_sheets

    def growing(path: Path, scratch: Path) -> Iterator[formats.Sheet | formats.Aside]:
        yield from opened(path, scratch)
        with path.open("ab") as file:
            file.write(removal("06JUN12").encode() + b"\n")

    monkeypatch.setattr(formats, "open_sheets", growing)
    assert build_without_dagster(project) == [
        "second: its files changed while they were read; wait until they are copied"
    ]
    monkeypatch.undo()
    assert build_without_dagster(project) == []
    assert ask(project, "select count(*) from core.removals_by_release where release_id = 'second'") == [(2,)]
