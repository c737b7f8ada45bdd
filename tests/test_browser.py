"""The page in headless Chromium: no error, no request, nothing wide cut off, and nothing that axe calls serious.

Runs where Chromium and `make browser` are; SC_PIPELINE_BROWSER=required makes their absence a failure.
"""

import importlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sc_pipeline.build import build_directly
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.report import figures, page
from sc_pipeline.report.inputs import REPORT_INPUTS
from sc_pipeline.report.rows import Tables, read_rows

pytestmark = pytest.mark.slow

RELEASE = "trac-2017-11"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
WIDTHS = (1280, 390)
# What A4 leaves between its margins, in CSS pixels.
PRINTED = 688


def missing(what: str) -> NoReturn:
    if os.environ.get("SC_PIPELINE_BROWSER") == "required":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        missing("no Chromium on this machine; on Debian: apt-get install chromium")
    if importlib.util.find_spec("axe_playwright_python") is None:
        missing("no axe; run `make browser`")
    playwright = importlib.import_module("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=binary, args=QUIET)
        yield browser
        browser.close()


def filled(tables: Tables) -> dict[str, Any]:
    """The shipped tables and a row for each section that only case-level releases fill, all of it simulated."""
    fields = [{"release_id": RELEASE, "field": field, "month": date(2016, month, 1), "rows": 4, "disclosed": month % 5}
              for field in ("state", "county", "detainers.gender") for month in range(1, 13)]  # fmt: skip
    revised = {"population": "sc", "subset": "all", "month": date(2016, 8, 1), "older_release": "a",
               "newer_release": RELEASE, "older": 4, "newer": 5, "change": 1}  # fmt: skip
    withheld = {"release_id": RELEASE, "field": "state", "first_month": date(2016, 1, 1), "last_month": None}
    return {**tables, "field_disclosure": fields, "release_revisions": [revised], "withheld_fields": [withheld],
            "releases": [{**row, "synthetic": True} for row in tables["releases"]]}  # fmt: skip


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("browser")
    shutil.copytree(REPOSITORY / "raw" / RELEASE, folder / "raw" / RELEASE)
    project = Project(folder / "raw", folder / "warehouse")
    assert build_directly(project) == []
    tables = read_rows(project.store, REPORT_INPUTS)
    changed = {"month": date(2017, 7, 1), "population": "sc", "subset": "all", "old": 5478, "new": 5480,
               "old_release": RELEASE, "release": "later"}  # fmt: skip
    written = {}
    for name, rows, history in (("shipped", tables, []), ("filled", filled(tables), [changed])):
        written[name] = folder / f"{name}.html"
        written[name].write_text(page.report_page(rows, figures.draw_figures(rows), history), encoding="utf-8")
    return written


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["shipped", "filled"])
def test_the_page_opens_without_error_and_axe_finds_nothing_serious(
    chromium: Any, reports: dict[str, Path], name: str, width: int
) -> None:
    opened = chromium.new_page(viewport={"width": width, "height": 900})
    heard: list[str] = []
    opened.on("console", lambda message: heard.append(message.text))
    opened.on("pageerror", lambda error: heard.append(str(error)))
    opened.on("request", lambda request: heard.append(request.url) if not request.is_navigation_request() else None)
    opened.goto(reports[name].as_uri())
    violations = (
        importlib.import_module("axe_playwright_python.sync_playwright").Axe().run(opened).response["violations"]
    )
    assert heard == []
    assert [(found["id"], found["impact"]) for found in violations if found["impact"] in {"serious", "critical"}] == []
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    opened.close()


def test_a_table_sorts_by_the_column_whose_head_is_pressed(chromium: Any, reports: dict[str, Path]) -> None:
    opened = chromium.new_page()
    opened.goto(reports["shipped"].as_uri())
    head = opened.get_by_role("region", name="Table 1").get_by_role("button", name="any offense, 12-month average")
    firsts = []
    for _ in range(2):
        head.press("Enter")
        firsts.append(opened.locator("#table1-caption ~ tbody tr").first.inner_text().split("\t"))
    assert firsts == [
        ["2016-10", "4,444", "4,465†", "1,955", "1,996†"],
        ["2017-07", "5,190", "5,074", "2,198", "2,184"],
    ]
    opened.close()


@pytest.mark.parametrize("name", ["shipped", "filled"])
def test_nothing_is_wider_than_a_printed_page(chromium: Any, reports: dict[str, Path], name: str) -> None:
    opened = chromium.new_page(viewport={"width": PRINTED, "height": 900})
    opened.emulate_media(media="print")
    opened.goto(reports[name].as_uri())
    wide = "[...document.querySelectorAll('table, svg')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    assert opened.evaluate(f"{wide}.map(e => e.textContent.slice(0, 40))") == []
    assert opened.pdf().startswith(b"%PDF")
    opened.close()
