"""Settings for all tests, and what several modules only read: warehouses made once, a browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

from sc_pipeline.project import Project
from sc_pipeline.project.settings import Settings
from sc_pipeline.report import png
from tests.builders import (
    IS_FULL,
    SMALL_DEMO_ROWS,
    MakeOnce,
    copy_of,
    demo_workspace,
    empty_project,
    shipped_workspace,
    small_workspace,
    two_releases_workspace,
)
from tests.chromium import open_chromium

# A busy machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
# Nothing a test does may reach the settings of whoever runs it, nor the folders of the checkout.
OWN_VARIABLES = ("PROJECT", "RAW", "WAREHOUSE", *(field.name.upper() for field in fields(Settings)))
VARIABLES = ("DAGSTER_HOME", *(f"SC_PIPELINE_{name}" for name in OWN_VARIABLES))
for name in VARIABLES:
    os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a build in this process sets is not for the next test."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """Makes a project by its name, once for all processes that `pytest -n` tests in: the first one that wants it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # which the processes share

    def make_once(name: str, make: Callable[[Path], Project]) -> Project:
        home = folder / f"once-{name}"
        with FileLock(f"{home}.lock"):
            if not (home / "made").exists():
                shutil.rmtree(home, ignore_errors=True)  # begun where making it failed
                make(home / "project")
                (home / "made").touch()
        return Project(home / "project" / "raw", home / "project" / "warehouse")

    return make_once


@pytest.fixture(scope="session")
def shipped_once(once: MakeOnce) -> Project:
    """The shipped release, built once; no test may change it."""
    return once("shipped", shipped_workspace)


@pytest.fixture
def shipped(shipped_once: Project, tmp_path: Path) -> Project:
    """A copy of the shipped release, built, that a test may change."""
    return copy_of(shipped_once, tmp_path / "shipped")


@pytest.fixture(scope="session")
def demo_once(once: MakeOnce) -> Project:
    """The demonstration, with few rows unless endurance is full, built once; no test may change it."""
    return once("demo", lambda folder: demo_workspace(folder, None if IS_FULL else SMALL_DEMO_ROWS))


@pytest.fixture(scope="session")
def two_releases(once: MakeOnce) -> Project:
    """Two simulated productions of removals and detainers that overlap in time, built; no test may change it."""
    return once("two-releases", two_releases_workspace)


@pytest.fixture(scope="session")
def small_once(once: MakeOnce) -> Project:
    """One release, `first`, of one removal, built with its site; no test may change it."""
    return once("small", small_workspace)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are empty files: for tests of what is made and when, not of how it looks."""
    monkeypatch.setattr(png, "png", lambda svg, width: b"")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A Chromium of a module's own."""
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with nothing in raw/."""
    return empty_project(tmp_path)
