"""The page in headless Chromium: no error, no request, nothing wide cut off, and nothing that axe calls serious.

Runs where Chromium and `make browser` are; SC_PIPELINE_BROWSER=required makes their absence a failure.
"""

import importlib
import importlib.util
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sc_pipeline.report.page import report_page
from sc_pipeline.report.pictures import draw_pictures
from sc_pipeline.report.site_index import Shipped, ShippedTable, index_page
from tests.report_rows import RELEASE, Tables, count, month, release, shipped

pytestmark = pytest.mark.slow

WIDTHS = (1400, 768, 390)
# What letter and A4 leave between their margins, in CSS pixels.
PRINTED = {"Letter": 710, "A4": 688}


def filled() -> Tables:
    """The shipped tables and rows for each section that only case-level releases fill, all of it simulated."""
    fields = [
        {
            "release_id": RELEASE,
            "field": field,
            "month": month(f"2016-{number:02}"),
            "rows": 4,
            "disclosed": number % 5,
            "blank": 0,
            "redacted": 0,
            "unreadable": 0,
            "column_present": number > 2,
        }
        for field in ("state", "county", "detainers.gender")
        for number in range(1, 13)
    ]
    revised = {
        "population": "sc",
        "subset": "all",
        "month": month("2016-08"),
        "older_release": "a",
        "newer_release": RELEASE,
        "older": 4,
        "newer": 5,
        "change": 1,
    }
    withheld = {
        "release_id": RELEASE,
        "field": "state",
        "first_month": month("2016-01"),
        "last_month": None,
        "reason": "said so",
        "citation": "letter",
    }
    silent = {
        "release_id": RELEASE,
        "population": "sc",
        "field": "state",
        "reason": "unreadable",
        "months": [month("2016-01")],
    }
    place = {
        "population": "sc",
        "state": "TX",
        "fiscal_year": 2016,
        "removals_status": "reported",
        "removals": 50,
        "removals_undetermined": 3,
        "months": [month("2016-01")],
    }
    tables = shipped()
    tables["monthly_removals"] += [
        count(f"2017-{number:02}", 50, 9, population="ice", subset="detainer_linked", status="at_least")
        for number in range(1, 8)
    ]
    return {
        **tables,
        "field_disclosure": fields,
        "release_revisions": [revised],
        "withheld_fields": [withheld],
        "silences": [silent],
        "removals_by_place": [place],
        "releases": [release(synthetic=True, caution="Undercounts.")],
    }


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("browser")
    changed = {
        "month": month("2017-07"),
        "population": "sc",
        "subset": "all",
        "old": 5478,
        "new": 5480,
        "old_release": RELEASE,
        "release": "later",
    }
    written = {}
    for name, tables, history in (("shipped", shipped(), []), ("filled", filled(), [changed])):
        written[name] = folder / f"{name}.html"
        page = report_page(tables, draw_pictures(tables), history, "explorer.html")
        written[name].write_text(page.html, encoding="utf-8")
    table = ShippedTable("removals_by_month", "Removals per month.", 210)
    listed = Shipped((table,), (table,), filled()["releases"], month("2017-07"), date(2026, 1, 31))
    written["index"] = folder / "index.html"
    written["index"].write_text(index_page(listed), encoding="utf-8")
    return written


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["shipped", "filled", "index"])
def test_the_page_opens_without_error_and_axe_finds_nothing_serious(
    chromium: Any, reports: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    opened = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    heard: list[str] = []
    opened.on("console", lambda message: heard.append(message.text))
    opened.on("pageerror", lambda error: heard.append(str(error)))
    opened.on("request", lambda request: heard.append(request.url) if not request.is_navigation_request() else None)
    opened.goto(reports[name].as_uri())
    axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
    violations = axe.run(opened).response["violations"]
    assert heard == []
    assert [(found["id"], found["impact"]) for found in violations if found["impact"] in {"serious", "critical"}] == []
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    opened.close()


@pytest.mark.parametrize(("width", "shown"), [(390, "phone"), (1400, "wide")])
def test_a_picture_has_one_drawing_that_fits_the_screen(
    chromium: Any, reports: dict[str, Path], width: int, shown: str
) -> None:
    opened = chromium.new_page(viewport={"width": width, "height": 900})
    opened.goto(reports["shipped"].as_uri())
    seen = "[...document.querySelectorAll('svg')].filter(e => e.getBoundingClientRect().width).map(e => e.classList[0])"
    assert opened.evaluate(seen) == [shown] * 4
    opened.close()


def test_a_table_sorts_by_the_column_whose_head_is_pressed(chromium: Any, reports: dict[str, Path]) -> None:
    opened = chromium.new_page()
    opened.goto(reports["shipped"].as_uri())
    head = opened.get_by_role("region", name="Table 1").get_by_role("button", name="Any offense, 12-month average")
    firsts = []
    for _ in range(2):
        head.press("Enter")
        firsts.append(opened.locator("#convictions-caption ~ tbody tr").first.inner_text().split("\t"))
    assert firsts == [
        ["October 2016", "4,444", "4,465†", "1,955", "1,996†"],
        ["July 2017", "5,190", "5,074", "2,198", "2,184"],
    ]
    opened.close()


@pytest.mark.parametrize("paper", list(PRINTED))
@pytest.mark.parametrize("name", ["shipped", "filled"])
def test_nothing_is_wider_than_a_printed_page(chromium: Any, reports: dict[str, Path], name: str, paper: str) -> None:
    opened = chromium.new_page(viewport={"width": PRINTED[paper], "height": 900})
    opened.emulate_media(media="print")
    opened.goto(reports[name].as_uri())
    wide = "[...document.querySelectorAll('table, svg')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    assert opened.evaluate(f"{wide}.map(e => e.textContent.slice(0, 40))") == []
    assert opened.pdf(format=paper).startswith(b"%PDF")
    opened.close()
