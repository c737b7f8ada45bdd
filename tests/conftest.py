"""Settings for all tests, and the warehouses that several modules only read."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from sc_pipeline.project import Project
from tests.builders import IS_FULL, SMALL_DEMO_ROWS, copy_of, demo_workspace, empty_project, shipped_workspace

# A busy machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
# Nothing a test does may reach the settings of whoever runs it, nor the folders of the checkout.
OWN_VARIABLES = ("PROJECT", "RAW", "WAREHOUSE", "WEBHOOK", "MEMORY_LIMIT", "THREADS", "SITE_URL")
for name in ("DAGSTER_HOME", *(f"SC_PIPELINE_{name}" for name in OWN_VARIABLES)):
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def shipped_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shipped release, built once; no test may change it."""
    return shipped_workspace(tmp_path_factory.mktemp("shipped") / "project")


@pytest.fixture
def shipped(shipped_once: Project, tmp_path: Path) -> Project:
    """A copy of the shipped release, built, that a test may change."""
    return copy_of(shipped_once, tmp_path / "shipped")


@pytest.fixture(scope="session")
def demo_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demonstration, with few rows unless endurance is full, built once; no test may change it."""
    return demo_workspace(tmp_path_factory.mktemp("demo") / "project", None if IS_FULL else SMALL_DEMO_ROWS)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with nothing in raw/."""
    return empty_project(tmp_path)
