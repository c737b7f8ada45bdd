"""The page and the site: what it prints of the shipped tables, that it needs nothing but itself, when it is written."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sc_pipeline.hashing import hash_of
from sc_pipeline.report import png, steps
from sc_pipeline.report.grids import csv_text, grid
from sc_pipeline.report.page import Page, report_page
from sc_pipeline.report.pictures import draw_pictures
from sc_pipeline.report.rows import gathered
from sc_pipeline.report.words import cell
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance
from tests.report_rows import RELEASE, Tables, compared, count, empty, month, release, share, shipped

CAUSES = r"\bled to\b|caused by|because of a detainer|result of (a|the) detainer|due to a detainer|thanks to"


def page_of(tables: Tables, history: list[dict[str, Any]] | None = None, explorer: str | None = None) -> Page:
    return report_page(tables, draw_pictures(tables), history or [], explorer)


@pytest.fixture(scope="module")
def page() -> Page:
    return page_of(shipped())


class Reading(HTMLParser):
    """Collects the ids, the links, what the page would load, and the cells of each table by caption."""

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
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        self.loads += [given[name] or "" for name in ("src", "srcset", "data", "action", "poster") if name in given]
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


def test_table_1_marks_what_is_printed_and_not_computed(page: Page) -> None:
    rows = Reading(page.html).tables["Table 1. Removals of people convicted of a crime: Secure Communities removals"]
    assert rows[0] == [
        "Month",
        "Any offense",
        "Any offense, 12-month average",
        "Level 1 offense",
        "Level 1 offense, 12-month average",
    ]
    assert rows[1] == ["August 2016", "4,894", "4,545†", "2,067", "2,056†"]
    assert rows[-1] == ["July 2017", "5,190", "5,074", "2,198", "2,184"]


def test_table_2_gives_the_status_in_words(page: Page) -> None:
    rows = Reading(page.html).tables["Table 2. Removals by month"]
    assert rows[0] == [
        "Month",
        "All ICE removals",
        "Secure Communities removals",
        "Secure Communities removals with a prior detainer",
    ]
    assert rows[1] == ["November 2008", "29,063", "56", "9"]
    assert rows[-1] == ["July 2017", "not yet released", "5,478", "withheld by ICE"]
    assert len(rows) == 1 + 105


def test_the_share_is_given_over_several_spans(page: Page) -> None:
    rows = Reading(page.html).tables["Share with a prior detainer over several spans: Secure Communities removals"]
    assert rows[1:4] == [
        ["August to December 2015", "5", "584", "23,580", "2.5%"],
        ["12 months to December 2015", "12", "3,346", "57,751", "5.8%"],
        ["November 2008 to December 2015", "86", "76,420", "454,503", "16.8%"],
    ]


def test_a_fiscal_year_tells_how_many_months_it_holds(page: Page) -> None:
    tables = Reading(page.html).tables
    ice, sc = (tables[f"Removals by fiscal year: {name} removals"] for name in ("all ICE", "Secure Communities"))
    assert ice[1] == ["2009", "366,143 (11 months)", "not in the release", "not in the release", "not in the release"]
    assert sc[2][:3] == ["2010", "49,387", "11,343"]
    assert sc[-1][2] == "withheld by ICE"


def test_a_table_of_headlines_never_mixes_spans(page: Page) -> None:
    tables = Reading(page.html).tables
    assert [row[-1] for row in tables["November 2008 to June 2017"][1:]] == ["2,882,375"]
    assert [row[-1] for row in tables["August to December 2015"][1:]] == ["2.5%"]
    assert "<code>sc-pipeline trace 2015-12 --population sc --subset detainer_linked</code>" in page.html


def test_how_much_of_level_1_rests_on_unverified_ranges_is_told() -> None:
    counted = [count("2024-01", 9, population="ice", subset="level1", level_basis="offense_2009")]
    rows = [
        {"release_id": RELEASE, "population": "ice", "msc_code": code, "rows": rows}
        for code, rows in (("0999", 6), ("1601", 2), (None, 1))
    ]
    html = page_of({**empty(), "monthly_removals": counted, "level1_removals": rows, "releases": [release()]}).html
    assert "Of 9 ICE removals counted as Level 1 by the list of 2009, 2 (22.2%) rest on unverified ranges." in html
    stated = [{**counted[0], "level_basis": "threat_level_2011"}]
    assert "rest on unverified" not in page_of({**empty(), "monthly_removals": stated, "level1_removals": rows}).html


def test_places_are_summed_by_state_and_a_range_shows() -> None:
    place = {
        "population": "ice",
        "state": "TX",
        "fiscal_year": 2024,
        "removals_status": "reported",
        "removals": 50,
        "removals_undetermined": 3,
        "months": [month("2024-01"), month("2024-02")],
    }
    html = page_of({**shipped(), "removals_by_place": [place, {**place, "state": "", "removals": 4}]}).html
    caption = "Removals by state in fiscal year 2024 (2 months): all ICE removals"
    assert Reading(html).tables[caption][1:] == [["TX", "50 to 53"], ["not resolved", "4 to 7"]]


@pytest.mark.parametrize(
    ("status", "present", "absent"),
    [
        ("withheld", "ICE withheld the number of all ICE removals with a prior detainer", "not in the release."),
        ("not_in_release", "a column or table it needs is not in the release", "ICE withheld the number"),
        ("not_disclosed", "a field it needs is not disclosed", "ICE withheld the number"),
        ("unreadable", "a field it needs could not be read", "ICE withheld the number"),
        ("ids_do_not_join", "the identifiers of removals and detainers do not join", "ICE withheld the number"),
    ],
)
def test_removals_without_detainers_never_read_as_withheld_by_ice(status: str, present: str, absent: str) -> None:
    rows = [
        count("2024-01", 900, population="ice"),
        count("2024-01", population="ice", subset="detainer_linked", status=status),
    ]
    lead = page_of({**empty(), "monthly_removals": rows, "releases": [release()]}).html.split('class="lead"')[1]
    assert present in lead.split("</div>")[0]
    assert absent not in lead.split("</div>")[0]


def test_what_no_release_has_is_unknown_and_not_zero() -> None:
    html = page_of(
        {**empty(), "monthly_removals": [count("2024-01", 900, population="ice")], "releases": [release()]}
    ).html
    assert html.count("The number is unknown, not zero.") == 2


def test_the_cautions_of_ice_and_of_trac_are_on_the_page(page: Page) -> None:
    for words in (
        "nobody can tell from its records whether the detainer played a role",
        "need not be connected with the arrest",
        "do not come from local police alone",
        "people who were never convicted of a crime",
        "Offense levels are only partly verified",
        "where the fingerprints were submitted",
        "Monthly tables cannot settle",
    ):
        assert words in page.html.replace("&#39;", "'")


def test_no_sentence_claims_a_cause(page: Page) -> None:
    assert re.findall(CAUSES, page.html) == []


def test_a_caution_and_a_scope_note_of_a_release_are_printed() -> None:
    html = page_of(
        {**shipped(), "releases": [release(caution="June undercounts.", scope_note="No border cases.")]}
    ).html
    assert f"<dt>{RELEASE}</dt><dd>June undercounts. No border cases.</dd>" in html


def test_printed_figures_that_differ_are_listed() -> None:
    html = page_of(
        {**shipped(), "published_comparison": [compared("Table 1, 2016-08, Any Offense", 4894, "differs", 4900)]}
    ).html
    assert Reading(html).tables["Printed figures that differ"][1:] == [
        [RELEASE, "Table 1, 2016-08, Any Offense", "4,894", "4,900"]
    ]


def test_a_revision_between_releases_does_not_contradict_what_changed_here(page: Page) -> None:
    assert "No two releases count the same months differently." in page.html
    row = {
        "population": "ice",
        "subset": "all",
        "month": month("2020-01"),
        "older_release": "a",
        "newer_release": "b",
        "older": 10,
        "newer": 12,
        "change": 2,
    }
    html = page_of({**shipped(), "release_revisions": [row]}).html
    assert "No monthly figure in use has changed since it was first published here." in html
    assert "b counts all ICE removals higher in the one month that it shares with a (January 2020)." in html
    assert "Where releases differ, the figures of this report come from the one named for the month" in html
    assert "No two releases count the same months differently." not in html


def test_figures_changed_later_are_listed_latest_first() -> None:
    changed = {
        "month": date(2017, 7, 1),
        "population": "sc",
        "subset": "all",
        "old": 5478,
        "new": 5480,
        "old_release": RELEASE,
        "release": "later",
    }
    later = {**changed, "old": 5480, "new": 5490, "old_release": "later"}
    html = page_of(shipped(), [changed, later]).html
    caption = "Monthly figures that changed after they were first published here, latest first"
    assert Reading(html).tables[caption][1:] == [
        ["July 2017", "Secure Communities removals", "5,480", "5,490", "later", "later"],
        ["July 2017", "Secure Communities removals", "5,478", "5,480", RELEASE, "later"],
    ]


def test_the_page_loads_nothing_and_allows_only_its_own_script_and_style(page: Page) -> None:
    assert Reading(page.html).loads == []
    assert not re.search(
        r"url\(|@import|fetch\(|XMLHttpRequest|<link|<iframe|<img|<script src| style=\"| onclick", page.html
    )
    assert "default-src 'none'; script-src 'sha256-" in page.html.replace("&#39;", "'")


def test_every_link_leads_somewhere_and_every_id_is_used_once(page: Page) -> None:
    reading = Reading(page.html)
    files = {f"figures/{name}" for one in draw_pictures(shipped()).values() for name in one.files()}
    files |= {name.replace(".svg", ".png") for name in files} | {f"tables/{name}" for name in page.csv}
    assert len(reading.ids) == len(set(reading.ids))
    assert {link.removeprefix("#") for link in reading.links if link.startswith("#")} <= set(reading.ids)
    assert {link for link in reading.links if not link.startswith("#")} <= files


def test_the_explorer_is_linked_where_there_is_one(page: Page) -> None:
    assert "explorer.html" not in page.html
    assert page_of(shipped(), explorer="explorer.html").html.count('href="explorer.html"') == 2


def test_a_table_can_be_taken_away_as_plain_numbers(page: Page) -> None:
    lines = page.csv["figure1.csv"].splitlines()
    assert lines[0] == (
        "month,ice-all,ice-all-undetermined,ice-all-status,sc-all,sc-all-undetermined,sc-all-status,sc-detainer_linked,"
        "sc-detainer_linked-undetermined,sc-detainer_linked-status"
    )
    assert lines[-1] == "2017-07-01,,,not_released,5478,0,reported,,,withheld"


def test_a_simulated_release_gives_the_banner(page: Page) -> None:
    assert "SIMULATED" not in page.html
    html = page_of({**shipped(), "releases": [release(synthetic=True)]}).html
    assert f"SIMULATED DATA. Do not quote: {RELEASE} is simulated." in html


def test_text_from_a_release_cannot_become_markup() -> None:
    html = page_of({**shipped(), "releases": [release(title="<script>alert(1)</script>", caution="</svg><b>")]}).html
    assert "<script>alert" not in html
    assert "</svg><b>" not in html


def test_tables_without_rows_give_a_page_all_the_same() -> None:
    assert "No figures yet, from no releases" in page_of(empty()).html


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "—"), (1234, "1,234"), (-5.0, "-5"), (2.476, "2.48"), (True, "yes"), (date(2017, 7, 1), "July 1, 2017")],
)
def test_cells_as_a_reader_writes_them(value: object, words: str) -> None:
    assert cell(value) == words


def test_columns_of_numbers_are_known_and_empty_ones_are_left_out() -> None:
    rows = [
        {"name": "a", "count": 1, "none": None, "flag": True},
        {"name": "b", "count": None, "none": None, "flag": None},
    ]
    made = grid("x", "X", rows, {name: name for name in rows[0]})
    assert (made.heads, made.is_number) == (("name", "count", "flag"), (False, True, False))


def test_csv_writes_days_as_iso_and_unknown_as_nothing() -> None:
    assert (
        csv_text([{"month": month("2017-07"), "removals": None, "share": 0.5}])
        == "month,removals,share\n2017-07-01,,0.5\n"
    )


def test_large_tables_are_read_as_sums_with_their_months() -> None:
    row = {"release_id": "a", "population": "ice", "month": month("2020-02"), "field": "state", "reason": "unreadable"}
    table = pa.Table.from_pylist([row, {**row, "month": month("2020-01")}, {**row, "reason": "withheld"}])
    assert gathered("silences", table) == [
        {
            "release_id": "a",
            "population": "ice",
            "field": "state",
            "reason": "unreadable",
            "months": [month("2020-01"), month("2020-02")],
        },
        {"release_id": "a", "population": "ice", "field": "state", "reason": "withheld", "months": [month("2020-02")]},
    ]


class Site:
    """A site made of tables that a test may change; its store has notes of what was made and nothing else."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tables, self.store, self.folder = shipped(), Store(folder / "tables"), folder / "site"
        monkeypatch.setattr(steps, "read_rows", lambda store, names: {name: self.tables[name] for name in names})

    def make(self) -> dict[str, tuple[int, bytes]]:
        """Make pictures and page; each file with its time of writing and its bytes."""
        provenance = Provenance(steps.CODE_VERSION, {name: hash_of(rows) for name, rows in self.tables.items()})
        steps.make_figures(self.store, self.folder, provenance)
        steps.make_report(self.store, self.folder, self.folder / "none.duckdb", provenance)
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {
            path.relative_to(self.folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes()) for path in files
        }


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_files_are_written_once_and_only_once(site: Site) -> None:
    first = site.make()
    assert site.make() == first
    assert {"index.html", "figures/figure1.svg", "figures/figure1-390.png", "tables/figure1.csv"} <= first.keys()


