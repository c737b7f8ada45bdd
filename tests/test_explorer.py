"""The explorer: its cubes hold what the tables hold, its page shows the same numbers as DuckDB, and needs no network.

The browser's part runs where Chromium and `make browser` are; SC_PIPELINE_BROWSER=required makes their absence a
failure.
"""

import base64
import csv
import functools
import gzip
import http.server
import importlib
import importlib.util
import io
import json
import random
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from sc_pipeline.report.explorer import build_explorer
from sc_pipeline.report.explorer.cubes import read_cubes
from tests.explorer_oracle import Oracle, address_of, expected, figures_in, random_view
from tests.explorer_tables import MEASURES, write_printed, write_tables

# The page's policy forbids evaluating text, so waiting for a condition happens inside one function.
SHOW = """async address => {
    location.hash = address;
    const ready = () => scExplorer.address() === location.hash && scExplorer.csv() !== null;
    while (!ready()) await new Promise(done => setTimeout(done, 4));
    return scExplorer.csv();
}"""
BUNDLE_LIMIT, COMPRESSED_LIMIT = 1_500_000, 600_000


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explorer") / "sc_pipeline.duckdb"
    write_tables(path)
    return path


@pytest.fixture(scope="module")
def site(published: Path) -> Path:
    folder = published.parent / "site"
    built(published, folder)
    return folder


def built(published: Path, site: Path) -> list[Path]:
    with duckdb.connect(published, read_only=True) as connection:
        return build_explorer(connection, site)


def unpacked(packed: dict[str, Any], rows: int) -> list[int]:
    if "all" in packed:
        return [packed["all"]] * rows
    return np.frombuffer(base64.b64decode(packed["base64"]), f"<u{packed['width']}").tolist()


def cells_of(cube: dict[str, Any]) -> list[dict[str, Any]]:
    """A cube's cells as plain rows: what the page decodes, in Python."""
    keys = {
        name: [key["values"][code] for code in unpacked(key["codes"], cube["rows"])]
        for name, key in cube["keys"].items()
    }
    counted = {
        f"{name}{tail}": [n - 1 if n else None for n in unpacked(cube[part][name], cube["rows"])]
        for part, tail in (("counts", ""), ("undetermined", "_undetermined"))
        for name in cube["measures"]
    }
    statuses = [cube["status"]["values"][code] for code in unpacked(cube["status"]["codes"], cube["rows"])]
    said = {f"{name}_status": [row[at] for row in statuses] for at, name in enumerate(cube["measures"])}
    columns = keys | counted | said
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_a_cube_of_places_holds_every_cell_of_its_table(published: Path) -> None:
    names = [f"{name}{tail}" for name in MEASURES for tail in ("", "_undetermined", "_status")]
    with duckdb.connect(published, read_only=True) as connection:
        cubes = read_cubes(connection)
        rows = connection.execute(
            "select strftime(month, '%Y-%m') as month, concat_ws('|', state, county_fips, coalesce(county, '?')) as"
            f" place, {', '.join(names)} from removals_by_place where population = 'sc'"
            " order by state, county_fips, month"
        ).to_arrow_table()
    found = sorted(cells_of(cubes["places-sc"]), key=lambda cell: (cell["place"], cell["month"]))
    expected = sorted(rows.to_pylist(), key=lambda cell: (cell["place"], cell["month"]))
    assert found == expected


def test_people_are_never_crossed_with_a_county(published: Path) -> None:
    with duckdb.connect(published, read_only=True) as connection:
        cubes = read_cubes(connection)
    traits = {"citizenship", "gender", "age_group", "conviction", "departure_kind"}
    for name, cube in cubes.items():
        assert not ("place" in cube["keys"] and traits & set(cube["keys"])), name
    assert set(cubes["people-sc"]["keys"]) == {"month", "state", "aor", *traits}


def test_an_unknown_trait_is_a_value_with_its_reason(published: Path) -> None:
    with duckdb.connect(published, read_only=True) as connection:
        cube = read_cubes(connection)["people-sc"]
        counted = connection.execute("select count(*) from removals where population = 'sc'").fetchone()
    cells = cells_of(cube)
    assert (sum(cell["removals"] for cell in cells),) == counted
    assert cube["keys"]["gender"]["values"] == ["?withheld", "Female", "Male"]
    assert {cell["gender"] for cell in cells if cell["month"] >= "2013-01"} == {"?withheld"}
    assert {cell["gender"] for cell in cells if cell["month"] < "2013-01"} == {"Female", "Male"}
    assert cube["keys"]["age_group"]["values"] == ["00-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+", "?"]
    assert cube["keys"]["conviction"]["values"] == [
        "?",
        "convicted, Level 1",
        "convicted, level unknown",
        "convicted, not Level 1",
        "not convicted",
    ]


