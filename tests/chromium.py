"""The Chromium that tests open pages in; without it they skip, or fail where SC_PIPELINE_BROWSER=required."""

import importlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# How long a start or a page may take on a busy machine, in milliseconds.
PATIENCE = 120_000


def _missing(what: str) -> NoReturn:
    if os.environ.get("SC_PIPELINE_BROWSER") == "required":
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def open_chromium() -> Iterator[Any]:
    """A headless Chromium, as long as this lasts; its driver's loop keeps asyncio from everything else meanwhile."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        _missing("no Chromium on this machine; on Debian: apt-get install chromium")
    if importlib.util.find_spec("axe_playwright_python") is None:
        _missing("no axe; run `make browser`")
    playwright = importlib.import_module("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=binary, args=QUIET, timeout=PATIENCE)
        yield browser
        browser.close()