def test_a_picture_is_drawn_again_only_where_its_own_rows_changed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.make()
    drawn: list[str] = []
    real = png.png
    monkeypatch.setattr(png, "png", lambda svg, width: drawn.append(svg) or real(svg, width))
    site.tables["detainer_shares"] = [row for row in site.tables["detainer_shares"] if row["month"] < month("2015-01")]
    site.make()
    assert len(drawn) == 2
    assert all("Share of Secure Communities removals with a prior detainer" in svg for svg in drawn)


def test_a_picture_whose_table_is_empty_now_is_removed(site: Site) -> None:
    assert "figures/coverage.png" in site.make()
    site.tables["month_sources"] = []
    assert not {"figures/coverage.png", "figures/coverage-390.svg", "tables/coverage.csv"} & site.make().keys()


def test_a_lost_picture_is_drawn_again_with_the_same_bytes(site: Site) -> None:
    before = site.make()["figures/figure1.png"][1]
    (site.folder / "figures" / "figure1.png").unlink()
    assert site.make()["figures/figure1.png"][1] == before


def test_a_range_of_shares_reads_as_a_range() -> None:
    rows = [
        share("2024-01", 10, 100, population="ice", span=span, share=None, share_high=0.3) for span in ("month", "all")
    ]
    html = page_of({**empty(), "detainer_shares": rows, "releases": [release()]}).html
    caption = "Share with a prior detainer over several spans: all ICE removals"
    assert Reading(html).tables[caption][1:] == [["January 2024", "1", "10", "100", "10.0% to 30.0%"]]
