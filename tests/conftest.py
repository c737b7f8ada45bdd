"""Settings and what several modules of tests share because it takes minutes to make."""

import pytest
from hypothesis import settings

from sc_pipeline.build import build_directly
from sc_pipeline.simulate import simulate_demo
from sc_pipeline.workspace import Workspace

# A busy machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The demo, built; half a million rows, not to be changed."""
    folder = tmp_path_factory.mktemp("demo")
    ws = Workspace(folder / "raw", folder / "warehouse")
    simulate_demo(ws.raw)
    assert build_directly(ws) == []
    return ws
