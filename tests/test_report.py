"""The page: what it says of the shipped tables, that it needs nothing but itself, and when it is written."""

import re
import shutil
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sc_pipeline.build import build_directly
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.report import figures, page, steps
from sc_pipeline.report.drawing import Figure
from sc_pipeline.report.grids import grid
from sc_pipeline.report.inputs import REPORT_INPUTS
from sc_pipeline.report.rows import Tables, read_rows
from sc_pipeline.report.words import cell, worded

RELEASE = "trac-2017-11"
HEADLINES = "Over the latest months the data allow; each value leads to how it was made"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("report")
    shutil.copytree(REPOSITORY / "raw" / RELEASE, folder / "raw" / RELEASE)
    project = Project(folder / "raw", folder / "warehouse")
    assert build_directly(project) == []
    return project


@pytest.fixture(scope="module")
def tables(built: Project) -> Tables:
    return read_rows(built.store, REPORT_INPUTS)


@pytest.fixture(scope="module")
def drawn(tables: Tables) -> dict[str, Figure]:
    return figures.draw_figures(tables)


@pytest.fixture(scope="module")
def html(tables: Tables, drawn: dict[str, Figure]) -> str:
    return page.report_page(tables, drawn, [])


class Reading(HTMLParser):
    """Collects the ids, the links inside the page, what it would load, and the cells of each table by caption."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.ids += [said["id"] or ""] if "id" in said else []
        for name in ("href", "xlink:href", "src", "srcset", "data", "action", "poster"):
            target = said.get(name) or ""
            (self.links if target.startswith("#") else self.loads).extend([target] if target else [])
        self._inside = tag if tag in {"caption", "td", "th"} else self._inside
        if tag == "tr":
            self._rows.append([])
        if tag in {"td", "th"}:
            self._rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside == "caption":
            self._rows = self.tables.setdefault(data, [])
        elif self._inside:
            self._rows[-1][-1] += data


def test_the_headlines_are_the_ones_of_the_report(html: str) -> None:
    any_offense, level1 = "removals of people convicted of any offense", "removals of people convicted of a serious"
    assert [(*name.split(" · "), value) for name, value in Reading(html).tables[HEADLINES][1:]] == [
        ("All ICE removals", "November 2008 to June 2017", "2,882,375"),
        ("Secure Communities removals", "November 2008 to July 2017", "552,910"),
        ("Secure Communities removals that a detainer led to", "November 2008 to December 2015", "76,420"),
        ("Share of Secure Communities removals that a detainer led to", "August to December 2015", "2.48 %"),
        ("Share of all ICE removals that a detainer led to", "August to December 2015", "0.61 %"),
        (f"12-month average of {any_offense}", "July 2017", "5,074"),
        (f"12-month average of {level1} (Level 1) offense", "July 2017", "2,184"),
        (f"Change in monthly {any_offense}", "August 2016 to July 2017", "+296"),
        (f"Change in the 12-month average of {any_offense}", "August 2016 to July 2017", "+529"),
        (f"Change in monthly {level1} (Level 1) offense", "August 2016 to July 2017", "+131"),
        (f"Change in the 12-month average of {level1} (Level 1) offense", "August 2016 to July 2017", "+128"),
    ]


def test_a_headline_says_how_to_trace_it(html: str) -> None:
    assert "<code>sc-pipeline trace 2017-07 --population sc --subset convicted</code>" in html
    assert "<code>sc-pipeline trace 2015-12 --population sc --subset detainer_linked</code>" in html
    assert "<code>sc-pipeline trace 2017-06 --population ice --subset all</code>" in html


def test_table_1_stands_as_printed_and_marks_what_is_not_computed(html: str) -> None:
    rows = Reading(html).tables["Table 1. Secure Communities removals of people convicted of a crime"]
    assert rows[0] == ["month", "any offense", "any offense, 12-month average", "serious (Level 1) offense",
                       "serious offense, 12-month average"]  # fmt: skip
    assert rows[1] == ["2016-08", "4,894", "4,545†", "2,067", "2,056†"]
    assert rows[-1] == ["2017-07", "5,190", "5,074", "2,198", "2,184"]
    assert f"† As printed in {RELEASE}" in html


def test_an_average_of_a_withdrawn_release_does_not_stand_in(tables: Tables) -> None:
    withdrawn = {**tables, "releases": [{**row, "status": "withdrawn"} for row in tables["releases"]]}
    rows = Reading(page.report_page(withdrawn, {}, [])).tables
    assert rows["Table 1. Secure Communities removals of people convicted of a crime"][1][2] == "—"


def test_table_2_says_the_status_in_words(html: str) -> None:
    rows = Reading(html).tables[
        "Table 2. All ICE removals, those under Secure Communities, and of those the ones a detainer led to"
    ]
    assert rows[0] == ["month", "all ICE removals", "Secure Communities", "with a detainer"]
    assert rows[1] == ["2008-11", "29,063", "56", "9"]
    assert rows[-1] == ["2017-07", "not yet released", "5,478", "withheld by ICE"]
    assert len(rows) == 1 + 105


def test_sections_stand_in_the_order_of_the_printed_report(html: str) -> None:
    assert re.findall(r'<h2 id="[a-z-]+">([^<]+)', html) == [
        "Headline figures", "Removals, month by month", "People convicted of a crime", "Removals by source",
        "Claims against records", "What changed", "What the agency withholds", "Sources", "Method",
    ]  # fmt: skip


def test_each_picture_leads_to_how_it_was_made(html: str) -> None:
    assert re.findall(r'<a href="#(table-[a-z0-9_]+)"', html) == [
        "table-removals_by_source", "table-convictions", "table-detainer_shares", "table-month_sources",
    ]  # fmt: skip
    assert "Made by <code>marts/removals_by_source.sql</code>." in html


def test_printed_figures_that_differ_are_listed(tables: Tables) -> None:
    first, *others = tables["published_comparison"]
    differs = {**first, "computed": 4900.0, "difference": 6.0, "verdict": "differs"}
    rows = Reading(page.report_page({**tables, "published_comparison": [differs, *others]}, {}, [])).tables
    assert rows["Printed figures that differ"][1:] == [
        [RELEASE, "Table 1, 2016-08, Any Offense", "4,894", "4,900", "6"]
    ]


def test_the_page_loads_nothing(html: str) -> None:
    assert Reading(html).loads == []
    assert not re.search(r"url\(\s*['\"]?(?!#)|@import|fetch\(|XMLHttpRequest|<link|<iframe|<img|<script src", html)


def test_every_link_leads_somewhere_and_no_id_stands_twice(html: str) -> None:
    reading = Reading(html)
    assert len(reading.ids) == len(set(reading.ids))
    assert {link.removeprefix("#") for link in reading.links} <= set(reading.ids)


def test_a_caption_stands_once(html: str, drawn: dict[str, Figure]) -> None:
    assert html.count(drawn["figure1"].caption) == 1
    assert len(drawn["figure1"].bare) < len(drawn["figure1"].svg)


def test_the_page_is_the_same_each_time(html: str, built: Project) -> None:
    assert steps.make_report(built).files[0].read_text(encoding="utf-8") == html


def test_real_data_have_no_banner(html: str) -> None:
    assert "SIMULATED DATA" not in html


def test_a_simulated_release_gives_the_banner(tables: Tables) -> None:
    simulated = {**tables, "releases": [{**row, "synthetic": True} for row in tables["releases"]]}
    assert f"SIMULATED DATA. Do not quote: {RELEASE} is simulated." in page.report_page(simulated, {}, [])


def test_text_from_a_release_cannot_become_markup(tables: Tables) -> None:
    named = {**tables, "releases": [{**row, "title": "<script>alert(1)</script>"} for row in tables["releases"]]}
    assert "<script>alert" not in page.report_page(named, {}, [])


def test_figures_changed_later_are_listed_latest_first(tables: Tables) -> None:
    changed = {"month": date(2017, 7, 1), "population": "sc", "subset": "all", "old": 5478, "new": 5480,
               "old_release": RELEASE, "release": "later"}  # fmt: skip
    html = page.report_page(tables, {}, [changed, {**changed, "old": 5480, "new": 5490, "old_release": "later"}])
    caption = "Monthly figures that changed after they were first published here, latest change first"
    assert Reading(html).tables[caption] == [
        ["month", "figure", "before", "now", "release before", "release now"],
        ["2017-07", "Secure Communities removals", "5,480", "5,490", "later", "later"],
        ["2017-07", "Secure Communities removals", "5,478", "5,480", RELEASE, "later"],
    ]  # fmt: skip


def test_nothing_changed_is_said(html: str) -> None:
    assert "No monthly figure has changed since it was first published here." in html


def test_files_are_written_once_and_only_once(built: Project) -> None:
    shutil.rmtree(built.warehouse / "report", ignore_errors=True)
    first = steps.make_figures(built), steps.make_report(built)
    stamps = [path.stat().st_mtime_ns for made in first for path in made.files]
    second = steps.make_figures(built), steps.make_report(built)
    assert [made.rewritten for made in (*first, *second)] == [True, True, False, False]
    assert [path.stat().st_mtime_ns for made in second for path in made.files] == stamps
    assert [made.version for made in first] == [made.version for made in second]


def test_a_file_somebody_touched_is_made_again(built: Project) -> None:
    index = steps.make_report(built).files[0]
    before = index.read_bytes()
    index.write_text("other")
    assert steps.make_report(built).rewritten
    assert index.read_bytes() == before


def test_previews_are_small_enough_for_the_record_of_a_run(built: Project) -> None:
    made = steps.make_figures(built)
    names = {path.relative_to(built.warehouse / "report") for path in made.files}
    assert {Path("figure1.svg"), Path("figure1.png"), Path("previews/figure1.png")} <= names
    assert made.markdown.count("](data:image/png;base64,") == 4
    assert len(made.markdown) < 250_000


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "—"), (1234, "1,234"), (-5.0, "-5"), (2.476, "2.48"), (True, "True"), (date(2017, 7, 1), "2017-07-01")],
)  # fmt: skip
def test_cells_as_a_reader_writes_them(value: object, said: str) -> None:
    assert cell(value) == said


@pytest.mark.parametrize(
    ("value", "status", "said"),
    [
        (0, "reported", "0"),
        (1200, "partial", "1,200 (partial month)"),
        (None, "withheld", "withheld by ICE"),
        (None, None, "no release speaks of it"),
    ],
)
def test_a_status_is_said_in_words(value: int | None, status: str | None, said: str) -> None:
    assert worded(value, status) == said


def test_columns_of_numbers_are_known_as_such() -> None:
    rows = [
        {"name": "a", "count": 1, "none": None, "flag": True},
        {"name": "b", "count": None, "none": None, "flag": None},
    ]
    assert grid(rows, ("name", "count", "none", "flag")).is_number == (False, True, False)


def test_a_column_without_a_value_is_left_out() -> None:
    assert grid([{"name": "a", "none": None}, {"name": "b", "none": None}], ("name", "none")).heads == ("name",)


def test_a_report_that_is_missing_or_of_other_inputs_is_not_current(built: Project) -> None:
    steps.make_figures(built)
    index = steps.make_report(built).files[0]
    assert steps.is_current(built)
    index.unlink()
    assert not steps.is_current(built)
    steps.make_report(built)
    assert steps.is_current(built)
    (built.warehouse / "report" / "figure1.svg").write_text("other")
    assert not steps.is_current(built)
    steps.make_figures(built)
    assert steps.is_current(built)


@pytest.mark.slow
def test_a_build_makes_a_missing_report_though_no_table_changed(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "raw" / RELEASE, tmp_path / "raw" / RELEASE)
    folders = ["--raw", str(tmp_path / "raw"), "--warehouse", str(tmp_path / "warehouse")]
    command = [sys.executable, "-c", "from sc_pipeline.cli import main; main()", "build", *folders]
    index = tmp_path / "warehouse" / "report" / "index.html"
    subprocess.run(command, check=True, capture_output=True)
    before = index.read_bytes()
    index.unlink()
    subprocess.run(command, check=True, capture_output=True)
    assert index.read_bytes() == before
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.startswith("nothing has changed; ")
