"""Settings for all tests, and the two warehouses that several modules only read."""

import pytest
from hypothesis import settings

from sc_pipeline.project import Project
from tests.builders import demo_workspace, shipped_workspace

# A busy machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def shipped_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shipped release, built once; no test may change it."""
    return shipped_workspace(tmp_path_factory.mktemp("shipped"))


@pytest.fixture(scope="session")
def demo_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demonstration, built once; no test may change it."""
    return demo_workspace(tmp_path_factory.mktemp("demo"))