def test_many_cells_of_people_are_kept_by_fiscal_year(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(published, read_only=True) as connection:
        by_month = read_cubes(connection)["people-sc"]
        monkeypatch.setattr("sc_pipeline.report.explorer.cubes.PEOPLE_CELLS", 10)
        by_year = read_cubes(connection)["people-sc"]
    assert (by_month["grain"], by_year["grain"]) == ("month", "fiscal_year")
    assert by_year["keys"]["month"]["values"] == ["2011-10", "2012-10", "2013-10"]
    assert sum(cell["removals"] for cell in cells_of(by_year)) == sum(cell["removals"] for cell in cells_of(by_month))


def test_same_tables_give_the_same_bytes_and_stale_data_goes(published: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    (second / "data").mkdir(parents=True)
    (second / "data" / "places-old.js").write_text("")
    files = built(published, first)
    built(published, second)
    assert {path.relative_to(first): path.read_bytes() for path in files} == {
        path.relative_to(second): path.read_bytes() for path in second.rglob("*") if path.is_file()
    }


def test_code_and_map_are_small(site: Path) -> None:
    parts = [(site / name).read_bytes() for name in ("explorer.html", "explorer.js", "data/map.js")]
    assert sum(len(part) for part in parts) < BUNDLE_LIMIT
    assert sum(len(gzip.compress(part)) for part in parts) < COMPRESSED_LIMIT


def test_the_page_allows_nothing_but_its_own_scripts(site: Path) -> None:
    page = (site / "explorer.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; script-src 'self'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; base-uri 'none'; "
        r"form-action 'none'",
        policy[1].replace("&#39;", "'"),
    )
    assert re.findall(r"<script[^>]*>", page) == ['<script src="explorer.js" defer>']


def test_the_lock_names_no_download_address() -> None:
    lock = Path(__file__).parents[1] / "explorer" / "package-lock.json"
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


# In the browser.


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page without a network whose every error fails the test."""
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def opened(page: Any, site: Path, address: str = "") -> None:
    page.goto(f"{(site / 'explorer.html').as_uri()}{address}")
    page.wait_for_selector("#explorer[aria-busy=false]")


def shown(page: Any, address: str) -> list[dict[str, str]]:
    """The view behind an address, as its CSV."""
    text = page.evaluate(SHOW, address)
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.slow
def test_two_hundred_views_show_the_numbers_of_duckdb(page: Any, site: Path, published: Path) -> None:
    oracle, rng = Oracle(published), random.Random(20)
    opened(page, site)
    for _ in range(200):
        view = random_view(oracle, rng)
        assert figures_in(shown(page, address_of(view))) == expected(oracle, view), view
    oracle.connection.close()


def test_the_same_views_over_loopback_ask_for_nothing_else(chromium: Any, site: Path, published: Path) -> None:
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"http://127.0.0.1:{server.server_port}/"
        context = chromium.new_context()
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{host}explorer.html")
        page.wait_for_selector("#explorer[aria-busy=false]")
        oracle, rng = Oracle(published), random.Random(7)
        for _ in range(20):
            view = random_view(oracle, rng)
            assert figures_in(shown(page, address_of(view))) == expected(oracle, view), view
        oracle.connection.close()
        context.close()
        server.shutdown()
    assert [url for url in asked if not url.startswith(host)] == []


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Keep the server's log out of the tests' output."""


def test_silence_is_never_zero(page: Any, site: Path) -> None:
    opened(page, site)
    rows = shown(page, "#subject=places&population=sc&measure=detainer_linked&by=month%2Cstate%2Ccounty&f.state=TX")
    months = {row["key"]: (row["count"], row["status"]) for row in rows if row["part"] == "series"}
    assert months["2011-10"] == ("", "withheld")
    assert months["2011-09"] == ("", "no_release")
    assert months["2013-06"] == ("", "withheld")
    # Some removals of the month state no place, and may be in Texas.
    assert months["2013-05"] == ("9", "at_least")
    assert "withheld by ICE" in page.inner_text("#explorer")


def test_a_withheld_trait_is_no_zero_for_any_value_of_it(page: Any, site: Path) -> None:
    opened(page, site)
    rows = shown(page, "#subject=people&population=sc&measure=removals&by=gender%2Cyear%2Cconviction&f.gender=Female")
    months = {row["key"]: (row["count"], row["status"]) for row in rows if row["part"] == "series"}
    assert {status for month, (_, status) in months.items() if month >= "2013-01"} == {"withheld"}
    assert {count for month, (count, _) in months.items() if month >= "2013-01"} == {""}
    years = {row["key"]: (row["status"], row["periods_with_number"]) for row in rows if row["dimension"] == "year"}
    assert years == {"2011": ("no_release", "0"), "2012": ("reported", "12"), "2013": ("withheld", "0")}


def test_people_by_fiscal_year_show_the_numbers_of_duckdb(
    page: Any, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sc_pipeline.report.explorer.cubes.PEOPLE_CELLS", 10)
    built(published, tmp_path)
    opened(page, tmp_path)
    address = "#subject=people&population=sc&measure=removals&by=fiscal_year%2Cage_group%2Cgender"
    rows = shown(page, f"{address}&f.citizenship=MEXICO")
    with duckdb.connect(published, read_only=True) as connection:
        expected = connection.execute(
            "select strftime(month + interval 3 month, '%Y'), count(*) from removals"
            " where population = 'sc' and citizenship_country = 'MEXICO' group by 1"
        ).fetchall()
    assert {
        row["key"]: int(row["count"]) for row in rows if row["dimension"] == "fiscal_year" and row["part"] == "table"
    } == dict(expected)
    assert {row["key"]: row["status"] for row in rows if row["part"] == "series"} == {
        "2011-10": "partial",
        "2012-10": "reported",
        "2013-10": "partial",
    }


def test_months_whose_release_has_no_places_are_no_zero_for_a_place(page: Any, site: Path) -> None:
    opened(page, site)
    rows = shown(page, "#subject=places&population=sc&measure=removals&by=month%2Cstate%2Ccounty&f.state=TX")
    assert {row["key"]: row["status"] for row in rows if row["part"] == "series" and not row["count"]} == {
        "2011-08": "no_detail",
        "2011-09": "no_release",
        "2011-10": "no_detail",
        "2011-11": "no_detail",
        "2011-12": "no_detail",
    }


def test_places_without_a_shape_are_listed_below_the_map(page: Any, site: Path) -> None:
    opened(page, site, "#subject=places&population=ice&measure=removals&map=county")
    page.wait_for_selector(".map")
    listed = page.inner_text("section[aria-label=Map]")
    assert "Capitol Planning Region, CT (FIPS 09110)" in listed
    assert "San Juan Municipio, PR (FIPS 72127)" in listed
    assert "Texas: county not known" in listed
    # Renamed, and drawn in the shape of its new name.
    assert "Shannon County" not in listed
    assert page.text_content("path[data-shape='46102'] title").startswith("Shannon County, SD: ")


def test_a_link_restores_the_view_and_going_back_undoes_a_click(page: Any, site: Path) -> None:
    opened(page, site, "#subject=places&population=ice&measure=convicted&by=year%2Cstate%2Ccounty")
    before = page.evaluate("scExplorer.csv()")
    page.click("button.row:has-text('Texas')")
    clicked, link = page.evaluate("scExplorer.csv()"), page.input_value("#link")
    assert clicked != before
    page.go_back()
    assert page.evaluate("scExplorer.csv()") == before
    opened(page, site, "#" + link.split("#")[1])
    assert page.evaluate("scExplorer.csv()") == clicked


def test_the_series_is_read_and_filtered_by_keyboard(page: Any, site: Path) -> None:
    opened(page, site, "#subject=places&population=sc&measure=removals")
    page.focus(".series")
    page.keyboard.press("Home")
    assert page.get_attribute(".series", "aria-valuetext") == ("August 2011: 90. From release printed")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute(".series", "aria-valuetext") == ("September 2011: not in any release here")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.get_attribute(".chip", "aria-label") == "Remove the filter Month: October 2011"
    assert page.inner_text(".total") == "100"
    assert page.evaluate("document.activeElement.className") == "series"


def test_a_county_is_found_by_name(page: Any, site: Path) -> None:
    opened(page, site)
    page.wait_for_selector(".map")
    page.fill("#search", "trav")
    page.click(".matches button")
    assert page.get_attribute(".chip", "aria-label") == "Remove the filter County: Travis County, TX"


def test_the_shipped_tables_show_their_months_and_say_what_is_missing(page: Any, tmp_path: Path) -> None:
    write_printed(tmp_path / "printed.duckdb")
    built(tmp_path / "printed.duckdb", tmp_path / "site")
    opened(page, tmp_path / "site")
    words = page.inner_text("#explorer")
    assert page.inner_text(".total") == "1,410"
    assert "Counted in 4 of 5 months; 1 without a number: not in any release here." in words
    assert "No release here states places." in words
    assert "Where case files come from" in words


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1400])
@pytest.mark.parametrize(
    "address",
    [
        "#subject=places&population=sc&measure=detainer_linked&map=county&f.state=TX",
        "#subject=people&population=ice&f.gender=Female",
        "#subject=detainers&measure=departed_within_365_days",
    ],
)
def test_no_screen_fails_axe_or_scrolls_sideways(
    chromium: Any, site: Path, address: str, width: int, scheme: str
) -> None:
    axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
    context = chromium.new_context(offline=True, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    opened(page, site, address)
    serious = [rule["id"] for rule in axe.run(page).response["violations"] if rule["impact"] in ("serious", "critical")]
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert (serious, wide) == ([], width)
