"""What a build need not look at again is told by names, sizes and times; any change of them brings the plan back."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sc_pipeline import settled as module
from sc_pipeline.project import Project
from sc_pipeline.settled import fingerprint, settle, settled


@pytest.fixture
def quiet(project: Project) -> Project:
    """A project that a build left with nothing to do, but one release refused."""
    (project.raw / "one").mkdir()
    (project.raw / "one" / "one.csv").write_text("a\n")
    for name in ("tables/removals/one.parquet", "site/index.html", "sc_pipeline.duckdb"):
        path = project.warehouse / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    own_words(project, "productions/ours.toml")
    (project.raw.parent / "productions" / "ours.toml").write_text("")
    settle(project, fingerprint(project), ["two: refused"])
    return project


def test_nothing_changed_repeats_what_was_refused(quiet: Project) -> None:
    assert settled(quiet) == ["two: refused"]
    assert settled(quiet) == ["two: refused"]


def test_a_project_without_a_note_is_not_settled(project: Project) -> None:
    assert settled(project) is None


def rewrite_with_the_old_time(project: Project) -> None:
    path = project.raw / "one" / "one.csv"
    before = path.stat()
    path.write_text("b\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def own_words(project: Project, name: str) -> None:
    path = project.raw.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("title = 'Ours'")


CHANGES: dict[str, Callable[[Project], object]] = {
    "a file more in raw": lambda project: (project.raw / "one" / "release.toml").write_text(""),
    "a file less in raw": lambda project: (project.raw / "one" / "one.csv").unlink(),
    "another name": lambda project: (project.raw / "one").rename(project.raw / "uno"),
    "other bytes of the same size and time": rewrite_with_the_old_time,
    "a lost table": lambda project: (project.tables / "removals" / "one.parquet").unlink(),
    "a lost published file": lambda project: project.published.unlink(),
    "an edited page": lambda project: (project.site / "index.html").write_text("y"),
    "a broken note": lambda project: (project.warehouse / ".settled.json").write_text("{"),
    "a first vocabulary": lambda project: own_words(project, "vocabulary/removals.toml"),
    "a production edited": lambda project: own_words(project, "productions/ours.toml"),
    "raw away": lambda project: shutil.rmtree(project.raw),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_brings_the_plan_back(quiet: Project, change: str) -> None:
    CHANGES[change](quiet)
    assert settled(quiet) is None


def test_what_a_build_notes_for_itself_is_no_change(quiet: Project) -> None:
    for name in (".lock", ".lock-holder.json", "file_hashes.json", "failures.log", "dagster/runs.db"):
        path = quiet.warehouse / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    assert settled(quiet) == ["two: refused"]


def test_what_lands_during_the_look_is_not_settled(quiet: Project) -> None:
    seen = fingerprint(quiet)
    (quiet.raw / "three").mkdir()
    settle(quiet, seen, [])
    assert settled(quiet) is None


def test_other_code_brings_the_plan_back(quiet: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "code"
    code.mkdir()
    monkeypatch.setattr(module, "_PACKAGE", code)
    settle(quiet, fingerprint(quiet), [])
    assert settled(quiet) == []
    (code / "rule.sql").write_text("select 1")
    assert settled(quiet) is None
