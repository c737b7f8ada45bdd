"""Releases taken in side by side give what one process gives; what is killed costs its own release alone."""

import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sc_pipeline import look as looks
from sc_pipeline import plan, side_by_side
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import UserError
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.project.settings import Settings
from sc_pipeline.store import Store
from tests.builders import cases, empty_project, removal, unreadable

RELEASES = ("a", "b", "c", "d", "e")


@pytest.fixture
def worthwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is to take in, other processes do it."""
    monkeypatch.setattr(looks, "_WORTH_SECONDS", 0)


def taken_in(folder: Path, workers: int) -> tuple[Project, dict[str, bool | str], list[str]]:
    """A project of good releases and a bad one, what became of each, and what was said on the way."""
    project = replace(empty_project(folder), settings=Settings(workers=workers))
    for number, release in enumerate(RELEASES):
        cases(project, release, [removal(f"2012-0{number + 1}-0{day}") for day in range(1, 9)])
    unreadable(project, "bad")
    said: list[str] = []
    look = Look(project, say=said.append)
    ended = dict(plan.take_in_all(look, plan.waiting(look)))
    for name in ended:
        assert (name in look.refused) == isinstance(ended[name], UserError)
    return project, {name: str(what) if isinstance(what, UserError) else what for name, what in ended.items()}, said


@pytest.mark.usefixtures("worthwhile")
def test_two_workers_make_the_same_tables_as_one(tmp_path: Path) -> None:
    one, one_ended, one_said = taken_in(tmp_path / "one", workers=1)
    two, two_ended, two_said = taken_in(tmp_path / "two", workers=2)
    assert one_ended == two_ended == {**dict.fromkeys(RELEASES, True), "bad": two_ended["bad"]}
    assert str(two_ended["bad"]).startswith("bad: holds no table that can be taken in")
    assert one_said == two_said == [f"taking in {name} ({n} of 6)" for n, name in enumerate(sorted(one_ended), 1)]
    hashes = [
        {(table, part): note.sha256 for table in tables for part, note in store.parts(table).items()}
        for store in (Store(one.tables), Store(two.tables))
        for tables in [(*plan.STAGED.tables, *plan.ROWS.tables, looks.REFUSALS)]
    ]
    assert hashes[0] == hashes[1]
    assert len(hashes[1]) == len(RELEASES) * (1 + len(plan.ROWS.tables)) + 1
    after = Look(two)
    assert (plan.waiting(after), list(after.refused)) == ([], ["bad"])


def test_little_work_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "side_by_side", lambda *_: pytest.fail("a process was started"))
    _, ended, _ = taken_in(tmp_path / "few", workers=2)
    assert len(ended) == len(RELEASES) + 1


@pytest.mark.usefixtures("worthwhile")
def test_a_release_whose_process_is_killed_is_told_in_one_line_and_tried_by_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "RELEASE_PROCESS", "tests.killed_process")
    project, ended, _ = taken_in(tmp_path / "killed", workers=2)
    assert (project.raw.parent / "c-was-killed").exists()  # and taken in the second time, alone
    assert ended.pop("b") == (
        "b: the process that read it was killed (SIGKILL), most likely for want of memory; close other programs, or "
        "split its files, and build again"
    )
    assert {name for name, made in ended.items() if made is True} == {"a", "c", "d", "e"}
    assert plan.waiting(Look(project)) == ["b"]


@pytest.mark.usefixtures("worthwhile")
def test_whoever_stops_taking_in_ends_the_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(*arguments, **named))
        return started[-1]

    monkeypatch.setattr(side_by_side, "subprocess", SimpleNamespace(Popen=start))
    project = replace(empty_project(tmp_path / "stopped"), settings=Settings(workers=2))
    for day, release in enumerate(RELEASES, 1):
        cases(project, release, [removal(f"2012-05-0{day}")])
    look = Look(project)
    ended = plan.take_in_all(look, plan.waiting(look))
    next(ended)
    assert [process.poll() for process in started] == [None, None]
    ended.close()  # as an interrupt does
    assert [process.returncode for process in started] == [-signal.SIGKILL] * 2
    assert build_without_dagster(project) == []
