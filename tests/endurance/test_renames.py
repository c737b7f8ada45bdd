"""A build that dies at any of its renames, as in a power cut, leaves what the next build makes whole again."""

import subprocess
import sys
from pathlib import Path

import pytest

from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.project import Project
from tests.builders import IS_FULL, ask, cases, copy_of, empty_project, removal
from tests.reliability import measured

# Renames are counted across the process; at the one asked for it is killed before or after it happens.
PROGRAM = """
import os, pathlib, signal, sys
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.project import Project
raw, warehouse, last, when = sys.argv[1:]
done = 0
rename = os.replace
def counted(source, target, *more, **named):
    global done
    done += 1
    if done == int(last) and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    rename(source, target, *more, **named)
    if done == int(last) and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)
os.replace = counted
pathlib.Path.replace = lambda self, target: (counted(self, target), pathlib.Path(target))[1]
build_without_dagster(Project(pathlib.Path(raw), pathlib.Path(warehouse)))
print(done)
"""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that is built, and then gets another release."""
    project = empty_project(tmp_path_factory.mktemp("renames") / "project")
    cases(project, "first", [removal("03MAY12", "0999", "01MAY12"), removal("04MAY12", "0000")])
    assert build_without_dagster(project) == []
    cases(project, "second", [removal("05JUN12", "5404")])
    return project


def run(project: Project, rename: int, when: str) -> subprocess.CompletedProcess[str]:
    arguments = [str(project.raw), str(project.warehouse), str(rename), when]
    return subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True)


def hashes(project: Project) -> list[tuple[object, ...]]:
    return ask(project, "select table_name, rows, sha256 from meta.tables order by 1")


@pytest.mark.slow
def test_a_build_killed_at_each_rename_is_made_whole_by_the_next(before: Project, tmp_path: Path) -> None:
    old = hashes(before)
    whole = copy_of(before, tmp_path / "whole")
    renames = int(run(whole, 0, "never").stdout)
    new = hashes(whole)
    assert old != new and renames > 20
    moments = [(number, when) for number in range(1, renames + 1) for when in ("before", "after")]
    for number, when in moments if IS_FULL else moments[:: len(moments) // 4]:
        project = copy_of(before, tmp_path / f"{number}-{when}")
        assert run(project, number, when).returncode == -9
        assert hashes(project) in (old, new), f"killed {when} rename {number}"
        assert build_without_dagster(project) == []
        assert hashes(project) == new, f"killed {when} rename {number}"
    measured("renames", renames=len(moments))
